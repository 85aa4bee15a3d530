"""Envelopes onto the bus within its limits: what it would refuse is found before, what it refused is named after."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hub.errors import HubError, Quarantine
from hub.ports import Bus

MAX_ENTRIES = 10
MAX_CHUNK = 900_000  # bytes; PutEvents takes 1 MB (botocore's service model, 1.43.107 and later)
MAX_EVENT = 200_000  # bytes of one event: what DynamoDB (400 KB) and every queue can hold with room to spare
MAX_DEPTH = 64
INT64 = range(-(2**63), 2**63)
ATTEMPTS = 2

Envelope = Mapping[str, Any]


def publish_all(bus: Bus, events: Sequence[Envelope]) -> set[int]:
    """Publishes in chunks, those not accepted once more; returns the indices that were still not accepted."""
    failed = set(range(len(events)))
    for _ in range(ATTEMPTS):
        waiting, failed = sorted(failed), set()
        for chunk in chunks(waiting, [size_of(events[index]) for index in waiting]):
            failed |= _publish(bus, events, chunk)
    return failed


def chunks(items: Sequence[int], sizes: Sequence[int]) -> Iterator[list[int]]:
    """The items in order, at most 10 and 900 KB together; one that is larger stands alone."""
    chunk: list[int] = []
    total = 0
    for item, size in zip(items, sizes, strict=True):
        if chunk and (len(chunk) == MAX_ENTRIES or total + size > MAX_CHUNK):
            yield chunk
            chunk, total = [], 0
        chunk.append(item)
        total += size
    if chunk:
        yield chunk


def fit(event: dict[str, Any]) -> dict[str, Any]:
    """The event, without the platform's own object where it is over 200 KB; Quarantine where the bus would refuse it.

    What was dropped is in the raw delivery, to which `raw` points.
    """
    check(event)
    if size_of(event) > MAX_EVENT and event["data"].get("native"):
        event = {**event, "data": {**event["data"], "native": {"native_dropped": True}}}
    if size_of(event) > MAX_EVENT:
        raise Quarantine("an event is larger than 200 KB")
    return event


def size_of(event: Envelope) -> int:
    """Bytes of the event as JSON."""
    return len(encode(event).encode())


def encode(event: Envelope) -> str:
    """JSON that any parser reads, without NaN; ASCII where a lone surrogate leaves no other way."""
    text = json.dumps(event, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text if _is_utf8(text) else json.dumps(event, allow_nan=False, separators=(",", ":"))


def check(value: Any, depth: int = 0) -> None:
    """Quarantine for numbers that the bus cannot carry and for nesting beyond 64."""
    if depth > MAX_DEPTH:
        raise Quarantine("an event is nested too deep")
    if isinstance(value, dict):
        for part in value.values():
            check(part, depth + 1)
    elif isinstance(value, list | tuple):
        for part in value:
            check(part, depth + 1)
    elif isinstance(value, int) and value not in INT64:
        raise Quarantine("an event holds a number beyond 64 bits")
    elif isinstance(value, float) and value - value != 0:
        raise Quarantine("an event holds a number that is none")


def _publish(bus: Bus, events: Sequence[Envelope], chunk: list[int]) -> set[int]:
    try:
        refused = bus.publish([events[index] for index in chunk])
    except HubError:
        return set(chunk)
    return {chunk[position] for position in refused}


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
