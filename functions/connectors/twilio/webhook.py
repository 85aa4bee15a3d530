"""Twilio deliveries to events: forms by the parameters they carry, JSON (Event Streams) by its type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from connectors.twilio.calls import map_call
from connectors.twilio.conferences import map_conference
from connectors.twilio.messages import map_message
from connectors.twilio.reading import Fields, first, native, word
from connectors.twilio.signature import is_form
from connectors.twilio.streams import map_stream_event
from connectors.twilio.taskrouter import map_taskrouter
from connectors.twilio.transcripts import map_transcription
from hub.delivery import Connection, Delivery
from hub.domain.events import Mapped, Unmapped
from hub.errors import Quarantine
from hub.mapping import EventMaker
from hub.parsing import id_at, parse_form, parse_json

Mapper = Callable[[Fields, EventMaker], Mapped]
MAX_BODY = 256 * 1024  # bytes; Twilio's own limit for what it posts is lower


def map_delivery(delivery: Delivery, connection: Connection) -> Mapped:
    """Events and unmapped parts; raises Quarantine for what no callback of this account looks like."""
    if len(delivery.body) > MAX_BODY:
        raise Quarantine("larger than Twilio sends")
    if not is_form(delivery.headers, delivery.query):
        return _map_json(parse_json(delivery.body), EventMaker(delivery, connection))
    fields = {name: value for name, value in parse_form(delivery.body).items() if value}
    _check_account(fields.get("AccountSid"), connection)
    return _mapper(fields)(fields, EventMaker(delivery, connection))


def _check_account(account_sid: str | None, connection: Connection) -> None:
    expected = connection.settings.get("account_sid")
    if expected and account_sid and account_sid != expected:
        raise Quarantine("AccountSid is of another account")


def _mapper(fields: Fields) -> Mapper:
    """The mapper of the first row of which the delivery has a parameter."""
    for names, mapper in ROUTES:
        if any(name in fields for name in names):
            return mapper
    raise Quarantine("no parameter of a Twilio callback")


def _unmapped(family: str, *type_names: str) -> Mapper:
    """Callbacks that we have no words for: counted by the first of those parameters that is there."""

    def mapper(fields: Fields, _maker: EventMaker) -> Mapped:
        found = first(fields, *type_names)
        type_word = f"{family}/{word(found)}" if found else family
        return Mapped(unmapped=(Unmapped(type=type_word, native=native(fields, frozenset())),))

    return mapper


# The order matters: callbacks of one product carry parameters of others (a conversation's message, a call's task).
ROUTES: tuple[tuple[tuple[str, ...], Mapper], ...] = (
    (("TranscriptionSid", "TranscriptionEvent"), map_transcription),
    (("ConversationSid", "ChatServiceSid"), _unmapped("conversation", "EventType")),
    (("MessageSid", "SmsSid", "SmsMessageSid", "MessageStatus", "SmsStatus"), map_message),
    (("EventType",), map_taskrouter),
    (("ReservationSid", "TaskSid"), _unmapped("taskrouter/assignment")),
    (("RecordingSid", "RecordingStatus", "RecordingUrl", "DialCallStatus"), map_call),
    (("ConferenceSid",), map_conference),
    (("QueueResult", "QueueSid"), _unmapped("queue", "QueueResult")),
    (("Digits", "SpeechResult"), _unmapped("gather")),
    (("CallStatus",), map_call),
    (("CallSid",), _unmapped("call", "StatusCallbackEvent", "StreamEvent")),
    (("AccountSid",), _unmapped("unknown")),
)


def _map_json(value: Any, maker: EventMaker) -> Mapped:
    items = value if isinstance(value, list) else [value]
    if not any(isinstance(item, dict) for item in items):
        raise Quarantine("JSON, but no event")
    for item in items:
        for path in (("AccountSid",), ("data", "account_sid"), ("data", "accountSid")):
            _check_account(id_at(item, *path), maker.connection)
    parts = [map_stream_event(item, maker) for item in items]
    # One event twice in a list is one event.
    events = {event.id: event for part in parts for event in part.events}
    return Mapped(events=tuple(events.values()), unmapped=tuple(one for part in parts for one in part.unmapped))
