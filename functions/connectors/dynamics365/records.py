"""Rows of the tables we have words for -> events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from connectors.dynamics365.activities import activity_data
from connectors.dynamics365.business import deal_data, ticket_data
from connectors.dynamics365.context import ACTIVITIES, OBJECTS, Context, Row, guid, native_of, record_of
from hub.delivery import Connection
from hub.domain.events import Event, Unmapped
from hub.field_overrides import effective
from hub.fields import FieldMap, load
from hub.rows import (
    PEOPLE,
    Change,
    Changed,
    activity,
    business_record,
    changed_record,
    deleted_record,
    plain_fields,
    touched_record,
)

FIELDS: Mapping[str, FieldMap] = load(Path(__file__).with_name("fields.toml"))
CHANGED: Mapping[str, Changed] = {
    "Create": "created",
    "CreateMultiple": "created",
    "Update": "changed",
    "UpdateMultiple": "changed",
}
BUSINESS = {"opportunity": deal_data, "incident": ticket_data}
IDENTIFYING = frozenset({"email", "phone", "mobile"})
# Columns that every change touches.
NOISE = frozenset({"modifiedon", "modifiedby", "modifiedonbehalfby", "versionnumber", "createdon", "createdby"})


def map_of(table: str, connection: Connection) -> FieldMap:
    """The field map of that table, with the connection's own lines."""
    return effective(connection, FIELDS[table])


def known(row: Row) -> bool:
    """Whether we have words for the table."""
    return row.table in OBJECTS or row.table in ACTIVITIES


def row_events(context: Context, row: Row) -> Iterator[Event | Unmapped]:
    """The events of a row with columns, by the context's message; unknown tables and rows without id are set aside."""
    image = context.image() if row.id == context.id and row.table == context.table else None
    change = _change(context, row, CHANGED.get(context.message, "changed"))
    if change is None:
        yield set_aside(context, row)
    elif row.table in BUSINESS:
        data = BUSINESS[row.table](row.over(image), context.maker.connection)
        yield business_record(context.maker, change, {**data, "changed": tuple(names(row))})
    elif row.table in ACTIVITIES:
        yield activity(context.maker, change, activity_data(row.over(image), context.maker.connection))
    else:
        yield from _party(context, change, row, image)


def _party(context: Context, change: Change, row: Row, image: Row | None) -> Iterator[Event]:
    """A person or company; where only what changed came along, it must be read to learn who that is."""
    field_map = map_of(row.table, context.maker.connection)
    named = field_map.ours(plain(row))
    if change.change == "created":
        named = {name: value for name, value in named.items() if value is not None}
    shown = field_map.ours(plain(image)) if image else {}
    yield changed_record(context.maker, change, {**shown, **named}, frozenset(named))
    # Asynchronous steps have an image of their own, with the primary name alone.
    if change.change == "changed" and change.record.object in PEOPLE and not IDENTIFYING & shown.keys():
        yield touched_record(context.maker, change, fields=names(row), carried=True)


def plain(row: Row) -> dict[str, Any]:
    """The row's columns as the field map wants them: texts cut to 2,000 characters, numbers, truths and nulls."""
    fields = row.fields()
    return {**plain_fields(fields), **{name: value for name, value in fields.items() if isinstance(value, bool)}}


def touched(
    context: Context, row: Row, what: str, *, fields: Iterable[str] = (), merged_ids: Iterable[str] = ()
) -> Event | Unmapped:
    """`record.touched` for a row that must be read."""
    change = _change(context, row, "changed")
    if change is None:
        return set_aside(context, row)
    return touched_record(context.maker, change, what=what, fields=fields, merged_ids=merged_ids)


def gone(context: Context, row: Row) -> Event | Unmapped:
    """The row was deleted."""
    change = _change(context, row, "deleted")
    if change is None:
        return set_aside(context, row)
    if row.table in ACTIVITIES:
        return activity(context.maker, change, {"kind": ACTIVITIES[row.table]})
    return deleted_record(context.maker, change)


def set_aside(context: Context, row: Row) -> Unmapped:
    """An unknown table, by its name; or a known one whose row has no id."""
    named = f"{row.table}/{context.message}"
    return Unmapped(type=f"unreadable/{named}" if known(row) else named, native=dict(row.values))


def names(row: Row) -> list[str]:
    """The columns that came along and say something."""
    return [name for name in row.values if name not in NOISE and name != f"{row.table}id"]


def _change(context: Context, row: Row, change: Changed) -> Change | None:
    record = record_of(row) if known(row) else None
    if record is None:
        return None
    user = context.body.get("InitiatingUserId")
    return Change(
        record=record,
        change=change,
        at=row.time("modifiedon") or context.at,
        key=_key(context, row),
        created_at=row.time("createdon"),
        actor=f"user:{user}" if isinstance(user, str) and len(user) == 36 else None,
        ours=_is_ours(context, user),
        native=native_of(context),
    )


def _is_ours(context: Context, user: object) -> bool | None:
    """Whether our application user made it: a hint, for what plug-ins write upon our write is said to be by it too."""
    our_user = guid(context.maker.connection.settings.get("application_user"))
    return our_user == guid(user) if our_user and guid(user) else None


def _key(context: Context, row: Row) -> tuple[Any, ...]:
    operation = (context.body.get(name) for name in ("OperationId", "CorrelationId", "RequestId", "OperationCreatedOn"))
    return (*operation, context.message, row.table, row.id)
