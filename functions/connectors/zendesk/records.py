"""Rows of the API -> our words: end users are contacts, organizations companies, tickets tickets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.zendesk.news import record_id
from connectors.zendesk.people import OUR_SIDE, map_of
from connectors.zendesk.tickets import LOGGED, present, ticket_data
from hub.delivery import Connection
from hub.domain.events import Claim, RecordChangedData, RecordRef, TicketData
from hub.domain.sync import Found
from hub.parsing import dict_at, list_at, text_at
from hub.rows import identifiers, plain_fields
from hub.times import from_iso

NATIVE = {"contact": "user", "company": "organization", "ticket": "ticket"}
LISTS = {"contact": "users", "company": "organizations", "ticket": "tickets"}
NAMELESS = "-"
CUSTOM = {"contact": "user_fields", "company": "organization_fields"}


def reference(kind: str, found: str) -> RecordRef:
    """The record in our words."""
    return RecordRef(object=kind, id=found, native_object=NATIVE[kind])


def gone(kind: str, found: str) -> Found:
    """A record that Zendesk no longer has, or that is no customer."""
    if kind == "ticket":
        return TicketData(record=reference(kind, found), change="deleted")
    return RecordChangedData(record=reference(kind, found), change="deleted")


def is_gone(kind: str, row: Mapping[str, Any]) -> bool:
    """Deleted: a user by `active`, an organization by `deleted_at`, a ticket by its status. Agents are no contacts."""
    if kind == "contact":
        return row.get("active") is False or (text_at(row, "role") or "") in OUR_SIDE
    return bool(row.get("deleted_at")) or row.get("status") == "deleted"


def is_log(row: Mapping[str, Any]) -> bool:
    """Whether the ticket is what we filed there ourselves: a note, a call or a message."""
    return (text_at(row, "external_id") or "").startswith(LOGGED)


def found_record(kind: str, row: Mapping[str, Any], connection: Connection) -> Found | None:
    """A row in our words; None where it has no id."""
    found = record_id(row, "id")
    if found is None:
        return None
    if is_gone(kind, row):
        return gone(kind, found)
    return _ticket(row, found) if kind == "ticket" else _party(kind, row, found, connection)


def flat(kind: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """The row's plain values and its tags, the first domain as `domain`, own fields as `user_fields.<key>`."""
    own = {f"{CUSTOM[kind]}.{name}": value for name, value in dict_at(row, CUSTOM[kind]).items()}
    odd = {name: value for name, value in own.items() if isinstance(value, (bool, list))}
    shown: dict[str, Any] = {**plain_fields({**row, **own}), **odd}
    shown["tags"] = list_at(row, "tags")
    if kind == "company":
        shown["domain"] = next((one for one in list_at(row, "domain_names") if isinstance(one, str)), None)
    elif shown.get("name") in (shown.get("email"), shown.get("phone"), NAMELESS):
        shown["name"] = None  # what stands in where nobody knows a name
    return shown


def _party(kind: str, row: Mapping[str, Any], found: str, connection: Connection) -> RecordChangedData:
    fields = map_of(NATIVE[kind], connection).ours(flat(kind, row))
    at = from_iso(row.get("updated_at")) or from_iso(row.get("created_at"))
    record = reference(kind, found)
    return RecordChangedData(
        record=record,
        claims=tuple(Claim(field=name, value=value, at=at, precision="row") for name, value in fields.items() if at),
        identifiers=identifiers(record, connection, phones=[text_at(row, "phone")], emails=[text_at(row, "email")]),
        created_at=from_iso(row.get("created_at")),
        version=text_at(row, "updated_at"),
    )


def _ticket(row: Mapping[str, Any], found: str) -> TicketData:
    said = {"record": reference("ticket", found), "created_at": from_iso(row.get("created_at"))}
    return TicketData.model_validate(present({**said, **ticket_data(row), "version": text_at(row, "updated_at")}))
