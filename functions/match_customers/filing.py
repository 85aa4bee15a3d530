"""Index entries come and go with what a persona says; what was filed is noted, so that nothing is forgotten in it.

| item | pk | sk | body |
|---|---|---|---|
| what is filed of a persona | `S#<persona>` | `FILED` | partitions, said, open |

The note comes first and names all that may be there; while the work that it announces is not done it is open.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from hub.directory import Directory
from hub.errors import Conflict, Retry
from hub.folding import fold
from hub.names import NameIndex
from hub.ports import Item, Store
from match_customers.entries import Entries

FILED = "FILED"


class Filing:
    """Files personas; every write is conditional and safe to repeat, from any point."""

    def __init__(self, store: Store, directory: Directory) -> None:
        self._store = store
        self._directory = directory
        self._index = NameIndex(store, directory)

    def differing(self, persona: str, entries: Entries) -> Item | None:
        """The persona's note where something else is filed than `entries`, or the work was not finished; else None."""
        note = self._store.get(f"S#{persona}", FILED) or Item(f"S#{persona}", FILED)
        settled = note.body.get("said", "") == self._directory.hashed(entries.said) and not note.body.get("open")
        nothing = not note.version and not entries.bodies
        return None if settled or nothing else note

    def begin(self, note: Item, entries: Entries) -> Item:
        """Brings the entries into the index; the note, still open. They must have been read after the note.

        Raises Retry where another worker files the same persona.
        """
        persona = note.pk.removeprefix("S#")
        wanted = {self._index.pk(key): body for key, body in entries.bodies.items()}
        gone = set(note.body.get("partitions", ())) - wanted.keys()
        said = self._directory.hashed(entries.said)
        opened = self._put(note, {"partitions": sorted(gone | wanted.keys()), "said": said, "open": True})
        self._file(persona, wanted)
        for pk in sorted(gone):
            self._store.delete(pk, persona)
        return replace(opened, body={**opened.body, "partitions": sorted(wanted)})

    def finish(self, notes: Iterable[Item]) -> None:
        """Closes the notes: all that had to follow is done."""
        for note in notes:
            self._put(note, {**note.body, "open": False})

    def _put(self, note: Item, body: Mapping[str, Any]) -> Item:
        try:
            self._store.put(replace(note, body=body))
        except Conflict:
            raise Retry("two workers file one customer") from None
        return replace(note, body=body, version=note.version + 1)

    def _file(self, persona: str, wanted: Mapping[str, Mapping[str, Any]]) -> None:
        for pk, body in sorted(wanted.items()):
            fold(self._store, pk, persona, lambda item, body=body: replace(item, body=body), fresh=True)  # type: ignore[misc]
