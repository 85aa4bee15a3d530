"""Zendesk's fields as the account has them, and the agents who can own tickets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.zendesk.api import Api
from connectors.zendesk.filing import STAFF
from connectors.zendesk.news import record_id
from connectors.zendesk.records import CUSTOM
from hub.domain.sync import NativeField, Owner
from hub.parsing import list_at, text_at

TYPES = {
    "checkbox": "boolean",
    "date": "date",
    "decimal": "decimal",
    "integer": "integer",
    "dropdown": "picklist",
    "multiselect": "list",
    "lookup": "reference",
    "tagger": "picklist",
}
STANDARD: Mapping[str, tuple[NativeField, ...]] = {
    "contact": (
        NativeField(name="name", label="Name", required=True),
        NativeField(name="email", label="Primary email", type="email", unique=True),
        NativeField(name="phone", label="Phone", type="phone"),
        NativeField(name="alias", label="Alias"),
        NativeField(name="details", label="Details"),
        NativeField(name="notes", label="Notes"),
        NativeField(name="locale", label="Language"),
        NativeField(name="time_zone", label="Time zone"),
        NativeField(name="organization_id", label="Organization", type="reference"),
        NativeField(name="tags", label="Tags", type="list"),
        NativeField(name="external_id", label="External id", unique=True),
    ),
    "company": (
        NativeField(name="name", label="Name", required=True, unique=True),
        NativeField(name="domain_names", label="Domains", type="list"),
        NativeField(name="details", label="Details"),
        NativeField(name="notes", label="Notes"),
        NativeField(name="tags", label="Tags", type="list"),
        NativeField(name="external_id", label="External id", unique=True),
    ),
    "ticket": (
        NativeField(name="subject", label="Subject"),
        NativeField(name="description", label="Description", writable=False),
        NativeField(name="status", label="Status", type="picklist"),
        NativeField(name="priority", label="Priority", type="picklist"),
        NativeField(name="requester_id", label="Requester", type="reference", required=True),
        NativeField(name="assignee_id", label="Assignee", type="reference"),
        NativeField(name="tags", label="Tags", type="list"),
    ),
}
SYSTEM = frozenset({"subject", "description", "status", "priority", "group", "assignee", "custom_status", "tickettype"})


def describe(api: Api, kind: str) -> list[NativeField]:
    """The fields that every account has, and the account's own, which are written as `<object>.<key>`."""
    own = _ticket_fields(api) if kind == "ticket" else _own_fields(api, CUSTOM[kind])
    return [*STANDARD[kind], *own]


def owners(api: Api) -> list[Owner]:
    """The agents and administrators."""
    rows = [row for role in STAFF for row in api.all("/users", "users", ("role", role))]
    shown = ((record_id(row, "id"), row) for row in rows)
    return [Owner(id=found, email=text_at(row, "email"), name=text_at(row, "name")) for found, row in shown if found]


def _own_fields(api: Api, group: str) -> Iterator[NativeField]:
    for row in api.all(f"/{group}", group):
        key = text_at(row, "key")
        if key and row.get("active") is not False:
            yield _field(row, f"{group}.{key}")


def _ticket_fields(api: Api) -> Iterator[NativeField]:
    for row in api.all("/ticket_fields", "ticket_fields"):
        found = record_id(row, "id")
        if found and row.get("active") is not False and row.get("type") not in SYSTEM:
            yield _field(row, f"custom_fields.{found}")


def _field(row: Mapping[str, Any], name: str) -> NativeField:
    options = ((text_at(one, "value"), text_at(one, "name")) for one in list_at(dict(row), "custom_field_options"))
    return NativeField(
        name=name,
        label=text_at(row, "title") or name,
        type=TYPES.get(text_at(row, "type") or "", "text"),
        required=row.get("required") is True,
        custom=True,
        options=tuple((value, label or value) for value, label in options if value),
    )
