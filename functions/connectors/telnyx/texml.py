"""TeXML: status callbacks, the outcome of a <Dial>, recordings; Telnyx's form of what another provider invented."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from hub.call_plan import is_voicemail
from hub.delivery import Connection
from hub.domain.events import CallData, Event, Mapped, RecordingData, Unmapped, instant
from hub.domain.events_calls import Outcome
from hub.errors import Quarantine
from hub.legs import MAX_ID, Sides, inbound, is_ours, number, outbound, party
from hub.mapping import EventMaker
from hub.parsing import whole
from hub.times import from_iso
from hub.whatsapp.owned import owns
from hub.whatsapp.reading import word

Fields = Mapping[str, str]
STATUSES: Mapping[str, tuple[str, Outcome | None]] = {
    "queued": ("call.started", None),
    "initiated": ("call.started", None),
    "ringing": ("call.ringing", None),
    "in-progress": ("call.answered", None),
    "answered": ("call.answered", None),
    "completed": ("call.ended", "answered"),
    "busy": ("call.ended", "busy"),
    "no-answer": ("call.ended", "no_answer"),
    "failed": ("call.ended", "failed"),
    "canceled": ("call.ended", "canceled"),
}
RECORDINGS: Mapping[str, str] = {
    "in-progress": "started",
    "completed": "available",
    "absent": "absent",
    "failed": "failed",
}
CALLBACK = ("SequenceNumber", "CallbackSource", "Timestamp", "CallDuration")
USED = frozenset(
    {
        *("AccountSid", "CallSid", "CallSidLegacy", "CallSessionId", "ParentCallSid", "ParentCallSidLegacy"),
        *("CallStatus", "SequenceNumber", "Timestamp", "CallDuration", "Direction", "HangupCause", "ConnectionId"),
        *("DialCallSid", "DialCallStatus", "DialCallDuration"),
        *("RecordingSid", "RecordingUrl", "RecordingStatus", "RecordingDuration", "RecordingChannels"),
    }
)


def map_texml(fields: Fields, maker: EventMaker) -> Mapped:
    """Events of one callback; raises Quarantine where it is none of this connection's calls."""
    if _id(fields, "CallSid") is None:
        raise Quarantine("CallSid is missing")
    if "ConnectionId" in fields and not owns(maker.connection, "connection_ids", fields["ConnectionId"]):
        raise Quarantine("ConnectionId is of another connection")
    events = (*_dialled(fields, maker), *_progress(fields, maker), *_recorded(fields, maker))
    if events:
        return Mapped(events=events)
    return Mapped(unmapped=(Unmapped(type=_type(fields), native=dict(fields)),))


def _type(fields: Fields) -> str:
    if "Digits" in fields or "SpeechResult" in fields:
        return "texml/gather"
    if "DialCallStatus" in fields:
        return f"texml/dial/{word(fields['DialCallStatus'])}"
    return f"texml/{word(fields.get('RecordingStatus') or fields.get('CallStatus'))}"


def _id(fields: Fields, *names: str) -> str | None:
    return next((fields[name] for name in names if 0 < len(fields.get(name, "")) <= MAX_ID), None)


def _legs(fields: Fields) -> dict[str, str | None]:
    leg = _id(fields, "CallSid") or ""
    parent = _id(fields, "ParentCallSid")
    return {"call_id": _id(fields, "CallSessionId") or parent or leg, "leg_id": leg, "parent_leg_id": parent}


def _progress(fields: Fields, maker: EventMaker) -> tuple[Event, ...]:
    """The leg's own state; the callbacks of a recording, a <Dial> or a <Gather> repeat it without saying anything new."""
    about_more = ("RecordingStatus", "RecordingUrl", "DialCallStatus", "Digits", "SpeechResult")
    status = fields.get("CallStatus", "")
    if status not in STATUSES or any(name in fields for name in about_more):
        return ()
    event_type, outcome = STATUSES[status]
    if status == "ringing" and not any(mark in fields for mark in CALLBACK):
        event_type = "call.started"  # the request for instructions: Telnyx gives it no time
    sides = sides_of(fields, maker.connection)
    used = USED | {"From", "To"} if sides.customer.identifiers else USED
    data = CallData.model_validate(
        _legs(fields)
        | sides.fields()
        | {"outcome": outcome, "duration_s": whole(fields.get("CallDuration")), "native_status": status}
        | {"native_cause": fields.get("HangupCause"), "sequence": whole(fields.get("SequenceNumber"))}
        | {"native": _left(fields, used)}
    )
    key = (data.leg_id, status, fields.get("SequenceNumber", ""))
    return (maker.event(event_type, data, subject=data.call_id, time=_time(fields.get("Timestamp")), key=key),)


def sides_of(fields: Fields, connection: Connection) -> Sides:
    """Who called whom; a leg that a <Dial> made is the agent's, unless `outbound_legs` says otherwise."""
    caller, called, direction = fields.get("From"), fields.get("To"), fields.get("Direction", "")
    if "ParentCallSid" in fields:
        sides = outbound(caller, called, connection)
        return sides if sides.customer.identifiers else Sides(agent=called)
    if direction == "inbound":
        return inbound(caller, called, connection)
    if direction.startswith("outbound"):
        if is_ours(called, connection):
            return Sides(agent=called)
        return Sides("outbound", party(called, connection), number(caller, connection))
    return Sides()


def _dialled(fields: Fields, maker: EventMaker) -> tuple[Event, ...]:
    """The end of the leg that a <Dial> made, as its action callback tells it."""
    parent, outcome = _id(fields, "CallSid") or "", STATUSES.get(fields.get("DialCallStatus", ""), ("", None))[1]
    if outcome is None:
        return ()
    leg = _id(fields, "DialCallSid") or f"{parent}/dial"
    data = CallData(
        call_id=_id(fields, "CallSessionId") or parent,
        leg_id=leg,
        parent_leg_id=parent,
        outcome=outcome,
        duration_s=whole(fields.get("DialCallDuration")),
        native_status=fields["DialCallStatus"],
        native=_left(fields, USED),
    )
    key = (leg, "dial", fields["DialCallStatus"])
    return (maker.event("call.ended", data, subject=data.call_id, time=None, key=key),)


def _recorded(fields: Fields, maker: EventMaker) -> tuple[Event, ...]:
    """A recording; the address that our own instructions name tells a voicemail."""
    recording, status = _id(fields, "RecordingSid"), fields.get("RecordingStatus", "completed")
    if recording is None:
        return ()
    legs = _legs(fields)
    data = RecordingData.model_validate(
        legs
        | {"recording_id": recording, "status": RECORDINGS.get(status, "unknown"), "native_status": status}
        | {"url": fields.get("RecordingUrl"), "duration_s": whole(fields.get("RecordingDuration"))}
        | {"channels": whole(fields.get("RecordingChannels")), "native": _left(fields, USED)}
        | {"voicemail": is_voicemail(maker.delivery.query)}
    )
    when = _time(fields.get("Timestamp")) or _time(fields.get("RecordingEndTime"))
    return (maker.event("call.recorded", data, subject=data.call_id, time=when, key=(recording, status)),)


def _left(fields: Fields, used: frozenset[str]) -> dict[str, str]:
    return {name: value for name, value in fields.items() if name not in used}


def _time(text: str | None) -> str | None:
    """The reference says RFC 2822 and shows ISO 8601."""
    found = from_iso(text)
    if found or not text or len(text) > 40:
        return found
    try:
        return instant(round(parsedate_to_datetime(text).timestamp() * 1000))
    except (TypeError, ValueError, OverflowError, IndexError):
        return None
