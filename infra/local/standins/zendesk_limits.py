"""How many requests a minute Zendesk takes, and what it answers beyond."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from infra.local.standins.server import Answer, Refused

WINDOW_S = 60


@dataclass(slots=True)
class Window:
    """The requests of the last minute by limit; a limit that is not named has no end."""

    now: Callable[[], float]
    limits: Mapping[str, int]
    seen: dict[str, list[float]] = field(default_factory=dict)

    def count(self, name: str) -> None:
        """Counts one request; Refused with 429, Retry-After and the limit's own header where there are too many."""
        now = self.now()
        recent = [at for at in self.seen.get(name, []) if at > now - WINDOW_S]
        most = self.limits.get(name)
        if most is not None and len(recent) >= most:
            wait = max(1, int(recent[0] + WINDOW_S - now) + 1)
            headers = {
                "retry-after": str(wait),
                "ratelimit-limit": str(most),
                "ratelimit-remaining": "0",
                "ratelimit-reset": str(wait),
                f"zendesk-ratelimit-{name}": f"total={most}; remaining=0; resets={wait}",
            }
            raise Refused(Answer(429, {"error": "TooManyRequests"}, headers))
        self.seen[name] = [*recent, now]
