"""Records by id: contacts and companies with the histories of their fields, deals and tickets with whom they concern."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from connectors.hubspot import business, records
from connectors.hubspot.api import MOST_INPUTS, Api, Row
from connectors.hubspot.business import PROPERTIES, Stage
from connectors.hubspot.records import OBJECTS
from hub.codecs_words import owners_by_id
from hub.delivery import Connection
from hub.domain.sync import Found, Owner
from hub.fields import FieldMap
from hub.parsing import at, id_at, text_at

# HubSpot takes 50 with histories; the answers to 25 stay well under the 1 MB that we read.
MOST_READ = 25
READS = frozenset(OBJECTS)
OWNER = "hubspot_owner_id"


@dataclass(slots=True)
class Reader:
    """Reads one account's records; owners and pipelines are asked for once, and only where a record names one."""

    connection: Connection
    api: Api
    maps: Mapping[str, FieldMap]
    _owners: list[Owner] | None = None
    _stages: dict[str, dict[str, Stage]] = field(default_factory=dict)

    def read(self, kind: str, ids: Sequence[str]) -> Iterator[Found]:
        """Every id asked for, as it is now or as deleted; a merged one also brings the record it went into."""
        unique = list(dict.fromkeys(ids))
        size, read = (MOST_INPUTS, self._business) if kind in PROPERTIES else (MOST_READ, self._people)
        gone: Callable[[str, str], Found] = business.gone if kind in PROPERTIES else records.gone
        for start in range(0, len(unique), size):
            chunk = unique[start : start + size]
            found = list(read(kind, chunk))
            yield from found
            there = {one.record.id for one in found}
            yield from (gone(kind, missing) for missing in chunk if missing not in there)

    def shown(self, kind: str, rows: Sequence[Row]) -> Iterator[Found]:
        """The records of rows that were read with every property that `wanted` names."""
        if kind in PROPERTIES:
            yield from self._shown_business(kind, rows)
            return
        owners = self._emails_for(rows)
        for row in rows:
            if found := records.shown_record(self.maps[kind], row, self.connection, owners):
                yield found

    def owners(self) -> list[Owner]:
        """The users who can own records."""
        if self._owners is None:
            self._owners = [_owner(row) for row in self.api.owners() if id_at(row, "id")]
        return self._owners

    def emails(self) -> dict[str, str]:
        """The owners' e-mail addresses by id."""
        return owners_by_id(self.owners())

    def _emails_for(self, rows: Sequence[Row]) -> dict[str, str]:
        """Asked for only if any of the rows names an owner."""
        return self.emails() if any(text_at(at(row, "properties"), OWNER) for row in rows) else {}

    def _people(self, kind: str, ids: Sequence[str]) -> Iterator[Found]:
        fields = self.maps[kind]
        rows = self.api.read(OBJECTS[kind], ids, records.wanted(fields), fields.properties)
        return self.shown(kind, rows)

    def _business(self, kind: str, ids: Sequence[str]) -> Iterator[Found]:
        return self.shown(kind, self.api.read(OBJECTS[kind], ids, PROPERTIES[kind], ()))

    def _shown_business(self, kind: str, rows: Sequence[Row]) -> Iterator[Found]:
        ids = [record_id for row in rows if (record_id := id_at(row, "id"))]
        others = ("contacts", "companies") if ids else ()
        links = {other: self.api.linked(OBJECTS[kind], ids, other) for other in others}
        owners = self._emails_for(rows)
        for row in rows:
            if found := business.shown_business(kind, row, self._known(kind), links, owners):
                yield found

    def _known(self, kind: str) -> dict[str, Stage]:
        if kind not in self._stages:
            self._stages[kind] = business.stages(self.api.pipelines(OBJECTS[kind]))
        return self._stages[kind]


def _owner(row: Row) -> Owner:
    parts = [part for part in (text_at(row, "firstName"), text_at(row, "lastName")) if part]
    return Owner(id=id_at(row, "id") or "", email=text_at(row, "email"), name=" ".join(parts) or None)
