"""HubSpot's records: properties with their history, found by id or unique property, and their associations."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Spec = tuple[str, str]  # what is associated: object, id
# The default types, from each side.
ASSOCIATION_TYPES = {
    ("contacts", "companies"): 279,
    ("companies", "contacts"): 280,
    ("deals", "contacts"): 3,
    ("contacts", "deals"): 4,
    ("deals", "companies"): 341,
    ("companies", "deals"): 342,
    ("tickets", "contacts"): 16,
    ("contacts", "tickets"): 15,
    ("tickets", "companies"): 339,
    ("companies", "tickets"): 340,
    ("calls", "contacts"): 194,
    ("calls", "companies"): 182,
    ("communications", "contacts"): 81,
    ("communications", "companies"): 87,
    ("notes", "contacts"): 202,
    ("notes", "companies"): 190,
    ("tasks", "contacts"): 204,
    ("tasks", "companies"): 192,
}
ORDINARY = ("createdate", "lastmodifieddate")
# Contacts alone have lastmodifieddate; engagements have both times under their own names.
TIMES = dict.fromkeys(("companies", "deals", "tickets"), ("createdate", "hs_lastmodifieddate")) | dict.fromkeys(
    ("calls", "communications", "notes", "tasks"), ("hs_createdate", "hs_lastmodifieddate")
)


@dataclass(slots=True)
class Record:
    """One record; `history` holds the newest value first."""

    id: str
    created: str
    updated: str
    history: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    kind: str = "contacts"
    archived: str = ""  # since when

    def value(self, name: str, at: str | None = None) -> str | None:
        """The property as it is, or was at a time."""
        if own := self._own().get(name):
            return own
        entries = [one for one in self.history.get(name, ()) if at is None or one["timestamp"] <= at]
        return str(entries[0]["value"]) if entries else None

    def values(self) -> dict[str, str]:
        """All properties as they are now, empty ones left out."""
        return {name: value for name in self.history if (value := self.value(name))}

    def show(self, properties: Sequence[str] = (), with_history: Sequence[str] = ()) -> dict[str, Any]:
        """The record as the API gives it."""
        values = {name: self.value(name) for name in (*properties, *with_history)}
        shown: dict[str, Any] = {"id": self.id, "properties": values | self._own(), "archived": bool(self.archived)}
        if with_history:
            shown["propertiesWithHistory"] = {name: self.history.get(name, []) for name in with_history}
        if self.archived:
            shown["archivedAt"] = self.archived
        return shown | {"createdAt": self.created, "updatedAt": self.updated}

    def _own(self) -> dict[str, str]:
        created, modified = TIMES.get(self.kind, ORDINARY)
        return {"hs_object_id": self.id, created: self.created, modified: self.updated}


@dataclass(slots=True)
class Records:
    """All records of one account. `source_ids` is what a history says beside its source type."""

    by_object: dict[str, dict[str, Record]] = field(default_factory=dict)
    associations: set[tuple[Spec, Spec]] = field(default_factory=set)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(51_000_001))
    now: Callable[[], float] = time.time
    source_ids: dict[str, str] = field(default_factory=dict)
    merged: dict[Spec, str] = field(default_factory=dict)
    bin: dict[str, dict[str, Record]] = field(default_factory=dict)
    _numbered: dict[int, tuple[tuple[int, str], list[int]]] = field(default_factory=dict)
    _wrote: dict[tuple[str, str, str], list[Record]] = field(default_factory=dict)  # who ever had a value

    def of(self, kind: str) -> dict[str, Record]:
        """The records of one object by id, without those in the recycle bin."""
        return self.by_object.setdefault(kind, {})

    def find(self, kind: str, name: str | None, value: str) -> Record | None:
        """By id (a merged one's gives the record it went into), or by a unique property."""
        if name in (None, "", "hs_object_id"):
            return self.of(kind).get(self._survivor(kind, value))
        found = (one for one in self._wrote.get((kind, str(name), value), ()) if value in _found_by(one, str(name)))
        return next((one for one in found if self.of(kind).get(one.id) is one), None)

    def create(self, kind: str, properties: Mapping[str, str], *, source: str, at: str | None = None) -> Record:
        """A new record."""
        now = at or timestamp(self.now())
        record = Record(str(next(self.numbers)), now, now, kind=kind)
        self.of(kind)[record.id] = record
        self.update(record, properties, source=source, at=now)
        return record

    def update(self, record: Record, properties: Mapping[str, str], *, source: str, at: str | None = None) -> None:
        """Adds to the history what differs from the present value."""
        now = at or timestamp(self.now())
        for name, value in properties.items():
            value = value.lower() if name in ("email", "domain") else value
            if (record.value(name) or "") != value:
                by = {"sourceId": self.source_ids[source]} if source in self.source_ids else {}
                entry = {"value": value, "timestamp": now, "sourceType": source, **by}
                record.history.setdefault(name, []).insert(0, entry)
                for known_as, one in _finds(name, value):
                    self._wrote.setdefault((record.kind, known_as, one), []).append(record)
                record.updated = max(record.updated, now)

    def numbered(self, rows: dict[str, Record]) -> list[int]:
        """The ids of one object's records (or of its bin's) in order; kept until a record comes or goes."""
        mark = (len(rows), next(reversed(rows), ""))
        known = self._numbered.get(id(rows))
        if known is None or known[0] != mark:
            known = self._numbered[id(rows)] = (mark, sorted(map(int, rows)))
        return known[1]

    def archive(self, record: Record) -> None:
        """Into the recycle bin, with its associations."""
        self.of(record.kind).pop(record.id, None)
        record.archived = timestamp(self.now())
        self.bin.setdefault(record.kind, {})[record.id] = record
        self.associations = {pair for pair in self.associations if (record.kind, record.id) not in pair}

    def associate(self, one: Spec, other: Spec) -> int | None:
        """The type id of the default association, or None where a record or the pair is unknown."""
        type_id = ASSOCIATION_TYPES.get((one[0], other[0]))
        if type_id is None or not all(record_id in self.of(kind) for kind, record_id in (one, other)):
            return None
        self.associations.add((one, other))
        return type_id

    def associated(self, kind: str, record_id: str) -> list[dict[str, str]]:
        """What a record is associated with, from its own side."""
        pairs = sorted(other for one, other in self.associations if one == (kind, record_id))
        return [{"object": other_kind, "id": other_id} for other_kind, other_id in pairs]

    def linked(self, kind: str, record_id: str, to_kind: str) -> list[str]:
        """Ids of one object that a record is associated with, whichever side it was told from."""
        mine = (kind, record_id)
        ends = [*(two for one, two in self.associations if one == mine), *(
            one for one, two in self.associations if two == mine
        )]  # fmt: skip
        return sorted({end_id for end_kind, end_id in ends if end_kind == to_kind}, key=int)

    def _survivor(self, kind: str, record_id: str) -> str:
        while (kind, record_id) in self.merged:
            record_id = self.merged[kind, record_id]
        return record_id


def _finds(name: str, value: str) -> list[Spec]:
    """By which property and value a record can be found once it has that value."""
    if name == "hs_additional_emails":
        return [("email", one) for one in value.split(";")]
    return [(name, value)]


def _found_by(record: Record, name: str) -> list[str]:
    """The values of a unique property; a contact is found by its further addresses too."""
    more = (record.value("hs_additional_emails") or "").split(";") if name == "email" else []
    return [one for one in (record.value(name), *more) if one]


def timestamp(now: float) -> str:
    """Unix seconds as HubSpot writes them."""
    return datetime.fromtimestamp(round(now * 1000) / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
