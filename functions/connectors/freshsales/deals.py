"""Deals in our words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors.freshsales.template import record_id
from hub.delivery import Connection
from hub.domain.events import RecordRef, currency, money
from hub.parsing import text_at
from hub.times import any_time, day

WON, LOST = ("Won",), ("Lost",)
_THOUSANDS = re.compile(r"\A-?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?\Z", re.ASCII)


def deal_data(fields: Mapping[str, Any], connection: Connection) -> dict[str, Any]:
    """What the template's fields say of a deal; the day it was closed replaces the expected one."""
    stage, amount = text_at(fields, "stage"), _amount(fields.get("amount"))
    contact, account = record_id(fields, "contact_id"), record_id(fields, "account_id")
    data = {
        "title": text_at(fields, "name"),
        "contacts": (RecordRef(object="contact", id=contact, native_object="contact"),) if contact else (),
        "company": RecordRef(object="company", id=account, native_object="account") if account else None,
        "status": _status(stage, connection),
        "native_status": stage,
        "stage": stage,
        "pipeline": text_at(fields, "pipeline"),
        "amount": amount,
        "currency": _currency(fields, connection) if amount else None,
        "close_date": day(fields.get("closed_date")) or day(fields.get("expected_close")),
        "probability": money(fields.get("probability")),
        "lost_reason": text_at(fields, "lost_reason"),
        "owner": text_at(fields, "owner"),
        "updated_at": any_time(fields.get("updated_at")),
    }
    return {name: value for name, value in data.items() if value is not None and value != ()}


def _amount(value: Any) -> str | None:
    """Money, also where each three digits are set apart by a comma; other forms could mean two things."""
    return money(value.replace(",", "") if isinstance(value, str) and _THOUSANDS.match(value) else value)


def _currency(fields: Mapping[str, Any], connection: Connection) -> str | None:
    return currency(fields.get("currency")) or currency(connection.settings.get("currency"))


def _status(stage: str | None, connection: Connection) -> str | None:
    if stage is None:
        return None
    won, lost = (connection.settings.get(name) for name in ("won_stages", "lost_stages"))
    if stage in (won if isinstance(won, list) else WON):
        return "won"
    if stage in (lost if isinstance(lost, list) else LOST):
        return "lost"
    # Without the settings a stage that is not Freshsales' own may be a closing one too.
    return "open" if isinstance(won, list) and isinstance(lost, list) else "unknown"
