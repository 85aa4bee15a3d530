"""Invoices, subscriptions, payments, refunds, disputes and checkouts in our words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.stripe.news import News, record_id
from hub.delivery import Connection
from hub.domain.events import Party, RecordRef, currency, money, money_from_minor
from hub.parsing import at, bool_at, dict_at, list_at, text_at
from hub.rows import person
from hub.times import any_time

Row = Mapping[str, Any]
Data = dict[str, Any]
# Where Stripe departs from ISO 4217 (https://docs.stripe.com/currencies).
DIGITS = {"ISK": 2, "UGX": 2, "MGA": 0}
MOST_LINES = 100
STATUSES = {
    "invoice": {"draft": "draft", "open": "open", "paid": "paid", "void": "canceled", "uncollectible": "failed"},
    "subscription": {
        **dict.fromkeys(("active", "trialing", "past_due", "incomplete", "paused", "unpaid"), "open"),
        "canceled": "canceled",
        "incomplete_expired": "failed",
    },
    "payment_intent": {
        "succeeded": "paid",
        "canceled": "canceled",
        **dict.fromkeys(
            ("processing", "requires_action", "requires_capture", "requires_confirmation", "requires_payment_method"),
            "open",
        ),
    },
    "charge": {"succeeded": "paid", "pending": "open", "failed": "failed"},
    "refund": {
        **dict.fromkeys(("pending", "requires_action"), "open"),
        "succeeded": "refunded",
        "failed": "failed",
        "canceled": "canceled",
    },
    "checkout.session": {"open": "open", "complete": "completed", "expired": "canceled"},
}


def amount(row: Row, name: str) -> str | None:
    """The amount in that field, which is in the smallest unit of the row's currency."""
    code = currency(row.get("currency"))
    return money_from_minor(row.get(name), code, DIGITS.get(code)) if code else None


def sale_data(news: News, native: str) -> Data:
    """What an object's row says, with what all of them have in common."""
    row = news.row
    status = (text_at(row, "status") or "")[:60]
    data = {
        "status": _failed(news) or STATUSES.get(native, {}).get(status),
        "native_status": status or None,
        "currency": currency(row.get("currency")),
        "placed_at": any_time(row.get("created")),
        "event": news.word,
        "changed": tuple(name for name in sorted(news.before) if name.replace("_", "").isalnum())[:200],
        # Times are whole seconds: what one action sets off is one entry as long as the status is the same.
        "version": f"{news.at}/{status}" if news.at else None,
        **KINDS[native].read(row, news.maker.connection),
    }
    return {name: value for name, value in data.items() if value is not None and value != ()}


def _failed(news: News) -> str | None:
    """A payment that failed waits for another attempt, so that only the event's word tells."""
    return "failed" if news.word in ("payment_intent.payment_failed", "checkout.session.async_payment_failed") else None


def _customer(row: Row, connection: Connection, said: Row, names: tuple[str, str, str]) -> Party | None:
    """The customer with name, e-mail and phone that Stripe gives as that customer's."""
    found = record_id(row, "customer")
    contact = RecordRef(object="contact", id=found, native_object="customer") if found else None
    name, email, phone = (text_at(said, key) for key in names)
    party = person(connection, contact, emails=[email], phones=[phone], name=name)
    return party if party.identifiers else None


def invoice(row: Row, connection: Connection) -> Data:
    """An invoice: name, e-mail and phone on it are the customer's."""
    taxes = [one for one in list_at(row, "total_taxes") if isinstance(one, dict)]
    code = currency(row.get("currency"))
    tax = amount(row, "tax") or (amount({**taxes[0], "currency": code}, "amount") if len(taxes) == 1 else None)
    discounts = [one for one in list_at(row, "total_discount_amounts") if isinstance(one, dict)]
    return {
        "customer": _customer(row, connection, row, ("customer_name", "customer_email", "customer_phone")),
        "number": text_at(row, "number"),
        "title": text_at(row, "description"),
        "total": amount(row, "total") or amount(row, "amount_due"),
        "subtotal": amount(row, "subtotal"),
        "tax": tax,
        "discount": amount({**discounts[0], "currency": code}, "amount") if len(discounts) == 1 else None,
        "financial_status": (text_at(row, "billing_reason") or "")[:60] or None,
        "related": _related(("subscription", subscription_of(row)), ("payment", record_id(row, "payment_intent"))),
        "lines": _lines(list_at(row, "lines", "data")),
    }


def subscription_of(row: Row) -> str | None:
    """The subscription of an invoice: its field until 2025, the parent's since then."""
    return record_id(row, "subscription") or record_id(row, "parent", "subscription_details", "subscription")


def subscription(row: Row, connection: Connection) -> Data:
    """A subscription, with the price of each item."""
    items = [one for one in list_at(row, "items", "data")[:MOST_LINES] if isinstance(one, dict)]
    return {
        "customer": _customer(row, connection, {}, ("", "", "")),
        "title": text_at(row, "description"),
        "canceled_at": any_time(row.get("canceled_at")),
        "related": _related(("invoice", record_id(row, "latest_invoice"))),
        "lines": tuple(
            {
                "id": record_id(one, "id"),
                "title": text_at(one, "price", "nickname") or record_id(one, "price"),
                "quantity": money(one.get("quantity")),
                "price": amount(dict_at(one, "price"), "unit_amount"),
            }
            for one in items
        ),
    }


def payment_intent(row: Row, connection: Connection) -> Data:
    """A payment; the address for its receipt counts only where no customer is known."""
    said = {} if record_id(row, "customer") else row
    return {
        "customer": _customer(row, connection, said, ("", "receipt_email", "")),
        "title": text_at(row, "description"),
        "total": amount(row, "amount"),
        "canceled_at": any_time(row.get("canceled_at")),
        "related": _related(("invoice", record_id(row, "invoice")), ("payment", record_id(row, "latest_charge"))),
    }


def charge(row: Row, connection: Connection) -> Data:
    """A charge; who is billed counts only where no customer is known: a card may be somebody else's."""
    said = {} if record_id(row, "customer") else dict_at(row, "billing_details")
    all_back = bool_at(row, "refunded")
    return {
        "customer": _customer(row, connection, said, ("name", "email", "phone")),
        "title": text_at(row, "description"),
        "total": amount(row, "amount"),
        "refunded": amount(row, "amount_refunded") if row.get("amount_refunded") else None,
        "number": text_at(row, "receipt_number"),
        "related": _related(("invoice", record_id(row, "invoice")), ("payment", record_id(row, "payment_intent"))),
        **({"status": "refunded"} if all_back else {}),
    }


def refund(row: Row, _connection: Connection) -> Data:
    """What was paid back."""
    return {
        "refunded": amount(row, "amount"),
        "title": text_at(row, "reason"),
        "related": _related(("payment", record_id(row, "charge")), ("payment", record_id(row, "payment_intent"))),
    }


def dispute(row: Row, _connection: Connection) -> Data:
    """A customer's bank takes a payment back, or may."""
    return {
        "total": amount(row, "amount"),
        "title": text_at(row, "reason"),
        "related": _related(("payment", record_id(row, "charge")), ("payment", record_id(row, "payment_intent"))),
    }


def checkout(row: Row, connection: Connection) -> Data:
    """A checkout; its customer details are those of the customer, or what the guest typed."""
    details = dict_at(row, "customer_details") or {"email": row.get("customer_email")}
    return {
        "customer": _customer(row, connection, details, ("name", "email", "phone")),
        "total": amount(row, "amount_total"),
        "subtotal": amount(row, "amount_subtotal"),
        "tax": amount({**dict_at(row, "total_details"), "currency": row.get("currency")}, "amount_tax"),
        "financial_status": (text_at(row, "payment_status") or "")[:60] or None,
        "related": _related(
            ("payment", record_id(row, "payment_intent")),
            ("subscription", record_id(row, "subscription")),
            ("invoice", record_id(row, "invoice")),
        ),
    }


def _related(*named: tuple[str, str | None]) -> tuple[RecordRef, ...]:
    return tuple(RecordRef(object=our, id=found, native_object=None) for our, found in named if found)


def _lines(found: list[Any]) -> tuple[Data, ...]:
    return tuple(
        {
            "id": record_id(line, "id"),
            "title": text_at(line, "description"),
            "quantity": money(line.get("quantity")),
            "price": amount({**dict_at(line, "price"), "currency": line.get("currency")}, "unit_amount"),
            "total": amount(line, "amount"),
            "sku": record_id(at(line, "pricing", "price_details", "price")),
        }
        for line in found[:MOST_LINES]
        if isinstance(line, dict)
    )


@dataclass(frozen=True, slots=True)
class Kind:
    """The object in our words, and how its row is read."""

    object: str
    read: Callable[[Row, Connection], Data]


KINDS: Mapping[str, Kind] = {
    "invoice": Kind("invoice", invoice),
    "subscription": Kind("subscription", subscription),
    "payment_intent": Kind("payment", payment_intent),
    "charge": Kind("payment", charge),
    "refund": Kind("refund", refund),
    "dispute": Kind("dispute", dispute),
    "checkout.session": Kind("checkout", checkout),
}
