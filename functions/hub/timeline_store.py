"""Timeline entries in the state table.

| item | pk | sk | index | body |
|---|---|---|---|---|
| entry | `E#<entry>` | `ENTRY` | `T#<persona>`, `<at>#<entry>` | kind, connection, platform, persona, rank, at, facts |
| log on a CRM | `E#<entry>` | `LOG#<connection>` | | digest, native_id, contact_id |

An entry's id is the keyed hash of the connection and the platform's own id of the thing, so every fact about it finds
it, in any order, whether or not it names the customer. It is filed under the most specific persona that a fact names;
until one does, its index is `NOTICES`, `<at>#<entry>`, except that of a message or call, whose customer may yet come.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from hub.domain import timeline
from hub.folding import fold
from hub.ports import Item, Page, Store

NOTICES = "NOTICES"
# Kinds whose facts often come before the one that names the customer: without it there is nothing to show.
WAITING_KINDS = frozenset({"message", "call"})


@dataclass(frozen=True, slots=True)
class Filing:
    """Under which persona an entry goes; `rank` 0 is the most specific kind of identifier."""

    persona: str
    rank: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as stored; `shown` is what people see."""

    id: str
    kind: timeline.Kind
    connection: str
    platform: str
    at: str
    persona: str | None
    facts: timeline.Facts

    @property
    def shown(self) -> dict[str, Any]:
        """What people see (see hub.domain.timeline.show)."""
        return timeline.show(self.kind, self.facts)

    def known_at(self, at: str) -> Entry:
        """The entry as it was then."""
        return replace(self, facts=timeline.known_at(self.facts, at))


class TimelineStore:
    """Reads and writes entries; every write is conditional and safe to repeat."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def record(
        self,
        entry: str,
        kind: str,
        event: Mapping[str, Any],
        fact: timeline.Fact,
        filing: Filing | None,
        *,
        fresh: bool = False,
    ) -> Entry:
        """The entry with one fact more, created where there is none; `fresh` says that there most likely is none."""

        def step(item: Item) -> Item:
            return _with_fact(item, kind, event, fact, filing)

        return read(fold(self._store, f"E#{entry}", "ENTRY", step, fresh=fresh))

    def load(self, entry: str) -> Entry | None:
        """The entry as it is now."""
        item = self._store.get(f"E#{entry}", "ENTRY")
        return None if item is None else read(item)

    def notices(self, *, limit: int, start: str | None = None) -> Page:
        """Entries that concern no customer, newest first; `start` is a `next_key`."""
        return self._store.query_index(NOTICES, limit=limit, start=start, newest_first=True)

    def page(
        self,
        persona: str,
        *,
        limit: int,
        start: str | None = None,
        newest_first: bool = True,
        between: tuple[str, str] | None = None,
    ) -> Page:
        """Entries filed under one persona, in the platforms' own order; `start` is a `next_key`, `between` two places."""
        return self._store.query_index(
            f"T#{persona}", limit=limit, start=start, newest_first=newest_first, between=between
        )


def read(item: Item) -> Entry:
    """The entry that an item holds."""
    body = item.body
    return Entry(
        item.pk.removeprefix("E#"),
        body["kind"],
        body["connection"],
        body["platform"],
        body["at"],
        body["persona"],
        body["facts"],
    )


def _with_fact(item: Item, kind: str, event: Mapping[str, Any], fact: timeline.Fact, filing: Filing | None) -> Item:
    facts = timeline.add(item.body.get("facts", {}), str(event["id"]), fact)
    filed = _most_specific(item, filing)
    at = timeline.happened_at(facts)
    body = {
        "kind": kind,
        "connection": event["connection"],
        "platform": event["platform"],
        "persona": filed.persona if filed else None,
        "rank": filed.rank if filed else None,
        "at": at,
        "facts": facts,
    }
    partition = f"T#{filed.persona}" if filed else None if kind in WAITING_KINDS else NOTICES
    index = (partition, f"{at}#{item.pk.removeprefix('E#')}") if partition else None
    return Item(item.pk, item.sk, body, item.version, index)


def _most_specific(item: Item, filing: Filing | None) -> Filing | None:
    known = item.body.get("persona")
    options = [Filing(known, item.body["rank"])] if known else []
    options += [filing] if filing else []
    return min(options, key=lambda one: (one.rank, one.persona), default=None)
