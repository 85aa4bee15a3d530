"""What connectors of hosted telephony share: the other side of a call, words fit to be counted, seconds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal

from pydantic import ValidationError

from hub.delivery import Connection
from hub.domain.events import Event, Mapped, Party, Unmapped
from hub.parsing import at, id_at
from hub.pbx import WITHHELD
from hub.phones import phone_identifier

Part = Event | Unmapped
Reason = Literal["withheld", "extension", "sip", "client", "short_code", "invalid"]

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9._/-]{0,99}", re.ASCII)
_MANY_DIGITS = re.compile(r"[0-9]{5}", re.ASCII)
_EXTENSION = re.compile(r"[0-9*#]{1,6}", re.ASCII)
MAX_ID = 200  # characters
MAX_SECONDS = 10**9


def word(text: Any) -> str:
    """A platform's word for a type, or "unknown" where the text may be something personal instead."""
    fits = isinstance(text, str) and _WORD.fullmatch(text) and not _MANY_DIGITS.search(text)
    return text if fits else "unknown"


def key_at(value: Any, *path: str | int) -> str | None:
    """An id there, of a length that an id can have."""
    found = id_at(value, *path)
    return found if found and len(found) <= MAX_ID else None


def seconds_at(value: Any, *path: str | int) -> int | None:
    """Whole seconds there, from a number or digits; a fraction is cut off."""
    found = at(value, *path)
    if isinstance(found, str) and found.isascii() and found.isdigit() and len(found) < 10:
        return int(found)
    fits = isinstance(found, (int, float)) and not isinstance(found, bool) and 0 <= found < MAX_SECONDS
    return int(found) if fits else None


def other_side(raw: str | None, connection: Connection, name: str | None = None) -> Party:
    """The customer with that number; where it is none to compare, what was sent and why not."""
    bare = (raw or "").strip().lower()
    found = None if bare in WITHHELD else phone_identifier(raw, connection.default_region)
    shown = name if name and name.strip().lower() not in WITHHELD and name != raw else None
    if found:
        return Party(identifiers=(found,), name=shown)
    return Party(name=shown, raw_phone=raw or None, phone_reason=_reason(bare) if raw else None)


def our_number(raw: str | None, connection: Connection) -> str | None:
    """A number of our side as E.164, else as the platform wrote it."""
    found = phone_identifier(raw, connection.default_region)
    return found.value if found else raw or None


def named(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without what the platform left out."""
    return {name: value for name, value in values.items() if value is not None}


def gather(parts: Callable[[], Iterable[Part]], unreadable: str) -> Mapped:
    """The parts, each event once; what no model takes is set aside under that word."""
    found = list(_safely(parts, unreadable))
    events = {part.id: part for part in found if isinstance(part, Event)}
    return Mapped(events=tuple(events.values()), unmapped=tuple(part for part in found if isinstance(part, Unmapped)))


def _safely(parts: Callable[[], Iterable[Part]], unreadable: str) -> Iterator[Part]:
    try:
        yield from parts()
    except ValidationError:
        yield Unmapped(type=unreadable)


def _reason(bare: str) -> Reason:
    if bare in WITHHELD:
        return "withheld"
    if bare.startswith("sip:") or "@" in bare:
        return "sip"
    return "extension" if _EXTENSION.fullmatch(bare) else "invalid"
