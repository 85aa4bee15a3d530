"""Pipedrive's records: rows with times in whole seconds, an index that lags, and a notification for every change."""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from infra.local.standins.misbehaving import Hook, Misbehaviour
from infra.local.standins.pipedrive_schema import Row

COMPANY, PERSON_AT_SCREEN = 7_700_123, 880_045
EMPTY: Mapping[str, Row] = {
    "person": {
        "name": None, "first_name": None, "last_name": None, "owner_id": PERSON_AT_SCREEN, "org_id": None, "emails": [],
        "phones": [], "label_ids": [], "visible_to": 3,
    },
    "organization": {"name": None, "owner_id": PERSON_AT_SCREEN, "address": None, "label_ids": [], "visible_to": 3},
    "deal": {
        "title": None, "owner_id": PERSON_AT_SCREEN, "person_id": None, "org_id": None, "pipeline_id": 1, "stage_id": 1,
        "value": 0, "currency": "EUR", "status": "open", "expected_close_date": None, "probability": None,
    },
    "activity": {
        "subject": None, "type": "task", "owner_id": PERSON_AT_SCREEN, "person_id": None, "org_id": None, "deal_id": None,
        "due_date": None, "due_time": None, "duration": None, "done": False, "note": None, "participants": [],
    },
    "note": {"content": None, "person_id": None, "org_id": None, "deal_id": None, "user_id": PERSON_AT_SCREEN},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Author:
    """Who changes something: `api` with our token, or a person in the app."""

    source: str
    user_id: int


PERSON = Author("app", PERSON_AT_SCREEN)


@dataclass(slots=True)
class Stored:
    """One record: `seen` are its states by the time from which the index knows them."""

    row: Row
    seen: list[tuple[float, Row]] = field(default_factory=list)


@dataclass(slots=True)
class Records:
    """All records of one company; `api` is who writes with our token."""

    now: Callable[[], float]
    api: Author
    misbehaviour: Misbehaviour
    hooks: list[Hook]
    by_kind: dict[str, dict[int, Stored]] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(41))
    deliveries: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def of(self, kind: str) -> dict[int, Stored]:
        """The records of a kind by id, deleted ones too."""
        return self.by_kind.setdefault(kind, {})

    def rows(self, kind: str) -> list[Row]:
        """Those that are not deleted."""
        return [one.row for one in self.of(kind).values() if not one.row["is_deleted"]]

    def create(self, kind: str, values: Row, author: Author) -> Row:
        """A new record."""
        found, at = next(self.numbers), self.second()
        common = {"id": found, "is_deleted": False, "add_time": at, "update_time": at, "custom_fields": {}}
        row = copy.deepcopy(dict(EMPTY[kind])) | common
        self.of(kind)[found] = Stored(row)
        self._put(row, values | {name: values[name] for name in ("add_time",) if name in values})
        self._changed(kind, self.of(kind)[found], "create", None, author, values)
        return row

    def update(self, kind: str, found: int, values: Row, author: Author) -> Row:
        """Changes a record; what is the same already is announced all the same only where something differs."""
        stored = self.of(kind)[found]
        before = copy.deepcopy(stored.row)
        self._put(stored.row, values)
        differing = {name: before.get(name) for name in stored.row if before.get(name) != stored.row[name]}
        if differing:
            stored.row["update_time"] = self.second()
            previous = differing | {"update_time": before["update_time"]}
            self._changed(kind, stored, "change", previous, author, values)
        return stored.row

    def remove(self, kind: str, found: int, author: Author) -> None:
        """Marks a record as deleted."""
        stored = self.of(kind)[found]
        before = copy.deepcopy(stored.row)
        stored.row |= {"is_deleted": True, "update_time": self.second()}
        self._changed(kind, stored, "delete", before, author, {})

    def indexed(self, kind: str) -> list[Row]:
        """What a search sees: the state of each record of `search_lag_s` ago."""
        until = self.now() - self.misbehaviour.search_lag_s
        states = ([row for at, row in one.seen if at <= until] for one in self.of(kind).values())
        return [seen[-1] for seen in states if seen and not seen[-1]["is_deleted"]]

    def second(self) -> str:
        """Now, as Pipedrive writes it: whole seconds."""
        return datetime.fromtimestamp(self.now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def _put(self, row: Row, values: Row) -> None:
        custom = values.get("custom_fields", {})
        row |= copy.deepcopy({name: value for name, value in values.items() if name != "custom_fields"})
        row["custom_fields"] = row["custom_fields"] | custom
        if "name" in values and "first_name" in row:
            row["name"] = row["name"].strip()
            row["first_name"], row["last_name"] = _split(row["name"])
        elif {"first_name", "last_name"} & values.keys():
            row["name"] = " ".join(part for part in (row["first_name"], row["last_name"]) if part)
        if "participants" in row:
            row["person_id"] = next((one["person_id"] for one in row["participants"] if one["primary"]), None)

    def _changed(
        self, kind: str, stored: Stored, action: str, previous: Row | None, author: Author, written: Row
    ) -> None:
        stored.seen.append((self.now(), copy.deepcopy(stored.row)))
        self.hooks.append(self._hook(kind, stored.row, action, previous, author))
        if action != "delete":
            self._automate(kind, stored, author, written)

    def _automate(self, kind: str, stored: Stored, author: Author, written: Row) -> None:
        """The company's automations; they run under whose change set them off, and set off no others."""
        for automation in self.misbehaviour.automations[: self.misbehaviour.most_automated]:
            before = copy.deepcopy(stored.row)
            values = dict(automation(kind, str(stored.row["id"]), written))
            self._put(stored.row, values)
            differing = {name: before.get(name) for name in stored.row if before.get(name) != stored.row[name]}
            if differing:
                stored.row["update_time"] = self.second()
                stored.seen.append((self.now(), copy.deepcopy(stored.row)))
                self.hooks.append(self._hook(kind, stored.row, "change", differing, author))

    def _hook(self, kind: str, row: Row, action: str, previous: Row | None, author: Author) -> Hook:
        ours = author == self.api and self.misbehaviour.echo_as == "app"
        shown_as = author if ours or author != self.api else PERSON
        number = next(self.deliveries)
        meta = {
            "action": action, "entity": kind, "entity_id": str(row["id"]), "id": f"00000000-0000-4000-8000-{number:012d}",
            "company_id": str(COMPANY), "user_id": str(shown_as.user_id), "change_source": shown_as.source,
            "correlation_id": f"10000000-0000-4000-8000-{number:012d}", "is_bulk_edit": False, "attempt": 1,
            "timestamp": datetime.fromtimestamp(self.now(), UTC).isoformat(timespec="milliseconds")[:-6] + "Z",
            "type": "general", "version": "2.0", "webhook_id": "300001", "webhook_owner_id": str(PERSON_AT_SCREEN),
            "host": "example.pipedrive.com", "permitted_user_ids": [str(PERSON_AT_SCREEN)],
        }  # fmt: skip
        data = None if action == "delete" else _told(row)
        body = {"data": data, "previous": previous and _told(previous), "meta": meta}
        return Hook(json.dumps(body, ensure_ascii=False).encode(), {"Content-Type": "application/json"})


def _told(row: Mapping[str, Any]) -> Row:
    """A row as webhooks tell it: custom fields with their type."""
    shown = copy.deepcopy({name: value for name, value in row.items() if name != "is_deleted"})
    custom = {
        code: value and {"type": "varchar", "value": value} for code, value in row.get("custom_fields", {}).items()
    }
    return shown | ({"custom_fields": custom} if "custom_fields" in row else {})


def _split(name: str) -> tuple[str, str | None]:
    first, _, last = name.partition(" ")
    return first, last or None
