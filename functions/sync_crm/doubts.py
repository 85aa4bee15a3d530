"""What a person must decide about a customer's fields before it is written, in the state table.

| item | pk | sk | index | body |
|---|---|---|---|---|
| doubt | `F#<persona>` | `<field>` | `FIELD_CONFLICTS`, `<at>#<persona>#<field>` | field, why, claims, at |

It lies under the customer's most durable persona, is kept as it was first found, and goes when it is settled.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from hub.customer import Customer
from hub.errors import Conflict
from hub.ports import Item, Store
from sync_crm.differences import Doubt

INDEX = "FIELD_CONFLICTS"


class Doubts:
    """Keeps what is in doubt about customers; safe to repeat."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def keep(self, customer: Customer, doubts: Sequence[Doubt], at: str) -> None:
        """Notes those doubts about the customer, and no others."""
        pk = f"F#{customer.anchor}"
        known = {item.sk: item for item in self._store.query(pk).items}
        found = {one.field: _body(one) for one in doubts}
        for field, item in known.items():
            if field not in found:
                self._store.delete(pk, field)
            elif {**item.body, "at": ""} != {**found[field], "at": ""}:
                self._put(Item(pk, field, {**found[field], "at": item.body["at"]}, item.version, item.index))
        for field in found.keys() - known.keys():
            index = (INDEX, f"{at}#{customer.anchor}#{field}")
            self._put(Item(pk, field, {**found[field], "at": at}, index=index))

    def _put(self, item: Item) -> None:
        with suppress(Conflict):  # another worker has just noted what it found
            self._store.put(item)


def _body(doubt: Doubt) -> dict[str, Any]:
    claims = [
        {name: one[name] for name in ("value", "at", "source", "refused_by") if name in one} for one in doubt.claims
    ]
    return {"field": doubt.field, "why": doubt.why, "claims": claims, "at": ""}
