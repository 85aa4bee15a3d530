"""Opportunities, cases, tasks and events out of change events: what the values present say, and nothing else.

https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/ (read November 2026)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from connectors.salesforce.changes import CHANGES, OURS, Change, changed_fields
from connectors.salesforce.ids import canonical
from hub import rows
from hub.delivery import Connection
from hub.domain.events import Event, RecordRef, Unmapped, currency, money
from hub.mapping import EventMaker
from hub.parsing import bool_at, int_at, text_at
from hub.times import any_time, day

OBJECTS: Mapping[str, str] = {"Opportunity": "deal", "Case": "ticket", "Task": "activity", "Event": "activity"}
# The first three characters of an id say what it is of.
PREFIXES: Mapping[str, str] = {"001": "company", "003": "contact", "00Q": "lead", "006": "deal", "500": "ticket"}
NATIVE: Mapping[str, str] = {
    "company": "Account",
    "contact": "Contact",
    "lead": "Lead",
    "deal": "Opportunity",
    "ticket": "Case",
}
PEOPLE = frozenset({"contact", "lead"})
# Salesforce's own words; each company may rename them and add others, hence the settings of the stages.
WON, LOST = ("Closed Won",), ("Closed Lost",)
TICKETS: Mapping[str, str] = {
    "New": "new",
    "Working": "open",
    "Escalated": "open",
    "On Hold": "on_hold",
    "Closed": "closed",
}
TASKS: Mapping[str, str] = {"Completed": "done", "Deferred": "canceled"}
DIRECTIONS: Mapping[str, str] = {"Inbound": "inbound", "Outbound": "outbound", "Internal": "internal"}


def events(maker: EventMaker, change: Change, record_id: str) -> Iterator[Event | Unmapped]:
    """What a change says of one record; a task that the hub itself logged says nothing new."""
    record = RecordRef(object=OBJECTS[change.entity], id=record_id, native_object=change.entity)
    if change.kind.startswith("GAP_"):
        yield rows.touched_record(maker, _row(change, record), what="gap", fields=changed_fields(change.header))
    elif change.kind not in CHANGES:
        yield Unmapped(type=f"{change.entity}/{change.kind}"[:80], native=change.native)
    elif record.object == "activity":
        yield from _activity(maker, change, record)
    elif change.kind == "DELETE":
        yield rows.deleted_record(maker, _row(change, record))
    else:
        data = READERS[change.entity](change.body, maker.connection)
        yield rows.business_record(maker, _row(change, record), present({**data, "changed": _changed(change)}))


def _row(change: Change, record: RecordRef) -> rows.Change:
    return rows.Change(
        record,
        CHANGES.get(change.kind, "changed"),  # type: ignore[arg-type]
        change.at,
        change.key(record.id),
        created_at=change.at if change.kind == "CREATE" else None,
        actor=change.actor,
        native=change.native,
    )


def _changed(change: Change) -> tuple[str, ...]:
    return tuple(changed_fields(change.header))[: rows.MAX_NAMES] if change.kind == "UPDATE" else ()


def _activity(maker: EventMaker, change: Change, record: RecordRef) -> Iterator[Event]:
    if change.actor == OURS:
        return
    kind = "task" if change.entity == "Task" else "meeting"
    data = {} if change.kind == "DELETE" else READERS[change.entity](change.body, maker.connection)
    yield rows.activity(maker, _row(change, record), present({"kind": kind, **data}))


def _opportunity(body: Mapping[str, Any], connection: Connection) -> dict[str, Any]:
    return {
        **_related(body),
        "title": text_at(body, "Name"),
        "status": _deal_status(body, connection),
        "native_status": text_at(body, "StageName"),
        "stage": text_at(body, "StageName"),
        "amount": money(body.get("Amount")),
        "currency": currency(body.get("CurrencyIsoCode")),
        "close_date": day(body.get("CloseDate")) or (any_time(body.get("CloseDate")) or "")[:10] or None,
        "probability": money(body.get("Probability")),
        "owner": text_at(body, "OwnerId"),
    }


def _deal_status(body: Mapping[str, Any], connection: Connection) -> str | None:
    """`IsWon` and `IsClosed` where they come along, else the stage by Salesforce's names or the settings'."""
    if bool_at(body, "IsWon"):
        return "won"
    if (closed := bool_at(body, "IsClosed")) is not None:
        return "lost" if closed else "open"
    stage = text_at(body, "StageName")
    if stage is None:
        return None
    won, lost = (connection.settings.get(name) for name in ("won_stages", "lost_stages"))
    if stage in (won if isinstance(won, list) else WON):
        return "won"
    if stage in (lost if isinstance(lost, list) else LOST):
        return "lost"
    return "open" if isinstance(won, list) and isinstance(lost, list) else "unknown"


def _case(body: Mapping[str, Any], connection: Connection) -> dict[str, Any]:
    """The person who reported it is the contact; where there is none, whoever filled in the web form."""
    status = text_at(body, "Status")
    who = rows.person(
        connection,
        None,
        phones=[text_at(body, "SuppliedPhone")],
        emails=[text_at(body, "SuppliedEmail")],
        name=text_at(body, "SuppliedName"),
    )
    closed = "closed" if bool_at(body, "IsClosed") else None
    return {
        **_related(body),
        "customer": who if who.identifiers and not body.get("ContactId") else None,
        "title": text_at(body, "Subject"),
        "description": text_at(body, "Description"),
        "status": closed or (TICKETS.get(status, "unknown") if status else None),
        "native_status": status,
        "priority": text_at(body, "Priority"),
        "channel": text_at(body, "Origin"),
        "owner": text_at(body, "OwnerId"),
    }


def _task(body: Mapping[str, Any], _connection: Connection) -> dict[str, Any]:
    """A logged call is a task too; its kind is not repeated when it changes, so it stays one."""
    status = text_at(body, "Status")
    return {
        **_related(body),
        "title": text_at(body, "Subject"),
        "text": text_at(body, "Description"),
        "status": TASKS.get(status, "open") if status else None,
        "native_status": status,
        "action": text_at(body, "TaskSubtype"),
        "direction": DIRECTIONS.get(text_at(body, "CallType") or ""),
        "duration_s": int_at(body, "CallDurationInSeconds"),
        "due_at": _due(body),
        "owner": text_at(body, "OwnerId"),
    }


def _meeting(body: Mapping[str, Any], _connection: Connection) -> dict[str, Any]:
    minutes = int_at(body, "DurationInMinutes")
    return {
        **_related(body),
        "title": text_at(body, "Subject"),
        "text": text_at(body, "Description"),
        "started_at": any_time(body.get("StartDateTime")) or any_time(body.get("ActivityDateTime")),
        "ended_at": any_time(body.get("EndDateTime")),
        "duration_s": None if minutes is None else minutes * 60,
        "owner": text_at(body, "OwnerId"),
    }


def _due(body: Mapping[str, Any]) -> str | None:
    """A task is due on a day, not at a time."""
    found = day(body.get("ActivityDate"))
    return f"{found}T00:00:00.000Z" if found else any_time(body.get("ActivityDate"))


def _related(body: Mapping[str, Any]) -> dict[str, Any]:
    found = [ref for name in ("ContactId", "WhoId", "WhatId", "AccountId") if (ref := _record(body.get(name)))]
    said = {
        "contacts": tuple(ref for ref in found if ref.object in PEOPLE),
        "company": next((ref for ref in found if ref.object == "company"), None),
    }
    regarding = tuple(ref for ref in found if ref.object in ("deal", "ticket"))
    return said | ({"regarding": regarding} if regarding and "WhatId" in body else {})


def _record(value: Any) -> RecordRef | None:
    record_id = canonical(value) if isinstance(value, str) else None
    kind = PREFIXES.get(record_id[:3]) if record_id else None
    return RecordRef(object=kind, id=record_id, native_object=NATIVE[kind]) if kind and record_id else None


def present(data: Mapping[str, Any]) -> dict[str, Any]:
    """The data without what the values did not say."""
    return {name: value for name, value in data.items() if value is not None and value != ()}


READERS: Mapping[str, Callable[[Mapping[str, Any], Connection], dict[str, Any]]] = {
    "Opportunity": _opportunity,
    "Case": _case,
    "Task": _task,
    "Event": _meeting,
}
