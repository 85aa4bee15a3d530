"""Recordings, which name the conversation and no leg, and their transcriptions."""

from __future__ import annotations

from connectors.vonage.calls import time_of
from hub.call_plan import is_voicemail
from hub.domain.events import RecordingData, TranscriptData
from hub.legs import left, seconds_between, short_id
from hub.mapping import EventMaker
from hub.parsing import text_at
from hub.times import from_iso
from hub.whatsapp.parts import Part
from hub.whatsapp.reading import Json, Unreadable

USED = frozenset(
    {"recording_uuid", "recording_url", "conversation_uuid", "uuid", "start_time", "end_time", "timestamp"}
    | {"transcription_url", "status"}
)


def map_recording(maker: EventMaker, value: Json) -> tuple[Part, ...]:
    """A recording that can be fetched; the address that our own instructions name tells a voicemail."""
    call, recording = _ids(value)
    data = RecordingData(
        call_id=call,
        leg_id=short_id(value, "uuid") or call,
        recording_id=recording,
        url=text_at(value, "recording_url"),
        duration_s=seconds_between(value.get("start_time"), value.get("end_time")),
        voicemail=is_voicemail(maker.delivery.query),
        native=left(dict(value), USED),
    )
    when = from_iso(text_at(value, "end_time")) or time_of(value)
    return (maker.event("call.recorded", data, subject=call, time=when, key=(recording,)),)


def map_transcription(maker: EventMaker, value: Json) -> tuple[Part, ...]:
    """A recording's transcription; the text itself must be fetched."""
    call, recording = _ids(value)
    status = text_at(value, "status")
    data = TranscriptData(
        call_id=call,
        leg_id=short_id(value, "uuid") or call,
        transcript_id=recording,
        recording_id=recording,
        status="failed" if status == "failed" else "final",
        url=text_at(value, "transcription_url"),
        native_status=status,
        native=left(dict(value), USED),
    )
    return (maker.event("call.transcribed", data, subject=call, time=time_of(value), key=(recording, "text")),)


def _ids(value: Json) -> tuple[str, str]:
    call, recording = short_id(value, "conversation_uuid"), short_id(value, "recording_uuid")
    if not (call and recording):
        raise Unreadable("recording_uuid")
    return call, recording
