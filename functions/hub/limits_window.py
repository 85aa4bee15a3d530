"""One limit's arithmetic: how many units are free, for whom, and when more will be.

At most `most` units are used in any window of `per_ms`, whatever the interleaving: units are counted in slices of the
window, and a slice counts until everything that may have been used in it (`life_ms` after its end at the latest, for so
long may a granted unit wait) lies outside every window that is still open.

Background work leaves the share `reserve` to live work; live work leaves background work that waits one request every
`gap_ms`, so that neither starves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.outbound import Limit

SLICES = 20
SHORTEST_LIFE_MS, LONGEST_LIFE_MS = 200, 1000
SLOT_MS = 15_000  # longer than a request can take (hub.http.TOTAL_S)
POLL_MS = 250
TRICKLE = 0.05  # the share of a limit that waiting background work is sure of
SLOT_GAP_MS = 5_000


@dataclass(frozen=True, slots=True)
class Rule:
    """A declared limit as it holds for one connection; times in milliseconds, `per_ms` 0 for requests at one time."""

    declared: Limit
    most: int

    @property
    def name(self) -> str:
        """Its name among the connection's rules."""
        return self.declared.name

    @property
    def per_ms(self) -> int:
        """The window."""
        return int(self.declared.per_s * 1000)

    @property
    def slice_ms(self) -> int:
        """How finely use is counted."""
        return max(self.per_ms // SLICES, 1)

    @property
    def life_ms(self) -> int:
        """How long a granted unit may wait for its use."""
        return min(max(self.slice_ms, SHORTEST_LIFE_MS), LONGEST_LIFE_MS) if self.per_ms else SLOT_MS

    @property
    def units(self) -> int:
        """What one request costs."""
        return min(self.declared.cost, self.most) if self.per_ms else 1

    @property
    def reserved(self) -> int:
        """What background work leaves for live work."""
        return int(self.most * self.declared.reserve)

    @property
    def gap_ms(self) -> int:
        """How often waiting background work is sure of one request."""
        return int(self.per_ms * self.units / (self.most * TRICKLE)) if self.per_ms else SLOT_GAP_MS

    @property
    def most_at_once(self) -> int:
        """How many requests a worker may be granted together."""
        return min(max(self.most // (self.units * SLICES), 1), 10) if self.per_ms else 1

    def holds_for(self, request: str) -> bool:
        """Whether a request (`METHOD path`) costs units of it."""
        return not self.declared.applies or re.search(self.declared.applies, request) is not None


@dataclass(slots=True)
class Tally:
    """What is known of the use of one rule; times are Unix milliseconds.

    `slices` by number, `slots` by worker until when. `left` is what the platform said is left, less what was granted
    since, good until `left_until`. `wants_until`: background work waits; `served_at`: when it got something last.
    """

    slices: dict[int, int] = field(default_factory=dict)
    slots: dict[str, int] = field(default_factory=dict)
    left: int = 0
    left_until: int = 0
    wants_until: int = 0
    served_at: int = 0

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Tally:
        """From its stored form."""
        slices = {int(number): int(units) for number, units in body.get("slices", ())}
        rest = {name: int(body.get(name, 0)) for name in _NUMBERS}
        return cls(slices, {str(worker): int(until) for worker, until in body.get("slots", {}).items()}, **rest)

    def body(self) -> dict[str, Any]:
        """Its stored form: whole numbers, nothing where nothing is."""
        kept = {name: value for name in _NUMBERS if (value := getattr(self, name))}
        slices = [[number, units] for number, units in sorted(self.slices.items()) if units > 0]
        return kept | ({"slices": slices} if slices else {}) | ({"slots": self.slots} if self.slots else {})

    def forget(self, rule: Rule, now_ms: int) -> None:
        """Drops what no longer counts."""
        self.slices = {number: units for number, units in self.slices.items() if _ends_at(rule, number) > now_ms}
        self.slots = {worker: until for worker, until in self.slots.items() if until > now_ms}
        if self.left_until <= now_ms:
            self.left = self.left_until = 0

    def wait_ms(self, rule: Rule, units: int, worker: str, now_ms: int, *, background: bool) -> int:
        """0 where so many units may be granted now, else the time after which it is worth asking again."""
        kept = self._kept(rule, now_ms, background=background)
        if not rule.per_ms:
            taken = len(self.slots.keys() - {worker})
            return 0 if rule.most - kept - taken >= 1 else self._slot_wait_ms(now_ms)
        if self.left_until > now_ms and self.left - kept < units:
            return self.left_until - now_ms
        excess = sum(self.slices.values()) + units - (rule.most - kept)
        return self._aged_ms(rule, excess, now_ms) if excess > 0 else 0

    def grant(self, rule: Rule, units: int, worker: str, now_ms: int, *, background: bool) -> int:
        """Counts the units as used; the slice (Unix milliseconds for a slot) under which they may be given back."""
        if background:
            self.served_at, self.wants_until = now_ms, 0
        if not rule.per_ms:
            self.slots[worker] = now_ms + SLOT_MS
            return self.slots[worker]
        # Clocks differ a little between workers: time never goes back.
        number = max([now_ms // rule.slice_ms, *self.slices])
        self.slices[number] = self.slices.get(number, 0) + units
        if self.left_until > now_ms:
            self.left = max(0, self.left - units)
        return number

    def give_back(self, number: int, units: int) -> None:
        """Units that were granted in that slice and are not going to be used."""
        if number in self.slices:
            self.slices[number] = max(0, self.slices[number] - units)

    def want(self, rule: Rule, wait_ms: int, now_ms: int) -> bool:
        """Marks that background work waits; whether that was news."""
        known = self.wants_until > now_ms + wait_ms
        self.wants_until = max(self.wants_until, now_ms + wait_ms + rule.gap_ms + SLOT_GAP_MS)
        return not known

    def _kept(self, rule: Rule, now_ms: int, *, background: bool) -> int:
        due = now_ms - self.served_at >= rule.gap_ms
        if background:
            return 0 if due else rule.reserved
        return rule.units if due and self.wants_until > now_ms else 0

    def _aged_ms(self, rule: Rule, excess: int, now_ms: int) -> int:
        """Until enough of the oldest units no longer count."""
        for number in sorted(self.slices):
            excess -= self.slices[number]
            if excess <= 0:
                return max(_ends_at(rule, number) - now_ms, 1)
        return POLL_MS  # what is kept for the other kind of work is not used yet

    def _slot_wait_ms(self, now_ms: int) -> int:
        return min([POLL_MS, *self._slots_end_in(now_ms)])

    def _slots_end_in(self, now_ms: int) -> Iterator[int]:
        yield from (max(until - now_ms, 1) for until in self.slots.values())


_NUMBERS = ("left", "left_until", "wants_until", "served_at")


def _ends_at(rule: Rule, number: int) -> int:
    """When a slice no longer counts (Unix milliseconds)."""
    return (number + 1) * rule.slice_ms + rule.per_ms + rule.life_ms
