"""The truth about the town, by which any way of telling people apart can be judged; it knows nothing of ours.

An *identity* is what a platform calls one person: a record, or a WhatsApp user id. Two identities are **linkable** when
a chain of evidence leads from one to the other that a careful person with all deliveries on the desk would accept:

- both hold a phone or mailbox at once, while it is theirs alone: in truth no two people hold it then, it is nobody's
  by mistake, and no platform shows it with two of a kind at once (two records of one CRM, whoever they are: from
  outside two records with one number look like two people with one number);
- one delivery names two identifiers of theirs (an order gives phone and mailbox);
- the platform itself says so: a record merged into another, a user id that took another one's place.

A chain that leads to two of a kind that the platform keeps apart (two living contacts of one CRM) is a conflict for a
person to decide, not a chain: nothing along it counts but what the platform said. What was deleted for good is not
asked for.

A pair is **suggestible** when it is one person's, not linkable, and likeness is there for a person to see: both show the
whole name, in whatever script and order, or both show the surname and hold the same, or all but the same, number or
mailbox.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Protocol

from rapidfuzz.distance import OSA

GIVEN_ON, MISTAKEN, UNKNOWN = "number given to somebody else", "somebody's by mistake", "nothing that they share"
NOT_SHARED = frozenset({GIVEN_ON, MISTAKEN, UNKNOWN})
# No platform shows the number with two of a kind: nothing but the names tells that several share it.
BY_NAME = " (only names tell)"

Slot = tuple[str, str]  # platform, object: of which a person has one


@dataclass(frozen=True, slots=True)
class Hold:
    """A number or mailbox that an identity shows from `since` to `until` (Unix ms)."""

    value: str
    since: int
    until: int


@dataclass(slots=True)
class Identity:
    """One identity: `name` tells how much of the name it shows ("whole", "family", "")."""

    key: str
    person: int
    slot: Slot | None
    name: str
    holds: list[Hold] = field(default_factory=list)
    gone: bool = False  # deleted for good
    heir: str = ""  # the identity that the platform says took its place

    @property
    def asked(self) -> bool:
        """Whether it is one that people ask for."""
        return self.slot is not None and not self.gone


class Owned(Protocol):
    """Whose a number or mailbox really is."""

    shared: dict[str, str]

    def owners(self) -> Mapping[str, list[tuple[int, int, int]]]:
        """value -> (person, since, until) of each."""


@dataclass
class Truth:
    """Every identity with what it shows, and what follows from it."""

    town: Owned
    identities: list[Identity]

    def __post_init__(self) -> None:
        self.by_key = {one.key: one for one in self.identities}
        self.owners = self.town.owners()
        self.holders: dict[str, list[tuple[Identity, Hold]]] = {}
        for one in self.identities:
            for hold in one.holds:
                self.holders.setdefault(hold.value, []).append((one, hold))
        self.people: dict[int, list[Identity]] = {}
        for one in self.identities:
            self.people.setdefault(one.person, []).append(one)

    def head(self, one: Identity) -> Identity:
        """The identity that now stands for this one, as the platform says."""
        return self.head(self.by_key[one.heir]) if one.heir else one

    def linkable(self) -> set[frozenset[str]]:
        """The pairs of identities that are to be one customer."""
        return {pair for those in self.people.values() for pair in self._linkable_of(those)}

    def _linkable_of(self, those: list[Identity]) -> Iterator[frozenset[str]]:
        said = _components(those, [(one.key, one.heir) for one in those if one.heir])
        for group in _components(those, self._evidence(those)):
            parts = [group] if not self._conflict(group) else [part & group for part in said if part & group]
            for part in parts:
                asked = sorted(key for key in part if self.by_key[key].asked)
                yield from (frozenset(pair) for pair in combinations(asked, 2))

    def _evidence(self, those: list[Identity]) -> Iterator[tuple[str, str]]:
        yield from ((one.key, one.heir) for one in those if one.heir)
        for a, b in combinations(those, 2):
            if any(self._proves(a.person, one, other) for one in a.holds for other in b.holds):
                yield a.key, b.key

    def _proves(self, person: int, one: Hold, other: Hold) -> bool:
        if one.value != other.value or one.value in self.town.shared:
            return False
        since, until = max(one.since, other.since), min(one.until, other.until)
        owned = [
            (max(since, begins), min(until, ends))
            for who, begins, ends in self.owners.get(one.value, ())
            if who == person
        ]
        return any(first < last for first, last in owned) and not self.disputed(one.value)

    def disputed(self, value: str) -> bool:
        """Whether a platform shows it with two of a kind at once."""
        living = [(one, hold) for one, hold in self.holders.get(value, ()) if one.asked]
        return any(
            a.slot == b.slot and self.head(a) is not self.head(b) and h.since < g.until and g.since < h.until
            for (a, h), (b, g) in combinations(living, 2)
        )

    def _conflict(self, group: frozenset[str]) -> bool:
        heads = {self.head(self.by_key[key]).key for key in group}
        slots = [self.by_key[key].slot for key in heads if self.by_key[key].asked]
        return len(slots) != len(set(slots))

    def suggestible(self, linkable: set[frozenset[str]]) -> set[frozenset[str]]:
        """The pairs of identities that a person should be asked about."""
        asked = ([one for one in those if one.asked] for those in self.people.values())
        pairs = ((a, b) for those in asked for a, b in combinations(those, 2))
        return {frozenset({a.key, b.key}) for a, b in pairs if _alike(a, b)} - linkable

    def cause(self, people: frozenset[int], keys: Iterable[str]) -> str:
        """Why these people are in one customer, as far as the town knows: what of theirs several of them show."""
        shown: dict[str, set[int]] = {}
        for one in (self.by_key[key] for key in keys):
            for hold in one.holds:
                shown.setdefault(hold.value, set()).add(one.person)
        direct = [value for value, those in shown.items() if len(those & people) > 1]
        # Who shares nothing with the other may be joined with them through a third.
        values = direct or [value for value, those in shown.items() if len(those) > 1]
        return max(map(self._reason, values), key=_telling, default=UNKNOWN)

    def _reason(self, value: str) -> str:
        if why := self.town.shared.get(value):
            return why if self.disputed(value) else f"{why}{BY_NAME}"
        return GIVEN_ON if len({person for person, _, _ in self.owners.get(value, ())}) > 1 else MISTAKEN


def _telling(reason: str) -> tuple[bool, bool, str]:
    """What counts most where several reasons hold: what no platform showed twice can join, what was shown twice cannot."""
    return reason not in NOT_SHARED, reason.endswith(BY_NAME), reason


def _components(those: list[Identity], ties: Iterable[tuple[str, str]]) -> list[frozenset[str]]:
    group = {one.key: {one.key} for one in those}
    for a, b in ties:
        if group[a] is not group[b]:
            group[a] |= group[b]
            for key in group[b]:
                group[key] = group[a]
    return list({frozenset(one) for one in group.values()})


def _alike(a: Identity, b: Identity) -> bool:
    if a.name == b.name == "whole":
        return True
    return bool(a.name and b.name) and any(_near(one.value, other.value) for one in a.holds for other in b.holds)


def _near(one: str, other: str) -> bool:
    return one[:1] == other[:1] and OSA.distance(one, other) <= 1
