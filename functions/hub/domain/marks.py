"""The times of inbound messages, packed: what is unread or unanswered is counted without keeping the messages."""

from __future__ import annotations

from hub.domain.events import unix_ms

MOST_UNREAD = 25  # counted exactly; one more is kept, to tell that there are more
MOST_DAYS = 7
STAMP_CHARS = 11
ENTRY_CHARS = 5  # of an entry's id, beside the millisecond


def marked(at: str, entry: str) -> str:
    """The mark of one message."""
    return stamped(at) + entry[:ENTRY_CHARS]


def firsts(marks: str) -> str:
    """The first of each day, of the latest days."""
    first: dict[int, str] = {}
    for one in reversed(_earliest(marks)):
        first[int(one[:STAMP_CHARS], 16) // 86_400_000] = one
    return "".join(sorted(first.values())[-MOST_DAYS:])


def packed(marks: str, settled: str) -> str:
    """The last marks that are later than what is settled."""
    return "".join([one for one in _earliest(marks) if one[:STAMP_CHARS] > settled][-MOST_UNREAD - 1 :])


def unpacked(marks: str) -> list[tuple[str, str]]:
    """(stamp, start of the entry's id) of each."""
    width = STAMP_CHARS + ENTRY_CHARS
    cut = (marks[start : start + width] for start in range(0, len(marks), width))
    return [(mark[:STAMP_CHARS], mark[STAMP_CHARS:]) for mark in cut]


def stamped(at: str) -> str:
    """The time in milliseconds as 11 hexadecimal digits: a third of its length, and sorted alike."""
    return f"{unix_ms(at):011x}"


def _earliest(marks: str) -> list[str]:
    """Each entry once with its earliest time, in order."""
    earliest: dict[str, str] = {}
    for stamp, entry in sorted(unpacked(marks), reverse=True):
        earliest[entry] = stamp
    return sorted(stamp + entry for entry, stamp in earliest.items())
