"""Every port call passes through here: it is recorded, and the chosen one fails in the chosen way."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from hub.errors import Conflict, Retry
from hub.wiring import Hub

CRASH_BEFORE = "crash before"
CRASH_AFTER = "crash after"
THROTTLED = "throttled"
LOST = "response lost"
REFUSED = "entries refused"
MISREPORTED = "accepted but reported failed"
CONFLICT = "answer lost, repeated, met its own write"

READS = frozenset({"get", "query", "query_index", "read", "hash_key", "by_event_source", "all"})
# A read that crashes after is one that crashes before, and one whose answer is lost is one that was throttled.
READ_FAULTS = (CRASH_BEFORE, THROTTLED)
WRITE_FAULTS = (CRASH_BEFORE, CRASH_AFTER, THROTTLED, LOST)
PUBLISH_FAULTS = (*WRITE_FAULTS, REFUSED, MISREPORTED)
PUT_FAULTS = (*WRITE_FAULTS, CONFLICT)
LASTING = frozenset({THROTTLED, LOST, REFUSED, MISREPORTED})
WATCHED = ("store", "connection_items", "connections", "secrets", "blobs", "queue", "bus", "http")


class Crash(BaseException):
    """The process is gone: no handler code can catch this."""


@dataclass(frozen=True, slots=True)
class Call:
    """One port call: the number counts all calls of a world, the invocation all invocations, from 0."""

    number: int
    function: str
    operation: str
    invocation: int = 0


Choose = Callable[[Call], str | None]


def faults_of(operation: str) -> tuple[str, ...]:
    """The ways in which a call of that operation can fail."""
    port, _, method = operation.partition(".")
    if method in READS:
        return READ_FAULTS
    if port == "bus":
        return PUBLISH_FAULTS
    return PUT_FAULTS if method in ("put", "put_all") and port != "blobs" else WRITE_FAULTS


def never(_call: Call) -> str | None:
    """No fault."""
    return None


@dataclass(frozen=True, slots=True)
class At:
    """Fails one call; what is not a crash also fails the same invocation's repetitions of it, so that none is absorbed."""

    number: int
    invocation: int
    operation: str
    fault: str

    def __call__(self, call: Call) -> str | None:
        """See Choose."""
        lasting = self.fault in LASTING and (call.invocation, call.operation) == (self.invocation, self.operation)
        return self.fault if call.number == self.number or (lasting and call.number > self.number) else None


class Injector:
    """Records the calls of a world; `choose` says for each how it fails, or None; `hits` counts what was injected."""

    def __init__(self, choose: Choose = never) -> None:
        self.choose = choose
        self.function = ""
        self.invocation = -1
        self.calls: list[Call] = []
        self.hits: Counter[tuple[str, str, str]] = Counter()

    def begin(self, function: str) -> None:
        """The calls from now on are those of one more invocation."""
        self.function = function
        self.invocation += 1

    def run(self, operation: str, effect: Callable[[], Any], size: int = 0) -> Any:
        """The effect's result, or the fault that was chosen for it."""
        call = Call(len(self.calls), self.function, operation, self.invocation)
        self.calls.append(call)
        fault = self.choose(call)
        if fault is None:
            return effect()
        self.hits[call.function, operation, fault] += 1
        return _INJECT[fault](effect, size)

    def watch(self, hub: Hub) -> Hub:
        """The same hub with every call outside the process going through here."""
        watched: dict[str, Any] = {name: Watched(name, getattr(hub, name), self) for name in WATCHED}
        return replace(hub, **watched)


class Watched:
    """A port whose calls go through an injector."""

    def __init__(self, name: str, port: Any, injector: Injector) -> None:
        self._name, self._port, self._injector = name, port, injector

    def __getattr__(self, method: str) -> Any:
        """The port's method, watched."""
        effect = getattr(self._port, method)

        def watched(*args: Any, **kwargs: Any) -> Any:
            operation = f"{self._name}.{_label(self._name, method, args)}"
            size = len(args[0]) if operation == "bus.publish" else 0
            return self._injector.run(operation, lambda: effect(*args, **kwargs), size)

        return watched


def _label(port: str, method: str, args: Sequence[Any]) -> str:
    if port == "http":
        return f"{args[0]} {_pattern(urlsplit(args[1]).path)}"
    return f"{method} *-dead" if port == "queue" and str(args[0]).endswith("-dead") else method


def _pattern(path: str) -> str:
    """The path with ids and references as `*`, so that it is the same in every run."""
    return re.sub(
        r"(?<=/)[^/]*\d[^/]{5,}(?=/|$)|(?<=/)(?:\d+|[a-z2-7]{26})(?=/|$)",
        "*",
        re.sub(r"/20\d\d-\d\d/", "/VERSION/", path),
    )


def _crash_before(_effect: Callable[[], Any], _size: int) -> Any:
    raise Crash


def _crash_after(effect: Callable[[], Any], _size: int) -> Any:
    effect()
    raise Crash


def _throttled(_effect: Callable[[], Any], _size: int) -> Any:
    raise Retry("throttled")


def _lost(effect: Callable[[], Any], _size: int) -> Any:
    effect()
    raise Retry("no answer")


def _refused(_effect: Callable[[], Any], size: int) -> Any:
    return list(range(size))


def _misreported(effect: Callable[[], Any], size: int) -> Any:
    effect()
    return list(range(size))


def _conflict(effect: Callable[[], Any], _size: int) -> Any:
    effect()
    raise Conflict("not at the version that was read")


_INJECT: dict[str, Callable[[Callable[[], Any], int], Any]] = {
    CRASH_BEFORE: _crash_before,
    CRASH_AFTER: _crash_after,
    THROTTLED: _throttled,
    LOST: _lost,
    REFUSED: _refused,
    MISREPORTED: _misreported,
    CONFLICT: _conflict,
}
