"""Dynamics 365 deliveries -> events: one execution context each, by its message."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from connectors.dynamics365.context import Context, Row, entity_row, guid, read_context, rows_of
from connectors.dynamics365.records import CHANGED, gone, known, row_events, touched
from hub.delivery import Connection, Delivery
from hub.domain.events import Event, Mapped, Unmapped
from hub.mapping import EventMaker
from hub.parsing import parse_json

OVERSIZE = "x-ms-dynamics-msg-size-exceeded"
Parts = Iterator[Event | Unmapped]


def map_delivery(delivery: Delivery, connection: Connection) -> Mapped:
    """The events of one context; Quarantine where the body is none or of another organization."""
    context = read_context(EventMaker(delivery, connection), parse_json(delivery.body))
    parts = list(_parts(context))
    return Mapped(
        events=tuple(part for part in parts if isinstance(part, Event)),
        unmapped=tuple(part for part in parts if isinstance(part, Unmapped)),
    )


def _parts(context: Context) -> Parts:
    handle = MESSAGES.get(context.message)
    if handle is None:
        yield Unmapped(type=f"{context.table}/{context.message}")
        return
    yield from handle(context)


def _written(context: Context) -> Parts:
    """Create and Update: what the target holds; only the id where the message was too large for it."""
    target = context.parameter("Target")
    if target is None or not target.values or OVERSIZE in context.maker.delivery.headers:
        yield touched(context, context.primary, CHANGED[context.message])
        return
    yield from row_events(context, target if target.id else replace(target, id=context.id))


def _written_many(context: Context) -> Parts:
    """CreateMultiple and UpdateMultiple: each row for itself; one that is named twice is one row, the later one first."""
    rows = rows_of(context.parameters.get("Targets"))
    unique: dict[tuple[str, str], Row] = {}
    for row in rows:
        if row and row.id:
            unique[row.table, row.id] = row.over(unique.get((row.table, row.id)))
    for row in (*unique.values(), *(row for row in rows if row and not row.id)):
        yield from row_events(context, row)
    if not rows or None in rows:
        yield Unmapped(type=f"unreadable/{context.table}/{context.message}")


def _deleted(context: Context) -> Parts:
    target = context.parameter("Target")
    yield gone(context, target if target and target.id else context.primary)


def _associated(context: Context) -> Parts:
    """Each of the two or more records that we have words for."""
    related = rows_of(context.parameters.get("RelatedEntities"))
    rows = [row for row in (context.parameter("Target"), *related) if row and known(row) and row.id]
    unique = {(row.table, row.id): row for row in rows}
    if not unique:
        yield Unmapped(type=f"{context.table}/{context.message}")
    for row in unique.values():
        yield touched(context, row, "associated")


def _merged(context: Context) -> Parts:
    """The survivor is touched, the other one is reported as deleted."""
    target, other = context.parameter("Target"), guid(context.parameters.get("SubordinateId"))
    survivor = target if target and target.id else context.primary
    yield touched(context, survivor, "merged", merged_ids=[other] if other else [])
    if other and known(survivor):
        yield gone(context, Row(survivor.table, other))


def _state_set(context: Context) -> Parts:
    """SetState: the old message by which a record's state and status changed."""
    target = context.parameter("EntityMoniker") or context.primary
    columns = {"statecode": context.parameters.get("State"), "statuscode": context.parameters.get("Status")}
    present = {name: value for name, value in columns.items() if isinstance(value, dict)}
    yield from row_events(context, Row(target.table, target.id or context.id, present))


def _assigned(context: Context) -> Parts:
    target = context.parameter("Target")
    yield touched(context, target if target and target.id else context.primary, "changed", fields=["ownerid"])


def _closed(activity: str, lookup: str, table: str, state: int) -> Callable[[Context], Parts]:
    """Win, Lose and Close: the closing activity names the record; its state is implied by the message."""

    def handle(context: Context) -> Parts:
        closing = entity_row(context.parameters.get(activity), "")
        named = closing.reference(lookup) if closing else None
        implied = {"statecode": {"Value": state}, "statuscode": context.parameters.get("Status")}
        columns = {name: value for name, value in implied.items() if isinstance(value, dict)}
        yield from row_events(context, Row(table, named.id if named else context.id, columns))

    return handle


def _qualified(context: Context) -> Parts:
    lead = context.parameter("LeadId")
    yield touched(context, lead if lead and lead.id else context.primary, "changed", fields=["statecode"])


MESSAGES: Mapping[str, Callable[[Context], Parts]] = {
    "Create": _written,
    "Update": _written,
    "CreateMultiple": _written_many,
    "UpdateMultiple": _written_many,
    "Delete": _deleted,
    "Associate": _associated,
    "Disassociate": _associated,
    "Merge": _merged,
    "SetState": _state_set,
    "SetStateDynamicEntity": _state_set,
    "Assign": _assigned,
    "Win": _closed("OpportunityClose", "opportunityid", "opportunity", 1),
    "Lose": _closed("OpportunityClose", "opportunityid", "opportunity", 2),
    "Close": _closed("IncidentResolution", "incidentid", "incident", 1),
    "QualifyLead": _qualified,
}
