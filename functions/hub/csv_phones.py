"""Phone numbers as spreadsheets leave them: repaired where it is certain what they were, else refused with a reason.

A spreadsheet takes digits for a number: the plus or the zero at the beginning is lost, long ones are rounded and written
as `8.19E+11`. Exports quote them as `="0901…"` or with an apostrophe.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from hub.phones import phone_identifier

_QUOTED = re.compile(r"""\A=?\s*["'](.*?)["']?\Z""", re.DOTALL)
_SCIENTIFIC = re.compile(r"\A\+?([0-9])(?:[.,]([0-9]+))?[eE]\+?([0-9]{1,2})\Z", re.ASCII)
_FRACTION = re.compile(r"\A(\+?[0-9]{5,15})[.,]0+\Z", re.ASCII)
_DIGITS = re.compile(r"\A[1-9][0-9]{5,14}\Z", re.ASCII)
ROUNDED = "The spreadsheet has rounded this number: its last digits are lost. Export it as text."
AMBIGUOUS = "It can be read as a number of the country or of another one: write it with + and the country's code."
NO_NUMBER = "This is no complete phone number."
NO_REGION = "Without + the country is unknown: choose the file's country, or write it with + and the country's code."
LOST = "The spreadsheet had dropped what it began with; it was put back."
UNQUOTED = "What the spreadsheet had put around it was taken off."


@dataclass(frozen=True, slots=True)
class Phone:
    """A cell's number as E.164, None where it is refused; `note` says what was done, or why, "" for nothing."""

    value: str | None
    note: str = ""


def repaired(cell: str, region: str | None) -> Phone:
    """What number a cell holds; `region` (ISO 3166 alpha-2) is where numbers without a country code are dialled."""
    text = unicodedata.normalize("NFKC", cell).strip()
    bare = _unquoted(text)
    scientific = _SCIENTIFIC.match(bare)
    if scientific:
        digits = _written_out(scientific)
        return _judged(digits, region, mangled=True) if digits else Phone(None, ROUNDED)
    fraction = _FRACTION.match(bare)
    if fraction:
        return _judged(fraction[1], region, mangled=True)
    found = _judged(bare, region, mangled=False)
    return Phone(found.value, UNQUOTED) if found.value and not found.note and bare != text else found


def _unquoted(text: str) -> str:
    quoted = _QUOTED.match(text)
    return (quoted[1] if quoted else text.removeprefix("=")).strip()


def _written_out(scientific: re.Match[str]) -> str | None:
    """All digits of a number in scientific notation, None where some are lost."""
    first, rest, power = scientific[1], scientific[2] or "", int(scientific[3])
    return first + rest if len(rest) == power else None


def _judged(text: str, region: str | None, *, mangled: bool) -> Phone:
    if not _DIGITS.match(text):
        found = phone_identifier(text, region)
        return Phone(found.value) if found else Phone(None, NO_NUMBER if region or text.startswith("+") else NO_REGION)
    at_home, abroad = _valid(text, region) if region else None, _valid("+" + text, None)
    if at_home and _is_whole_at_home(text, region) and not mangled:
        return Phone(at_home)  # a country whose numbers begin with no zero: nothing was lost
    readings = {one for one in (at_home, abroad) if one}
    if len(readings) != 1:
        return Phone(None, AMBIGUOUS if readings else NO_NUMBER)
    return Phone(readings.pop(), LOST) if region else Phone(None, NO_REGION)


def _valid(text: str, region: str | None) -> str | None:
    """The number as E.164 where its country's plan knows it."""
    import phonenumbers

    found = phone_identifier(text, region)
    return found.value if found and phonenumbers.is_valid_number(phonenumbers.parse(found.value, None)) else None


def _is_whole_at_home(text: str, region: str | None) -> bool:
    """Whether it is a number of the region, whose numbers are written without a zero that could have been lost."""
    import phonenumbers

    if region is None or phonenumbers.ndd_prefix_for_region(region, True) == "0":
        return False
    return bool(phonenumbers.is_valid_number_for_region(phonenumbers.parse(text, region), region))
