"""What Zoom's objects mean: who of a call is ours, which leg an event is about, when it happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.calling import key_at, named, other_side, our_number, word
from hub.delivery import Connection
from hub.domain.events import Event, Model, Party
from hub.domain.events_calls import Direction
from hub.mapping import EventMaker
from hub.parsing import at, dict_at, text_at
from hub.times import any_time

Json = Mapping[str, Any]

# Extension types of somebody who is not the account's, in Zoom's two spellings.
OUTSIDE = frozenset({"pstn", "five9", "twilio", "external_contact"})
QUEUES = frozenset(
    {"callQueue", "call_queue", "autoReceptionist", "auto_receptionist", "sharedLineGroup", "shared_line_group"}
)


@dataclass(frozen=True, slots=True)
class News:
    """One delivery: Zoom's word for what happened, what it is about, and when Zoom says it was."""

    maker: EventMaker
    event: str
    item: Json
    payload: Json
    at: str | None

    @property
    def connection(self) -> Connection:
        """The connection that it came in on."""
        return self.maker.connection

    def time(self, *names: str) -> str | None:
        """The first of those times of the object, else the delivery's own."""
        return next((found for name in names if (found := any_time(self.item.get(name)))), self.at)

    def make(self, event_type: str, data: Model, subject: str, time: str | None, *key: object) -> Event:
        """An event of this delivery; `key` is what tells it from others of the same name."""
        return self.maker.event(event_type, data, subject=subject, time=time, key=(self.event, *key, time))


@dataclass(frozen=True, slots=True)
class Side:
    """The caller or the callee of a live event."""

    given: Json
    own: bool

    def agent(self) -> dict[str, Any]:
        """The person or queue of ours on this side."""
        if not self.own:
            return {}
        name, extension = text_at(self.given, "name"), key_at(self.given, "extension_number")
        if text_at(self.given, "extension_type") in QUEUES:
            return named({"queue": name or extension, "queue_id": key_at(self.given, "extension_id")})
        user = key_at(self.given, "user_id")
        return named({"agent": name or user or extension, "agent_id": user, "agent_extension": extension})

    @property
    def leg(self) -> str | None:
        """What tells this side's legs apart: the device, else the person, else the extension."""
        names = ("device_id", "user_id", "extension_id", "extension_number")
        return next((found for name in names if (found := key_at(self.given, name))), None)

    @property
    def number(self) -> str | None:
        """The number, as Zoom writes it."""
        return text_at(self.given, "phone_number")


def side(news: News, name: str) -> Side:
    """The caller or the callee; ours where Zoom knows an extension or a user of the account."""
    given = dict_at(news.item, name)
    known = any(given.get(key) for key in ("user_id", "extension_id", "extension_number"))
    kind = text_at(given, "extension_type")
    return Side(given, own=kind not in OUTSIDE and (known or kind is not None))


def direction_of(caller_own: bool, callee_own: bool, about_caller: bool) -> Direction:
    """In the business's sense; where neither is known to be ours, the one whom the event is about is."""
    if caller_own and callee_own:
        return "internal"
    return "outbound" if caller_own or (about_caller and not callee_own) else "inbound"


def customer_of(news: News, direction: Direction, caller: Side, callee: Side) -> tuple[Party, str | None]:
    """The customer and our own number."""
    sides = {"inbound": (caller, callee), "outbound": (callee, caller)}.get(direction)
    if sides is None:
        return Party(), None
    them, us = sides
    party = other_side(them.number, news.connection, text_at(them.given, "name"))
    return party, our_number(us.number, news.connection)


def forwarded(news: News) -> dict[str, Any]:
    """The queue or receptionist that passed the call on."""
    found = dict_at(news.item, "forwarded_by")
    if text_at(found, "extension_type") in QUEUES:
        return named({"queue": text_at(found, "name") or key_at(found, "extension_number")})
    return {}


def flat_sides(record: Json, connection: Connection, direction: str | None) -> dict[str, Any]:
    """Customer, our number and direction of records that name caller and callee side by side (logs, recordings)."""
    own = {name: _own(record, name) for name in ("caller", "callee")}
    if own["caller"] and own["callee"]:
        return {"direction": "internal"}
    if direction not in ("inbound", "outbound"):
        return {}
    them, us = ("caller", "callee") if direction == "inbound" else ("callee", "caller")
    name = None if own[them] else text_at(record, f"{them}_name")
    return {
        "direction": direction,
        "customer": other_side(_number(record, them), connection, name),
        "business": our_number(_number(record, us), connection),
    }


def _own(record: Json, name: str) -> bool:
    """By the extension where it is named, else by the number's type: 1 is an extension of the account."""
    kind = text_at(record, f"{name}_ext_type")
    if kind:
        return kind not in OUTSIDE
    return at(record, f"{name}_number_type") == 1 and not text_at(record, f"{name}_did_number")


def _number(record: Json, name: str) -> str | None:
    return text_at(record, f"{name}_did_number") or text_at(record, f"{name}_number")


def owner_of(record: Json) -> dict[str, Any]:
    """The person or queue of ours that a recording or a transfer belongs to."""
    owner = dict_at(record, "owner")
    name, found, extension = text_at(owner, "name"), key_at(owner, "id"), key_at(owner, "extension_number")
    if text_at(owner, "type") in QUEUES:
        return named({"queue": name or found, "queue_id": found})
    user = found or key_at(record, "user_id")
    return named({"agent": name or user, "agent_id": user, "agent_extension": extension})


def kept(record: Json, *names: str) -> dict[str, Any]:
    """Zoom's own words of those names: short texts, numbers and truth values."""
    found = {name: at(record, name) for name in names}
    return {name: value for name, value in found.items() if isinstance(value, (bool, int)) or _short(value)}


def _short(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 200


def unreadable(event: str) -> str:
    """The type under which an event without what it needs is set aside."""
    return f"unreadable/{word(event)}"
