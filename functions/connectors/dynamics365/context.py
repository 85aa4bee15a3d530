"""A RemoteExecutionContext read: the message, the rows it names and the values in them.

https://learn.microsoft.com/en-us/power-apps/developer/data-platform/use-webhooks (read November 2026)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from hub.domain.events import RecordRef, instant
from hub.errors import Quarantine
from hub.mapping import EventMaker
from hub.parsing import at, list_at, text_at
from hub.times import from_iso

# Our words for the tables we have words for; `activity` is said by its kind.
OBJECTS = {"contact": "contact", "lead": "lead", "account": "company", "opportunity": "deal", "incident": "ticket"}
ACTIVITIES = {"phonecall": "call", "task": "task", "appointment": "meeting", "email": "email", "annotation": "note"}
MOST_ROWS = 1000
NATIVE = ("MessageName", "CorrelationId", "OperationId", "Depth", "Mode", "Stage", "UserId")
_GUID = re.compile(r"\A[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z", re.ASCII)
_NOBODY = "00000000-0000-0000-0000-000000000000"
_DATE = re.compile(r"\A/Date\((-?[0-9]{1,15})(?:([+-])([0-9]{2})([0-9]{2}))?\)/\Z", re.ASCII)
_NAME = re.compile(r"\A[A-Za-z_]\w{0,79}\Z", re.ASCII)


def guid(value: object) -> str | None:
    """A record's id in lower case; None for what is none, and for the all-zero one."""
    found = value.lower() if isinstance(value, str) and _GUID.match(value) else None
    return None if found == _NOBODY else found


def word(value: object) -> str | None:
    """A table's or message's name, or None."""
    return value if isinstance(value, str) and _NAME.match(value) else None


def moment(value: object) -> str | None:
    """`/Date(ms)/`, or an ISO time, in our form.

    Where an offset follows, the number is the server's wall clock and not UTC: in Microsoft's own example
    OperationCreatedOn with -0700 is seven hours and a second ahead of the modifiedon that it follows.
    """
    found = _DATE.match(value) if isinstance(value, str) else None
    if not found:
        return from_iso(value)
    offset = timedelta(hours=int(found[3] or 0), minutes=int(found[4] or 0)) // timedelta(milliseconds=1)
    try:
        return instant(int(found[1]) + (-offset if found[2] == "-" else offset))
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Row:
    """A row, or a reference to one: its table, its id, and the columns that came along."""

    table: str
    id: str | None
    values: Mapping[str, Any] = field(default_factory=dict)
    labels: Mapping[str, Any] = field(default_factory=dict)

    def value(self, name: str) -> Any:
        """The column, a choice or an amount without its wrapper."""
        found = self.values.get(name)
        return found.get("Value") if isinstance(found, dict) and "Value" in found else found

    def text(self, name: str) -> str | None:
        """The text in that column, or None."""
        return text_at(self.values, name)

    def time(self, name: str) -> str | None:
        """The moment in that column, or None."""
        return moment(self.values.get(name))

    def number(self, name: str) -> int | None:
        """A whole number or a choice's number there, or None."""
        found = self.value(name)
        return found if isinstance(found, int) and not isinstance(found, bool) else None

    def label(self, name: str) -> str | None:
        """A choice as people see it, else its number as text."""
        number = self.number(name)
        return text_at(self.labels, name) or (None if number is None else str(number))

    def shown(self, name: str) -> str | None:
        """Whom a lookup names: its name, else its id."""
        return text_at(self.values, name, "Name") or guid(at(self.values, name, "Id"))

    def reference(self, name: str) -> RecordRef | None:
        """The record that a lookup names, or None."""
        row = reference_row(self.values.get(name))
        return record_of(row) if row else None

    def fields(self) -> dict[str, Any]:
        """Columns as plain values: choices by label, lookups by name; what has neither is left out.

        The owner is an id; an account that `parentcustomerid` names is told by its id too.
        """
        plain = {name: self._plain(name, value) for name, value in self.values.items()}
        known = {name: value for name, value in plain.items() if value is not None or self.values[name] is None}
        return known | self._ids()

    def _ids(self) -> dict[str, str | None]:
        owner = {"ownerid": guid(at(self.values, "ownerid", "Id"))} if "ownerid" in self.values else {}
        if "parentcustomerid" not in self.values:
            return owner
        named = self.reference("parentcustomerid")
        return {**owner, "parentcustomerid_account": named.id if named and named.object == "company" else None}

    def _plain(self, name: str, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return self.label(name) if "Value" in value else text_at(value, "Name")

    def over(self, image: Row | None) -> Row:
        """This row with the image's columns where it has none itself."""
        if image is None:
            return self
        return Row(self.table, self.id, {**image.values, **self.values}, {**image.labels, **self.labels})


@dataclass(frozen=True, slots=True)
class Context:
    """One execution of one message: `table` and `id` are the primary record's, `parameters` its input by name."""

    maker: EventMaker
    body: Mapping[str, Any]
    message: str
    table: str
    id: str | None
    parameters: Mapping[str, Any]

    @property
    def at(self) -> str | None:
        """When the operation was made."""
        return moment(self.body.get("OperationCreatedOn"))

    @property
    def primary(self) -> Row:
        """The primary record without columns."""
        return Row(self.table, self.id)

    def parameter(self, name: str) -> Row | None:
        """The row or reference that is that input, or None."""
        return entity_row(self.parameters.get(name), self.table)

    def image(self) -> Row | None:
        """The columns of all images taken after the operation, or None where none was registered."""
        rows = [row for pair in list_at(self.body, "PostEntityImages") if (row := entity_row(at(pair, "value"), ""))]
        values = {name: value for row in rows for name, value in row.values.items()}
        labels = {name: value for row in rows for name, value in row.labels.items()}
        return Row(self.table, self.id, values, labels) if values else None


def read_context(maker: EventMaker, body: Any) -> Context:
    """The context in a body; Quarantine where it is none, or of another organization."""
    message, table = word(at(body, "MessageName")), word(at(body, "PrimaryEntityName"))
    if not isinstance(body, dict) or message is None or table is None:
        raise Quarantine("not an execution context: MessageName or PrimaryEntityName is missing")
    expected = maker.connection.settings.get("organization_id")
    if expected and str(expected).strip("{}").lower() != guid(body.get("OrganizationId")):
        raise Quarantine("the context is from another organization")
    parameters = dict(pairs(body.get("InputParameters")))
    return Context(maker, body, message, table.lower(), guid(body.get("PrimaryEntityId")), parameters)


def pairs(listed: Any) -> Iterator[tuple[str, Any]]:
    """The key and value of each well-formed element of a list of pairs."""
    for pair in list_at(listed):
        if key := word(at(pair, "key")):
            yield key, at(pair, "value")


def entity_row(value: Any, table: str) -> Row | None:
    """An Entity or EntityReference as a row; `table` where it does not name its own; None for what is neither."""
    if not isinstance(value, dict):
        return None
    values, labels = dict(pairs(value.get("Attributes"))), dict(pairs(value.get("FormattedValues")))
    named = (word(value.get("LogicalName")) or table).lower()
    found = guid(value.get("Id")) or guid(values.get(f"{named}id")) or guid(values.get("activityid"))
    return Row(named, found, values, labels) if named else None


def reference_row(value: Any) -> Row | None:
    """A lookup's row, without columns; None where it names no record."""
    row = entity_row(value, "") if isinstance(value, dict) and "LogicalName" in value else None
    return row if row and row.id else None


def rows_of(collection: Any) -> list[Row | None]:
    """The rows of an EntityCollection or a plain list, None in place of each that cannot be read."""
    listed = collection if isinstance(collection, list) else list_at(collection, "Entities")
    if len(listed) > MOST_ROWS:
        raise Quarantine(f"more than {MOST_ROWS} rows in one message")
    return [entity_row(one, "") for one in listed]


def record_of(row: Row) -> RecordRef | None:
    """The record in our words; activities are `activity`, unknown tables keep their own name."""
    if row.id is None:
        return None
    named = OBJECTS.get(row.table) or ("activity" if row.table in ACTIVITIES else row.table)
    return RecordRef(object=named, id=row.id, native_object=row.table)


def native_of(context: Context) -> dict[str, Any]:
    """The context's own facts."""
    known = {name: context.body.get(name) for name in NATIVE}
    return {name: value for name, value in known.items() if isinstance(value, (str, int)) and len(str(value)) <= 100}
