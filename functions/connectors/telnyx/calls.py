"""Call Control: what happens with a leg, by the event's type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from hub.delivery import Connection
from hub.domain.events import CallData, Event, RecordingData, Segment, TranscriptData, TransferData
from hub.domain.events_calls import Outcome
from hub.legs import Sides, inbound, left, outbound, seconds_between, short_id
from hub.mapping import EventMaker
from hub.parsing import at, bool_at, id_at, int_at, list_at, text_at
from hub.times import from_iso
from hub.whatsapp.parts import Part
from hub.whatsapp.reading import Json, Unreadable

Mapper = Callable[[str, Json, Json, EventMaker], tuple[Part, ...]]
STEPS: Mapping[str, str] = {
    "call.initiated": "call.started",
    "call.ringing": "call.ringing",  # the guide for those who come from another provider names it, the SDK does not
    "call.answered": "call.answered",
    "call.bridged": "call.answered",
    "call.hold": "call.held",
    "call.unhold": "call.resumed",
    "call.enqueued": "call.queued",
    "call.dequeued": "call.dequeued",
    "call.hangup": "call.ended",
}
CAUSES: Mapping[str, Outcome] = {
    "normal_clearing": "answered",
    "time_limit": "answered",
    "call_rejected": "rejected",
    "originator_cancel": "canceled",
    "timeout": "no_answer",
    "no_answer": "no_answer",
    "user_busy": "busy",
    "not_found": "failed",
    "unspecified": "unknown",
}
LEFT_QUEUE: Mapping[str, Outcome] = {
    "bridged": "answered",
    "bridging-in-process": "answered",
    "hangup": "abandoned",
    "timeout": "no_answer",
}
TRANSFERS: Mapping[str, Literal["started", "completed", "failed"]] = {
    "call.refer.started": "started",
    "call.refer.completed": "completed",
    "call.refer.failed": "failed",
}
TRUST: Mapping[str, Literal["A", "B", "C"]] = {"A": "A", "B": "B", "C": "C"}
CHANNELS: Mapping[str, int] = {"single": 1, "dual": 2}
USED = frozenset({"call_session_id", "call_leg_id", "direction", "hangup_cause", "wait_time_secs", "queue"})
FILES = frozenset({"recording_urls", "public_recording_urls", "recording_id", "recording_started_at"})


def map_step(named: str, event: Json, payload: Json, maker: EventMaker) -> tuple[Part, ...]:
    """A step of a leg. Only `call.initiated` tells a direction; the leg's other events name nobody."""
    sides = sides_of(payload, maker.connection)
    used = USED | {"from", "to"} if sides.customer.identifiers else USED
    data = CallData.model_validate(
        _legs(payload)
        | sides.fields()
        | {"native_status": named, "native": left(dict(payload), used)}
        | {"queue": text_at(payload, "queue"), "trust": _trust(payload)}
        | (_end(payload, sides) if named == "call.hangup" else {})
        | (_dequeued(payload) if named == "call.dequeued" else {})
    )
    return (_made(maker, STEPS[named], data, event, payload),)


def sides_of(payload: Json, connection: Connection) -> Sides:
    """Who called whom; Telnyx calls a leg to an agent outgoing too."""
    caller, called, direction = text_at(payload, "from"), text_at(payload, "to"), text_at(payload, "direction")
    if direction in ("incoming", "inbound"):
        return inbound(caller, called, connection)
    return outbound(caller, called, connection) if direction in ("outgoing", "outbound") else Sides()


def _trust(payload: Json) -> str | None:
    if bool_at(payload, "shaken_stir_validated") is False:
        return "failed"
    return TRUST.get(text_at(payload, "shaken_stir_attestation") or "")


def _end(payload: Json, sides: Sides) -> dict[str, Any]:
    cause, source = text_at(payload, "hangup_cause"), text_at(payload, "hangup_source")
    ended_by = None
    if source in ("caller", "callee") and sides.direction in ("inbound", "outbound"):
        ended_by = "customer" if (source == "caller") == (sides.direction == "inbound") else "agent"
    duration = seconds_between(at(payload, "start_time"), at(payload, "end_time"))
    known = CAUSES.get(cause or "", "unknown")
    return {"outcome": known, "native_cause": cause, "ended_by": ended_by, "duration_s": duration}


def _dequeued(payload: Json) -> dict[str, Any]:
    reason = text_at(payload, "reason")
    return {
        "outcome": LEFT_QUEUE.get(reason or ""),
        "native_cause": reason,
        "wait_s": int_at(payload, "wait_time_secs"),
    }


def map_recording(named: str, event: Json, payload: Json, maker: EventMaker) -> tuple[Part, ...]:
    """A recording that can be fetched (for ten minutes), or that failed."""
    failed = named == "call.recording.error"
    recording = short_id(payload, "recording_id") or (short_id(event, "id") if failed else None)
    if recording is None:
        raise Unreadable("recording_id")
    urls = ((place, kind) for place in ("public_recording_urls", "recording_urls") for kind in ("mp3", "wav"))
    data = RecordingData(
        **_legs(payload),
        recording_id=recording,
        status="failed" if failed else "available",
        url=next((url for place in urls if (url := text_at(payload, *place))), None),
        duration_s=seconds_between(at(payload, "recording_started_at"), at(payload, "recording_ended_at")),
        channels=CHANNELS.get(text_at(payload, "channels") or ""),
        native_status=named,
        native=left(dict(payload), USED | FILES),
    )
    return (_made(maker, "call.recorded", data, event, payload),)


def map_text(named: str, event: Json, payload: Json, maker: EventMaker) -> tuple[Part, ...]:
    """The text of a recording, or a sentence of a live transcription."""
    live = named == "call.transcription"
    legs = _legs(payload)
    transcript = legs["leg_id"] if live else short_id(payload, "recording_transcription_id")
    text = text_at(payload, "transcription_data", "transcript") if live else text_at(payload, "transcription_text")
    if transcript is None:
        raise Unreadable("recording_transcription_id")
    final = bool_at(payload, "transcription_data", "is_final") is not False
    data = TranscriptData(
        **legs,
        transcript_id=transcript,
        status="partial" if live else "failed" if text_at(payload, "status") == "failed" else "final",
        recording_id=short_id(payload, "recording_id"),
        segments=(Segment(text=text, final=final),) if text else (),
        native_status=named,
        native=left(dict(payload), USED | {"transcription_text", "transcription_data", "recording_id"}),
    )
    return (_made(maker, "call.transcribed", data, event, payload),)


def map_insights(named: str, event: Json, payload: Json, maker: EventMaker) -> tuple[Part, ...]:
    """What an AI assistant noted about a conversation: its texts as the summary; unmapped where there is none."""
    texts = [text for item in list_at(payload, "results") if (text := text_at(item, "result"))]
    if not texts:
        return ()
    data = TranscriptData(
        **_legs(payload),
        transcript_id=short_id(payload, "conversation_id") or _legs(payload)["leg_id"],
        summary="\n".join(texts),
        native_status=named,
        native=left(dict(payload), USED | {"results"}),
    )
    return (_made(maker, "call.transcribed", data, event, payload),)


def map_transfer(named: str, event: Json, payload: Json, maker: EventMaker) -> tuple[Part, ...]:
    """A SIP REFER; where it leads to the event does not say."""
    data = TransferData(
        **_legs(payload),
        state=TRANSFERS[named],
        native_status=named,
        native=left(dict(payload), USED),
    )
    return (_made(maker, "call.transferred", data, event, payload),)


def _legs(payload: Json) -> dict[str, str]:
    leg = short_id(payload, "call_leg_id") or short_id(payload, "call_control_id")
    call = short_id(payload, "call_session_id") or leg
    if call is None:
        raise Unreadable("call_session_id")
    return {"call_id": call, "leg_id": leg or call}


def _made(maker: EventMaker, event_type: str, data: Any, event: Json, payload: Json) -> Event:
    """Telnyx's id of the event is the same in every attempt."""
    written = text_at(event, "occurred_at") or text_at(payload, "occurred_at") or text_at(event, "created_at")
    key = (short_id(event, "id") or f"{data.leg_id}/{id_at(event, 'event_type')}/{written}",)
    return maker.event(event_type, data, subject=data.call_id, time=from_iso(written), key=key)


MAPPERS: Mapping[str, Mapper] = {
    **dict.fromkeys(STEPS, map_step),
    **dict.fromkeys(TRANSFERS, map_transfer),
    **dict.fromkeys(("call.recording.saved", "call.recording.error"), map_recording),
    **dict.fromkeys(("call.recording.transcription.saved", "call.transcription"), map_text),
    **dict.fromkeys(("call.conversation_insights.generated", "call.conversation.insights_generated"), map_insights),
    # The first version's names.
    **dict.fromkeys(("recording.saved", "recording.error"), map_recording),
}
