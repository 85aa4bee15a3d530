"""Customers and orders: the GraphQL API's nodes in the form of webhooks, and from there to our words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connectors.shopify.customers import ADDRESS, flat, map_of
from connectors.shopify.news import record_id
from connectors.shopify.orders import order_data
from hub.delivery import Connection
from hub.domain.events import Claim, OrderData, RecordChangedData, RecordRef, currency, money
from hub.domain.sync import Found
from hub.domain.values import MINOR_DIGITS
from hub.parsing import at, dict_at, list_at, text_at
from hub.rows import identifiers
from hub.times import from_iso

NATIVE = {"contact": "customer", "order": "order"}
TYPES = {"contact": "Customer", "order": "Order"}
_FULFILLED: Mapping[str, str | None] = {"unfulfilled": None, "partially_fulfilled": "partial"}
# their REST name -> where the node has it
_CUSTOMER: Mapping[str, tuple[str, ...]] = {
    "admin_graphql_api_id": ("id",),
    "first_name": ("firstName",),
    "last_name": ("lastName",),
    "email": ("defaultEmailAddress", "emailAddress"),
    "phone": ("defaultPhoneNumber", "phoneNumber"),
    "locale": ("locale",),
    "created_at": ("createdAt",),
    "updated_at": ("updatedAt",),
}
_ORDER = {"admin_graphql_api_id": "id", "name": "name", "email": "email", "phone": "phone", "created_at": "createdAt",
          "updated_at": "updatedAt", "processed_at": "processedAt", "cancelled_at": "cancelledAt",
          "currency": "currencyCode"}  # fmt: skip
_MONEY = {"total_price": "totalPriceSet", "subtotal_price": "subtotalPriceSet", "total_tax": "totalTaxSet",
          "total_discounts": "totalDiscountsSet"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Read:
    """A row that was read, as orders.py wants it."""

    row: Mapping[str, Any]
    connection: Connection


def reference(kind: str, found: str) -> RecordRef:
    """The record in our words."""
    return RecordRef(object=kind, id=found, native_object=NATIVE[kind])


def gone(kind: str, found: str) -> Found:
    """A record that the shop no longer has."""
    if kind == "order":
        return OrderData(record=reference(kind, found), change="deleted")
    return RecordChangedData(record=reference(kind, found), change="deleted")


def gid(kind: str, found: str) -> str:
    """The record's id as the GraphQL API writes it."""
    return f"gid://shopify/{TYPES[kind]}/{found}"


def found_record(kind: str, node: Any, connection: Connection) -> Found | None:
    """A node in our words; None where it is none of that kind."""
    found = record_id(node, "id")
    if found is None:
        return None
    return _order(node, found, connection) if kind == "order" else _customer(node, found, connection)


def customer_row(node: Mapping[str, Any]) -> dict[str, Any]:
    """A customer's node as webhooks write it."""
    row: dict[str, Any] = {name: at(node, *path) for name, path in _CUSTOMER.items()}
    address = node.get("defaultAddress")
    consents = (("email", "defaultEmailAddress"), ("sms", "defaultPhoneNumber"))
    return row | {
        "id": record_id(node, "id"),
        "tags": ", ".join(tag for tag in list_at(dict(node), "tags") if isinstance(tag, str)),
        "default_address": {ours: at(address, theirs) for ours, theirs in ADDRESS.items()} if address else None,
        **{f"{name}_marketing_consent": _consent(dict_at(dict(node), place)) for name, place in consents},
    }


def order_row(node: Mapping[str, Any]) -> dict[str, Any]:
    """An order's node as webhooks write it; without its lines where not all of them were given."""
    code, fulfilled = (
        text_at(dict(node), "currencyCode"),
        (text_at(dict(node), "displayFulfillmentStatus") or "").lower(),
    )
    row: dict[str, Any] = {name: node.get(theirs) for name, theirs in _ORDER.items()}
    row |= {name: _amount(node, code, theirs) for name, theirs in _MONEY.items()}
    lines = [] if at(node, "lineItems", "pageInfo", "hasNextPage") else list_at(dict(node), "lineItems", "nodes")
    return row | {
        "id": record_id(node, "id"),
        "financial_status": (text_at(dict(node), "displayFinancialStatus") or "").lower() or None,
        "fulfillment_status": _FULFILLED.get(fulfilled, fulfilled or None),
        "total_shipping_price_set": {"shop_money": {"amount": _amount(node, code, "totalShippingPriceSet")}},
        "tags": ", ".join(tag for tag in list_at(dict(node), "tags") if isinstance(tag, str)),
        "customer": customer_row(dict_at(dict(node), "customer")) if node.get("customer") else None,
        "line_items": [_line(one, code) for one in lines],
    }


def _customer(node: Mapping[str, Any], found: str, connection: Connection) -> RecordChangedData:
    fields = map_of(connection).ours(flat(customer_row(node), connection))
    changed_at = from_iso(node.get("updatedAt"))
    record = reference("contact", found)
    return RecordChangedData(
        record=record,
        claims=tuple(
            Claim(field=name, value=value, at=changed_at, precision="row")
            for name, value in fields.items()
            if changed_at
        ),
        identifiers=identifiers(record, connection, phones=[fields.get("phone")], emails=[fields.get("email")]),
        created_at=from_iso(node.get("createdAt")),
        version=changed_at,
    )


def _order(node: Mapping[str, Any], found: str, connection: Connection) -> OrderData:
    row = order_row(node)
    updated = from_iso(row["updated_at"])
    said = {**order_data(Read(row, connection)), "updated_at": updated, "version": updated}
    present = {name: value for name, value in said.items() if value is not None and value != ()}
    created = from_iso(row["created_at"])
    return OrderData.model_validate({"record": reference("order", found), "created_at": created, **present})


def _consent(place: Mapping[str, Any]) -> dict[str, Any]:
    state = (text_at(dict(place), "marketingState") or "not_subscribed").lower()
    return {"state": state, "consent_updated_at": place.get("marketingUpdatedAt")}


def _amount(node: Mapping[str, Any], code: str | None, *path: str) -> str | None:
    """An amount with as many digits as webhooks write: the GraphQL API gives "3778.0" where they have "3778"."""
    text = money(at(node, *path, "shopMoney", "amount"))
    if text is None:
        return None
    digits = MINOR_DIGITS.get(currency(code) or "", 2)
    return format(Decimal(text).quantize(Decimal(1).scaleb(-digits)), "f")


def _line(one: Any, code: str | None) -> dict[str, Any]:
    return {
        "id": record_id(one, "id"),
        "sku": at(one, "sku"),
        "name": at(one, "name"),
        "quantity": at(one, "quantity"),
        "price": _amount(dict_at(one), code, "originalUnitPriceSet"),
    }
