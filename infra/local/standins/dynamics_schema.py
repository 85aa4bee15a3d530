"""Dataverse's tables and columns as the stand-in's environment has them, and its answers to wrong ones."""

from __future__ import annotations

import copy
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.local.standins.server import Answer, Refused

Column = dict[str, Any]
SYSTEM: Mapping[str, Column] = {
    "createdon": {"type": "datetime", "read_only": True},
    "modifiedon": {"type": "datetime", "read_only": True},
    "modifiedby": {"type": "lookup", "lookup": ["systemuser"], "read_only": True},
    "ownerid": {"type": "lookup", "lookup": ["systemuser"], "plain": True},
    "versionnumber": {"type": "int", "read_only": True},
}
GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,7})?Z")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_BIND = re.compile(r"/(?P<set>[a-z]+)\((?P<id>[0-9a-f-]{36})\)")
NO_COLUMN, TOO_LONG, BAD_VALUE = "0x80048d19", "0x80044331", "0x80040203"


def error(status: int, code: str, message: str) -> Answer:
    """An error in the documented shape."""
    return Answer(status, {"error": {"code": code, "message": message}})


def refuse(status: int, code: str, message: str) -> Refused:
    """The same, to raise."""
    return Refused(error(status, code, message))


@dataclass(slots=True)
class Table:
    """One table: its set's name, its key's column, its columns by logical name."""

    name: str
    plural: str
    id: str
    columns: dict[str, Column]
    tracked: bool = False

    def navigation(self) -> dict[str, tuple[str, str]]:
        """The lookups' own properties for each table that they can name: (column, table)."""
        found: dict[str, tuple[str, str]] = {}
        for name, one in self.columns.items():
            for table in one.get("lookup", ()):
                alone = len(one["lookup"]) == 1 or one.get("plain")
                found[name if alone else f"{name}_{table}{one.get('suffix', '')}"] = (name, table)
        return found

    def selectable(self) -> set[str]:
        """The names that `$select` and `$filter` take."""
        lookups = {name for name, one in self.columns.items() if one["type"] == "lookup"}
        return {self.id, *(self.columns.keys() - lookups), *(f"_{name}_value" for name in lookups)}


def _tables() -> dict[str, Table]:
    read = tomllib.loads(Path(__file__).with_name("dynamics.toml").read_text())
    return {
        name: Table(
            name,
            one["set"],
            one.get("id", f"{name}id"),
            {**copy.deepcopy(dict(SYSTEM)), **one["columns"]},
            one.get("tracked", False),
        )
        for name, one in read.items()
    }


@dataclass(slots=True)
class Schema:
    """The environment's tables; `keys` are alternate keys: table -> column -> when its index is built (Unix seconds)."""

    tables: dict[str, Table] = field(default_factory=_tables)
    keys: dict[str, dict[str, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for table in self.tables.values():
            self.keys[table.name] = {name: 0.0 for name, one in table.columns.items() if one.get("key")}

    def of_set(self, name: str) -> Table:
        """The table of that set; Refused with 404 where there is none."""
        found = next((one for one in self.tables.values() if one.plural == name), None)
        if found is None:
            raise refuse(404, "0x8006088a", f"Resource not found for the segment '{name}'.")
        return found

    def check(self, table: Table, body: Any, *, creating: bool, there: Callable[[str, str], bool]) -> dict[str, Any]:
        """The columns as they are stored; Refused with the documented code for the first that is wrong."""
        if not isinstance(body, dict):
            raise refuse(400, NO_COLUMN, "An object was expected.")
        stored: dict[str, Any] = {}
        for name, value in body.items():
            if name.endswith("@odata.bind"):
                column, named = self._bound(table, name, value, there)
                stored[column] = named
            else:
                _check_column(table, name, creating)
                stored[name] = _checked(name, table.columns[name], value)
        return stored

    def _bound(
        self, table: Table, name: str, value: Any, there: Callable[[str, str], bool]
    ) -> tuple[str, dict[str, str] | None]:
        found = table.navigation().get(name.removesuffix("@odata.bind"))
        if found is None or table.columns[found[0]].get("read_only"):
            raise refuse(400, NO_COLUMN, f"An undeclared property '{name}' was found.")
        if value is None:
            return found[0], None
        address = _BIND.fullmatch(value) if isinstance(value, str) else None
        if address is None or self.of_set(address["set"]).name != found[1]:
            raise refuse(400, NO_COLUMN, f"'{name}' must be the address of a row of {found[1]}.")
        if not there(found[1], address["id"]):
            raise refuse(404, "0x80040217", f"{found[1]} With Id = {address['id']} Does Not Exist")
        return found[0], {"table": found[1], "id": address["id"]}


def _check_column(table: Table, name: str, creating: bool) -> None:
    one = table.columns.get(name)
    if one is None or one["type"] == "lookup":
        raise refuse(400, NO_COLUMN, f"An undeclared property '{name}' was found.")
    if one.get("read_only"):
        raise refuse(400, BAD_VALUE, f"'{name}' cannot be set.")
    if creating and name == "statecode":
        raise refuse(400, BAD_VALUE, "A new row has its first state.")


def _checked(name: str, one: Column, value: Any) -> Any:
    if value is None or value == "":
        return None
    if not _TYPES[one["type"]](one, value):
        raise refuse(400, NO_COLUMN, f"Cannot convert the value of '{name}' to its type {one['type']}.")
    if one["type"] == "string" and len(value) > one["length"]:
        raise refuse(400, TOO_LONG, f"The length of '{name}' exceeded the maximum of {one['length']}.")
    if one["type"] == "choice" and str(value) not in one["choice"]:
        raise refuse(400, BAD_VALUE, f"The value {value} of '{name}' is outside the valid range.")
    return value


_TYPES: Mapping[str, Callable[[Column, Any], bool]] = {
    "string": lambda _one, value: isinstance(value, str),
    "boolean": lambda _one, value: isinstance(value, bool),
    "int": lambda _one, value: isinstance(value, int) and not isinstance(value, bool),
    "choice": lambda _one, value: isinstance(value, int) and not isinstance(value, bool),
    "money": lambda _one, value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "datetime": lambda _one, value: isinstance(value, str) and bool(_MOMENT.fullmatch(value)),
    "date": lambda _one, value: isinstance(value, str) and bool(_DAY.fullmatch(value)),
}
