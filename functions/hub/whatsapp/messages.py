"""Messages of every type, in and out, to events; one table says what each type becomes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal

from hub.domain.events import Media, MessageChangeData, MessageData, NoticeData
from hub.parsing import bool_at, dict_at, id_at, text_at
from hub.whatsapp.context import Context
from hub.whatsapp.parts import Part
from hub.whatsapp.people import Person, contact, person
from hub.whatsapp.reading import Json, required, without, word

Side = Literal["customer", "business"]
Reader = Callable[[Context, Json, Person, Side], Part]

MEDIA = frozenset({"image", "video", "audio", "voice", "sticker", "document"})
# Types that carry content of a person's; each is a message, whatever else it holds is kept in `native`.
CONTENT = MEDIA | {
    *("text", "location", "contacts", "interactive", "button", "order", "unsupported"),
    "template",  # only of ours
    "media_placeholder",  # only in a history import: the media follows in a delivery of its own
}
# Where the words of a message stand, by type and then by the name inside.
WORDS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "text": (("body",),),
    "button": (("text",),),
    "order": (("text",),),
    "interactive": (("button_reply", "title"), ("list_reply", "title"), ("nfm_reply", "body"), ("body", "text")),
    **dict.fromkeys(MEDIA, (("caption",),)),
}
_OURS = ("id", "type", "timestamp", "group_id", "from", "from_user_id", "from_parent_user_id")
_RECIPIENT = ("to", "to_user_id", "to_parent_user_id", "recipient_type", "messaging_product")
CHANGES = frozenset(
    {"user_changed_number", "user_changed_user_id", "customer_identity_changed", "customer_changed_number"}
)
_MEDIA_KEYS = ("id", "url", "mime_type", "sha256", "filename", "caption", "voice")
_CONTEXT_KEYS = ("id", "from", "message_id", "forwarded")


def read_message(context: Context, item: Json) -> Part:
    """A message that a customer sent."""
    return read(context, item, person(item, "from_user_id", ("from_parent_user_id",), "from"), "customer")


def read_echo(context: Context, item: Json) -> Part:
    """A message that the business sent from its phone, or another of its apps; `standby` wraps it in `message`."""
    inner = dict_at(item, "message")
    whole = {**inner, **without(item, "message")} if inner else item
    return read(context, whole, person(whole, "to_user_id", ("to_parent_user_id",), "to"), "business")


def read(context: Context, item: Json, who: Person, side: Side) -> Part:
    """A message of any type; `who` is the customer, `side` tells who wrote it."""
    kind = required(item, "type")
    reader = READERS.get(kind)
    return reader(context, item, who, side) if reader else context.unmapped(word(kind), item)


def _content(context: Context, item: Json, who: Person, side: Side) -> Part:
    message_id, kind, about = required(item, "id"), required(item, "type"), dict_at(item, "context")
    data = MessageData(
        message_id=message_id,
        channel="whatsapp",
        direction="inbound" if side == "customer" else "outbound",
        customer=context.party(who),
        business=context.number or context.display or None,
        content=kind,
        text=_words(kind, dict_at(item, kind)),
        media=_media(kind, dict_at(item, kind)),
        reply_to=id_at(about, "id") or id_at(about, "message_id"),
        group_id=id_at(item, "group_id"),
        forwarded=bool(bool_at(about, "forwarded") or bool_at(about, "frequently_forwarded")),
        origin=context.origin if side == "customer" or context.origin != "live" else "echo",
        native=_rest(item, kind),
    )
    event_type = "message.received" if side == "customer" else "message.echoed"
    return context.event(event_type, data, item, subject=message_id, key=_key(context, item, kind))


def _key(context: Context, item: Json, kind: str) -> tuple[str, ...]:
    """A history import sends a message twice, as placeholder and with its media, under one id."""
    return (context.number, required(item, "id"), *([kind] if context.origin == "history" else []))


def _words(kind: str, body: Json) -> str | None:
    for path in WORDS.get(kind, ()):
        holder = dict_at(body, path[0]) if len(path) > 1 else body
        if found := text_at(holder, path[-1]):
            return found
    return None


def _media(kind: str, body: Json) -> tuple[Media, ...]:
    if kind not in MEDIA or not body:
        return ()
    names = ("id", "url", "mime_type", "sha256", "filename", "caption")
    return (Media(**{name: id_at(body, name) for name in names}, voice=bool_at(body, "voice")),)


def _rest(item: Json, kind: str) -> dict[str, Any]:
    """All that has no field of ours, as it came."""
    rest = without(item, *_OURS, *_RECIPIENT)
    covered = {"text": ("body",), **dict.fromkeys(MEDIA, _MEDIA_KEYS)}.get(kind, ())
    for name, keys in ((kind, covered), ("context", _CONTEXT_KEYS)):
        if isinstance(item.get(name), dict) and not (left := without(item[name], *keys)):
            rest.pop(name)
        elif keys and isinstance(item.get(name), dict):
            rest[name] = left
    return rest


def _reaction(context: Context, item: Json, who: Person, side: Side) -> Part:
    """`emoji` is missing or empty when the reaction is taken back."""
    body = dict_at(item, "reaction")
    return _change(context, "message.reacted", item, who, side, body, "message_id", reaction=text_at(body, "emoji"))


def _edit(context: Context, item: Json, who: Person, side: Side) -> Part:
    body = dict_at(item, "edit")
    message = dict_at(body, "message")
    kind = id_at(message, "type") or ""
    words = _words(kind, dict_at(message, kind))
    return _change(context, "message.edited", item, who, side, body, "original_message_id", text=words, native=message)


def _revoke(context: Context, item: Json, who: Person, side: Side) -> Part:
    return _change(context, "message.revoked", item, who, side, dict_at(item, "revoke"), "original_message_id")


def _change(
    context: Context, event_type: str, item: Json, who: Person, side: Side, body: Json, target: str, **said: Any
) -> Part:
    """An event about the earlier message that `target` names."""
    message_id, change_id = required(body, target), required(item, "id")
    data = MessageChangeData(
        message_id=message_id,
        channel="whatsapp",
        customer=context.party(who),
        business=context.number or context.display or None,
        change_id=change_id,
        group_id=id_at(item, "group_id"),
        by=side,
        **said,
    )
    return context.event(event_type, data, item, subject=message_id, key=(context.number, change_id))


def _system(context: Context, item: Json, who: Person, _side: Side) -> Part:
    """A customer's number, user id or security code changed; until 2024 the new number was called `new_wa_id`."""
    body = dict_at(item, "system")
    kind = required(body, "type")
    if kind not in CHANGES:
        return context.unmapped(f"system/{word(kind)}", item)
    old = who.completed_by(person(body, "previous_user_id", ("previous_parent_user_id",), ""))
    new = person(body, "user_id", ("parent_user_id",), "wa_id" if "wa_id" in body else "new_wa_id")
    return _identity(context, item, kind, old, new)


def _identity(context: Context, item: Json, kind: str, old: Person, new: Person) -> Part:
    """`customer` names the old and the new identifiers, `native.previous` those that no longer hold."""
    before, after = context.party(old), context.party(new)
    named = tuple(dict.fromkeys((*after.identifiers, *before.identifiers)))
    gone = [one for one in context.identifiers(old) if any(_replaces(other, one) for other in after.identifiers)]
    data = NoticeData(
        subject=required(item, "id"),
        customer=before.model_copy(update={"identifiers": named}),
        status=kind,
        native={**without(item, *_OURS), "previous": [one.model_dump() for one in gone]},
    )
    return context.event(
        "identity.changed", data, item, subject=required(item, "id"), key=(context.number, required(item, "id"))
    )


def _replaces(new: Any, old: Any) -> bool:
    return bool(new.kind == old.kind and new.scope == old.scope and new.value != old.value)


READERS: Mapping[str, Reader] = {
    **dict.fromkeys(CONTENT, _content),
    "reaction": _reaction,
    "edit": _edit,
    "revoke": _revoke,
    "system": _system,
}

_NOT_DIGITS = re.compile(r"[^0-9]")


def read_thread(context: Context, thread: Json, item: Json) -> Part:
    """A message of a history import; `thread` names the customer, and only our own messages have `to`."""
    about = dict_at(thread, "context")
    who = contact({**about, "wa_id": id_at(about, "wa_id") or thread.get("id")})
    if _is_ours(context, item):
        return read(context, item, who, "business")
    sender = person(item, "from_user_id", ("from_parent_user_id",), "from")
    return read(context, item, sender.completed_by(who), "customer")


def _is_ours(context: Context, item: Json) -> bool:
    sender, ours = (_NOT_DIGITS.sub("", one) for one in (id_at(item, "from") or "", context.display))
    return bool(id_at(item, "to") or id_at(item, "to_user_id") or (sender and sender == ours))
