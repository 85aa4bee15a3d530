"""Messages of customers and what became of ours, in Gupshup's own form (v2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.domain.events import Event, Media, MessageChangeData, MessageData, NoticeData, Party, Unmapped
from hub.mapping import EventMaker
from hub.parsing import bool_at, dict_at, id_at, int_at, text_at
from hub.whatsapp.parts import Part
from hub.whatsapp.people import Person, party, person, scope_of
from hub.whatsapp.reading import Json, instant_of, required, without, word

MEDIA = frozenset({"image", "file", "audio", "voice", "video", "sticker"})
# Where the words of a message stand, by its type.
WORDS: Mapping[str, str] = {
    "text": "text",
    "quick_reply": "text",
    "button_reply": "title",
    "list_reply": "title",
    "contact": "",
    "location": "",
    **dict.fromkeys(MEDIA, "caption"),
}
STATUSES = frozenset({"enqueued", "failed", "sent", "delivered", "read", "deleted"})
_MEDIA_KEYS = ("url", "contentType", "name", "caption", "mediaId")
_NO_PARENTS = ("parent_user_id",)


def read_message(maker: EventMaker, body: Json) -> Part:
    """A message that a customer sent; its time is when Gupshup received it."""
    payload = dict_at(body, "payload")
    kind, message_id = required(payload, "type"), required(payload, "id")
    if kind not in WORDS:
        return Unmapped(type=f"message/{word(kind)}", native=body)
    content, about = dict_at(payload, "payload"), dict_at(payload, "context")
    data = MessageData(
        message_id=message_id,
        channel="whatsapp",
        direction="inbound",
        customer=_sender(maker, payload),
        business=id_at(body, "app"),
        content=kind,
        text=text_at(content, WORDS[kind]) if WORDS[kind] else None,
        media=_media(content) if kind in MEDIA else (),
        reply_to=id_at(about, "id") or id_at(about, "gsId"),
        forwarded=bool(bool_at(about, "forwarded") or bool_at(about, "frequentlyForwarded")),
        native=_rest(kind, payload, content),
    )
    return maker.event("message.received", data, subject=message_id, time=at(body), key=(message_id,))


def _sender(maker: EventMaker, payload: Json) -> Party:
    sender = dict_at(payload, "sender")
    named = person(payload, "user_id", _NO_PARENTS, "source")
    whole = named.completed_by(person(sender, "user_id", _NO_PARENTS, "phone"))
    return party(whole.completed_by(Person(name=text_at(sender, "name"))), scope_of(maker.connection))


def _media(content: Json) -> tuple[Media, ...]:
    names = {"id": "mediaId", "url": "url", "mime_type": "contentType", "filename": "name", "caption": "caption"}
    return (Media(**{ours: id_at(content, theirs) for ours, theirs in names.items()}),) if content else ()


def _rest(kind: str, payload: Json, content: Json) -> dict[str, Any]:
    """All that has no field of ours, as it came."""
    covered = _MEDIA_KEYS if kind in MEDIA else (WORDS[kind],)
    rest = without(payload, "id", "type", "source", "sender", "payload")
    left = without(content, *covered)
    return {**rest, **({"payload": left} if left else {})}


def read_status(maker: EventMaker, body: Json) -> Part:
    """What became of a message of ours; two of these events are about the customer instead."""
    payload = dict_at(body, "payload")
    kind = required(payload, "type")
    if kind == "mismatch":
        return _mismatch(maker, body, payload)
    if kind not in STATUSES:
        return Unmapped(type=f"message-event/{word(kind)}", native=body)
    said = dict_at(payload, "payload")
    # `id` is WhatsApp's once WhatsApp has the message; before that it is Gupshup's own, which `gsId` repeats later.
    found = id_at(said, "whatsappMessageId") or id_at(payload, "id") or id_at(payload, "gsId")
    message_id = required({"id": found}, "id")
    data = MessageChangeData(
        message_id=message_id,
        channel="whatsapp",
        customer=party(person(payload, "user_id", _NO_PARENTS, "destination"), scope_of(maker.connection)),
        business=id_at(body, "app"),
        status=kind,
        errors=(dict(said),) if kind == "failed" and said else (),
        native=without(payload, "type", "destination"),
    )
    time = _first_time(payload, said) or at(body)
    return maker.event("message.status_changed", data, subject=message_id, time=time, key=(message_id, kind))


def _mismatch(maker: EventMaker, body: Json, payload: Json) -> Event:
    """The number that was written to has another id on WhatsApp: both are the same customer's."""
    said, scope = dict_at(payload, "payload"), scope_of(maker.connection)
    wa_id, phone = required(said, "wa_id"), required(said, "phone")
    both = [one for number in (wa_id, phone) for one in party(Person(wa_id=number), scope).identifiers]
    data = NoticeData(
        subject="mismatch", status="mismatch", customer=Party(identifiers=tuple(dict.fromkeys(both))), native=dict(said)
    )
    return maker.event("identity.changed", data, subject="mismatch", time=at(body), key=(wa_id, phone))


def _first_time(payload: Json, said: Json) -> str | None:
    return instant_of(int_at(payload, "ts")) or instant_of(int_at(said, "ts"))


def at(body: Json) -> str | None:
    """When Gupshup says that it was: milliseconds, in one kind of event seconds."""
    return instant_of(int_at(body, "timestamp"))
