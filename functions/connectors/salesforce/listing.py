"""All records, or those changed since a time, page by page in the order of `SystemModstamp, Id`.

Keyset queries and not `nextRecordsUrl`, which ends with the session and after two days. All records of a large object
come from a query job (`bulk`); where that gives nothing, because the edition or the user's rights have no Bulk API or its
result is gone, the list begins anew with queries.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from connectors.salesforce.api import Api, Page
from connectors.salesforce.bulk import Place, QueryJobs, Unusable
from connectors.salesforce.business import NATIVE
from connectors.salesforce.ids import canonical
from connectors.salesforce.reading import MERGED
from connectors.salesforce.rows import fields_read, gone, shown, ticks, version
from connectors.salesforce.soql import moment, select, text
from connectors.salesforce.users import Users
from hub.delivery import Connection
from hub.domain.events import instant, unix_ms
from hub.domain.sync import Found, Slice
from hub.errors import Reject, Retry
from hub.parsing import text_at

ROWS = 500
# From so many records on, all of them come from a query job; the setting `bulk_from` replaces it, 0: never.
BULK_FROM = 50_000
BEGINNING = "2000-01-01T00:00:00Z|000000000000000000"
# A change is stamped when it is saved and seen when its transaction ends, which may be later than another's that began
# after it: what changed "since" begins so much earlier.
LOOKS_BACK_MS = 300_000
_CURSOR = re.compile(r"(?P<at>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)\|(?P<id>[A-Za-z0-9]{18})")


@dataclass(frozen=True, slots=True)
class Listing:
    """Lists one organization's records, so many `rows` in one page."""

    api: Api
    connection: Connection
    users: Users
    rows: int = ROWS

    def page(self, kind: str, since: str | None, cursor: str | None) -> Slice:
        """See SyncClient. Deletions are told of where `since` is given, as far as the recycle bin still holds them."""
        if since is None and (place := Place.of(cursor)):
            return self._in_bulk(kind, place)
        entity = NATIVE[kind]
        total = self._total(entity) if since is None and cursor is None else None
        if total and (job := self._job(entity, total)):
            return Slice(next=job.cursor(), total=total)
        found = self.api.query(self._soql(entity, since, cursor), everything=since is not None)
        return self._slice(kind, found, total)

    def _job(self, entity: str, total: int) -> Place | None:
        """A job for all records, where they are many and the organization has the Bulk API."""
        given = self.connection.settings.get("bulk_from")
        least = given if isinstance(given, int) and not isinstance(given, bool) else BULK_FROM
        if not 0 < least <= total:
            return None
        try:
            return self._jobs.begin(select(fields_read(entity, self.connection), entity))
        except Unusable:
            return None

    def _in_bulk(self, kind: str, place: Place) -> Slice:
        entity = NATIVE[kind]
        names, booleans = fields_read(entity, self.connection), ticks(entity, self.connection)
        try:
            rows, following = self._jobs.rows_at(place, names, booleans)
        except Unusable:
            return Slice(next=BEGINNING)
        found, _deleted = self._told(kind, rows)
        return Slice(found=found, next=following.cursor() if following else None)

    @property
    def _jobs(self) -> QueryJobs:
        return QueryJobs(self.api.session)

    def _soql(self, entity: str, since: str | None, cursor: str | None) -> str:
        names = [*fields_read(entity, self.connection), *(("IsDeleted",) if since is not None else ())]
        names += ["MasterRecordId"] if since is not None and entity in MERGED else []
        return select(names, entity, _where(since, cursor), "SystemModstamp, Id", self.rows)

    def _total(self, entity: str) -> int:
        return self.api.query(select(("COUNT()",), entity)).total

    def _slice(self, kind: str, page: Page, total: int | None) -> Slice:
        found, deleted = self._told(kind, page.rows)
        more = len(page.rows) == self.rows or not page.done
        return Slice(found=found, deleted=deleted, next=_next(page) if more else None, total=total)

    def _told(self, kind: str, rows: list[dict[str, Any]]) -> tuple[tuple[Found, ...], tuple[str, ...]]:
        """What the rows say, and which of them are gone."""
        found: list[Found] = []
        deleted: list[str] = []
        owners = self.users.emails(list(rows))
        for row in rows:
            record_id = canonical(text_at(row, "Id"))
            if record_id is None:
                raise Retry("Salesforce gave a row without Id")
            if row.get("IsDeleted") is not True:
                found.append(shown(kind, record_id, row, self.connection, owners))
                continue
            deleted.append(record_id)
            if master := canonical(text_at(row, "MasterRecordId")):
                found.append(gone(kind, record_id, master, self.connection))
        return tuple(found), tuple(deleted)


def _where(since: str | None, cursor: str | None) -> str:
    """Behind the cursor, else from a little before `since` on."""
    if cursor is not None:
        place = _CURSOR.fullmatch(cursor)
        if place is None:
            raise Reject("the place where the list was left cannot be read: begin it anew")
        at, last = place["at"], text(place["id"])
        return f"SystemModstamp >= {at} AND (SystemModstamp > {at} OR Id > {last})"
    return "" if since is None else f"SystemModstamp >= {_before(since)}"


def _before(since: str) -> str:
    try:
        return moment(instant(unix_ms(since) - LOOKS_BACK_MS))
    except ValueError as error:
        raise Reject("the time since when to list is no RFC 3339 time") from error


def _next(page: Page) -> str | None:
    last = page.rows[-1] if page.rows else None
    return f"{moment(version(last))}|{canonical(text_at(last, 'Id'))}" if last else None
