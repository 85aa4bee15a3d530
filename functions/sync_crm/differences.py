"""What of a customer's fields a record on a platform should hold and does not. Pure.

What somebody said last before two records were linked is no decision about the other: where both say something else,
a person decides (a doubt). What is known only from an import is told to nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hub.customer import Customer
from hub.delivery import Connection
from hub.domain.told import Told, seconds, told
from hub.doubts import Doubt
from hub.fields import FieldMap

# What is typed while a record is being created comes after it; within this time it is from before the link.
CREATION_S = 60.0
# Policies that decide between what was said before records were linked as well as between anything else.
DECIDING = frozenset({"owner", "fill_empty", "most_restrictive", "monotonic", "append", "pinned"})

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """The field should hold `value`; `claim` is what says so (at, source, rule)."""

    field: str
    value: str | None
    claim: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Differences:
    """What is to be written, and what must be decided first."""

    wanted: tuple[Difference, ...] = ()
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """The customer, and how a platform compares values: `region` is where phones without a country code are.

    `imports` says that what is known only from an import is told, too.
    """

    customer: Customer
    fields: FieldMap
    region: str | None
    imports: bool

    def same(self, name: str, one: str | None, other: str | None) -> bool:
        """Whether both are one value to the platform."""
        return self.fields.same(name, one, other, region=self.region)


def differences(
    customer: Customer, chosen: Mapping[str, Any], record: Record, fields: FieldMap, connection: Connection
) -> Differences:
    """The differences of one record of the customer from `chosen`, the customer's fields, as far as it can be written."""
    imports = connection.settings.get("spread_imports") is True
    wanted, doubts, asked = [], [], Asked(customer, fields, connection.default_region, imports)
    for name in _names(fields, chosen):
        known = told(record["fields"].get(name, {}))
        found = _of_field(asked, name, chosen.get(name), known)
        if isinstance(found, Doubt):
            doubts.append(found)
        elif found is not None:
            wanted.append(found)
    return Differences(tuple(wanted), tuple(doubts))


def _names(fields: FieldMap, chosen: Mapping[str, Any]) -> list[str]:
    """The fields to look at; a whole name only where its parts say nothing, or have no place there."""
    parts = {"first_name", "last_name"} & fields.writable
    split = parts and any(name in chosen for name in parts)
    return [name for name in sorted(fields.writable) if not (name == "name" and split)]


def _of_field(asked: Asked, name: str, chosen: Mapping[str, Any] | None, known: Told) -> Difference | Doubt | None:
    if chosen is None:
        return _taken_back(asked, name, known)
    chosen = _filled(asked.customer, chosen)
    value, held = chosen["value"], known.held.value if known.held else None
    if asked.same(name, held, value) or (chosen["claims"][0].get("imported") and not asked.imports):
        return None
    rivals = _rivals(asked, name, chosen) if chosen["policy"] not in DECIDING else ()
    if rivals:
        return Doubt(name, "before_link", rivals)
    if value is None and asked.fields.rules[name].required:
        return None
    return Difference(name, value, chosen["claims"][0])


def _taken_back(asked: Asked, name: str, known: Told) -> Difference | None:
    """What we wrote from a record that is another customer's by now goes, where nobody here says anything."""
    if known.ours is None or known.held is None or known.held.value is None or asked.fields.rules[name].required:
        return None
    origin = known.ours["from"]
    if any(_place(one) == _place(origin) for one in asked.customer.records):
        return None
    rule = {"word": "taken_back", "sentence": "It was written from a record that is somebody else's."}
    return Difference(name, None, {"value": None, "at": known.ours["of"], "source": origin, "rule": rule})


def _filled(customer: Customer, chosen: Mapping[str, Any]) -> Mapping[str, Any]:
    """What another says where the winner is empty since before they were linked: nobody has cleared it then."""
    winner = chosen["claims"][0]
    if winner["value"] is not None or chosen["policy"] == "pinned":
        return chosen
    for other in chosen["claims"][1:]:
        if other["value"] is not None and _before_link(customer, winner, other):
            return {**chosen, "value": other["value"], "claims": [other]}
    return chosen


def _rivals(asked: Asked, name: str, chosen: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """The claims that contradict the winner, all from before they were linked; with it, where there are any.

    Whoever says since then what the winner says has decided it.
    """
    winner = chosen["claims"][0]
    others = [one for one in chosen["claims"][1:] if not asked.same(name, one["value"], winner["value"])]
    agreeing = [one for one in chosen["claims"] if one not in others]
    against = [
        one
        for one in others
        if one["value"] is not None
        and all(_before_link(asked.customer, each, one) for each in agreeing)
        and _holds_still(asked, name, one)
    ]
    return (winner, *against) if against else ()


def _holds_still(asked: Asked, name: str, claim: Mapping[str, Any]) -> bool:
    """Whether the platform still holds what was claimed there, and we have not written over it."""
    for record in asked.customer.records:
        if _place(record) == _place(claim["source"]):
            now = told(record["fields"].get(name, {}))
            return now.held is not None and now.ours is None and asked.same(name, now.held.value, claim["value"])
    return False


def _before_link(customer: Customer, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether both were said before anybody knew that the two records are one person's."""
    at = linked_at(customer, one["source"], other["source"])
    return at is not None and all(seconds(claim["at"]) <= seconds(at) + CREATION_S for claim in (one, other))


def linked_at(customer: Customer, one: Mapping[str, Any], other: Mapping[str, Any]) -> str | None:
    """When two records became one customer's (RFC 3339 UTC); None for the same record, or one that is none."""
    places = {_place(item.body): item.pk.removeprefix("P#") for item in customer.items if item.sk.startswith("REC#")}
    a, b = places.get(_place(one)), places.get(_place(other))
    if a is None or b is None or a == b:
        return None
    together = {persona: {persona} for persona in places.values()}
    for at, *pair in sorted(_links(customer)):
        joined = together.get(pair[0], {pair[0]}) | together.get(pair[1], {pair[1]})
        together |= dict.fromkeys(joined, joined)
        if b in together[a]:
            return at
    return None


def _links(customer: Customer) -> Iterator[tuple[str, str, str]]:
    """Since when two personas are linked."""
    for link in customer.links:
        times = [reason["at"] for reason in link.reasons] + ([link.decision.at] if link.decision else [])
        if times:
            yield min(times), link.a, link.b


def _place(record: Mapping[str, Any]) -> tuple[Any, ...]:
    return record["connection"], record["object"], record["id"]
