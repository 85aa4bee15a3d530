"""A notification of either version, read into one shape.

Version 2 has `data` and `previous` beside `meta.entity`; version 1 `current` and `previous` beside `meta.object`. Samples
disagree on types (ids as texts or numbers, times as ISO or Unix seconds), so each is read in every form.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.errors import Quarantine
from hub.mapping import EventMaker
from hub.parsing import at, dict_at, id_at, int_at, text_at
from hub.rows import Changed
from hub.times import any_time, from_unix

# The platform's words of both versions -> ours.
ACTIONS: Mapping[str, Changed] = {
    "create": "created",
    "added": "created",
    "change": "changed",
    "updated": "changed",
    "merged": "changed",
    "delete": "deleted",
    "deleted": "deleted",
}
NATIVE = ("action", "change_source", "correlation_id", "merged_to_id", "merged_from_id", "is_bulk_edit", "version", "v")
_WORD = re.compile(r"\A[A-Za-z_]\w{0,39}\Z", re.ASCII)
_ID = re.compile(r"\A[A-Za-z0-9-]{1,40}\Z", re.ASCII)


def record_id(value: Any, *path: str) -> str | None:
    """An id there: a number, a UUID, or an object whose `value` is one; None for all else."""
    found = id_at(value, *path) or id_at(value, *path, "value")
    return found if found and _ID.match(found) else None


@dataclass(frozen=True, slots=True)
class Notification:
    """What one notification says: `row` is the whole record (its last state where it was deleted)."""

    maker: EventMaker
    meta: Mapping[str, Any]
    entity: str
    action: str
    id: str | None
    row: Mapping[str, Any]
    previous: Mapping[str, Any]
    version: int

    @property
    def change(self) -> Changed | None:
        """The action in our words; None where we have none for it."""
        return ACTIONS.get(self.action)

    @property
    def at(self) -> str | None:
        """The time of the change, as exact as it is given."""
        micro = int_at(self.meta, "timestamp_micro")
        return (from_unix(micro // 1000) if micro else None) or any_time(self.meta.get("timestamp"))

    @property
    def changed(self) -> frozenset[str]:
        """The fields that changed: version 2 names them in `previous`, version 1 holds both states."""
        if self.change == "created":
            return frozenset(name for name, value in self.row.items() if value is not None)
        if self.version == 2:
            return frozenset(self.previous)
        return frozenset(name for name, value in self.row.items() if value != self.previous.get(name))

    @property
    def key(self) -> tuple[object, ...]:
        """`meta.id` stays the same over the attempts; version 1 has none."""
        if self.version == 2 and text_at(self.meta, "id"):
            return (self.meta["id"], self.entity, self.id)
        times = (self.meta.get(name) for name in ("correlation_id", "timestamp_micro", "timestamp"))
        return (*times, self.entity, self.id, self.action)

    @property
    def actor(self) -> str | None:
        """The user who made the change, or whose token did."""
        user = record_id(self.meta, "user_id")
        return f"user:{user}" if user else None

    @property
    def native(self) -> dict[str, Any]:
        """Pipedrive's own facts about the change."""
        known = {name: self.meta[name] for name in NATIVE if name in self.meta}
        return {
            name: value for name, value in known.items() if isinstance(value, (str, int)) and len(str(value)) <= 100
        }


def read_notification(maker: EventMaker, body: Any) -> Notification:
    """The notification in a body; Quarantine where it is none, or another company's."""
    meta = at(body, "meta")
    second = isinstance(meta, dict) and "entity" in meta
    entity = text_at(meta, "entity" if second else "object")
    action = text_at(meta, "action")
    if not isinstance(meta, dict) or entity is None or action is None:
        raise Quarantine("not a notification: meta names no entity or no action")
    expected = maker.connection.settings.get("company_id")
    if expected and str(expected) != record_id(meta, "company_id"):
        raise Quarantine("the notification is from another company")
    now, before = dict_at(body, "data" if second else "current"), dict_at(body, "previous")
    row = before if ACTIONS.get(action) == "deleted" else now
    found = record_id(meta, "entity_id" if second else "id") or record_id(row, "id")
    return Notification(maker, meta, _word(entity), _word(action), found, row, before, 2 if second else 1)


def _word(text: str) -> str:
    return text if _WORD.match(text) else "unknown"
