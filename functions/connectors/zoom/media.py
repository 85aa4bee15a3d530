"""Recordings, voicemails, transcripts and summaries of Zoom Phone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from connectors.zoom.reading import QUEUES, Json, News, flat_sides, kept, owner_of, unreadable
from hub.calling import Part, key_at, named, other_side, seconds_at
from hub.domain.events import RecordingData, Segment, TranscriptData, Unmapped, VoicemailData
from hub.parsing import bool_at, dict_at, int_at, list_at, text_at
from hub.times import any_time

STATUSES: Mapping[str, str] = {
    "phone.recording_started": "started",
    "phone.recording_resumed": "started",
    "phone.recording_paused": "paused",
    "phone.recording_stopped": "unknown",
    "phone.recording_failed": "failed",
    "phone.recording_completed": "available",
    "phone.recording_completed_for_access_member": "available",
    "phone.recording_deleted": "deleted",
    "phone.recording_permanently_deleted": "deleted",
}
Read = Callable[[News], Iterable[Part]]


def _each(read: Callable[[News, Json, str, str], Part]) -> Read:
    """Every recording of the delivery on its own; live events hold the one itself."""

    def every(news: News) -> Iterator[Part]:
        for record in list_at(news.item, "recordings") or [news.item]:
            found, call_id = key_at(record, "id"), key_at(record, "call_id")
            if found is None or call_id is None:
                yield Unmapped(type=unreadable(news.event), native=record)
            else:
                yield read(news, record, found, call_id)

    return every


def _about(news: News, record: Json, call_id: str) -> dict[str, Any]:
    sides = flat_sides(record, news.connection, text_at(record, "direction"))
    return {
        "call_id": call_id,
        "leg_id": call_id,
        "customer": sides.get("customer", {}),
        **owner_of(record),
        "native_status": news.event,
        "native": kept(record, "recording_type", "call_log_id", "call_history_id", "call_element_id", "direction"),
    }


def _recorded(news: News, record: Json, found: str, call_id: str) -> Part:
    data = RecordingData.model_validate(
        {
            **_about(news, record, call_id),
            "recording_id": found,
            "status": STATUSES[news.event],
            "url": text_at(record, "download_url"),
            "duration_s": seconds_at(record, "duration"),
        }
    )
    finished = ("end_time", "date_time") if STATUSES[news.event] == "available" else ("date_time",)
    when = next((time for name in finished if (time := any_time(record.get(name)))), news.at)
    return news.make("call.recorded", data, call_id, when, call_id, found)


def _recording_transcript(news: News, record: Json, found: str, call_id: str) -> Part:
    data = TranscriptData.model_validate(
        {
            **_about(news, record, call_id),
            "transcript_id": found,
            "recording_id": found,
            "url": text_at(record, "transcript_download_url"),
        }
    )
    return news.make("call.transcribed", data, call_id, news.at or any_time(record.get("end_time")), call_id, found)


def _mailbox(found: Json) -> dict[str, Any]:
    kind = text_at(found, "callee_extension_type")
    known = {"user": "user"} | dict.fromkeys(QUEUES, "queue")
    return {
        "mailbox": text_at(found, "callee_name") or text_at(found, "callee_number"),
        "mailbox_kind": known.get(kind or "", "unknown"),
    }


def _voicemail(news: News) -> Iterator[Part]:
    found, voicemail_id = news.item, key_at(news.item, "id")
    if voicemail_id is None:
        return
    call_id = key_at(found, "call_id") or voicemail_id
    sides = flat_sides(found, news.connection, "inbound")
    data = VoicemailData.model_validate(
        {
            "call_id": call_id,
            "leg_id": call_id,
            **sides,
            "voicemail_id": voicemail_id,
            **_mailbox(found),
            **_callee(found),
            "url": text_at(found, "download_url"),
            "duration_s": seconds_at(found, "duration"),
            "native_status": news.event,
            "native": kept(found, "call_log_id", "call_history_id", "call_element_id", "access_member_id"),
        }
    )
    yield news.make("call.voicemail_left", data, call_id, news.time("date_time"), voicemail_id)


def _callee(found: Json) -> dict[str, Any]:
    if text_at(found, "callee_extension_type") in QUEUES:
        return named({"queue": text_at(found, "callee_name"), "queue_id": key_at(found, "callee_id")})
    user = key_at(found, "callee_user_id")
    return named({"agent": text_at(found, "callee_name") if user else None, "agent_id": user})


def _voicemail_transcript(news: News) -> Iterator[Part]:
    found, voicemail_id = news.item, key_at(news.item, "id")
    if voicemail_id is None:
        return
    call_id, text = key_at(found, "call_id") or voicemail_id, text_at(found, "transcription", "content")
    caller = text_at(found, "caller_number")
    data = TranscriptData(
        call_id=call_id,
        leg_id=call_id,
        customer=other_side(caller, news.connection, text_at(found, "caller_name")),
        transcript_id=voicemail_id,
        recording_id=voicemail_id,
        status="final" if text else "failed",
        segments=(Segment(speaker="customer", text=text),) if text else (),
        summary=text,
        native_status=str(int_at(found, "transcription", "status") or "") or None,
    )
    yield news.make("call.transcribed", data, call_id, news.at or news.time("date_time"), voicemail_id)


def _summary(news: News) -> Iterator[Part]:
    """Only that there is one, or another one: its text must be fetched."""
    found, call_id = news.item, key_at(news.item, "call_id")
    summary = key_at(found, "ai_call_summary_id")
    if call_id is None or summary is None:
        return
    if bool_at(found, "deleted"):
        yield Unmapped(type=f"{news.event}/deleted", native=dict_at(news.payload))
        return
    data = TranscriptData(
        call_id=call_id,
        leg_id=call_id,
        transcript_id=summary,
        engine="Zoom AI Companion",
        agent_id=key_at(found, "user_id"),
        native_status=news.event,
        native=kept(found, "edited", "deleted"),
    )
    yield news.make("call.transcribed", data, call_id, news.time("modified_time", "created_time"), summary)


MEDIA: Mapping[str, Read] = {
    **dict.fromkeys(STATUSES, _each(_recorded)),
    "phone.recording_transcript_completed": _each(_recording_transcript),
    "phone.voicemail_received": _voicemail,
    "phone.voicemail_received_for_access_member": _voicemail,
    "phone.voicemail_transcript_completed": _voicemail_transcript,
    "phone.ai_call_summary_changed": _summary,
}
