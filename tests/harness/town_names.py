"""Names as people have them, and as clerks, shops and the people themselves type them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from random import Random

from tests.harness import town_tables as tables
from tests.harness.town_kana import half_width, katakana, romaji

WESTERN = 0.04
RARE_SURNAME = 0.48
RARE_GIVEN = 0.35
OLD_FORM = 0.3  # of the names that have one, how often it is typed
LONG_VOWELS = 0.2
SLIP = 0.03  # of names in Latin letters, how often one is mistyped

Parts = tuple[str, str]  # surname, given name


@dataclass(frozen=True, slots=True)
class Name:
    """A person's name; `family_reading` and `given_reading` are hiragana, empty for a Western name."""

    family: str
    given: str
    family_reading: str = ""
    given_reading: str = ""

    @property
    def western(self) -> bool:
        """Whether it has no Japanese writing."""
        return not self.family_reading

    def latin(self, *, long_vowels: bool = False) -> Parts:
        """The name in Latin letters, capitalised."""
        if self.western:
            return self.family, self.given
        readings = (self.family_reading, self.given_reading)
        family, given = (romaji(one, long_vowels=long_vowels).capitalize() for one in readings)
        return family, given


@cache
def _rows(text: str) -> tuple[tuple[tuple[str, ...], tuple[str, ...], int], ...]:
    """(writings, readings, weight) of each."""
    rows = (row.split(":") for row in text.split())
    return tuple((tuple(row[0].split(",")), tuple(row[1].split(",")), int((*row, "1")[2])) for row in rows)


def _drawn(random: Random, text: str) -> Parts:
    rows = _rows(text)
    writings, readings, _ = random.choices(rows, [weight for _, _, weight in rows])[0]
    return random.choice(writings), random.choice(readings)


def family_name(random: Random) -> Parts:
    """A Japanese surname with its reading."""
    if random.random() >= RARE_SURNAME:
        return _drawn(random, tables.SURNAMES)
    return _composed(random, tables.RARE_FIRST, tables.RARE_LAST)


def given_name(random: Random, sex: str) -> Parts:
    """A Japanese given name with its reading."""
    if random.random() >= RARE_GIVEN:
        return _drawn(random, tables.GIVEN_F if sex == "f" else tables.GIVEN_M)
    return _composed(random, *tables.RARE_GIVEN[sex])


def _composed(random: Random, firsts: str, lasts: str) -> Parts:
    (first, read), (last, more) = _drawn(random, firsts), _drawn(random, lasts)
    return (first + last, read + more) if first != last else _composed(random, firsts, lasts)


def western_family(random: Random) -> Parts:
    """A Western surname; it has no reading."""
    return random.choice(tables.WESTERN_SURNAMES.split()), ""


def western_given(random: Random, sex: str) -> Parts:
    """A Western given name; it has no reading."""
    return random.choice(tables.WESTERN_GIVEN[sex].split()), ""


def kanji(random: Random, name: Name) -> Parts:
    """As the family register or a tired clerk writes it."""
    return _old_form(random, name.family), _old_form(random, name.given)


def _old_form(random: Random, text: str) -> str:
    def other(one: str) -> str:
        return random.choice(tables.VARIANTS[one]) if one in tables.VARIANTS and random.random() < OLD_FORM else one

    return "".join(map(other, text))


def _katakana(_random: Random, name: Name) -> Parts:
    return katakana(name.family_reading), katakana(name.given_reading)


def _half_width(_random: Random, name: Name) -> Parts:
    return half_width(name.family_reading), half_width(name.given_reading)


def _hiragana(_random: Random, name: Name) -> Parts:
    return name.family_reading, name.given_reading


def _latin(random: Random, name: Name) -> Parts:
    family, given = name.latin(long_vowels=random.random() < LONG_VOWELS)
    family = family.upper() if random.random() < 0.3 else family
    return _slip(random, family), _slip(random, given)


def _slip(random: Random, text: str) -> str:
    """Two letters change places now and then."""
    if random.random() >= SLIP or len(text) < 4:
        return text
    at = random.randrange(1, len(text) - 1)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _family_alone(random: Random, name: Name) -> Parts:
    return kanji(random, name)[0], ""


Style = Callable[[Random, Name], Parts]
STYLES: Mapping[str, Style] = {
    "kanji": kanji,
    "katakana": _katakana,
    "half_width": _half_width,
    "hiragana": _hiragana,
    "latin": _latin,
    "family": _family_alone,
}
# How often each is typed; "swapped" and "whole" are the kanji in the wrong fields, or all of it in one.
TYPED: Mapping[str, Mapping[str, int]] = {
    "hubspot": {
        "kanji": 64,
        "katakana": 7,
        "half_width": 3,
        "hiragana": 3,
        "latin": 11,
        "family": 3,
        "swapped": 4,
        "whole": 5,
    },
    "salesforce": {"kanji": 70, "katakana": 8, "half_width": 6, "latin": 8, "family": 3, "swapped": 2, "whole": 3},
    "shopify": {"kanji": 66, "katakana": 6, "hiragana": 3, "latin": 18, "swapped": 4, "whole": 3},
}
PROFILES = {"kanji": 30, "latin": 20, "katakana": 7, "hiragana": 7, "given": 18, "nickname": 18}
# The ways of writing that tell the whole name.
WHOLE = frozenset({*STYLES, "swapped", "whole"}) - {"family"}
_NICKNAMES = ["🌸", "⭐", "☕", "たぬき", "もも", "ちび", "Lucky", "panda", "neko", "ゆるり", "mirai", "7777"]


def typed(random: Random, name: Name, style: str) -> tuple[str, str]:
    """(surname, given name) as typed into the fields of a record."""
    if name.western:
        return (_slip(random, name.family), "") if style == "family" else (_slip(random, name.family), name.given)
    family, given = STYLES.get(style, kanji)(random, name)
    if style == "swapped":
        return given, family
    return (family + random.choice((" ", "　", "")) + given, "") if style == "whole" else (family, given)


def profile(random: Random, name: Name, style: str) -> str:
    """What a person calls themselves on WhatsApp."""
    if style == "nickname":
        return random.choice(_NICKNAMES)
    if style == "given":
        return random.choice((name.given, name.latin()[1]))
    if style == "latin" or name.western:
        family, given = name.latin()
        return random.choice((f"{given} {family}", f"{family} {given}"))
    return random.choice(("", " ")).join(STYLES[style](random, name))


def style_of(random: Random, weights: Mapping[str, int]) -> str:
    """One of the styles."""
    return random.choices(list(weights), list(weights.values()))[0]
