"""Recordings and their transcriptions."""

from __future__ import annotations

from connectors.plivo.reading import Fields, first, ident, native, seconds, time_ms
from hub.call_plan import is_voicemail
from hub.domain.events import Mapped, RecordingData, Segment, TranscriptData
from hub.errors import Quarantine
from hub.mapping import EventMaker

USED = frozenset(
    {
        *("CallUUID", "ALegUUID", "RecordingID", "RecordUrl", "RecordFile", "RecordingDuration", "ParentAuthID"),
        *("RecordingDurationMs", "RecordingStartMs", "RecordingEndMs", "From", "To", "Direction", "CallStatus"),
        *("call_uuid", "recording_id", "transcription", "duration", "error"),
    }
)


def map_recording(fields: Fields, maker: EventMaker) -> Mapped:
    """A recording; the callback and the action URL of one <Record> tell the same."""
    leg, recording = ident(fields, "CallUUID"), ident(fields, "RecordingID")
    if not (leg and recording):
        raise Quarantine("CallUUID or RecordingID is missing")
    data = RecordingData(
        call_id=ident(fields, "ALegUUID") or leg,
        leg_id=leg,
        recording_id=recording,
        url=first(fields, "RecordUrl", "RecordFile"),
        duration_s=_duration(fields),
        voicemail=is_voicemail(maker.delivery.query),
        native=native(fields, USED),
    )
    when = time_ms(fields.get("RecordingEndMs"))
    return Mapped(events=(maker.event("call.recorded", data, subject=data.call_id, time=when, key=(recording,)),))


def _duration(fields: Fields) -> int | None:
    """Seconds; -1, which an action URL gets while the recording goes on, is no duration."""
    whole = seconds(fields.get("RecordingDuration"))
    return whole if whole is not None else seconds(fields.get("RecordingDurationMs"), 1000)


def map_transcription(fields: Fields, maker: EventMaker) -> Mapped:
    """The text of a recording, or that there is none."""
    call, recording = ident(fields, "call_uuid", "CallUUID"), ident(fields, "recording_id", "RecordingID")
    if not (call and recording):
        raise Quarantine("call_uuid or recording_id is missing")
    text = fields.get("transcription")
    data = TranscriptData(
        call_id=call,
        leg_id=call,
        transcript_id=recording,
        recording_id=recording,
        status="final" if text else "failed",
        segments=(Segment(text=text),) if text else (),
        native_status=fields.get("error"),
        native=native(fields, USED),
    )
    key = (recording, data.status)
    return Mapped(events=(maker.event("call.transcribed", data, subject=call, time=None, key=key),))
