"""What Twilio's parameters mean: addresses, times, numbers, and what of a delivery is kept as it came."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from hub.delivery import Connection
from hub.domain.events import Identifier, Party, instant
from hub.phones import phone_identifier

Fields = Mapping[str, str]
"""The parameters that have a value: Twilio sends many of them empty, which says the same as leaving them out."""

# ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN, UNAVAILABLE on a keypad: what Twilio put (until 2022 always, since then on
# some routes) in the place of a withheld number. They look like numbers; matching them would merge strangers.
# https://www.twilio.com/changelog/upcoming-changes-to-withheld-caller-ids-behavior-for-dial-calls (2022-11-16)
WITHHELD = frozenset({"+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253"})

# Credentials of the call: they let whoever holds them place calls in the caller's name.
SECRET = frozenset({"CallToken", "StirPassportToken"})

_RFC_2822 = re.compile(
    r"(?:[A-Z][a-z]{2}, )?[0-9]{1,2} [A-Z][a-z]{2} 20[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} (?:[+-][0-9]{4}|GMT|UTC)"
)
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,63}")
_MANY_DIGITS = re.compile(r"[0-9]{5}")
_BSUID = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}")


def first(fields: Fields, *names: str) -> str | None:
    """The first of those parameters that has a value."""
    return next((fields[name] for name in names if name in fields), None)


def native(fields: Fields, used: frozenset[str]) -> dict[str, str]:
    """All parameters without a field of ours, except credentials."""
    return {name: value for name, value in fields.items() if name not in used and name not in SECRET}


def word(text: str | None) -> str:
    """A type word of Twilio's, or "unknown" where the text may be something personal instead."""
    return text if text and _WORD.fullmatch(text) and not _MANY_DIGITS.search(text) else "unknown"


def time_ms(text: str | None) -> int | None:
    """Unix milliseconds of an RFC 2822 time, or None where it is none."""
    if not text or not _RFC_2822.fullmatch(text):
        return None
    try:
        return round(parsedate_to_datetime(text).timestamp() * 1000)
    except (ValueError, OverflowError):
        return None


def time(unix_ms: int | None) -> str | None:
    """RFC 3339, or None where there is no time or an impossible one."""
    try:
        return None if unix_ms is None else instant(unix_ms)
    except ValueError:
        return None


def address(raw: str | None) -> str | None:
    """An address without its channel prefix."""
    return (raw or "").removeprefix("whatsapp:") or None


def phone(raw: str | None, connection: Connection) -> Identifier | None:
    """The phone number there, or None where the caller withheld it or it is something else."""
    bare = address(raw)
    return None if bare is None or bare in WITHHELD else phone_identifier(bare, connection.default_region)


def number(raw: str | None, connection: Connection) -> str | None:
    """Our own side's number as E.164, or as Twilio wrote it."""
    found = phone(raw, connection)
    return found.value if found else address(raw)


def party(raw: str | None, connection: Connection, name: str | None = None, *more: Identifier) -> Party:
    """A customer known by that address; what is no phone number is kept beside."""
    found = phone(raw, connection)
    identifiers = tuple(dict.fromkeys((*((found,) if found else ()), *more)))
    return Party(identifiers=identifiers, name=name, raw_phone=None if found else address(raw))


def user_id(raw: str | None, connection: Connection) -> Identifier | None:
    """The WhatsApp business-scoped user id there; unique inside `settings.portfolio_id`."""
    match = _BSUID.fullmatch(address(raw) or "")
    if not match:
        return None
    scope = str(connection.settings.get("portfolio_id") or connection.id)
    return Identifier(kind="whatsapp_parent_user_id" if match[1] else "whatsapp_user_id", value=match[0], scope=scope)
