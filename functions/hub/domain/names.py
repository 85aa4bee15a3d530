"""People's names, folded so that two ways of writing one name compare equal.

Width, case, accents, kana of either kind, variants of one kanji, honorifics, what stands in brackets, symbols and
spaces do not count. The order of family and given name does not count when names are compared (`Name.same_as`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hub.domain.name_tables import (
    HONORIFIC_ENDINGS,
    HYPHENED,
    LATIN_LETTERS,
    TITLES_AFTER,
    TITLES_BEFORE,
    VARIANTS,
)
from hub.domain.romaji import sound

MAX_NAME = 120  # characters; nobody's is longer
MOST_PARTS = 4
MOST_READINGS = 4

Parts = tuple[str, ...]
# The plausible readings (in kana or letters, part by part) of a name whose parts hold kanji.
Reader = Callable[[Parts], Iterable[Parts]]

_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|「[^「」]*」|〈[^〈〉]*〉|<[^<>]*>|《[^《》]*》")
_JOINING = dict.fromkeys(map(ord, "'’‘`´ʼʻ\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"))
_KATAKANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}
_HYPHENED = re.compile(rf"-(?:{'|'.join(HYPHENED)})(?![a-z])")
_ENDING = re.compile(rf"(?<=\S\S)(?:{'|'.join(HONORIFIC_ENDINGS)})$")
_SETTLED = 6  # passes after which nothing changes any more


def fold(text: str) -> str:
    """The name as it is compared: its parts, with single spaces between them; "" where nothing of a name is left."""
    folded = text[:MAX_NAME]
    for _ in range(_SETTLED):
        before, folded = folded, _without_honorifics(_letters(folded))
        if folded == before:
            break
    return folded


def parts_of(text: str) -> Parts:
    """The folded parts of a name: family name, given name, whatever stands between spaces."""
    return tuple(fold(text).split()[:MOST_PARTS])


@dataclass(frozen=True, slots=True)
class Name:
    """A name as written and as it may be read; `sounds` are empty where nobody knows how it is read."""

    parts: Parts
    sounds: tuple[Parts, ...] = ()

    @property
    def written(self) -> str:
        """The folded name with spaces: what its index entries are checked against."""
        return " ".join(self.parts)

    @property
    def joined(self) -> str:
        """The folded name without spaces."""
        return "".join(self.parts)

    @property
    def reads_itself(self) -> bool:
        """Whether its writing tells how it is read: in kana or Latin letters."""
        return all(sound(part) for part in self.parts)

    @property
    def texts(self) -> frozenset[str]:
        """What it can be found by the beginning of: the whole name from each part on, as written and as read."""
        return frozenset(text for one in (self.parts, *self.sounds) for text in beginnings(one))

    def same_as(self, other: Name) -> bool:
        """Whether both are written alike, in either order, with or without spaces."""
        return bool(set(orders(self.parts)) & set(orders(other.parts)))


def name_of(text: str, read: Reader | None = None) -> Name | None:
    """The name in a text, with the readings that `read` offers for kanji; None where there is none."""
    parts = parts_of(text)
    if not parts:
        return None
    spoken = [tuple(sound(part) for part in one) for one in [parts, *(read(parts) if read else ())]]
    known = [one for one in dict.fromkeys(spoken) if all(one)]
    return Name(parts, tuple(known[:MOST_READINGS]))


def orders(parts: Parts) -> tuple[str, ...]:
    """The name without spaces in both orders."""
    return tuple(dict.fromkeys(("".join(parts), "".join(reversed(parts)))))


def beginnings(parts: Parts) -> tuple[str, ...]:
    """The name without spaces in both orders, and from each part on, round to the part before it."""
    rounds = ("".join(parts[n:] + parts[:n]) for n in range(len(parts)))
    return tuple(dict.fromkeys((*orders(parts), *rounds)))


def _letters(text: str) -> str:
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    outside = _BRACKETED.sub(" ", plain)
    if outside.strip():
        plain = outside
    plain = _HYPHENED.sub(" ", plain)
    kept = "".join(_letter(one) for one in plain.translate(_JOINING).translate(_KATAKANA))
    return " ".join(_spelt_out(kept.translate(VARIANTS)).split())


def _letter(one: str) -> str:
    """A letter without its accent, a digit, a mark that a script needs; a space for everything else."""
    if one.isascii():
        return one if one.isalnum() else " "
    if one in LATIN_LETTERS:
        return LATIN_LETTERS[one]
    base = unicodedata.normalize("NFD", one)[0]
    if base.isascii() and base.isalpha():
        return base
    category = unicodedata.category(one)
    if one in "\u3099\u309a゛゜" or (category in ("Mn", "Me") and _is_selector(one)):
        return ""
    return one if category[0] in "LNM" else " "


def _is_selector(one: str) -> bool:
    """Marks that choose a glyph (variation selectors) or were left over from Latin letters."""
    return one < "\u0370" or "\ufe00" <= one <= "\ufe0f" or one >= "\U000e0100" or "\u20d0" <= one <= "\u20ff"


def _spelt_out(text: str) -> str:
    """The kanji before it in the place of each 々."""
    return re.sub(r"(\w)々", r"\1\1", text)


def _without_honorifics(folded: str) -> str:
    words = folded.split()
    while len(words) > 1 and words[0] in TITLES_BEFORE:
        words = words[1:]
    while len(words) > 1 and (words[-1] in TITLES_AFTER or words[-1] in HONORIFIC_ENDINGS):
        words = words[:-1]
    return _ENDING.sub("", " ".join(words)).strip()
