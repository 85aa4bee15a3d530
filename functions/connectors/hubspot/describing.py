"""An account's fields as HubSpot describes them, and the one property that renkei needs on each object."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from connectors.hubspot.api import Api, Row
from connectors.hubspot.records import OBJECTS
from connectors.hubspot.writing import ID_PROPERTY
from hub.domain.sync import NativeField
from hub.errors import Reject
from hub.parsing import list_at, text_at

# HubSpot's type -> the word for it in the field map (a codec's name).
TYPES = {
    "string": "text",
    "enumeration": "picklist",
    "number": "decimal",
    "bool": "boolean",
    "date": "date",
    "datetime": "instant",
    "phone_number": "phone",
}
# Each object on which renkei writes, with a property that every account has: ours goes into the same group.
NEIGHBOURS = {
    "contacts": "email",
    "companies": "name",
    "calls": "hs_timestamp",
    "communications": "hs_timestamp",
    "notes": "hs_timestamp",
    "tasks": "hs_timestamp",
}
DEFAULT_GROUP = "contactinformation"


@dataclass(frozen=True, slots=True)
class Describer:
    """Reads and prepares one account's properties."""

    api: Api

    def describe(self, kind: str) -> list[NativeField]:
        """The properties of a kind, hidden ones left out; Reject for a kind that HubSpot does not have."""
        if kind not in OBJECTS:
            raise Reject(f"HubSpot has no {kind} records")
        rows = self.api.properties(OBJECTS[kind])
        return [_field(row) for row in rows if text_at(row, "name") and row.get("hidden") is not True]

    def plan(self) -> list[str]:
        """What is missing, a sentence each."""
        return [f"the unique property {ID_PROPERTY} on {kind}" for kind in self._missing()]

    def set_up(self) -> None:
        """Creates the unique property everywhere; Reject where one is there but not unique."""
        for kind in list(self._missing()):
            group = text_at(self.api.property(kind, NEIGHBOURS[kind]), "groupName") or DEFAULT_GROUP
            self.api.create_property(kind, _definition(group))

    def _missing(self) -> Iterator[str]:
        for kind in NEIGHBOURS:
            existing = self.api.property(kind, ID_PROPERTY)
            if not existing:
                yield kind
            elif existing.get("hasUniqueValue") is not True:
                raise Reject(f"the property {ID_PROPERTY} of {kind} is not unique: delete it and set up again")


def _field(row: Row) -> NativeField:
    meta = row.get("modificationMetadata")
    read_only = row.get("calculated") is True or (isinstance(meta, dict) and meta.get("readOnlyValue") is True)
    options = [(text_at(one, "value"), text_at(one, "label")) for one in list_at(row, "options")]
    return NativeField(
        name=text_at(row, "name") or "",
        label=text_at(row, "label") or "",
        type=TYPES.get(text_at(row, "type") or "", "text"),
        writable=not read_only,
        unique=row.get("hasUniqueValue") is True,
        custom=row.get("hubspotDefined") is not True,
        options=tuple((value, label or value) for value, label in options if value),
    )


def _definition(group: str) -> dict[str, Any]:
    return {
        "name": ID_PROPERTY,
        "label": "renkei id",
        "description": "Written by renkei, so that nothing is there twice. Do not change.",
        "groupName": group,
        "type": "string",
        "fieldType": "text",
        "hasUniqueValue": True,
        "formField": False,
    }
