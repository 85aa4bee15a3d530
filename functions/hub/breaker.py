"""A connection's circuit breaker: after several failures in a row nobody asks for a growing time, then one worker does.

Plain values in and out, so that it lies beside the limits in one item (`hub.limits_ledger`). Times are Unix milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MOST_FAILURES = 5
FIRST_OPEN_MS, LONGEST_OPEN_MS = 15_000, 900_000
PROBE_MS = 15_000  # longer than a request can take (hub.http.TOTAL_S); a probe whose worker is gone is given up


@dataclass(frozen=True, slots=True)
class Breaker:
    """`fails` in a row; open until `until` (0: closed) for the `opened`th time; the probe under way ends at `probe`."""

    fails: int = 0
    opened: int = 0
    until: int = 0
    probe: int = 0

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Breaker:
        """From its stored form."""
        return cls(*(int(body.get(name, 0)) for name in cls.__slots__))

    def body(self) -> dict[str, int]:
        """Its stored form, {} where all is well."""
        return {name: value for name in self.__slots__ if (value := getattr(self, name))}

    @property
    def closed(self) -> bool:
        """Whether everybody may ask."""
        return not self.until

    def wait_ms(self, now_ms: int) -> int:
        """0 where a request may be made (the probe, if it is not closed), else how long to wait."""
        return 0 if self.closed else max(self.until - now_ms, self.probe - now_ms, 0)

    def probing(self, now_ms: int) -> Breaker:
        """After one worker took the probe."""
        return self if self.closed else Breaker(self.fails, self.opened, self.until, now_ms + PROBE_MS)

    def failed(self, now_ms: int) -> Breaker:
        """After a request failed: opens with the fifth in a row, and again, for longer, when the probe fails."""
        if not self.closed and not self.probe:
            return self  # it was under way when the breaker opened
        fails = self.fails + 1
        if self.closed and fails < MOST_FAILURES:
            return Breaker(fails, self.opened)
        open_ms = min(FIRST_OPEN_MS * 2 ** min(self.opened, 10), LONGEST_OPEN_MS)
        return Breaker(fails, self.opened + 1, now_ms + open_ms)

    def succeeded(self) -> Breaker:
        """After a request was answered: closed, as if nothing had been."""
        return Breaker()
