"""Orders, drafts, checkouts, refunds, payments and fulfillments in our words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.shopify.news import News, Told, record_id
from connectors.shopify.people import customer_of
from hub.domain.events import Event, Party, RecordRef, Unmapped, currency, money
from hub.parsing import dict_at, list_at, text_at
from hub.rows import order_record, person
from hub.times import from_iso

Data = dict[str, Any]
# What an order's money says, where it was not canceled.
PAID = {"refunded": "refunded", "voided": "canceled", "paid": "paid", "partially_refunded": "paid"}
DRAFTS = {"open": "draft", "invoice_sent": "draft", "completed": "completed"}
PAYMENTS = {"success": "paid", "failure": "failed", "error": "failed", "pending": "open"}
MOST_LINES = 100


def order_data(news: Told) -> Data:
    """What an order's row says; `current_…` after edits and refunds is in the raw delivery."""
    row = news.row
    shipping = text_at(row, "total_shipping_price_set", "shop_money", "amount")
    return {
        **sale_data(news),
        "number": text_at(row, "name") or record_id(row, "order_number"),
        "status": _status(row),
        "financial_status": (text_at(row, "financial_status") or "")[:40] or None,
        "fulfillment_status": (text_at(row, "fulfillment_status") or "")[:40] or None,
        "shipping": money(shipping),
        "placed_at": from_iso(row.get("processed_at")) or from_iso(row.get("created_at")),
        "canceled_at": from_iso(row.get("cancelled_at")),
    }


def _status(row: Mapping[str, Any]) -> str:
    paid = PAID.get(text_at(row, "financial_status") or "", "open")
    if from_iso(row.get("cancelled_at")):
        return "canceled"
    if text_at(row, "fulfillment_status") == "fulfilled" and paid in ("paid", "open"):
        return "completed" if paid == "paid" else "fulfilled"
    return paid


def draft_data(news: Told) -> Data:
    """What a draft's row says, and the order it became."""
    order, status = record_id(news.row, "order_id"), text_at(news.row, "status") or ""
    return {
        **sale_data(news),
        "number": text_at(news.row, "name"),
        "status": DRAFTS.get(status, "draft"),
        "native_status": status[:40] or None,
        "related": _order(order),
    }


def checkout_data(news: Told) -> Data:
    """What a checkout's row says; an abandoned one is a draft for good."""
    done = from_iso(news.row.get("completed_at"))
    number = text_at(news.row, "name")
    return {**sale_data(news), "number": number, "status": "completed" if done else "draft"}


def refund_data(news: Told) -> Data:
    """What was paid back: the sum of the refund's transactions that went through, where it is of one currency."""
    found = [one for one in list_at(news.row, "transactions") if text_at(one, "kind") in ("refund", "void")]
    good = [one for one in found if text_at(one, "status") == "success"]
    currencies = {currency(one.get("currency")) for one in good}
    amounts = [money(one.get("amount")) for one in good]
    total = _sum([one for one in amounts if one]) if len(currencies) == 1 and all(amounts) else None
    return {
        "status": "refunded",
        "refunded": total,
        "currency": next(iter(currencies)) if len(currencies) == 1 else None,
        "title": text_at(news.row, "note"),
        "related": _order(record_id(news.row, "order_id")),
    }


def payment_data(news: Told) -> Data:
    """A transaction of an order."""
    status = text_at(news.row, "status") or ""
    return {
        "status": PAYMENTS.get(status),
        "native_status": f"{text_at(news.row, 'kind') or ''} {status}".strip()[:80] or None,
        "total": money(news.row.get("amount")),
        "currency": currency(news.row.get("currency")),
        "related": _order(record_id(news.row, "order_id")),
    }


def fulfillment_data(news: Told) -> Data:
    """What was sent, with the customer's e-mail; the phone of the place it goes to is not the customer's."""
    row, email = news.row, text_at(news.row, "email")
    status = text_at(row, "status") or ""
    return {
        "customer": person(news.connection, None, emails=[email]) if email else None,
        "number": text_at(row, "name"),
        "status": {"success": "fulfilled", "cancelled": "canceled", "failure": "failed"}.get(status, "open"),
        "native_status": status[:40] or None,
        "fulfillment_status": (text_at(row, "shipment_status") or "")[:40] or None,
        "title": " ".join(filter(None, (text_at(row, "tracking_company"), text_at(row, "tracking_number")))) or None,
        "related": _order(record_id(row, "order_id")),
        "lines": _lines(row),
    }


def sale_data(news: Told) -> Data:
    """What orders, drafts and checkouts have in common."""
    row = news.row
    company = record_id(row, "company", "id")
    return {
        "customer": _customer(news),
        "company": RecordRef(object="company", id=company, native_object="company") if company else None,
        "currency": currency(row.get("currency")),
        "total": money(row.get("total_price")),
        "subtotal": money(row.get("subtotal_price")),
        "tax": money(row.get("total_tax")),
        "discount": money(row.get("total_discounts")),
        "tags": tuple(tag for one in (text_at(row, "tags") or "").split(",") if (tag := one.strip())),
        "lines": _lines(row),
    }


def _customer(news: Told) -> Party | None:
    """The customer of the order by their own record; of a guest's, the phone and e-mail that the order is for."""
    known = dict_at(news.row, "customer")
    if record_id(known, "id"):
        return customer_of(news, known)
    phones, emails = [text_at(news.row, "phone")], [text_at(news.row, "email") or text_at(news.row, "contact_email")]
    found = person(news.connection, None, phones=phones, emails=emails)
    return found if found.identifiers else None


def _lines(row: Mapping[str, Any]) -> tuple[Data, ...]:
    return tuple(
        {
            "id": record_id(line, "id"),
            "sku": (text_at(line, "sku") or "")[:100] or None,
            "title": text_at(line, "name") or text_at(line, "title"),
            "quantity": money(line.get("quantity")),
            "price": money(line.get("price")),
        }
        for line in list_at(row, "line_items")[:MOST_LINES]
        if isinstance(line, dict)
    )


def _order(found: str | None) -> tuple[RecordRef, ...]:
    return (RecordRef(object="order", id=found, native_object="order"),) if found else ()


def _sum(amounts: list[str]) -> str | None:
    from decimal import Decimal

    return money(format(sum(map(Decimal, amounts), Decimal(0)), "f")) if amounts else None


@dataclass(frozen=True, slots=True)
class Kind:
    """What a topic is about: the object in our words and in Shopify's, and how its row is read."""

    object: str
    native: str
    read: Callable[[Told], Data]


KINDS: Mapping[str, Kind] = {
    "orders": Kind("order", "order", order_data),
    "draft_orders": Kind("draft_order", "draft_order", draft_data),
    "checkouts": Kind("checkout", "checkout", checkout_data),
    "refunds": Kind("refund", "refund", refund_data),
    "order_transactions": Kind("payment", "transaction", payment_data),
    "fulfillments": Kind("fulfillment", "fulfillment", fulfillment_data),
}


def order_event(news: News) -> Event | Unmapped:
    """The event of an order, draft, checkout, refund, payment or fulfillment."""
    kind = KINDS[news.topic.partition("/")[0]]
    # A checkout that was deleted is named by its token alone.
    found = record_id(news.row, "id") or (record_id(news.row, "token") if kind.object == "checkout" else None)
    if found is None:
        return Unmapped(type=f"unreadable/{news.topic}")
    change = news.change(kind.object, found, kind.native)
    if change.change == "deleted":
        return order_record(news.maker, change, {"event": news.topic})
    updated = from_iso(news.row.get("updated_at"))
    data = {**kind.read(news), "event": news.topic, "updated_at": updated, "version": updated}
    present = {name: value for name, value in data.items() if value is not None and value != ()}
    return order_record(news.maker, change, present)
