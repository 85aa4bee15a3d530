"""Conversation intelligence and the AI voice agent: what was said, and what Aircall makes of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.aircall.reading import Json, News
from hub.calling import Part, key_at, named, seconds_at
from hub.domain.events import CallData, Segment, TranscriptData, TransferData, Unmapped
from hub.parsing import at, dict_at, list_at, text_at
from hub.times import any_time

SPEAKERS: Mapping[str, Any] = {"external": "customer", "internal": "agent", "ai_voice_agent": "system"}
FINAL = ("transcription.created", "summary.created", "topics.created", "sentiment.created", "action_item.created")
CUSTOM = ("custom_summary_result.created", "custom_summary_result.updated")
LIVE = ("realtime_transcription.utterances_received",)
VOICE_AGENT: Mapping[str, str] = {
    "ai_voice_agent.started": "call.answered",
    "ai_voice_agent.ended": "call.ended",
    "ai_voice_agent.escalated": "call.transferred",
    "ai_voice_agent.summary": "call.transcribed",
}


def map_insight(news: News) -> Iterator[Part]:
    """One part of what is known of the conversation; those of one id add up."""
    call_id, found = key_at(news.data, "call_id") or key_at(news.data, "call", "id"), news.data
    if call_id is None:
        return
    data = TranscriptData.model_validate(
        named(
            {
                "call_id": call_id,
                "leg_id": call_id,
                "transcript_id": _transcript_id(news, call_id),
                "engine": "Aircall AI",
                "status": "partial" if news.event in LIVE else None,
                "language": text_at(found, "content", "language") or text_at(found, "language"),
                "segments": tuple(_segments(found)),
                "summary": _summary(found) if news.event not in ("transcription.created", *LIVE) else None,
                "sentiment": _sentiment(found),
                "native_status": news.event,
                "native": _native(found),
            }
        )
    )
    when = any_time(found.get("created_at")) or news.at
    yield news.make("call.transcribed", data, call_id, when, call_id, key_at(found, "id"))


def _transcript_id(news: News, call_id: str) -> str:
    """Transcription, summary and mood make one; each further text about the call is its own."""
    kind = news.event.partition(".")[0]
    return call_id if kind in ("transcription", "summary", "sentiment") else f"{call_id}/{kind}"


def _utterances(found: Json) -> list[Any]:
    places = (("content", "utterances"), ("utterances",), ("transcription", "utterances"))
    return next((listed for place in places if (listed := list_at(found, *place))), [])


def _segments(found: Json) -> Iterator[Segment]:
    for one in _utterances(found):
        text = text_at(one, "text") or text_at(one, "content")
        if text:
            yield Segment(
                speaker=SPEAKERS.get(text_at(one, "participant_type") or "", "unknown"),
                text=text,
                start_ms=_ms(one, "start_time"),
                end_ms=_ms(one, "end_time"),
            )


def _ms(utterance: Any, name: str) -> int | None:
    value = at(utterance, name)
    number = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 10**6
    return round(value * 1000) if number else None


def _summary(found: Json) -> str | None:
    """A text, or a list of them, under one of the names that Aircall gives it."""
    for name in ("content", "summary", "topics", "action_items", "result"):
        value = found.get(name)
        if isinstance(value, str) and value:
            return value
        listed = value if isinstance(value, list) else list_at(value, "topics") or list_at(value, "action_items")
        if lines := [line for one in listed if (line := _line(one))]:
            return "\n".join(lines)
    return None


def _line(value: Any) -> str | None:
    return value if isinstance(value, str) and value else text_at(value, "content") or text_at(value, "name")


def _sentiment(found: Json) -> str | None:
    """The overall mood of the first external participant."""
    people = list_at(found, "participants") or list_at(found, "content", "participants")
    outside = next((one for one in people if text_at(one, "type") == "external" or text_at(one, "value")), None)
    return text_at(outside, "value") or text_at(found, "sentiment") or text_at(found, "content", "sentiment")


def _native(found: Json) -> dict[str, Any]:
    return named({"id": key_at(found, "id"), "call_uuid": key_at(found, "call_uuid")})


def map_voice_agent(news: News) -> Iterator[Part]:
    """Aircall's AI voice agent takes a call, ends it, hands it to a person, and says what it was about."""
    call_id, found = key_at(news.data, "call_id"), news.data
    if call_id is None:
        return
    name, agent = text_at(found, "agent_name") or text_at(found, "ai_voice_agent_name"), key_at(found, "agent_id")
    about = {
        "call_id": call_id,
        "leg_id": f"{call_id}/ai_voice_agent",
        "parent_leg_id": call_id,
        "native_status": news.event,
        **named({"agent": name or agent, "agent_id": agent}),
    }
    yield _of_agent(news, call_id, about)


def _of_agent(news: News, call_id: str, about: dict[str, Any]) -> Part:
    found, event_type = news.data, VOICE_AGENT[news.event]
    if event_type == "call.transferred":
        to = dict_at(found, "escalated_to")
        more = {"kind": "blind", "to_agent": text_at(to, "name"), "to_number": text_at(found, "escalated_to_number")}
        return news.make(event_type, TransferData.model_validate(about | named(more)), call_id, news.at, call_id)
    if event_type == "call.transcribed":
        more = {"transcript_id": f"{call_id}/ai_voice_agent", "summary": _summary(found), "engine": "Aircall AI"}
        return news.make(event_type, TranscriptData.model_validate(about | named(more)), call_id, news.at, call_id)
    end = {"outcome": "answered", "duration_s": seconds_at(found, "duration")} if event_type == "call.ended" else {}
    when = any_time(found.get("ended_at" if event_type == "call.ended" else "started_at")) or news.at
    return news.make(event_type, CallData.model_validate(about | named(end)), call_id, when, call_id)


def map_evaluation(news: News) -> Iterator[Part]:
    """Playbook results and evaluations judge our side: no word of ours."""
    yield Unmapped(type=news.event, native=dict(news.data))
