"""The timeline of a customer: the entries of all its personas, merged in the platforms' own order."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Literal

from pydantic import BaseModel

from api.customers import customer
from api.paging import Cursor, Limit, Seal
from api.resource import Resource
from hub import view
from hub.ports import Item
from hub.timeline_store import TimelineStore, read

router = Resource()


class Timeline(BaseModel):
    """Entries in order; `next` is the cursor of the next page, null at the end."""

    entries: list[view.EntryView]
    next: str | None


@router.get("/v1/customers/<customer_id>/timeline", summary="A customer's timeline", tags=["customers"])
def read_timeline(
    customer_id: str, limit: Limit = 25, cursor: Cursor = None, order: Literal["newest", "oldest"] = "newest"
) -> Timeline:
    """All that happened with the customer on every channel, ordered by the platforms' own time."""
    hub = router.hub
    found = customer(hub, customer_id)
    seal = Seal(hub.secrets.hash_key(), f"timeline {customer_id} {order}")
    reached = seal.open(cursor) or {"last": None, "starts": {}}
    streams = [
        Stream(
            TimelineStore(hub.store), one.id, limit, order == "newest", reached["last"], reached["starts"].get(one.id)
        )
        for one in found.personas
    ]
    items = list(islice(heapq.merge(*streams, key=place, reverse=order == "newest"), limit + 1))
    entries = view.entries([read(item) for item in items[:limit]])
    return Timeline(entries=entries, next=seal.close(_reached(streams, items[:limit]) if items[limit:] else None))


@dataclass
class Stream:
    """The entries under one persona after the last one shown; remembers where its current page began."""

    store: TimelineStore
    persona: str
    limit: int
    newest_first: bool
    last: str | None
    start: str | None
    _page_of: dict[str, str | None] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Item]:
        start = self.start
        while True:
            page = self.store.page(self.persona, limit=self.limit, start=start, newest_first=self.newest_first)
            for item in page.items:
                if self._is_after(place(item)):
                    self._page_of[place(item)] = start
                    yield item
            start = page.next_key
            if start is None:
                return

    def _is_after(self, here: str) -> bool:
        return self.last is None or (here < self.last if self.newest_first else here > self.last)

    def resume(self, shown: set[str]) -> str | None:
        """Where the page began that holds the last entry shown; what was shown of it will be passed over."""
        pages = [start for here, start in self._page_of.items() if here in shown]
        return pages[-1] if pages else self.start


def place(item: Item) -> str:
    """The entry's place among all the customer's entries: `<time>#<entry>`."""
    return item.index[1] if item.index else ""


def _reached(streams: list[Stream], items: list[Item]) -> Mapping[str, Any]:
    shown = {place(item) for item in items}
    starts = {one.persona: start for one in streams if (start := one.resume(shown)) is not None}
    return {"last": place(items[-1]), "starts": starts}
