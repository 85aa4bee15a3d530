"""Contact Lens: what is being said, from its Kinesis stream; the analysis afterwards; rules that matched.

The stream names the contact only: a contact that continues another one has its transcript beside the first one's call.
https://docs.aws.amazon.com/connect/latest/adminguide/contact-lens-rules-eventbridge-event.html (read 2026-11)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from connectors.amazon_connect.reading import arn_id, is_call, refuse_foreign, word
from hub.domain.events import AccountNoticeData, Event, Mapped, Segment, TranscriptData, Unmapped
from hub.errors import Quarantine
from hub.mapping import EventMaker
from hub.parsing import dict_at, int_at, list_at, text_at, texts
from hub.times import from_iso

Status = Literal["partial", "final", "failed"]
Speaker = Literal["customer", "agent", "system", "unknown"]
STATUSES: Mapping[str, Status] = {"SEGMENTS": "partial", "COMPLETED": "final", "FAILED": "failed"}
SPEAKERS: Mapping[str, Speaker] = {
    "AGENT": "agent",
    "CUSTOMER": "customer",
    "SYSTEM": "system",
    "BOT": "system",
    "CUSTOM_BOT": "system",
}


def map_segments(value: Mapping[str, Any], maker: EventMaker) -> Mapped:
    """One record of the stream; STARTED says nothing yet."""
    refuse_foreign(text_at(value, "InstanceId"), maker.connection)
    contact, event_type, channel = (text_at(value, name) for name in ("ContactId", "EventType", "Channel"))
    if contact is None:
        raise Quarantine("a transcript without a contact")
    if is_call(channel) and event_type == "STARTED":
        return Mapped(ignored=1)
    if not is_call(channel) or event_type is None or event_type not in STATUSES:
        return Mapped(unmapped=(Unmapped(type=f"contact_lens/{word(channel).upper()}/{word(event_type)}"),))
    # A record has no id: the same words of the same contact are the same record.
    return Mapped(events=(_transcribed(contact, STATUSES[event_type], value, maker, _said(value)),))


def _said(value: Mapping[str, Any]) -> dict[str, Any]:
    items = [item for item in list_at(value, "Segments") if isinstance(item, dict)]
    transcripts = [dict_at(item, "Transcript") for item in items]
    matched = list(_categories(items))
    return {
        "segments": tuple(_segments(items)),
        "sentiment": next((found for one in reversed(transcripts) if (found := text_at(one, "Sentiment"))), None),
        "summary": next((found for one in items if (found := text_at(one, "PostContactSummary", "Content"))), None),
        "native": {"categories": matched} if matched else {},
    }


def map_analysis(value: Mapping[str, Any], maker: EventMaker) -> Mapped:
    """The analysis that Contact Lens puts into S3 after a call, where somebody passes the file on."""
    details = dict_at(value, "CustomerMetadata")
    refuse_foreign(text_at(details, "InstanceId"), maker.connection)
    contact, channel = text_at(details, "ContactId"), text_at(value, "Channel")
    if not is_call(channel):
        return Mapped(unmapped=(Unmapped(type=f"contact_lens/{word(channel).upper()}/analysis"),))
    if contact is None:
        raise Quarantine("an analysis without a contact")
    turns = [item for item in list_at(value, "Transcript") if isinstance(item, dict)]
    who = {text_at(one, "ParticipantId"): text_at(one, "ParticipantRole") for one in list_at(value, "Participants")}
    said = [_segment(turn, who.get(text_at(turn, "ParticipantId")), "Content") for turn in turns]
    matched = list(texts(list_at(value, "Categories", "MatchedCategories")))
    more = {"segments": tuple(filter(None, said)), "native": {"categories": matched} if matched else {}}
    return Mapped(events=(_transcribed(contact, "final", value, maker, more),))


def _segments(items: Iterable[Mapping[str, Any]]) -> Iterable[Segment]:
    for item in items:
        for name, content in (("Utterance", "PartialContent"), ("Transcript", "Content")):
            turn = dict_at(item, name)
            segment = _segment(turn, text_at(turn, "ParticipantRole"), content, final=name == "Transcript")
            if segment:
                yield segment


def _segment(turn: Mapping[str, Any], role: str | None, content: str, *, final: bool = True) -> Segment | None:
    text = text_at(turn, content)
    if text is None:
        return None
    start, end = int_at(turn, "BeginOffsetMillis"), int_at(turn, "EndOffsetMillis")
    return Segment(speaker=SPEAKERS.get(role or "", "unknown"), text=text, start_ms=start, end_ms=end, final=final)


def _categories(items: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for item in items:
        yield from texts(list_at(item, "Categories", "MatchedCategories"))


def _transcribed(
    contact: str, status: Status, value: Mapping[str, Any], maker: EventMaker, more: Mapping[str, Any]
) -> Event:
    data = TranscriptData.model_validate(
        {
            "call_id": contact,
            "leg_id": contact,
            "transcript_id": f"{contact}/contact-lens",
            "status": status,
            "language": text_at(value, "LanguageCode"),
            "engine": "Contact Lens",
            **more,
        }
    )
    return maker.event("call.transcribed", data, subject=contact, time=None, key=(contact, data.model_dump_json()))


def map_rule(envelope: Mapping[str, Any], maker: EventMaker) -> Mapped:
    """A rule that matched, during a call or afterwards: a notice for whoever watches, about the contact."""
    detail, named = dict_at(envelope, "detail"), text_at(envelope, "detail-type") or ""
    refuse_foreign(text_at(detail, "instanceArn"), maker.connection)
    contact, rule = arn_id(detail, "contactArn"), text_at(detail, "ruleName")
    if contact is None or rule is None or "Chat" in named or "Email" in named:
        return Mapped(unmapped=(Unmapped(type=word(named), native=detail),))
    who = {"agent_id": arn_id(detail, "agentArn"), "queue_id": arn_id(detail, "queueArn")}
    notice = AccountNoticeData(topic=named, title=rule, text=text_at(detail, "actionName"), subject=contact, native=who)
    time, key = from_iso(text_at(envelope, "time")), (text_at(envelope, "id") or maker.delivery_id,)
    return Mapped(events=(maker.event("account.notice", notice, subject=contact, time=time, key=key),))
