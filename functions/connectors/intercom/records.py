"""Rows of the API -> our words: users and leads are contacts, conversations and tickets tickets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.intercom.notification import record_id
from connectors.intercom.people import flat, map_of
from connectors.intercom.talks import whole
from hub.delivery import Connection
from hub.domain.events import Claim, RecordChangedData, RecordRef, TicketData
from hub.domain.sync import Found, Owner
from hub.parsing import text_at
from hub.rows import identifiers
from hub.times import any_time


def reference(kind: str, found: str, native: str | None = None) -> RecordRef:
    """The record in our words; `native` where the kind does not say it."""
    return RecordRef(object=kind, id=found, native_object=native or kind)


def gone(kind: str, found: str) -> Found:
    """A record that Intercom no longer has."""
    if kind == "ticket":
        return TicketData(record=reference(kind, found), change="deleted")
    return RecordChangedData(record=reference(kind, found), change="deleted")


def found_record(kind: str, row: Mapping[str, Any], connection: Connection, owners: tuple[Owner, ...]) -> Found | None:
    """A row in our words; None where it has no id."""
    found = record_id(row, "id")
    if found is None:
        return None
    return _talk(row, found, connection) if kind == "ticket" else _party(kind, row, found, connection, owners)


def version_of(row: Mapping[str, Any]) -> str | None:
    """When it changed last, as Intercom writes it: the only version there is."""
    updated = row.get("updated_at")
    return str(updated) if isinstance(updated, (int, str)) and updated != "" else None


def _party(
    kind: str, row: Mapping[str, Any], found: str, connection: Connection, owners: tuple[Owner, ...]
) -> RecordChangedData:
    fields = map_of(kind, connection).ours(flat(row), owners=owners)
    at = any_time(row.get("updated_at")) or any_time(row.get("created_at"))
    record = reference(kind, found, text_at(dict(row), "role"))
    return RecordChangedData(
        record=record,
        claims=tuple(Claim(field=name, value=value, at=at, precision="row") for name, value in fields.items() if at),
        identifiers=identifiers(record, connection, phones=[fields.get("phone")], emails=[fields.get("email")]),
        created_at=any_time(row.get("created_at")),
        version=version_of(row),
    )


def _talk(row: Mapping[str, Any], found: str, connection: Connection) -> TicketData:
    native = "ticket" if row.get("type") == "ticket" else "conversation"
    said = {"record": reference("ticket", found, native), "created_at": any_time(row.get("created_at"))}
    return TicketData.model_validate({**said, **whole(row, connection), "version": version_of(row)})
