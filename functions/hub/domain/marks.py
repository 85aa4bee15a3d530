"""The times of inbound messages, packed: what is unread or unanswered is counted without keeping the messages."""

from __future__ import annotations

from collections.abc import Iterable

from hub.domain.events import unix_ms

MOST_UNREAD = 25  # counted exactly; one more is kept, to tell that there are more
MOST_DAYS = 7
STAMP_CHARS = 11
ENTRY_CHARS = 5  # of an entry's id, beside the millisecond


def firsts(stamps: Iterable[str]) -> list[str]:
    """The first of each day, of the latest days."""
    first: dict[int, str] = {}
    for stamp in sorted(stamps, reverse=True):
        first[int(stamp, 16) // 86_400_000] = stamp
    return sorted(first.values())[-MOST_DAYS:]


def packed(text: str, settled: str) -> str:
    """The marks in `text` that are later than what is settled, each entry once with its earliest time."""
    earliest: dict[str, str] = {}
    for stamp, entry in sorted(unpacked(text), reverse=True):
        earliest[entry] = stamp
    open_ones = sorted(stamp + entry for entry, stamp in earliest.items() if stamp > settled)
    return "".join(open_ones[-MOST_UNREAD - 1 :])


def unpacked(marks: str) -> list[tuple[str, str]]:
    """(stamp, start of the entry's id) of each."""
    width = STAMP_CHARS + ENTRY_CHARS
    cut = (marks[start : start + width] for start in range(0, len(marks), width))
    return [(mark[:STAMP_CHARS], mark[STAMP_CHARS:]) for mark in cut]


def stamped(at: str) -> str:
    """The time in milliseconds as 11 hexadecimal digits: a third of its length, and sorted alike."""
    return f"{unix_ms(at):011x}"
