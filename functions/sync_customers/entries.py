"""What an event becomes on a timeline: the entry's key, its time, its fact. Pure; the same for any copy of an event."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hub.domain.events import BusinessRecordData, Claim, Event, RecordChangedData, unix_ms
from hub.domain.timeline import Kind

# What a person types while creating a contact arrives as several changes; within this time they are one entry.
CREATION_WINDOW_MS = 60_000
MAX_NATIVE_BYTES = 8_192
# Clocks differ; a platform's time that lies further than this behind its own delivery is nonsense.
MAX_AHEAD_MS = 5 * 60_000
# A call may be transcribed in hundreds of parts: they keep our words, the raw deliveries hold theirs.
MAX_NATIVE_BYTES_OF = {"call.transcribed": 512}


@dataclass(frozen=True, slots=True)
class Happening:
    """Where a fact belongs: the kind and native id of its entry; its time, data and id where they are not the event's."""

    kind: Kind
    native_id: str
    at: str | None = None
    data: Mapping[str, Any] | None = None
    fact_id: str | None = None


def of_contact(event: Event, data: RecordChangedData) -> Iterable[Happening]:
    """The entries that a change of a contact makes: one per instant, one for the creation."""
    record = data.model_dump(mode="json", exclude_none=True)["record"]
    for key, at, claims in _instants(event, data):
        shown = {"record": record, "change": data.change, "claims": claims}
        yield Happening("record", key, at, shown, _digest(shown))


def of_version(event: Event, kind: Kind, data: BusinessRecordData) -> Happening:
    """One entry for each version of a record: by the platform's version, else its time, else its key of the event."""
    version = data.version or (event.time if event.timequality == "platform" else event.id)
    return Happening(kind, f"{data.record.object}:{data.record.id}@{version}")


def when(event: Event, at: str | None = None) -> tuple[str, str]:
    """The time to go by and whose it is: `at`, else the event's; that of receipt where it lies in the future."""
    told = at or event.time
    if unix_ms(told) - unix_ms(event.received) > MAX_AHEAD_MS:
        return event.received, "clamped"
    return told, event.timequality


def fact_of(event: Event, happening: Happening) -> dict[str, Any]:
    """The fact that is kept of the event."""
    at, quality = when(event, happening.at)
    return {
        "type": event.type,
        "at": at,
        "timequality": quality,
        "data": _bounded(event.type, happening.data or event.data),
        "raw": event.raw,
        "received": event.received,
    }


def _instants(event: Event, data: RecordChangedData) -> Iterable[tuple[str, str, list[dict[str, Any]]]]:
    """(native id, time, claims) of each."""
    name = f"{data.record.object}:{data.record.id}"
    if data.change in ("deleted", "restored"):
        yield f"{name}@{data.change}:{event.time}", event.time, []
        return
    groups: dict[str, list[Claim]] = {}
    for claim in data.claims:
        if claim.field in data.changed:
            groups.setdefault(_moment(claim.at, data.created_at), []).append(claim)
    for moment, claims in sorted(groups.items()):
        at = data.created_at if moment == "created" and data.created_at else claims[0].at
        yield f"{name}@{moment}", at, [claim.model_dump() for claim in claims]


def _moment(at: str, created_at: str | None) -> str:
    if created_at and unix_ms(at) - unix_ms(created_at) <= CREATION_WINDOW_MS:
        return "created"
    return at


def _bounded(event_type: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """The data without the platform's own object where that is large; the raw delivery still holds it."""
    kept = dict(data)
    if len(json.dumps(kept.get("native", {}))) > MAX_NATIVE_BYTES_OF.get(event_type, MAX_NATIVE_BYTES):
        kept["native"] = {"native_dropped": True}
    return kept


def _digest(data: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:32]
