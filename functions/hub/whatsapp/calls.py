"""Calls over WhatsApp: what happened to them, their recordings and voicemails. `wacid.…` is the call.

A business's own leg says nothing of media: the SDP of a call is neither kept nor passed on.
https://developers.facebook.com/docs/whatsapp/cloud-api/calling (read in mirrors, 2026-11)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from hub.domain.events import CallData, RecordingData, VoicemailData
from hub.domain.events_calls import Direction, Outcome
from hub.parsing import dict_at, id_at, int_at, text_at
from hub.phones import phone_from_digits
from hub.whatsapp.context import Context
from hub.whatsapp.parts import Part
from hub.whatsapp.people import Person, person
from hub.whatsapp.reading import Json, instant_of, objects, required, without, word
from hub.whatsapp.statuses import PARENTS

STEPS: Mapping[str, str] = {
    "call_created": "call.started",  # SIP only
    "connect": "call.started",
    "terminate": "call.ended",
}
STATUSES: Mapping[str, str] = {"RINGING": "call.ringing", "ACCEPTED": "call.answered", "REJECTED": "call.ended"}
DIRECTIONS: Mapping[str, Direction] = {"USER_INITIATED": "inbound", "BUSINESS_INITIATED": "outbound"}
RECORDING = "call_recording_available"
VOICEMAIL_ID = "wacid."
_OURS = (
    *("id", "event", "status", "direction", "timestamp", "from", "from_user_id", "from_parent_user_id"),
    *("to", "to_user_id", "to_parent_user_id", "start_time", "end_time", "duration", "session", "call_recording"),
    *("recipient_id", "recipient_user_id", *PARENTS),
)
_NOT_DIGITS = re.compile(r"[^0-9]")


def read_call(context: Context, item: Json) -> Part:
    """One step of a call, or its recording."""
    event = required(item, "event")
    if event == RECORDING:
        return _recording(context, item)
    return _step(context, item, event) if event in STEPS else context.unmapped(word(event), item)


def read_call_status(context: Context, item: Json) -> Part:
    """How a call of ours is faring; only calls that the business makes have statuses."""
    call_id, status = required(item, "id"), required(item, "status")
    event_type = STATUSES.get(status.upper())
    if event_type is None:
        return context.unmapped(f"statuses-{word(status)}", item)
    data = CallData(
        **_about(context, item, person(item, "recipient_user_id", PARENTS, "recipient_id")),
        direction="outbound",
        native_status=status,
        outcome="rejected" if event_type == "call.ended" else None,
    )
    return context.event(event_type, data, item, subject=call_id, key=(call_id, "status", status))


def _step(context: Context, item: Json, event: str) -> Part:
    call_id, direction = required(item, "id"), _direction(item)
    over = event == "terminate"
    data = CallData(
        **_about(context, item, _customer(context, item, direction)),
        direction=direction,
        native_status=id_at(item, "status") or event,
        outcome=_outcome(item) if over else None,
        duration_s=int_at(item, "duration") if over else None,
        native_cause=_cause(item) if over else None,
    )
    ended = instant_of(int_at(item, "end_time")) if over else None
    at = context.at_instant(ended) if ended else context
    return at.event(STEPS[event], data, item, subject=call_id, key=(call_id, event))


def _recording(context: Context, item: Json) -> Part:
    """The caller stands in `from`, also where no direction is told; the URL lives five minutes."""
    call_id, audio = required(item, "id"), dict_at(item, "call_recording", "audio")
    data = RecordingData(
        **_about(context, item, _customer(context, item, _direction(item))),
        recording_id=required(audio, "id"),
        url=text_at(audio, "url"),
    )
    return context.event("call.recorded", data, item, subject=call_id, key=(call_id, data.recording_id))


def is_voicemail(item: object) -> bool:
    """Whether a message is a voicemail: an audio under the id of the call."""
    return (
        isinstance(item, dict)
        and item.get("type") == "audio"
        and str(item.get("id")).startswith(VOICEMAIL_ID)
        and isinstance(item.get("audio"), dict)
    )


def read_voicemail(context: Context, item: Json) -> Part:
    """The call's side of a voicemail; the message itself is another event."""
    call_id, audio = required(item, "id"), dict_at(item, "audio")
    data = VoicemailData(
        **_about(context, {"id": call_id}, person(item, "from_user_id", ("from_parent_user_id",), "from")),
        voicemail_id=call_id,
        direction="inbound",
        recording_id=id_at(audio, "id"),
        url=text_at(audio, "url"),
    )
    return context.event("call.voicemail_left", data, item, subject=call_id, key=(call_id,))


def _about(context: Context, item: Json, who: Person) -> dict[str, Any]:
    """What every fact about a call says: a call over WhatsApp has one leg."""
    call_id = required(item, "id")
    common = {
        "call_id": call_id,
        "leg_id": call_id,
        "customer": context.party(who),
        "native": without(item, *_OURS),
    }
    ours = phone_from_digits(_NOT_DIGITS.sub("", context.display))
    number = ours.value if ours else context.display or context.number or None
    return common | ({"business": number} if item.get("event") != RECORDING else {})


def _direction(item: Json) -> Direction:
    return DIRECTIONS.get(str(item.get("direction")), "unknown")


def _customer(context: Context, item: Json, direction: Direction) -> Person:
    """The other side: who called us, or whom we called; our own number is nobody's."""
    caller = person(item, "from_user_id", ("from_parent_user_id",), "from")
    called = person(item, "to_user_id", ("to_parent_user_id",), "to")
    who = {"inbound": caller, "outbound": called}.get(direction) or (caller if caller.user_id else called)
    return Person() if who.wa_id and who.wa_id == _NOT_DIGITS.sub("", context.display) else who


def _outcome(item: Json) -> Outcome:
    """`duration` is there only where somebody picked up."""
    if int_at(item, "duration") is not None or id_at(item, "start_time"):
        return "answered"
    return "failed" if str(item.get("status")).upper() == "FAILED" else "no_answer"


def _cause(item: Json) -> str | None:
    return next((code for error in objects(item, "errors") if (code := id_at(error, "code"))), None)
