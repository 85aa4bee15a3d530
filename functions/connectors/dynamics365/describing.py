"""What the environment is like: columns with their lists of values, and the alternate keys for our reference.

https://learn.microsoft.com/en-us/power-apps/developer/data-platform/webapi/query-metadata-web-api
https://learn.microsoft.com/en-us/power-apps/developer/data-platform/define-alternate-keys-entity (read November 2026)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.dynamics365.api import Api
from connectors.dynamics365.rows import TABLES
from hub.domain.sync import NativeField
from hub.errors import Reject, Retry
from hub.parsing import at, bool_at, int_at, list_at, text_at

LONGEST_REFERENCE = 100
BUILDING_S = 60
ENGLISH = 1033
ATTRIBUTES = "LogicalName,DisplayName,AttributeType,IsValidForUpdate,IsValidForCreate,RequiredLevel,IsCustomAttribute"
LISTS = ("PicklistAttributeMetadata", "StateAttributeMetadata", "StatusAttributeMetadata")
# Dataverse's types in our words; all others are text.
TYPES: Mapping[str, str] = {
    **dict.fromkeys(("Picklist", "State", "Status", "MultiSelectPicklist"), "picklist"),
    **dict.fromkeys(("Integer", "BigInt", "Decimal", "Double", "Money"), "number"),
    **dict.fromkeys(("Lookup", "Customer", "Owner", "Uniqueidentifier"), "reference"),
    "Boolean": "boolean",
    "DateTime": "datetime",
}


@dataclass(frozen=True, slots=True)
class Describing:
    """Describes one environment and prepares it; `creates` says that the administrator has consented to new columns.

    `written` are the tables that we create rows in under our reference, `key` the column for it.
    """

    api: Api
    key: str
    written: tuple[str, ...]
    creates: bool = False

    def describe(self, kind: str) -> list[NativeField]:
        """See SyncClient."""
        table = _definition(TABLES[kind])
        unique = {names[0] for names, _ in self._keys(TABLES[kind]) if len(names) == 1}
        options = {name: one for kind_of in LISTS for name, one in self._options(table, kind_of)}
        rows = self.api.rows(f"{table}/Attributes", {"$select": ATTRIBUTES})
        return [_field(row, unique, options) for row in rows if text_at(row, "LogicalName")]

    def plan_set_up(self) -> list[str]:
        """See SyncClient."""
        how = "the hub creates column and key" if self.creates else _by_hand(self.key)
        return [f"The table {one} has no active alternate key of {self.key}: {how}." for one in self._lacking()]

    def set_up(self) -> None:
        """See SyncClient. Reject says what must be made by hand; Retry while the environment builds a new key's index."""
        lacking = self._lacking()
        for table in lacking:
            if not self.creates:
                raise Reject(f"the table {table} has no active alternate key of {self.key}: {_by_hand(self.key)}")
            self._create(table)
        if lacking and (waiting := self._lacking()):
            raise Retry(f"the environment is still building the alternate key of {', '.join(waiting)}", BUILDING_S)

    def _lacking(self) -> list[str]:
        return [one for one in self.written if ((self.key,), "Active") not in self._keys(one)]

    def _keys(self, table: str) -> list[tuple[tuple[str, ...], str]]:
        """Each key's columns and the state of its index."""
        query = {"$select": "LogicalName,KeyAttributes,EntityKeyIndexStatus"}
        return [
            (tuple(str(name) for name in list_at(row, "KeyAttributes")), text_at(row, "EntityKeyIndexStatus") or "")
            for row in self.api.rows(f"{_definition(table)}/Keys", query)
        ]

    def _create(self, table: str) -> None:
        """Column and key, as far as they are not there; a key whose index is being built is left to it."""
        columns = self.api.rows(f"{_definition(table)}/Attributes", {"$select": "LogicalName"})
        if self.key not in {text_at(row, "LogicalName") for row in columns}:
            self.api.send("POST", f"{_definition(table)}/Attributes", _column(self.key))
        if (self.key,) not in {names for names, _ in self._keys(table)}:
            body = {"SchemaName": f"{self.key}_key", "DisplayName": _label("Renkei Id"), "KeyAttributes": [self.key]}
            self.api.send("POST", f"{_definition(table)}/Keys", body)

    def _options(self, table: str, kind_of: str) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
        query = {"$select": "LogicalName", "$expand": "OptionSet($select=Options)"}
        for row in self.api.rows(f"{table}/Attributes/Microsoft.Dynamics.CRM.{kind_of}", query):
            yield text_at(row, "LogicalName") or "", tuple(_values(row))


def _definition(table: str) -> str:
    return f"EntityDefinitions(LogicalName='{table}')"


def _by_hand(key: str) -> str:
    return f"make a text column {key} of {LONGEST_REFERENCE} characters and a key of it (Power Apps, Tables, Keys)"


def _column(key: str) -> dict[str, Any]:
    return {
        "@odata.type": "Microsoft.Dynamics.CRM.StringAttributeMetadata",
        "SchemaName": key,
        "DisplayName": _label("Renkei Id"),
        "Description": _label("The integration hub's reference: it finds its own rows by this."),
        "RequiredLevel": {"Value": "None"},
        "FormatName": {"Value": "Text"},
        "MaxLength": LONGEST_REFERENCE,
    }


def _label(text: str) -> dict[str, Any]:
    named = {"@odata.type": "Microsoft.Dynamics.CRM.LocalizedLabel", "Label": text, "LanguageCode": ENGLISH}
    return {"@odata.type": "Microsoft.Dynamics.CRM.Label", "LocalizedLabels": [named]}


def _field(row: dict[str, Any], unique: set[str], options: Mapping[str, tuple[tuple[str, str], ...]]) -> NativeField:
    name = text_at(row, "LogicalName") or ""
    return NativeField(
        name=name,
        label=text_at(row, "DisplayName", "UserLocalizedLabel", "Label") or "",
        type=TYPES.get(text_at(row, "AttributeType") or "", "text"),
        writable=bool_at(row, "IsValidForUpdate") is True,
        required=text_at(row, "RequiredLevel", "Value") in ("ApplicationRequired", "SystemRequired"),
        unique=name in unique,
        custom=bool_at(row, "IsCustomAttribute") is True,
        options=options.get(name, ()),
    )


def _values(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for one in list_at(dict(row), "OptionSet", "Options"):
        number = int_at(one, "Value")
        if number is not None:
            yield str(number), text_at(at(one, "Label"), "UserLocalizedLabel", "Label") or str(number)
