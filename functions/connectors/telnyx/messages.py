"""SMS and MMS: what customers write, and what became of what was sent to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from hub.domain.events import ConsentData, Event, Media, MessageChangeData, MessageData, Unmapped
from hub.legs import left, number, party
from hub.mapping import EventMaker
from hub.parsing import id_at, list_at, text_at
from hub.times import from_iso
from hub.whatsapp.parts import Part
from hub.whatsapp.reading import Json, objects, required, word

CHANNELS: Mapping[str, Literal["sms", "whatsapp"]] = {"SMS": "sms", "MMS": "sms", "WHATSAPP": "whatsapp"}
STATUS_EVENTS = frozenset({"message.sent", "message.finalized", "message.read"})
# Telnyx's word -> ours where it differs; others, as delivery_unconfirmed, keep Telnyx's.
STATUSES: Mapping[str, str] = {
    "sending": "queued",
    "sending_failed": "failed",
    "delivery_failed": "failed",
    "expired": "failed",
    **{same: same for same in ("queued", "sent", "delivered", "delivery_unconfirmed", "read")},
}
# "Track opt-out behavior via webhooks" in developers.telnyx.com/docs/messaging/messages/advanced-opt-in-out
CONSENT: Mapping[str, Literal["granted", "denied"]] = {"STOP": "denied", "START": "granted"}
USED = frozenset(
    {"id", "record_type", "direction", "type", "from", "to", "text", "media", "received_at", "errors"}
    | {"webhook_url", "webhook_failover_url"}
)


def map_message(named: str, event: Json, payload: Json, maker: EventMaker) -> tuple[Part, ...]:
    """A message, or the statuses of one to several numbers; nothing for RCS and for WhatsApp's inbound form."""
    channel = CHANNELS.get(_type(payload))
    if named == "message.received" and channel == "sms":
        return _received(event, payload, maker)
    if named in STATUS_EVENTS and channel:
        return tuple(_status(named, event, payload, to, maker) for to in objects(payload, "to"))
    return ()


def _type(payload: Json) -> str:
    return (text_at(payload, "type") or "SMS").upper()


def _received(event: Json, payload: Json, maker: EventMaker) -> tuple[Part, ...]:
    message_id = required(payload, "id")
    ours = next(iter(objects(payload, "to")), {})
    data = MessageData(
        message_id=message_id,
        channel="sms",
        direction="inbound",
        customer=party(id_at(payload, "from", "phone_number"), maker.connection),
        business=number(id_at(ours, "phone_number"), maker.connection),
        content="media" if list_at(payload, "media") else "text",
        text=text_at(payload, "text"),
        media=tuple(_file(one) for one in objects(payload, "media")),
        native=left(dict(payload), USED) | ({"to": payload["to"]} if len(objects(payload, "to")) > 1 else {}),
    )
    when = from_iso(text_at(payload, "received_at")) or from_iso(text_at(event, "occurred_at"))
    received = maker.event("message.received", data, subject=message_id, time=when, key=(message_id,))
    return (received, *_consent(data, when, payload, maker))


def _consent(message: MessageData, when: str | None, payload: Json, maker: EventMaker) -> tuple[Event, ...]:
    """What a keyword means by the messaging profile's own rules; help only asks."""
    said = text_at(payload, "autoresponse_type")
    state = CONSENT.get((said or "").upper())
    if state is None:
        return ()
    data = ConsentData(
        subject=message.business,
        customer=message.customer,
        channel="sms",
        state=state,
        status=said,
        source="keyword",
        text=message.text,
    )
    key = (message.message_id, "autoresponse_type")
    return (maker.event("consent.changed", data, subject=message.message_id, time=when, key=key),)


def _status(named: str, event: Json, payload: Json, to: Json, maker: EventMaker) -> Part:
    """One number's status; a message to several has one for each."""
    message_id, status = required(payload, "id"), text_at(to, "status") or ""
    if status not in STATUSES:
        return Unmapped(type=f"{named}/{word(status)}", native=dict(to))
    data = MessageChangeData(
        message_id=message_id,
        channel=CHANNELS[_type(payload)],
        customer=party(id_at(to, "phone_number"), maker.connection),
        business=number(_sender(payload), maker.connection),
        status=STATUSES[status],
        errors=_errors(payload) if STATUSES[status] == "failed" else (),
        native={"status": status, **left(dict(payload), USED), **left(dict(to), frozenset({"phone_number", "status"}))},
    )
    key = (message_id, id_at(to, "phone_number"), status)
    when = from_iso(text_at(event, "occurred_at"))
    return maker.event("message.status_changed", data, subject=message_id, time=when, key=key)


def _sender(payload: Json) -> str | None:
    """Our number; older payloads hold it as a text."""
    return id_at(payload, "from", "phone_number") or id_at(payload, "from")


def _errors(payload: Json) -> tuple[dict[str, Any], ...]:
    kept = ("code", "title", "detail")
    return tuple({name: id_at(one, name) for name in kept if id_at(one, name)} for one in objects(payload, "errors"))


def _file(item: Json) -> Media:
    return Media(url=text_at(item, "url"), mime_type=text_at(item, "content_type"), sha256=text_at(item, "sha256"))
