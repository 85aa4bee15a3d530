"""A notification read: a module, an operation, the records, and what is said of each.

https://www.zoho.com/crm/developer/docs/api/v7/notifications/enable.html (read November 2026)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.domain.events import RecordRef
from hub.errors import Quarantine
from hub.mapping import EventMaker
from hub.parsing import at, dict_at, id_at, list_at, text_at, texts
from hub.rows import Change, Changed
from hub.times import any_time

OPERATIONS: Mapping[str, Changed] = {"insert": "created", "update": "changed", "delete": "deleted"}
OBJECTS = {
    "Contacts": "contact",
    "Leads": "lead",
    "Accounts": "company",
    "Deals": "deal",
    "Cases": "ticket",
    "Calls": "activity",
    "Tasks": "activity",
    "Events": "activity",
    "Meetings": "activity",
    "Notes": "activity",
}
MOST_RECORDS = 1000
ONLY_TRUE = frozenset({"Email_Opt_Out"})  # false is what everybody starts with, and says nothing
_WORD = re.compile(r"\A[A-Za-z]\w{0,79}\Z", re.ASCII)
_ID = re.compile(r"\A[0-9]{1,25}\Z", re.ASCII)


def number(value: Any, *path: str) -> str | None:
    """A record's id there (digits, as text or number), or None."""
    found = id_at(value, *path)
    return found if found and _ID.match(found) else None


@dataclass(frozen=True, slots=True)
class Notification:
    """One operation on one or more records of a module; `values` and `fields` by record id, where Zoho sends them."""

    maker: EventMaker
    module: str
    operation: str
    at: str | None
    server_time: str
    ids: tuple[str | None, ...]
    values: Mapping[str, Mapping[str, Any]]
    fields: Mapping[str, tuple[str, ...]]

    @property
    def word(self) -> str:
        """Zoho's own name of what happened."""
        return f"{self.module}/{self.operation}"

    def change(self, record_id: str) -> Change:
        """What happened to one of the records; who did it is not said."""
        values = self.values.get(record_id, {})
        return Change(
            record=RecordRef(object=OBJECTS[self.module], id=record_id, native_object=self.module),
            change=OPERATIONS[self.operation],
            at=self.at or any_time(values.get("Modified_Time")),
            key=(self.module, self.operation, self.server_time, record_id),
            created_at=any_time(values.get("Created_Time")),
            native={"operation": self.operation},
        )


def read_notification(maker: EventMaker, body: Any) -> Notification:
    """The notification in a body; Quarantine where it is none, or of a channel that is not the connection's."""
    module, operation = text_at(body, "module"), text_at(body, "operation")
    if not isinstance(body, dict) or module is None or operation is None:
        raise Quarantine("not a notification: module or operation is missing")
    _refuse_foreign(maker, id_at(body, "channel_id"))
    if len(list_at(body, "ids")) > MOST_RECORDS:
        raise Quarantine(f"more than {MOST_RECORDS} records in one notification")
    values = {
        key: dict_at(one, "values") for one in list_at(body, "affected_values") if (key := number(one, "record_id"))
    }
    named = [number(one) for one in list_at(body, "ids")]
    return Notification(
        maker,
        _word(module),
        _word(operation),
        any_time(body.get("server_time")),
        id_at(body, "server_time") or "",
        tuple(dict.fromkeys([*named, *values])),
        values,
        _fields(body.get("affected_fields")),
    )


def _refuse_foreign(maker: EventMaker, channel: str | None) -> None:
    expected = maker.connection.settings.get("channel_ids")
    allowed = {str(one) for one in expected} if isinstance(expected, list) else {str(expected)} if expected else set()
    if allowed and channel not in allowed:
        raise Quarantine("the notification is from another channel")


def _fields(listed: Any) -> dict[str, tuple[str, ...]]:
    """`affected_fields` is a list of objects, each from a record's id to its changed fields."""
    found: dict[str, tuple[str, ...]] = {}
    for one in list_at(listed) or [listed]:
        for key, names in dict_at(one).items():
            if number(key) and isinstance(names, list):
                found[key] = texts(names)
    return found


def _word(text: str) -> str:
    return text if _WORD.match(text) else "unknown"


def lookup_id(values: Mapping[str, Any], name: str) -> str | None:
    """The record that a lookup names, given as an object or as its id alone."""
    return number(values, name, "id") or number(values, name)


def lookup_name(values: Mapping[str, Any], name: str) -> str | None:
    """A lookup as people see it, else its id."""
    return text_at(values, name, "name") or lookup_id(values, name)


def flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with what is inside each lookup beside them (`Account_Name.name`, `Account_Name.id`)."""
    inside = {
        f"{name}.{part}": found
        for name, value in values.items()
        for part, found in (("name", at(value, "name")), ("id", id_at(value, "id")))
        if value is None or found is not None
    }
    said = {name: value for name, value in values.items() if name not in ONLY_TRUE or value is True}
    return {**said, **inside}
