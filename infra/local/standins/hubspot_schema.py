"""HubSpot's properties per object: which exist, of what type, which are required, and the errors for wrong ones.

Published descriptions: HubSpot-public-api-spec-collection, CRM objects and properties, 2026-09.
"""

from __future__ import annotations

import re
import tomllib
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from infra.local.standins.server import Answer, Refused

OBJECTS = {
    "contacts": "0-1",
    "companies": "0-2",
    "deals": "0-3",
    "tickets": "0-5",
    "communications": "0-18",
    "tasks": "0-27",
    "notes": "0-46",
    "calls": "0-48",
}
SINGULAR = {"contacts": "contact", "companies": "company", "deals": "deal", "tickets": "ticket"}
MODIFIED = {"contacts": "lastmodifieddate"}  # of every other object hs_lastmodifieddate
OWN_TIMES = ("hs_object_id", "createdate", "hs_createdate", "lastmodifieddate", "hs_lastmodifieddate")
# What HubSpot itself works out: people and apps read it.
SYSTEM = ("hs_email_optout", "hs_additional_emails", "associatedcompanyid", "hs_is_closed", "hs_is_closed_won")
READ_ONLY = frozenset({*OWN_TIMES, *SYSTEM, "hs_deal_stage_probability"})
Kind = str | list[str]
DEFAULTS: dict[str, dict[str, Kind]] = tomllib.loads(Path(__file__).with_name("hubspot.toml").read_text())
REQUIRED = {
    "deals": ("dealname",),
    "tickets": ("subject", "hs_pipeline_stage"),
    "calls": ("hs_timestamp",),
    "communications": ("hs_timestamp", "hs_communication_channel_type", "hs_communication_logged_from"),
    "notes": ("hs_timestamp",),
    "tasks": ("hs_timestamp",),
}
UNIQUE = {"contacts": {"email"}}
LONGEST = 65_536
# our word for a type -> HubSpot's type and fieldType
SHOWN = {
    "number": ("number", "number"),
    "datetime": ("datetime", "date"),
    "date": ("date", "date"),
    "bool": ("bool", "booleancheckbox"),
    "phone": ("string", "phonenumber"),
    "stage": ("enumeration", "radio"),
    "pipeline": ("enumeration", "select"),
    "owner": ("enumeration", "select"),
}


def no_lists(_kind: str, _name: str) -> frozenset[str] | None:
    """An account without owners and pipelines: every value is taken."""
    return None


@dataclass(slots=True)
class Schema:
    """The properties of one account; `create` adds a custom one.

    `listed(kind, type)` gives the values that a type of the account's own (stage, pipeline, owner) may have.
    """

    kinds: dict[str, dict[str, Kind]] = field(default_factory=lambda: {name: dict(v) for name, v in DEFAULTS.items()})
    unique: dict[str, set[str]] = field(default_factory=lambda: {name: set(v) for name, v in UNIQUE.items()})
    custom: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    listed: Callable[[str, str], frozenset[str] | None] = no_lists

    def is_unique(self, kind: str, name: object) -> bool:
        """Whether records of that kind can be found by that property."""
        return name in self.unique.get(kind, ())

    def check(
        self, kind: str, properties: Mapping[str, Any], *, creating: bool, system: bool = False
    ) -> dict[str, str]:
        """The properties as stored; Refused with 400 and every fault named. `system` may write what only HubSpot does."""
        missing = [name for name in REQUIRED.get(kind, ()) if creating and not properties.get(name)]
        if missing:
            raise Refused(error(400, f"Error creating {kind}. Some required properties were not set: {missing}"))
        faults = [fault for name, value in properties.items() for fault in self._faults(kind, name, value, system)]
        if faults:
            raise Refused(error(400, f"Property values were not valid: {faults}", errors=faults))
        return {name: str(value).strip() for name, value in properties.items()}

    def create(self, kind: str, wanted: Mapping[str, Any]) -> Answer:
        """201 with the property; 400 where a required part is missing, 409 where the name is taken."""
        missing = [name for name in ("name", "label", "type", "fieldType", "groupName") if not wanted.get(name)]
        if missing or not re.fullmatch(r"[a-z][a-z0-9_]{0,99}", str(wanted.get("name"))):
            return error(400, f"Invalid property definition: {missing or 'name'}")
        if wanted["name"] in self.kinds[kind]:
            return error(409, f"A property named '{wanted['name']}' already exists.", "OBJECT_ALREADY_EXISTS")
        options = [str(one["value"]) for one in wanted.get("options", ())]
        self.kinds[kind][wanted["name"]] = options or str(wanted["type"])
        if wanted.get("hasUniqueValue"):
            self.unique.setdefault(kind, set()).add(wanted["name"])
        shown = _shown(str(wanted["name"]), "string") | {"hubspotDefined": False} | dict(wanted)
        self.custom[kind, wanted["name"]] = shown
        return Answer(201, shown)

    def show(self, kind: str, name: str) -> Answer:
        """200 with the property, or 404."""
        if name not in self.kinds[kind]:
            return error(404, f"Property {name} does not exist", "OBJECT_NOT_FOUND")
        return Answer(200, self._property(kind, name))

    def everything(self, kind: str) -> Answer:
        """All properties of an object."""
        return Answer(200, {"results": [self._property(kind, name) for name in self.kinds[kind]]})

    def _property(self, kind: str, name: str) -> dict[str, Any]:
        plain = _shown(name, self.kinds[kind][name]) | {"hasUniqueValue": self.is_unique(kind, name)}
        return self.custom.get((kind, name), plain | {"groupName": f"{SINGULAR.get(kind, kind)}information"})

    def _faults(self, kind: str, name: str, value: Any, system: bool) -> Iterator[dict[str, Any]]:
        if name in OWN_TIMES or (name in READ_ONLY and not system):
            yield _fault(name, f'"{name}" is a read only property', "READ_ONLY_VALUE")
        elif name not in self.kinds[kind]:
            yield _fault(name, f'Property "{name}" does not exist', "PROPERTY_DOESNT_EXIST")
        elif not isinstance(value, str | int) or isinstance(value, bool) or len(str(value)) > LONGEST:
            yield _fault(name, f'"{name}" is no string, or too long', "INVALID_STRING")
        elif value != "" and (code := self._misfit(kind, self.kinds[kind][name], str(value).strip())):
            yield _fault(name, f"{value} was not valid for {name}", code)

    def _misfit(self, kind: str, expected: Kind, value: str) -> str:
        if isinstance(expected, list):
            return "" if value in expected else "INVALID_OPTION"
        listed = self.listed(kind, expected)
        if listed is not None:
            return "" if value in listed else "INVALID_OPTION"
        fits, code = _CHECKS.get(expected, (None, ""))
        return code if fits and not fits(value) else ""


def error(status: int, message: str, category: str = "VALIDATION_ERROR", **more: Any) -> Answer:
    """An error in the documented shape."""
    correlation = str(uuid.uuid5(uuid.NAMESPACE_OID, message))
    body = {"status": "error", "message": message, "correlationId": correlation, "category": category}
    return Answer(status, body | more)


def _fault(name: str, message: str, code: str) -> dict[str, Any]:
    return {"message": message, "code": code, "context": {"propertyName": [name]}}


def _shown(name: str, kind: Kind) -> dict[str, Any]:
    listed = isinstance(kind, list)
    shown = ("enumeration", "select") if isinstance(kind, list) else SHOWN.get(kind, ("string", "text"))
    options = [{"value": one, "label": one.replace("_", " ").title(), "hidden": False} for one in kind if listed]
    return {
        "name": name,
        "label": name.removeprefix("hs_").replace("_", " ").capitalize(),
        "description": "",
        "type": shown[0],
        "fieldType": shown[1],
        "options": options,
        "calculated": False,
        "hasUniqueValue": False,
        "hubspotDefined": True,
        "archived": False,
        "modificationMetadata": {"archivable": False, "readOnlyDefinition": True, "readOnlyValue": name in READ_ONLY},
    }


def _is_time(value: str) -> bool:
    """Unix milliseconds (not seconds: those would lie in 1970) or ISO 8601."""
    if value.isascii() and value.isdigit():
        return len(value) >= 12
    try:
        return datetime.fromisoformat(value.replace("Z", "+00:00")).tzinfo is not None
    except ValueError:
        return False


def _is_day(value: str) -> bool:
    try:
        return bool(date.fromisoformat(value))
    except ValueError:
        return False


_CHECKS: dict[str, tuple[Callable[[str], bool], str]] = {
    "number": (lambda value: re.fullmatch(r"-?\d+(\.\d+)?", value) is not None, "INVALID_INTEGER"),
    "datetime": (_is_time, "INVALID_DATE"),
    "date": (_is_day, "INVALID_DATE"),
    "bool": (lambda value: value in ("true", "false"), "INVALID_OPTION"),
    "https": (lambda value: value.startswith("https://"), "INVALID_URL"),
    "email": (lambda value: re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]{2,}", value) is not None, "INVALID_EMAIL"),
}
