"""One delivery of Meta's to events: every entry, change and item of it, each on its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from connectors.whatsapp_cloud.context import Context, Part, context_of
from connectors.whatsapp_cloud.fields import read_field
from connectors.whatsapp_cloud.messages import read_echo, read_message, read_thread
from connectors.whatsapp_cloud.reading import Json, Unreadable, objects, without, word
from connectors.whatsapp_cloud.statuses import read_preference, read_status
from hub.delivery import Connection, Delivery
from hub.domain.events import Event, Mapped, Unmapped
from hub.errors import Quarantine
from hub.mapping import EventMaker
from hub.parsing import dict_at, id_at, parse_json

CONVERSATIONS = frozenset(
    {"messages", "standby", "history", "smb_message_echoes", "message_echoes", "user_preferences"}
)
# The lists of a conversation's value and how to read an item of each.
ITEMS: Mapping[str, Callable[[Context, Json], Part]] = {
    "messages": read_message,
    "message_echoes": read_echo,
    "statuses": read_status,
    "user_preferences": read_preference,
}
# What says whom and which number a value is about, not what happened.
_FRAME = ("messaging_product", "metadata", "contacts")


def map_delivery(delivery: Delivery, connection: Connection) -> Mapped:
    """The events of a delivery; raises Quarantine where it is none of Meta's or is about another account's number."""
    document = parse_json(delivery.body)
    envelopes = document if isinstance(document, list) else [document]
    if not any(_is_envelope(one) for one in envelopes):
        raise Quarantine("not a WhatsApp Business Account delivery")
    _refuse_foreign(envelopes, connection)
    maker = EventMaker(delivery, connection)
    return _collect(part for one in envelopes for part in _envelope(maker, one))


def _is_envelope(value: object) -> bool:
    return (
        isinstance(value, dict)
        and value.get("object") == "whatsapp_business_account"
        and isinstance(value.get("entry"), list)
    )


def _refuse_foreign(envelopes: list[Any], connection: Connection) -> None:
    """One app secret may serve several accounts: what is about a number of another one must not be filed here."""
    owned = connection.settings.get("phone_number_ids")
    if owned is None:
        return
    ours = {str(one).strip() for one in (owned if isinstance(owned, list | tuple) else str(owned).split(","))}
    if any(number not in ours for one in envelopes for number in _numbers(one)):
        raise Quarantine("a phone number of another account")


def _numbers(envelope: Any) -> Iterator[str]:
    """The ids of the business numbers that a delivery is about; three fields have a place of their own for it."""
    for entry in objects(envelope if isinstance(envelope, dict) else {}, "entry"):
        for change in objects(entry, "changes"):
            value = dict_at(change, "value")
            for place in ("metadata", "recipient", "phone_number_settings"):
                if number := id_at(dict_at(value, place), "phone_number_id"):
                    yield number


def _envelope(maker: EventMaker, envelope: Any) -> Iterator[Part]:
    if not _is_envelope(envelope):
        yield Unmapped(type="envelope/unreadable", native=envelope)
        return
    if not envelope["entry"]:
        yield None
    for entry in envelope["entry"]:
        yield from _entry(maker, entry)


def _entry(maker: EventMaker, entry: object) -> Iterator[Part]:
    changes = entry.get("changes") if isinstance(entry, dict) else None
    if not isinstance(changes, list):
        yield Unmapped(type="entry/unreadable", native=entry)
        return
    if not changes:
        yield None
    for change in changes:
        yield from _change(maker, change)


def _change(maker: EventMaker, change: object) -> Iterator[Part]:
    field = word(change.get("field")) if isinstance(change, dict) else "change"
    value = change.get("value") if isinstance(change, dict) else None
    if not isinstance(value, dict):
        yield Unmapped(type=f"{field}/unreadable", native=change)
        return
    context = context_of(maker, field, value)
    yield from _conversation(context, value) if field in CONVERSATIONS else read_field(context, value)


def _conversation(context: Context, value: Json) -> Iterator[Part]:
    """Everything in a value: what we have words for, then `errors`, `user_actions` and whatever Meta adds next."""
    inner = dict_at(value, "standby")
    whole = {**without(value, "standby"), **inner} if inner else value
    parts = [part for name, content in whole.items() if name not in _FRAME for part in _named(context, name, content)]
    yield from parts or [None]


def _named(context: Context, name: str, content: Any) -> Iterator[Part]:
    if not isinstance(content, list):
        yield context.unmapped("unreadable" if name in ITEMS or name == "history" else word(name), content)
        return
    for item in content:
        if name == "history":
            yield from _chunk(context, item)
        elif reader := ITEMS.get(name):
            yield _guarded(context, item, reader)
        else:
            yield context.unmapped(word(name), item)


def _guarded(context: Context, item: object, reader: Callable[[Context, Json], Part]) -> Part:
    """The item's part, or the item set aside: a bad one never takes its neighbours along."""
    if not isinstance(item, dict):
        return context.unmapped("unreadable", item)
    try:
        return reader(context, item)
    except (Unreadable, ValidationError):
        return context.unmapped("unreadable", item)


def _chunk(context: Context, chunk: object) -> Iterator[Part]:
    """One chunk of a history import; a chunk that says only how far it got carries nothing."""
    if not isinstance(chunk, dict):
        yield context.unmapped("unreadable", chunk)
        return
    parts = [part for name, content in without(chunk, "metadata").items() for part in _said(context, name, content)]
    yield from parts or [None]


def _said(context: Context, name: str, content: Any) -> Iterator[Part]:
    for item in content if isinstance(content, list) else [content]:
        yield from _thread(context, item) if name == "threads" else [context.unmapped(word(name), item)]


def _thread(context: Context, thread: object) -> Iterator[Part]:
    messages = thread.get("messages") if isinstance(thread, dict) else None
    if not isinstance(thread, dict) or not isinstance(messages, list):
        yield context.unmapped("unreadable", thread)
        return
    known: Json = thread
    if not messages:
        yield None
    for item in messages:
        yield _guarded(context, item, lambda inside, one: read_thread(inside, known, one))


def _collect(parts: Iterator[Part]) -> Mapped:
    """The parts sorted by what they are; a second copy of an event inside one delivery is set aside, not repeated."""
    events: dict[str, Event] = {}
    unmapped: list[Unmapped] = []
    ignored = 0
    for part in parts:
        if isinstance(part, Unmapped):
            unmapped.append(part)
        elif part is None or events.get(part.id) == part:
            ignored += 1
        elif part.id in events:
            unmapped.append(Unmapped(type=f"{part.type}/conflicting", native=part.data))
        else:
            events[part.id] = part
    return Mapped(events=tuple(events.values()), unmapped=tuple(unmapped), ignored=ignored)
