"""The pieces that a conversation's state is joined of (see hub.domain.conversations)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hub.domain.marks import stamped

MOST_LAST = 2
MOST_CORRECTIONS = 3
MOST_MET = 2
MAX_TEXT_BYTES = 100


def snippet(text: str) -> str:
    """The beginning of a text."""
    return text.encode("utf-8", "replace")[:MAX_TEXT_BYTES].decode("utf-8", "ignore")


def greater(one: Any, other: Any) -> Any:
    """The greater of what is there, else None."""
    return max((value for value in (one, other) if value), default=None)


def both(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterable[tuple[str, list[Any]]]:
    """Each name with what either says of it."""
    return ((name, [said[name] for said in (one, other) if name in said]) for name in sorted({*one, *other}))


def lasts(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """The last messages that way; each as of its earliest copy, like its entry."""
    earliest = {entry: min(copies) for entry, copies in both(one, other)}
    kept = sorted(earliest, key=lambda entry: (earliest[entry], entry))[-MOST_LAST:]
    return {entry: earliest[entry] for entry in sorted(kept)}


def settled(out: Mapping[str, Any], read: str | None) -> str:
    """The stamp up to which all is read and answered, "" for nothing; by the earliest answer known, as others may move."""
    if len(out) < MOST_LAST or not read:
        return ""
    stamps: list[str] = [stamp for stamp, _ in out.values()]
    return min([stamped(read), *stamps])


def met(one: Mapping[str, str], other: Mapping[str, str]) -> dict[str, str]:
    """Who wrote, with the first time."""
    earliest = {whom: min(first) for whom, first in both(one, other)}
    return dict(sorted(earliest.items())[-MOST_MET:])


def over(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """The last corrections, the last of each entry."""
    latest = {entry: max(texts) for entry, texts in both(one, other)}
    kept = sorted(latest, key=lambda entry: (latest[entry], entry))[-MOST_CORRECTIONS:]
    return {entry: latest[entry] for entry in sorted(kept)}


def acts(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """The last decision of each name."""
    return {name: max(said, key=lambda act: (act[0], act[1], str(act[2]), act[3])) for name, said in both(one, other)}
