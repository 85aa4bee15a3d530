"""When a row was changed last, as spreadsheets write it -> RFC 3339 UTC, or None where nobody can tell."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone

from hub.domain.events import instant
from hub.times import from_iso, from_unix

_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - day 0 of a spreadsheet, in its own time
_SERIAL = re.compile(r"\A([2-9][0-9]{4})(\.[0-9]+)?\Z", re.ASCII)  # 1954 to 2173
_CLOCK = r"(?:[T ]*([0-9]{1,2})[:時]([0-9]{1,2})(?:[:分](?:([0-9]{1,2})(?:\.[0-9]+)?秒?)?)?\s*(AM|PM|am|pm)?)?"
_YEAR_FIRST = re.compile(rf"\A([0-9]{{4}})[-/.年]([0-9]{{1,2}})[-/.月]([0-9]{{1,2}})日?{_CLOCK}\Z")
_YEAR_LAST = re.compile(rf"\A([0-9]{{1,2}})[-/.]([0-9]{{1,2}})[-/.]([0-9]{{4}}),?{_CLOCK}\Z")
_ZONED = re.compile(r"(?:Z|UTC|[+-][0-9]{2}:?[0-9]{2})\Z")
_OFFSET = re.compile(r"\A([+-])(0[0-9]|1[0-4]):([0-5][0-9])\Z", re.ASCII)
NO_OFFSET = "+00:00"
DAY_FIRST, MONTH_FIRST = "day first", "month first"
ORDERS = (DAY_FIRST, MONTH_FIRST)


def order_of(cells: Iterable[str]) -> str | None:
    """Whether days or months come first in dates like 03/04/2026, None where no cell tells or they contradict."""
    told = {one for cell in cells if (one := _told(cell.strip()))}
    return told.pop() if len(told) == 1 else None


def moment(cell: str, order: str | None, zone: str = NO_OFFSET) -> str | None:
    """The moment; `order` decides where day and month could be either, `zone` (an offset, +09:00) where the cell names none."""
    text = unicodedata.normalize("NFKC", cell).strip()
    if text.isdigit() and len(text) >= 9:
        return from_unix(text)
    if _ZONED.search(text):
        return from_iso(text)
    parts = _serial(text) or _year_first(text) or _year_last(text, order)
    if parts is None:
        return None
    try:
        return instant(round(parts.replace(tzinfo=zone_of(zone)).timestamp() * 1000))
    except ValueError:
        return None


def zone_of(offset: str) -> timezone:
    """The zone of an offset from UTC, `+09:00`; ValueError where it is none."""
    found = _OFFSET.match(offset)
    if found is None:
        raise ValueError("an offset from UTC is written +09:00")
    ahead = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return timezone(ahead if found[1] == "+" else -ahead)


def _told(text: str) -> str | None:
    found = _YEAR_LAST.match(text)
    if found is None or (int(found[1]) > 12) == (int(found[2]) > 12):
        return None
    return DAY_FIRST if int(found[1]) > 12 else MONTH_FIRST


def _serial(text: str) -> datetime | None:
    found = _SERIAL.match(text)
    return _EPOCH + timedelta(days=float(text)) if found else None


def _year_first(text: str) -> datetime | None:
    found = _YEAR_FIRST.match(text)
    return _made(found, int(found[1]), int(found[2]), int(found[3])) if found else None


def _year_last(text: str, order: str | None) -> datetime | None:
    found = _YEAR_LAST.match(text)
    order = order or _told(text)
    if found is None or order is None:
        return None
    first, second, year = int(found[1]), int(found[2]), int(found[3])
    return _made(found, year, *((second, first) if order == DAY_FIRST else (first, second)))


def _made(found: re.Match[str], year: int, month: int, day: int) -> datetime | None:
    hour, minute, second = (int(found[number] or 0) for number in (4, 5, 6))
    half = (found[7] or "").lower()
    hour = hour % 12 + (12 if half == "pm" else 0) if half else hour
    try:
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - its zone comes with the file
    except ValueError:
        return None
