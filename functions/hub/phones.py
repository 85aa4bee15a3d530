"""Phone numbers as identifiers: E.164, or None where a text is no number that two systems would agree on."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from hub.domain.events import Identifier

if TYPE_CHECKING:
    import phonenumbers

E164 = re.compile(r"\A\+[1-9][0-9]{6,14}\Z", re.ASCII)
MAX_TEXT = 64  # characters; no written number is longer

_PREFIX = re.compile(r"\A(?:tel|whatsapp):", re.IGNORECASE)
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff"))
# All that people write as a dash between digits; in Japan also the long-vowel mark of the kana keyboard.
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u30fc\uff0d"), "-")
_WRITTEN = re.compile(r"\A\+?[0-9 ().-]{7,40}\Z", re.ASCII)
_DIGITS = re.compile(r"\A[1-9][0-9]{6,14}\Z", re.ASCII)
# Forms of a number that are still sent although the plan changed. WhatsApp keeps the ids of its first registration:
# Mexico's mobile 1 (abolished in 2019) and Brazilian mobiles without the ninth digit (complete since 2016).
_RENUMBERED = (
    (re.compile(r"\A\+521([0-9]{10})\Z", re.ASCII), r"+52\1"),
    (re.compile(r"\A\+55([1-9][0-9])([689][0-9]{7})\Z", re.ASCII), r"+55\g<1>9\2"),
)


def phone_identifier(raw: str | None, region: str | None) -> Identifier | None:
    """The number as E.164; `region` (ISO 3166 alpha-2) is where numbers without a country code are dialled.

    None for whatever is no number to compare: withheld, an extension, a SIP or client address, too short or long.
    """
    written = _written(raw or "")
    return _identifier(_e164(written, region)) if written else None


def phone_from_digits(raw: str | None) -> Identifier | None:
    """As `phone_identifier`, for platforms that send an international number without its + (WhatsApp's wa_id)."""
    return phone_identifier("+" + raw, None) if raw and _DIGITS.match(raw) else None


def _written(raw: str) -> str | None:
    """Digits, + and punctuation in ASCII, or None where the text holds anything else."""
    if len(raw) > MAX_TEXT:
        return None
    text = unicodedata.normalize("NFKC", raw.translate(_INVISIBLE)).translate(_DASHES).strip(" ")
    text = _PREFIX.sub("", text).strip(" ")
    return text if _WRITTEN.match(text) else None


def _e164(written: str, region: str | None) -> str | None:
    import phonenumbers

    try:
        number = phonenumbers.parse(written, region)
        if (today := _today(_plain(number))) != _plain(number):
            number = phonenumbers.parse(today, None)
    except phonenumbers.NumberParseException:
        return None
    # A number that is possible only without its area code would match strangers.
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return _plain(number)


def _plain(number: phonenumbers.PhoneNumber) -> str:
    import phonenumbers

    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _today(e164: str) -> str:
    for pattern, form in _RENUMBERED:
        e164 = pattern.sub(form, e164)
    return e164


def _identifier(e164: str | None) -> Identifier | None:
    return Identifier(kind="phone", value=e164) if e164 and E164.match(e164) else None
