"""Phone calls, tasks, appointments, e-mails and notes in our words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors.dynamics365.business import PEOPLE, present
from connectors.dynamics365.context import ACTIVITIES, Row, record_of, reference_row, rows_of
from hub.delivery import Connection
from hub.domain.events import Party, RecordRef
from hub.phones import phone_identifier

# statecode of every activity: 0 open, 1 completed, 2 canceled, 3 scheduled.
STATES = {0: "open", 1: "done", 2: "canceled", 3: "open"}
MOST_MINUTES = 60 * 24 * 366
PARTIES = ("from", "to", "requiredattendees", "customers")


def activity_data(row: Row, connection: Connection) -> dict[str, Any]:
    """What an activity's row says; the other side's number is the customer's, whichever way the call went."""
    about = row.reference("regardingobjectid") or row.reference("objectid")
    meeting = row.table == "appointment"
    number = row.number("statecode")
    return present(
        {
            "kind": ACTIVITIES[row.table],
            "customer": _customer(row, connection),
            "contacts": tuple(dict.fromkeys(_contacts(row, about))),
            "company": about if about and about.object == "company" else None,
            "regarding": (about,) if about and about.object not in (*PEOPLE, "company") else (),
            "direction": _direction(row),
            "title": row.text("subject"),
            "text": row.text("description") or row.text("notetext"),
            "status": None if number is None else STATES.get(number, "unknown"),
            "native_status": row.label("statuscode"),
            "due_at": None if meeting else row.time("scheduledend"),
            "started_at": row.time("actualstart") or (row.time("scheduledstart") if meeting else None),
            "ended_at": row.time("actualend") or (row.time("scheduledend") if meeting else None),
            "duration_s": _duration_s(row),
            "owner": row.shown("ownerid"),
        }
    )


def _customer(row: Row, connection: Connection) -> Party | None:
    raw = row.text("phonenumber") if row.table == "phonecall" else None
    found = phone_identifier(raw, connection.default_region) if raw else None
    if found:
        return Party(identifiers=(found,))
    return Party(raw_phone=raw[:64]) if raw else None


def _contacts(row: Row, about: RecordRef | None) -> Iterator[RecordRef]:
    """The people among the activity's parties, whom it is about first."""
    if about and about.object in PEOPLE:
        yield about
    for name in PARTIES:
        for party in rows_of(row.values.get(name)):
            named = reference_row(party.values.get("partyid")) if party else None
            record = record_of(named) if named else None
            if record and record.object in PEOPLE:
                yield record


def _direction(row: Row) -> str | None:
    outgoing = row.value("directioncode")
    return {True: "outbound", False: "inbound"}[outgoing] if isinstance(outgoing, bool) else None


def _duration_s(row: Row) -> int | None:
    """Minutes on the platform's side; the scheduled duration is a plan and no duration."""
    minutes = row.number("actualdurationminutes")
    return minutes * 60 if minutes is not None and 0 <= minutes <= MOST_MINUTES else None
