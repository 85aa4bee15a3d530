"""Suggestions of one customer: who is like it among those who share a key with it, written from both sides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from hub.customer import Customer
from hub.directory import Directory
from hub.domain.likeness import FEW_BEARERS, THRESHOLD, Described, Likeness, likeness
from hub.folding import fold
from hub.matching import MOST_ALIKE, Census, describe, keys_of
from hub.names import NameIndex
from hub.ports import Item, Store
from hub.readings import read
from hub.suggestions import is_suggestion, items_of, kept_apart
from match_customers.entries import described_by

MOST_LOOKED_AT = 20  # customers who are read to be compared
WORTH_A_LOOK = 0.2  # of what the index alone says of them
STILL_TOLD = 6  # bearers of a name, up to which each further one changes what is suggested between the others
MOST_SHARERS = 10  # of those who share an identifier with the customer


@dataclass(frozen=True, slots=True)
class _Other:
    customer: Customer
    described: Described


class Likely:
    """Keeps the suggestions of customers; every write is conditional and safe to repeat."""

    def __init__(self, store: Store, directory: Directory) -> None:
        self._store = store
        self._directory = directory
        self._index = NameIndex(store, directory)

    def refresh(self, customer: Customer, now: str) -> None:
        """Writes the suggestions that hold now and removes those that no longer do; `now` is RFC 3339."""
        mine = describe(customer, read)
        known = [item for item in items_of(self._store, customer) if is_suggestion(item)]
        nearby = self._nearby(customer, mine)
        others = self._read(customer, [*(item.sk for item in known), *self._worth_a_look(mine, nearby)])
        census = Census([mine, *(one.described for one in others.values()), *_unread(nearby, others.values())])
        wanted = {
            one.customer.anchor: alike
            for one in others.values()
            if not kept_apart(customer, one.customer)
            and (alike := likeness(mine, one.described, census)).score >= THRESHOLD
        }
        self._write(customer.anchor, wanted, now)
        for item in known:
            if item.pk != f"S#{customer.anchor}" or item.sk not in wanted:
                self._remove(item)
        if any(FEW_BEARERS < census(name) <= STILL_TOLD for name in mine.names):
            self._tell_others(others, census)

    def _nearby(self, customer: Customer, mine: Described) -> dict[str, Described]:
        """What the index says of the personas that share a key with the customer."""
        found: dict[str, list[Item]] = defaultdict(list)
        for key in sorted(keys_of(mine)):
            for item in self._index.under(key, MOST_ALIKE):
                if not customer.has(item.sk):
                    found[item.sk].append(item)
        return {persona: described_by(items) for persona, items in sorted(found.items())}

    def _worth_a_look(self, mine: Described, nearby: Mapping[str, Described]) -> list[str]:
        """Those most like it as far as the index tells, then some of those who share an identifier with it."""
        census = Census([mine, *nearby.values()])
        scored = [(-likeness(mine, one, census).score, persona) for persona, one in nearby.items()]
        likely = [persona for score, persona in sorted(scored) if -score >= WORTH_A_LOOK]
        return [*likely[:MOST_LOOKED_AT], *sorted(mine.linked)[:MOST_SHARERS]]

    def _read(self, customer: Customer, personas: Iterable[str]) -> dict[str, _Other]:
        """The customers of these personas, by anchor, without the customer itself."""
        found: dict[str, _Other] = {}
        seen = {one.id for one in customer.personas}
        for persona in personas:
            if persona in seen:
                continue
            other = self._directory.customer(persona)
            if other and other.id != customer.id:
                seen |= {one.id for one in other.personas}
                found[other.anchor] = _Other(other, describe(other, read))
        return found

    def _tell_others(self, others: Mapping[str, _Other], census: Census) -> None:
        """Of a name that was rare until now, what was suggested between its other bearers may hold no longer."""
        for anchor, other in others.items():
            for item in filter(is_suggestion, self._store.query(f"S#{anchor}").items):
                second = others.get(item.sk)
                if second and likeness(other.described, second.described, census).score < THRESHOLD:
                    self._remove(item)

    def _write(self, anchor: str, wanted: Mapping[str, Likeness], now: str) -> None:
        for other, alike in sorted(wanted.items()):
            for here, there in ((anchor, other), (other, anchor)):
                fold(self._store, f"S#{here}", there, lambda item, alike=alike: _suggesting(item, alike, now))  # type: ignore[misc]

    def _remove(self, item: Item) -> None:
        persona = item.pk.removeprefix("S#")
        self._store.delete(f"S#{item.sk}", persona)
        self._store.delete(item.pk, item.sk)


def _unread(nearby: Mapping[str, Described], others: Iterable[_Other]) -> list[Described]:
    """Those of whom only the index was read: one persona each."""
    known = {one.id for other in others for one in other.customer.personas}
    return [described for persona, described in nearby.items() if persona not in known]


def _suggesting(item: Item, alike: Likeness, now: str) -> Item:
    """The item saying so; since when it is said stays as it was."""
    said: dict[str, Any] = {
        "score": round(alike.score * 100),
        "reasons": [{"why": one.why, "weight": round(one.weight * 100)} for one in alike.reasons],
    }
    return replace(item, body={**said, "at": item.body.get("at", now)})
