"""Messages of a conversation, as classic MessageBird's Conversations API writes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from hub.domain.events import Media, MessageChangeData, MessageData, Party, Unmapped
from hub.mapping import EventMaker
from hub.parsing import dict_at, id_at, text_at
from hub.whatsapp.parts import Part, guarded
from hub.whatsapp.people import Person, party, person, scope_of
from hub.whatsapp.reading import Json, instant_written, required, without, word

MEDIA = frozenset({"image", "video", "audio", "file", "whatsappSticker"})
CONTENT = MEDIA | {"text", "location", "hsm", "interactive", "whatsappText", "contacts"}
STATUSES: Mapping[str, str] = {"rejected": "failed"}
Reader = Callable[[EventMaker, Json, Json], Part]
_KINDS = ("message.created", "message.updated")


def parts(maker: EventMaker, body: Json, kind: str) -> list[Part]:
    """What one delivery says: a message, and for one of ours what became of it."""
    message = body.get("message")
    name = "classic/" + "/".join(word(part) for part in kind.split(".")[:3])
    if kind not in _KINDS or not _on_whatsapp(message):
        return [Unmapped(type=name, native=body)]
    readers: list[Reader] = [read_message] if kind == "message.created" else []
    if id_at(message, "direction") == "sent":
        readers.append(read_status)
    found = [guarded(f"{name}/unreadable", message, partial(reader, maker, body)) for reader in readers]
    return [one for number, one in enumerate(found) if one not in found[:number]] or [Unmapped(type=name, native=body)]


def _on_whatsapp(message: Any) -> bool:
    return not isinstance(message, dict) or (id_at(message, "platform") or "whatsapp").startswith("whatsapp")


def read_message(maker: EventMaker, body: Json, message: Json) -> Part:
    """A message in either direction."""
    kind, message_id, direction = required(message, "type"), required(message, "id"), required(message, "direction")
    if kind not in CONTENT or direction not in ("received", "sent"):
        return Unmapped(type=f"classic/message/{word(kind)}", native=body)
    content = dict_at(message, "content")
    inner = dict_at(content, kind)
    inbound = direction == "received"
    data = MessageData(
        message_id=message_id,
        channel="whatsapp",
        direction="inbound" if inbound else "outbound",
        customer=_customer(maker, body, message),
        business=id_at(message, "channelId"),
        content=kind,
        text=text_at(content, "text") or text_at(inner, "caption"),
        media=(Media(url=id_at(inner, "url"), caption=id_at(inner, "caption")),) if kind in MEDIA else (),
        origin="live" if inbound else "echo",
        native={"content": left} if (left := without(content, "text", *(MEDIA & {kind}))) else {},
    )
    at = instant_written(text_at(message, "createdDatetime"))
    event_type = "message.received" if inbound else "message.echoed"
    return maker.event(event_type, data, subject=message_id, time=at, key=(message_id,))


def read_status(maker: EventMaker, body: Json, message: Json) -> Part:
    """What became of a message of ours."""
    message_id, status = required(message, "id"), required(message, "status")
    error = dict_at(message, "error")
    data = MessageChangeData(
        message_id=message_id,
        channel="whatsapp",
        customer=_customer(maker, body, message),
        business=id_at(message, "channelId"),
        status=STATUSES.get(status, status),
        errors=(dict(error),) if error else (),
        native={"status": status},
    )
    at = instant_written(text_at(message, "updatedDatetime")) or instant_written(text_at(message, "createdDatetime"))
    return maker.event("message.status_changed", data, subject=message_id, time=at, key=(message_id, status))


def _customer(maker: EventMaker, body: Json, message: Json) -> Party:
    """`from` of what was received, `to` of what was sent; the contact adds the number again, and a name."""
    contact = dict_at(body, "contact")
    key = "from" if id_at(message, "direction") == "received" else "to"
    number = (id_at(message, key) or id_at(contact, "msisdn") or "").removeprefix("+")
    whole = person({"number": number or None}, "", (), "number")
    return party(whole.completed_by(Person(name=text_at(contact, "displayName"))), scope_of(maker.connection))
