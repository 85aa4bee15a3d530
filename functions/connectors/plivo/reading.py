"""What Plivo's parameters mean: times, numbers, and what of a delivery is kept as it came."""

from __future__ import annotations

import re
from collections.abc import Mapping

from hub.delivery import Connection
from hub.legs import MAX_ID
from hub.times import from_iso, from_unix

Fields = Mapping[str, str]
"""The parameters that have a value: Plivo leaves many of them blank."""

_ZONE = re.compile(r"(?:Z|[+-][0-9]{2}:?[0-9]{2})\Z")
_OFFSET = re.compile(r"[+-][0-9]{2}:[0-9]{2}")


def first(fields: Fields, *names: str) -> str | None:
    """The first of those parameters that has a value."""
    return next((fields[name] for name in names if name in fields), None)


def ident(fields: Fields, *names: str) -> str | None:
    """The first of those ids that is no longer than an id can be."""
    return next((fields[name] for name in names if 0 < len(fields.get(name, "")) <= MAX_ID), None)


def native(fields: Fields, used: frozenset[str]) -> dict[str, str]:
    """All parameters without a field of ours."""
    return {name: value for name, value in fields.items() if name not in used}


def written_time(text: str | None, connection: Connection) -> str | None:
    """Plivo's `2026-11-22 12:00:00.123456`: UTC, or `settings.utc_offset` for accounts set to a local time."""
    if not text or _ZONE.search(text):
        return from_iso(text)
    offset = connection.settings.get("utc_offset")
    return from_iso(text[:26] + (offset if isinstance(offset, str) and _OFFSET.fullmatch(offset) else "Z"))


def time_ms(text: str | None) -> str | None:
    """Unix milliseconds, in older callbacks with a fraction of zeros."""
    return from_unix((text or "").partition(".")[0])


def seconds(text: str | None, unit: int = 1) -> int | None:
    """Whole seconds of a number in seconds (`unit` 1) or milliseconds (1000), with or without a fraction."""
    number = (text or "").partition(".")[0]
    usable = number.isascii() and number.isdigit() and len(number) <= 15
    return int(number) // unit if usable else None
