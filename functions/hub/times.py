"""Platforms' ways of writing a time -> RFC 3339 UTC with milliseconds, or None where a text is no moment."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from hub.domain.events import instant

_DAY = re.compile(r"\A[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])", re.ASCII)
_MOMENT = re.compile(r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}", re.ASCII)
_SECONDS, _MILLISECONDS = range(946_684_800, 4_102_444_800), range(946_684_800_000, 4_102_444_800_000)
MAX_TEXT = 40  # characters; no written time is longer


def from_iso(value: Any) -> str | None:
    """A written moment with `T` or a space, in UTC where it names no zone; None for a date alone and for all else."""
    text = value.strip() if isinstance(value, str) and len(value) <= MAX_TEXT else ""
    if not _MOMENT.match(text):
        return None
    try:
        read = datetime.fromisoformat(text.replace(" UTC", "Z").replace("Z", "+00:00"))
        return instant(round(read.replace(tzinfo=read.tzinfo or UTC).timestamp() * 1000))
    except (ValueError, OverflowError):
        return None


def from_unix(value: Any) -> str | None:
    """Unix seconds or milliseconds, told apart by their size, as a number or as digits; None for all else."""
    number = int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 14 else value
    if not isinstance(number, int) or isinstance(number, bool):
        return None
    if number in _SECONDS:
        return instant(number * 1000)
    return instant(number) if number in _MILLISECONDS else None


def any_time(value: Any) -> str | None:
    """A moment in either form, for platforms that send both."""
    return from_unix(value) or from_iso(value)


def day(value: Any) -> str | None:
    """The date at the beginning of a text as YYYY-MM-DD, or None."""
    found = _DAY.match(value) if isinstance(value, str) else None
    return found[0] if found else None
