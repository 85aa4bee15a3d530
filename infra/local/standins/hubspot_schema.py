"""HubSpot's properties per object: which exist, of what type, which are required, and the errors for wrong ones.

Published descriptions: HubSpot-public-api-spec-collection, CRM objects and properties, 2026-09.
"""

from __future__ import annotations

import re
import tomllib
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from infra.local.standins.server import Answer, Refused

OBJECTS = {"contacts": "0-1", "companies": "0-2", "calls": "0-48", "communications": "0-18"}
READ_ONLY = frozenset({"hs_object_id", "createdate", "hs_createdate", "lastmodifieddate", "hs_lastmodifieddate"})
Kind = str | list[str]
DEFAULTS: dict[str, dict[str, Kind]] = tomllib.loads(Path(__file__).with_name("hubspot.toml").read_text())
REQUIRED = {
    "calls": ("hs_timestamp",),
    "communications": ("hs_timestamp", "hs_communication_channel_type", "hs_communication_logged_from"),
}
UNIQUE = {"contacts": {"email"}}
LONGEST = 65_536


@dataclass(slots=True)
class Schema:
    """The properties of one account; `create` adds a custom one."""

    kinds: dict[str, dict[str, Kind]] = field(default_factory=lambda: {name: dict(v) for name, v in DEFAULTS.items()})
    unique: dict[str, set[str]] = field(default_factory=lambda: {name: set(v) for name, v in UNIQUE.items()})
    custom: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)

    def is_unique(self, kind: str, name: object) -> bool:
        """Whether records of that kind can be found by that property."""
        return name in self.unique.get(kind, ())

    def check(self, kind: str, properties: Mapping[str, Any], *, creating: bool) -> dict[str, str]:
        """The properties as stored; Refused with 400 and every fault named."""
        faults = [fault for name, value in properties.items() for fault in self._faults(kind, name, value)]
        missing = [name for name in REQUIRED.get(kind, ()) if creating and not properties.get(name)]
        if missing:
            raise Refused(error(400, f"Error creating {kind}. Some required properties were not set: {missing}"))
        if faults:
            raise Refused(error(400, f"Property values were not valid: {faults}", errors=faults))
        return {name: str(value) for name, value in properties.items()}

    def create(self, kind: str, wanted: Mapping[str, Any]) -> Answer:
        """201 with the property; 400 where a required part is missing, 409 where the name is taken."""
        missing = [name for name in ("name", "label", "type", "fieldType", "groupName") if not wanted.get(name)]
        if missing or not re.fullmatch(r"[a-z][a-z0-9_]{0,99}", str(wanted.get("name"))):
            return error(400, f"Invalid property definition: {missing or 'name'}")
        if wanted["name"] in self.kinds[kind]:
            return error(409, f"A property named '{wanted['name']}' already exists.", "OBJECT_ALREADY_EXISTS")
        self.kinds[kind][wanted["name"]] = str(wanted["type"])
        if wanted.get("hasUniqueValue"):
            self.unique.setdefault(kind, set()).add(wanted["name"])
        shown = {"description": "", "options": [], "hasUniqueValue": False, "archived": False} | dict(wanted)
        self.custom[kind, wanted["name"]] = shown
        return Answer(201, shown)

    def show(self, kind: str, name: str) -> Answer:
        """200 with the property, or 404."""
        if name not in self.kinds[kind]:
            return error(404, f"Property {name} does not exist", "OBJECT_NOT_FOUND")
        plain = {"name": name, "label": name, "type": "string", "fieldType": "text", "groupName": "", "options": []}
        return Answer(200, self.custom.get((kind, name), plain | {"hasUniqueValue": self.is_unique(kind, name)}))

    def _faults(self, kind: str, name: str, value: Any) -> Iterator[dict[str, Any]]:
        if name in READ_ONLY:
            yield _fault(name, f'"{name}" is a read only property', "READ_ONLY_VALUE")
        elif name not in self.kinds[kind]:
            yield _fault(name, f'Property "{name}" does not exist', "PROPERTY_DOESNT_EXIST")
        elif not isinstance(value, str | int) or isinstance(value, bool) or len(str(value)) > LONGEST:
            yield _fault(name, f'"{name}" is no string, or too long', "INVALID_STRING")
        elif value != "" and not _fits(self.kinds[kind][name], str(value)):
            yield _fault(name, f"{value} was not valid for {name}", "INVALID_OPTION")


def error(status: int, message: str, category: str = "VALIDATION_ERROR", **more: Any) -> Answer:
    """An error in the documented shape."""
    body = {"status": "error", "message": message, "correlationId": str(uuid.uuid4()), "category": category}
    return Answer(status, body | more)


def _fault(name: str, message: str, code: str) -> dict[str, Any]:
    return {"message": message, "code": code, "context": {"propertyName": [name]}}


def _fits(kind: Kind, value: str) -> bool:
    if isinstance(kind, list):
        return value in kind
    return kind not in _CHECKS or _CHECKS[kind](value)


def _is_time(value: str) -> bool:
    """Unix milliseconds (not seconds: those would lie in 1970) or ISO 8601."""
    if value.isascii() and value.isdigit():
        return len(value) >= 12
    try:
        return datetime.fromisoformat(value.replace("Z", "+00:00")).tzinfo is not None
    except ValueError:
        return False


_CHECKS: dict[str, Callable[[str], bool]] = {
    "number": lambda value: re.fullmatch(r"-?\d+(\.\d+)?", value) is not None,
    "datetime": _is_time,
    "https": lambda value: value.startswith("https://"),
}
