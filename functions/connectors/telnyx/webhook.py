"""Telnyx's deliveries to events: JSON with or without its envelope, and the forms of TeXML."""

from __future__ import annotations

from typing import Any

from connectors.telnyx.calls import MAPPERS
from connectors.telnyx.messages import map_message
from connectors.telnyx.texml import map_texml
from hub.delivery import Connection, Delivery
from hub.domain.events import Mapped, Unmapped
from hub.errors import Quarantine
from hub.legs import short_id
from hub.mapping import EventMaker
from hub.parsing import dict_at, parse_form, parse_json, text_at
from hub.whatsapp.owned import owns
from hub.whatsapp.parts import Part, collect
from hub.whatsapp.reading import Json, Unreadable

MAX_BODY = 1024 * 1024  # bytes
MAX_TYPE = 100  # characters


def map_delivery(delivery: Delivery, connection: Connection) -> Mapped:
    """Events and unmapped parts; raises Quarantine for what no webhook of this account looks like."""
    if len(delivery.body) > MAX_BODY:
        raise Quarantine("larger than Telnyx sends")
    maker = EventMaker(delivery, connection)
    if delivery.body.lstrip()[:1] not in (b"{", b"["):
        return map_texml({name: value for name, value in parse_form(delivery.body).items() if value}, maker)
    value = parse_json(delivery.body)
    event = dict_at(value, "data") or (value if isinstance(value, dict) else {})
    if "event_type" in event:
        return _event(event, maker)
    if "CallSid" in event or "RecordingSid" in event:
        return map_texml(_as_fields(event), maker)
    raise Quarantine("JSON, but no event of Telnyx's")


def _event(event: Json, maker: EventMaker) -> Mapped:
    named, payload = type_of(event), dict_at(event, "payload")
    for setting, key in (("connection_ids", "connection_id"), ("messaging_profile_ids", "messaging_profile_id")):
        found = short_id(payload, key)
        if found and not owns(maker.connection, setting, found):
            raise Quarantine(f"{key} is of another connection")
    return collect(_parts(named, event, payload, maker))


def _parts(named: str, event: Json, payload: Json, maker: EventMaker) -> tuple[Part, ...]:
    mapper = map_message if named.startswith("message.") else MAPPERS.get(named)
    try:
        found = mapper(named, event, payload, maker) if mapper and payload else ()
    except Unreadable:
        return (Unmapped(type=f"{named}/unreadable", native=dict(event)),)
    return found or (Unmapped(type=named, native=dict(event)),)


def type_of(event: Json) -> str:
    """The event's type; the first version of the API wrote `call_answered`."""
    named = text_at(event, "event_type") or ""
    plain = named.isascii() and named.replace(".", "").replace("_", "").isalpha() and len(named) <= MAX_TYPE
    return (named if "." in named else named.replace("_", ".", 1)) if plain else "unknown"


def _as_fields(event: Json) -> dict[str, str]:
    """TeXML as JSON, as the reference prints it."""
    return {name: str(value) for name, value in event.items() if _says(value)}


def _says(value: Any) -> bool:
    return isinstance(value, (str, int)) and not isinstance(value, bool) and value != ""
