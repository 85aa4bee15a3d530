"""Customers and orders of a Shopify shop, what it takes of them, and the webhooks that their changes send."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from infra.local.standins.misbehaving import Hook, Misbehaviour

Row = dict[str, Any]
STATES = frozenset({"SUBSCRIBED", "UNSUBSCRIBED", "PENDING"})
PLACES = {"email": ("defaultEmailAddress", "emailAddress"), "phone": ("defaultPhoneNumber", "phoneNumber")}
PLAIN = ("firstName", "lastName", "note", "locale", "tags", "defaultAddress")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")


class Faults(Exception):
    """What Shopify says of an input, as user errors."""

    def __init__(self, *errors: tuple[list[str], str]) -> None:
        super().__init__(errors)
        self.errors = [{"field": path, "message": message, "code": "INVALID"} for path, message in errors]


@dataclass(slots=True)
class Shop:
    """The records of one shop by kind and number; `references` are our metafield's values."""

    domain: str
    now: Callable[[], float]
    hooks: list[Hook]
    misbehaviour: Misbehaviour
    rows: dict[str, dict[int, Row]] = field(default_factory=lambda: {"customer": {}, "order": {}})
    references: dict[str, int] = field(default_factory=dict)
    # Past 2^53, as ids of a shop that is busy enough may be.
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(9_007_199_254_740_993))
    events: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def create(self, kind: str, values: Mapping[str, Any]) -> int:
        """A new record; Faults for a customer whom Shopify does not take."""
        number, stamp = next(self.numbers), self.stamp()
        type_name = kind.title()
        row: Row = {"id": f"gid://shopify/{type_name}/{number}", "createdAt": stamp, "updatedAt": stamp, "tags": []}
        if kind == "customer":
            row |= {"firstName": None, "lastName": None, "locale": "en", "note": None, "defaultAddress": None}
            row |= {place: None for place, _name in PLACES.values()}
            if not any(values.get(name) for name in ("firstName", "lastName", "email", "phone")):
                raise Faults(([], "Customer must have a name, phone number or email address"))
            self._put(row, values)
        else:
            row |= values
        self.rows[kind][number] = row
        self._tell(kind, "create", row)
        self._automated(kind, number, values)
        return number

    def update(self, kind: str, number: int, values: Mapping[str, Any]) -> None:
        """Changes a record; what changes nothing is no change to Shopify."""
        row = self.rows[kind][number]
        before = json.dumps(row, sort_keys=True)
        if kind == "customer":
            self._put(row, values)
        else:
            row |= values
        if json.dumps(row, sort_keys=True) != before:
            row["updatedAt"] = self.stamp()
            self._tell(kind, "update" if kind == "customer" else "updated", row)
            self._automated(kind, number, values)

    def consent(self, number: int, channel: str, state: Any, updated_at: str | None = None) -> None:
        """Sets marketing consent by e-mail or phone."""
        row, (place, _name) = self.rows["customer"][number], PLACES[channel]
        if row[place] is None:
            raise Faults((["input", "customerId"], f"Customer must have a {channel} to consent"))
        if state not in STATES:
            raise Faults((["input", "marketingState"], "Marketing state is not one that can be set"))
        row[place] |= {"marketingState": state, "marketingUpdatedAt": updated_at or self.stamp()}
        row["updatedAt"] = self.stamp()
        self._tell("customer", "update", row)

    def delete(self, kind: str, number: int) -> None:
        """Takes a record away; the webhook holds its id alone."""
        del self.rows[kind][number]
        self._hook(f"{kind}s/delete", {"id": number})

    def stamp(self) -> str:
        """Now, as Shopify writes it."""
        return datetime.fromtimestamp(int(self.now()), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def _put(self, row: Row, values: Mapping[str, Any]) -> None:
        places = {name: self._place(row, name, values[name]) for name in PLACES if name in values}
        row |= {name: _stored(values[name]) for name in PLAIN if name in values}
        for name, held in places.items():
            row[PLACES[name][0]] = held

    def _place(self, row: Row, name: str, value: Any) -> Row | None:
        place, inner = PLACES[name]
        if value in (None, ""):
            return None
        text = str(value).strip().lower() if name == "email" else re.sub(r"[\s().-]", "", str(value))
        if not (_EMAIL if name == "email" else _PHONE).fullmatch(text):
            raise Faults(([name], f"{name.title()} is invalid"))
        others = (one for one in self.rows["customer"].values() if one["id"] != row["id"])
        if any(one[place] and one[place][inner] == text for one in others):
            raise Faults(([name], f"{name.title()} has already been taken"))
        held = row[place] or {"marketingState": "NOT_SUBSCRIBED", "marketingUpdatedAt": None}
        return {**held, inner: text, "marketingOptInLevel": "SINGLE_OPT_IN"}

    def _automated(self, kind: str, number: int, written: Mapping[str, Any]) -> None:
        for automation in self.misbehaviour.automations[: self.misbehaviour.most_automated]:
            values = automation(kind, str(number), written)
            if values and kind == "customer":
                self._put(self.rows[kind][number], values)
                self.rows[kind][number]["updatedAt"] = self.stamp()
                self._tell(kind, "update", self.rows[kind][number])

    def _tell(self, kind: str, event: str, row: Row) -> None:
        self._hook(f"{kind}s/{event}", webhook(row) if kind == "customer" else order_webhook(row))

    def _hook(self, topic: str, body: Mapping[str, Any]) -> None:
        number = next(self.events)
        headers = {
            "content-type": "application/json",
            "x-shopify-topic": topic,
            "x-shopify-shop-domain": self.domain,
            "x-shopify-api-version": "2026-10",
            "x-shopify-webhook-id": f"b54557e4-0000-4000-8000-{number:012d}",
            "x-shopify-event-id": f"98880550-0000-4000-8000-{number:012d}",
            "x-shopify-triggered-at": self.stamp(),
        }
        self.hooks.append(Hook(json.dumps(body, ensure_ascii=False).encode(), headers))


def webhook(row: Row) -> Row:
    """A customer as webhooks write it (REST names)."""
    email, phone = row["defaultEmailAddress"] or {}, row["defaultPhoneNumber"] or {}
    address = row["defaultAddress"]
    return {
        "id": int(row["id"].rpartition("/")[2]),
        "admin_graphql_api_id": row["id"],
        "email": email.get("emailAddress"),
        "phone": phone.get("phoneNumber"),
        "first_name": row["firstName"],
        "last_name": row["lastName"],
        "note": row["note"],
        "tags": ", ".join(row["tags"]),
        "created_at": row["createdAt"],
        "updated_at": row["updatedAt"],
        "email_marketing_consent": _consent(email),
        "sms_marketing_consent": _consent(phone),
        "default_address": address and {**address, "country_code": address.get("countryCodeV2")},
    }


def order_webhook(row: Row) -> Row:
    """An order as webhooks write it."""
    customer = row.get("customer")
    return {
        "id": int(row["id"].rpartition("/")[2]),
        "name": row.get("name"),
        "email": row.get("email"),
        "currency": row.get("currencyCode"),
        "created_at": row["createdAt"],
        "updated_at": row["updatedAt"],
        "processed_at": row.get("processedAt"),
        "cancelled_at": row.get("cancelledAt"),
        "financial_status": (row.get("displayFinancialStatus") or "pending").lower(),
        "fulfillment_status": None,
        "total_price": str(row.get("total_price", "")) or None,
        "tags": ", ".join(row["tags"]),
        "customer": {"id": int(customer["id"].rpartition("/")[2])} if customer else None,
        "line_items": [],
    }


def _consent(place: Row) -> Row | None:
    if not place:
        return None
    return {"state": place["marketingState"].lower(), "consent_updated_at": place["marketingUpdatedAt"]}


def _stored(value: Any) -> Any:
    return (value.strip() or None) if isinstance(value, str) else value
