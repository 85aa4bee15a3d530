"""Voice callbacks: the incoming webhook, status callbacks, the outcome of a <Dial>, recordings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from connectors.twilio.reading import Fields, first, native, number, party, time, time_ms, word
from connectors.twilio.recordings import CALLBACK_MARKS, recorded, recording_id
from hub.delivery import Connection
from hub.domain.events import CallData, Event, Mapped, Party, Unmapped
from hub.errors import Quarantine
from hub.mapping import EventMaker
from hub.parsing import whole

Direction = Literal["inbound", "outbound", "internal", "unknown"]
Outcome = Literal["answered", "no_answer", "busy", "failed", "canceled", "voicemail"]
# CallStatus -> our event and, at the end, the outcome. https://www.twilio.com/docs/voice/api/call-resource
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
DIAL_OUTCOMES: Mapping[str, Outcome] = {
    "answered": "answered",
    **{status: outcome for status, (_, outcome) in STATUSES.items() if outcome},
}
# In the business's sense; Twilio's trunks are named from the customer's PBX: it originates to us what came in.
DIRECTIONS: Mapping[str, Direction] = {
    "inbound": "inbound",
    "outbound-api": "outbound",
    "outbound-dial": "outbound",
    "trunking-originating": "inbound",
    "trunking-terminating": "outbound",
}
USED = frozenset(
    {
        *("AccountSid", "ApiVersion", "CallSid", "ParentCallSid", "CallStatus", "SequenceNumber", "Timestamp"),
        *("CallDuration", "From", "To", "Caller", "Called", "Direction"),
        *("DialCallSid", "DialCallStatus", "DialCallDuration"),
    }
)


@dataclass(frozen=True, slots=True)
class Sides:
    """Who is on the call, as far as this leg says."""

    direction: Direction
    customer: Party = field(default_factory=Party)
    business: str | None = None
    agent: str | None = None


def map_call(fields: Fields, maker: EventMaker) -> Mapped:
    """What a delivery about a call says; raises Quarantine where it does not say which call."""
    if "CallSid" not in fields:
        if "ConferenceSid" in fields:
            return Mapped(unmapped=(Unmapped(type="recording/conference", native=native(fields, frozenset())),))
        raise Quarantine("CallSid is missing")
    events = (*_dialled(fields, maker), *_progress(fields, maker), *recorded(fields, maker))
    if events:
        return Mapped(events=events)
    return Mapped(unmapped=(Unmapped(type=_type(fields), native=native(fields, frozenset())),))


def _type(fields: Fields) -> str:
    return f"dial/{word(fields['DialCallStatus'])}" if "DialCallStatus" in fields else f"call/{_status_word(fields)}"


def _status_word(fields: Fields) -> str:
    return word(first(fields, "CallStatus", "RecordingStatus"))


def _progress(fields: Fields, maker: EventMaker) -> tuple[Event, ...]:
    """The call's own state; a recording's or a <Dial>'s callback repeats CallStatus without saying anything new."""
    callback = any(mark in fields for mark in CALLBACK_MARKS)
    about_more = any(name in fields for name in ("RecordingStatus", "DialCallStatus"))
    if about_more or (recording_id(fields) and not callback) or fields.get("CallStatus") not in STATUSES:
        return ()
    status = fields["CallStatus"]
    event_type, outcome = STATUSES[status]
    if status == "ringing" and not callback:
        event_type = "call.started"  # the request for instructions: Twilio gives it no time
    return (_call(fields, maker, event_type, _outcome(fields, outcome)),)


def _outcome(fields: Fields, outcome: Outcome | None) -> Outcome | None:
    reached_machine = outcome == "answered" and fields.get("AnsweredBy", "").startswith("machine")
    return "voicemail" if reached_machine else outcome


def _call(fields: Fields, maker: EventMaker, event_type: str, outcome: Outcome | None) -> Event:
    leg, status = fields["CallSid"], fields["CallStatus"]
    sides = sides_of(fields, maker.connection)
    data = CallData(
        call_id=fields.get("ParentCallSid", leg),
        leg_id=leg,
        parent_leg_id=fields.get("ParentCallSid"),
        direction=sides.direction,
        customer=sides.customer,
        business=sides.business,
        agent=sides.agent,
        outcome=outcome,
        duration_s=whole(fields.get("CallDuration")),
        sequence=whole(fields.get("SequenceNumber")),
        native_status=status,
        native=native(fields, USED),
    )
    when = time(time_ms(fields.get("Timestamp")))
    key = (leg, status, fields.get("SequenceNumber", ""))
    return maker.event(event_type, data, subject=data.call_id, time=when, key=key)


def sides_of(fields: Fields, connection: Connection) -> Sides:
    """Who called whom in the business's sense."""
    caller, called = fields.get("From"), fields.get("To")
    direction = DIRECTIONS.get(fields.get("Direction", ""), "unknown")
    if "ParentCallSid" in fields:
        return _child(called, connection)
    if direction == "inbound" and _is_client(caller):
        return _from_browser(caller, called, connection)  # an agent's call from the browser is "inbound" to Twilio
    if direction == "outbound" and _is_client(called):
        return Sides(direction, business=number(caller, connection), agent=called)
    if direction == "inbound":
        return Sides(direction, party(caller, connection), number(called, connection))
    if direction == "outbound":
        return Sides(direction, party(called, connection), number(caller, connection))
    return Sides(direction)


def _child(called: str | None, connection: Connection) -> Sides:
    # A <Dial>ed leg repeats the customer's number as its caller or shows ours: only its called side is its own.
    if connection.settings.get("child_legs") == "customer":
        return Sides("outbound", party(called, connection))
    return Sides("unknown", agent=called)


def _from_browser(caller: str | None, called: str | None, connection: Connection) -> Sides:
    if _is_client(called):
        return Sides("internal", agent=caller)
    return Sides("outbound", party(called, connection), agent=caller)


def _is_client(address: str | None) -> bool:
    return (address or "").startswith("client:")


def _dialled(fields: Fields, maker: EventMaker) -> tuple[Event, ...]:
    """The end of the leg that a <Dial> made, as its action callback tells it; Twilio gives it no time."""
    leg, status = fields.get("DialCallSid"), fields.get("DialCallStatus", "")
    if leg is None or status not in DIAL_OUTCOMES:
        return ()
    data = CallData(
        call_id=fields["CallSid"],
        leg_id=leg,
        parent_leg_id=fields["CallSid"],
        outcome=DIAL_OUTCOMES[status],
        duration_s=whole(fields.get("DialCallDuration")),
        native_status=status,
        native=native(fields, USED),
    )
    return (maker.event("call.ended", data, subject=data.call_id, time=None, key=(leg, "dial", status)),)
