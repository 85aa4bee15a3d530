"""Fields and users as Zoho describes them; our reference is a unique field of each module that is written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors.zoho.api import Api
from connectors.zoho.records import MODULES, reference_field
from hub.delivery import Connection
from hub.domain.sync import NativeField, Owner
from hub.errors import Reject
from hub.parsing import at, bool_at, dict_at, id_at, list_at, text_at

LENGTH = 120
MOST_USERS = 200
# Modules where our reference stands in a field of its own.
MARKED = ("Contacts", "Leads", "Accounts", "Calls", "Tasks")
# Zoho's types -> ours; all others are text.
TYPES = {
    "bigint": "integer",
    "integer": "integer",
    "double": "decimal",
    "percent": "decimal",
    "currency": "money",
    "boolean": "boolean",
    "date": "date",
    "datetime": "instant",
    "email": "email",
    "phone": "phone",
    "picklist": "picklist",
    "multiselectpicklist": "list",
    "lookup": "reference",
    "ownerlookup": "owner",
}


def fields(api: Api, kind: str) -> list[NativeField]:
    """Every field of a kind."""
    return [_field(row) for row in _described(api, MODULES[kind])]


def missing(api: Api, connection: Connection) -> list[str]:
    """The modules that have no field for our reference yet; Reject where one is there that is not unique."""
    name = reference_field(connection)
    lacking = []
    for module in MARKED:
        found = [row for row in _described(api, module) if row.get("api_name") == name]
        if not found:
            lacking.append(module)
        elif not dict_at(found[0], "unique"):
            raise Reject(f"the field {name} of {module} is not unique: tick `Do not allow duplicate values` there")
    return lacking


def create_field(api: Api, module: str, name: str) -> None:
    """Creates the field; Zoho makes its API name of the label."""
    wanted = {"field_label": name, "data_type": "text", "length": LENGTH, "unique": {"casesensitive": False}}
    api.post(f"/settings/fields?module={module}", {"fields": [wanted]})


def users(api: Api) -> list[Owner]:
    """The active users."""
    return [
        Owner(id=str(row["id"]), email=text_at(row, "email"), name=text_at(row, "full_name")) for row in _users(api)
    ]


def _users(api: Api) -> Iterator[Any]:
    number = 1
    while True:
        answer = api.get("/users", type="ActiveUsers", page=number, per_page=MOST_USERS)
        yield from (row for row in list_at(answer, "users") if id_at(row, "id"))
        if at(answer, "info", "more_records") is not True:
            return
        number += 1


def _described(api: Api, module: str) -> list[Any]:
    return [row for row in list_at(api.get("/settings/fields", module=module), "fields") if text_at(row, "api_name")]


def _field(row: Any) -> NativeField:
    read_only = bool_at(row, "read_only") is True or bool_at(row, "field_read_only") is True
    options = (
        (text_at(one, "actual_value"), text_at(one, "display_value")) for one in list_at(row, "pick_list_values")
    )
    return NativeField(
        name=text_at(row, "api_name") or "",
        label=text_at(row, "display_label") or text_at(row, "field_label") or "",
        type=TYPES.get(text_at(row, "data_type") or "", "text"),
        writable=not read_only,
        required=bool_at(row, "system_mandatory") is True,
        unique=bool(dict_at(row, "unique")),
        custom=bool_at(row, "custom_field") is True,
        options=tuple((value, label or value) for value, label in options if value),
    )
