"""Conversations and tickets in our words: what was written, and how it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.intercom.notification import Notification, record_id
from hub.delivery import Connection
from hub.domain.events import Event, Party, RecordRef, Unmapped
from hub.parsing import at, dict_at, id_at, list_at, text_at
from hub.rows import business_record, deleted_record, person
from hub.times import any_time

STATUSES = {
    # conversations
    "open": "open",
    "closed": "closed",
    "snoozed": "pending",
    # tickets
    "submitted": "new",
    "in_progress": "open",
    "waiting_on_customer": "pending",
    "resolved": "solved",
}
CUSTOMERS = frozenset({"user", "lead", "contact", "visitor"})
WRITERS = {**dict.fromkeys(CUSTOMERS, "customer"), "admin": "agent", "team": "agent", "bot": "system"}
MOST = 50  # parts and contacts of one notification


def talk_events(news: Notification) -> Iterator[Event | Unmapped]:
    """The events of a conversation or ticket: one for each thing that was written, else one."""
    item = news.item
    part = text_at(item, "type") == "conversation_part"
    found = record_id(item, "conversation_id") if part else record_id(item, "id")
    native = "ticket" if news.area == "ticket" else "conversation"
    if found is None:
        yield Unmapped(type=f"unreadable/{news.topic}")
        return
    record = RecordRef(object="ticket", id=found, native_object=native)
    if news.change == "deleted":
        yield deleted_record(news.maker, news.changed(record, item))
        return
    data = {"event": news.topic} if part else {**whole(item, news.maker.connection), "event": news.topic}
    comments = [comment for one in (_parts(item) or [item] if part else _written(news)) if (comment := _comment(one))]
    for number, comment in enumerate(comments):
        change = news.changed(record, item, *([comment["id"] or number] if number else []))
        yield business_record(news.maker, change, {**data, "comment": comment, "version": _version(comment)})
    if not comments:
        yield business_record(news.maker, news.changed(record, item), data)


def _written(news: Notification) -> list[Any]:
    """The parts that the notification is about; of a new conversation what it began with."""
    parts, source = _parts(news.item), news.item.get("source")
    return [source] if not parts and news.change == "created" and source else parts


def _parts(item: Mapping[str, Any]) -> list[Any]:
    lists = (list_at(item, name, name) for name in ("conversation_parts", "ticket_parts"))
    return next((found for found in lists if found), [])[-MOST:]


def _comment(part: Any) -> dict[str, Any] | None:
    """What was written in a part (HTML); None of parts that are no writing or were made unreadable."""
    text = text_at(part, "body")
    if text is None or at(part, "redacted") is True:
        return None
    note = text_at(part, "part_type") == "note"
    return {
        "id": record_id(part, "id"),
        "text": text,
        "author": text_at(part, "author", "name"),
        "by": WRITERS.get(text_at(part, "author", "type") or "", "unknown"),
        "public": not note,
        "at": any_time(at(part, "created_at")),
    }


def _version(comment: Mapping[str, Any]) -> str | None:
    # What was written is an entry of its own, also where two are of the same second.
    return f"comment:{comment['id']}" if comment["id"] else None


def whole(item: Mapping[str, Any], connection: Connection) -> dict[str, Any]:
    """What a conversation or ticket says of itself, without what was written."""
    people, status = _people(item), _status(item)
    data = {
        "customer": _customer(item, people, connection),
        "contacts": people,
        "company": _company(item),
        "title": text_at(item, "title") or text_at(item, "source", "subject") or _attribute(item, "_default_title_"),
        "description": _attribute(item, "_default_description_"),
        "status": STATUSES.get(status),
        "native_status": (text_at(item, "ticket_state", "internal_label") or status)[:100] or None,
        "priority": (text_at(item, "priority") or "")[:40] or None,
        "channel": (text_at(item, "source", "type") or "")[:40] or None,
        "owner": record_id(item, "admin_assignee_id"),
        "queue": record_id(item, "team_assignee_id"),
        "tags": _tags(item),
        "rating": (id_at(item, "conversation_rating", "rating") or "")[:100] or None,
        "updated_at": any_time(item.get("updated_at")),
    }
    return {name: value for name, value in data.items() if value is not None and value != ()}


def _status(item: Mapping[str, Any]) -> str:
    """A conversation's state, or the category of a ticket's state, which older versions send as a text."""
    state = text_at(item, "ticket_state", "category") or text_at(item, "ticket_state")
    return (state or text_at(item, "state") or "").lower()


def _tags(item: Mapping[str, Any]) -> tuple[str, ...]:
    names = (text_at(tag, "name") for tag in list_at(item, "tags", "tags"))
    return tuple(name for name in names if name)


def _people(item: Mapping[str, Any]) -> tuple[RecordRef, ...]:
    """The contacts who take part, the main one first; older versions name one `user`."""
    listed = list_at(item, "contacts", "contacts") or list_at(item, "contacts") or [item.get("user")]
    found = dict.fromkeys(one for contact in listed[:MOST] if (one := record_id(contact, "id")))
    return tuple(RecordRef(object="contact", id=one, native_object="contact") for one in found)


def _customer(item: Mapping[str, Any], people: tuple[RecordRef, ...], connection: Connection) -> Party | None:
    """The only contact with the name and e-mail that the item gives of that very contact; None where there are more."""
    if len(people) != 1:
        return None
    said = (item.get("user"), at(item, "source", "author"), *(at(part, "author") for part in _parts(item)))
    same = [one for one in said if record_id(one, "id") == people[0].id and _is_customer(one)]
    name = next((found for one in same if (found := text_at(one, "name"))), None)
    emails, phones = ([text_at(one, kind) for one in same] for kind in ("email", "phone"))
    return person(connection, people[0], phones=phones, emails=emails, name=name)


def _is_customer(author: Any) -> bool:
    return (text_at(author, "type") or "") in CUSTOMERS


def _company(item: Mapping[str, Any]) -> RecordRef | None:
    found = record_id(item, "company", "id")
    return RecordRef(object="company", id=found, native_object="company") if found else None


def _attribute(item: Mapping[str, Any], name: str) -> str | None:
    """A ticket's attribute, which older versions wrap in an object with its type."""
    attributes = dict_at(item, "ticket_attributes")
    return text_at(attributes, name) or text_at(attributes, name, "value")
