"""What was read once, for a while: fresh for a time, then read again, served old while reading fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from hub.errors import HubError
from hub.ports import Clock

V = TypeVar("V")
STALE_S = 900.0
MAX_ENTRIES = 1000


class Remembered(Generic[V]):
    """A bounded cache by key; `fresh_s` says for how long a value just read is good."""

    def __init__(self, clock: Clock, fresh_s: Callable[[V], float], stale_s: float = STALE_S) -> None:
        self._clock = clock
        self._fresh_s = fresh_s
        self._stale_s = stale_s
        self._entries: dict[str, tuple[float, float, V]] = {}

    def get(self, key: str, read: Callable[[str], V]) -> V:
        """The value, read anew when it is no longer fresh; while reading fails, the old one for up to `stale_s`."""
        now = self._clock.now()
        entry = self._entries.get(key)
        if entry and now < entry[1]:
            return entry[2]
        try:
            value = read(key)
        except HubError:
            if entry and now - entry[0] < self._stale_s:
                return entry[2]
            raise
        self.set(key, value)
        return value

    def set(self, key: str, value: V) -> None:
        """Remembers a value as read now; the oldest goes when there are too many."""
        self._entries.pop(key, None)
        while len(self._entries) >= MAX_ENTRIES:
            del self._entries[next(iter(self._entries))]
        now = self._clock.now()
        self._entries[key] = (now, now + self._fresh_s(value), value)
