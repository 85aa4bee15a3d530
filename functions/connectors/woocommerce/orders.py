"""Orders in our words."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from hub.delivery import Connection
from hub.domain.events import Party, RecordRef, currency, money
from hub.fields import full_name
from hub.parsing import dict_at, list_at, text_at
from hub.rows import person
from hub.times import from_iso

# WooCommerce's own statuses; plugins add others.
STATUSES = {
    "pending": "open",
    "on-hold": "open",
    "processing": "paid",
    "completed": "completed",
    "cancelled": "canceled",
    "trash": "canceled",
    "refunded": "refunded",
    "failed": "failed",
    "checkout-draft": "draft",
    "auto-draft": "draft",
}
MOST_LINES = 100


def order_data(row: Mapping[str, Any], customer_id: str | None, connection: Connection) -> dict[str, Any]:
    """What an order's row says; times without a zone are UTC, for only the `_gmt` ones are read."""
    status = text_at(row, "status") or ""
    updated = from_iso(row.get("date_modified_gmt"))
    data = {
        "customer": _customer(row, customer_id, connection),
        "number": text_at(row, "number"),
        "status": STATUSES.get(status),
        "native_status": status[:40] or None,
        "currency": currency(row.get("currency")),
        "total": money(row.get("total")),
        "tax": money(row.get("total_tax")),
        "shipping": money(row.get("shipping_total")),
        "discount": money(row.get("discount_total")),
        "refunded": _refunded(row),
        "placed_at": from_iso(row.get("date_created_gmt")),
        "updated_at": updated,
        # Times are whole seconds: what happens twice in one differs in its status.
        "version": f"{updated}/{status}"[:100] if updated else None,
        "lines": _lines(row),
    }
    return {name: value for name, value in data.items() if value is not None and value != ()}


def _customer(row: Mapping[str, Any], customer_id: str | None, connection: Connection) -> Party | None:
    """The account that ordered; of a guest (customer 0) who is billed. Who has an account may have others billed."""
    if customer_id:
        contact = RecordRef(object="contact", id=customer_id, native_object="customer")
        return person(connection, contact)
    billing = dict_at(row, "billing")
    found = person(
        connection,
        None,
        phones=[text_at(billing, "phone")],
        emails=[text_at(billing, "email")],
        name=full_name(text_at(billing, "first_name"), text_at(billing, "last_name")),
    )
    return found if found.identifiers else None


def _refunded(row: Mapping[str, Any]) -> str | None:
    """The sum of the refunds, which are negative amounts."""
    amounts = [money(one.get("total")) for one in list_at(row, "refunds") if isinstance(one, dict)]
    known = [Decimal(amount) for amount in amounts if amount]
    return money(format(abs(sum(known, Decimal(0))), "f")) if known else None


def _lines(row: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
    return tuple(
        {
            "id": text_at(line, "id") or _number(line.get("id")),
            "sku": (text_at(line, "sku") or "")[:100] or None,
            "title": text_at(line, "name"),
            "quantity": money(line.get("quantity")),
            "price": money(line.get("price")),
            "total": money(line.get("total")),
        }
        for line in list_at(row, "line_items")[:MOST_LINES]
        if isinstance(line, dict)
    )


def _number(value: Any) -> str | None:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None
