"""Contacts (leads and users) and companies in our words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from connectors.intercom.notification import Notification, record_id
from hub.delivery import Connection
from hub.domain.events import ConsentData, Event, RecordRef, Unmapped
from hub.field_overrides import effective
from hub.fields import FieldMap, load
from hub.parsing import dict_at, text_at
from hub.rows import Change, changed_record, deleted_record, person, plain_fields, touched_record

FIELDS: Mapping[str, FieldMap] = load(Path(__file__).with_name("fields.toml"))
# The last words of a topic -> what is allowed from now on.
CONSENTS = {
    "subscribed": ("email", "granted"),
    "unsubscribed": ("email", "denied"),
    "unsubscribed_from_sms": ("sms", "denied"),
}
# What a topic says has changed; of all others only the whole row is known.
CHANGED = {"email.updated": "email", "added_email": "email"}


def map_of(kind: str, connection: Connection) -> FieldMap:
    """The field map of contact or company, with the connection's own lines."""
    return effective(connection, FIELDS[kind])


def flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row's plain values, parts of the location and custom attributes dotted, the first company as `company`."""
    groups = ("location", "custom_attributes")
    dotted = {f"{group}.{name}": value for group in groups for name, value in dict_at(dict(row), group).items()}
    company = {"company": record_id(row, "companies", "data", 0, "id")} if "companies" in row else {}
    truths = {name: value for name, value in {**row, **dotted}.items() if isinstance(value, bool)}
    return {**plain_fields({**row, **dotted, **company}), **truths}


def contact_events(news: Notification) -> Iterator[Event | Unmapped]:
    """The events of a contact; where a tag is the item, of the contact that it was put on."""
    row = news.item if record_id(news.item, "id") and "contact" not in news.item else dict_at(news.item, "contact")
    row = row or dict_at(news.item, "user")
    found = record_id(row, "id")
    if found is None:
        yield Unmapped(type=f"unreadable/{news.topic}")
        return
    native = text_at(row, "role") or text_at(row, "type") or "contact"
    change = news.changed(RecordRef(object="contact", id=found, native_object=native[:40]), row)
    if change.change == "deleted":
        yield deleted_record(news.maker, change)
    elif news.topic.endswith(".merged"):
        yield touched_record(news.maker, change, what="merged")
    else:
        yield _changed(news, change, row, "contact")
        yield from _consent(news, change, row)
        yield from _to_read(news, change)


def _to_read(news: Notification, change: Change) -> Iterator[Event]:
    """What was emptied or what belongs to whom shows only in reading: the item says nothing of it."""
    if news.topic.endswith(".updated"):
        yield touched_record(news.maker, change)


def company_events(news: Notification) -> Iterator[Event | Unmapped]:
    """The events of a company; where a contact was attached or detached, the company must be read."""
    row = news.item if text_at(news.item, "type") == "company" else dict_at(news.item, "company") or news.item
    found = record_id(row, "id")
    if found is None:
        yield Unmapped(type=f"unreadable/{news.topic}")
        return
    change = news.changed(RecordRef(object="company", id=found, native_object="company"), row)
    if change.change == "deleted":
        yield deleted_record(news.maker, change)
    elif ".contact." in news.topic:
        yield touched_record(news.maker, change, what="associated")
    else:
        yield _changed(news, change, row, "company")
        yield from _to_read(news, change)


def _changed(news: Notification, change: Change, row: Mapping[str, Any], native: str) -> Event:
    fields = {name: value for name, value in _ours(news, native, row).items() if value is not None}
    named = {field for ending, field in CHANGED.items() if news.topic.endswith(ending)}
    changed = frozenset(fields) if change.change == "created" else named & fields.keys()
    return changed_record(news.maker, change, fields, changed)


def _ours(news: Notification, native: str, row: Mapping[str, Any]) -> dict[str, str | None]:
    return map_of(native, news.maker.connection).ours(flat(row))


def _consent(news: Notification, change: Change, row: Mapping[str, Any]) -> Iterator[Event]:
    channel, state = CONSENTS.get(news.topic.rpartition(".")[2], (None, None))
    if channel is None:
        return
    customer = person(
        news.maker.connection,
        change.record,
        phones=[text_at(row, "phone")],
        emails=[text_at(row, "email")],
        name=text_at(row, "name"),
    )
    data = ConsentData.model_validate(
        {
            "customer": customer,
            "contacts": (change.record,),
            "channel": channel,
            "state": state,
            "status": news.topic,
            "purpose": "marketing",
            "native": news.native,
        }
    )
    yield news.maker.event("consent.changed", data, subject=change.subject, time=news.at, key=change.key)
