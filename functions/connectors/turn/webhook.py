"""One delivery of Turn's to events: what customers sent and statuses, and what we sent through Turn's API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hub.delivery import Connection, Delivery
from hub.domain.events import Mapped
from hub.errors import Quarantine
from hub.mapping import EventMaker
from hub.parsing import dict_at, id_at, parse_json, text_at
from hub.whatsapp.context import context_of
from hub.whatsapp.parts import Part, collect
from hub.whatsapp.reading import Json, without, word
from hub.whatsapp.values import read_value

FIELD = "messages"  # Meta's name of the field whose value Turn sends
LISTS = frozenset({"messages", "statuses", "errors", "contacts"})
SUBSCRIPTION, MESSAGE_ID = "x-turn-hook-subscription", "x-whatsapp-id"


def map_delivery(delivery: Delivery, connection: Connection) -> Mapped:
    """The events of a delivery; raises Quarantine where it is no JSON object."""
    body = parse_json(delivery.body)
    if not isinstance(body, dict):
        raise Quarantine("not a Turn delivery")
    return collect(_parts(EventMaker(delivery, connection), body, delivery))


def _parts(maker: EventMaker, body: Json, delivery: Delivery) -> Iterator[Part]:
    """By the shape: the subscription's name says what was asked for, and is missing in what Turn itself adds."""
    if LISTS & body.keys():
        yield from _value(maker, body)
    elif _is_ours(body):
        yield from _sent(maker, body, delivery.headers.get(MESSAGE_ID, ""))
    else:
        kind = word(delivery.headers.get(SUBSCRIPTION) or body.get("type"))
        yield context_of(maker, FIELD, {}).unmapped(kind, body)


def _value(maker: EventMaker, body: Json) -> Iterator[Part]:
    """Customers' messages and statuses; a message that Turn marks as outbound is one of ours."""
    messages = body.get("messages")
    if not isinstance(messages, list):
        yield from read_value(context_of(maker, FIELD, body), body)
        return
    ours = [item for item in messages if isinstance(item, dict) and _direction(item) == "outbound"]
    for item in ours:
        yield from _sent(maker, item, "")
    theirs = [item for item in messages if not any(item is one for one in ours)]
    rest = {**body, "messages": theirs} if theirs or not ours else without(body, "messages", "contacts")
    if rest:
        yield from read_value(context_of(maker, FIELD, rest), rest)


def _sent(maker: EventMaker, item: Json, given_id: str) -> Iterator[Part]:
    """A message that went out: the payload as it was given to Turn's API, whose id stands in a header."""
    known = {"id": id_at(item, "id") or given_id or None, "to": id_at(item, "to") or _owner(item)}
    whole: dict[str, Any] = {**item, **{key: text for key, text in known.items() if text}}
    number = id_at(item, "from")
    value = {"message_echoes": [whole], **({"metadata": {"display_phone_number": number}} if number else {})}
    yield from read_value(context_of(maker, FIELD, value), value)


def _is_ours(body: Json) -> bool:
    return isinstance(body.get("type"), str) and bool(id_at(body, "to") or _direction(body) == "outbound")


def _direction(item: Json) -> str | None:
    return text_at(_vendor(item), "direction")


def _owner(item: Json) -> str | None:
    """The customer whose chat it is, as Turn writes it: with a +."""
    return (text_at(_vendor(item), "chat", "owner") or "").removeprefix("+") or None


def _vendor(item: Json) -> Json:
    return dict_at(dict_at(item, "_vnd"), "v1")
