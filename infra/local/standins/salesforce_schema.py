"""Salesforce's objects and fields as the stand-in's organization has them, and its answers to wrong ones."""

from __future__ import annotations

import copy
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.local.standins.server import Answer, Refused

Fields = dict[str, dict[str, Any]]
SYSTEM: Fields = {
    "Id": {"type": "id", "read_only": True},
    "CreatedDate": {"type": "datetime", "read_only": True},
    "LastModifiedDate": {"type": "datetime", "read_only": True},
    "SystemModstamp": {"type": "datetime", "read_only": True},
    "LastModifiedById": {"type": "reference", "read_only": True},
    "IsDeleted": {"type": "boolean", "read_only": True},
}
OBJECTS: Mapping[str, Fields] = {
    name: {**SYSTEM, **fields}
    for name, fields in tomllib.loads(Path(__file__).with_name("salesforce.toml").read_text()).items()
}
PREFIXES = {
    "Contact": "003",
    "Lead": "00Q",
    "Account": "001",
    "Opportunity": "006",
    "Case": "500",
    "Task": "00T",
    "User": "005",
    "PermissionSet": "0PS",
}
_NUMBER = (int, float)
TYPES: Mapping[str, type | tuple[type, ...]] = {"int": int, "currency": _NUMBER, "percent": _NUMBER, "boolean": bool}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_LONGEST = {"id": 18, "reference": 18, "date": 10, "phone": 40, "email": 80}


def error(status: int, code: str, message: str, *fields: str) -> Answer:
    """An error in the documented shape: a list of one."""
    shown = {"message": message, "errorCode": code} | ({"fields": list(fields)} if fields else {})
    return Answer(status, [shown])


def refuse(status: int, code: str, message: str, *fields: str) -> Refused:
    """The same, to raise."""
    return Refused(error(status, code, message, *fields))


@dataclass(slots=True)
class Schema:
    """The organization's objects; `hidden` are fields that exist and that the integration user is not allowed to see."""

    objects: dict[str, Fields] = field(default_factory=lambda: copy.deepcopy(dict(OBJECTS)))
    hidden: set[str] = field(default_factory=set)

    def fields_of(self, sobject: str) -> Fields:
        """The object's fields; Refused with 404 where there is no such object."""
        if sobject not in self.objects:
            raise refuse(404, "NOT_FOUND", "The requested resource does not exist")
        fields = self.objects[sobject]
        return {name: one for name, one in fields.items() if f"{sobject}.{name}" not in self.hidden}

    def known(self, sobject: str, names: list[str]) -> None:
        """Refused with 400 for the first name that is no field."""
        for name in names:
            if name not in self.fields_of(sobject):
                raise refuse(400, "INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject}")

    def check(self, sobject: str, values: Mapping[str, Any], *, creating: bool) -> dict[str, Any]:
        """The values as they are stored, trimmed; Refused with 400 and the documented code for what is wrong."""
        fields = self.fields_of(sobject)
        self.known(sobject, list(values))
        fixed = [name for name in values if _is_fixed(fields[name], creating)]
        if fixed:
            raise refuse(400, "INVALID_FIELD_FOR_INSERT_UPDATE", f"Unable to create/update fields: {fixed}", *fixed)
        stored = {name: _stored(name, fields[name], value) for name, value in values.items()}
        needed = [name for name, one in fields.items() if one.get("required") and (creating or name in stored)]
        missing = [name for name in needed if stored.get(name) is None]
        if missing:
            raise refuse(400, "REQUIRED_FIELD_MISSING", f"Required fields are missing: {missing}", *missing)
        return stored

    def defaults(self, sobject: str) -> dict[str, Any]:
        """What a new row has without being told."""
        return {name: one["default"] for name, one in self.fields_of(sobject).items() if "default" in one}

    def create(self, full_name: str, metadata: Mapping[str, Any]) -> None:
        """A custom field by the Tooling API: it exists, and nobody sees it until a permission set says so."""
        sobject, _, name = full_name.partition(".")
        for owner in ["Task"] if sobject == "Activity" else [sobject]:
            made = {"type": "string", "length": metadata["length"], "external": metadata.get("externalId") is True}
            self.objects[owner][name] = made
            self.hidden.add(f"{owner}.{name}")

    def describe(self, sobject: str) -> dict[str, Any]:
        """The object's description."""
        shown = [_described(name, one) for name, one in self.fields_of(sobject).items()]
        return {"name": sobject, "fields": shown, "createable": True, "updateable": True}


def _is_fixed(one: Mapping[str, Any], creating: bool) -> bool:
    return bool(one.get("read_only") or (one.get("create_only") and not creating))


def _stored(name: str, one: Mapping[str, Any], value: Any) -> Any:
    if isinstance(value, str):
        value = value.strip() or None
    if value is None:
        return None
    wanted = TYPES.get(one["type"], str)
    if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
        raise refuse(400, "JSON_PARSER_ERROR", f"Cannot deserialize instance of {one['type']} from {value!r}")
    if isinstance(value, str):
        _check_text(name, one, value)
    return value


def _check_text(name: str, one: Mapping[str, Any], text: str) -> None:
    most = one.get("length", _LONGEST.get(one["type"], 255))
    if len(text) > most:
        raise refuse(400, "STRING_TOO_LONG", f"{name}: data value too large (max length={most})", name)
    if one.get("restricted") and text not in one["values"]:
        raise refuse(400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", f"{name}: bad value: {text}", name)
    if one["type"] == "email" and not _EMAIL.fullmatch(text):
        raise refuse(400, "INVALID_EMAIL_ADDRESS", f"{name}: invalid email address: {text}", name)
    if one["type"] == "date" and not _DAY.fullmatch(text):
        raise refuse(400, "JSON_PARSER_ERROR", f"Cannot deserialize instance of date from {text!r}")


def _described(name: str, one: Mapping[str, Any]) -> dict[str, Any]:
    required = bool(one.get("required"))
    return {
        "name": name,
        "label": one.get("label", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)),
        "type": one["type"],
        "length": one.get("length", _LONGEST.get(one["type"], 255)),
        "custom": name.endswith("__c"),
        "externalId": bool(one.get("external")),
        "unique": bool(one.get("external")),
        "nillable": not required,
        "defaultedOnCreate": "default" in one,
        "updateable": not _is_fixed(one, creating=False),
        "createable": not _is_fixed(one, creating=True),
        "picklistValues": [{"active": True, "label": value, "value": value} for value in one.get("values", ())],
    }
