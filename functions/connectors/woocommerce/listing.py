"""Customers and orders page by page, by id: new ones come at the end, and what is deleted moves everybody up.

WooCommerce has pages by number alone, and of customers no "changed since" (asked for in 2023, issue 41371 of the
project; its source has none): all of them are listed, and those that have not changed are left out here. So that nobody
is missed who moved up, each page begins before the end of the last one, and further back where that is not enough.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.woocommerce.api import MOST, Api, Rows
from connectors.woocommerce.records import ALL, LISTS, found_record, record_id, version_of
from hub.delivery import Connection
from hub.domain.events import instant, unix_ms
from hub.domain.sync import Slice
from hub.errors import Reject

OVERLAP = 20
_CURSOR = re.compile(r"\A([0-9]{1,12})\|([0-9]{1,20})\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """Where to go on: `offset` rows behind us, the last of which had the id `after`."""

    offset: int = 0
    after: int = 0

    @classmethod
    def of(cls, cursor: str | None) -> Place:
        """The place of a cursor, or the beginning."""
        found = _CURSOR.match(cursor) if cursor is not None else None
        if cursor is not None and found is None:
            raise Reject("the cursor is none of WooCommerce's")
        return cls(int(found[1]), int(found[2])) if found else cls()

    def __str__(self) -> str:
        """As a cursor."""
        return f"{self.offset}|{self.after}"


def page(api: Api, connection: Connection, kind: str, since: str | None, cursor: str | None) -> Slice:
    """One page, as far as its rows are new and have changed since."""
    place = Place.of(cursor)
    offset, shown = _joined(api, kind, since, place)
    fresh = [row for row in shown.rows if _number(row) > place.after]
    last = max((_number(row) for row in shown.rows), default=place.after)
    changed = [row for row in fresh if not since or (version_of(row) or since) >= since]
    return Slice(
        found=tuple(one for row in changed if (one := found_record(kind, row, connection))),
        next=str(Place(offset + MOST - OVERLAP, max(last, place.after))) if _goes_on(offset, shown) else None,
        total=shown.total if cursor is None and not since else None,
    )


def _joined(api: Api, kind: str, since: str | None, place: Place) -> tuple[int, Rows]:
    """The page at the place; an earlier one where a gap may lie between it and the last row that was given."""
    offset = place.offset
    shown = _asked(api, kind, since, offset)
    while offset > 0 and (not shown.rows or _number(shown.rows[0]) > place.after):
        offset = max(0, offset - MOST)
        shown = _asked(api, kind, since, offset)
    return offset, shown


def _asked(api: Api, kind: str, since: str | None, offset: int) -> Rows:
    query: dict[str, str | int | None] = {
        **ALL[kind],
        "orderby": "id",
        "order": "asc",
        "per_page": MOST,
        "offset": offset,
    }
    if since and kind == "order":
        # Changed after, so a second earlier is asked for; times are whole seconds.
        query |= {"modified_after": instant(unix_ms(since) - 1000)[:19], "dates_are_gmt": "true"}
    return api.rows(LISTS[kind], query)


def _goes_on(offset: int, shown: Rows) -> bool:
    return len(shown.rows) == MOST if shown.total is None else offset + MOST < shown.total


def _number(row: Mapping[str, Any]) -> int:
    return int(record_id(row, "id") or 0)
