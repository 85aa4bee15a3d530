"""All records, or those changed since a time, page by page in the order of `SystemModstamp, Id`.

Keyset queries and not `nextRecordsUrl`, which ends with the session and after two days, and not the Bulk API, whose
jobs must be waited for, whose results last seven days and whose pages cannot be taken up by another worker: at 500 rows
a request, a million contacts cost 2,000 of the 100,000 requests that the smallest organization has a day.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from connectors.salesforce.api import Api, Page
from connectors.salesforce.business import NATIVE
from connectors.salesforce.ids import canonical
from connectors.salesforce.reading import MERGED
from connectors.salesforce.rows import fields_read, gone, shown, version
from connectors.salesforce.soql import moment, select, text
from connectors.salesforce.users import Users
from hub.delivery import Connection
from hub.domain.events import instant, unix_ms
from hub.domain.sync import Found, Slice
from hub.errors import Reject, Retry
from hub.parsing import text_at

ROWS = 500
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
        entity = NATIVE[kind]
        found = self.api.query(self._soql(entity, since, cursor), everything=since is not None)
        total = self._total(entity) if since is None and cursor is None else None
        return self._slice(kind, found, total)

    def _soql(self, entity: str, since: str | None, cursor: str | None) -> str:
        names = [*fields_read(entity, self.connection), *(("IsDeleted",) if since is not None else ())]
        names += ["MasterRecordId"] if since is not None and entity in MERGED else []
        return select(names, entity, _where(since, cursor), "SystemModstamp, Id", self.rows)

    def _total(self, entity: str) -> int:
        return self.api.query(select(("COUNT()",), entity)).total

    def _slice(self, kind: str, page: Page, total: int | None) -> Slice:
        found: list[Found] = []
        deleted: list[str] = []
        owners = self.users.emails(list(page.rows))
        for row in page.rows:
            record_id = canonical(text_at(row, "Id"))
            if record_id is None:
                raise Retry("Salesforce gave a row without Id")
            if row.get("IsDeleted") is not True:
                found.append(shown(kind, record_id, row, self.connection, owners))
                continue
            deleted.append(record_id)
            if master := canonical(text_at(row, "MasterRecordId")):
                found.append(gone(kind, record_id, master, self.connection))
        more = len(page.rows) == self.rows or not page.done
        return Slice(found=tuple(found), deleted=tuple(deleted), next=_next(page) if more else None, total=total)


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
