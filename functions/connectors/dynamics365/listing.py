"""All records, or those changed since a time, page by page along the environment's own links.

A list of all records is a change-tracking request where the table has that switched on: its last page gives a delta
link, which is followed once, so that changes and deletions during the list are told too. A
delta link cannot be made from a time, and the hub keeps none between two lists: what changed since a time is asked for
by `modifiedon`, in that order. Ids cannot be compared in a filter, so that the environment's link (its paging cookie
holds the last row's time and id) is the place to go on from.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.dynamics365.api import ANNOTATED, Api, Refusal
from connectors.dynamics365.context import guid
from connectors.dynamics365.rows import SETS, TABLES, columns, gone, read_row, shown, survivor
from connectors.dynamics365.users import Users
from hub.delivery import Connection
from hub.domain.events import instant, unix_ms
from hub.domain.sync import Found, Slice
from hub.errors import Reject
from hub.parsing import at, int_at, list_at, text_at

ROWS = 200
TRACKED = "odata.track-changes"
# A change is stamped when it is saved and seen when its transaction ends: what changed "since" begins so much earlier.
LOOKS_BACK_MS = 300_000
# All records by change tracking, what changed meanwhile, or by the time of change.
_CURSOR = re.compile(r"(?P<part>[tdm]) (?P<path>[a-z]{3,20}\?[!-~]{1,8000})")


@dataclass(frozen=True, slots=True)
class Listing:
    """Lists one environment's records, so many `rows` in one page."""

    api: Api
    connection: Connection
    users: Users
    rows: int = ROWS

    def page(self, kind: str, since: str | None, cursor: str | None) -> Slice:
        """See SyncClient."""
        if cursor is not None:
            return self._further(kind, cursor)
        if since is not None:
            return self._modified(kind, {"$filter": f"modifiedon ge {_before(since)}"})
        total = self._total(TABLES[kind])
        try:
            first = self._slice(kind, self._get(kind, {}, TRACKED), "t")
        except Refusal as refusal:
            # Change tracking is not switched on for the table, or the application user may not use it.
            if refusal.status not in (400, 403, 501):
                raise
            first = self._modified(kind, {})
        return first.model_copy(update={"total": total})

    def _modified(self, kind: str, wanted: Mapping[str, str]) -> Slice:
        return self._slice(kind, self._get(kind, {**wanted, "$orderby": "modifiedon asc"}, ""), "m")

    def _get(self, kind: str, wanted: Mapping[str, str], also: str) -> dict[str, Any]:
        table = TABLES[kind]
        return self.api.get(SETS[table], {"$select": columns(table, self.connection), **wanted}, self._prefer(also))

    def _prefer(self, also: str) -> str:
        return ",".join([*([also] if also else ()), f"odata.maxpagesize={self.rows}", ANNOTATED])

    def _further(self, kind: str, cursor: str) -> Slice:
        place = _CURSOR.fullmatch(cursor)
        if place is None or not place["path"].startswith(f"{SETS[TABLES[kind]]}?"):
            raise Reject("the place where the list was left cannot be read: begin it anew")
        also = "" if place["part"] == "m" else TRACKED
        return self._slice(kind, self.api.get(place["path"], prefer=self._prefer(also)), place["part"])

    def _slice(self, kind: str, body: Mapping[str, Any], part: str) -> Slice:
        rows = [row for row in list_at(dict(body), "value") if isinstance(row, dict)]
        owners = self.users.emails(rows)
        told = [self._told(kind, row, owners) for row in rows]
        return Slice(
            found=tuple(one for one, _ in told if one is not None),
            deleted=tuple(lost for _, lost in told if lost is not None),
            next=self._next(body, part),
        )

    def _told(self, kind: str, row: Mapping[str, Any], owners: Mapping[str, str]) -> tuple[Found | None, str | None]:
        """The record, and the id of one that is gone; one that was merged is both."""
        if (lost := _deleted(row)) is not None:
            return None, lost
        if master := survivor(read_row(TABLES[kind], row)):
            merged = guid(row.get(f"{TABLES[kind]}id")) or ""
            return gone(kind, merged, master, self.connection), merged
        return shown(kind, row, self.connection, owners), None

    def _next(self, body: Mapping[str, Any], part: str) -> str | None:
        """The next page; behind the last one of all records, once, what changed meanwhile."""
        following, delta = text_at(dict(body), "@odata.nextLink"), text_at(dict(body), "@odata.deltaLink")
        if following is not None:
            return f"{part} {self.api.within(following)}"
        return f"d {self.api.within(delta)}" if part == "t" and delta is not None else None

    def _total(self, table: str) -> int | None:
        """How many rows there are, as counted by the environment within the last day; None where that is not told."""
        try:
            body = self.api.get(f"RetrieveTotalRecordCount(EntityNames=['{table}'])")
        except Refusal:
            return None
        return int_at(at(body, "EntityRecordCountCollection", "Values", 0))


def _deleted(row: Mapping[str, Any]) -> str | None:
    named = str(row.get("@odata.context", ""))
    return guid(row.get("id")) if named.endswith("$deletedEntity") else None


def _before(since: str) -> str:
    try:
        return instant(unix_ms(since) - LOOKS_BACK_MS)[:19] + "Z"
    except ValueError as error:
        raise Reject("the time since when to list is no RFC 3339 time") from error
