"""Voice: the answer webhook, the states of a leg, and a leg that moves to another conversation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from connectors.vonage import JTI
from hub.delivery import Connection
from hub.domain.events import CallData, Event, TransferData, Unmapped
from hub.domain.events_calls import Outcome
from hub.legs import MAX_ID, Sides, inbound, international, is_ours, left, outbound, short_id
from hub.mapping import EventMaker
from hub.parsing import id_at, int_at, text_at
from hub.times import from_iso
from hub.whatsapp.parts import Part
from hub.whatsapp.reading import Json, Unreadable, word

# status -> our event and, at the end, the outcome.
# https://developer.vonage.com/en/voice/voice-api/webhook-reference (read 2026-11)
STATUSES: Mapping[str, tuple[str, Outcome | None]] = {
    "started": ("call.started", None),
    "ringing": ("call.ringing", None),
    "answered": ("call.answered", None),
    "human": ("call.answered", None),
    "machine": ("call.answered", None),
    "busy": ("call.ended", "busy"),
    "cancelled": ("call.ended", "canceled"),
    "unanswered": ("call.ended", "no_answer"),
    "timeout": ("call.ended", "no_answer"),
    "rejected": ("call.ended", "rejected"),
    "failed": ("call.ended", "failed"),
    "disconnected": ("call.ended", None),  # a websocket leg
    "completed": ("call.ended", "answered"),
}
ENDED_BY: Mapping[str, Literal["system"]] = {"platform": "system"}
IDS = frozenset({"uuid", "call_uuid", "conversation_uuid", "conversation_uuid_from", "conversation_uuid_to"})
USED = IDS | {"status", "timestamp", "duration", "detail", "direction"}


def map_progress(maker: EventMaker, value: Json) -> tuple[Part, ...]:
    """The state of one leg; states that are not in the reference are unmapped."""
    status = text_at(value, "status") or ""
    if status not in STATUSES:
        return (Unmapped(type=f"event/{word(status)}", native=dict(value)),)
    event_type, outcome = STATUSES[status]
    data = CallData.model_validate(
        _legs(value)
        | sides_of(value, maker.connection).fields()
        | {"outcome": outcome if spoke(value, status) else None}
        | {"duration_s": int_at(value, "duration") if event_type == "call.ended" else None}
        | {"native_cause": id_at(value, "detail") or id_at(value, "sip_code"), "native_status": status}
        | {"ended_by": ENDED_BY.get(text_at(value, "disconnected_by") or "") if event_type == "call.ended" else None}
        | {"native": native(value, maker.connection)}
    )
    return (_event(maker, event_type, data, value, (data.leg_id, status)),)


def map_answer(maker: EventMaker, value: Json) -> tuple[Part, ...]:
    """The answer webhook: it gives neither a time nor a direction, `own_numbers` tells the latter."""
    data = CallData.model_validate(
        _legs(value)
        | sides_of(value, maker.connection).fields()
        | {"native_status": "answer_url", "native": native(value, maker.connection)}
    )
    return (maker.event("call.started", data, subject=data.call_id, time=None, key=(data.leg_id, "answer_url")),)


def map_transfer(maker: EventMaker, value: Json) -> tuple[Part, ...]:
    """A leg that moved: said in the conversation that it left and in the one that it goes on in."""
    old, new = short_id(value, "conversation_uuid_from"), short_id(value, "conversation_uuid_to")
    leg = short_id(value, "uuid")
    if not (old and new and leg):
        raise Unreadable("uuid")
    kept = {"conversation_uuid_from": old, "conversation_uuid_to": new}
    said = [TransferData(call_id=call, leg_id=leg, to_leg_id=leg, native_status="transfer", native=kept)
            for call in dict.fromkeys((old, new))]  # fmt: skip
    return tuple(_event(maker, "call.transferred", data, value, (leg, data.call_id, old, new)) for data in said)


def sides_of(value: Json, connection: Connection) -> Sides:
    """Who called whom in the business's sense; the reference calls a leg to an agent outbound too."""
    caller, called, direction = id_at(value, "from"), id_at(value, "to"), text_at(value, "direction")
    if direction is None and called and connection.settings.get("own_numbers"):
        direction = "inbound" if is_ours(called, connection, international) else None
    if direction == "inbound":
        return inbound(caller, called, connection, international)
    return outbound(caller, called, connection, international) if direction == "outbound" else Sides()


def native(value: Json, connection: Connection) -> dict[str, Any]:
    """What has no field of ours; both numbers too where nobody is named by them."""
    named = sides_of(value, connection)
    used = USED | {"from", "to"} if named.customer.identifiers else USED
    return left(dict(value), frozenset(used))


def spoke(value: Json, status: str) -> bool:
    """Whether the outcome holds: a leg that is completed without ever having begun was not answered."""
    begun = "start_time" not in value or value["start_time"] is not None or bool(int_at(value, "duration"))
    return status != "completed" or begun


def time_of(value: Json) -> str | None:
    """Vonage's own time of the event."""
    return from_iso(text_at(value, "timestamp"))


def event_key(maker: EventMaker, value: Json) -> str:
    """What tells two events of one kind on one leg apart: their time, else the token that they came with."""
    return (text_at(value, "timestamp") or maker.delivery.headers.get(JTI, ""))[:MAX_ID]


def _legs(value: Json) -> dict[str, str]:
    leg = short_id(value, "uuid") or short_id(value, "call_uuid")
    call = short_id(value, "conversation_uuid") or leg
    if call is None:
        raise Unreadable("uuid")
    return {"call_id": call, "leg_id": leg or call}


def _event(maker: EventMaker, event_type: str, data: Any, value: Json, key: tuple[str, ...]) -> Event:
    marks = (*key, event_key(maker, value))
    return maker.event(event_type, data, subject=data.call_id, time=time_of(value), key=marks)
