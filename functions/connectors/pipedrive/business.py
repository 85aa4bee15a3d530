"""Deals and leads in our words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.pipedrive.notification import record_id
from hub.domain.events import RecordRef, currency, money
from hub.parsing import at, text_at
from hub.times import any_time, day

STATUSES = {"open": "open", "won": "won", "lost": "lost"}


def deal_data(row: Mapping[str, Any]) -> dict[str, Any]:
    """What a deal's row says; stage and pipeline are ids, Pipedrive sends no names."""
    closed = day(text_at(row, "won_time")) or day(text_at(row, "lost_time")) or day(text_at(row, "close_time"))
    return present(
        {
            **_common(row, record_id(row, "org_id")),
            "status": STATUSES.get(text_at(row, "status") or ""),
            "native_status": text_at(row, "status"),
            "stage": record_id(row, "stage_id"),
            "pipeline": record_id(row, "pipeline_id"),
            "amount": money(row.get("value")),
            "currency": currency(row.get("currency")),
            "close_date": closed or day(text_at(row, "expected_close_date")),
            "probability": money(row.get("probability")),
            "lost_reason": text_at(row, "lost_reason"),
        }
    )


def lead_data(row: Mapping[str, Any]) -> dict[str, Any]:
    """What a lead's row says; an archived lead is neither won nor lost."""
    archived = row.get("is_archived") is True
    return present(
        {
            **_common(row, record_id(row, "organization_id")),
            "status": None if archived else "open",
            "native_status": "archived" if archived else None,
            "amount": money(at(row, "value", "amount")),
            "currency": currency(at(row, "value", "currency")),
            "close_date": day(text_at(row, "expected_close_date")),
        }
    )


def _common(row: Mapping[str, Any], organization: str | None) -> dict[str, Any]:
    return {
        **whom(row, organization),
        "title": text_at(row, "title"),
        "owner": text_at(row, "owner_name") or record_id(row, "owner_id") or record_id(row, "user_id"),
        "updated_at": any_time(row.get("update_time")),
    }


def whom(row: Mapping[str, Any], organization: str | None) -> dict[str, Any]:
    """The person and the organization of a record."""
    person = record_id(row, "person_id")
    return {
        "contacts": (RecordRef(object="contact", id=person, native_object="person"),) if person else (),
        "company": (
            RecordRef(object="company", id=organization, native_object="organization") if organization else None
        ),
    }


def present(data: Mapping[str, Any]) -> dict[str, Any]:
    """The data without what the row did not say."""
    return {name: value for name, value in data.items() if value is not None and value != ()}
