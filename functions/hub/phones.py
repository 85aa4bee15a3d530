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

_PREFIX = re.compile(r"\A(?:tel|whatsapp):", re.IGNORECASE | re.ASCII)
_DIGITS = re.compile(r"\A[1-9][0-9]{6,14}\Z", re.ASCII)
_WRITTEN = re.compile(r"\A\+?[0-9 ().-]{7,40}\Z", re.ASCII)
# Germans and Austrians write 030/1234567: a slash after an area code is a dash, any other one may part two numbers.
_AREA_AND_SLASH = re.compile(r"\A((?:\+[0-9 ]{1,4})?[0-9 ()]{2,8})/(?=[0-9 -]{4,}\Z)", re.ASCII)

_FULL_WIDTH = range(0xFF01, 0xFF5F)  # stand for ASCII, 0xFEE0 below
# Beyond Unicode's dashes and formatting characters: signs that people's keyboards and copied text put between digits.
_MEANT = {
    **dict.fromkeys("\u2212\u30fc\uff70", "-"),  # minus; in Japan the long-vowel mark of the kana keyboard
    **dict.fromkeys("\u00b7\u30fb\uff65", "."),
    **dict.fromkeys("\u034f\ufe0e\ufe0f\u20e3", ""),  # joiner, and what makes a digit an emoji
    "\ufe62": "+",
}
_CATEGORIES = {"Cf": "", "Zs": " ", "Pd": "-"}

# Forms of a number that are still sent although the plan has another one today. WhatsApp keeps the ids of its first
# registration: Mexico's mobile 1 (abolished in 2019 with the trunk codes 01, 044, 045) and Brazilian mobiles without
# the ninth digit (complete since 2016). In Argentina the ten digits are one subscriber, mobile or not; the 9 (from
# abroad) and the 15 (at home) only say how the call is charged, and are left out as often as not: here all have the 9.
_SAME_PHONE = (
    (re.compile(r"\A\+52(?:1|01|044|045)([1-9][0-9]{9})\Z", re.ASCII), r"+52\1"),
    (re.compile(r"\A\+55([1-9][0-9])([689][0-9]{7})\Z", re.ASCII), r"+55\g<1>9\2"),
    (re.compile(r"\A\+549((?:11|[23][0-9]{2,3})15[0-9]{6,8})\Z", re.ASCII), r"+54\1"),
    (re.compile(r"\A\+54((?:11|[23][0-9])[0-9]{8})\Z", re.ASCII), r"+549\1"),
)
_WITHOUT_AREA = re.compile(r"\A\+5415", re.ASCII)  # Argentina's mobiles as they are dialled inside one city


def phone_identifier(raw: str | None, region: str | None) -> Identifier | None:
    """The number as E.164; `region` (ISO 3166 alpha-2) is where numbers without a country code are dialled.

    None for whatever is no number to compare: withheld, an extension, a SIP or client address, too short or long.
    Decimal digits of every script count as what they are; letters that look like digits are none.
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
    text = _PREFIX.sub("", "".join(map(_meant, raw)).strip(" ")).strip(" ")
    text = _AREA_AND_SLASH.sub(r"\1-", text)
    return text if _WRITTEN.match(text) else None


def _meant(sign: str) -> str:
    """What a character means in a number; itself where it means nothing there."""
    if sign.isascii():
        return sign
    if sign.isdecimal():
        return str(unicodedata.decimal(sign))
    if ord(sign) in _FULL_WIDTH:
        return _meant(chr(ord(sign) - 0xFEE0))
    return _MEANT.get(sign, _CATEGORIES.get(unicodedata.category(sign), sign))


def _e164(written: str, region: str | None) -> str | None:
    import phonenumbers

    try:
        number = _as_today(phonenumbers.parse(written, region))
    except phonenumbers.NumberParseException:
        return None
    return _plain(number) if _is_whole(number) else None


def _as_today(number: phonenumbers.PhoneNumber) -> phonenumbers.PhoneNumber:
    import phonenumbers

    for pattern, form in _SAME_PHONE:
        if pattern.match(written := _plain(number)):
            number = phonenumbers.parse(pattern.sub(form, written), None)
    return number


def _is_whole(number: phonenumbers.PhoneNumber) -> bool:
    """Known to the plan, or at least as long as its landlines or mobiles: without its area code it matches strangers.

    What the plan does not know may be newer than our copy of it.
    """
    import phonenumbers

    if _WITHOUT_AREA.match(_plain(number)):
        return False
    kinds = phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE
    lengths = {phonenumbers.is_possible_number_for_type_with_reason(number, kind) for kind in kinds}
    return phonenumbers.ValidationResult.IS_POSSIBLE in lengths or phonenumbers.is_valid_number(number)


def _plain(number: phonenumbers.PhoneNumber) -> str:
    import phonenumbers

    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _identifier(e164: str | None) -> Identifier | None:
    return Identifier(kind="phone", value=e164) if e164 and E164.match(e164) else None
