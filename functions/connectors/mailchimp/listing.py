"""An audience page by page, in the order of the last change, so that what changes meanwhile only moves to the end.

Pages by offset alone would miss members: whoever changes leaves their place, and everybody behind moves up. So the
time of the last change is where to go on, and the offset only counts within one second (an upload gives thousands of
members the same one). Members who are archived come at the end, as deleted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from connectors.mailchimp.api import Api
from connectors.mailchimp.members import member_hash, read_member, record
from hub.delivery import Connection
from hub.domain.events import instant, unix_ms
from hub.domain.sync import Slice
from hub.errors import Reject
from hub.parsing import int_at, list_at, text_at
from hub.times import from_iso

PAGE = 500  # 1,000 are allowed; half of that stays well within the time of one answer
# Within one second a page repeats so many rows of the one before: some may have left their place meanwhile.
OVERLAP = 100
FIELDS = ",".join(
    f"members.{name}"
    for name in (
        "email_address",
        "status",
        "merge_fields",
        "language",
        "last_changed",
        "timestamp_signup",
        "timestamp_opt",
        "tags",
    )
)
_CURSOR = re.compile(r"\A(members|archived)\|([0-9TZ:.-]{0,30})\|([0-9]{1,9})\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """Where to go on: members changed at or after `floor` (RFC 3339 UTC, "" for all), `offset` of them behind us."""

    phase: str
    floor: str = ""
    offset: int = 0

    @classmethod
    def of(cls, cursor: str | None, since: str | None) -> Place:
        """The place of a cursor, or the beginning."""
        if cursor is None:
            return cls("members", since or "")
        found = _CURSOR.match(cursor)
        if found is None:
            raise Reject("the cursor is none of Mailchimp's")
        return cls(found[1], found[2], int(found[3]))

    def __str__(self) -> str:
        """As a cursor."""
        return f"{self.phase}|{self.floor}|{self.offset}"


def page(api: Api, connection: Connection, audience: str, since: str | None, cursor: str | None) -> Slice:
    """One page of members, or of archived ones."""
    place = Place.of(cursor, since)
    answer = api.get(f"/lists/{audience}/members", _query(place))
    rows = [row for row in list_at(answer, "members") if isinstance(row, dict)]
    fresh = [row for row in rows if (_changed(row) or "") >= place.floor]
    found = tuple(one for row in fresh if (one := read_member(row, audience, connection)))
    whole = place == Place("members")
    return Slice(
        found=found if place.phase == "members" else (),
        deleted=tuple(_ids(fresh, audience)) if place.phase == "archived" else (),
        next=_next(place, rows, since),
        total=int_at(answer, "total_items") if whole else None,
    )


def _query(place: Place) -> dict[str, str | int | None]:
    # Whether a member changed exactly then counts as changed after it is not documented: a second earlier is asked for.
    after = instant(unix_ms(place.floor) - 1000)[:19] + "+00:00" if place.floor else None
    return {
        "count": PAGE,
        "offset": place.offset,
        "sort_field": "last_changed",
        "sort_dir": "ASC",
        "since_last_changed": after,
        "status": "archived" if place.phase == "archived" else None,
        "fields": f"{FIELDS},total_items",
    }


def _next(place: Place, rows: Sequence[dict[str, Any]], since: str | None) -> str | None:
    if len(rows) < PAGE:
        return str(Place("archived", since or "")) if place.phase == "members" else None
    last = _changed(rows[-1]) or ""
    if last > place.floor:
        return str(Place(place.phase, last))
    return str(Place(place.phase, place.floor, place.offset + PAGE - OVERLAP))


def _ids(rows: Sequence[dict[str, Any]], audience: str) -> list[str]:
    emails = (text_at(row, "email_address") for row in rows)
    return [record(audience, member_hash(email)).id for email in emails if email]


def _changed(row: dict[str, Any]) -> str | None:
    return from_iso(row.get("last_changed"))
