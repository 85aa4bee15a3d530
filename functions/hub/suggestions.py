"""What a person should look at: customers who may be one, and evidence that contradicts itself.

| item | pk | sk | index | body |
|---|---|---|---|---|
| suggestion (stored from both sides) | `S#<persona>` | `<other persona>` | | score, reasons, at |
| clash of two identifiers | `S#<persona>` | `CLASH#<other persona>` | `CONFLICTS`, `<at>#<persona>` | a, b, at |
| identifier that several hold | `S#<persona>` | `SHARED` | `CONFLICTS`, `<at>#<persona>` | at |

The personas are the anchors of the customers when it was written; what they are by now is read, and so is whether it
still stands. `score` and the weights of `reasons` are hundredths.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hub.customer import Customer
from hub.directory import Directory
from hub.domain.components import Clash
from hub.domain.identity import MOST_HOLDERS
from hub.ports import Item, Page, Store

CONFLICTS = "CONFLICTS"
CLASH, SHARED = "CLASH#", "SHARED"
PERSONA_LENGTH = 26
MOST_SUGGESTED = 25  # shown of one customer


@dataclass(frozen=True, slots=True)
class Suggested:
    """A customer who may be the same person; `score` and weights from 0 to 1."""

    customer: Customer
    score: float
    reasons: tuple[tuple[str, float], ...]
    at: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two customers whom evidence joins and other evidence keeps apart, or the holders of one identifier."""

    customers: tuple[Customer, ...]
    personas: tuple[str, ...]  # the two ends of the evidence that does not count, or the identifier
    why: str
    at: str


def items_of(store: Store, customer: Customer) -> list[Item]:
    """Everything stored under the customer's personas."""
    found: list[Item] = []
    for one in customer.personas:
        start: str | None = None
        while True:
            page = store.query(f"S#{one.id}", start=start, limit=200)
            found += page.items
            start = page.next_key
            if start is None:
                break
    return found


def is_suggestion(item: Item) -> bool:
    """Whether the item is one side of a suggestion."""
    return len(item.sk) == PERSONA_LENGTH and "#" not in item.sk


def kept_apart(customer: Customer, other: Customer) -> bool:
    """Whether a person said that they are not the same."""
    strangers = {
        item.sk.removeprefix("PAIR#")
        for item in customer.items
        if item.sk.startswith("PAIR#") and _last_verdict(item.body["decisions"]) == "apart"
    }
    return any(one.id in strangers for one in other.personas)


def _last_verdict(decisions: Iterable[Mapping[str, str]]) -> str:
    return max(decisions, key=lambda one: (one["at"], one["id"]))["verdict"]


def suggestions(directory: Directory, customer: Customer) -> list[Suggested]:
    """Who may be the same person as the customer, and still is somebody else: the likeliest first."""
    items = sorted(filter(is_suggestion, items_of(directory.store, customer)), key=lambda one: -one.body["score"])
    found: dict[str, Suggested] = {}
    for item in items:
        if len(found) == MOST_SUGGESTED:
            break
        other = directory.customer(item.sk)
        if other and not customer.has(item.sk) and not kept_apart(customer, other):
            found.setdefault(other.id, _suggested(other, item.body))
    return list(found.values())


def was_suggested(store: Store, customer: Customer, other: Customer) -> bool:
    """Whether the other was suggested to the customer, and is somebody else."""
    if customer.id == other.id:
        return False
    return any(is_suggestion(item) and other.has(item.sk) for item in items_of(store, customer))


def _suggested(other: Customer, body: Mapping[str, Any]) -> Suggested:
    reasons = tuple((one["why"], one["weight"] / 100) for one in body["reasons"])
    return Suggested(other, body["score"] / 100, reasons, body["at"])


def conflicts(directory: Directory, limit: int, start: str | None) -> tuple[list[Conflict], str | None]:
    """A page of what is open, newest first, and where to go on; what was settled meanwhile is left out."""
    page: Page = directory.store.query_index(CONFLICTS, limit=limit, start=start, newest_first=True)
    return [one for item in page.items if (one := _standing(directory, item))], page.next_key


def _standing(directory: Directory, item: Item) -> Conflict | None:
    persona = item.pk.removeprefix("S#")
    customer = directory.customer(persona)
    if customer is None:
        return None
    if item.sk == SHARED:
        return _shared(directory, customer, persona, item.body["at"])
    clash = next((one for one in clashes(customer) if {one.a, one.b} == {item.body["a"], item.body["b"]}), None)
    other = directory.customer(clash.b) if clash else None
    if clash is None or other is None:
        return None
    return Conflict((customer, other), (clash.a, clash.b), clash.why, item.body["at"])


def _shared(directory: Directory, customer: Customer, persona: str, at: str) -> Conflict | None:
    if persona not in shared_identifiers(customer):
        return None
    here = next(one for one in customer.personas if one.id == persona)
    holders = {one.id: one for other in sorted(here.kept_apart) if (one := directory.customer(other))}
    return Conflict(tuple(holders.values()), (persona,), "an identifier that several hold", at)


def clashes(customer: Customer) -> Iterator[Clash]:
    """The customer's clashes, each once."""
    yield from {frozenset((one.a, one.b)): one for one in customer.conflicts}.values()


def shared_identifiers(customer: Customer) -> frozenset[str]:
    """The customer's identifiers that a few hold and about which nobody has decided: more are a switchboard's."""
    decided = {item.pk.removeprefix("P#") for item in customer.items if item.sk == "MARK"}
    return frozenset(
        one.id
        for one in customer.personas
        if one.crowded and one.id not in decided and len(one.kept_apart) <= MOST_HOLDERS
    )
