"""Users, contacts, numbers, messages, teams, the integration itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.aircall.reading import Json, News, agent_of, name_of
from hub.calling import Part, key_at, other_side, our_number
from hub.domain.events import AccountNoticeData, AgentStatusData, Media, MessageChangeData, MessageData, RecordRef
from hub.parsing import dict_at, list_at, text_at
from hub.rows import Change, changed_record, deleted_record
from hub.times import any_time

# user.<name> -> our presence. `opened` and `closed` are the user's working hours.
PRESENCE: Mapping[str, str] = {
    "connected": "available",
    "disconnected": "offline",
    "opened": "available",
    "closed": "away",
    "wut_start": "wrap_up",
    "wut_end": "available",
}
AVAILABILITY: Mapping[str, str] = {"available": "available", "unavailable": "away", "custom": "away"}
CHANGES: Mapping[str, Any] = {"created": "created", "updated": "changed", "deleted": "deleted"}
CRITICAL = ("integration.deleted",)


def map_user(news: News) -> Iterator[Part]:
    """Presence of a user; created and deleted users are news of the account."""
    agent = agent_of(news.data)
    if news.name not in PRESENCE:
        yield from map_notice(news)
        return
    if "agent_id" not in agent:
        return
    told = AVAILABILITY.get(text_at(news.data, "availability_status") or "")
    status = told if told and news.name in ("opened", "connected", "wut_end") else PRESENCE[news.name]
    data = AgentStatusData.model_validate(
        agent
        | {
            "status": status,
            "native_status": news.event.removesuffix(".v2"),
            "reason": text_at(news.data, "substatus"),
            "call_id": key_at(news.data, "last_call_id"),
        }
    )
    # Both versions of the event may be subscribed to: only what both hold may be in it.
    yield news.make("agent.status_changed", data, data.agent_id, news.at, data.agent_id, news.event)


def map_contact(news: News) -> Iterator[Part]:
    """A contact of the shared address book."""
    found, change = key_at(news.data, "id"), CHANGES.get(news.name)
    if found is None or change is None:
        return
    record = RecordRef(object="contact", id=found, native_object="contact")
    what = Change(record, change, news.at, (news.event, found, news.at), created_at=_created(news.data))
    if change == "deleted":
        yield deleted_record(news.maker, what)
        return
    phones = [text_at(one, "value") for one in list_at(news.data, "phone_numbers")]
    emails = [text_at(one, "value") for one in list_at(news.data, "emails")]
    fields = {
        "first_name": text_at(news.data, "first_name"),
        "last_name": text_at(news.data, "last_name"),
        "name": name_of(news.data),
        "company": text_at(news.data, "company_name"),
        "phone": next((one for one in phones if one), None),
        "email": next((one for one in emails if one), None),
    }
    cut = {name: value[:2000] if value else None for name, value in fields.items()}
    yield changed_record(news.maker, what, cut, phones=phones[1:], emails=emails[1:])


def _created(found: Json) -> str | None:
    return any_time(found.get("created_at"))


def map_notice(news: News) -> Iterator[Part]:
    """News of the account: numbers, users, teams, reports, the integration removed."""
    subject = key_at(news.data, "id") or key_at(news.data, "integration_id") or key_at(news.data, "report_id")
    if subject is None:
        return
    data = AccountNoticeData(
        topic=news.event.removesuffix(".v2"),
        subject=subject,
        severity="critical" if news.event in CRITICAL else "info",
        business=our_number(text_at(news.data, "digits"), news.connection),
        title=text_at(news.data, "name"),
        status=text_at(news.data, "availability_status"),
    )
    yield news.make("account.notice", data, subject, news.at, subject)


def map_message(news: News) -> Iterator[Part]:
    """SMS, MMS and WhatsApp, to one or to a group."""
    found, message = news.data, key_at(news.data, "id")
    name = news.name
    if message is None or name not in ("sent", "received", "status_updated"):
        return
    channel = "whatsapp" if text_at(found, "channel") == "whatsapp" else "sms"
    when = any_time(found.get("sent_at" if name == "sent" else "received_at")) or news.at
    about = {
        "message_id": message,
        "channel": channel,
        "customer": _correspondent(news),
        "business": our_number(text_at(found, "number", "digits"), news.connection),
        "native": {"channel": found["channel"]} if text_at(found, "channel") == "mms" else {},
    }
    if name == "status_updated":
        status = MessageChangeData.model_validate(about | {"status": text_at(found, "status")})
        yield news.make("message.status_changed", status, message, news.at, message, status.status)
        return
    data = MessageData.model_validate(about | _content(found, name))
    yield news.make("message.echoed" if name == "sent" else "message.received", data, message, when, message)


def _content(found: Json, name: str) -> dict[str, Any]:
    urls = [one for one in list_at(found, "media_urls") if isinstance(one, str) and one]
    return {
        "direction": "outbound" if name == "sent" else "inbound",
        "origin": "echo" if name == "sent" else "live",
        "text": text_at(found, "content") or text_at(found, "body"),
        "content": "media" if urls else "text",
        "media": tuple(Media(url=url) for url in urls),
    }


def _correspondent(news: News) -> Any:
    """The one on the other side: `from` of what came in, the first of `to` of what went out."""
    found, contact = news.data, dict_at(news.data, "contact")
    outbound = news.name == "sent" or text_at(found, "direction") == "outbound"
    listed = found.get("to")
    first = next((one for one in listed if isinstance(one, str)), None) if isinstance(listed, list) else None
    to = first or text_at(found, "to")
    raw = (
        text_at(found, "raw_digits")
        or (to if outbound else text_at(found, "from"))
        or text_at(found, "external_number")
    )
    return other_side(raw, news.connection, name_of(contact))
