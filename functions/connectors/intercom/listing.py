"""History and what changed since.

Contacts are listed by cursor, what changed is searched: dates count by the calendar day of the workspace, so the search
begins a day early and what is older is dropped here. Tickets come first, conversations after them. Companies cannot be
searched: all are listed, 10,000 at most; where there are more, the scroll gives them in one go, for it cannot be resumed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.intercom.api import MOST_LISTED, Api, next_of, rows
from connectors.intercom.records import found_record
from hub.delivery import Connection
from hub.domain.events import unix_ms
from hub.domain.sync import Found, Owner, Slice
from hub.errors import Reject
from hub.parsing import int_at, text_at, whole
from hub.times import any_time

DAY_S = 86_400
MOST_COMPANIES = 10_000
COMPANIES_A_PAGE = 60
MOST_SCROLLED = 1_000  # requests
STREAMS = ("tickets", "conversations")


@dataclass(frozen=True, slots=True)
class Lister:
    """Lists one connection's records."""

    api: Api
    connection: Connection
    owners: tuple[Owner, ...]

    def page(self, kind: str, since: str | None, cursor: str | None) -> Slice:
        """The page that the cursor begins, or the first."""
        pages = {"contact": self._contacts, "company": self._companies, "ticket": self._talks}
        return pages[kind](since, cursor)

    def _contacts(self, since: str | None, cursor: str | None) -> Slice:
        if since is None:
            answer = self.api.get("contacts", per_page=MOST_LISTED, starting_after=cursor)
        else:
            order = {"field": "updated_at", "order": "ascending"}
            answer = self.api.search("contacts", _changed_since(since), cursor, sort=order)
        found = self._found("contact", rows(answer), since)
        return Slice(found=found, next=next_of(answer), total=_total(answer, since))

    def _talks(self, since: str | None, cursor: str | None) -> Slice:
        stream, _, after = (cursor or STREAMS[0]).partition("|")
        if stream not in STREAMS:
            raise Reject("the place to go on from is none of Intercom's")
        answer = self.api.search(stream, _changed_since(since), after or None)
        following = next_of(answer)
        goes_on = f"{stream}|{following}" if following else _stream_after(stream)
        return Slice(found=self._found("ticket", rows(answer, stream), since), next=goes_on)

    def _companies(self, since: str | None, cursor: str | None) -> Slice:
        number = whole(cursor) or 1
        answer = self.api.companies(number, COMPANIES_A_PAGE)
        total = int_at(answer, "total_count") or 0
        if total > MOST_COMPANIES:
            return Slice(found=self._found("company", self._scrolled(), since), total=_total(answer, since))
        more = number < (int_at(answer, "pages", "total_pages") or 0)
        found = self._found("company", rows(answer), since)
        return Slice(found=found, next=str(number + 1) if more else None, total=_total(answer, since))

    def _scrolled(self) -> Iterator[dict[str, Any]]:
        mark: str | None = None
        for _ in range(MOST_SCROLLED):
            answer = self.api.get("companies", "scroll", scroll_param=mark)
            page = list(rows(answer))
            yield from page
            mark = text_at(answer, "scroll_param")
            if not page or mark is None:
                return

    def _found(self, kind: str, listed: Iterator[dict[str, Any]], since: str | None) -> tuple[Found, ...]:
        shown = (found_record(kind, row, self.connection, self.owners) for row in listed if _is_new(row, since))
        return tuple(one for one in shown if one)


def _changed_since(since: str | None) -> dict[str, Any]:
    """`>` begins with the day after the one that is named, wherever the workspace's day begins."""
    value = unix_ms(since) // 1000 - DAY_S if since else 0
    return {"field": "updated_at", "operator": ">", "value": value}


def _is_new(row: Mapping[str, Any], since: str | None) -> bool:
    updated = any_time(row.get("updated_at"))
    return since is None or updated is None or unix_ms(updated) >= unix_ms(since) // 1000 * 1000


def _stream_after(stream: str) -> str | None:
    following = STREAMS[STREAMS.index(stream) + 1 :]
    return f"{following[0]}|" if following else None


def _total(answer: Mapping[str, Any], since: str | None) -> int | None:
    return int_at(dict(answer), "total_count") if since is None else None
