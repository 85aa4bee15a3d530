"""What a person must decide about a customer's fields before it is written, in the state table.

| item | pk | sk | index | body |
|---|---|---|---|---|
| doubt | `P#<persona>` | `DOUBT#<field>` | `FIELD_CONFLICTS`, `<at>#<persona>#<field>` | field, why, claims, at |

`why` is `before_link`, or `refused: …` and `held: …` with the reason. It lies under the persona that was the customer's
most durable one, is kept as it was first found, and goes when it is settled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from hub.customer import Customer
from hub.directory import Directory
from hub.errors import Conflict
from hub.ports import Item, Store

INDEX = "FIELD_CONFLICTS"
DOUBT = "DOUBT#"
PAGE = 100
_KEPT = ("value", "at", "source", "refused_by")


@dataclass(frozen=True, slots=True)
class Doubt:
    """A person must decide: `claims` contradict each other (value, at, source), `why` says what the matter is."""

    field: str
    why: str
    claims: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Open:
    """A doubt of a customer, and since when there is one (RFC 3339 UTC)."""

    customer: Customer
    doubt: Doubt
    at: str


class Doubts:
    """Keeps what is in doubt about customers; safe to repeat."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def keep(self, customer: Customer, doubts: Sequence[Doubt], at: str) -> None:
        """Notes those doubts about the customer, and no others; of several about one field the claims of all."""
        found = _by_field(doubts)
        for item in doubts_of(customer):
            body = found.pop(item.body["field"], None)
            if body is None:
                self._store.delete(item.pk, item.sk)
            elif {**item.body, "at": ""} != body:
                self._put(replace(item, body={**body, "at": item.body["at"]}))
        for field, body in found.items():
            index = (INDEX, f"{at}#{customer.anchor}#{field}")
            self._put(Item(f"P#{customer.anchor}", f"{DOUBT}{field}", {**body, "at": at}, index=index))

    def settled(self, customer: Customer, field: str) -> None:
        """A person decided: what is in doubt after that is found anew."""
        for item in doubts_of(customer):
            if item.body["field"] == field:
                self._store.delete(item.pk, item.sk)

    def _put(self, item: Item) -> None:
        with suppress(Conflict):  # another worker has just noted what it found
            self._store.put(item)


def doubts_of(customer: Customer) -> list[Item]:
    """What is in doubt about the customer."""
    return [item for item in customer.items if item.sk.startswith(DOUBT)]


def inbox(directory: Directory, limit: int, start: str | None) -> tuple[list[Open], str | None]:
    """A page of what is in doubt, newest first, and where to go on."""
    page = directory.store.query_index(INDEX, limit=limit, start=start, newest_first=True)
    return [one for item in page.items if (one := _open(directory, item))], page.next_key


def concerning(store: Store, connection_id: str, most: int) -> int:
    """In how many of the latest `most` doubts the connection has a part: it says one of the values, or refuses one."""
    found, seen, start = 0, 0, None
    while seen < most:
        page = store.query_index(INDEX, limit=min(most - seen, PAGE), start=start, newest_first=True)
        found += sum(1 for item in page.items if has_part(item.body["claims"], connection_id))
        seen, start = seen + len(page.items), page.next_key
        if start is None:
            break
    return found


def has_part(claims: Iterable[Mapping[str, Any]], connection_id: str) -> bool:
    """Whether one of the claims is the connection's, or one that it does not take."""
    return any(connection_id in (one["source"]["connection"], one.get("refused_by")) for one in claims)


def _open(directory: Directory, item: Item) -> Open | None:
    """None where it was settled since the index was written."""
    customer = directory.customer(item.pk.removeprefix("P#"))
    if customer is None or not any((one.pk, one.sk) == (item.pk, item.sk) for one in doubts_of(customer)):
        return None
    return Open(customer, Doubt(item.body["field"], item.body["why"], tuple(item.body["claims"])), item.body["at"])


def _by_field(doubts: Iterable[Doubt]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for one in doubts:
        known = found.setdefault(one.field, {"field": one.field, "why": one.why, "claims": [], "at": ""})
        claims = ({name: claim[name] for name in _KEPT if name in claim} for claim in one.claims)
        known["claims"] += [claim for claim in claims if claim not in known["claims"]]
    return found
