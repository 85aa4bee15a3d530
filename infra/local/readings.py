"""Makes `functions/hub/readings.txt` out of the names in the ipadic that Janome carries.

Run as `uv run --with janome==0.5.0 python -m infra.local.readings`. Janome itself (Apache-2.0, 20 MB to download,
115 MB unpacked, seconds and a gigabyte to import) is shipped nowhere: of its dictionary only people's names and their
readings are of use here. `readings.NOTICE.txt` holds the dictionary's licence.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path

from hub.domain.names import fold
from hub.domain.romaji import romanised

FILE = Path(__file__).parents[2] / "functions" / "hub" / "readings.txt"
LONGEST = 4  # kanji of one part of a name
MOST = 4  # readings kept of each
MOST_OF_ONE = 6  # readings kept of one kanji as a piece of unknown names
ROUNDS = 8
_KANJI = re.compile(r"[\u3400-\u9fff\U00020000-\U0002ffff]+")
_SECTIONS = {"surname": "名詞,固有名詞,人名,姓", "given": "名詞,固有名詞,人名,名"}

Table = Mapping[str, list[str]]


def main() -> int:
    """Writes the file anew."""
    entries = import_module("janome.sysdic").entries().values()
    lines = []
    for section, part_of_speech in _SECTIONS.items():
        known = whole(entry for entry in entries if entry[4] == part_of_speech)
        first, last = pieces(known)
        for name, table in ((section, known), (f"{section} first", first), (f"{section} last", last)):
            lines += [f"[{name}]", *(f"{text} {' '.join(readings)}" for text, readings in sorted(table.items()))]
    FILE.write_text("\n".join(lines) + "\n", "utf-8")
    return 0


def whole(entries: Iterable[tuple[str, int, int, int, str, str, str, str, str, str]]) -> Table:
    """Folded name -> its readings in letters, the most usual first."""
    costs: dict[str, dict[str, int]] = defaultdict(dict)
    for entry in entries:
        text, reading = fold(entry[0]), romanised("".join(chr(ord(one) - 0x60) for one in entry[8] if one != "ー"))
        if _KANJI.fullmatch(text) and len(text) <= LONGEST and reading:
            costs[text][reading] = min(entry[3], costs[text].get(reading, sys.maxsize))
    return {text: sorted(known, key=lambda one: (known[one], one))[:MOST] for text, known in costs.items()}


def pieces(names: Table) -> tuple[Table, Table]:
    """How a kanji is read at the beginning and at the end of names of two, by which split explains most names."""
    pairs = [(text, reading) for text, readings in names.items() if len(text) == 2 for reading in readings]
    first: dict[tuple[str, str], float] = defaultdict(lambda: 1.0)
    last: dict[tuple[str, str], float] = defaultdict(lambda: 1.0)
    for _ in range(ROUNDS):
        first, last = _weighed(pairs, first, last)
    return _usual(first), _usual(last)


def _weighed(
    pairs: Iterable[tuple[str, str]], first: Mapping[tuple[str, str], float], last: Mapping[tuple[str, str], float]
) -> tuple[dict[tuple[str, str], float], dict[tuple[str, str], float]]:
    heads: dict[tuple[str, str], float] = defaultdict(float)
    tails: dict[tuple[str, str], float] = defaultdict(float)
    for text, reading in pairs:
        splits = [(reading[:at], reading[at:]) for at in range(1, len(reading)) if _is_end(reading[:at])]
        weights = [first[text[0], head] * last[text[1], tail] for head, tail in splits]
        for (head, tail), weight in zip(splits, weights, strict=True):
            heads[text[0], head] += weight / sum(weights)
            tails[text[1], tail] += weight / sum(weights)
    return heads, tails


def _is_end(head: str) -> bool:
    """Whether a kanji's reading can end here: on a vowel or n."""
    return head[-1] in "aiueon"


def _usual(weights: Mapping[tuple[str, str], float]) -> Table:
    by_kanji: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for (kanji, reading), weight in weights.items():
        if weight >= 1.5:
            by_kanji[kanji].append((-weight, reading))
    return {kanji: [reading for _, reading in sorted(found)[:MOST_OF_ONE]] for kanji, found in by_kanji.items()}


if __name__ == "__main__":
    sys.exit(main())
