"""Who is on one leg of a call, for platforms that carry calls between numbers and know no agents.

Such a platform calls a leg outbound whether it reaches a customer or the agent to whom a customer is connected. Settings
of the connection say which: `outbound_legs` ("customer"; unless set, such a leg names nobody), `agent_numbers` (phones of
our agents) and `own_numbers` (the numbers that customers dial).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hub.delivery import Connection
from hub.domain.events import Identifier, Party
from hub.domain.events_calls import Direction
from hub.parsing import at, id_at, list_at, text_at, texts
from hub.pbx import WITHHELD
from hub.phones import phone_from_digits, phone_identifier
from hub.times import from_iso

MAX_ID = 512  # characters; platforms' ids have fewer than 100
Read = Callable[[str | None, Connection], Identifier | None]


@dataclass(frozen=True, slots=True)
class Sides:
    """Who is on the leg, as far as it says."""

    direction: Direction = "unknown"
    customer: Party = field(default_factory=Party)
    business: str | None = None
    agent: str | None = None

    def fields(self) -> dict[str, Any]:
        """As the fields of a call's event."""
        return {name: getattr(self, name) for name in self.__slots__}


def written(raw: str | None, connection: Connection) -> Identifier | None:
    """The phone number as E.164, of platforms that write a + before the country code."""
    return phone_identifier(raw, connection.default_region)


def international(raw: str | None, connection: Connection) -> Identifier | None:
    """The phone number as E.164, of platforms that write the country code without its +."""
    return phone_from_digits(raw) or phone_identifier(raw, connection.default_region)


def party(raw: str | None, connection: Connection, read: Read = written, name: str | None = None) -> Party:
    """The customer at that address; what is no number to compare is kept beside, with the reason."""
    found = read(raw, connection)
    if found or not raw:
        return Party(identifiers=(found,) if found else (), name=name)
    kept = raw[:MAX_ID]
    if kept.strip().lower() in WITHHELD:
        return Party(name=name, raw_phone=kept, phone_reason="withheld")
    is_sip = kept.lower().startswith(("sip:", "sips:"))
    return Party(name=name, raw_phone=kept, phone_reason="sip" if is_sip else "invalid")


def number(raw: str | None, connection: Connection, read: Read = written) -> str | None:
    """A number of our side as E.164, else as the platform wrote it."""
    found = read(raw, connection)
    return found.value if found else raw or None


def inbound(caller: str | None, called: str | None, connection: Connection, read: Read = written) -> Sides:
    """A leg that came in; one from an agent's own phone names no customer."""
    if is_listed(caller, connection, read, "agent_numbers", "own_numbers"):
        return Sides("internal" if is_ours(called, connection, read) else "unknown", agent=caller)
    return Sides("inbound", party(caller, connection, read), number(called, connection, read))


def outbound(caller: str | None, called: str | None, connection: Connection, read: Read = written) -> Sides:
    """A leg to a customer, or, as far as the settings tell, to an agent."""
    if is_ours(called, connection, read):
        return Sides(agent=called)
    if connection.settings.get("outbound_legs") != "customer":
        return Sides()
    return Sides("outbound", party(called, connection, read), number(caller, connection, read))


def is_ours(raw: str | None, connection: Connection, read: Read = written) -> bool:
    """Whether the settings name the number as our side's, be it only as the one that callers are connected to."""
    plan = connection.settings
    dialled = (text_at(plan, "dial_number"), text_at(plan, "voice_instructions", "dial"))
    same = {number(one, connection, read) for one in dialled if one}
    return number(raw, connection, read) in same or is_listed(raw, connection, read, "agent_numbers", "own_numbers")


def is_listed(raw: str | None, connection: Connection, read: Read, *settings: str) -> bool:
    """Whether one of those settings, lists of numbers, holds the number."""
    listed = [one for name in settings for one in texts(list_at(connection.settings, name))]
    return bool(raw) and number(raw, connection, read) in {number(one, connection, read) for one in listed}


def short_id(value: Any, *path: str | int) -> str | None:
    """An id there of at most 512 characters, or None."""
    found = id_at(value, *path)
    return found if found and len(found) <= MAX_ID else None


def left(value: dict[str, Any], used: frozenset[str]) -> dict[str, Any]:
    """What of an object has no field of ours and says something."""
    return {name: at(value, name) for name in value if name not in used and value[name] not in (None, "", [], {})}


def seconds_between(start: Any, end: Any) -> int | None:
    """Whole seconds from one moment to another, None where either is no moment or they are the wrong way round."""
    first, last = from_iso(start), from_iso(end)
    if first is None or last is None or last < first:
        return None
    return int((datetime.fromisoformat(last) - datetime.fromisoformat(first)).total_seconds())
