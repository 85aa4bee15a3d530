"""Vonage's deliveries to events: told apart by their shape, for several of them have no status."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.vonage.answers import is_answer_request, query_fields
from connectors.vonage.calls import map_answer, map_progress, map_transfer
from connectors.vonage.messages import map_message
from connectors.vonage.recordings import map_recording, map_transcription
from hub.delivery import Connection, Delivery
from hub.domain.events import Mapped, Unmapped
from hub.errors import Quarantine
from hub.mapping import EventMaker
from hub.parsing import parse_json
from hub.whatsapp.parts import Part, collect, guarded
from hub.whatsapp.reading import Json, word

Mapper = Callable[[EventMaker, Json], tuple[Part, ...]]
MAX_BODY = 256 * 1024  # bytes


def map_delivery(delivery: Delivery, connection: Connection) -> Mapped:
    """Events and unmapped parts; raises Quarantine for what no webhook of Vonage's looks like."""
    if delivery.method == "GET":
        return _unsigned(delivery)
    if len(delivery.body) > MAX_BODY:
        raise Quarantine("larger than Vonage sends")
    value = parse_json(delivery.body)
    if not isinstance(value, dict):
        raise Quarantine("JSON, but no object")
    name, mapper = _route(value)
    maker = EventMaker(delivery, connection)
    parts: list[Part] = []
    first = guarded(f"{name}/unreadable", value, lambda item: _mapped(mapper, maker, item, parts))
    return collect([first, *parts] if isinstance(first, Unmapped) or not parts else parts)


def _mapped(mapper: Mapper, maker: EventMaker, item: Json, parts: list[Part]) -> Part:
    parts.extend(mapper(maker, item))
    return None


def _unsigned(delivery: Delivery) -> Mapped:
    """A GET: the token says that Vonage called, and nothing about the query, of which therefore nothing is believed."""
    if is_answer_request(query_fields(delivery.query)):
        return Mapped(ignored=1)
    return Mapped(unmapped=(Unmapped(type="get/not_an_answer_request"),))


def _route(value: Mapping[str, Any]) -> tuple[str, Mapper]:
    """The mapper of the first row of which the delivery has a field."""
    for names, name, mapper in ROUTES:
        if any(key in value for key in names):
            return name, mapper
    if is_answer_request(value):
        return "answer", map_answer
    raise Quarantine("no field of a Vonage webhook")


def _unmapped(name: str) -> Mapper:
    """Webhooks that we have no words for."""

    def mapper(_maker: EventMaker, value: Json) -> tuple[Part, ...]:
        return (Unmapped(type=name, native=dict(value)),)

    return mapper


def _by_type(_maker: EventMaker, value: Json) -> tuple[Part, ...]:
    return (Unmapped(type=f"event/{word(value.get('type'))}", native=dict(value)),)


# The order matters: a recording's transcription names the recording too, a fallback repeats the request.
ROUTES: tuple[tuple[tuple[str, ...], str, Mapper], ...] = (
    (("original_request",), "fallback", _unmapped("fallback")),
    (("message_uuid",), "message", map_message),
    (("messageId", "msisdn"), "sms-api", _unmapped("sms-api")),
    (("transcription_url",), "transcription", map_transcription),
    (("recording_url", "recording_uuid"), "record", map_recording),
    (("conversation_uuid_from", "conversation_uuid_to"), "transfer", map_transfer),
    (("dtmf", "speech"), "input", _unmapped("input")),
    (("status",), "event", map_progress),
    (("reason",), "error", _unmapped("error")),
    (("type",), "event", _by_type),
)
