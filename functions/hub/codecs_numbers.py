"""Codecs of numbers: counts, truths, money, and durations, which are seconds in our words."""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, Decimal
from math import isfinite
from typing import Any

from hub.codec import Codec, Unfit
from hub.domain.values import currency as currency_code

MAX_TEXT = 40  # characters of a number
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?", re.ASCII)
_CLOCK = re.compile(r"(?:([0-9]{1,4}):)?([0-9]{1,5}):([0-5][0-9])", re.ASCII)
_TRUTH = {"true": "true", "1": "true", "yes": "true", "false": "false", "0": "false", "no": "false"}
_TOO_LONG = 10**MAX_TEXT
_MINUTE, _THOUSAND = Decimal(60), Decimal(1000)


def number(value: Any) -> Decimal:
    """The number of a text, whole number or float; Unfit where it is none (grouped digits and words are none)."""
    if isinstance(value, str):
        text = value.strip()
        if len(text) <= MAX_TEXT and _NUMBER.fullmatch(text):
            return Decimal(text)
    elif isinstance(value, float) and isfinite(value):
        return Decimal(repr(value))
    elif isinstance(value, int) and not isinstance(value, bool) and abs(value) < _TOO_LONG:
        return Decimal(value)
    raise Unfit("it is no number")


def plain(found: Decimal) -> str:
    """The number without exponent, spare zeros or a negative nothing."""
    text = format(found, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def native(found: Decimal) -> int | float | str:
    """The number as JSON can hold it exactly, else its text."""
    if found == found.to_integral_value():
        return int(found)
    return float(found) if Decimal(repr(float(found))) == found else plain(found)


def same_number(one: str, other: str) -> bool:
    """The same number, however many zeros it ends in; of what is none, the same text."""
    try:
        return number(one) == number(other)
    except Unfit:
        return one == other


def read_integer(value: Any) -> str:
    """The whole number as text; 5.0 is one."""
    return str(value if value.__class__ is int and -_TOO_LONG < value < _TOO_LONG else _whole(value))


def write_integer(value: str) -> int:
    """The whole number."""
    return int(value) if value.isascii() and value.isdigit() and len(value) < MAX_TEXT else _whole(value)


def _whole(value: Any) -> int:
    found = number(value)
    if found != found.to_integral_value():
        raise Unfit("it is no whole number")
    return int(found)


def read_decimal(value: Any) -> str:
    """The number as plain text."""
    return plain(number(value))


def write_decimal(value: str) -> int | float | str:
    """The number as exactly as JSON can hold it."""
    return native(number(value))


def read_boolean(value: Any) -> str:
    """true or false; 1, 0, yes and no are understood."""
    found = _TRUTH.get(str(value).strip().lower())
    if found is None:
        raise Unfit("it is neither true nor false")
    return found


def write_boolean(value: str) -> bool:
    """The truth."""
    return read_boolean(value) == "true"


def read_money(value: Any, currency: Any) -> str:
    """`<amount> <currency>`; the amount alone where the platform names no currency."""
    amount = plain(number(value))
    if currency is None or currency == "":
        return amount
    code = currency_code(currency)
    if code is None:
        raise Unfit("its currency is no ISO 4217 code")
    return f"{amount} {code}"


def write_money(value: str) -> tuple[int | float | str, str | None]:
    """The amount, and the currency where one is named."""
    amount, _, code = value.strip().partition(" ")
    if code and currency_code(code) is None:
        raise Unfit("its currency is no ISO 4217 code")
    return native(number(amount)), currency_code(code)


def same_money(one: str, other: str) -> bool:
    """The same amount in the same currency."""
    first, second = one.strip().partition(" "), other.strip().partition(" ")
    return same_number(first[0], second[0]) and first[2].upper() == second[2].upper()


def _duration(value: Any) -> Decimal:
    found = number(value)
    if found < 0:
        raise Unfit("a duration is never negative")
    return found


def read_seconds(value: Any) -> str:
    """Seconds as they are."""
    return plain(_duration(value))


def write_seconds(value: str) -> int | float | str:
    """Seconds as they are."""
    return native(_duration(value))


def read_milliseconds(value: Any) -> str:
    """Seconds, to the millisecond."""
    return plain(_duration(value) / _THOUSAND)


def write_milliseconds(value: str) -> int:
    """Whole milliseconds; Unfit where that would lose something."""
    return _whole(plain(_duration(value) * _THOUSAND))


def read_minutes(value: Any) -> str:
    """Seconds of the minutes, parts of one included."""
    return plain(_duration(value) * _MINUTE)


def write_minutes(value: str) -> int:
    """Whole minutes, one that has begun counted as one: no platform with minutes takes a part of one."""
    return int((_duration(value) / _MINUTE).to_integral_value(ROUND_CEILING))


def same_minutes(one: str, other: str) -> bool:
    """The same number of minutes begun."""
    try:
        return write_minutes(one) == write_minutes(other)
    except Unfit:
        return one == other


def read_mm_ss(value: Any) -> str:
    """Seconds of `mm:ss` (minutes may pass 59) or `hh:mm:ss`."""
    found = _CLOCK.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise Unfit("it is no duration written mm:ss")
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return str(hours * 3600 + minutes * 60 + seconds)


def write_mm_ss(value: str) -> str:
    """`mm:ss`; Unfit for parts of a second."""
    minutes, seconds = divmod(_whole(plain(_duration(value))), 60)
    return f"{minutes:02d}:{seconds:02d}"


INTEGER = Codec(read_integer, write_integer, same_number)
DECIMAL = Codec(read_decimal, write_decimal, same_number)
BOOLEAN = Codec(read_boolean, write_boolean, lambda one, other: one.strip().lower() == other.strip().lower())
MONEY = Codec(read_money, write_money, same_money, given="currency")
SECONDS = Codec(read_seconds, write_seconds, same_number)
MILLISECONDS = Codec(read_milliseconds, write_milliseconds, same_number)
MINUTES = Codec(read_minutes, write_minutes, same_minutes)
MM_SS = Codec(read_mm_ss, write_mm_ss, same_number)
