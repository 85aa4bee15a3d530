"""What hangs together: ties in the order of their strength, none of which may join two people.

Pure, and the same for any order of ties: the strongest and oldest go first, and a tie is refused where it would put
together what a person keeps apart, or two of something that a person has one of (two contacts of one CRM). A refused
tie is a clash, for a person to decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product

from hub.domain.identity import MAX_PERSONAS, Slot

# A persona in one of its segments (0 for an identifier that never changes hands).
Node = tuple[str, int]
# What the platform itself announced, what a person decided, what a record holds or a platform's own id says, the rest.
ANNOUNCED, DECIDED, HELD, NAMED = range(4)

KEPT_APART = "kept apart by a person"
TWO_OF_A_KIND = "two of a kind of which a person has one"
TWO_NAMES = "names that are two people's"
TOO_MANY = "too many identifiers"
# Whether two personas are called by names that are plainly two people's.
Foreign = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Tie:
    """A reason why two nodes are one person; of equally strong ones the earlier `at` counts more."""

    a: Node
    b: Node
    strength: int
    at: str


@dataclass(frozen=True, slots=True)
class Clash:
    """A tie between personas `a` and `b` that does not count, and why."""

    a: str
    b: str
    why: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a node: the slot it fills, unless it was deleted, and the group of personas it is one with."""

    slot: Slot | None
    group: str


@dataclass
class _Cluster:
    nodes: set[Node] = field(default_factory=set)
    slots: dict[Slot, str] = field(default_factory=dict)


def cluster(
    start: Node,
    ties: Iterable[Tie],
    standing: Mapping[Node, Standing],
    strangers: frozenset[frozenset[Node]],
    foreign: Foreign = lambda _one, _other: False,
) -> tuple[frozenset[Node], list[Clash]]:
    """The nodes that are one person with `start`, and the ties out of it that clash."""
    clusters = {node: _alone(node, known) for node, known in standing.items()}
    refused: list[tuple[Tie, str]] = []
    for tie in sorted(set(ties), key=lambda one: (one.strength, one.at, one.a, one.b)):
        left, right = clusters[tie.a], clusters[tie.b]
        if left is right:
            continue
        why = _objection(tie, left, right, strangers, foreign)
        if why:
            refused.append((tie, why))
            continue
        for node in right.nodes:
            clusters[node] = left
        left.nodes |= right.nodes
        left.slots |= right.slots
    mine = clusters[start].nodes
    out = {Clash(*_facing(tie, mine), why) for tie, why in refused if (tie.a in mine) != (tie.b in mine)}
    return frozenset(mine), sorted(out, key=lambda one: (one.a, one.b, one.why))


def _facing(tie: Tie, mine: set[Node]) -> tuple[str, str]:
    return (tie.a[0], tie.b[0]) if tie.a in mine else (tie.b[0], tie.a[0])


def _alone(node: Node, known: Standing) -> _Cluster:
    return _Cluster({node}, {known.slot: known.group} if known.slot else {})


def _objection(
    tie: Tie, left: _Cluster, right: _Cluster, strangers: frozenset[frozenset[Node]], foreign: Foreign
) -> str:
    mine, theirs = {node[0] for node in left.nodes}, {node[0] for node in right.nodes}
    if any(pair & left.nodes and pair & right.nodes for pair in strangers):
        return KEPT_APART
    if len(mine | theirs) > MAX_PERSONAS:
        return TOO_MANY
    shared = left.slots.keys() & right.slots.keys()
    if tie.strength >= HELD and any(left.slots[slot] != right.slots[slot] for slot in shared):
        return TWO_OF_A_KIND
    if tie.strength >= HELD and any(foreign(one, other) for one, other in product(sorted(mine), sorted(theirs))):
        return TWO_NAMES
    return ""
