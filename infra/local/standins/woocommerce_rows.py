"""Customers and orders of a shop, what WooCommerce takes of them, and the webhooks that their changes send.

https://woocommerce.github.io/woocommerce-rest-api-docs/#customers and the controllers' source (read November 2026)
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from infra.local.standins.misbehaving import Hook, Misbehaviour
from infra.local.standins.server import Answer, Refused

Row = dict[str, Any]
BILLING = ("first_name", "last_name", "company", "address_1", "address_2", "city", "state", "postcode", "country",
           "email", "phone")  # fmt: skip
CUSTOMER = {"email": str, "first_name": str, "last_name": str, "username": str, "password": str, "billing": dict,
            "shipping": dict, "meta_data": list}  # fmt: skip
SITE_OFFSET_S = 9 * 3600  # the shop's clock: fields without _gmt are of its zone
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_TAG = re.compile(r"<[^>]*>")
_META = itertools.count(9_001)


def error(status: int, code: str, message: str, **data: Any) -> Answer:
    """An error in the documented shape."""
    return Answer(status, {"code": code, "message": message, "data": {"status": status, **data}})


def invalid(name: str) -> Refused:
    """A parameter that the schema does not allow."""
    message = f"Invalid parameter(s): {name}"
    return Refused(error(400, "rest_invalid_param", message, params={name: "Invalid parameter."}))


@dataclass(slots=True)
class Shop:
    """The rows of one shop; `by_api` tells nothing apart, for WooCommerce's webhooks name no author."""

    site_url: str
    now: Callable[[], float]
    hooks: list[Hook]
    misbehaviour: Misbehaviour
    rows: dict[str, dict[int, Row]] = field(default_factory=lambda: {"customer": {}, "order": {}})
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(25))

    def checked(self, given: Any, held: Row | None) -> Row:
        """A customer's body as it will be stored; Refused where anything of it is not documented or does not fit."""
        if not isinstance(given, dict):
            raise invalid("body")
        for name, value in given.items():
            if name != "id" and (name not in CUSTOMER or not isinstance(value, CUSTOMER[name])):
                raise invalid(name)
        for name, value in given.get("billing", {}).items():
            if name not in BILLING or not isinstance(value, str):
                raise invalid("billing")
        if "email" in given:
            self._check_email(given["email"], held)
        return {name: _cleaned(value) for name, value in given.items() if name not in ("id", "password")}

    def create(self, kind: str, values: Mapping[str, Any]) -> Row:
        """A new row."""
        number = next(self.numbers)
        row: Row = {"id": number, **self._times("date_created"), **_NEW[kind]}
        self.rows[kind][number] = row
        self._put(row, values)
        row |= self._times("date_modified") if kind == "order" else {"date_modified": None, "date_modified_gmt": None}
        self._tell(kind, "created", row)
        self._automated(kind, row, values)
        return row

    def update(self, kind: str, row: Row, values: Mapping[str, Any]) -> None:
        """Changes a row; a write that changes nothing is a change to WooCommerce, too."""
        self._put(row, values)
        row |= self._times("date_modified")
        self._tell(kind, "updated", row)
        self._automated(kind, row, values)

    def delete(self, kind: str, number: int) -> None:
        """Takes a row away; the webhook holds its id alone."""
        del self.rows[kind][number]
        self._tell(kind, "deleted", {"id": number})

    def find(self, kind: str, number: Any) -> Row | None:
        """The row, or None."""
        return self.rows[kind].get(int(number)) if str(number).isdigit() else None

    def _check_email(self, email: str, held: Row | None) -> None:
        if not _EMAIL.fullmatch(email):
            raise invalid("email")
        others = (row for row in self.rows["customer"].values() if row is not held)
        if any(row["email"].lower() == email.lower() for row in others):
            code = "woocommerce_rest_customer_invalid_email" if held else "registration-error-email-exists"
            raise Refused(error(400, code, "Email address is invalid, or registered already."))

    def _put(self, row: Row, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            if name == "meta_data":
                held = {one["key"]: one for one in row["meta_data"]}
                for one in value:
                    held[one["key"]] = {"id": next(_META), "key": one["key"], "value": one["value"]}
                row["meta_data"] = list(held.values())
            elif isinstance(value, dict):
                row[name] = {**row.get(name, {}), **value}
            else:
                row[name] = value

    def _automated(self, kind: str, row: Row, written: Mapping[str, Any]) -> None:
        for automation in self.misbehaviour.automations[: self.misbehaviour.most_automated]:
            values = automation(kind, str(row["id"]), written)
            if values:
                self._put(row, values)
                row |= self._times("date_modified")
                self._tell(kind, "updated", row)

    def _times(self, name: str) -> dict[str, str]:
        now = int(self.now())
        return {name: _stamp(now + SITE_OFFSET_S), f"{name}_gmt": _stamp(now)}

    def _tell(self, kind: str, event: str, row: Row) -> None:
        delivery = hashlib.sha256(f"{kind}{event}{row['id']}{int(self.now())}".encode()).hexdigest()[:32]
        headers = {"topic": f"{kind}.{event}", "resource": kind, "event": event, "id": "142", "delivery-id": delivery}
        named = {f"x-wc-webhook-{name}": value for name, value in headers.items()}
        source = {"x-wc-webhook-source": f"{self.site_url}/", "content-type": "application/json"}
        self.hooks.append(Hook(json.dumps(row, ensure_ascii=False).encode(), {**named, **source}))


def shown(row: Row) -> Row:
    """A copy, as the API gives it."""
    return deepcopy(row)


def _stamp(unix_s: int) -> str:
    return datetime.fromtimestamp(unix_s, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _cleaned(value: Any) -> Any:
    """As WordPress stores texts: without tags, and without spaces around."""
    if isinstance(value, str):
        return _TAG.sub("", value).strip()
    return {name: _cleaned(one) for name, one in value.items()} if isinstance(value, dict) else value


_NEW: Mapping[str, Row] = {
    "customer": {
        "email": "",
        "first_name": "",
        "last_name": "",
        "role": "customer",
        "username": "",
        "billing": dict.fromkeys(BILLING, ""),
        "shipping": {},
        "is_paying_customer": False,
        "avatar_url": "",
        "meta_data": [],
    },
    "order": {
        "status": "pending",
        "currency": "JPY",
        "number": "",
        "customer_id": 0,
        "discount_total": "0",
        "shipping_total": "0",
        "total": "0",
        "total_tax": "0",
        "billing": dict.fromkeys(BILLING, ""),
        "line_items": [],
        "refunds": [],
        "meta_data": [],
    },
}
