"""How names in kanji may be read: dictionary names first, else kanji by kanji as other names have them.

`readings.txt` holds 26,000 names out of ipadic (420 KB; `python -m infra.local.readings` makes it, and says why Janome,
which carries that dictionary, is not shipped). Pure Python, loaded when the first name with kanji comes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice, product
from pathlib import Path
from typing import NamedTuple

from hub.domain.names import MOST_READINGS, Parts
from hub.domain.romaji import romanised, sound
from hub.given_names import GIVEN_NAMES

FILE = Path(__file__).with_name("readings.txt")
KANJI = re.compile(r"[\u3400-\u9fff\U00020000-\U0002ffff]")
_KANA = re.compile(r"[ぁ-ゖー]+")
LONGEST_PART = 5  # characters of one part of a name that was written without a space
MOST_OF_PART = 3
# How well a part is known: whole, pieced together, not at all.
WHOLE, PIECED, UNKNOWN = 2, 1, 0

Table = Mapping[str, Sequence[str]]


class _Reading(NamedTuple):
    known: int
    readings: Sequence[str]


def read(parts: Parts) -> Iterable[Parts]:
    """The plausible readings of a folded name in letters, part by part; none where it is not known.

    A name without a space is divided where a surname and a given name meet, in kanji and in kana.
    """
    if len(parts) == 1:
        return _undivided(parts[0])
    if len(parts) == 2 and any(KANJI.search(part) for part in parts):
        return _best((parts, parts[::-1]))
    return ()


def _undivided(text: str) -> list[Parts]:
    if _KANA.fullmatch(text):
        return _divided_kana(text)
    if not KANJI.search(text):
        return []
    cuts = range(max(1, len(text) - LONGEST_PART), min(len(text), LONGEST_PART + 1))
    divided = [(text[:cut], text[cut:]) for cut in cuts]
    return (_single(text) if len(text) <= 2 else []) or _best(divided)


def _single(text: str) -> list[Parts]:
    """Two kanji alone are a surname, or somebody's given name."""
    one, other = _part(text, "surname"), _part(text, "given")
    better = one if one.known >= other.known else other
    return [(reading,) for reading in better.readings]


def _divided_kana(text: str) -> list[Parts]:
    surnames, given = _all_readings("surname"), _all_readings("given")
    cuts: list[Parts] = [(romanised(text[:cut]), romanised(text[cut:])) for cut in range(len(text) - 1, 0, -1)]
    return [cut for cut in cuts if cut[0] in surnames and cut[1] in given][:MOST_READINGS]


def _best(divisions: Iterable[Parts]) -> list[Parts]:
    """The readings of the division (surname, given name) that is known best, in the order in which it is written."""
    found: list[tuple[int, int, list[Parts]]] = []
    for rank, (surname, given) in enumerate(divisions):
        one, other = _part(surname, "surname"), _part(given, "given")
        if one.readings and other.readings:
            pairs: list[Parts] = list(islice(product(one.readings, other.readings), MOST_READINGS))
            found.append((-one.known - other.known, rank, pairs))
    if not found:
        return []
    best = min(known for known, _, _ in found)
    readings = [pair for known, _, pairs in sorted(found) if known == best for pair in pairs]
    return list(dict.fromkeys(readings))[:MOST_READINGS]


def _part(text: str, section: str) -> _Reading:
    if not KANJI.search(text):
        return _Reading(PIECED, [romanised(text) or text])
    known = _table()[section].get(text)
    if known:
        return _Reading(WHOLE, known[:MOST_OF_PART])
    pieced = list(islice(dict.fromkeys(_pieced(text, section)), MOST_OF_PART))
    return _Reading(PIECED if pieced else UNKNOWN, pieced)


def _pieced(text: str, section: str) -> Iterator[str]:
    """Out of how other names read its kanji, the most usual first; at most three kanji."""
    if not 2 <= len(text) <= 3:
        return
    heads = [_table()[f"{section} first"].get(kanji, ()) for kanji in text[:-1]]
    choices = [*heads, _table()[f"{section} last"].get(text[-1], ())]
    ranks = product(*(range(len(one)) for one in choices))
    for rank in sorted(ranks, key=lambda one: (sum(one), one)):
        yield "".join(choice[at] for choice, at in zip(choices, rank, strict=True))


@cache
def _table() -> Mapping[str, Table]:
    sections: dict[str, dict[str, Sequence[str]]] = {}
    table: dict[str, Sequence[str]] = {}
    for line in FILE.read_text("utf-8").splitlines():
        if line.startswith("["):
            table = sections.setdefault(line[1:-1], {})
        else:
            text, *readings = line.split(" ")
            table[text] = readings
    for text, modern in GIVEN_NAMES.items():
        sections["given"][text] = list(dict.fromkeys([*modern, *sections["given"].get(text, ())]))
    return sections


class Readings:
    """What the table knows of parts of names, in kanji or as they sound."""

    def is_surname(self, part: str) -> bool | None:
        """Whether it is rather a surname than a given name; None where it may be both, or is not known."""
        surname, given = (_is_in(part, section) for section in ("surname", "given"))
        return surname if surname != given else None

    def knows(self, part: str) -> bool:
        """Whether it is in the table."""
        return _is_in(part, "surname") or _is_in(part, "given")


def _is_in(part: str, section: str) -> bool:
    return part in _table()[section] or part in _all_sounds(section)


@cache
def _all_sounds(section: str) -> frozenset[str]:
    return frozenset(sound(reading) for reading in _all_readings(section))


@cache
def _all_readings(section: str) -> frozenset[str]:
    return frozenset(reading for readings in _table()[section].values() for reading in readings)
