"""What could not be mapped: set aside in the state table, counted, shown to an operator, never lost.

| item | pk | sk | index | body |
|---|---|---|---|---|
| quarantine | `ASIDE#<delivery>` | `quarantine` | `ASIDE#quarantine`, `<received at>#<delivery>#0` | status, connection, platform, kind, reason, received_at, raw |
| unmapped part | `ASIDE#<delivery>` | `unmapped#<n>` | `ASIDE#unmapped`, `<received at>#<delivery>#<n>` | as above, type in place of reason |
| counter | `ASIDE#counts` | `<connection>#<type>` | | n, connection, type |
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hub.delivery import Delivery
from hub.domain.events import Unmapped
from hub.errors import Conflict, Retry
from hub.folding import fold
from hub.ports import Item, Store

COUNTS = "ASIDE#counts"
ATTEMPTS = 8
MAX_TYPE = 200


def quarantine(store: Store, delivery: Delivery, reason: str) -> None:
    """Sets the whole delivery aside, once; one that was mapped again in vain is open again, where it was."""
    aside = _item(delivery, "quarantine", "quarantine", 0, {"reason": reason})

    def step(present: Item) -> Item:
        if present.version == 0:
            return aside
        return replace(present, body={**present.body, "status": "open", "reason": reason})

    fold(store, aside.pk, aside.sk, step)


def unmapped(store: Store, delivery: Delivery, parts: Sequence[Unmapped]) -> None:
    """Sets each part aside, once, and counts it in the same transaction, so that the count is exact."""
    for number, part in enumerate(parts):
        kind = part.type.encode("ascii", "backslashreplace").decode()[:MAX_TYPE]
        _count_once(store, _item(delivery, f"unmapped#{number}", "unmapped", number, {"type": kind}))


def _count_once(store: Store, item: Item) -> None:
    for _ in range(ATTEMPTS):
        if store.get(item.pk, item.sk) is not None:
            return
        key = f"{item.body['connection']}#{item.body['type']}"
        counter = store.get(COUNTS, key) or Item(COUNTS, key)
        body = {"connection": item.body["connection"], "type": item.body["type"], "n": counter.body.get("n", 0) + 1}
        try:
            store.put_all([item, Item(COUNTS, key, body, counter.version)])
        except Conflict:
            continue
        return
    raise Retry("the counter is being written by many")


def _item(delivery: Delivery, sk: str, shelf: str, number: int, why: dict[str, Any]) -> Item:
    body = {
        "status": "open",
        "connection": delivery.connection_id,
        "platform": delivery.platform,
        "kind": delivery.kind,
        **why,
        "received_at": delivery.received_at,
        "raw": delivery.raw_ref,
    }
    place = (f"ASIDE#{shelf}", f"{delivery.received_at}#{delivery.id}#{number}")
    return Item(f"ASIDE#{delivery.id}", sk, body, index=place)
