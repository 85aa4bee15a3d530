"""A stand-in for a shop's WooCommerce REST API (v3): customers with the batch form, orders to be read.

https://woocommerce.github.io/woocommerce-rest-api-docs/ (read November 2026)
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.local.standins.misbehaving import Hook, Misbehaviour
from infra.local.standins.server import Answer, Call, Refused, Standin
from infra.local.standins.woocommerce_rows import Row, Shop, error, invalid, shown

API = "/wp-json/wc/v3"
LISTS = {"customers": "customer", "orders": "order"}
MOST = 100
PARAMETERS = {
    "customer": frozenset({"page", "per_page", "offset", "order", "orderby", "include", "email", "role", "search"}),
    "order": frozenset({"page", "per_page", "offset", "order", "orderby", "include", "status", "customer", "search",
                        "modified_after", "modified_before", "after", "before", "dates_are_gmt"}),
}  # fmt: skip
ORDERS_BY = {
    "customer": {"id": "id", "registered_date": "date_created_gmt", "name": "username"},
    "order": {"id": "id", "date": "date_created_gmt", "modified": "date_modified_gmt"},
}
TOO_MANY = error(413, "woocommerce_rest_request_entity_too_large", "Unable to accept more than 100 items.")
NOT_FOUND = error(404, "rest_no_route", "No route was found matching the URL and request method.")
FAULTS = {429: error(429, "too_many_requests", "Too many requests"), 500: Answer(500, "<html>Critical error</html>")}


@dataclass(slots=True)
class WooCommerce:
    """One shop; `chooses_names` where it makes no usernames for new accounts by itself."""

    key: str
    secret: str
    site_url: str = "https://kettles.example"
    now: Callable[[], float] = time.time
    chooses_names: bool = False
    hooks: list[Hook] = field(default_factory=list)
    misbehaviour: Misbehaviour = field(default_factory=Misbehaviour)
    shop: Shop = field(init=False)

    def __post_init__(self) -> None:
        """An empty shop."""
        self.shop = Shop(self.site_url, lambda: self.now(), self.hooks, self.misbehaviour)

    def standin(self) -> Standin:
        """The API."""
        routes = (
            ("GET", f"{API}/{{list}}", self._list),
            ("POST", f"{API}/customers", self._create),
            ("POST", f"{API}/customers/batch", self._batch),
            ("GET", f"{API}/{{list}}/{{id}}", lambda call: Answer(200, shown(self._there(call)))),
            ("PUT", f"{API}/customers/{{id}}", self._update),
        )
        return Standin(routes, self._guard, NOT_FOUND, FAULTS)

    def enter(self, kind: str, values: Mapping[str, Any]) -> str:
        """A person registers, or orders."""
        given = self.shop.checked(values, None) if kind == "customer" else values
        return str(self.shop.create(kind, given)["id"])

    def edit(self, kind: str, record_id: str, values: Mapping[str, Any]) -> None:
        """A person changes an account or an order."""
        row = self.shop.rows[kind][int(record_id)]
        self.shop.update(kind, row, self.shop.checked(values, row) if kind == "customer" else values)

    def remove(self, kind: str, record_id: str) -> None:
        """A person deletes an account, or puts an order into the trash."""
        self.shop.delete(kind, int(record_id))

    def held(self, kind: str, record_id: str) -> Row | None:
        """The row as it is now."""
        row = self.shop.find(kind, record_id)
        return shown(row) if row is not None else None

    def _guard(self, call: Call) -> None:
        basic = base64.b64encode(f"{self.key}:{self.secret}".encode()).decode()
        if call.headers.get("authorization") != f"Basic {basic}":
            raise Refused(error(401, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources."))
        if call.body and "json" not in call.headers.get("content-type", ""):
            raise Refused(error(400, "rest_invalid_json", "Invalid JSON body passed."))

    def _there(self, call: Call) -> Row:
        kind = LISTS.get(call.parts.get("list", "customers"))
        row = self.shop.find(kind, call.parts["id"]) if kind else None
        if row is None:
            raise Refused(error(404, "woocommerce_rest_invalid_id", "Invalid resource ID."))
        return row

    def _list(self, call: Call) -> Answer:
        kind = LISTS.get(call.parts["list"])
        if kind is None:
            return NOT_FOUND
        unknown = set(call.query) - PARAMETERS[kind]
        if unknown:
            raise invalid(sorted(unknown)[0])
        size, rows = int(call.query.get("per_page", "10")), self._sorted(kind, call.query)
        if not 1 <= size <= MOST:
            raise invalid("per_page")
        offset = int(call.query.get("offset", "0")) or (int(call.query.get("page", "1")) - 1) * size
        headers = {"X-WP-Total": str(len(rows)), "X-WP-TotalPages": str(-(-len(rows) // size))}
        return Answer(200, [shown(row) for row in rows[offset : offset + size]], headers)

    def _sorted(self, kind: str, query: Mapping[str, str]) -> list[Row]:
        order = ORDERS_BY[kind].get(query.get("orderby", "id"))
        if order is None:
            raise invalid("orderby")
        rows = sorted(
            self._matching(kind, query), key=lambda row: (row[order] or "", row["id"]) if order != "id" else row["id"]
        )
        return rows if query.get("order", "desc") == "asc" else rows[::-1]

    def _matching(self, kind: str, query: Mapping[str, str]) -> list[Row]:
        ids = {int(one) for one in query["include"].split(",")} if query.get("include") else None
        after = query.get("modified_after", "")
        if after and query.get("dates_are_gmt") != "true":
            raise invalid("dates_are_gmt")  # in the shop's own zone nobody outside knows what it means
        role, email = query.get("role", "customer"), query.get("email", "").lower()
        return [
            row
            for row in self.shop.rows[kind].values()
            if (ids is None or row["id"] in ids)
            and (not after or row["date_modified_gmt"] > after)
            and (kind == "order" or role in ("all", row["role"]))
            and (not email or row["email"].lower() == email)
        ]

    def _create(self, call: Call) -> Answer:
        given = call.json()
        missing = [name for name in ("email", *(["username"] if self.chooses_names else [])) if not given.get(name)]
        if missing:
            message = f"Missing parameter(s): {missing}"
            return error(400, "rest_missing_callback_param", message, params=missing)
        return Answer(201, shown(self.shop.create("customer", self.shop.checked(given, None))))

    def _update(self, call: Call) -> Answer:
        return Answer(200, self._changed(call.json(), call.parts["id"]))

    def _batch(self, call: Call) -> Answer:
        body = call.json()
        if not isinstance(body, dict) or set(body) - {"create", "update", "delete"}:
            raise invalid("body")
        if sum(len(several) for several in body.values()) > MOST:
            return TOO_MANY
        return Answer(200, {"update": [self._one_of_batch(one) for one in body.get("update", [])]})

    def _one_of_batch(self, given: Row) -> Row:
        try:
            return self._changed(given, given.get("id"))
        except Refused as refused:
            return {"id": given.get("id"), "error": refused.answer.body}

    def _changed(self, given: Row, number: Any) -> Row:
        row = self.shop.find("customer", number)
        if row is None:
            raise Refused(error(400, "woocommerce_rest_invalid_id", "Invalid resource ID."))
        values = self.shop.checked(given, row)
        if row["role"] == "administrator" and values.get("email", row["email"]) != row["email"]:
            raise Refused(error(403, "woocommerce_rest_cannot_edit", "Sorry, email cannot be updated for that role."))
        self.shop.update("customer", row, values)
        return shown(row)
