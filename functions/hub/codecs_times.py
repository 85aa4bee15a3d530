"""Codecs of dates (a day, nowhere in particular) and instants (a moment, everywhere the same): never one for the other."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from hub.codec import Codec, Unfit
from hub.domain.events import instant, unix_ms
from hub.times import from_iso

_MIDNIGHT = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ]00:00(?::00(?:\.0+)?)?(?:Z|\+00:00)?)?", re.ASCII)
_OURS = re.compile(
    r"20\d\d-(?:0[1-9]|1[0-2])-(?:[01][1-9]|[12]0|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z", re.ASCII
)  # a moment as we write it, of the first 28 days of a month, which is one without looking further
_WHOLE = re.compile(r"-?[0-9]{1,14}", re.ASCII)
_DAY_MS = 86_400_000


def read_date(value: Any) -> str:
    """YYYY-MM-DD of a date, or of midnight UTC written as a moment or in milliseconds, as some platforms write dates."""
    if isinstance(value, str) and (found := _MIDNIGHT.fullmatch(value.strip())):
        return _day(found[1])
    number = _number(value, "it is no date")
    if number % _DAY_MS:
        raise Unfit("it is a moment in a day, where a date is expected")
    return datetime.fromtimestamp(number // 1000, UTC).date().isoformat()


def write_date(value: str) -> str:
    """YYYY-MM-DD."""
    return _day(value.strip())


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise Unfit("it is no date") from error


def read_instant(value: Any) -> str:
    """RFC 3339 UTC with milliseconds of a written moment."""
    found = from_iso(value)
    if found is None:
        raise Unfit("it is no moment between 2000 and 2100")
    return found


def write_instant(value: str) -> str:
    """RFC 3339 UTC with milliseconds."""
    return read_instant(value)


def _unix(units_ms: int) -> tuple[Callable[[Any], str], Callable[[str], int]]:
    """Reading and writing of Unix time in units of so many milliseconds; writing leaves out parts of a unit."""

    def read(value: Any) -> str:
        try:
            return instant(_number(value, "it is no Unix time") * units_ms)
        except ValueError as error:
            raise Unfit("it is no moment between 2000 and 2100") from error

    def write(value: str) -> int:
        return unix_ms(value if _OURS.fullmatch(value) else read_instant(value)) // units_ms

    return read, write


def _number(value: Any, why: str) -> int:
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Unfit(why)
    return value


def _same(units_ms: int) -> Callable[[str, str], bool]:
    def same(one: str, other: str) -> bool:
        moments = from_iso(one), from_iso(other)
        if not (moments[0] and moments[1]):
            return one == other
        return unix_ms(moments[0]) // units_ms == unix_ms(moments[1]) // units_ms

    return same


DATE = Codec(read_date, write_date, lambda one, other: one.strip() == other.strip())
INSTANT = Codec(read_instant, write_instant, _same(1))
INSTANT_S = Codec(*_unix(1000), _same(1000))
INSTANT_MS = Codec(*_unix(1), _same(1))
