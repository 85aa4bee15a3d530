"""Pipedrive's limits: tokens of a day by what a request costs, and requests in two seconds; both told in headers.

https://pipedrive.readme.io/docs/core-api-concepts-rate-limiting (read November 2026)
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from infra.local.standins.pipedrive_schema import error
from infra.local.standins.server import Answer, Call

WINDOW_S = 2.0
SEARCHES_IN_WINDOW = 10
# What fits first: method, path, tokens.
COSTS = (
    ("GET", r"/api/v2/.*[sS]earch.*", 20),
    ("GET", r"/api/v2/\w+/\d+", 1),
    ("GET", r"/api/v2/.*", 10),
    ("DELETE", r"/api/v2/.*", 3),
    ("[A-Z]+", r"/api/v2/.*", 5),
    ("GET", r"/v1/\w+/\d+", 2),
    ("GET", r"/v1/.*", 20),
    ("DELETE", r"/v1/.*", 6),
    ("[A-Z]+", r"/v1/.*", 10),
)


def cost(call: Call) -> int:
    """The tokens that a request costs."""
    fitting = (
        tokens for method, path, tokens in COSTS if re.fullmatch(f"{method} {path}", f"{call.method} {call.path}")
    )
    return next(fitting)


@dataclass(slots=True)
class Limits:
    """`most` requests in two seconds and `tokens` of a day (until midnight UTC); None where it does not matter."""

    now: Callable[[], float]
    most: int | None = None
    tokens: int | None = None
    times: list[tuple[float, bool]] = field(default_factory=list)
    spent: dict[int, int] = field(default_factory=dict)

    def refusal(self, call: Call) -> Answer | None:
        """The answer to a request beyond a limit, else None; it counts either way."""
        day, search = int(self.now() // 86_400), "earch" in call.path
        self.times = [one for one in self.times if one[0] > self.now() - WINDOW_S] + [(self.now(), search)]
        self.spent[day] = self.spent.get(day, 0) + cost(call)
        if self.tokens is not None and self.spent[day] > self.tokens:
            return self.told(error(429, "Daily API token limit exceeded", "ERR_DAILY_LIMIT"))
        searches = sum(searched for _, searched in self.times)
        if self.most is not None and (len(self.times) > self.most or searches > SEARCHES_IN_WINDOW):
            return self.told(error(429, "Rate limit exceeded", "ERR_RATE_LIMIT"))
        return None

    def told(self, answer: Answer) -> Answer:
        """The answer with the headers that every answer has."""
        most = self.most or 10_000
        left = {"x-ratelimit-limit": str(most), "x-ratelimit-remaining": str(max(0, most - len(self.times)))}
        daily = (self.tokens or 1_000_000) - self.spent.get(int(self.now() // 86_400), 0)
        headers = left | {"x-ratelimit-reset": "2", "x-daily-requests-left": str(max(0, daily))}
        return Answer(answer.status, answer.body, {**answer.headers, **headers})
