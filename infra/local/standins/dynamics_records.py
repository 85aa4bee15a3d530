"""Dataverse's rows: by table and id, with versions, deletions to be told of, and pages that can be gone on from."""

from __future__ import annotations

import itertools
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from infra.local.standins.dynamics_schema import Schema, Table, refuse

Stored = dict[str, Any]
LABEL, NAMED = "@OData.Community.Display.V1.FormattedValue", "@Microsoft.Dynamics.CRM.lookuplogicalname"


@dataclass(slots=True)
class Rows:
    """All rows of the environment; `deleted` are (version, table, id)."""

    schema: Schema = field(default_factory=Schema)
    by_table: dict[str, dict[str, Stored]] = field(default_factory=dict)
    deleted: list[tuple[int, str, str]] = field(default_factory=list)
    versions: Iterator[int] = field(default_factory=lambda: itertools.count(1_000))
    latest: int = 999
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    now: Callable[[], float] = time.time

    def of(self, table: str) -> dict[str, Stored]:
        """The rows of one table by id."""
        return self.by_table.setdefault(table, {})

    def there(self, table: str, row_id: str) -> bool:
        """Whether there is such a row."""
        return row_id in self.of(table)

    def insert(self, table: Table, columns: Mapping[str, Any], user: str, row_id: str = "") -> Stored:
        """A new row under that id, else under the next one."""
        made_id = row_id or str(uuid.UUID(int=0x5A1E5F00_0000_4000_8000_000000000000 + 0x1000 + next(self.numbers)))
        usual = {name: one["default"] for name, one in table.columns.items() if "default" in one}
        owner = {"ownerid": {"table": "systemuser", "id": user}}
        row = {table.id: made_id, "createdon": self.moment(), **owner, **usual}
        self.of(table.name)[made_id] = row
        self.update(table, row, columns, user)
        return row

    def update(self, table: Table, row: Stored, columns: Mapping[str, Any], user: str) -> None:
        """Changes a row, which gets a new version."""
        self.latest = next(self.versions)
        by = {"modifiedby": {"table": "systemuser", "id": user}}
        row.update({**columns, **by, "modifiedon": self.moment(), "versionnumber": self.latest})
        if "fullname" in table.columns and table.name != "systemuser":
            row["fullname"] = " ".join(filter(None, (row.get("firstname"), row.get("lastname")))) or None

    def delete(self, table: str, row_id: str) -> Stored | None:
        """Takes a row away for good; None where there is none."""
        row = self.of(table).pop(row_id, None)
        if row is not None:
            self.latest = next(self.versions)
            self.deleted.append((self.latest, table, row_id))
        return row

    def carrying(self, table: Table, key: str, value: str) -> Stored | None:
        """The row with that value of an alternate key; Refused with 400 where the key is none, or not built yet."""
        if self.schema.keys[table.name].get(key, float("inf")) > self.now():
            raise refuse(400, "0x80060890", f"The specified key attributes are not a defined key for {table.name}")
        return next((row for row in self.of(table.name).values() if row.get(key) == value), None)

    def moment(self) -> str:
        """Now, as Dataverse writes times: to the second."""
        return datetime.fromtimestamp(self.now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def etag(row: Mapping[str, Any]) -> str:
    """The row's version as `If-Match` wants it."""
    return f'W/"{row["versionnumber"]}"'


def flat(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """The row as the API names its columns: a lookup is `_name_value`."""
    shown: dict[str, Any] = {table.id: row[table.id]}
    for name, one in table.columns.items():
        value = row.get(name)
        if one["type"] == "lookup":
            shown[f"_{name}_value"] = value["id"] if value else None
        else:
            shown[name] = value
    return shown


def annotated(
    table: Table, row: Mapping[str, Any], names: list[str], label: Callable[[str, str], str | None]
) -> Stored:
    """The selected columns with what `odata.include-annotations` asks for; `label` names a row by table and id."""
    values, shown = flat(table, row), {}
    for name in names:
        shown[name] = values[name]
        column = table.columns.get(name[1:-6] if name.startswith("_") else name, {})
        held = row.get(name[1:-6]) if name.startswith("_") else values[name]
        if held is None:
            continue
        if column.get("type") == "lookup":
            shown[name + NAMED] = held["table"]
            shown |= {name + LABEL: said} if (said := label(held["table"], held["id"])) else {}
        elif column.get("type") == "choice":
            shown[name + LABEL] = column["choice"][str(held)]
    return shown
