"""HubSpot's limits of requests: a rolling window of ten seconds, searches by the second, and the day's.

https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines (read November 2026)
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from infra.local.standins.hubspot_schema import error
from infra.local.standins.server import Answer, Call, Handler, Refused

WINDOW_S, DAY_S = 10, 86_400


@dataclass(slots=True)
class Rates:
    """What one account may ask for; 0 is no limit."""

    now: Callable[[], float]
    most_per_window: int = 0
    most_searches_per_s: int = 0
    most_per_day: int = 0
    _asked: dict[str, deque[float]] = field(default_factory=dict)

    def admit(self, call: Call) -> None:
        """Counts a call; Refused with 429 where it is one too many (a refused call counts for nothing)."""
        policies = [("DAILY", self.most_per_day, DAY_S), ("TEN_SECONDLY_ROLLING", self.most_per_window, WINDOW_S)]
        if call.path.endswith("/search"):
            policies = [("DAILY", self.most_per_day, DAY_S), ("SECONDLY", self.most_searches_per_s, 1)]
        for policy, most, within_s in policies:
            if most and self._lately(policy, within_s) >= most:
                raise Refused(too_many(policy))
        for policy, _, _ in policies:
            self._asked.setdefault(policy, deque()).append(self.now())

    def told(self, handler: Handler) -> Handler:
        """The handler with the documented headers on its answers (those of a search have none)."""
        return lambda call: self._with_headers(call, handler(call))

    def _with_headers(self, call: Call, answer: Answer) -> Answer:
        if not self.most_per_window or call.path.endswith("/search"):
            return answer
        left = max(0, self.most_per_window - self._lately("TEN_SECONDLY_ROLLING", WINDOW_S))
        said = {
            "X-HubSpot-RateLimit-Max": str(self.most_per_window),
            "X-HubSpot-RateLimit-Remaining": str(left),
            "X-HubSpot-RateLimit-Interval-Milliseconds": str(WINDOW_S * 1000),
        }
        return replace(answer, headers={**answer.headers, **said})

    def _lately(self, policy: str, within_s: float) -> int:
        asked = self._asked.setdefault(policy, deque())
        while asked and asked[0] <= self.now() - within_s:
            asked.popleft()
        return len(asked)


def too_many(policy: str) -> Answer:
    """429 as documented."""
    message = f"You have reached your {policy.lower()} limit."
    return error(429, message, "RATE_LIMITS", errorType="RATE_LIMIT", policyName=policy)
