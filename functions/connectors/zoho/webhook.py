"""Zoho CRM notifications -> events: with the changed values where the channel sends them, else what must be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from connectors.zoho.activities import ACTIVITIES, KINDS
from connectors.zoho.business import deal_data, ticket_data
from connectors.zoho.logs import carries
from connectors.zoho.notification import OBJECTS, OPERATIONS, Notification, flat, read_notification
from connectors.zoho.records import field_map, owners_in, reference_field
from hub.delivery import Connection, Delivery
from hub.domain.events import Event, Mapped, Unmapped
from hub.mapping import EventMaker
from hub.parsing import parse_json
from hub.rows import (
    PEOPLE,
    Change,
    activity,
    business_record,
    changed_record,
    deleted_record,
    plain_fields,
    touched_record,
)

BUSINESS: Mapping[str, Callable[[Mapping[str, Any], Connection], dict[str, Any]]] = {
    "Deals": deal_data,
    "Cases": ticket_data,
}


def map_delivery(delivery: Delivery, connection: Connection) -> Mapped:
    """The events of one notification; Quarantine where the body is none or of another channel."""
    notification = read_notification(EventMaker(delivery, connection), parse_json(delivery.body))
    parts = list(_parts(notification))
    return Mapped(
        events=tuple(part for part in parts if isinstance(part, Event)),
        unmapped=tuple(part for part in parts if isinstance(part, Unmapped)),
        ignored=parts.count(None),
    )


def _parts(notification: Notification) -> Iterator[Event | Unmapped | None]:
    known = notification.module in OBJECTS and notification.operation in OPERATIONS
    if not known or not notification.ids:
        yield Unmapped(type=notification.word if not known else f"unreadable/{notification.word}")
        return
    for record_id in notification.ids:
        if record_id is None:
            yield Unmapped(type=f"unreadable/{notification.word}")
        else:
            yield from _record(notification, record_id, notification.change(record_id))


def _record(notification: Notification, record_id: str, change: Change) -> Iterator[Event | None]:
    values, maker = notification.values.get(record_id, {}), notification.maker
    names = notification.fields.get(record_id) or tuple(values)
    if change.change == "deleted":
        yield _gone(notification, change)
    elif _logged_by_us(notification, values):
        yield None
    elif not values:
        yield touched_record(maker, change, fields=names)
    elif notification.module in BUSINESS:
        data = BUSINESS[notification.module](values, maker.connection)
        yield business_record(maker, change, {**data, "changed": names})
    elif notification.module in KINDS:
        yield activity(maker, change, ACTIVITIES[KINDS[notification.module]](values))
    else:
        yield from _party(notification, change, values, names)


def _logged_by_us(notification: Notification, values: Mapping[str, Any]) -> bool:
    """Whether it is a call, task or note that the hub wrote there and knows already."""
    field = reference_field(notification.maker.connection)
    return notification.module in KINDS and (bool(values.get(field)) or carries(values.get("Note_Content")))


def _party(
    notification: Notification, change: Change, values: Mapping[str, Any], names: tuple[str, ...]
) -> Iterator[Event]:
    """A person or company: the values are those that changed, so who it is must be read where it is new to us."""
    shown = flat(values)
    row = {**plain_fields(shown), **{name: value for name, value in shown.items() if isinstance(value, (bool, list))}}
    fields = field_map(notification.maker.connection, OBJECTS[notification.module]).ours(row, owners=owners_in(values))
    if change.change == "created":
        fields = {name: value for name, value in fields.items() if value is not None}
    emails = [value for value in [values.get("Secondary_Email")] if isinstance(value, str)]
    yield changed_record(notification.maker, change, fields, frozenset(fields), emails=emails)
    if change.record.object in PEOPLE:
        yield touched_record(notification.maker, change, fields=names, carried=True)


def _gone(notification: Notification, change: Change) -> Event:
    if notification.module in KINDS:
        return activity(notification.maker, change, {"kind": KINDS[notification.module]})
    return deleted_record(notification.maker, change)
