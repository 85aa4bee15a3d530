"""The environment's metadata: columns, lists of values, alternate keys, and making them.

https://learn.microsoft.com/en-us/power-apps/developer/data-platform/webapi/create-update-column-definitions-using-web-api
(read November 2026)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from infra.local.standins.dynamics_schema import BAD_VALUE, Schema, Table, refuse
from infra.local.standins.server import Answer, Call

ENTITY = re.compile(r"EntityDefinitions\(LogicalName='(?P<table>\w+)'\)")
KINDS = {
    "string": "String",
    "boolean": "Boolean",
    "int": "Integer",
    "choice": "Picklist",
    "money": "Money",
    "datetime": "DateTime",
    "date": "DateTime",
    "lookup": "Lookup",
}
_TEXT = "Microsoft.Dynamics.CRM.StringAttributeMetadata"


def answer(schema: Schema, call: Call, path: str, now: float, key_building_s: float) -> Answer:
    """What the definitions of a table answer to a path below `EntityDefinitions(…)`."""
    head, _, rest = path.partition("/")
    found = ENTITY.fullmatch(head)
    table = schema.tables.get(found["table"]) if found else None
    if table is None:
        raise refuse(404, "0x80060888", "Could not find an entity with that name.")
    part, _, cast = rest.partition("/")
    if call.method == "POST":
        return _made(schema, table, part, call.json(), now + key_building_s)
    if part == "Keys":
        return Answer(200, {"value": [_key(name, at, now) for name, at in schema.keys[table.name].items()]})
    if part != "Attributes":
        raise refuse(404, "0x80060888", f"Resource not found for the segment '{part}'.")
    return Answer(200, {"value": _lists(table, cast) if cast else [_column(name, one) for name, one in _all(table)]})


def _all(table: Table) -> list[tuple[str, Mapping[str, Any]]]:
    return [(table.id, {"type": "string", "read_only": True, "required": True}), *table.columns.items()]


def _key(name: str, at: float, now: float) -> dict[str, Any]:
    status = "Active" if at <= now else "Pending"
    return {"LogicalName": f"{name}_key", "KeyAttributes": [name], "EntityKeyIndexStatus": status}


def _column(name: str, one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "LogicalName": name,
        "DisplayName": {
            "UserLocalizedLabel": {"Label": one.get("label", name.replace("_", " ")), "LanguageCode": 1033}
        },
        "AttributeType": {"statecode": "State", "statuscode": "Status"}.get(name, KINDS[one["type"]]),
        "IsValidForUpdate": not one.get("read_only", False),
        "IsValidForCreate": not one.get("read_only", False),
        "RequiredLevel": {"Value": "ApplicationRequired" if one.get("required") else "None"},
        "IsCustomAttribute": bool(one.get("custom")),
    }


def _lists(table: Table, cast: str) -> list[dict[str, Any]]:
    named = {"statecode": "State", "statuscode": "Status"}
    found = [(name, one) for name, one in table.columns.items() if one["type"] == "choice"]
    return [
        {"LogicalName": name, "OptionSet": {"Options": [_option(value, text) for value, text in one["choice"].items()]}}
        for name, one in found
        if cast == f"Microsoft.Dynamics.CRM.{named.get(name, 'Picklist')}AttributeMetadata"
    ]


def _option(value: str, text: str) -> dict[str, Any]:
    return {"Value": int(value), "Label": {"UserLocalizedLabel": {"Label": text, "LanguageCode": 1033}}}


def _made(schema: Schema, table: Table, part: str, body: Mapping[str, Any], active_at: float) -> Answer:
    name = str(body.get("SchemaName", "")).lower()
    if not re.fullmatch(r"[a-z]+_\w+", name) or "LocalizedLabels" not in body.get("DisplayName", {}):
        raise refuse(400, BAD_VALUE, "A name with a prefix and a display name are required.")
    if part == "Attributes":
        if body.get("@odata.type") != _TEXT or name in table.columns or not isinstance(body.get("MaxLength"), int):
            raise refuse(400, BAD_VALUE, "The column cannot be made.")
        table.columns[name] = {"type": "string", "length": body["MaxLength"], "custom": True}
    elif part == "Keys" and body.get("KeyAttributes") and set(body["KeyAttributes"]) <= table.columns.keys():
        schema.keys[table.name][body["KeyAttributes"][0]] = active_at
    else:
        raise refuse(400, BAD_VALUE, "The key cannot be made.")
    return Answer(204)
