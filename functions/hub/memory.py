"""Every port in memory: the adapters of the tests, the soak and the benchmarks (one contract suite runs on both)."""

from __future__ import annotations

import copy
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from typing import Any
from urllib.parse import urlsplit

from hub.connections import event_sources
from hub.delivery import Connection
from hub.errors import Busy, Reject
from hub.memory_store import Change, MemoryStore
from hub.ports import MAX_POSTPONE_S, HttpResponse
from hub.settings import Settings
from hub.wiring import Hub

__all__ = [
    "Change",
    "FakeClock",
    "FakeHttp",
    "HttpCall",
    "MemoryBlobs",
    "MemoryBus",
    "MemoryConnections",
    "MemoryQueue",
    "MemorySecrets",
    "MemoryStore",
    "MemoryTelemetry",
    "Message",
    "memory_hub",
]

VISIBILITY_S = 30


class MemoryBus:
    """A Bus that keeps what was published in `events`; `refuses` picks the envelopes that are not accepted."""

    def __init__(self, refuses: Callable[[Mapping[str, Any]], bool] = lambda _event: False) -> None:
        self.events: list[dict[str, Any]] = []
        self._refuses = refuses

    def publish(self, events: Sequence[Mapping[str, Any]]) -> list[int]:
        """Keeps copies of the accepted ones; returns the indices of the others."""
        refused = [number for number, event in enumerate(events) if self._refuses(event)]
        self.events += [copy.deepcopy(dict(event)) for number, event in enumerate(events) if number not in refused]
        return refused


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a queue, with the reason where it is a dead letter."""

    body: str
    reason: str = ""


class MemoryQueue:
    """Queues by name in `messages`, in the order of sending; `hidden_s` is by receipt."""

    def __init__(self) -> None:
        self.messages: dict[str, list[Message]] = {}
        self.hidden_s: dict[str, int] = {}

    def send(self, queue: str, body: str, *, reason: str = "") -> None:
        """Appends one message."""
        self.messages.setdefault(queue, []).append(Message(body, reason))

    def postpone(self, queue: str, receipt: str, seconds: float) -> None:  # noqa: ARG002 - receipts differ anyway
        """Hides what was received under that receipt; Reject where nothing was."""
        if receipt not in self.hidden_s:
            raise Reject("nothing was received with that receipt")
        self.hidden_s[receipt] = max(0, min(math.ceil(seconds), MAX_POSTPONE_S))

    def receive(self, queue: str) -> dict[str, str]:
        """Bodies by receipt of what is not hidden, and hides it; time does not pass."""
        messages = enumerate(self.messages.get(queue, []))
        seen = {f"{queue}/{number}": message.body for number, message in messages}
        visible = {receipt: body for receipt, body in seen.items() if not self.hidden_s.get(receipt)}
        self.hidden_s |= dict.fromkeys(visible, VISIBILITY_S)
        return visible

    def bodies(self, queue: str) -> list[str]:
        """What was sent to that queue."""
        return [message.body for message in self.messages.get(queue, [])]


class MemoryBlobs:
    """Blobs in the dictionary `stored`."""

    def __init__(self) -> None:
        self.stored: dict[str, bytes] = {}

    def put(self, key: str, body: bytes) -> None:
        """Stores, replacing."""
        self.stored[key] = bytes(body)

    def get(self, key: str) -> bytes | None:
        """The bytes, or None."""
        return self.stored.get(key)


class MemorySecrets:
    """Secrets by connection id in `stored`."""

    def __init__(self, stored: Mapping[str, Mapping[str, Any]] | None = None, hash_key: bytes = b"k" * 32) -> None:
        self.stored: dict[str, Mapping[str, Any]] = dict(stored or {})
        self._hash_key = hash_key

    def read(self, connection_id: str, *, fresh: bool = False) -> Mapping[str, Any]:  # noqa: ARG002 - always fresh
        """A copy of the connection's secrets; {} where there are none."""
        return copy.deepcopy(dict(self.stored.get(connection_id, {})))

    def write(self, connection_id: str, secrets: Mapping[str, Any]) -> None:
        """Replaces the connection's secrets."""
        self.stored[connection_id] = copy.deepcopy(dict(secrets))

    def hash_key(self) -> bytes:
        """The same key for ever."""
        return self._hash_key


class MemoryConnections:
    """Connections from a list."""

    def __init__(self, connections: Sequence[Connection] = ()) -> None:
        self.stored: dict[str, Connection] = {connection.id: connection for connection in connections}

    def get(self, connection_id: str) -> Connection | None:
        """The connection, or None."""
        return self.stored.get(connection_id)

    def by_event_source(self, source: str) -> Connection | None:
        """The connection among whose event sources that one is, or None."""
        return next((c for c in self.all() if source and source in event_sources(c)), None)

    def all(self) -> list[Connection]:
        """Every connection, by id."""
        return [self.stored[connection_id] for connection_id in sorted(self.stored)]


class FakeClock:
    """Time that passes only when told; `sleep` lets it pass at once."""

    def __init__(self, now: float = 1_790_000_000.0) -> None:
        self.time = now

    def now(self) -> float:
        """Unix seconds."""
        return self.time

    def sleep(self, seconds: float) -> None:
        """Moves the time on."""
        self.time += seconds


class MemoryTelemetry:
    """Keeps counters in `counters` and one dictionary per flushed line in `lines`."""

    def __init__(self) -> None:
        self.counters: Counter[str] = Counter()
        self.dimensions: list[tuple[str, tuple[tuple[str, str], ...]]] = []
        self.lines: list[dict[str, str | int]] = []
        self._line: dict[str, str | int] = {}

    def count(self, name: str, n: int = 1, **dimensions: str) -> None:
        """Adds to a counter, over all dimensions together."""
        self.counters[name] += n
        self.dimensions.append((name, tuple(sorted(dimensions.items()))))

    def note(self, **fields: str | int) -> None:
        """Adds fields to the line."""
        self._line.update(fields)

    def flush(self, function: str) -> None:
        """Ends the line."""
        self.lines.append({"function": function, **self._line})
        self._line = {}


@dataclass(frozen=True, slots=True)
class HttpCall:
    """One outbound request as the platform would receive it."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    form: Mapping[str, str] | None = None


class FakeHttp:
    """Passes requests to `answer`, with the port's promises: allow-listed hosts, Busy on 429 and 5xx."""

    def __init__(self, answer: Callable[[HttpCall], HttpResponse] = lambda _call: HttpResponse(200, {}, b"{}")) -> None:
        self.calls: list[HttpCall] = []
        self._answer = answer

    def request(
        self,
        method: str,
        url: str,
        *,
        hosts: Sequence[str],
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        idempotent: bool = True,  # noqa: ARG002 - the port's; one attempt is a special case of both
    ) -> HttpResponse:
        """One attempt."""
        host = urlsplit(url).hostname or ""
        if not any(fnmatch(host, pattern) for pattern in hosts):
            raise Reject("host not allowed")
        call = HttpCall(method, url, {name.lower(): value for name, value in (headers or {}).items()}, json, form)
        self.calls.append(call)
        return _settled(self._answer(call))


def _settled(response: HttpResponse) -> HttpResponse:
    if response.status == 429 or response.status >= 500:
        after_s = int(response.headers.get("retry-after", 0))
        raise Busy(
            f"the platform answered {response.status}", after_s, response.status, response.body, response.headers
        )
    return response


def memory_hub(**overrides: Any) -> Hub:
    """A Hub of memory adapters; any field of `Hub` can be given instead."""
    ports: dict[str, Any] = {
        "settings": Settings(stack="renkei", public_url="https://hooks.renkei.test"),
        "store": MemoryStore(),
        "connection_items": MemoryStore(),
        "connections": MemoryConnections(),
        "secrets": MemorySecrets(),
        "blobs": MemoryBlobs(),
        "queue": MemoryQueue(),
        "bus": MemoryBus(),
        "http": FakeHttp(),
        "clock": FakeClock(),
        "telemetry": MemoryTelemetry(),
        "jitter": lambda: 0.5,
    }
    return Hub(**{**ports, **overrides})
