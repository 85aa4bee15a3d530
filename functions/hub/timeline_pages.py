"""Pages of a customer's timeline: one query per persona and period, whatever its length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hub.domain.identity import Persona
from hub.domain.timeline import channel_of
from hub.places import Cut, Mark, Stretch, cut, from_mark, joined, within
from hub.ports import Item, Page
from hub.timeline_store import TimelineStore

# Where most entries may be filtered out, so many are looked at per persona and page; the page may be short.
MOST_LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of a timeline is asked for: empty sets ask for all; `since` is included, `until` is not, `at` is."""

    channels: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    connections: frozenset[str] = frozenset()
    since: str = ""
    until: str = "~"

    @property
    def picks(self) -> bool:
        """Whether entries may be passed over."""
        return bool(self.channels or self.kinds or self.connections)

    def has(self, item: Item) -> bool:
        """Whether the entry is one of those."""
        body = item.body
        return (
            (not self.kinds or body["kind"] in self.kinds)
            and (not self.connections or body["connection"] in self.connections)
            and (not self.channels or channel_of(body["kind"], body["facts"]) in self.channels)
        )


@dataclass(frozen=True, slots=True)
class Paging:
    """How a page is read: `mark` is where it begins, None at the beginning."""

    limit: int
    newest_first: bool = True
    mark: Mark | None = None

    @property
    def down(self) -> bool:
        """Whether it is read towards older entries."""
        return self.newest_first if self.mark is None else self.mark.down


def read_page(store: TimelineStore, personas: Sequence[Persona], wanted: Wanted, paging: Paging) -> Cut:
    """A page of what was filed under the personas while they were the customer's."""
    run = joined(list(_pages(store, personas, wanted, paging)), down=paging.down)
    chosen = (item for item in run.items if wanted.has(item)) if wanted.picks else iter(run.items)
    return cut(chosen, run, paging.limit, paging.mark, down=paging.down, newest_first=paging.newest_first)


def _pages(store: TimelineStore, personas: Sequence[Persona], wanted: Wanted, paging: Paging) -> Iterator[Page]:
    """One query for each persona and period."""
    limit = max(paging.limit, MOST_LOOKED_AT) if wanted.picks else paging.limit
    whole = within(from_mark(paging.mark), wanted.since, wanted.until)
    for one in personas:
        for between in _stretches(one, whole):
            yield store.page(one.id, limit=limit, newest_first=paging.down, between=between)


def _stretches(persona: Persona, whole: Stretch) -> Iterator[Stretch]:
    for since, until in persona.periods:
        between = within(whole, since, until)
        if between[0] <= between[1]:
            yield between
