"""SMS of Zoom Phone: messages in and out, and who no longer wants any."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal

from connectors.zoom.reading import News, kept, unreadable
from hub.calling import Part, key_at, other_side, our_number
from hub.domain.events import ConsentData, Media, MessageChangeData, MessageData, Unmapped
from hub.parsing import list_at, text_at

OPTED: Mapping[str, Literal["granted", "denied"]] = {
    "phone.sms_campaign_number_opt_in": "granted",
    "phone.sms_campaign_number_opt_out": "denied",
}


def _received(news: News) -> Iterator[Part]:
    found, message = news.item, key_at(news.item, "message_id")
    members = list_at(found, "to_members")
    owner = next((one for one in members if text_at(one, "id")), members[0] if members else None)
    if message is None:
        return
    data = MessageData(
        message_id=message,
        channel="sms",
        direction="inbound",
        customer=other_side(
            text_at(found, "sender", "phone_number"), news.connection, text_at(found, "sender", "display_name")
        ),
        business=our_number(text_at(owner, "phone_number"), news.connection),
        **_content(news),
    )
    yield news.make("message.received", data, message, news.time("date_time"), message)


def _sent(news: News) -> Iterator[Part]:
    for number, member, message in _recipients(news):
        data = MessageData(
            message_id=message,
            channel="sms",
            direction="outbound",
            customer=other_side(number, news.connection, text_at(member, "display_name")),
            business=our_number(text_at(news.item, "sender", "phone_number"), news.connection),
            origin="echo",
            **_content(news),
        )
        yield news.make("message.echoed", data, message, news.time("date_time"), message)


def _failed(news: News) -> Iterator[Part]:
    for number, member, message in _recipients(news):
        data = MessageChangeData(
            message_id=message,
            channel="sms",
            customer=other_side(number, news.connection, text_at(member, "display_name")),
            business=our_number(text_at(news.item, "sender", "phone_number"), news.connection),
            status="failed",
            errors=({"title": text_at(news.item, "failure_reason") or "failed"},),
            native=kept(news.item, "session_id", "message_type"),
        )
        yield news.make("message.status_changed", data, message, news.time("date_time"), message)


def _recipients(news: News) -> Iterator[tuple[str | None, Any, str]]:
    """Number, member and id of the message to each; a message to a group is one to every member."""
    message, members = key_at(news.item, "message_id"), list_at(news.item, "to_members")
    for place, member in enumerate(members) if message else ():
        yield text_at(member, "phone_number"), member, f"{message}/{place}" if place else str(message)


def _content(news: News) -> dict[str, Any]:
    found = news.item
    media = tuple(
        Media(id=text_at(one, "id"), url=text_at(one, "download_url"), filename=text_at(one, "name"))
        for one in list_at(found, "attachments")
    )
    return {
        "content": "media" if media else "text",
        "text": text_at(found, "message"),
        "media": media,
        "native": kept(found, "session_id", "message_type"),
    }


def _opted(news: News) -> Iterator[Part]:
    for entry in list_at(news.item, "phone_number_campaign_opt_statuses"):
        consumer = text_at(entry, "consumer_phone_number")
        if consumer is None:
            yield Unmapped(type=unreadable(news.event), native=entry)
            continue
        party = other_side(consumer, news.connection)
        data = ConsentData(
            customer=party,
            subject=our_number(text_at(entry, "zoom_phone_user_number"), news.connection),
            channel="sms",
            state=OPTED[news.event],
            status=news.event,
            source="keyword",
        )
        yield news.make(
            "consent.changed", data, data.subject or news.event, news.time("date_time"), consumer, data.subject
        )


TEXTING: Mapping[str, Callable[[News], Iterable[Part]]] = {
    "phone.sms_received": _received,
    "phone.sms_sent": _sent,
    "phone.sms_sent_failed": _failed,
    **dict.fromkeys(OPTED, _opted),
}
