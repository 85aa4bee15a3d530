"""Looks into Meta's JSON beside those of `hub.parsing`: what must be there, its words, its times."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from hub.domain.events import instant
from hub.parsing import id_at, int_at, list_at

Json = Mapping[str, Any]

MAX_ID = 512
MAX_TIME = 40
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
MS_FROM = 10**11  # as seconds that is in the year 5138


class Unreadable(Exception):
    """One part of a delivery lacks what it cannot be understood without; its neighbours are not touched."""


def required(value: Json, key: str) -> str:
    """The id or word there, at most 512 characters (Meta's ids have about 128); raises Unreadable."""
    found = id_at(value, key)
    if found is None or len(found) > MAX_ID:
        raise Unreadable(key)
    return found


def objects(value: Json, key: str) -> list[Json]:
    """The objects of the list there; anything else is left out."""
    return [one for one in list_at(value, key) if isinstance(one, dict)]


def word(value: object) -> str:
    """A word of Meta's vocabulary for a counter's name; anything that could be personal becomes "other"."""
    return value if isinstance(value, str) and _WORD.fullmatch(value) else "other"


def time_of(value: Json) -> str | None:
    """The instant in `timestamp` (seconds, as string in messages and as number elsewhere), or None."""
    seconds = int_at(value, "timestamp")
    return None if seconds is None or seconds >= MS_FROM else instant_of(seconds)


def instant_of(unix: int | None) -> str | None:
    """The instant of Unix seconds, or of milliseconds, which are told apart by their size; None for no time of ours."""
    try:
        return None if unix is None else instant(unix if unix >= MS_FROM else unix * 1000)
    except ValueError:
        return None


def instant_written(text: str | None) -> str | None:
    """The instant of an ISO 8601 text that names its offset (Z, +00:00 or +0000), or None."""
    try:
        at = datetime.fromisoformat(text.replace("Z", "+00:00")) if text and len(text) <= MAX_TIME else None
        return instant(round(at.timestamp() * 1000)) if at and at.tzinfo else None
    except (ValueError, OverflowError):
        return None


def without(value: Json, *keys: str) -> dict[str, Any]:
    """The object less those keys."""
    return {key: item for key, item in value.items() if key not in keys}


def digest(value: object) -> str:
    """What stands for an item that has no id of its own: the same for the same content; nulls in lists are none."""
    written = json.dumps(_said(value), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode("ascii")).hexdigest()


def _said(value: object) -> object:
    if isinstance(value, dict):
        return {key: _said(item) for key, item in value.items()}
    return [_said(item) for item in value if item is not None] if isinstance(value, list) else value
