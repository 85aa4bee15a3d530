"""A whole object, or what changed since: HubSpot's list page by page, its search never past the first page.

A search gives at most 10,000 results, so each asks for what lies behind the last record's number; the list has no end.
https://developers.hubspot.com/docs/api-reference/latest/crm/search-the-crm (read November 2026)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from connectors.hubspot import records
from connectors.hubspot.api import Api, Row
from connectors.hubspot.business import PROPERTIES
from connectors.hubspot.reading import MOST_READ, Reader
from connectors.hubspot.records import OBJECTS
from hub.domain.events import instant, unix_ms
from hub.domain.sync import Slice
from hub.errors import Reject
from hub.parsing import id_at, int_at, list_at, text_at

LIST, SEARCH, BIN = "list", "search", "bin"
MOST_LISTED = 100
MOST_FOUND = 100
LAG_S = 300  # for so long a search may not see a change ("a few moments", says HubSpot)
# Contacts alone have a name of their own for the time of the last change.
MODIFIED = {"contact": "lastmodifieddate"}
OTHERS_MODIFIED = "hs_lastmodifieddate"


@dataclass(frozen=True, slots=True)
class Lister:
    """Lists one account's records."""

    api: Api
    reader: Reader

    def page(self, kind: str, since: str | None, cursor: str | None) -> Slice:
        """See SyncClient. With `since` deleted records follow after the changed ones, from the recycle bin."""
        stage, _, where = (cursor or (SEARCH if since else LIST)).partition("/")
        if stage == LIST:
            return self._listed(kind, where)
        if stage == SEARCH and since:
            return self._changed(kind, since, where)
        if stage == BIN and since:
            return self._deleted(kind, since, where)
        raise Reject("the cursor is none of HubSpot's, or does not belong to this listing")

    def _listed(self, kind: str, after: str) -> Slice:
        fields = self.reader.maps.get(kind)
        history = fields.properties if fields else ()
        names, limit = (records.wanted(fields), MOST_READ) if fields else (PROPERTIES[kind], MOST_LISTED)
        rows, following = self.api.page(OBJECTS[kind], names, history, limit, after, archived=False)
        found = tuple(self.reader.shown(kind, rows))
        return Slice(found=found, next=following and f"{LIST}/{following}", total=None if after else self._total(kind))

    def _changed(self, kind: str, since: str, after: str) -> Slice:
        """Those behind the record `after`. Who changes meanwhile stays in place, for numbers do not change."""
        modified = MODIFIED.get(kind, OTHERS_MODIFIED)
        body = {
            "filterGroups": [
                {
                    "filters": [
                        {"propertyName": modified, "operator": "GTE", "value": str(unix_ms(since) - LAG_S * 1000)},
                        {"propertyName": "hs_object_id", "operator": "GT", "value": after or "0"},
                    ]
                }
            ],
            "sorts": ["hs_object_id"],
            "properties": ["hs_object_id"],
            "limit": MOST_FOUND,
            "after": "0",
        }
        answer = self.api.search(OBJECTS[kind], body)
        ids = [record_id for row in list_at(answer, "results") if (record_id := id_at(row, "id"))]
        read = list(self.reader.read(kind, ids))
        following = f"{SEARCH}/{ids[-1]}" if len(ids) == MOST_FOUND else BIN
        return Slice(
            found=tuple(one for one in read if one.change != "deleted"),
            deleted=tuple(one.record.id for one in read if one.change == "deleted"),
            next=following,
            total=None if after else int_at(answer, "total"),
        )

    def _deleted(self, kind: str, since: str, after: str) -> Slice:
        rows, following = self.api.page(OBJECTS[kind], (), (), MOST_LISTED, after, archived=True)
        return Slice(deleted=_since(rows, since), next=following and f"{BIN}/{following}")

    def _total(self, kind: str) -> int | None:
        body = {"filterGroups": [], "sorts": [], "properties": ["hs_object_id"], "limit": 1, "after": "0"}
        return int_at(self.api.search(OBJECTS[kind], body), "total")


def _since(rows: Sequence[Row], since: str) -> tuple[str, ...]:
    """The ids of what was deleted at or after that time, or nobody knows when."""
    first = instant(unix_ms(since) - LAG_S * 1000)
    times = [(id_at(row, "id"), records.time(text_at(row, "archivedAt"))) for row in rows]
    return tuple(record_id for record_id, at in times if record_id and (at is None or at >= first))
