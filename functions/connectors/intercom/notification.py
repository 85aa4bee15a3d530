"""The envelope of a notification, read into one shape: the topic, and the item that it is about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.domain.events import RecordRef
from hub.errors import Quarantine
from hub.mapping import EventMaker
from hub.parsing import dict_at, id_at, text_at
from hub.rows import Change, Changed
from hub.times import any_time

_TOPIC = re.compile(r"\A[a-z_]{1,40}(?:\.[a-z_]{1,40}){0,5}\Z", re.ASCII)
_ID = re.compile(r"\A[A-Za-z0-9_-]{1,64}\Z", re.ASCII)


def record_id(value: Any, *path: str | int) -> str | None:
    """An id there: a text or a number of the documented alphabet."""
    found = id_at(value, *path)
    return found if found and _ID.match(found) else None


@dataclass(frozen=True, slots=True)
class Notification:
    """What one notification says: `item` is the object after what happened; of a deletion it holds the ids alone."""

    maker: EventMaker
    topic: str
    item: Mapping[str, Any]
    at: str | None
    key: tuple[object, ...]

    @property
    def area(self) -> str:
        """conversation, contact, ticket, company …"""
        return self.topic.partition(".")[0]

    @property
    def change(self) -> Changed:
        """The last word of the topic in our words; of a tag or note that was created, the record changed."""
        words = self.topic.split(".")
        if {"tag", "note"} & set(words[1:]):
            return "changed"
        changes: Mapping[str, Changed] = {"created": "created", "deleted": "deleted", "archived": "deleted"}
        return changes.get(words[-1], "changed")

    @property
    def native(self) -> dict[str, Any]:
        """The topic and, where a tag is what it is about, its name."""
        tag = text_at(self.item, "tag", "name")
        return {"topic": self.topic} | ({"tag": tag[:100]} if tag else {})

    def changed(self, record: RecordRef, row: Mapping[str, Any], *key: object) -> Change:
        """The change of that record; `key` tells several of one notification apart."""
        return Change(
            record=record,
            change=self.change,
            at=self.at,
            key=(*self.key, *key),
            created_at=any_time(row.get("created_at")),
            native=self.native,
        )


def read_notification(maker: EventMaker, body: Any) -> Notification:
    """The notification in a body; Quarantine where it is none, or another workspace's."""
    topic = text_at(body, "topic")
    if topic is None or text_at(body, "type") != "notification_event":
        raise Quarantine("not a notification: no topic")
    expected = maker.connection.settings.get("app_id")
    if expected and str(expected) != id_at(body, "app_id"):
        raise Quarantine("the notification is from another workspace")
    return Notification(
        maker=maker,
        topic=topic if _TOPIC.match(topic) else "unknown",
        item=dict_at(body, "data", "item"),
        at=any_time(body.get("created_at")) or any_time(body.get("first_sent_at")),
        key=(topic, record_id(body, "id") or maker.delivery_id),
    )
