"""Whether fields are written to a connection, and what is still to be written there.

| item | pk | sk | body |
|---|---|---|---|
| paused | `SYNC#<connection>` | `STATE` | paused, why, at |
| agreed to a set-up | `SYNC#<connection>` | `SETUP` | agreed: by, at, plan of the latest 20 |
| still to be done | `DUE#<connection>` | `<persona>` | at |
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from hub.errors import Conflict
from hub.folding import fold
from hub.ports import Item, Store

BOTH = "both"
MOST_AGREED = 20


@dataclass(frozen=True, slots=True)
class Paused:
    """Why nothing is written to a connection, and since when (RFC 3339 UTC)."""

    why: str
    at: str


class SyncState:
    """Pauses and resumes the writing of fields; every write is conditional and safe to repeat."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def paused(self, connection_id: str) -> Paused | None:
        """Why it is paused, None where it is not."""
        item = self._store.get(f"SYNC#{connection_id}", "STATE")
        if item is None or not item.body.get("paused"):
            return None
        return Paused(item.body["why"], item.body["at"])

    def pause(self, connection_id: str, why: str, at: str) -> None:
        """Stops the writing; a pause that is there already keeps its reason."""

        def step(item: Item) -> Item:
            return item if item.body.get("paused") else replace(item, body={"paused": True, "why": why, "at": at})

        fold(self._store, f"SYNC#{connection_id}", "STATE", step)

    def resume(self, connection_id: str, at: str) -> None:
        """Lets it go on; what is due has still to be taken up (see `due`)."""

        def step(item: Item) -> Item:
            return replace(item, body={"paused": False, "why": "", "at": at}) if item.body.get("paused") else item

        fold(self._store, f"SYNC#{connection_id}", "STATE", step)

    def agreed(self, connection_id: str, by: str, plan: list[str], at: str) -> None:
        """Notes who agreed to what was created on the platform."""

        def step(item: Item) -> Item:
            said = [*item.body.get("agreed", ()), {"by": by, "at": at, "plan": plan}]
            return replace(item, body={"agreed": said[-MOST_AGREED:]})

        fold(self._store, f"SYNC#{connection_id}", "SETUP", step)

    def postpone(self, connection_id: str, persona: str, at: str) -> None:
        """Notes that a customer's differences are still to be written."""
        with suppress(Conflict):  # it is noted already
            self._store.put(Item(f"DUE#{connection_id}", persona, {"at": at}))

    def due(self, connection_id: str) -> Iterator[str]:
        """The personas whose differences wait."""
        start: str | None = None
        while True:
            page = self._store.query(f"DUE#{connection_id}", start=start)
            yield from (item.sk for item in page.items)
            start = page.next_key
            if start is None:
                return

    def done(self, connection_id: str, persona: str) -> None:
        """Nothing of that customer waits any more."""
        self._store.delete(f"DUE#{connection_id}", persona)
