"""A tally of refused requests that a person can list, at a bounded price however many there are.

Items in the connections table: pk `REFUSED`, sk `<yyyy-mm-ddThh:mm>#<connection or "unknown">#<reason>`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hub.errors import HubError
from hub.ports import Store

PARTITION = "REFUSED"
UNKNOWN = "unknown"
KEPT_S = 30 * 86_400
BURST = 5.0
PER_S = 1.0
MAX_PENDING = 100
READ_AGAIN_S = 30.0


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was refused: `minute` is RFC 3339 up to the minute, `reason` one of a few fixed words."""

    minute: str
    connection: str
    platform: str
    reason: str


@dataclass(slots=True)
class RefusalTally:
    """What one container remembers of its refusals: counts, written at most once a second after a burst of 5."""

    pending: dict[Refusal, int] = field(default_factory=dict)
    allowance: float = BURST
    settled_at: float = 0.0
    read_again_at: dict[str, float] = field(default_factory=dict)

    def add(self, refusal: Refusal) -> None:
        """One more; when too many different ones wait, by its reason only, with the one that waits longest."""
        if refusal not in self.pending and len(self.pending) >= MAX_PENDING:
            refusal = Refusal(next(iter(self.pending)).minute, UNKNOWN, UNKNOWN, refusal.reason)
        self.pending[refusal] = self.pending.get(refusal, 0) + 1

    def settle(self, store: Store, now: float) -> None:
        """Writes what is due at `now` (Unix seconds); what cannot be written waits, nobody is told."""
        self.allowance = min(BURST, self.allowance + max(0.0, now - self.settled_at) * PER_S)
        self.settled_at = now
        while self.pending and self.allowance >= 1:
            self.allowance -= 1
            try:
                self._write(store, next(iter(self.pending)), now)
            except HubError:
                self.allowance = 0.0

    def may_read_again(self, connection: str, now: float) -> bool:
        """Whether a refusal may read the connection's secrets anew: twice a minute, so that no stranger drives it.

        `connection` is a known one, or this would grow without end.
        """
        if now - self.read_again_at.get(connection, 0.0) < READ_AGAIN_S:
            return False
        self.read_again_at[connection] = now
        return True

    def _write(self, store: Store, refusal: Refusal, now: float) -> None:
        key = f"{refusal.minute}#{refusal.connection}#{refusal.reason}"
        last = {
            "minute": refusal.minute,
            "connection": refusal.connection,
            "platform": refusal.platform,
            "reason": refusal.reason,
        }
        store.count(PARTITION, key, self.pending[refusal], last, expires_at=int(now) + KEPT_S)
        del self.pending[refusal]
