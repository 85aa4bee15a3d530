"""Messaging callbacks: SMS and WhatsApp in, and what became of those sent out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from connectors.twilio.reading import Fields, first, native, number, party, phone, user_id, word
from hub.domain.events import (
    ConsentData,
    Event,
    Identifier,
    Mapped,
    Media,
    MessageChangeData,
    MessageData,
    Party,
    Unmapped,
)
from hub.errors import Quarantine
from hub.mapping import EventMaker
from hub.phones import phone_from_digits

Channel = Literal["whatsapp", "sms"]
RECEIVED = frozenset({"received", "receiving"})
# MessageStatus -> our word where it differs. https://www.twilio.com/docs/messaging/api/message-resource
STATUSES: Mapping[str, str] = {"scheduled": "accepted", "sending": "queued", "undelivered": "failed"}
SENT = frozenset({"accepted", "queued", "sent", "delivered", "read", "failed", "canceled", "partially_delivered"})
# https://help.twilio.com/articles/31560110671259 (read 2026-11): only with Advanced Opt-Out of a Messaging Service.
OPT_OUT: Mapping[str, Literal["granted", "denied"]] = {"STOP": "denied", "START": "granted"}
MAX_MEDIA = 100
USED = frozenset(
    {
        *("AccountSid", "ApiVersion", "MessageSid", "SmsSid", "SmsMessageSid", "SmsStatus", "MessageStatus", "From"),
        *("To", "Body", "ProfileName", "WaId", "NumMedia", "MessageType", "ErrorCode", "ErrorMessage", "Forwarded"),
        "OriginalRepliedMessageSid",
    }
)
_PREFIX = re.compile(r"([a-z]{2,20}):")
_MEDIA_ID = re.compile(r"/Media/([A-Za-z0-9]{2,64})\b")
_MEDIA_FIELD = re.compile(r"Media(?:Url|ContentType)[0-9]{1,2}")


def map_message(fields: Fields, maker: EventMaker) -> Mapped:
    """A message or a status; raises Quarantine where it does not say of which message."""
    message_id = first(fields, "MessageSid", "SmsMessageSid", "SmsSid")
    if message_id is None:
        raise Quarantine("MessageSid is missing")
    status = first(fields, "MessageStatus", "SmsStatus")
    other = _other_channel(fields)
    if other:
        return _unmapped(f"message/{other}", fields)
    if status in RECEIVED or (status is None and ("Body" in fields or "NumMedia" in fields)):
        return _received(message_id, fields, maker)
    ours = STATUSES.get(status or "", status or "")
    return _status(message_id, ours, fields, maker) if ours in SENT else _unmapped(f"message/{word(status)}", fields)


def _unmapped(type_word: str, fields: Fields) -> Mapped:
    return Mapped(unmapped=(Unmapped(type=type_word, native=native(fields, frozenset())),))


def _other_channel(fields: Fields) -> str | None:
    """The channel's word where it is neither WhatsApp nor SMS (rcs, messenger …)."""
    found = [_PREFIX.match(fields.get(name, "")) for name in ("From", "To")]
    return next((match[1] for match in found if match and match[1] != "whatsapp"), None)


def _received(message_id: str, fields: Fields, maker: EventMaker) -> Mapped:
    data = MessageData(
        message_id=message_id,
        channel=_channel(fields, maker),
        direction="inbound",
        customer=_customer(fields, maker, "From"),
        business=number(fields.get("To"), maker.connection),
        content=_content(fields),
        text=first(fields, "Body", "ButtonText", "ListTitle"),
        media=_media(fields),
        reply_to=fields.get("OriginalRepliedMessageSid"),
        forwarded=fields.get("Forwarded", "").lower() == "true",
        native=_native(fields),
    )
    # Twilio gives a message no time of its own.
    received = maker.event("message.received", data, subject=message_id, time=None, key=(message_id,))
    return Mapped(events=(received, *_consent(data, fields, maker)))


def _consent(message: MessageData, fields: Fields, maker: EventMaker) -> tuple[Event, ...]:
    """What a keyword of Advanced Opt-Out says (STOP, START); HELP only asks."""
    state = OPT_OUT.get(fields.get("OptOutType", "").upper())
    if state is None:
        return ()
    data = ConsentData(
        subject=message.business,
        customer=message.customer,
        channel=message.channel,
        state=state,
        status=fields["OptOutType"],
        source="keyword",
        text=message.text,
    )
    key = (message.message_id, "OptOutType")
    return (maker.event("consent.changed", data, subject=message.message_id, time=None, key=key),)


def _status(message_id: str, status: str, fields: Fields, maker: EventMaker) -> Mapped:
    native_status = first(fields, "MessageStatus", "SmsStatus")
    data = MessageChangeData(
        message_id=message_id,
        channel=_channel(fields, maker),
        customer=_customer(fields, maker, "To"),
        business=number(fields.get("From"), maker.connection),
        status=status,
        errors=_errors(fields),
        native=_native(fields) | ({"MessageStatus": native_status} if native_status != status else {}),
    )
    key = (message_id, native_status)
    return Mapped(events=(maker.event("message.status_changed", data, subject=message_id, time=None, key=key),))


def _channel(fields: Fields, maker: EventMaker) -> Channel:
    """The channel; a bare status names no address, so its error code or the webhook's kind decides."""
    addresses = [fields[name] for name in ("From", "To") if name in fields]
    marks = [*addresses, f"{fields.get('ChannelPrefix', '')}:"]
    if any(mark.startswith("whatsapp:") for mark in marks) or "WaId" in fields:
        return "whatsapp"
    if addresses:
        return "sms"
    channel_error = fields.get("ErrorCode", "").startswith("63")  # 63xxx are errors of channels other than SMS
    return "whatsapp" if channel_error or maker.delivery.kind == "whatsapp" else "sms"


def _customer(fields: Fields, maker: EventMaker, side: str) -> Party:
    """The customer on that side; since June 2026 the address itself may be a business-scoped user id."""
    own = user_id(fields.get(side), maker.connection)
    by_wa_id = phone_from_digits(fields.get("WaId"))
    raw = None if own and not phone(fields.get(side), maker.connection) else fields.get(side)
    known = party(raw, maker.connection, fields.get("ProfileName"), *_user_ids(fields, maker, own))
    if by_wa_id is None or any(one.kind == "phone" for one in known.identifiers):
        return known
    return known.model_copy(update={"identifiers": (by_wa_id, *known.identifiers)})


def _user_ids(fields: Fields, maker: EventMaker, own: Identifier | None) -> tuple[Identifier, ...]:
    named = [user_id(fields.get(name), maker.connection) for name in ("ExternalUserId", "ExternalUserIdentifier")]
    return tuple(dict.fromkeys(one for one in (*named, own) if one))


def _content(fields: Fields) -> str:
    """Twilio's word, or what the parameters show where it sends none (SMS, older WhatsApp senders)."""
    if "MessageType" in fields:
        return word(fields["MessageType"].lower())
    shown = {"Latitude": "location", "ButtonText": "button", "ButtonPayload": "button", "ListId": "interactive"}
    by_parameter = next((content for name, content in shown.items() if name in fields), None)
    return by_parameter or (_media_content(fields) if "MediaUrl0" in fields else "text")


def _media_content(fields: Fields) -> str:
    major = fields.get("MediaContentType0", "").partition("/")[0]
    return major if major in ("image", "audio", "video") else "document"


def _media(fields: Fields) -> tuple[Media, ...]:
    """The files, by what is there: NumMedia is not trusted."""
    places = [place for place in range(MAX_MEDIA) if f"MediaUrl{place}" in fields]
    return tuple(_file(fields[f"MediaUrl{place}"], fields.get(f"MediaContentType{place}")) for place in places)


def _file(url: str, mime_type: str | None) -> Media:
    found = _MEDIA_ID.search(url)
    return Media(id=found[1] if found else None, url=url, mime_type=mime_type)


def _errors(fields: Fields) -> tuple[dict[str, Any], ...]:
    code, message = fields.get("ErrorCode", "0"), fields.get("ErrorMessage")
    if code == "0":
        return ()
    return ({"code": code, "message": message} if message else {"code": code},)


def _native(fields: Fields) -> dict[str, str]:
    rest = native(fields, USED)
    return {name: value for name, value in rest.items() if not _MEDIA_FIELD.fullmatch(name)}
