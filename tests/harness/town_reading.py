"""The CRMs of the town as their readers see them, at whatever time they look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from connectors.hubspot.records import gone, maps_of, shown_record
from connectors.salesforce.records import claims, identifiers, record_ref
from hub.delivery import Connection
from hub.domain.events import RecordChangedData, instant
from tests.harness.town_records import Record
from tests.harness.town_wire import CONNECTIONS, HUBSPOT_NAMES, changes

READ = frozenset({"hubspot", "salesforce"})


class Readers:
    """In the place of sync_crm's clients: answers with what the CRM held at `now` (Unix ms)."""

    def __init__(self, records: Iterable[Record]) -> None:
        self.now = 0
        self._records = {(CONNECTIONS[one.platform].id, one.id): one for one in records}
        self._connections = {one.id: one for one in CONNECTIONS.values()}

    def connection(self, connection_id: str) -> Connection | None:
        """The connection, where its records can be read."""
        found = self._connections[connection_id]
        return found if found.platform in READ else None

    def of(self, connection: Connection) -> _Reader:
        """The reader of one connection."""
        return _Reader(self, connection)

    def read(self, connection: Connection, record_id: str) -> RecordChangedData:
        """The record as it was then."""
        record = self._records[(connection.id, record_id)]
        return (
            _of_hubspot(record, self.now, connection)
            if connection.platform == "hubspot"
            else _of_salesforce(record, self.now, connection)
        )


class _Reader:
    reads = frozenset({"contact", "lead"})

    def __init__(self, readers: Readers, connection: Connection) -> None:
        self._readers, self._connection = readers, connection

    def read(self, _kind: str, ids: Sequence[str]) -> list[RecordChangedData]:
        """Every id asked for."""
        return [self._readers.read(self._connection, one) for one in ids]


def _deleted(record: Record, now: int) -> bool:
    back = record.restored_at is not None and record.restored_at <= now
    dead = record.deleted_at is not None and record.deleted_at <= now and not back
    return dead or (record.merged_at is not None and record.merged_at <= now)


def _of_hubspot(record: Record, now: int, connection: Connection) -> RecordChangedData:
    if _deleted(record, now):
        return gone("contact", record.id)
    shown = {
        "id": record.id,
        "properties": {HUBSPOT_NAMES[name]: text for name, text in record.at(now).fields.items()},
        "propertiesWithHistory": {HUBSPOT_NAMES[name]: told for name, told in _history(record, now).items()},
        "createdAt": instant(record.versions[0].at),
        "updatedAt": instant(record.at(now).at),
        "archived": False,
    }
    found = shown_record(maps_of(connection)["contact"], shown, connection, {})
    if found is None:
        raise AssertionError("a contact that HubSpot's reader cannot read")
    return found


def _history(record: Record, now: int) -> Mapping[str, list[dict[str, Any]]]:
    """Newest first, as HubSpot answers."""
    first = record.versions[0]
    told = {name: [{"value": text, "timestamp": instant(first.at)}] for name, text in first.fields.items()}
    for version, names in changes(record):
        if version.at <= now:
            for name in names:
                told.setdefault(name, []).insert(0, {"value": version.fields[name], "timestamp": instant(version.at)})
    return told


def _of_salesforce(record: Record, now: int, connection: Connection) -> RecordChangedData:
    reference = record_ref(record.object.capitalize(), record.id)
    if _deleted(record, now):
        return RecordChangedData(record=reference, change="deleted")
    version = record.at(now)
    fields = {name: text for name, text in version.fields.items() if text}
    return RecordChangedData(
        record=reference,
        claims=claims(fields, instant(version.at), "row"),
        identifiers=identifiers(reference, fields, connection),
        created_at=instant(record.versions[0].at),
    )
