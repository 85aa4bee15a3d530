"""Contacts (leads and users) and companies in our words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from connectors.intercom.notification import Notification, record_id
from hub.domain.events import ConsentData, Event, RecordRef, Unmapped
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


def company_event(news: Notification) -> Event | Unmapped:
    """The event of a company; where a contact was attached or detached, the company must be read."""
    row = news.item if text_at(news.item, "type") == "company" else dict_at(news.item, "company") or news.item
    found = record_id(row, "id")
    if found is None:
        return Unmapped(type=f"unreadable/{news.topic}")
    change = news.changed(RecordRef(object="company", id=found, native_object="company"), row)
    if change.change == "deleted":
        return deleted_record(news.maker, change)
    if ".contact." in news.topic:
        return touched_record(news.maker, change, what="associated")
    return _changed(news, change, row, "company")


def _changed(news: Notification, change: Change, row: Mapping[str, Any], native: str) -> Event:
    fields = {name: value for name, value in FIELDS[native].ours(plain_fields(row)).items() if value is not None}
    named = {field for ending, field in CHANGED.items() if news.topic.endswith(ending)}
    changed = frozenset(fields) if change.change == "created" else named & fields.keys()
    return changed_record(news.maker, change, fields, changed)


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
