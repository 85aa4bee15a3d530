"""What was said: the text of a <Record transcribe>, and real-time transcription sentence by sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from connectors.twilio.reading import Fields, first, native, word
from hub.domain.events import Mapped, Segment, TranscriptData, Unmapped
from hub.errors import Quarantine
from hub.mapping import EventMaker
from hub.parsing import parse_json, text_at
from hub.times import from_iso

Status = Literal["partial", "final", "failed"]
STATUSES: Mapping[str, Status] = {"completed": "final", "failed": "failed", "in-progress": "partial"}
# https://www.twilio.com/docs/voice/twiml/transcription (read 2026-11); `transcription-started` says nothing yet.
EVENTS: Mapping[str, Status] = {
    "transcription-content": "partial",
    "transcription-stopped": "final",
    "transcription-error": "failed",
}
USED = frozenset(
    {
        *("AccountSid", "ApiVersion", "CallSid", "TranscriptionSid", "TranscriptionStatus", "TranscriptionText"),
        *("TranscriptionData", "LanguageCode", "RecordingSid", "Timestamp", "From", "To", "Caller", "Called"),
    }
)


def map_transcription(fields: Fields, maker: EventMaker) -> Mapped:
    """call.transcribed, or unmapped where it names no call or no transcription."""
    named = first(fields, "TranscriptionEvent", "TranscriptionStatus")
    sid, call = fields.get("TranscriptionSid"), fields.get("CallSid")
    status = {**STATUSES, **EVENTS}.get(named or "")
    if not (sid and call and status):
        type_word = "transcription" if named is None else f"transcription/{word(named)}"
        return Mapped(unmapped=(Unmapped(type=type_word, native=native(fields, frozenset())),))
    data = TranscriptData(
        call_id=call,
        leg_id=call,
        transcript_id=sid,
        status=status,
        language=fields.get("LanguageCode"),
        recording_id=fields.get("RecordingSid"),
        segments=_segments(fields),
        native_status=named,
        native=native(fields, USED),
    )
    key = (sid, named, fields.get("SequenceId", ""))
    when = from_iso(fields.get("Timestamp"))
    return Mapped(events=(maker.event("call.transcribed", data, subject=call, time=when, key=key),))


def _segments(fields: Fields) -> tuple[Segment, ...]:
    """What was said; a track is a leg's side and not yet a person, so the speaker stays unknown."""
    text = fields.get("TranscriptionText") or _of_data(fields.get("TranscriptionData"))
    return (Segment(text=text, final=fields.get("Final", "true").lower() == "true"),) if text else ()


def _of_data(text: str | None) -> str | None:
    try:
        return text_at(parse_json(text.encode("utf-8", "replace")), "transcript") if text else None
    except Quarantine:
        return None
