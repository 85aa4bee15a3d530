"""One delivery of Infobip's to events: a batch of results, each a message or a report."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from connectors.infobip.messages import read_message
from connectors.infobip.reports import read_deleted, read_delivery, read_seen
from hub.delivery import Connection, Delivery
from hub.domain.events import Mapped, Unmapped
from hub.errors import Quarantine
from hub.mapping import EventMaker
from hub.parsing import at, id_at, parse_json
from hub.whatsapp.owned import owns
from hub.whatsapp.parts import Part, collect, guarded
from hub.whatsapp.reading import Json, without, word

# The key that only such a result has, and its reader; the first that fits counts.
READERS = (("message", read_message), ("seenAt", read_seen), ("deletedAt", read_deleted), ("status", read_delivery))
_COUNTS = ("results", "messageCount", "pendingMessageCount")


def map_delivery(delivery: Delivery, connection: Connection) -> Mapped:
    """The events of a delivery; raises Quarantine where it holds no results or one about another account's sender."""
    body = parse_json(delivery.body)
    results = body.get("results") if isinstance(body, dict) else None
    if not isinstance(results, list):
        raise Quarantine("not an Infobip delivery")
    _refuse_foreign(results, connection)
    return collect(_parts(EventMaker(delivery, connection), body, results))


def _parts(maker: EventMaker, body: Json, results: list[Any]) -> Iterator[Part]:
    for item in results:
        yield guarded("result/unreadable", item, partial(_read, maker))
    if rest := without(body, *_COUNTS):
        yield Unmapped(type="delivery/other", native=rest)
    elif not results:
        yield None


def _read(maker: EventMaker, item: Json) -> Part:
    channel = id_at(item, "integrationType") or id_at(item, "channel") or "WHATSAPP"
    if channel.upper() != "WHATSAPP":
        return Unmapped(type=f"channel/{word(channel)}", native=item)
    reader = next((reader for key, reader in READERS if item.get(key) is not None), None)
    return reader(maker, item) if reader else Unmapped(type="result/other", native=item)


def _refuse_foreign(results: list[Any], connection: Connection) -> None:
    """One Infobip account may have the senders of several businesses; a report may name the customer alone."""
    for item in results:
        pair = [found for key in ("from", "to") if (found := id_at(item, key))]
        ours = pair[-1:] if at(item, "message") is not None else pair if len(pair) == 2 else []
        if ours and not any(owns(connection, "senders", number) for number in ours):
            raise Quarantine("a sender of another account")
