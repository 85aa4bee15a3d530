"""Pipedrive notifications -> events: one record each; those we have no words for are set aside by entity and action.

https://pipedrive.readme.io/docs/guide-for-webhooks-v2 (read November 2026)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from connectors.pipedrive.activities import KINDS, activity_data, note_data
from connectors.pipedrive.business import deal_data, lead_data
from connectors.pipedrive.logs import carries
from connectors.pipedrive.notification import Notification, read_notification, record_id
from connectors.pipedrive.people import flat, others
from connectors.pipedrive.records import field_map
from hub.delivery import Connection, Delivery
from hub.domain.events import Event, Mapped, RecordRef, Unmapped
from hub.mapping import EventMaker
from hub.parsing import parse_json, text_at
from hub.rows import Change, Changed, activity, business_record, changed_record, deleted_record, touched_record
from hub.times import any_time

# A lead is an opportunity that has not been qualified, not a person: it has a title, a value and a person of its own.
OBJECTS = {
    "person": "contact",
    "organization": "company",
    "deal": "deal",
    "lead": "deal",
    "activity": "activity",
    "note": "note",
}
BUSINESS = {"deal": deal_data, "lead": lead_data}


def map_delivery(delivery: Delivery, connection: Connection) -> Mapped:
    """The events of one notification; Quarantine where the body is none or another company's."""
    notification = read_notification(EventMaker(delivery, connection), parse_json(delivery.body))
    if _logged_by_us(notification):
        return Mapped(ignored=1)
    parts = list(_parts(notification))
    return Mapped(
        events=tuple(part for part in parts if isinstance(part, Event)),
        unmapped=tuple(part for part in parts if isinstance(part, Unmapped)),
    )


def _parts(notification: Notification) -> Iterator[Event | Unmapped]:
    word, what = f"{notification.entity}/{notification.action}", notification.change
    if notification.entity not in OBJECTS or what is None:
        yield Unmapped(type=word)
    elif notification.id is None or (what != "deleted" and not notification.row):
        yield Unmapped(type=f"unreadable/{word}")
    elif what == "deleted":
        yield _gone(notification, _change(notification, notification.id, what))
    else:
        change = _change(notification, notification.id, what)
        yield _changed(notification, change)
        yield from _owner_changed(notification, change)
        yield from _merged_away(notification)


def _logged_by_us(notification: Notification) -> bool:
    """Whether it is a call, message, note or task that the hub wrote there and knows already."""
    text = {"activity": "note", "note": "content"}.get(notification.entity)
    return text is not None and carries(notification.row.get(text))


def _change(notification: Notification, found: str, what: Changed) -> Change:
    return Change(
        record=RecordRef(object=OBJECTS[notification.entity], id=found, native_object=notification.entity),
        change=what,
        at=notification.at or any_time(notification.row.get("update_time")),
        key=notification.key,
        created_at=any_time(notification.row.get("add_time")),
        actor=notification.actor,
        native=notification.native,
        ours=_by_us(notification),
    )


def _by_us(notification: Notification) -> bool | None:
    """Whether it was done with our token: other integrations say `api` too, so the user must be ours."""
    user = notification.maker.connection.settings.get("api_user_id")
    source, author = text_at(notification.meta, "change_source"), record_id(notification.meta, "user_id")
    return source == "api" and author == str(user) if user and source and author else None


def _changed(notification: Notification, change: Change) -> Event:
    maker, row = notification.maker, notification.row
    if notification.entity in BUSINESS:
        data = BUSINESS[notification.entity](row)
        return business_record(maker, change, {**data, "changed": tuple(sorted(notification.changed))[:200]})
    if notification.entity == "activity":
        return activity(maker, change, activity_data(row))
    if notification.entity == "note":
        return activity(maker, change, note_data(row) | _note_id(change))
    known = field_map(maker.connection, OBJECTS[notification.entity])
    fields = known.ours(flat(row))
    now = known.ours(flat({name: row.get(name) for name in notification.changed}))
    before = known.ours(flat({name: notification.previous.get(name) for name in notification.changed}))
    # A list is announced as a whole: who changes one phone has said nothing about the others.
    changed = {name for name, value in now.items() if name not in before or before[name] != value}
    if change.change == "created":
        fields = {name: value for name, value in fields.items() if value is not None}
    emails, phones = others(row)
    return changed_record(maker, change, fields, frozenset(changed), phones=phones, emails=emails)


def _owner_changed(notification: Notification, change: Change) -> Iterator[Event]:
    """An owner is an id here and an e-mail address with us: the record is read, with the list of users beside it."""
    if change.change == "changed" and notification.entity in ("person", "organization"):
        changed = notification.changed & {"owner_id"}
        if changed:
            yield touched_record(notification.maker, change, fields=changed)


def _gone(notification: Notification, change: Change) -> Event:
    """A deletion; of a record that was merged away too (`merged_to_id` names the survivor)."""
    if notification.entity == "note":
        return activity(notification.maker, change, {"kind": "note"} | _note_id(change))
    if notification.entity == "activity":
        kind = KINDS.get(text_at(notification.row, "type") or "", "other")
        return activity(notification.maker, change, {"kind": kind})
    return deleted_record(notification.maker, change)


def _note_id(change: Change) -> dict[str, str]:
    # Notes and activities are numbered each for themselves.
    return {"activity_id": change.subject}


def _merged_away(notification: Notification) -> Iterator[Event]:
    """Version 1 has an action of its own for merging, which holds the other record as `previous`."""
    other = record_id(notification.previous, "id") if notification.action == "merged" else None
    if other and other != notification.id:
        yield _gone(notification, replace(_change(notification, other, "deleted"), created_at=None))
