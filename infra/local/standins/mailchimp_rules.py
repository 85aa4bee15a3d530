"""What Mailchimp takes of a member: known fields, merge fields by their type, and statuses that only the person can leave.

https://mailchimp.com/developer/marketing/api/list-members/ and …/list-merges/ (read November 2026)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from infra.local.standins.server import Answer, Refused

STATUSES = frozenset({"subscribed", "unsubscribed", "cleaned", "pending", "transactional"})
KNOWN: Mapping[str, type | tuple[type, ...]] = {
    "email_address": str,
    "status": str,
    "status_if_new": str,
    "email_type": str,
    "merge_fields": dict,
    "language": str,
    "vip": bool,
    "tags": list,
}
MERGES: Mapping[str, str] = {
    "FNAME": "text",
    "LNAME": "text",
    "ADDRESS": "address",
    "PHONE": "phone",
    "BIRTHDAY": "birthday",
    "COMPANY": "text",
}
ADDRESS = frozenset({"addr1", "addr2", "city", "state", "zip", "country"})
NEEDED = ("addr1", "city", "state", "zip")
LONGEST = 255
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
Row = dict[str, Any]


def error(status: int, title: str, detail: str, errors: list[Row] | None = None) -> Answer:
    """An error in the documented shape."""
    body = {"type": "https://mailchimp.com/developer/marketing/docs/errors/", "title": title, "status": status}
    more = {"errors": errors} if errors else {}
    return Answer(status, {**body, "detail": detail, "instance": "00000000-0000-0000-0000-000000000000", **more})


def invalid(field: str, message: str) -> Refused:
    """One field is not as it must be."""
    detail = "The resource submitted could not be validated. For field-specific details, see the 'errors' array."
    return Refused(error(400, "Invalid Resource", detail, [{"field": field, "message": message}]))


def checked(given: Any, merges: Mapping[str, str]) -> Row:
    """A member's body as it will be stored; Refused where anything of it is not documented or does not fit."""
    if not isinstance(given, dict):
        raise invalid("", "Schema describes object")
    for name, value in given.items():
        if name not in KNOWN or not isinstance(value, KNOWN[name]):
            raise invalid(name, "This field is unknown, or its type is not the described one")
    for name in ("status", "status_if_new"):
        if name in given and given[name] not in STATUSES:
            raise invalid(name, "The value you selected is not a valid choice.")
    if "email_address" in given and not _EMAIL.fullmatch(given["email_address"].strip()):
        raise invalid("email_address", "Please provide a valid email address.")
    row = {name: value.strip() if isinstance(value, str) else value for name, value in given.items()}
    if "merge_fields" in given:
        row["merge_fields"] = {tag: _merge(tag, value, merges) for tag, value in given["merge_fields"].items()}
    return row


def _merge(tag: str, value: Any, merges: Mapping[str, str]) -> Any:
    if tag not in merges:
        raise invalid(f"merge_fields.{tag}", "Data did not match any of the schemas described in anyOf.")
    fault = _FAULTS.get(merges[tag], _text)(value)
    if fault:
        raise invalid(tag, fault)
    if merges[tag] == "address" and isinstance(value, dict):
        return {**dict.fromkeys(sorted(ADDRESS), ""), "country": "US", **value}
    return value.strip() if isinstance(value, str) else value


def _text(value: Any) -> str:
    if not isinstance(value, (str, int, float)) or isinstance(value, bool):
        return "Data did not match any of the schemas described in anyOf."
    return "" if len(str(value)) <= LONGEST else "Please enter a shorter value"


def _address(value: Any) -> str:
    if value == "":
        return ""
    if not isinstance(value, dict) or set(value) - ADDRESS or not all(isinstance(one, str) for one in value.values()):
        return "Data did not match any of the schemas described in anyOf."
    return "" if all(value.get(part, "").strip() for part in NEEDED) else "Please enter a complete address"


def _birthday(value: Any) -> str:
    return "" if value == "" or re.fullmatch(r"[01][0-9]/[0-3][0-9]", str(value)) else "Please enter a month and day"


def _number(value: Any) -> str:
    return "" if value == "" or re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", str(value)) else "This field must be a number"


_FAULTS: Mapping[str, Callable[[Any], str]] = {"address": _address, "birthday": _birthday, "number": _number}


def must_be_free_to(status: str, row: Row, email: str) -> None:
    """Refused where only the person can come back: they left by themselves, or the address was given up."""
    bound = row["status"] == "cleaned" or (row["status"] == "unsubscribed" and row["left_by_self"])
    if status == "subscribed" and bound:
        detail = f"{email} is in a compliance state due to unsubscribe, bounce, or compliance review"
        raise Refused(error(400, "Member In Compliance State", f"{detail} and cannot be subscribed."))
