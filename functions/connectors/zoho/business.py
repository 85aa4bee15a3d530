"""Deals and cases in our words: what the values present say, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.zoho.notification import lookup_id, lookup_name
from hub.delivery import Connection
from hub.domain.events import Party, RecordRef, currency, money
from hub.emails import email_identifier
from hub.parsing import text_at
from hub.phones import phone_identifier
from hub.times import any_time, day

# Zoho's own stages; each company may rename them and add others, hence the settings.
WON, LOST = ("Closed Won",), ("Closed Lost", "Closed Lost to Competition", "Closed-Lost to Competition")
TICKET_STATUSES = {"New": "new", "On Hold": "on_hold", "Escalated": "open", "Closed": "closed"}


def deal_data(values: Mapping[str, Any], connection: Connection) -> dict[str, Any]:
    """What the values of a deal say."""
    amount = money(values.get("Amount"))
    return present(
        {
            "contacts": people(values, "Contact_Name"),
            "company": company(values, "Account_Name"),
            "title": text_at(values, "Deal_Name"),
            "status": _deal_status(text_at(values, "Stage"), connection),
            "native_status": text_at(values, "Stage"),
            "stage": text_at(values, "Stage"),
            "pipeline": text_at(values, "Pipeline") or text_at(values, "Pipeline", "name"),
            "amount": amount,
            "currency": _currency(values, connection) if amount else None,
            "close_date": day(text_at(values, "Closing_Date")),
            "probability": money(values.get("Probability")),
            "lost_reason": text_at(values, "Reason_For_Loss__s"),
            "owner": lookup_name(values, "Owner"),
            "updated_at": any_time(values.get("Modified_Time")),
        }
    )


def ticket_data(values: Mapping[str, Any], connection: Connection) -> dict[str, Any]:
    """What the values of a case say; its e-mail and phone are those of the person who reported it."""
    status = text_at(values, "Status")
    return present(
        {
            "customer": _reporter(values, connection),
            "contacts": people(values, "Related_To"),
            "company": company(values, "Account_Name"),
            "title": text_at(values, "Subject"),
            "description": text_at(values, "Description"),
            "status": TICKET_STATUSES.get(status, "unknown") if status else None,
            "native_status": status,
            "priority": text_at(values, "Priority"),
            "channel": text_at(values, "Case_Origin"),
            "owner": lookup_name(values, "Owner"),
            "updated_at": any_time(values.get("Modified_Time")),
        }
    )


def people(values: Mapping[str, Any], name: str) -> tuple[RecordRef, ...]:
    """The contact that a lookup names."""
    found = lookup_id(values, name)
    return (RecordRef(object="contact", id=found, native_object="Contacts"),) if found else ()


def company(values: Mapping[str, Any], name: str) -> RecordRef | None:
    """The account that a lookup names, or None."""
    found = lookup_id(values, name)
    return RecordRef(object="company", id=found, native_object="Accounts") if found else None


def present(data: Mapping[str, Any]) -> dict[str, Any]:
    """The data without what the values did not say."""
    return {name: value for name, value in data.items() if value is not None and value != ()}


def _deal_status(stage: str | None, connection: Connection) -> str | None:
    if stage is None:
        return None
    won, lost = (connection.settings.get(name) for name in ("won_stages", "lost_stages"))
    if stage in (won if isinstance(won, list) else WON):
        return "won"
    if stage in (lost if isinstance(lost, list) else LOST):
        return "lost"
    # Without the settings a stage that is not Zoho's own may be a closing one too.
    return "open" if isinstance(won, list) and isinstance(lost, list) else "unknown"


def _currency(values: Mapping[str, Any], connection: Connection) -> str | None:
    return currency(values.get("Currency")) or currency(connection.settings.get("currency"))


def _reporter(values: Mapping[str, Any], connection: Connection) -> Party | None:
    mail = email_identifier(text_at(values, "Email"))
    phone = phone_identifier(text_at(values, "Phone"), connection.default_region)
    found = tuple(one for one in (phone, mail) if one)
    name = text_at(values, "Reported_By")
    return Party(identifiers=found, name=name[:200] if name else None) if found else None
