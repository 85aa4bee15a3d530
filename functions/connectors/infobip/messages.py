"""Messages of customers, as Infobip writes them: one flat object beside its `type` in capitals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.domain.events import Media, MessageData, Party, Unmapped
from hub.mapping import EventMaker
from hub.parsing import bool_at, dict_at, id_at, text_at
from hub.whatsapp.parts import Part
from hub.whatsapp.people import Person, party, person, scope_of
from hub.whatsapp.reading import Json, instant_written, required, without, word

MEDIA = frozenset({"IMAGE", "VIDEO", "AUDIO", "VOICE", "DOCUMENT", "STICKER"})
# Where the words of a message stand, by its type.
WORDS: Mapping[str, str] = {
    "TEXT": "text",
    "BUTTON": "text",
    "ORDER": "text",
    "INTERACTIVE_BUTTON_REPLY": "title",
    "INTERACTIVE_LIST_REPLY": "title",
    **dict.fromkeys(("LOCATION", "CONTACT", "INTERACTIVE_FLOW_REPLY", "UNSUPPORTED", "INFECTED_CONTENT"), ""),
    **dict.fromkeys(MEDIA, "caption"),
}
_OURS = ("from", "to", "messageId", "receivedAt", "integrationType", "contact", "message")
_CONTACT = ("name", "phoneNumber", "userId", "parentUserId", "username")
_MEDIA_KEYS = ("url", "caption", "filename")


def read_message(maker: EventMaker, item: Json) -> Part:
    """A message that a customer sent; `to` is the sender's number of ours."""
    message, message_id = dict_at(item, "message"), required(item, "messageId")
    kind = required(message, "type")
    if kind not in WORDS:
        return Unmapped(type=f"message/{word(kind)}", native=item)
    about = dict_at(message, "context")
    data = MessageData(
        message_id=message_id,
        channel="whatsapp",
        direction="inbound",
        customer=_customer(maker, item),
        business=id_at(item, "to"),
        content=kind.lower(),
        text=text_at(message, WORDS[kind]) if WORDS[kind] else None,
        media=_media(kind, message),
        reply_to=id_at(about, "id"),
        forwarded=bool(bool_at(about, "forwarded") or bool_at(about, "frequentlyForwarded")),
        native=_rest(kind, item, message),
    )
    at = instant_written(text_at(item, "receivedAt"))
    return maker.event("message.received", data, subject=message_id, time=at, key=(message_id,))


def _customer(maker: EventMaker, item: Json) -> Party:
    """`contact` names the sender; since 2026 with the business-scoped user id, also where the phone is hidden."""
    contact = dict_at(item, "contact")
    named = person(contact, "userId", ("parentUserId",), "phoneNumber").completed_by(
        Person(username=id_at(contact, "username"), name=text_at(contact, "name"))
    )
    return party(person(item, "", (), "from").completed_by(named), scope_of(maker.connection))


def _media(kind: str, message: Json) -> tuple[Media, ...]:
    if kind not in MEDIA:
        return ()
    names = {name: id_at(message, name) for name in _MEDIA_KEYS}
    return (Media(**names, voice=kind == "VOICE" or None),)


def _rest(kind: str, item: Json, message: Json) -> dict[str, Any]:
    """All that has no field of ours, as it came."""
    covered = ("type", *(_MEDIA_KEYS if kind in MEDIA else (WORDS[kind],)))
    left = {"message": without(message, *covered), "contact": without(dict_at(item, "contact"), *_CONTACT)}
    return {**without(item, *_OURS), **{name: rest for name, rest in left.items() if rest}}
