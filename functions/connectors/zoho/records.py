"""Rows of the API -> what the hub knows of records, and back; notifications share the map."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from connectors.zoho.business import deal_data, ticket_data
from connectors.zoho.notification import flat
from hub.codecs_words import Owners
from hub.delivery import Connection
from hub.domain.events import Claim, DealData, RecordChangedData, RecordRef, TicketData
from hub.domain.sync import Found
from hub.field_overrides import effective
from hub.fields import FieldMap, load
from hub.parsing import id_at, text_at
from hub.rows import identifiers
from hub.times import any_time

FIELDS: Mapping[str, FieldMap] = load(Path(__file__).with_name("fields.toml"))
MODULES: Mapping[str, str] = {
    "contact": "Contacts",
    "lead": "Leads",
    "company": "Accounts",
    "deal": "Deals",
    "ticket": "Cases",
}
REFERENCE = "renkei_id"
ALWAYS = ("id", "Created_Time", "Modified_Time", "Modified_By")
PHONES = ("Home_Phone", "Other_Phone", "Asst_Phone")
OTHER_EMAILS = ("Secondary_Email",)
# The fields that `business` reads.
DEAL_FIELDS = ("Deal_Name", "Stage", "Pipeline", "Amount", "Currency", "Closing_Date", "Probability",
               "Reason_For_Loss__s", "Owner", "Contact_Name", "Account_Name")  # fmt: skip
CASE_FIELDS = ("Subject", "Description", "Status", "Priority", "Case_Origin", "Owner", "Related_To", "Account_Name",
               "Email", "Phone", "Reported_By")  # fmt: skip
_Business = Callable[[Mapping[str, Any], Connection], dict[str, Any]]
BUSINESS: Mapping[str, tuple[type[DealData] | type[TicketData], _Business, tuple[str, ...]]] = {
    "deal": (DealData, deal_data, DEAL_FIELDS),
    "ticket": (TicketData, ticket_data, CASE_FIELDS),
}


def reference_field(connection: Connection) -> str:
    """The API name of the field with our reference."""
    return str(connection.settings.get("reference_field") or REFERENCE)


def field_map(connection: Connection, kind: str) -> FieldMap:
    """A connection's map of contact, lead or company, with its own lines."""
    return effective(connection, FIELDS[MODULES[kind]])


def properties(connection: Connection, kind: str) -> tuple[str, ...]:
    """The API names to be asked for, at most 50: lookups come whole."""
    if kind in BUSINESS:
        return (*ALWAYS, *BUSINESS[kind][2])
    named = (name.partition(".")[0] for name in field_map(connection, kind).properties)
    more = (*PHONES, *OTHER_EMAILS) if kind == "contact" else OTHER_EMAILS if kind == "lead" else ()
    return tuple(dict.fromkeys((*ALWAYS, *named, *more)))


def reference(kind: str, record_id: str) -> RecordRef:
    """The record in our words."""
    return RecordRef(object=kind, id=record_id, native_object=MODULES[kind])


def gone(kind: str, record_id: str) -> Found:
    """A record that Zoho no longer has."""
    model = BUSINESS[kind][0] if kind in BUSINESS else RecordChangedData
    return model(record=reference(kind, record_id), change="deleted")


def shown(kind: str, row: Mapping[str, Any], connection: Connection) -> Found:
    """The record of a row as it is now; the row's own time is that of all its fields."""
    record = reference(kind, str(row["id"]))
    common = {
        "record": record,
        "created_at": any_time(row.get("Created_Time")),
        "version": text_at(dict(row), "Modified_Time"),
        "actor": _actor(row),
    }
    if kind in BUSINESS:
        model, data, _ = BUSINESS[kind]
        return model.model_validate(data(row, connection) | common)
    fields = field_map(connection, kind).ours(flat(row), owners=owners_in(row))
    at = any_time(row.get("Modified_Time")) or common["created_at"]
    claims = [Claim(field=our, value=value, at=at, precision="row") for our, value in fields.items()] if at else []
    known = identifiers(record, connection, phones=_phones(row, fields), emails=_emails(row, fields))
    return RecordChangedData.model_validate(
        common | {"claims": tuple(claims), "identifiers": known, "ours": _ours(row, connection)}
    )


def owners_in(row: Mapping[str, Any]) -> Owners:
    """The record's owner, whose e-mail address comes along with the id."""
    found, mail = id_at(dict(row), "Owner", "id"), text_at(dict(row), "Owner", "email")
    return {found: mail.lower()} if found and mail else {}


def body(known: FieldMap, fields: Mapping[str, str | None], owners: Owners) -> dict[str, Any]:
    """The fields of a request: lookups as objects with the record's id, null where the lookup is emptied."""
    theirs = known.theirs(fields, owners=owners)
    return dict(_whole(name, value) for name, value in theirs.items())


def _whole(name: str, value: Any) -> tuple[str, Any]:
    base, _, part = name.partition(".")
    return (base, None if value is None else {part: value}) if part else (name, value)


def _phones(row: Mapping[str, Any], fields: Mapping[str, str | None]) -> list[str | None]:
    return [fields.get("phone"), fields.get("mobile"), *(text_at(dict(row), name) for name in PHONES)]


def _emails(row: Mapping[str, Any], fields: Mapping[str, str | None]) -> list[str | None]:
    return [fields.get("email"), *(text_at(dict(row), name) for name in OTHER_EMAILS)]


def _actor(row: Mapping[str, Any]) -> str | None:
    found = id_at(dict(row), "Modified_By", "id")
    return f"user:{found}" if found else None


def _ours(row: Mapping[str, Any], connection: Connection) -> bool | None:
    user, author = connection.settings.get("api_user_id"), id_at(dict(row), "Modified_By", "id")
    return author == str(user) if user and author else None
