"""Freshsales deliveries -> events: one record each, with the fields that the template names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from connectors.freshsales.deals import deal_data
from connectors.freshsales.template import read_template, record_id, word
from hub.delivery import Connection, Delivery
from hub.domain.events import Event, Mapped, RecordRef, Unmapped
from hub.field_overrides import effective
from hub.fields import FieldMap, load
from hub.mapping import EventMaker
from hub.parsing import text_at
from hub.rows import Change, Changed, business_record, changed_record, deleted_record, touched_record
from hub.times import any_time

FIELDS: Mapping[str, FieldMap] = load(Path(__file__).with_name("fields.toml"))
OBJECTS = {"contact": "contact", "account": "company", "deal": "deal"}
EVENTS: Mapping[str, Changed] = {"created": "created", "updated": "changed", "deleted": "deleted"}


def map_of(native: str, connection: Connection) -> FieldMap:
    """The field map of contact or account, with the connection's own lines."""
    return effective(connection, FIELDS[native])


def map_delivery(delivery: Delivery, connection: Connection) -> Mapped:
    """The events of one delivery; Quarantine where the body is not the template's.

    A person or account that changed must also be read where the API is connected: the template does not say what was
    emptied.
    """
    maker, fields = EventMaker(delivery, connection), read_template(delivery.body)
    part = _part(maker, fields)
    if isinstance(part, Unmapped):
        return Mapped(unmapped=(part,))
    to_read = connection.settings.get("bundle_alias") and part.type in ("contact.changed", "company.changed")
    return Mapped(events=(part, touched_record(maker, _change(maker, fields, _record(fields)))) if to_read else (part,))


def _record(fields: Mapping[str, Any]) -> RecordRef:
    native_object = word(fields, "object")
    return RecordRef(object=OBJECTS[native_object], id=record_id(fields) or "", native_object=native_object)


def _part(maker: EventMaker, fields: Mapping[str, Any]) -> Event | Unmapped:
    native_object, event, found = word(fields, "object"), word(fields, "event"), record_id(fields)
    named = f"{native_object}/{event}"
    if native_object not in OBJECTS or event not in EVENTS:
        return Unmapped(type=named)
    if found is None:
        return Unmapped(type=f"unreadable/{named}")
    change = _change(maker, fields, _record(fields))
    if change.change == "deleted":
        return deleted_record(maker, change)
    if change.record.object == "deal":
        return business_record(maker, change, deal_data(fields, maker.connection))
    return _party(maker, change, map_of(native_object, maker.connection).ours(fields))


def _party(maker: EventMaker, change: Change, ours: Mapping[str, str | None]) -> Event:
    """The row is whole and does not say what changed; of a new record everything did."""
    filled = {name: value for name, value in ours.items() if value is not None}
    return changed_record(maker, change, filled, frozenset(filled) if change.change == "created" else ())


def _change(maker: EventMaker, fields: Mapping[str, Any], record: RecordRef) -> Change:
    event, updated = word(fields, "event"), fields.get("updated_at")
    return Change(
        record=record,
        change=EVENTS[event],
        at=any_time(updated),
        # Without the time nothing but the bytes tells one delivery from another.
        key=(record.native_object, record.id, event, updated if updated is not None else maker.delivery_id),
        created_at=any_time(fields.get("created_at")),
        actor=f"user:{user}" if (user := text_at(fields, "updated_by")) and len(user) <= 100 else None,
        native={"event": event},
    )
