"""Records that a platform lists, against what the hub holds of them; and what is published of them.

A record's event depends on what the record holds, so that reading it twice says it once. What was fetched as history
says so (`origin` import, nothing `changed`): it fills in who somebody is, and is news for nobody.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from hub.delivery import Connection, Delivery
from hub.domain.events import Event, RecordChangedData, RecordRef
from hub.domain.reading import as_read
from hub.domain.registers import held
from hub.domain.sync import Found
from hub.errors import Quarantine, Retry
from hub.mapping import EventMaker
from hub.ports import Bus, Item, Store
from hub.publishing import fit, publish_all

# The kinds whose fields are kept record by record; of the others each version is an entry of a timeline.
KEPT = frozenset({"contact", "lead", "company"})
TOPICS = {"lead": "contact"}
ENTRY_KINDS = {"deal": "record", "ticket": "ticket", "order": "order"}

State = Literal["same", "changed", "new", "gone", "restored"]


@dataclass(frozen=True, slots=True)
class Compared:
    """A record as the platform holds it, and how that differs from what we hold; `fields` are those that differ.

    `gone`: deleted there, alive here. `restored`: the other way round.
    """

    found: Found
    state: State
    fields: tuple[str, ...] = ()


class Holdings:
    """What the hub holds of a connection's records."""

    def __init__(self, store: Store, hashed: Callable[[str], str], connection: str) -> None:
        """`hashed` is `Directory.hashed`."""
        self._store = store
        self._hashed = hashed
        self._connection = connection

    def compare(self, read: Found, now: str) -> Compared:
        """How the record, read by `now` (RFC 3339 UTC), differs."""
        found = as_read(read, now)
        if isinstance(found, RecordChangedData):
            return self._compare_fields(found)
        entry = f"{found.record.object}:{found.record.id}@{_version(found)}"
        kind = ENTRY_KINDS[found.record.object]
        key = self._hashed(f"entry\n{self._connection}\n{kind}\n{entry}")
        known = self._store.get(f"E#{key}", "ENTRY") is not None
        return Compared(found, "same" if known or found.change == "deleted" else "new")

    def holds(self, kind: str, record_id: str) -> bool:
        """Whether a record of that id is held, and not as deleted."""
        item = self._item(RecordRef(object=kind, id=record_id))
        return item is not None and not item.body["deleted"]

    def _compare_fields(self, found: RecordChangedData) -> Compared:
        item = self._item(found.record)
        deleted = item is not None and bool(item.body["deleted"])
        if found.change == "deleted":
            return Compared(found, "same" if item is None or deleted else "gone")
        if item is None:
            return Compared(found, "new", tuple(one.field for one in found.claims if one.value is not None))
        fields = tuple(_differing(item.body.get("fields", {}), found))
        return Compared(found, "restored" if deleted else "changed" if fields else "same", fields)

    def _item(self, record: RecordRef) -> Item | None:
        persona = self._hashed(record.identifier(self._connection).key)
        return self._store.get(f"P#{persona}", f"REC#{self._connection}#{record.object}")


def _differing(fields: Mapping[str, Any], found: RecordChangedData) -> Iterable[str]:
    """The fields of which the platform says something else; what we have heard since then is newer than what was read."""
    for claim in found.claims:
        known = held(fields.get(claim.field, {}))
        if known["value"] != claim.value and known["at"] <= claim.at:
            yield claim.field


def _version(found: Found) -> str:
    """What tells versions of a record apart on a timeline (sync_customers.entries.of_version)."""
    return str(getattr(found, "version", None) or _at(found))


def _at(found: Found) -> str | None:
    if isinstance(found, RecordChangedData):
        return max((claim.at for claim in found.claims), default=found.created_at)
    return found.updated_at or found.created_at


class Teller:
    """Publishes records of one connection."""

    def __init__(self, bus: Bus, connection: Connection, received_at: str, cause: str) -> None:
        """`cause` names why it is said, the id of a job: it is the event's delivery."""
        delivery = Delivery(connection.id, connection.platform, "crm", received_at, b"", query=cause)
        self._maker = EventMaker(delivery, connection)
        self._bus = bus

    def imported(self, found: Found) -> Event:
        """The record as history."""
        said = found.model_copy(update={"origin": "import", "changed": (), "change": "changed"})
        return self._event(said, _at(found))

    def live(self, compared: Compared, since: str) -> Event:
        """What was not heard of; what is gone, or back, is so since that time at the latest."""
        found = compared.found
        if compared.state in ("gone", "restored"):
            change = "deleted" if compared.state == "gone" else "restored"
            return self._event(found.model_copy(update={"change": change, "changed": ()}), since, "received")
        if not isinstance(found, RecordChangedData):
            return self._event(found, _at(found))
        change = "created" if compared.state == "new" else "changed"
        return self._event(found.model_copy(update={"change": change, "changed": compared.fields}), _at(found))

    def gone(self, kind: str, record_id: str, at: str) -> Event:
        """That a record is gone, since that time at the latest."""
        gone = RecordChangedData(record=RecordRef(object=kind, id=record_id), change="deleted")
        return self._event(gone, at, "received")

    def publish(self, events: list[Event]) -> int:
        """Publishes them; returns how many the bus would never take. Raises Retry where it did not take one now."""
        fitting = [envelope for event in events if (envelope := _fitting(event)) is not None]
        if publish_all(self._bus, fitting):
            raise Retry("the bus did not take an event")
        return len(events) - len(fitting)

    def _event(self, data: Found, at: str | None, quality: str = "") -> Event:
        body = data.model_dump(mode="json", exclude_defaults=True)
        digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
        ended = "deleted" if data.change == "deleted" else "changed"
        topic = TOPICS.get(data.record.object, data.record.object)
        name = f"{data.record.object}:{data.record.id}"
        key = (name, digest, at if data.change in ("deleted", "restored") else "")
        event = self._maker.event(f"{topic}.{ended}", data, subject=name, time=at, key=key)
        return event.model_copy(update={"timequality": quality}) if quality else event


def _fitting(event: Event) -> dict[str, Any] | None:
    try:
        return fit(event.model_dump(mode="json"))
    except Quarantine:
        return None
