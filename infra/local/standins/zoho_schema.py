"""Zoho CRM's modules: which fields there are, of which type, what is required, and the codes for what is wrong.

https://www.zoho.com/crm/developer/docs/api/v8/modules-fields (read November 2026); the published description of
version 8 for the shapes of errors and results.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from infra.local.standins.server import Answer, Refused

Row = dict[str, Any]
PEOPLE = {
    "First_Name": "text:40", "Last_Name": "text:80", "Email": "email", "Secondary_Email": "email", "Phone": "phone",
    "Mobile": "phone", "Email_Opt_Out": "boolean", "Owner": "ownerlookup", "Description": "textarea",
}  # fmt: skip
ACTIVITY = {"Subject": "text:255", "Owner": "ownerlookup", "Description": "textarea", "Who_Id": "lookup:Contacts"}
FIELDS: Mapping[str, Mapping[str, str]] = {
    "Contacts": {
        **PEOPLE, "Title": "text:100", "Account_Name": "lookup:Accounts", "Home_Phone": "phone", "Other_Phone": "phone",
        "Asst_Phone": "phone", "Mailing_Street": "text:250", "Mailing_City": "text:100", "Mailing_State": "text:100",
        "Mailing_Zip": "text:30", "Mailing_Country": "text:100",
    },
    "Leads": {
        **PEOPLE, "Designation": "text:100", "Company": "text:200", "Website": "website", "Lead_Status": "text:120",
        "Street": "text:250", "City": "text:100", "State": "text:100", "Zip_Code": "text:30", "Country": "text:100",
    },
    "Accounts": {
        "Account_Name": "text:200", "Phone": "phone", "Website": "website", "Owner": "ownerlookup",
        "Billing_Street": "text:250", "Billing_City": "text:100", "Billing_State": "text:100",
        "Billing_Code": "text:30", "Billing_Country": "text:100", "Industry": "text:120", "Employees": "integer",
    },
    "Deals": {
        "Deal_Name": "text:120", "Stage": "text:120", "Pipeline": "text:120", "Amount": "double", "Currency": "text:3",
        "Closing_Date": "date", "Probability": "integer", "Owner": "ownerlookup", "Reason_For_Loss__s": "text:120",
        "Contact_Name": "lookup:Contacts", "Account_Name": "lookup:Accounts",
    },
    "Cases": {
        "Subject": "text:255", "Description": "textarea", "Status": "text:120", "Priority": "text:120",
        "Case_Origin": "text:120", "Owner": "ownerlookup", "Related_To": "lookup:Contacts", "Email": "email",
        "Phone": "phone", "Reported_By": "text:120", "Account_Name": "lookup:Accounts",
    },
    "Calls": {
        **ACTIVITY, "Call_Type": "picklist:Inbound,Outbound,Missed", "Call_Start_Time": "datetime",
        "Call_Duration": "clock", "Call_Result": "text:120",
    },
    "Tasks": {
        **ACTIVITY, "Due_Date": "date", "Status": "picklist:Not Started,In Progress,Completed,Deferred",
        "Priority": "picklist:Low,Normal,High,Lowest,Highest",
    },
    "Notes": {"Note_Title": "text:120", "Note_Content": "textarea", "Parent_Id": "parent"},
}  # fmt: skip
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "Contacts": ("Last_Name",),
    "Leads": ("Last_Name",),
    "Accounts": ("Account_Name",),
    "Deals": ("Deal_Name", "Stage"),
    "Cases": ("Subject", "Status"),
    "Calls": ("Subject", "Call_Type", "Call_Start_Time", "Call_Duration"),
    "Tasks": ("Subject",),
    "Notes": ("Note_Content", "Parent_Id"),
}
SYSTEM = ("id", "Created_Time", "Modified_Time", "Created_By", "Modified_By")
LONGEST_AREA = 32_000
_CLOCK = re.compile(r"\d{2,5}:[0-5]\d")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"[0-9+(). /-]{1,30}")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,49}")


def error(status: int, code: str, message: str, **details: Any) -> Answer:
    """A refusal of the whole request."""
    return Answer(status, {"code": code, "details": details, "message": message, "status": "error"})


def refuse(status: int, code: str, message: str, **details: Any) -> Refused:
    """The same, to be raised."""
    return Refused(error(status, code, message, **details))


def wrong(code: str, message: str, **details: Any) -> Row:
    """The result of one record that was refused."""
    return {"code": code, "details": details, "message": message, "status": "error"}


@dataclass(slots=True)
class Schema:
    """The fields of an organization; `create` adds a custom one. `insisted` are fields that its layouts require."""

    custom: dict[str, dict[str, Row]] = field(default_factory=dict)
    insisted: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def known(self, module: str) -> dict[str, str]:
        """Every field that a request may set, with its type."""
        if module not in FIELDS:
            raise refuse(400, "INVALID_MODULE", "the module name given seems to be invalid", resource_path_index=0)
        own = {name: f"text:{one['length']}" for name, one in self.custom.get(module, {}).items()}
        return {**FIELDS[module], **own}

    def unique(self, module: str) -> list[str]:
        """The custom fields that two records may not share a value of."""
        return [name for name, one in self.custom.get(module, {}).items() if one.get("unique")]

    def fault(self, module: str, row: Row, *, creating: bool) -> Row | None:
        """What is wrong with a record of a request, None where all fits; unknown fields are passed over, as in Zoho."""
        for name in (*REQUIRED[module], *self.insisted.get(module, ())):
            if (creating and row.get(name) in (None, "")) or (name in row and row[name] in (None, "")):
                return wrong("MANDATORY_NOT_FOUND", "required field not found", api_name=name)
        for name, kind in self.known(module).items():
            if row.get(name) is not None and not _fits(kind, row[name]):
                expected = kind.partition(":")[0]
                return wrong("INVALID_DATA", "invalid data", api_name=name, expected_data_type=expected)
        return None

    def create(self, module: str, body: Any) -> Answer:
        """A custom field, its API name made of the label."""
        self.known(module)
        (wanted,) = body["fields"]
        label = wanted.get("field_label")
        if not label or wanted.get("data_type") != "text" or not isinstance(wanted.get("length"), int):
            return error(400, "MANDATORY_NOT_FOUND", "required field not found", api_name="field_label")
        name = re.sub(r"\W+", "_", label)
        if name in self.known(module) or not _NAME.fullmatch(name):
            return error(400, "DUPLICATE_DATA", "duplicate data", api_name="field_label")
        self.custom.setdefault(module, {})[name] = dict(wanted)
        made = {"code": "SUCCESS", "details": {"id": "1"}, "message": "field created", "status": "success"}
        return Answer(201, {"fields": [made]})

    def show(self, module: str) -> Answer:
        """Every field of a module."""
        own = [_shown(module, name, kind) for name, kind in FIELDS[module].items()]
        made = [
            _shown(module, name, "text:1") | {"custom_field": True, "unique": one.get("unique") or {}}
            for name, one in self.custom.get(module, {}).items()
        ]
        system = [_shown(module, name, "datetime") | {"read_only": True} for name in SYSTEM]
        return Answer(200, {"fields": [*own, *made, *system]})


def _shown(module: str, name: str, kind: str) -> Row:
    data_type, _, words = kind.partition(":")
    listed = words.split(",") if data_type == "picklist" else []
    return {
        "api_name": name,
        "field_label": name.replace("_", " "),
        "display_label": name.replace("_", " "),
        "data_type": data_type,
        "read_only": False,
        "field_read_only": False,
        "custom_field": False,
        "system_mandatory": name in REQUIRED[module],
        "unique": {},
        "pick_list_values": [{"actual_value": word, "display_value": word} for word in listed],
    }


def _fits(kind: str, value: Any) -> bool:
    name, _, more = kind.partition(":")
    if name in ("lookup", "ownerlookup", "parent"):
        return isinstance(value, dict) and str(value.get("id", "")).isdigit()
    if name in _PLAIN:
        wanted = _PLAIN[name]
        return isinstance(value, wanted) and (name == "boolean" or not isinstance(value, bool))
    if not isinstance(value, str):
        return False
    limit = int(more) if name == "text" else LONGEST_AREA
    return len(value) <= limit and _written(name, more, value)


_PLAIN: Mapping[str, Any] = {"boolean": bool, "integer": int, "double": (int, float)}


def _written(name: str, more: str, value: str) -> bool:
    patterns = {"email": _MAIL, "phone": _PHONE, "clock": _CLOCK}
    if name in patterns:
        return patterns[name].fullmatch(value) is not None
    if name == "picklist":
        return value in more.split(",")
    return name not in ("date", "datetime") or _time(value, whole=name == "datetime")


def _time(value: str, *, whole: bool) -> bool:
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        return False
    return parsed.tzinfo is not None if whole else len(value) == 10
