"""Salesforce's objects and fields as the stand-in's organization has them, and its answers to wrong ones."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.local.standins.server import Answer, Refused

Fields = dict[str, dict[str, Any]]
OBJECTS: dict[str, Fields] = tomllib.loads(Path(__file__).with_name("salesforce.toml").read_text())
PREFIXES = {"Contact": "003", "Lead": "00Q", "Account": "001", "Task": "00T"}
READ_ONLY = frozenset({"Id", "CreatedDate", "LastModifiedDate", "SystemModstamp", "Name"})
TYPES: dict[str, type] = {"string": str, "textarea": str, "reference": str, "date": str, "picklist": str, "int": int}


def error(status: int, code: str, message: str, *fields: str) -> Answer:
    """An error in the documented shape: a list of one."""
    shown = {"message": message, "errorCode": code} | ({"fields": list(fields)} if fields else {})
    return Answer(status, [shown])


def refuse(status: int, code: str, message: str, *fields: str) -> Refused:
    """The same, to raise."""
    return Refused(error(status, code, message, *fields))


def fields_of(sobject: str) -> Fields:
    """The object's fields; Refused with 404 where there is no such object."""
    if sobject not in OBJECTS:
        raise refuse(404, "NOT_FOUND", "The requested resource does not exist")
    return OBJECTS[sobject]


def check(sobject: str, values: Mapping[str, Any], *, creating: bool) -> None:
    """Refused with 400 and the documented code for the first field that is wrong."""
    fields = fields_of(sobject)
    for name, value in values.items():
        if name not in fields:
            raise refuse(400, "INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject}")
        if name in READ_ONLY or (fields[name].get("create_only") and not creating):
            raise refuse(400, "INVALID_FIELD_FOR_INSERT_UPDATE", f"Unable to create/update fields: {name}", name)
        _check_value(name, fields[name], value)
    missing = [name for name, one in fields.items() if one.get("required") and creating and not values.get(name)]
    if missing:
        raise refuse(400, "REQUIRED_FIELD_MISSING", f"Required fields are missing: {missing}", *missing)


def _check_value(name: str, one: Mapping[str, Any], value: Any) -> None:
    if value is None:
        return
    if not isinstance(value, TYPES[one["type"]]) or isinstance(value, bool):
        raise refuse(400, "JSON_PARSER_ERROR", f"Cannot deserialize instance of {one['type']} from {value!r}")
    if len(str(value)) > one.get("length", 255):
        raise refuse(
            400, "STRING_TOO_LONG", f"{name}: data value too large (max length={one.get('length', 255)})", name
        )
    if "values" in one and one.get("restricted") and value not in one["values"]:
        raise refuse(400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", f"{name}: bad value: {value}", name)


def describe(sobject: str) -> dict[str, Any]:
    """The object's description, as far as a client needs it to know whether a field is there."""
    shown = [
        {
            "name": name,
            "type": one["type"],
            "length": one.get("length", 255),
            "externalId": bool(one.get("external")),
            "unique": bool(one.get("external")),
            "updateable": name not in READ_ONLY and not one.get("create_only"),
            "createable": name not in READ_ONLY,
        }
        for name, one in fields_of(sobject).items()
    ]
    return {"name": sobject, "fields": shown, "createable": True, "updateable": True}
