"""One `value` of Meta's to parts, every item of it on its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from hub.domain.events import Unmapped
from hub.mapping import EventMaker
from hub.parsing import dict_at
from hub.whatsapp.account import read_error
from hub.whatsapp.calls import is_voicemail, read_voicemail
from hub.whatsapp.coexistence import read_action
from hub.whatsapp.context import Context, context_of
from hub.whatsapp.fields import read_field
from hub.whatsapp.messages import read_echo, read_message, read_thread
from hub.whatsapp.parts import Part, guarded
from hub.whatsapp.reading import Json, without, word
from hub.whatsapp.statuses import is_permission, read_permission, read_preference, read_status

CONVERSATIONS = frozenset(
    {"messages", "standby", "history", "smb_message_echoes", "message_echoes", "user_preferences"}
)
# The lists of a conversation's value and how to read an item of each.
ITEMS: Mapping[str, Callable[[Context, Json], Part]] = {
    "messages": read_message,
    "message_echoes": read_echo,
    "statuses": read_status,
    "user_preferences": read_preference,
    "user_actions": read_action,
    "errors": read_error,
}
# What a message says beside itself.
BESIDE: Mapping[str, tuple[tuple[Callable[[object], bool], Callable[[Context, Json], Part]], ...]] = {
    "messages": ((is_voicemail, read_voicemail), (is_permission, read_permission)),
}
# What says whom and which number a value is about, not what happened.
_FRAME = ("messaging_product", "metadata", "contacts")


def read_change(maker: EventMaker, change: object, at: str | None = None) -> Iterator[Part]:
    """The parts of one `{field, value}`; `at` is the time of the entry, which counts for news of the account."""
    field = word(change.get("field")) if isinstance(change, dict) else "change"
    value = change.get("value") if isinstance(change, dict) else None
    if not isinstance(value, dict):
        yield Unmapped(type=f"{field}/unreadable", native=change)
        return
    context = context_of(maker, field, value)
    yield from read_value(context if field in CONVERSATIONS else replace(context, at=at), value)


def read_value(context: Context, value: Json) -> Iterator[Part]:
    """The parts of the value of the field that `context` names."""
    yield from _conversation(context, value) if context.field in CONVERSATIONS else read_field(context, value)


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
            yield guarded(f"{context.field}/unreadable", item, partial(reader, context))
            yield from _beside(context, name, item)
        else:
            yield context.unmapped(word(name), item)


def _beside(context: Context, name: str, item: object) -> Iterator[Part]:
    for says, reader in BESIDE.get(name, ()):
        if says(item):
            yield guarded(f"{context.field}/unreadable", item, partial(reader, context))


def _chunk(context: Context, chunk: object) -> Iterator[Part]:
    """One chunk of a history import; a chunk that says only how far it got carries nothing."""
    if not isinstance(chunk, dict):
        yield context.unmapped("unreadable", chunk)
        return
    parts = [part for name, content in without(chunk, "metadata").items() for part in _said(context, name, content)]
    yield from parts or [None]


def _said(context: Context, name: str, content: Any) -> Iterator[Part]:
    for item in content if isinstance(content, list) else [content]:
        if name == "errors" and isinstance(content, list):
            yield guarded(f"{context.field}/unreadable", item, partial(read_error, context))
        else:
            yield from _thread(context, item) if name == "threads" else [context.unmapped(word(name), item)]


def _thread(context: Context, thread: object) -> Iterator[Part]:
    messages = thread.get("messages") if isinstance(thread, dict) else None
    if not isinstance(thread, dict) or not isinstance(messages, list):
        yield context.unmapped("unreadable", thread)
        return
    if not messages:
        yield None
    for item in messages:
        yield guarded(f"{context.field}/unreadable", item, partial(read_thread, context, thread))
