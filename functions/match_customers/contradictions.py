"""Conflicts of one customer: listed when they are first seen, taken off the list when they are gone."""

from __future__ import annotations

from dataclasses import replace

from hub.customer import Customer
from hub.directory import Directory
from hub.folding import fold
from hub.ports import Item, Store
from hub.suggestions import CLASH, CONFLICTS, SHARED, clashes, items_of, shared_identifiers

MOST_SHARED = 5  # identifiers that others hold as well, looked at per customer


class Contradictions:
    """Keeps the list of conflicts; every write is conditional and safe to repeat."""

    def __init__(self, store: Store, directory: Directory) -> None:
        self._store = store
        self._directory = directory

    def refresh(self, customer: Customer, now: str) -> None:
        """Lists what contradicts itself about the customer and closes what no longer does; `now` is RFC 3339."""
        wanted = {(f"S#{min(one.a, one.b)}", f"{CLASH}{max(one.a, one.b)}") for one in clashes(customer)}
        wanted |= {(f"S#{persona}", SHARED) for persona in shared_identifiers(customer)}
        known = {(item.pk, item.sk) for item in items_of(self._store, customer) if _is_conflict(item)}
        for pk, sk in sorted(known - wanted):
            self._store.delete(pk, sk)
        for pk, sk in sorted(wanted - known):
            self._open(pk, sk, now)
        self._look_at_shared(customer, now)

    def _look_at_shared(self, customer: Customer, now: str) -> None:
        """An identifier that this customer turned into a shared one has become a customer of its own."""
        for persona in customer.candidates[:MOST_SHARED]:
            if self._store.get(f"S#{persona}", SHARED):
                continue
            other = self._directory.customer(persona)
            if other and persona in shared_identifiers(other):
                self._open(f"S#{persona}", SHARED, now)

    def _open(self, pk: str, sk: str, now: str) -> None:
        persona = pk.removeprefix("S#")
        pair = {"a": persona, "b": sk.removeprefix(CLASH)} if sk.startswith(CLASH) else {}

        def step(item: Item) -> Item:
            at = item.body.get("at", now)
            return replace(item, body={**pair, "at": at}, index=(CONFLICTS, f"{at}#{persona}"))

        fold(self._store, pk, sk, step)


def _is_conflict(item: Item) -> bool:
    return item.sk == SHARED or item.sk.startswith(CLASH)
