"""What connectors of on-premises PBXs share: the bridge's batches, and who of a call is ours.

A PBX knows extensions, trunks and dial plans, not customers. What is outside is told by the trunk or context where the
settings name them, else by the look of a number. Settings: `extension_digits` (the longest extension, 5 unless set),
`own_numbers` (our numbers, as shown to customers), `outside_prefix` (what is dialled before an outside number).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hub.delivery import Connection
from hub.domain.events import Mapped, Party
from hub.domain.events_calls import Direction
from hub.errors import Quarantine
from hub.parsing import at, dict_at, int_at, list_at, text_at, texts
from hub.phones import phone_identifier
from hub.times import from_iso

EXTENSION_DIGITS = 5
# What PBXs put in the place of a number that was withheld or never known.
WITHHELD = frozenset({"", "anonymous", "unknown", "<unknown>", "unavailable", "restricted", "private", "withheld"})


@dataclass(frozen=True, slots=True)
class Heard:
    """One event of a batch: the bridge's id of it, when it was heard (RFC 3339), and what the PBX sent."""

    id: str
    at: str | None
    event: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sides:
    """Who is on the call, as far as one leg says."""

    direction: Direction = "unknown"
    customer: Party = field(default_factory=Party)
    business: str | None = None
    agent: str | None = None
    agent_extension: str | None = None

    def fields(self) -> dict[str, Any]:
        """As the fields of a call's event."""
        return {name: getattr(self, name) for name in self.__slots__}


def is_batch(value: Any) -> bool:
    """Whether a JSON document is the bridge's."""
    return int_at(value, "bridge") is not None


def read_batch(value: Any) -> tuple[str, list[Heard | None]]:
    """The source (ami, ari, esl) and its events in order, None for an unreadable one; Quarantine for no batch."""
    source, events = text_at(value, "source"), at(value, "events")
    if int_at(value, "bridge") != 1 or source is None or not (isinstance(events, list) and events):
        raise Quarantine("not a batch of the bridge")
    return source, [_heard(item) for item in events]


def _heard(item: Any) -> Heard | None:
    event, found = dict_at(item, "event"), text_at(item, "id")
    return Heard(found, from_iso(text_at(item, "at")), event) if found and event else None


def sides(
    caller: str | None,
    called: str | None,
    connection: Connection,
    *,
    outside: bool | None = None,
    name: str | None = None,
) -> Sides:
    """Who called whom, of the first leg of a call; `outside` says whether it came in from outside, where that is known."""
    if outside is None:
        outside = None if _bare(caller) in WITHHELD else not is_own(caller, connection)
    if outside is None:
        return Sides()
    if outside:
        return Sides("inbound", party(caller, connection, name), number(called, connection))
    if not called:
        return Sides(agent=caller, agent_extension=extension(caller, connection))
    if is_own(called, connection):
        return Sides("internal", agent=caller, agent_extension=extension(caller, connection))
    customer = party(_without_prefix(called, connection), connection)
    return Sides("outbound", customer, agent=caller, agent_extension=extension(caller, connection))


def is_own(raw: str | None, connection: Connection) -> bool:
    """Whether a number is of our side: an extension, a name, one of `own_numbers`."""
    bare = _bare(raw)
    found = phone_identifier(_without_prefix(bare, connection), connection.default_region)
    if found is None:
        return not bare.lstrip("+").isdigit() or len(bare) <= _digits(connection)
    return len(bare) <= _digits(connection) or found.value in {number(one, connection) for one in _own(connection)}


def extension(raw: str | None, connection: Connection) -> str | None:
    """The text where it looks like an extension."""
    bare = _bare(raw)
    return bare if bare.isascii() and bare.isdigit() and len(bare) <= _digits(connection) else None


def number(raw: str | None, connection: Connection) -> str | None:
    """A number of our side as E.164, else as the PBX wrote it."""
    found = phone_identifier(raw, connection.default_region)
    return found.value if found else raw or None


def party(raw: str | None, connection: Connection, name: str | None = None) -> Party:
    """The customer with that number; a withheld one is nobody who can be known again."""
    bare = _bare(raw)
    shown = None if _bare(name) in WITHHELD or _bare(name) == bare else name
    found = None if bare in WITHHELD else phone_identifier(raw, connection.default_region)
    return Party(identifiers=(found,) if found else (), name=shown, raw_phone=None if found else raw or None)


def together(*parts: Mapped) -> Mapped:
    """Several parts as one; an event that is said twice is one event."""
    events = {event.id: event for part in parts for event in part.events}
    unmapped = tuple(one for part in parts for one in part.unmapped)
    return Mapped(events=tuple(events.values()), unmapped=unmapped, ignored=sum(part.ignored for part in parts))


def _bare(raw: str | None) -> str:
    return (raw or "").strip().lower()


def _digits(connection: Connection) -> int:
    return int_at(connection.settings, "extension_digits") or EXTENSION_DIGITS


def _own(connection: Connection) -> tuple[str, ...]:
    return texts(list_at(connection.settings, "own_numbers"))


def _without_prefix(raw: str, connection: Connection) -> str:
    prefix = text_at(connection.settings, "outside_prefix") or ""
    return raw.removeprefix(prefix) if len(raw) > _digits(connection) else raw
