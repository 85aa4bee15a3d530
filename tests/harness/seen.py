"""Customers as people see them, now and as of a time: what must be the same for any order, copies and faults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hub import view
from hub.conversation_view import conversation
from hub.conversations import conversations_of
from hub.customer import Link
from hub.directory import Customer, Directory
from hub.evidence_view import candidates
from hub.history import fields_as_of, said_about
from hub.ports import Item
from hub.timeline_pages import Paging, Wanted, read_page
from hub.timeline_store import TimelineStore, read

Shown = dict[str, Any]
# Timeline entries that record a decision, which stays known after it is taken back.
ABOUT_DECISIONS = frozenset({"merge"})


def people(directory: Directory, items: Iterable[Item]) -> list[Shown]:
    """Every customer there is among those items, by id, as people see them."""
    found = customers(directory, items)
    return [customer_seen(directory, found[one]) for one in sorted(found)]


def people_as_of(directory: Directory, items: Iterable[Item], at: str) -> list[Shown]:
    """The same as it was known at that time."""
    found = customers(directory, items, at)
    return [_customer_as_of(directory, found[one], at) for one in sorted(found)]


def customers(directory: Directory, items: Iterable[Item], at: str | None = None) -> dict[str, Customer]:
    """Every customer there is among those items, by id."""
    found: dict[str, Customer] = {}
    for item in items:
        if item.sk == "NODE" and (customer := directory.customer(item.pk.removeprefix("P#"), at)):
            found[customer.id] = customer
    return found


def timeline(directory: Directory, customer: Customer, wanted: Wanted | None = None) -> list[Item]:
    """The customer's entries, oldest first."""
    store = TimelineStore(directory.store)
    return list(read_page(store, customer.personas, wanted or Wanted(), Paging(1000, newest_first=False)).items)


def customer_seen(directory: Directory, customer: Customer) -> Shown:
    """All that people see of a customer."""
    entries = [read(item) for item in timeline(directory, customer)]
    talks = sorted(conversations_of(customer), key=lambda one: (one.connection, one.channel))
    return {
        **_who(customer),
        "fields": {name: view.field(one).model_dump(mode="json") for name, one in customer.fields.items()},
        "records": [one.model_dump(mode="json") for one in view.records(customer.records)],
        "timeline": [one.model_dump(mode="json") for one in view.entries(entries) if one.kind not in ABOUT_DECISIONS],
        "conversations": [conversation(one).model_dump(mode="json") for one in talks],
        "history": said_about(directory.store, customer),
    }


def _customer_as_of(directory: Directory, customer: Customer, at: str) -> Shown:
    entries = [read(item).known_at(at) for item in timeline(directory, customer, Wanted(until=f"{at}$~"))]
    fields = fields_as_of(directory.store, customer, at)
    return {
        **_who(customer),
        "fields": {name: view.field(one).model_dump(mode="json") for name, one in fields.items()},
        "timeline": [one.model_dump(mode="json") for one in view.entries(entries) if one.kind not in ABOUT_DECISIONS],
    }


def _who(customer: Customer) -> Shown:
    return {
        "id": customer.id,
        "anchor": customer.anchor,
        "personas": {one.id: _persona(one.identifier.key, one.periods, one.crowded) for one in customer.personas},
        "candidates": [one.model_dump(mode="json") for one in candidates(customer)],
        "conflicts": sorted((one.a, one.b, one.why) for one in customer.conflicts),
        "links": [shown for one in sorted(customer.links, key=lambda one: (one.a, one.b)) if (shown := _link(one))],
    }


def _persona(key: str, periods: Iterable[tuple[str, str]], crowded: Iterable[str]) -> Shown:
    return {"identifier": key, "periods": [list(one) for one in periods], "crowded": sorted(crowded)}


def _link(link: Link) -> Shown | None:
    """Why two are one person; a decision that was taken back is no reason, though it stays known."""
    decided = {"verdict": link.decision.verdict} if link.decision and link.decision.verdict != "none" else {}
    reasons: list[Mapping[str, str]] = [dict(one) for one in link.reasons]
    if not reasons and not decided and link.decision:
        return None
    return {"a": link.a, "b": link.b, "reasons": reasons, "strength": link.strength, **decided}
