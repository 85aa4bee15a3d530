"""Pipedrive's fields per object: which requests may set, of which strict type, and the errors for wrong ones.

https://pipedrive.readme.io/docs/pipedrive-api-v2-migration-guide and the request models of version 2 (read November 2026)
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from infra.local.standins.server import Answer, Refused

Row = dict[str, Any]
LONGEST_NAME = 255
LISTS = {"emails": ("value", "primary", "label"), "phones": ("value", "primary", "label")}
_TIME = re.compile(r"\d{2}:\d{2}(:\d{2})?")
_CODE = re.compile(r"[0-9a-f]{40}")


def error(status: int, message: str, code: str = "ERR_BAD_REQUEST") -> Answer:
    """An error of version 2."""
    return Answer(status, {"success": False, "error": message, "code": code, "additional_data": None})


def refuse(message: str, status: int = 400, code: str = "ERR_BAD_REQUEST") -> Refused:
    """The same, to be raised."""
    return Refused(error(status, message, code))


def _text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 65_536


def _number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _decimal(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _truth(value: Any) -> bool:
    return isinstance(value, bool)


def _moment(value: Any) -> bool:
    return isinstance(value, str) and "T" in value and _parses(value)


def _day(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 10 and _parses(value)


def _clock(value: Any) -> bool:
    return isinstance(value, str) and _TIME.fullmatch(value) is not None


def _parses(value: str) -> bool:
    try:
        datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        return False
    return True


def _entries(value: Any) -> bool:
    """A list of values with a label, at most one of them primary."""
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        return False
    known = all(set(one) <= {"value", "primary", "label"} and _text(one.get("value")) for one in value)
    typed = all(_truth(one.get("primary", False)) and _text(one.get("label", "")) for one in value)
    return known and typed and sum(one.get("primary", False) for one in value) <= 1


def _participants(value: Any) -> bool:
    rows = value if isinstance(value, list) else [None]
    return all(isinstance(one, dict) and _number(one.get("person_id")) and _truth(one.get("primary")) for one in rows)


def _numbers(value: Any) -> bool:
    return isinstance(value, list) and all(map(_number, value))


def _address(value: Any) -> bool:
    return isinstance(value, dict) and all(_text(one) or one is None for one in value.values())


Check = Callable[[Any], bool]
_COMMON: dict[str, Check] = {
    "owner_id": _number, "add_time": _moment, "update_time": _moment, "visible_to": _number, "label_ids": _numbers,
}  # fmt: skip
FIELDS: Mapping[str, Mapping[str, Check]] = {
    "person": {**_COMMON, "name": _text, "org_id": _number, "emails": _entries, "phones": _entries},
    "organization": {**_COMMON, "name": _text, "address": _address},
    "deal": {
        **_COMMON, "title": _text, "person_id": _number, "org_id": _number, "pipeline_id": _number, "stage_id": _number,
        "value": _decimal, "currency": _text, "status": _text, "expected_close_date": _day, "probability": _number,
        "lost_reason": _text,
    },
    "activity": {
        "subject": _text, "type": _text, "owner_id": _number, "deal_id": _number, "lead_id": _text, "org_id": _number,
        "due_date": _day, "due_time": _clock, "duration": _clock, "busy": _truth, "done": _truth,
        "participants": _participants, "public_description": _text, "priority": _number, "note": _text,
    },
}  # fmt: skip
# What only people and Pipedrive itself set.
READ_ONLY: Mapping[str, frozenset[str]] = {
    "person": frozenset({"id", "first_name", "last_name", "is_deleted", "job_title", "website"}),
    "organization": frozenset({"id", "is_deleted", "website"}),
    "deal": frozenset({"id", "is_deleted", "won_time", "lost_time"}),
    "activity": frozenset({"id", "person_id", "is_deleted", "marked_as_done_time"}),
}
REQUIRED = {"person": "name", "organization": "name", "deal": "title", "activity": "subject"}
OPTIONAL_NULL = frozenset({"owner_id"})  # not to be cleared


@dataclass(slots=True)
class Schema:
    """The custom fields of a company, each with a code of 40 characters that nobody chose."""

    custom: dict[str, dict[str, Row]] = field(default_factory=dict)

    def check(self, kind: str, given: Any, *, creating: bool) -> Row:
        """The values of a request; Refused with 400 for the first that is unknown, read-only or of a wrong type."""
        if not isinstance(given, dict):
            raise refuse("Validation failed: an object was expected")
        if creating and not given.get(REQUIRED[kind]):
            raise refuse(f"Validation failed: '{REQUIRED[kind]}' is required")
        for name, value in given.items():
            self._check_one(kind, name, value)
        return dict(given)

    def create(self, kind: str, wanted: Any) -> Answer:
        """A custom field; two of the same name are two fields."""
        missing = [name for name in ("field_name", "field_type") if not wanted.get(name)]
        if missing or wanted["field_type"] not in _TYPES:
            return error(400, f"Validation failed: '{(missing or ['field_type'])[0]}' is not valid")
        number = sum(map(len, self.custom.values()))
        code = hashlib.sha256(f"{kind} {number} {wanted['field_name']}".encode()).hexdigest()[:40]
        made = {"field_code": code, "options": None, "is_custom_field": True, "is_optional_response_field": False}
        self.custom.setdefault(kind, {})[code] = made | wanted
        return Answer(201, {"success": True, "data": self.custom[kind][code]})

    def show(self, kind: str) -> list[Row]:
        """Every field of a kind, Pipedrive's own first."""
        own = [*FIELDS[kind], *sorted(READ_ONLY[kind])]
        common = {"options": None, "is_custom_field": False, "is_optional_response_field": False}
        rows = [{"field_name": name, "field_code": name, "field_type": _type(name), **common} for name in own]
        return [*rows, *self.custom.get(kind, {}).values()]

    def _check_one(self, kind: str, name: str, value: Any) -> None:
        if name == "custom_fields":
            self._check_custom(kind, value)
        elif name in READ_ONLY[kind]:
            raise refuse(f"'{name}' is a read-only field.")
        elif name not in FIELDS[kind]:
            raise refuse(f"Validation failed: '{name}' is not allowed")
        elif value is None and name not in LISTS and name not in OPTIONAL_NULL and name != REQUIRED[kind]:
            return
        elif not FIELDS[kind][name](value) or (name == REQUIRED[kind] and not 0 < len(value) <= LONGEST_NAME):
            raise refuse(f"Validation failed: '{name}' has a wrong type or value")

    def _check_custom(self, kind: str, given: Any) -> None:
        for code, value in (given if isinstance(given, dict) else {"": None}).items():
            if not _CODE.fullmatch(code) or code not in self.custom.get(kind, {}):
                raise refuse(f"Validation failed: custom field '{code}' does not exist")
            if value is not None and not isinstance(value, str):
                raise refuse(f"Validation failed: '{code}' has a wrong type or value")


_TYPES = frozenset({"varchar", "varchar_auto", "text", "double", "monetary", "date", "enum", "set", "phone", "user"})


def _type(name: str) -> str:
    return {"owner_id": "user", "org_id": "org", "phones": "phone", "value": "monetary"}.get(name, "varchar")
