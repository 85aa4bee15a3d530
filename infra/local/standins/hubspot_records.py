"""HubSpot's records: properties with their history, found by id or unique property, and their associations."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Spec = tuple[str, str]  # what is associated: object, id
ASSOCIATION_TYPES = {
    ("calls", "contacts"): 194,
    ("calls", "companies"): 182,
    ("communications", "contacts"): 81,
    ("communications", "companies"): 87,
    ("contacts", "companies"): 279,
}


@dataclass(slots=True)
class Record:
    """One record; `history` holds the newest value first."""

    id: str
    created: str
    updated: str
    history: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def value(self, name: str) -> str | None:
        """The property as it is now."""
        entries = self.history.get(name)
        return str(entries[0]["value"]) if entries else None

    def show(self, properties: Sequence[str] = (), with_history: Sequence[str] = ()) -> dict[str, Any]:
        """The record as the API gives it."""
        always = {"hs_object_id": self.id, "createdate": self.created, "lastmodifieddate": self.updated}
        values = {name: self.value(name) for name in (*properties, *with_history)}
        shown: dict[str, Any] = {"id": self.id, "properties": values | always, "archived": False}
        if with_history:
            shown["propertiesWithHistory"] = {name: self.history.get(name, []) for name in with_history}
        return shown | {"createdAt": self.created, "updatedAt": self.updated}


@dataclass(slots=True)
class Records:
    """All records of one account."""

    by_object: dict[str, dict[str, Record]] = field(default_factory=dict)
    associations: set[tuple[Spec, Spec]] = field(default_factory=set)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(51_000_001))

    def of(self, kind: str) -> dict[str, Record]:
        """The records of one object by id."""
        return self.by_object.setdefault(kind, {})

    def find(self, kind: str, name: str | None, value: str) -> Record | None:
        """By id, or by a unique property."""
        if name in (None, "", "hs_object_id"):
            return self.of(kind).get(value)
        return next((record for record in self.of(kind).values() if record.value(str(name)) == value), None)

    def create(self, kind: str, properties: Mapping[str, str], *, source: str, at: str | None = None) -> Record:
        """A new record."""
        now = at or timestamp()
        record = Record(str(next(self.numbers)), now, now)
        self.of(kind)[record.id] = record
        self.update(record, properties, source=source, at=now)
        return record

    def update(self, record: Record, properties: Mapping[str, str], *, source: str, at: str | None = None) -> None:
        """Adds to the history what differs from the present value."""
        now = at or timestamp()
        for name, value in properties.items():
            value = value.lower() if name == "email" else value
            if record.value(name) != value:
                entry = {"value": value, "timestamp": now, "sourceType": source, "sourceId": None}
                record.history.setdefault(name, []).insert(0, entry)
                record.updated = max(record.updated, now)

    def associate(self, one: Spec, other: Spec) -> int | None:
        """The type id of the default association, or None where a record or the pair is unknown."""
        type_id = ASSOCIATION_TYPES.get((one[0], other[0]))
        if type_id is None or not all(record_id in self.of(kind) for kind, record_id in (one, other)):
            return None
        self.associations.add((one, other))
        return type_id

    def associated(self, kind: str, record_id: str) -> list[dict[str, str]]:
        """What a record is associated with."""
        pairs = sorted(other for one, other in self.associations if one == (kind, record_id))
        return [{"object": other_kind, "id": other_id} for other_kind, other_id in pairs]


def timestamp() -> str:
    """Now, as HubSpot writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
