"""Places in a list that is ordered by `<time>#<id>`, and stretches between two of them, both included.

A cursor is a place and a direction and names no page, no persona and no item: what is added, merged or taken apart
while somebody reads moves nothing, leaves nothing out and repeats nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import islice

from hub.ports import Item, Page

# Sort before and after every place.
FIRST, LAST = "0", "~"
Stretch = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Mark:
    """Where reading goes on: from `bound` on (included), towards older (`down`) or newer."""

    bound: str
    down: bool


def before(place: str) -> str:
    """Sorts before that place and after every other one before it."""
    return f"{place[:-1]}{chr(ord(place[-1]) - 1)}{LAST}"


def after(place: str) -> str:
    """Sorts after that place and before every other one after it."""
    return f"{place}!"


def within(stretch: Stretch, since: str, until: str) -> Stretch:
    """The part of a stretch from `since` (included) until `until` (excluded), both times, "" and "~" for no bound."""
    return max(stretch[0], since), min(stretch[1], until)


def place(item: Item) -> str:
    """The item's place in its index partition."""
    return item.index[1] if item.index else ""


def from_mark(mark: Mark | None) -> Stretch:
    """All that lies on from a mark."""
    if mark is None:
        return FIRST, LAST
    return (FIRST, mark.bound) if mark.down else (mark.bound, LAST)


@dataclass(frozen=True, slots=True)
class Run:
    """What pages of several streams say together, in reading order, as far as all of them are known.

    `reached` is the place up to which they are, None where nothing follows.
    """

    items: tuple[Item, ...]
    reached: str | None


def joined(pages: Sequence[Page], *, down: bool) -> Run:
    """One run of several pages that were read in the same direction; an item in two of them is one."""
    ends = [place(page.items[-1]) for page in pages if page.next_key is not None]
    reached = (max(ends) if down else min(ends)) if ends else None
    known: dict[str, Item] = {}
    for item in merge(*(page.items for page in pages), key=place, reverse=down):
        here = place(item)
        if reached is not None and (here < reached if down else here > reached):
            break
        known[here] = item
    return Run(tuple(known.values()), reached)


@dataclass(frozen=True, slots=True)
class Cut:
    """A page for people, newest or oldest first, with the marks on from both of its ends (None: nothing there)."""

    items: tuple[Item, ...]
    next: Mark | None
    previous: Mark | None


def cut(chosen: Iterable[Item], run: Run, limit: int, mark: Mark | None, *, down: bool, newest_first: bool) -> Cut:
    """The first `limit` of the chosen items of a run that began at `mark`."""
    some = list(islice(chosen, limit + 1))
    shown = some[:limit]
    end = place(shown[-1]) if len(some) > limit else run.reached
    onwards = None if end is None else _beyond(end, down)
    back = None if mark is None else _back(mark, shown, down)
    ordered = tuple(shown if down == newest_first else reversed(shown))
    return Cut(ordered, onwards, back) if down == newest_first else Cut(ordered, back, onwards)


def _beyond(end: str, down: bool) -> Mark:
    return Mark(before(end) if down else after(end), down)


def _back(mark: Mark, shown: Sequence[Item], down: bool) -> Mark:
    """What lies behind the first one shown; where none is, what lies behind the mark."""
    return _beyond(place(shown[0]), not down) if shown else Mark(mark.bound, not down)
