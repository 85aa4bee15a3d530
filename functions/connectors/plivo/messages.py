"""Messages: what customers write by SMS, MMS and WhatsApp, and what became of what was sent to them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from connectors.plivo.reading import Fields, first, ident, native, written_time
from hub.delivery import Connection
from hub.domain.events import ConsentData, Event, Mapped, Media, MessageChangeData, MessageData, Party, Unmapped
from hub.errors import Quarantine
from hub.legs import international, number, party
from hub.mapping import EventMaker
from hub.whatsapp.people import Person, person, scope_of
from hub.whatsapp.people import party as whatsapp_party
from hub.whatsapp.reading import word

Channel = Literal["whatsapp", "sms"]
CHANNELS: Mapping[str, Channel] = {"sms": "sms", "mms": "sms", "whatsapp": "whatsapp"}
STATUSES: Mapping[str, str] = {
    "queued": "queued",
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "undelivered": "failed",
    "rejected": "failed",
    "failed": "failed",
}
# The times of a status callback, and the statuses that each of them is the time of.
TIMES: Mapping[str, str] = {"queued": "QueuedTime", "sent": "SentTime"}
INTENTS: Mapping[str, Literal["granted", "denied"]] = {"optout": "denied", "optin": "granted"}
MAX_MEDIA = 100
USED = frozenset(
    {
        *("MessageUUID", "From", "To", "Text", "Body", "Type", "Status", "ErrorCode", "ParentAuthID", "ContentType"),
        *("ProfileName", "MimeType", "Caption", "MediaCount"),
    }
)
_MEDIA = re.compile(r"Media[0-9]{0,2}")


def map_message(fields: Fields, maker: EventMaker) -> Mapped:
    """A message or a status; raises Quarantine where it does not say of which message."""
    message_id = ident(fields, "MessageUUID")
    if message_id is None:
        raise Quarantine("MessageUUID is missing")
    channel = CHANNELS.get(fields.get("Type", "sms").lower())
    if channel is None:
        return _unmapped(f"message/{word(fields['Type'].lower())}", fields)
    if "Status" not in fields:
        return _received(message_id, channel, fields, maker)
    status = fields["Status"].lower()
    known = status in STATUSES
    return _status(message_id, channel, status, fields, maker) if known else _unmapped(f"status/{word(status)}", fields)


def _unmapped(type_word: str, fields: Fields) -> Mapped:
    return Mapped(unmapped=(Unmapped(type=type_word, native=dict(fields)),))


def _received(message_id: str, channel: Channel, fields: Fields, maker: EventMaker) -> Mapped:
    data = MessageData(
        message_id=message_id,
        channel=channel,
        direction="inbound",
        customer=_customer(fields.get("From"), channel, fields, maker.connection),
        business=number(fields.get("To"), maker.connection, international),
        content=_content(fields),
        text=first(fields, "Text", "Body", "Caption"),
        media=_media(fields),
        native=_rest(fields),
    )
    received = maker.event("message.received", data, subject=message_id, time=None, key=(message_id,))
    return Mapped(events=(received, *_consent(data, fields, maker)))


def _consent(message: MessageData, fields: Fields, maker: EventMaker) -> tuple[Event, ...]:
    """What a standard keyword means (STOP, START); help only asks."""
    state = INTENTS.get(fields.get("MessageIntent", "").lower())
    if state is None:
        return ()
    data = ConsentData(
        subject=message.business,
        customer=message.customer,
        channel=message.channel,
        state=state,
        status=fields["MessageIntent"],
        source="keyword",
        text=message.text,
    )
    key = (message.message_id, "MessageIntent")
    return (maker.event("consent.changed", data, subject=message.message_id, time=None, key=key),)


def _status(message_id: str, channel: Channel, status: str, fields: Fields, maker: EventMaker) -> Mapped:
    data = MessageChangeData(
        message_id=message_id,
        channel=channel,
        customer=_customer(fields.get("To"), channel, fields, maker.connection),
        business=number(fields.get("From"), maker.connection, international),
        status=STATUSES[status],
        errors=_errors(fields),
        native={"Status": fields["Status"], **_rest(fields)},
    )
    when = written_time(fields.get(TIMES.get(status, "DeliveryReportTime")), maker.connection)
    key = (message_id, status)
    return Mapped(events=(maker.event("message.status_changed", data, subject=message_id, time=when, key=key),))


def _customer(raw: str | None, channel: Channel, fields: Fields, connection: Connection) -> Party:
    name = fields.get("ProfileName")
    if channel == "sms":
        return party(raw, connection, international, name)
    known = person({"address": (raw or "").removeprefix("+")}, "", (), "address")
    return whatsapp_party(known.completed_by(Person(name=name)), scope_of(connection))


def _content(fields: Fields) -> str:
    """WhatsApp's ContentType, of a file the kind that its MIME type tells; else what the parameters show."""
    said = fields.get("ContentType", "").lower()
    if said and said != "media":
        return word(said)
    major = fields.get("MimeType", "").partition("/")[0]
    if said == "media" and major:
        return major if major in ("image", "audio", "video") else "document"
    return "media" if _media(fields) else "text"


def _media(fields: Fields) -> tuple[Media, ...]:
    """The files, by what is there: pages count them from 0 and from 1."""
    names = ["Media", *(f"Media{place}" for place in range(MAX_MEDIA))]
    mime_type, caption = fields.get("MimeType"), fields.get("Caption")
    return tuple(Media(url=fields[one], mime_type=mime_type, caption=caption) for one in names if one in fields)


def _errors(fields: Fields) -> tuple[dict[str, Any], ...]:
    code = fields.get("ErrorCode", "000")
    return () if code.strip("0") == "" else ({"code": code},)


def _rest(fields: Fields) -> dict[str, str]:
    return {name: value for name, value in native(fields, USED).items() if not _MEDIA.fullmatch(name)}
