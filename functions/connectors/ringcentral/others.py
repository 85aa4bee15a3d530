"""Voicemails, SMS, opt-outs, presence, conversation insights, and the subscription itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.ringcentral.reading import Json, News, is_own, person
from hub.calling import Part, key_at, named, other_side, our_number, seconds_at
from hub.domain.events import (
    AccountNoticeData,
    AgentStatusData,
    ConsentData,
    Media,
    MessageData,
    Party,
    Segment,
    TranscriptData,
    Unmapped,
    VoicemailData,
)
from hub.parsing import at, bool_at, dict_at, int_at, list_at, text_at

PRESENCE: Mapping[str, str] = {"Available": "available", "Busy": "busy", "Offline": "offline"}
ON_CALL = frozenset({"Ringing", "CallConnected", "OnHold", "ParkedCall"})
REFUSING = frozenset({"DoNotAcceptAnyCalls"})
DOMAINS = frozenset({"pbx", "rcx"})


def map_voicemail(news: News) -> Iterator[Part]:
    """A voicemail; RingCentral does not say of which call, so it is a call of its own."""
    body, found = news.body, key_at(news.body, "id")
    if found is None:
        return
    sender, to = dict_at(body, "from"), next(iter(list_at(body, "to")), None)
    own = is_own(sender)
    about = {"call_id": found, "leg_id": found, "customer": Party() if own else person(sender, news.connection)}
    agent = named({"agent": text_at(to, "name"), "agent_id": key_at(to, "extensionId")})
    sound = _attachment(body, "AudioRecording")
    data = VoicemailData.model_validate(
        about
        | agent
        | {
            "voicemail_id": found,
            "direction": "internal" if own else "inbound",
            "business": our_number(text_at(to, "phoneNumber"), news.connection),
            "mailbox": text_at(to, "name") or key_at(to, "extensionId"),
            "url": text_at(sound, "uri"),
            "duration_s": seconds_at(sound, "vmDuration"),
            "native_status": text_at(body, "messageStatus"),
            "native": named({"vmTranscriptionStatus": text_at(body, "vmTranscriptionStatus")}),
        }
    )
    yield news.make("call.voicemail_left", data, found, news.time("creationTime"), "voicemail", found)
    text = text_at(_attachment(body, "AudioTranscription"), "uri")
    if text:
        written = TranscriptData.model_validate(about | {"transcript_id": found, "recording_id": found, "url": text})
        yield news.make("call.transcribed", written, found, news.time("lastModifiedTime"), "voicemail", found, "text")


def _attachment(body: Json, kind: str) -> Any:
    return next((one for one in list_at(body, "attachments") if text_at(one, "type") == kind), None)


def map_message(news: News) -> Iterator[Part]:
    """An SMS (or MMS); `subject` holds its text."""
    body, found = news.body, key_at(news.body, "id")
    if found is None or text_at(body, "type") not in (None, "SMS"):
        return
    outbound = text_at(body, "direction") == "Outbound"
    sender, to = dict_at(body, "from"), dict_at({"to": next(iter(list_at(body, "to")), None)}, "to")
    media = tuple(
        Media(id=key_at(one, "id"), url=text_at(one, "uri"), mime_type=text_at(one, "contentType"))
        for one in list_at(body, "attachments")
        if text_at(one, "type") not in (None, "Text")
    )
    data = MessageData(
        message_id=found,
        channel="sms",
        direction="outbound" if outbound else "inbound",
        customer=person(to if outbound else sender, news.connection),
        business=our_number(text_at(sender if outbound else to, "phoneNumber"), news.connection),
        content="media" if media else "text",
        text=text_at(body, "subject"),
        media=media,
        origin="echo" if outbound else "live",
        native=named({"conversationId": key_at(body, "conversationId")}),
    )
    yield news.make(
        "message.echoed" if outbound else "message.received", data, found, news.time("creationTime"), "message", found
    )


def map_opt_out(news: News) -> Iterator[Part]:
    """A recipient of high-volume SMS opted out (`active`), or in again: `from` is our number, `to` theirs."""
    body, consumer = news.body, text_at(news.body, "to")
    if consumer is None:
        return
    active = bool_at(body, "active")
    data = ConsentData(
        customer=other_side(consumer, news.connection),
        subject=our_number(text_at(body, "from"), news.connection),
        channel="sms",
        state="unknown" if active is None else "denied" if active else "granted",
        status="a2p-sms/opt-outs",
        source="keyword",
    )
    key = ("opt-out", consumer, data.subject, active, news.at)
    yield news.make("consent.changed", data, data.subject or "a2p-sms", news.at, *key)


def map_presence(news: News) -> Iterator[Part]:
    """Presence of an extension: on a call, refusing calls, or what it shows to others."""
    body, extension = news.body, key_at(news.body, "extensionId")
    if extension is None:
        return
    shown, calling = text_at(body, "presenceStatus"), text_at(body, "telephonyStatus")
    status = PRESENCE.get(shown or "", "unknown")
    if text_at(body, "dndStatus") in REFUSING:
        status = "do_not_disturb"
    if calling in ON_CALL:
        status = "on_call"
    data = AgentStatusData.model_validate(
        {
            "agent_id": extension,
            "status": status,
            "native_status": calling if status == "on_call" else shown,
            "reason": text_at(body, "dndStatus"),
            "call_id": text_at(body, "activeCalls", 0, "telephonySessionId") if status == "on_call" else None,
        }
    )
    sequence = int_at(body, "sequence")
    yield news.make("agent.status_changed", data, extension, news.at, "presence", extension, sequence, news.at)


def map_insights(news: News) -> Iterator[Part]:
    """What RingSense (now AI Conversation Expert) heard in a recorded call; meetings (`rcv`) are no calls."""
    body, session, record = news.body, key_at(news.body, "sourceSessionId"), key_at(news.body, "sourceRecordId")
    if text_at(body, "domain") not in DOMAINS:
        yield Unmapped(type="ringsense/other_domain", native=dict(body))
        return
    if session is None:
        return
    speakers = [one for one in list_at(body, "speakerInfo") if isinstance(one, dict)]
    insights = dict_at(body, "insights")
    outside = [one for one in speakers if not is_own(one)]
    mine = next((one for one in speakers if is_own(one)), {})
    data = TranscriptData.model_validate(
        {
            "call_id": session,
            "leg_id": session,
            # Of two people outside nobody can tell which one the customer is.
            "customer": person(outside[0], news.connection) if len(outside) == 1 else Party(),
            **named({"agent": text_at(mine, "name"), "agent_id": key_at(mine, "extensionId")}),
            "transcript_id": record or session,
            "recording_id": record,
            "engine": "RingSense",
            "segments": tuple(_segments(insights, speakers)),
            "summary": "\n".join(_values(insights, "Summary")) or None,
            "sentiment": next(iter(_values(insights, "Sentiment")), None),
            "url": text_at(body, "rsRecordUri"),
            "native": {"domain": body["domain"], "next_steps": _values(insights, "NextSteps")[:20]},
        }
    )
    when = news.time("lastModifiedTime", "creationTime")
    yield news.make("call.transcribed", data, session, when, "ringsense", session, record, when)


def _segments(insights: Json, speakers: list[dict[str, Any]]) -> Iterator[Segment]:
    ours = {key_at(one, "speakerId"): is_own(one) for one in speakers}
    for one in list_at(insights, "Transcript"):
        text, speaker = text_at(one, "text"), key_at(one, "speakerId")
        if text:
            own = ours.get(speaker)
            yield Segment(
                speaker="unknown" if own is None else "agent" if own else "customer",
                text=text,
                start_ms=_ms(one, "start"),
                end_ms=_ms(one, "end"),
            )


def _ms(segment: Any, name: str) -> int | None:
    value = at(segment, name)
    number = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 10**6
    return round(value * 1000) if number else None


def _values(insights: Json, name: str) -> list[str]:
    return [text[:2000] for one in list_at(insights, name) if (text := text_at(one, "value"))]


def map_reminder(news: News) -> Iterator[Part]:
    """The subscription ends soon: it must be renewed, or nothing will come any more."""
    found = key_at(news.body, "id") or key_at(news.body, "subscriptionId") or news.uuid
    if found is None:
        return
    data = AccountNoticeData(
        topic="subscription",
        subject=found,
        severity="warning",
        status=text_at(news.body, "status"),
        due_at=news.time("expirationTime") if news.body.get("expirationTime") else None,
    )
    yield news.make("account.notice", data, found, news.at, "subscription", found, news.at)
