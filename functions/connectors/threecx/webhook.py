"""3CX's reports to events. The names in the body are those of the template in the README, which are 3CX's own words."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any, Literal

from hub.delivery import Connection, Delivery
from hub.domain.events import CallData, Event, Mapped, RecordingData, Segment, TranscriptData, Unmapped
from hub.errors import Quarantine
from hub.mapping import EventMaker
from hub.parsing import dict_at, id_at, parse_form, parse_json
from hub.pbx import number, party
from hub.times import from_iso

Direction = Literal["inbound", "outbound"]
Outcome = Literal["answered", "no_answer"]
# CallType, as 3CX's document on call journaling names them (read 2026-11).
TYPES: Mapping[str, tuple[Direction, Outcome]] = {
    "inbound": ("inbound", "answered"),
    "missed": ("inbound", "no_answer"),
    "outbound": ("outbound", "answered"),
    "notanswered": ("outbound", "no_answer"),
}
LOOKUPS = frozenset({"LookupNumber", "SearchContacts"})
_DURATION = re.compile(r"(?:([0-9]{1,3})\.)?([0-9]{1,3}):([0-5][0-9]):([0-5][0-9])(?:\.[0-9]+)?")
USED = frozenset(
    {
        *("Number", "Name", "Agent", "AgentEmail", "AgentFirstName", "AgentLastName", "Duration", "DateTime"),
        *("CallStartTimeUTC", "CallEstablishedTimeUTC", "CallEndTimeUTC", "QueueExtension", "RecordingUrl"),
        *("Transcription", "Summary", "Sentiment", "Scenario"),
    }
)
Fields = Mapping[str, str]


def map_delivery(delivery: Delivery, connection: Connection) -> Mapped:
    """Events of a report; a look-up says nothing that happened; other scenarios are unmapped."""
    fields = _fields(delivery)
    scenario = fields.get("Scenario") or ("ReportCall" if "CallType" in fields else "")
    if scenario in LOOKUPS:
        return Mapped(ignored=1)
    if scenario == "ReportCall":
        return _report(fields, EventMaker(delivery, connection))
    if not scenario:
        raise Quarantine("no scenario of a 3CX template")
    named = scenario if scenario in ("ReportChat", "CreateContactRecordFromClient") else "unknown"
    return Mapped(unmapped=(Unmapped(type=f"scenario/{named}", native=dict(fields)),))


def _fields(delivery: Delivery) -> Fields:
    """The values that are not empty, from JSON or (RequestEncoding UrlEncoded) from a form."""
    if delivery.body.lstrip()[:1] in (b"{", b"["):
        value = parse_json(delivery.body)
        return {name: found for name in dict_at(value) if (found := id_at(value, name))}
    return {name: value for name, value in parse_form(delivery.body).items() if value}


def _report(fields: Fields, maker: EventMaker) -> Mapped:
    call_type = fields.get("CallType", "").lower()
    if call_type not in TYPES:
        return Mapped(unmapped=(Unmapped(type="report/unknown", native=dict(fields)),))
    started, ended = from_iso(fields.get("CallStartTimeUTC")), from_iso(fields.get("CallEndTimeUTC"))
    if started is None or not (fields.get("Number") or fields.get("Agent")):
        raise Quarantine("a report without CallStartTimeUTC, or without Number and Agent")
    call = _call_id(fields, maker, started)
    answered = from_iso(fields.get("CallEstablishedTimeUTC"))
    direction, outcome = TYPES[call_type]
    about = _about(fields, maker, call, direction)
    end = {"outcome": outcome, "duration_s": _seconds(fields.get("Duration"))}
    steps: tuple[tuple[str, str | None, dict[str, Any]], ...] = (
        *((("call.started", started, {}),) if started != ended else ()),  # a call of no length is its end alone
        *((("call.answered", answered, {}),) if answered and outcome == "answered" else ()),
        ("call.ended", ended, end),
    )
    events = [_step(maker, about, *step) for step in steps]
    return Mapped(events=(*events, *_recorded(fields, maker, call, ended), *_transcribed(fields, maker, call, ended)))


def _call_id(fields: Fields, maker: EventMaker, started: str) -> str:
    """3CX gives no id: what identifies a call stands for it, hashed because it holds a phone number."""
    parts = (maker.connection.id, fields.get("Agent", ""), fields.get("Number", ""), started)
    return "3cx-" + hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:32]


def _about(fields: Fields, maker: EventMaker, call: str, direction: Direction) -> dict[str, Any]:
    name = " ".join(fields[part] for part in ("AgentFirstName", "AgentLastName") if part in fields)
    return {
        "call_id": call,
        "leg_id": call,
        "direction": direction,
        "customer": party(fields.get("Number"), maker.connection, fields.get("Name")),
        "business": number(fields.get("DID"), maker.connection),
        "agent": name or fields.get("Agent"),
        "agent_id": fields.get("Agent"),
        "agent_email": fields.get("AgentEmail"),
        "agent_extension": fields.get("Agent"),
        "queue": fields.get("QueueExtension"),
        "queue_id": fields.get("QueueExtension"),
        "native_status": fields["CallType"],
        "native": {key: value for key, value in fields.items() if key not in USED},
    }


def _step(maker: EventMaker, about: dict[str, Any], event_type: str, time: str | None, more: dict[str, Any]) -> Event:
    data = CallData.model_validate({**about, **more})
    return maker.event(event_type, data, subject=data.call_id, time=time, key=(data.call_id,))


def _recorded(fields: Fields, maker: EventMaker, call: str, time: str | None) -> tuple[Event, ...]:
    url = fields.get("RecordingUrl")
    if url is None:
        return ()
    data = RecordingData(call_id=call, leg_id=call, recording_id=call, url=url)
    return (maker.event("call.recorded", data, subject=call, time=time, key=(call,)),)


def _transcribed(fields: Fields, maker: EventMaker, call: str, time: str | None) -> tuple[Event, ...]:
    """The text that 3CX's own transcription gives to a template with SupportsTranscription."""
    text, summary = fields.get("Transcription"), fields.get("Summary")
    if not (text or summary):
        return ()
    segments = tuple(Segment(text=line) for line in (text or "").splitlines() if line.strip())
    data = TranscriptData(
        call_id=call,
        leg_id=call,
        transcript_id=call,
        segments=segments,
        summary=summary,
        sentiment=fields.get("Sentiment"),
    )
    return (maker.event("call.transcribed", data, subject=call, time=time, key=(call,)),)


def _seconds(text: str | None) -> int | None:
    """Whole seconds of `hh:mm:ss`, also with days before and fractions behind, as .NET writes a TimeSpan."""
    found = _DURATION.fullmatch(text or "")
    if not found:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds
