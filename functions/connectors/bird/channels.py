"""Messages of a WhatsApp channel, both ways, as Bird's Channels API writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.domain.events import Media, MessageChangeData, MessageData, Party, Unmapped
from hub.mapping import EventMaker
from hub.parsing import dict_at, id_at, int_at, list_at, text_at
from hub.whatsapp.parts import Part
from hub.whatsapp.people import Person, party, person, scope_of
from hub.whatsapp.reading import Json, instant_of, instant_written, objects, required, without, word

CONTENT = frozenset({"text", "image", "file", "list", "carousel", "location", "template", "contact", "action"})
# Bird's status -> ours; others (accepted, processing, deleted …) keep Bird's word.
STATUSES: Mapping[str, str] = dict.fromkeys(("rejected", "sending_failed", "delivery_failed"), "failed")
READ = frozenset({"read", "opened"})
_KEPT = ("parts", "meta", "reference", "tags", "context", "chargeableUnits")
_COVERED = ("text", "images", "files")


def read_inbound(maker: EventMaker, payload: Json) -> Part:
    """A message that a customer sent, at WhatsApp's own time where Bird hands it on."""
    extra = dict_at(payload, "meta", "extraInformation")
    kind = _kind(payload)
    if kind not in CONTENT:
        return Unmapped(type=f"whatsapp/inbound/{word(kind)}", native=payload)
    known = Person(user_id=id_at(extra, "whatsappbsuid"), username=id_at(extra, "whatsappusername"))
    customer = _customer(maker, dict_at(payload, "sender", "contact"), known)
    at = instant_of(int_at(extra, "timestamp")) or instant_written(text_at(payload, "createdAt"))
    native = {name: payload[name] for name in _KEPT if payload.get(name)}
    data = _message(payload, kind, customer, "inbound", native)
    return maker.event("message.received", data, subject=data.message_id, time=at, key=(data.message_id,))


def read_echo(maker: EventMaker, payload: Json) -> Part:
    """The message itself of every status of one of ours: each time the same event."""
    kind = _kind(payload)
    if kind not in CONTENT:
        return Unmapped(type=f"whatsapp/outbound/{word(kind)}", native=payload)
    data = _message(payload, kind, _receiver(maker, payload), "outbound", {})
    at = instant_written(text_at(payload, "createdAt"))
    return maker.event("message.echoed", data, subject=data.message_id, time=at, key=(data.message_id,))


def read_status(maker: EventMaker, payload: Json) -> Part:
    """What became of a message of ours."""
    message_id, status = required(payload, "id"), required(payload, "status")
    data = MessageChangeData(
        message_id=message_id,
        channel="whatsapp",
        customer=_receiver(maker, payload),
        business=id_at(payload, "channelId"),
        status=STATUSES.get(status, status),
        callback_data=id_at(payload, "reference"),
        errors=_errors(payload) if STATUSES.get(status) == "failed" else (),
        native={name: payload[name] for name in ("status", *_KEPT) if payload.get(name)},
    )
    at = instant_written(text_at(payload, "lastStatusAt")) or instant_written(text_at(payload, "updatedAt"))
    return maker.event("message.status_changed", data, subject=message_id, time=at, key=(message_id, status))


def read_interaction(maker: EventMaker, payload: Json) -> Part:
    """What a customer did with a message of ours: that it was read is a status, the rest has no words of ours."""
    kind = required(payload, "type")
    if kind not in READ:
        return Unmapped(type=f"whatsapp/interaction/{word(kind)}", native=payload)
    message_id = required(payload, "messageId")
    data = MessageChangeData(
        message_id=message_id,
        channel="whatsapp",
        customer=_receiver(maker, payload),
        business=id_at(payload, "channelId"),
        status="read",
        native=without(payload, "messageId", "channelId", "receiver", "createdAt"),
    )
    at = instant_written(text_at(payload, "createdAt"))
    return maker.event("message.status_changed", data, subject=message_id, time=at, key=(message_id, "read"))


def _kind(payload: Json) -> str:
    """The body's type; a template is not in the body but beside it."""
    template = isinstance(payload.get("template"), dict) and not payload.get("body")
    return "template" if template else required(dict_at(payload, "body"), "type")


def _message(payload: Json, kind: str, customer: Party, direction: Any, native: dict[str, Any]) -> MessageData:
    content = dict_at(payload, "body", kind)
    left = dict_at(payload, "template") if kind == "template" else without(content, *_COVERED)
    return MessageData(
        message_id=required(payload, "id"),
        channel="whatsapp",
        direction=direction,
        customer=customer,
        business=id_at(payload, "channelId"),
        content=kind,
        text=text_at(content, "text"),
        media=_media(content),
        reply_to=id_at(payload, "replyTo", "id"),
        origin="live" if direction == "inbound" else "echo",
        native={**native, **({"body": dict(left)} if left else {})},
    )


def _media(content: Json) -> tuple[Media, ...]:
    return tuple(
        Media(
            url=id_at(one, "mediaUrl"),
            mime_type=id_at(one, "contentType"),
            filename=id_at(one, "filename"),
            caption=id_at(one, "altText"),
        )
        for name in ("images", "files")
        for one in objects(content, name)
    )


def _errors(payload: Json) -> tuple[dict[str, Any], ...]:
    failure, reason = dict_at(payload, "failure"), text_at(payload, "reason")
    said = {**failure, **({"reason": reason} if reason else {})}
    return (said,) if said else ()


def _receiver(maker: EventMaker, payload: Json) -> Party:
    """The one contact that a message went to; of several none is meant alone."""
    contacts = list_at(payload, "receiver", "contacts")
    only = contacts[0] if len(contacts) == 1 else dict_at(payload, "receiver", "contact")
    return _customer(maker, only if isinstance(only, dict) else {}, Person())


def _customer(maker: EventMaker, contact: Json, known: Person) -> Party:
    """Bird's identifier is a phone with +, or another kind that its key names."""
    value = (id_at(contact, "identifierValue") or "").removeprefix("+")
    is_phone = id_at(contact, "identifierKey") in (None, "phonenumber")
    named = person({"value": value or None}, "", (), "value")
    whole = (named if is_phone or named.user_id else Person()).completed_by(known)
    return party(whole.completed_by(Person(name=text_at(contact, "annotations", "name"))), scope_of(maker.connection))
