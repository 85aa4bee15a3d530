"""A platform's limits around `Http`, kept by all workers together; each connection is shut off alone when it fails.

What a request costs the table: a worker that is alone writes once for up to ten requests of a second, and reads once
in its life; several workers read again whenever another wrote in between. `Retry-After` binds everybody within a
second, the breaker too. Nothing is dropped: what may not be asked now is Retry with the time after which it may.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from hub.connector import Connector
from hub.delivery import Connection
from hub.errors import Busy, Retry
from hub.http import (
    BACKOFF_S,
    LONGEST_WAIT_S,
    MOST_ATTEMPTS,
    NOTHING_DONE,
    TOTAL_S,
    HttpClient,
    retry_after_s,
)
from hub.limits_gate import Gate
from hub.limits_window import Rule
from hub.outbound import Limit
from hub.ports import Clock, Http, HttpResponse, Store

_RANDOM = random.SystemRandom().random
# Statuses by which a platform asks for a pause of everything, not of one record (423).
PAUSES = frozenset({429, 477})


def limited(
    http: Http,
    connection: Connection,
    connector: Connector,
    store: Store,
    clock: Clock,
    *,
    background: bool = False,
    uniform: Callable[[], float] = _RANDOM,
) -> Limited:
    """`http` within the connector's limits as that connection has them; `background` work lets live work go first."""
    gate = Gate(connection, connector.title, rules_of(connector, connection), store, clock, background=background)
    once = http.trying_once() if isinstance(http, HttpClient) else http
    return Limited(once, gate, clock, uniform)


def rules_of(connector: Connector, connection: Connection) -> tuple[Rule, ...]:
    """The connector's limits with the connection's own figures."""
    return tuple(Rule(limit, _most(limit, connection.settings)) for limit in connector.limits)


def _most(limit: Limit, settings: Mapping[str, Any]) -> int:
    own = settings.get(limit.setting) if limit.setting else None
    return own if isinstance(own, int) and not isinstance(own, bool) and own > 0 else limit.most


@dataclass(slots=True)
class Limited:
    """Implements `hub.ports.Http`. Waits of up to 2 s are slept, longer ones are Retry."""

    http: Http
    gate: Gate
    clock: Clock
    uniform: Callable[[], float] = _RANDOM

    def request(
        self,
        method: str,
        url: str,
        *,
        hosts: Sequence[str],
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        idempotent: bool = True,
    ) -> HttpResponse:
        """See `hub.ports.Http`; every attempt counts, also one that is repeated here."""
        request, deadline = f"{method} {urlsplit(url).path}", self.clock.now() + TOTAL_S
        for attempt in range(1, MOST_ATTEMPTS + 1):
            self._enter(request, deadline)
            try:
                answer = self.http.request(
                    method, url, hosts=hosts, headers=headers, json=json, form=form, idempotent=idempotent
                )
            except Retry as failure:
                self._met(request, failure)
                self._wait_or_raise(failure, attempt, deadline)
            else:
                self.gate.answered(request, answer.headers, broken=answer.status >= 500)
                return answer
            finally:
                self.gate.leave()
        raise AssertionError("the last attempt returns or raises")

    def give_back(self) -> None:
        """Gives back what was granted and not used; what is never given back ends by itself."""
        self.gate.give_back()

    def _enter(self, request: str, deadline: float) -> None:
        while True:
            turn = self.gate.ask(request)
            if not turn.wait_ms:
                return
            # A little later for each, so that not all come back at the same moment.
            wait_s = turn.wait_ms / 1000 * (1 + 0.1 * self.uniform())
            if wait_s > LONGEST_WAIT_S or self.clock.now() + wait_s >= deadline:
                raise Retry(turn.reason, math.ceil(turn.wait_ms / 1000))
            self.clock.sleep(wait_s)

    def _met(self, request: str, failure: Retry) -> None:
        if not isinstance(failure, Busy):
            self.gate.answered(request, {}, broken=True)
            return
        asked = retry_after_s(failure.headers.get("retry-after", ""), self.clock.now())
        pause_s = failure.after_s if failure.status in PAUSES else asked if failure.status == 503 else None
        self.gate.answered(request, failure.headers, broken=failure.status >= 500, pause_s=pause_s or 0)

    def _wait_or_raise(self, failure: Retry, attempt: int, deadline: float) -> None:
        wait_s = max(_least_wait_s(failure, self.clock.now()), self.uniform() * BACKOFF_S * 2**attempt)
        if attempt == MOST_ATTEMPTS or wait_s > LONGEST_WAIT_S or self.clock.now() + wait_s >= deadline:
            raise failure
        self.clock.sleep(wait_s)


def _least_wait_s(failure: Retry, now: float) -> float:
    if not isinstance(failure, Busy):
        return 0
    if failure.status in NOTHING_DONE:
        return failure.after_s
    return retry_after_s(failure.headers.get("retry-after", ""), now) or 0
