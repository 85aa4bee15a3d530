"""`record.touched` -> the record as the platform holds it now -> `contact.changed`, `deal.changed` … on the bus."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping

from pydantic import ValidationError

from hub.delivery import Connection
from hub.directory import Directory
from hub.domain.events import (
    DealData,
    Event,
    PrivacyData,
    RecordChangedData,
    RecordRef,
    RecordTouchedData,
    TicketData,
    event_id,
    instant,
)
from hub.domain.reading import as_read
from hub.domain.sync import Found
from hub.errors import Retry
from hub.rows import TOPICS
from hub.wiring import Hub
from sync_crm.clients import Clients, our_fields

MOST_AT_ONCE = 100
GONE = frozenset({"deleted"})
PEOPLE = frozenset({"contact", "lead"})


class Records:
    """Reads the touched records of one batch together and publishes what they hold.

    Publishing what was read is no outbox: nothing is stored here, `sync_customers` folds it like any other event.
    """

    def __init__(self, hub: Hub, clients: Clients, directory: Directory, batch: Iterable[Event]) -> None:
        self._hub = hub
        self._clients = clients
        self._directory = directory
        self._wanted = _wanted(batch)
        self._read: dict[tuple[str, str, str], Found] = {}

    def touched(self, event: Event) -> None:
        """Publishes the record that the event names; raises Retry where it cannot be read or published now."""
        data = RecordTouchedData.model_validate(event.data)
        if data.record.object not in TOPICS:
            self._hub.telemetry.count("records.not_read")
            return
        merged = [RecordRef(object=data.record.object, id=one) for one in data.merged_ids]
        self._publish([_deleted(event, record, data.record) for record in merged])
        if data.change in GONE:
            self._publish([_deleted(event, data.record)])
        elif not self._reads(event, data.record.object):
            self._hub.telemetry.count("records.not_read")
        elif not self._carried(event, data):
            self._publish([self._changed(event, data)])

    def erased(self, event: Event) -> None:
        """Publishes that the record is gone for good; erasing the rest of what we hold is a person's decision."""
        data = PrivacyData.model_validate(event.data)
        if data.change == "deleted" and data.record is not None and data.record.object in PEOPLE:
            self._publish([_deleted(event, data.record, erased=True)])

    def _reads(self, event: Event, kind: str) -> bool:
        connection = self._clients.connection(event.connection)
        return connection is not None and kind in self._clients.of(connection).reads

    def _carried(self, event: Event, data: RecordTouchedData) -> bool:
        """Whether the platform already sent what changed, and the record's person is known."""
        return data.carried and self._directory.known_record(data.record.identifier(event.connection))

    def _changed(self, event: Event, data: RecordTouchedData) -> Event:
        found = self._lookup(event, data.record)
        if found.change == "deleted":
            return _deleted(event, data.record)
        news = {"changed": self._news(event, data, found), "change": _change(data)}
        return _event(self._now(event), f"{TOPICS[data.record.object]}.changed", found.model_copy(update=news))

    def _now(self, event: Event) -> Event:
        """The event as if it had come now: what is read may be newer than the delivery that announced it."""
        return event.model_copy(update={"received": instant(round(self._hub.clock.now() * 1000))})

    def _news(self, event: Event, data: RecordTouchedData, found: Found) -> tuple[str, ...]:
        """What the announcement is about: of a contact or company our fields, of the others the platform's.

        Nothing where it came along with the announcement.
        """
        if data.carried:
            return ()
        if not isinstance(found, RecordChangedData):
            return data.fields
        if data.change == "created":
            return tuple(claim.field for claim in found.claims if claim.value is not None)
        connection = self._clients.connection(event.connection)
        return our_fields(connection, data.record.object, data.fields) if connection else ()

    def _lookup(self, event: Event, record: RecordRef) -> Found:
        key = (event.connection, record.object, record.id)
        if key not in self._read:
            self._read_together(event.connection, record)
        return self._read[key]

    def _read_together(self, connection_id: str, record: RecordRef) -> None:
        connection = self._clients.connection(connection_id)
        if connection is None:
            raise Retry("the connection was switched off meanwhile")
        wanted = self._wanted.get((connection_id, record.object), [])
        ids = list(dict.fromkeys([record.id, *wanted]))[:MOST_AT_ONCE]
        now = instant(round(self._hub.clock.now() * 1000))
        for found in self._clients.of(connection).read(record.object, ids):
            self._read[(connection_id, record.object, found.record.id)] = as_read(found, now)
        if (connection_id, record.object, record.id) not in self._read:
            raise Retry("the platform did not answer for a record that it announced")

    def _publish(self, events: list[Event]) -> None:
        if events and self._hub.bus.publish([event.model_dump(mode="json") for event in events]):
            raise Retry("the bus did not take an event")

    def publish_seen(self, connection: Connection, found: Found) -> None:
        """Publishes a record of `connection` that was read while it was written."""
        now = instant(round(self._hub.clock.now() * 1000))
        source = f"/connections/{connection.id}"
        cause = Event(
            id="", type="", source=source, subject="", time=now, connection=connection.id,
            platform=connection.platform, delivery="", received=now, data={},
        )  # fmt: skip
        self.publish_read(cause, connection, found)

    def publish_read(self, cause: Event, connection: Connection, found: Found) -> None:
        """Publishes a record of `connection` that was read for another reason, for instance because we created it."""
        here = {"connection": connection.id, "platform": connection.platform, "source": f"/connections/{connection.id}"}
        topic, state = TOPICS[found.record.object], "deleted" if found.change == "deleted" else "changed"
        self._publish([_event(self._now(cause).model_copy(update=here), f"{topic}.{state}", found)])


def _wanted(batch: Iterable[Event]) -> dict[tuple[str, str], list[str]]:
    wanted: dict[tuple[str, str], list[str]] = {}
    for event in batch:
        if event.type == "record.touched" and (record := _record(event)):
            wanted.setdefault((event.connection, record.object), []).append(record.id)
    return wanted


def _record(event: Event) -> RecordRef | None:
    """The record that is announced; None where that cannot be read, which fails the event alone when its turn comes."""
    try:
        return RecordTouchedData.model_validate(event.data).record
    except ValidationError:
        return None


def _change(data: RecordTouchedData) -> str:
    return data.change if data.change in ("created", "restored") else "changed"


def _deleted(cause: Event, record: RecordRef, survivor: RecordRef | None = None, *, erased: bool = False) -> Event:
    """That a record is gone; merged into `survivor`, it stands for the same person."""
    topic = TOPICS[record.object]
    if topic in _BUSINESS:
        return _event(cause, f"{topic}.deleted", _BUSINESS[topic](record=record, change="deleted"))
    known = (survivor.identifier(cause.connection),) if survivor else ()
    return _event(
        cause, f"{topic}.deleted", RecordChangedData(record=record, change="deleted", identifiers=known, erased=erased)
    )


_BUSINESS: Mapping[str, type[DealData] | type[TicketData]] = {"deal": DealData, "ticket": TicketData}


def _event(cause: Event, event_type: str, data: Found) -> Event:
    """An event whose id depends on what the record holds, so that reading it twice says it once."""
    body = data.model_dump(mode="json", exclude_defaults=True)
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    gone_at = cause.time if data.change in ("deleted", "restored") else ""
    name = f"{data.record.object}:{data.record.id}"
    return cause.model_copy(
        update={
            "id": event_id(cause.connection, event_type, name, digest, gone_at),
            "type": event_type,
            "subject": name,
            "data": body,
        }
    )
