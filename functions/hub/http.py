"""The one outbound client: allow-listed hosts over TLS, no redirects, bounded answers, retries that are safe.

The wire (httpx, address check, deadline) is `hub.http_transport`, imported with the first request.
"""

from __future__ import annotations

import json as json_text
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from hub import addresses
from hub.errors import Busy, Reject, Retry
from hub.ports import Clock, HttpResponse

if TYPE_CHECKING:
    # method, url, headers, content, deadline -> answer; raises http_transport's NotSent, MaybeSent, Refused.
    Exchange = Callable[[str, str, Mapping[str, str], bytes | None, float], HttpResponse]

TOTAL_S = 10.0
MOST_ATTEMPTS = 4
LONGEST_WAIT_S = 2.0
LONGEST_RETRY_AFTER_S = 86_400
BACKOFF_S = 0.25
# Statuses that mean "not now", with the wait in seconds where the platform names none. 423: HubSpot's record lock
# wants 2 s or more; 477: a HubSpot account is being moved, up to a day.
NOT_NOW = {423: 2, 429: 10, 477: 900, 500: 5, 502: 5, 503: 5, 504: 5}
# Of these, the ones that say for certain that nothing was done.
NOTHING_DONE = frozenset({423, 429, 477})
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*")
_HEADER_NAME = re.compile(r"[A-Za-z0-9-]{1,64}")
_HEADER_VALUE = re.compile(r"[\x20-\x7e\t]*")
_LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost"})


@dataclass(frozen=True, slots=True)
class _Call:
    method: str
    url: str
    host: str
    headers: Mapping[str, str]
    content: bytes | None
    idempotent: bool


@dataclass(frozen=True, slots=True)
class _Again:
    """An attempt that may be repeated after `least_wait_s`, or raised as `failure`."""

    failure: Retry
    least_wait_s: float = 0


@dataclass(slots=True)
class HttpClient:
    """Implements `hub.ports.Http`; one per container.

    `allow_private` (the local stack only) permits http, any port and this machine's own addresses.
    Errors name the host and the status, never a query, a header or a body.
    """

    clock: Clock
    allow_private: bool = False
    most_attempts: int = MOST_ATTEMPTS
    uniform: Callable[[], float] = random.SystemRandom().random
    resolve: addresses.Resolve = addresses.resolve
    exchange: Exchange | None = None
    _opened: list[Exchange] = field(default_factory=list)

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
        """See `hub.ports.Http`. A broken connection is Retry if idempotent, else Reject once it may have been sent."""
        host = checked_host(url, hosts, self.allow_private)
        sent_headers, content = _content(_checked_headers(headers or {}), json, form)
        return self._until_answered(_Call(method, url, host, sent_headers, content, idempotent))

    def trying_once(self) -> HttpClient:
        """The same client, for who repeats by itself what may be repeated (`hub.limits`)."""
        return replace(self, most_attempts=1)

    def _until_answered(self, call: _Call) -> HttpResponse:
        deadline, attempt = self.clock.now() + TOTAL_S, 0
        while True:
            attempt += 1
            outcome = self._attempt(call, deadline)
            if isinstance(outcome, HttpResponse):
                return outcome
            # Full jitter, and never less than what the platform asked for.
            wait_s = max(outcome.least_wait_s, self.uniform() * BACKOFF_S * 2**attempt)
            if attempt == self.most_attempts or wait_s > LONGEST_WAIT_S or self.clock.now() + wait_s >= deadline:
                raise outcome.failure
            self.clock.sleep(wait_s)

    def _attempt(self, call: _Call, deadline: float) -> HttpResponse | _Again:
        from hub.http_transport import MaybeSent, NotSent, Refused

        try:
            answer = self._wire()(call.method, call.url, call.headers, call.content, deadline)
        except Refused as error:
            raise Reject(f"{call.host} {error}") from error
        except NotSent:
            return _Again(Retry(f"{call.host} could not be reached"))
        except MaybeSent as error:
            return _broken(call, error)
        return self._judged(call, answer)

    def _judged(self, call: _Call, answer: HttpResponse) -> HttpResponse | _Again:
        nothing_done = answer.status in NOTHING_DONE
        if answer.status not in NOT_NOW or not (call.idempotent or nothing_done):
            return answer
        asked_s = retry_after_s(answer.headers.get("retry-after", ""), self.clock.now())
        after_s = NOT_NOW[answer.status] if asked_s is None else asked_s
        busy = Busy(f"{call.host} answered {answer.status}", after_s, answer.status, answer.body, answer.headers)
        if not call.idempotent:
            raise busy
        return _Again(busy, after_s if nothing_done else asked_s or 0)

    def _wire(self) -> Exchange:
        if self.exchange is not None:
            return self.exchange
        if not self._opened:
            from hub.http_transport import Wire

            self._opened.append(Wire(resolve=self.resolve, clock=self.clock, allow_private=self.allow_private))
        return self._opened[0]


def checked_host(url: str, hosts: Sequence[str], allow_private: bool = False) -> str:
    """The URL's host, lower case; Reject unless https on port 443 to one of `hosts` (exact, or `*.suffix`)."""
    if any(letter <= " " or letter in "\\\x7f" or ord(letter) > 126 for letter in url):
        raise Reject("the URL holds characters that no URL holds")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise Reject("the URL cannot be read") from error
    if allow_private and parts.scheme in ("http", "https") and host in _LOCAL_HOSTS and "@" not in parts.netloc:
        return host
    if parts.scheme != "https" or port not in (None, 443) or "@" in parts.netloc:
        raise Reject("only https on its own port, without a user, is allowed")
    if not _HOST.fullmatch(host) or not any(_matches(host, pattern.lower()) for pattern in hosts):
        raise Reject("the host is not one of the platform's")
    return host


def _matches(host: str, pattern: str) -> bool:
    return host.endswith(pattern[1:]) and host != pattern[2:] if pattern.startswith("*.") else host == pattern


def _checked_headers(headers: Mapping[str, str]) -> dict[str, str]:
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
            raise Reject("a request header holds characters that no header holds")
    return {name.lower(): value for name, value in headers.items()}


def _content(headers: dict[str, str], json: Any, form: Mapping[str, str] | None) -> tuple[dict[str, str], bytes | None]:
    if json is not None:
        text = json_text.dumps(json, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return {"content-type": "application/json", **headers}, text.encode("utf-8")
    if form is not None:
        return {"content-type": "application/x-www-form-urlencoded", **headers}, urlencode(form).encode("ascii")
    return headers, None


def _broken(call: _Call, error: Exception) -> _Again:
    if call.idempotent:
        return _Again(Retry(f"{call.host} broke off"))
    raise Reject(f"{call.host} broke off: whether it acted is unknown, so it is not asked again") from error


def retry_after_s(text: str, now: float) -> int | None:
    """Seconds from a Retry-After of either form, at most a day; None where there is none or it is unreadable."""
    if text.strip().isascii() and text.strip().isdigit():
        return min(int(text.strip()[:9]), LONGEST_RETRY_AFTER_S)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max(0, -int(now - aware.timestamp())), LONGEST_RETRY_AFTER_S)
