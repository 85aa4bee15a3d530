"""Opportunities and cases in our words: what the columns present say, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from connectors.dynamics365.context import Row
from hub.delivery import Connection
from hub.domain.events import RecordRef, currency, money
from hub.times import day

DEAL_STATES = {0: "open", 1: "won", 2: "lost"}
TICKET_STATES = {0: "open", 1: "solved", 2: "closed"}
PEOPLE = frozenset({"contact", "lead"})


def deal_data(row: Row, connection: Connection) -> dict[str, Any]:
    """What a row of `opportunity` says; the currency is the setting's, for the context names none by its code."""
    status = DEAL_STATES.get(_state(row))
    amount = money(row.value("actualvalue")) if status == "won" else None
    amount = amount or money(row.value("estimatedvalue"))
    return present(
        {
            **_common(row, ("parentcontactid", "customerid"), ("parentaccountid", "customerid")),
            "title": row.text("name"),
            "status": status,
            "stage": row.text("stepname") or row.label("salesstage"),
            "amount": amount,
            "currency": currency(connection.settings.get("currency")) if amount else None,
            "close_date": _day(row, "actualclosedate") or _day(row, "estimatedclosedate"),
            "probability": money(row.value("closeprobability")),
        }
    )


def ticket_data(row: Row, _connection: Connection) -> dict[str, Any]:
    """What a row of `incident` says."""
    return present(
        {
            **_common(row, ("primarycontactid", "customerid"), ("customerid",)),
            "title": row.text("title"),
            "status": TICKET_STATES.get(_state(row)),
            "priority": row.label("prioritycode"),
            "channel": row.label("caseorigincode"),
            "description": row.text("description"),
        }
    )


def _common(row: Row, people: Iterable[str], companies: Iterable[str]) -> dict[str, Any]:
    found = [reference for name in companies if (reference := row.reference(name)) and reference.object == "company"]
    return {
        "contacts": contacts(row, people),
        "company": found[0] if found else None,
        "native_status": row.label("statuscode"),
        "owner": row.shown("ownerid"),
        "updated_at": row.time("modifiedon"),
    }


def contacts(row: Row, names: Iterable[str]) -> tuple[RecordRef, ...]:
    """The people that those lookups name, each once."""
    found = [reference for name in names if (reference := row.reference(name)) and reference.object in PEOPLE]
    return tuple(dict.fromkeys(found))


def present(data: Mapping[str, Any]) -> dict[str, Any]:
    """The data without what the row did not say."""
    return {name: value for name, value in data.items() if value is not None and value != ()}


def _state(row: Row) -> int:
    number = row.number("statecode")
    return -1 if number is None else number


def _day(row: Row, name: str) -> str | None:
    # A date alone travels as midnight UTC in a context, and as a date in the API.
    found = row.time(name) or day(row.values.get(name))
    return found[:10] if found else None
