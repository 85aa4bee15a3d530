"""Rows of the API -> what the hub knows of records, and back; webhooks share the map."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from connectors.pipedrive import slots
from connectors.pipedrive.business import deal_data
from connectors.pipedrive.people import flat, others
from hub.delivery import Connection
from hub.domain.events import Claim, DealData, RecordChangedData, RecordRef
from hub.domain.sync import Found, Owner
from hub.field_overrides import effective
from hub.fields import FieldMap, full_name, load
from hub.parsing import dict_at
from hub.rows import identifiers
from hub.times import any_time

FIELDS: Mapping[str, FieldMap] = load(Path(__file__).with_name("fields.toml"))
# ours -> (Pipedrive's word, the path of its API)
NATIVE: Mapping[str, str] = {"contact": "person", "company": "organization", "deal": "deal"}
PATHS: Mapping[str, str] = {"contact": "/api/v2/persons", "company": "/api/v2/organizations", "deal": "/api/v2/deals"}
NUMBERS = frozenset({"org_id", "owner_id"})
_CUSTOM = re.compile(r"\A[0-9a-f]{40}\Z")


def field_map(connection: Connection, kind: str) -> FieldMap:
    """A connection's map of contact or company, with its own lines."""
    return effective(connection, FIELDS[NATIVE[kind]])


def reference(kind: str, record_id: str) -> RecordRef:
    """The record in our words."""
    return RecordRef(object=kind, id=record_id, native_object=NATIVE[kind])


def gone(kind: str, record_id: str) -> Found:
    """A record that Pipedrive no longer has, or has marked as deleted."""
    data = DealData if kind == "deal" else RecordChangedData
    return data(record=reference(kind, record_id), change="deleted")


def shown(kind: str, row: Mapping[str, Any], connection: Connection, owners: Sequence[Owner]) -> Found:
    """The record of a row of version 2, as it is now; the row's own time is that of all its fields."""
    record_id = str(row["id"])
    if row.get("is_deleted") is True:
        return gone(kind, record_id)
    created = any_time(row.get("add_time"))
    if kind == "deal":
        common = {"record": reference(kind, record_id), "created_at": created, "version": version(row)}
        return DealData.model_validate(deal_data(row) | common)
    emails, phones = others(row)
    at = any_time(row.get("update_time")) or created
    fields = field_map(connection, kind).ours(flat(row), owners=owners)
    return RecordChangedData(
        record=reference(kind, record_id),
        claims=tuple(Claim(field=our, value=fields[our], at=at, precision="row") for our in fields) if at else (),
        identifiers=identifiers(reference(kind, record_id), connection, phones=phones, emails=emails),
        version=version(row),
        created_at=created,
    )


def version(row: Mapping[str, Any]) -> str | None:
    """When the row was changed last, to the second; when it was added, where it never was."""
    found = row.get("update_time") or row.get("add_time")
    return found if isinstance(found, str) else None


def body(
    known: FieldMap, fields: Mapping[str, str | None], row: Mapping[str, Any], owners: Sequence[Owner]
) -> dict[str, Any]:
    """The request that changes these fields of ours on the row ({}: a new one): strict types, whole lists."""
    theirs: dict[str, Any] = dict(known.theirs(fields, owners=owners))
    plain = {name: _typed(name, theirs[name]) for name in theirs if name not in slots.SLOTS and not _CUSTOM.match(name)}
    custom = {name: theirs[name] for name in theirs if _CUSTOM.match(name)}
    return plain | slots.written(theirs, row) | ({"custom_fields": custom} if custom else {})


def new_name(known: FieldMap, fields: Mapping[str, str | None]) -> str:
    """The name without which Pipedrive takes no record; a placeholder where there is none, never read back."""
    whole = full_name(fields.get("first_name"), fields.get("last_name"))
    return fields.get("name") or whole or known.placeholder


def custom_field(row: Mapping[str, Any], code: str) -> Any:
    """A custom field's value; webhooks hold it as an object with its type."""
    value = dict_at(dict(row), "custom_fields").get(code)
    return value.get("value") if isinstance(value, dict) else value


def _typed(name: str, value: Any) -> Any:
    # Version 2 takes no text for a number.
    return int(value) if name in NUMBERS and isinstance(value, str) else value
