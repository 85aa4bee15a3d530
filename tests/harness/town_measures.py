"""How well the hub tells the town's people apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations

from tests.harness.town_running import Settled
from tests.harness.town_truth import NOT_SHARED

GOALS = {
    "town.precision": 0.999,
    "town.recall": 0.95,
    "town.suggestion_recall": 0.80,
    "town.suggestion_precision": 0.50,
}
Pair = frozenset[str]


@dataclass(slots=True)
class Linking:
    """Pairs of identities that the hub put into one customer, against the truth."""

    right: set[Pair]
    false: dict[Pair, str]  # with the cause
    wanted: set[Pair]
    missed: set[Pair]

    @property
    def precision(self) -> float:
        """Of the pairs that were joined, those of one person."""
        return len(self.right) / max(1, len(self.right) + len(self.false))

    @property
    def recall(self) -> float:
        """Of the linkable pairs, those that were joined."""
        return 1 - len(self.missed) / max(1, len(self.wanted))

    @property
    def shared(self) -> dict[Pair, str]:
        """The false ones because several people hold a number or mailbox."""
        return {pair: why for pair, why in self.false.items() if why not in NOT_SHARED}

    @property
    def causes(self) -> Counter[str]:
        """How many false pairs of each cause."""
        return Counter(self.false.values())


@dataclass(slots=True)
class Suggesting:
    """Pairs of customers that were suggested, against those that a person should be asked about."""

    suggested: set[Pair]
    right: set[Pair]
    wanted: set[Pair]
    missed: set[Pair] = field(default_factory=set)

    @property
    def precision(self) -> float:
        """Of the suggested pairs, those of one person."""
        return len(self.right) / max(1, len(self.suggested))

    @property
    def recall(self) -> float:
        """Of the suggestible pairs, those that were suggested."""
        return 1 - len(self.missed) / max(1, len(self.wanted))


def linking(settled: Settled) -> Linking:
    """What the hub joined."""
    truth = settled.truth
    person = {key: truth.by_key[key].person for key in settled.customer_of}
    together = {frozenset(pair) for keys in _members(settled).values() for pair in combinations(keys, 2)}
    right = {pair for pair in together if len({person[key] for key in pair}) == 1}
    members = _members(settled)
    false = {
        pair: truth.cause(frozenset(person[key] for key in pair), members[settled.customer_of[min(pair)]])
        for pair in together - right
    }
    wanted = truth.linkable()
    return Linking(right, false, wanted, wanted - together)


def _members(settled: Settled) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key, customer in settled.customer_of.items():
        found.setdefault(customer, []).append(key)
    return found


def suggesting(settled: Settled, suggested: Iterable[Pair]) -> Suggesting:
    """Judges pairs of customer ids."""
    truth, customer_of = settled.truth, settled.customer_of
    people: dict[str, set[int]] = {}
    for key, customer in customer_of.items():
        people.setdefault(customer, set()).add(truth.by_key[key].person)
    pairs = {pair for pair in suggested if len(pair) == 2}
    right = {pair for pair in pairs if set.intersection(*(people.get(one, set()) for one in pair))}
    asked = {frozenset(customer_of[key] for key in pair) for pair in truth.suggestible(truth.linkable())}
    wanted = {pair for pair in asked if len(pair) == 2}
    return Suggesting(pairs, right, wanted, wanted - pairs)
