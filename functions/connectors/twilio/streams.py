"""Event Streams: CloudEvents, alone or in a list; TaskRouter's are the callbacks of the same name in other clothes.

https://www.twilio.com/docs/events/event-types/taskrouter/reservation (read 2026-11). `datacontenttype` holds a date
in Twilio's own example: it is not looked at.
"""

from __future__ import annotations

from typing import Any

from connectors.twilio.reading import Fields, word
from connectors.twilio.taskrouter import map_taskrouter
from hub.domain.events import Mapped, Unmapped, unix_ms
from hub.mapping import EventMaker
from hub.parsing import dict_at, id_at, text_at
from hub.times import from_iso

PREFIX = "com.twilio.taskrouter."


def map_stream_event(item: Any, maker: EventMaker) -> Mapped:
    """One event; what is not TaskRouter's is unmapped by its type."""
    if not isinstance(item, dict):
        return Mapped(unmapped=(Unmapped(type="event/unreadable", native=item),))
    named = text_at(item, "type") or ""
    if named.startswith(PREFIX) and isinstance(item.get("data"), dict):
        return map_taskrouter(_fields(item, named.removeprefix(PREFIX)), maker)
    return Mapped(unmapped=(Unmapped(type=f"event/{word(named or id_at(item, 'EventType'))}", native=item),))


def _fields(item: dict[str, Any], event_type: str) -> Fields:
    """The payload under the names that a callback has: task_queue_sid is TaskQueueSid."""
    payload = dict_at(item, "data", "payload")
    named = {_camel(name): found for name in payload if (found := id_at(payload, name))}
    sid = named.get("Sid") or text_at(item, "data", "sid") or text_at(item, "id")
    moment = from_iso(named.get("Timestamp")) or from_iso(text_at(item, "data", "timestamp"))
    at = named.get("TimestampMs") or (str(unix_ms(moment)) if moment else None)
    more = {"Sid": sid, "TimestampMs": at, "EventType": event_type}
    return {**named, **{name: value for name, value in more.items() if value}}


def _camel(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))
