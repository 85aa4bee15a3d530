"""Messages API: what customers write by SMS, MMS and WhatsApp, and what became of what was sent to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from hub.domain.events import Media, MessageChangeData, MessageData, Party, Unmapped
from hub.legs import international, left, number, party
from hub.mapping import EventMaker
from hub.parsing import dict_at, id_at, text_at
from hub.times import from_iso
from hub.whatsapp.parts import Part
from hub.whatsapp.people import Person, person, scope_of
from hub.whatsapp.people import party as whatsapp_party
from hub.whatsapp.reading import Json, required, word

Channel = Literal["whatsapp", "sms"]
CHANNELS: Mapping[str, Channel] = {"sms": "sms", "mms": "sms", "whatsapp": "whatsapp"}
# Vonage's word -> ours; "submitted" means that WhatsApp or a carrier has it.
STATUSES: Mapping[str, str] = {
    "submitted": "sent",
    "delivered": "delivered",
    "read": "read",
    "rejected": "failed",
    "undeliverable": "failed",
    "failed": "failed",
}
MEDIA = frozenset({"image", "audio", "video", "file", "sticker", "vcard"})
# Where the words of a message stand, by its type.
WORDS: Mapping[str, tuple[str, ...]] = {
    "text": ("text",),
    "reply": ("reply", "title"),
    "button": ("button", "text"),
    **dict.fromkeys(("location", "contact", "order", "unsupported"), ("",)),
    **{kind: (kind, "caption") for kind in MEDIA},
}
OURS = frozenset({"message_uuid", "from", "to", "timestamp", "channel", "message_type", "text", "profile", "status"})


def map_message(maker: EventMaker, value: Json) -> tuple[Part, ...]:
    """A message or a status; channels and types without words of ours are unmapped."""
    channel = CHANNELS.get(text_at(value, "channel") or "")
    if channel is None:
        return (Unmapped(type=f"message/channel/{word(value.get('channel'))}", native=dict(value)),)
    if "status" in value:
        return (_status(maker, value, channel),)
    kind = required(value, "message_type")
    if kind == "reaction":
        return (_reacted(maker, value, channel),)
    if kind not in WORDS:
        return (Unmapped(type=f"message/{word(kind)}", native=dict(value)),)
    return (_received(maker, value, channel, kind),)


def _received(maker: EventMaker, value: Json, channel: Channel, kind: str) -> Part:
    message_id = required(value, "message_uuid")
    data = MessageData(
        message_id=message_id,
        channel=channel,
        direction="inbound",
        customer=_customer(maker, value, channel, "from"),
        business=number(id_at(value, "to"), maker.connection, international),
        content=kind,
        text=text_at(value, *WORDS[kind]),
        media=_media(value, kind),
        reply_to=id_at(value, "context", "message_uuid"),
        native=_rest(value, *((kind,) if kind in MEDIA else ())),
    )
    return maker.event("message.received", data, subject=message_id, time=_time(value), key=(message_id,))


def _reacted(maker: EventMaker, value: Json, channel: Channel) -> Part:
    message_id = required(dict_at(value, "context"), "message_uuid")
    change_id = required(value, "message_uuid")
    taken_back = text_at(value, "reaction", "action") == "unreact"
    data = MessageChangeData(
        message_id=message_id,
        channel=channel,
        customer=_customer(maker, value, channel, "from"),
        business=number(id_at(value, "to"), maker.connection, international),
        reaction=None if taken_back else text_at(value, "reaction", "emoji"),
        change_id=change_id,
        by="customer",
        native=_rest(value),
    )
    return maker.event("message.reacted", data, subject=message_id, time=_time(value), key=(change_id,))


def _status(maker: EventMaker, value: Json, channel: Channel) -> Part:
    message_id, status = required(value, "message_uuid"), required(value, "status")
    if status not in STATUSES:
        return Unmapped(type=f"status/{word(status)}", native=dict(value))
    error = dict_at(value, "error")
    data = MessageChangeData(
        message_id=message_id,
        channel=channel,
        customer=_customer(maker, value, channel, "to"),
        business=number(id_at(value, "from"), maker.connection, international),
        status=STATUSES[status],
        callback_data=id_at(value, "client_ref"),
        errors=({"code": id_at(error, "title"), "message": text_at(error, "detail")},) if error else (),
        native={"status": status, **_rest(value, "error", "client_ref")},
    )
    key = (message_id, status)
    return maker.event("message.status_changed", data, subject=message_id, time=_time(value), key=key)


def _customer(maker: EventMaker, value: Json, channel: Channel, side: str) -> Party:
    """The customer on that side; WhatsApp's are named by phone, business-scoped user id and username."""
    name = text_at(value, "profile", "name")
    if channel == "sms":
        return party(id_at(value, side), maker.connection, international, name)
    by_address = person({"address": (id_at(value, side) or "").removeprefix("+")}, "", (), "address")
    known = by_address.completed_by(_ids(value)).completed_by(
        Person(username=id_at(value, "profile", "username"), name=name)
    )
    return whatsapp_party(known, scope_of(maker.connection))


def _ids(value: Json) -> Person:
    """`whatsapp.recipient` of a status; the page shows no sample of an inbound one, `sender` is taken likewise."""
    about = dict_at(value, "whatsapp", "recipient" if "status" in value else "sender")
    return person(about, "user_id", ("parent_user_id",), "wa_id")


def _media(value: Json, kind: str) -> tuple[Media, ...]:
    if kind not in MEDIA:
        return ()
    file = dict_at(value, kind)
    return (Media(url=text_at(file, "url"), filename=text_at(file, "name"), caption=text_at(file, "caption")),)


def _rest(value: Json, *covered: str) -> dict[str, Any]:
    return left(dict(value), OURS.union(covered))


def _time(value: Json) -> str | None:
    return from_iso(text_at(value, "timestamp"))
