"""Voice callbacks: answer, ring and hangup URL, and what a <Dial> tells of the leg that it makes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from connectors.plivo.reading import Fields, first, ident, native, seconds, written_time
from hub.delivery import Connection
from hub.domain.events import CallData, Event, Mapped, Unmapped
from hub.domain.events_calls import Outcome
from hub.errors import Quarantine
from hub.legs import Sides, inbound, international, is_ours, number, party
from hub.mapping import EventMaker
from hub.whatsapp.reading import word

# CallStatus -> our event and, at the end, the outcome. https://www.plivo.com/docs/voice/xml/request/ (read 2026-11)
STATUSES: Mapping[str, tuple[str, Outcome | None]] = {
    "ringing": ("call.ringing", None),
    "in-progress": ("call.answered", None),
    "completed": ("call.ended", "answered"),
    "busy": ("call.ended", "busy"),
    "failed": ("call.ended", "failed"),
    "timeout": ("call.ended", "no_answer"),
    "no-answer": ("call.ended", "no_answer"),
    "cancel": ("call.ended", "canceled"),
    "rejected": ("call.ended", "rejected"),
}
ENDED_BY: Mapping[str, Literal["system", "carrier"]] = {
    "plivo": "system",
    "api request": "system",
    "answer xml": "system",
    "carrier": "carrier",
}
USED = frozenset(
    {
        *("CallUUID", "ALegUUID", "CallStatus", "From", "To", "Direction", "Event", "ParentAuthID"),
        *("Duration", "HangupCauseName", "EndTime", "CallerName"),
        *("DialALegUUID", "DialBLegUUID", "DialBLegTo", "DialBLegDuration", "DialAction", "DialStatus"),
    }
)


def map_call(fields: Fields, maker: EventMaker) -> Mapped:
    """The state of a call's first leg; raises Quarantine where it does not say which call."""
    leg = ident(fields, "CallUUID", "CallUuid")
    status = fields.get("CallStatus", "")
    if leg is None:
        raise Quarantine("CallUUID is missing")
    if status not in STATUSES:
        return _unmapped(f"call/{word(fields.get('CallStatus') or fields.get('Event'))}", fields)
    event_type, outcome = STATUSES[status]
    sides = sides_of(fields, maker.connection)
    if event_type == "call.ringing" and fields.get("Direction") == "inbound":
        event_type = "call.started"  # the request for instructions
    data = CallData.model_validate(
        {"call_id": ident(fields, "ALegUUID") or leg, "leg_id": leg}
        | sides.fields()
        | {"outcome": outcome, "native_status": status, "native": native(fields, USED)}
        | (_end(fields, sides) if outcome else {})
    )
    when = _time(fields, event_type, maker.connection)
    return Mapped(events=(maker.event(event_type, data, subject=data.call_id, time=when, key=(leg, status)),))


def _end(fields: Fields, sides: Sides) -> dict[str, Any]:
    source = fields.get("HangupSource", "").lower()
    by: str | None = ENDED_BY.get(source)
    if source in ("caller", "callee") and sides.direction in ("inbound", "outbound"):
        by = "customer" if (source == "caller") == (sides.direction == "inbound") else "agent"
    cause = first(fields, "HangupCauseName", "HangupCause", "HangupCauseCode")
    return {"duration_s": seconds(fields.get("Duration")), "native_cause": cause, "ended_by": by}


def _time(fields: Fields, event_type: str, connection: Connection) -> str | None:
    """Plivo's own time of that step, where the callback has one."""
    names = {"call.ended": "EndTime", "call.answered": "AnswerTime", "call.started": "SessionStart"}
    return written_time(fields.get(names.get(event_type, "")), connection)


def sides_of(fields: Fields, connection: Connection) -> Sides:
    """Who called whom; a first leg that is outbound was placed by the API, to a customer unless to one of ours."""
    caller, called, direction = fields.get("From"), fields.get("To"), fields.get("Direction")
    if direction == "inbound":
        return inbound(caller, called, connection, international)
    if direction != "outbound":
        return Sides()
    if is_ours(called, connection, international):
        return Sides(agent=called)
    return Sides("outbound", party(called, connection, international), number(caller, connection, international))


def map_dial(fields: Fields, maker: EventMaker) -> Mapped:
    """The leg that a <Dial> made: its callback tells step by step, its action URL the end."""
    parent = ident(fields, "DialALegUUID", "CallUUID")
    if parent is None:
        raise Quarantine("CallUUID is missing")
    action, status = fields.get("DialAction"), first(fields, "DialStatus", "DialBLegStatus")
    if action in ("answer", "connected"):
        return Mapped(events=(_dialled(fields, maker, parent, "call.answered", action, None),))
    outcome = STATUSES.get(status or "", ("", None))[1] if action in (None, "hangup") else None
    if action == "hangup" or outcome:
        return Mapped(events=(_dialled(fields, maker, parent, "call.ended", status or "hangup", outcome),))
    return _unmapped(f"dial/{word(action or status)}", fields)


def _dialled(
    fields: Fields, maker: EventMaker, parent: str, event_type: str, said: str, outcome: Outcome | None
) -> Event:
    """Nobody who answered has an id: the leg is then named after its parent. Plivo gives no time."""
    leg = ident(fields, "DialBLegUUID") or f"{parent}/dial"
    called = fields.get("DialBLegTo")
    data = CallData(
        call_id=ident(fields, "ALegUUID") or parent,
        leg_id=leg,
        parent_leg_id=parent,
        agent=called if maker.connection.settings.get("outbound_legs") != "customer" else None,
        customer=_customer_of(called, maker.connection),
        outcome=outcome,
        duration_s=seconds(fields.get("DialBLegDuration")) if event_type == "call.ended" else None,
        native_cause=first(fields, "DialBLegHangupCauseName", "DialBLegHangupCause", "DialHangupCause"),
        native_status=said,
        native=native(fields, USED),
    )
    return maker.event(event_type, data, subject=data.call_id, time=None, key=(leg, "dial", said))


def _customer_of(called: str | None, connection: Connection) -> Any:
    theirs = connection.settings.get("outbound_legs") == "customer" and not is_ours(called, connection, international)
    return party(called if theirs else None, connection, international)


def _unmapped(type_word: str, fields: Fields) -> Mapped:
    return Mapped(unmapped=(Unmapped(type=type_word, native=dict(fields)),))
