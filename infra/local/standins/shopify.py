"""A stand-in for Shopify's GraphQL Admin API: customers both ways, orders to be read, a budget of points.

https://shopify.dev/docs/api/admin-graphql (2026-10, read November 2026)
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from infra.local.standins.graphql import Document, Invalid, Reader, answered
from infra.local.standins.misbehaving import Hook, Misbehaviour
from infra.local.standins.server import Answer, Call, Refused, Standin
from infra.local.standins.shopify_customers import Faults, Row, Shop
from infra.local.standins.shopify_schema import MOST_COST, MOST_LISTED, SCHEMA, cost

PATH = "/admin/api/{version}/graphql.json"
KINDS = {"customers": "customer", "orders": "order", "customersCount": "customer", "ordersCount": "order"}
NOT_FOUND = Answer(404, {"errors": "Not Found"})
FAULTS = {
    429: Answer(429, {"errors": "Too Many Requests"}, {"retry-after": "2"}),
    500: Answer(500, {"errors": "fault"}),
}
_GID = re.compile(r"gid://shopify/(Customer|Order)/([0-9]{1,20})")
_CHANGED = re.compile(r"updated_at:>='([0-9TZ:-]{20})'")


@dataclass(slots=True)
class Shopify:
    """One shop whose app has the access token `token`; `points` in its bucket come back at `restored` a second."""

    token: str
    domain: str = "kettles.myshopify.com"
    now: Callable[[], float] = time.time
    points: int = 2_000
    restored: int = 100
    hooks: list[Hook] = field(default_factory=list)
    misbehaviour: Misbehaviour = field(default_factory=Misbehaviour)
    definitions: list[Row] = field(default_factory=list)
    shop: Shop = field(init=False)
    _left: float = field(init=False)
    _at: float = field(init=False)

    def __post_init__(self) -> None:
        """An empty shop with a full bucket."""
        self.shop = Shop(self.domain, lambda: self.now(), self.hooks, self.misbehaviour)
        self._left, self._at = float(self.points), self.now()

    def standin(self) -> Standin:
        """The API."""
        return Standin((("POST", PATH, self._graphql),), self._guard, NOT_FOUND, FAULTS)

    def enter(self, kind: str, values: Mapping[str, Any]) -> str:
        """A person registers, or orders."""
        return str(self.shop.create(kind, values))

    def edit(self, kind: str, record_id: str, values: Mapping[str, Any]) -> None:
        """A person changes a record."""
        self.shop.update(kind, int(record_id), values)

    def remove(self, kind: str, record_id: str) -> None:
        """A person deletes a record."""
        self.shop.delete(kind, int(record_id))

    def held(self, kind: str, record_id: str) -> Row | None:
        """The record as it is now."""
        row = self.shop.rows[kind].get(int(record_id))
        return deepcopy(row) if row is not None else None

    def _guard(self, call: Call) -> None:
        if call.headers.get("x-shopify-access-token") != self.token:
            raise Refused(Answer(401, {"errors": "[API] Invalid API key or access token"}))
        if "json" not in call.headers.get("content-type", ""):
            raise Refused(Answer(400, {"errors": "the body must be JSON"}))

    def _graphql(self, call: Call) -> Answer:
        body = call.json()
        variables = body.get("variables") or {}
        try:
            document = Reader(body["query"]).document()
            SCHEMA.check(document, variables)
            wanted = cost(document, variables)
            self._spend(wanted)
            data = answered(document, variables, self._resolve)
        except Invalid as error:
            return self._answer({"errors": [{"message": str(error), "extensions": {"code": error.code}}]}, body)
        return self._answer({"data": data}, body, wanted)

    def _answer(self, said: Row, body: Row, wanted: int | None = None) -> Answer:
        status = {"maximumAvailable": self.points, "currentlyAvailable": int(self._left), "restoreRate": self.restored}
        asked = wanted if wanted is not None else _asked(body)
        costs = {"requestedQueryCost": asked, "actualQueryCost": wanted, "throttleStatus": status}
        return Answer(200, {**said, "extensions": {"cost": costs}})

    def _spend(self, wanted: int) -> None:
        if wanted > MOST_COST:
            raise Invalid("MAX_COST_EXCEEDED", f"Query cost is {wanted}, which exceeds the single query max cost limit")
        now = self.now()
        self._left, self._at = min(self.points, self._left + (now - self._at) * self.restored), now
        if wanted > self._left:
            raise Invalid("THROTTLED", "Throttled")
        self._left -= wanted

    def _resolve(self, name: str, given: Mapping[str, Any]) -> Any:
        handlers: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
            "nodes": self._nodes,
            "customerByIdentifier": self._by_identifier,
            "metafieldDefinitions": lambda _given: {"nodes": self.definitions, "pageInfo": {"hasNextPage": False}},
            "customerUpdate": self._update,
            "customerSet": self._set,
            "tagsAdd": self._tag,
            "customerEmailMarketingConsentUpdate": lambda given: self._consent("email", given),
            "customerSmsMarketingConsentUpdate": lambda given: self._consent("phone", given),
            "metafieldDefinitionCreate": self._define,
        }
        if name in ("customers", "orders"):
            return self._list(KINDS[name], given)
        if name in ("customersCount", "ordersCount"):
            return {"count": len(self.shop.rows[KINDS[name]]), "precision": "EXACT"}
        try:
            return handlers[name](given)
        except Faults as faults:
            return {"customer": None, "userErrors": faults.errors}

    def _list(self, kind: str, given: Mapping[str, Any]) -> Row:
        first, after, key = given["first"], given.get("after"), given.get("sortKey") or "ID"
        if not 0 < first <= MOST_LISTED:
            raise Invalid("argumentLiteralsIncompatible", "first cannot exceed 250")
        rows = sorted(self._matching(kind, given.get("query")), key=lambda row: _place(row, key))
        behind = [row for row in rows if after is None or _cursor(row, key) > after]
        shown = behind[:first]
        end = _cursor(shown[-1], key) if shown else None
        return {"nodes": shown, "pageInfo": {"hasNextPage": len(behind) > first, "endCursor": end}}

    def _matching(self, kind: str, query: str | None) -> list[Row]:
        rows = list(self.shop.rows[kind].values())
        if not query:
            return rows
        found = _CHANGED.fullmatch(query)
        if found is None:
            raise Invalid("INVALID_QUERY", "the search is not understood")
        newest = self.now() - self.misbehaviour.search_lag_s
        return [row for row in rows if row["updatedAt"] >= found[1] and _unix(row["updatedAt"]) <= newest]

    def _nodes(self, given: Mapping[str, Any]) -> list[Row | None]:
        return [self._node(one) for one in given["ids"]]

    def _node(self, gid: str) -> Row | None:
        found = _GID.fullmatch(gid)
        return self.shop.rows[found[1].lower()].get(int(found[2])) if found else None

    def _by_identifier(self, given: Mapping[str, Any]) -> Row | None:
        (name, value), *_more = given["identifier"].items()
        place = {"emailAddress": "defaultEmailAddress", "phoneNumber": "defaultPhoneNumber"}[name]
        rows = self.shop.rows["customer"].values()
        return next((row for row in rows if row[place] and row[place][name] == str(value).lower()), None)

    def _update(self, given: Mapping[str, Any]) -> Row:
        row, values = self._there(given["input"].get("id"), ["id"]), dict(given["input"])
        number = int(values.pop("id").rpartition("/")[2])
        self.shop.update("customer", number, values)
        return {"customer": row, "userErrors": []}

    def _set(self, given: Mapping[str, Any]) -> Row:
        custom = (given.get("identifier") or {}).get("customId")
        if custom is None or not any(one["key"] == custom["key"] for one in self.definitions):
            raise Invalid("NOT_FOUND", "Metafield definition of type 'id' is required when using custom ids.")
        number = self.shop.references.get(custom["value"])
        if number is None or number not in self.shop.rows["customer"]:
            number = self.shop.create("customer", given["input"])
            self.shop.references[custom["value"]] = number
        else:
            self.shop.update("customer", number, given["input"])
        return {"customer": self.shop.rows["customer"][number], "userErrors": []}

    def _tag(self, given: Mapping[str, Any]) -> Row:
        row = self._there(given["id"], ["id"])
        tags = [*row["tags"], *(tag for tag in given["tags"] if tag not in row["tags"])]
        self.shop.update("customer", int(row["id"].rpartition("/")[2]), {"tags": tags})
        return {"node": row, "userErrors": []}

    def _consent(self, channel: str, given: Mapping[str, Any]) -> Row:
        row = self._there(given["input"].get("customerId"), ["input", "customerId"])
        name = "emailMarketingConsent" if channel == "email" else "smsMarketingConsent"
        consent = given["input"][name]
        number = int(row["id"].rpartition("/")[2])
        self.shop.consent(number, channel, consent.get("marketingState"), consent.get("consentUpdatedAt"))
        return {"customer": row, "userErrors": []}

    def _there(self, gid: Any, path: list[str]) -> Row:
        row = self._node(str(gid))
        if row is None:
            raise Faults((path, "Customer does not exist"))
        return row

    def _define(self, given: Mapping[str, Any]) -> Row:
        wanted = given["definition"]
        if any((one["namespace"], one["key"]) == (wanted["namespace"], wanted["key"]) for one in self.definitions):
            error = {"field": ["definition", "key"], "message": "Key is in use", "code": "TAKEN"}
            return {"createdDefinition": None, "userErrors": [error]}
        self.definitions.append(
            {**wanted, "id": "gid://shopify/MetafieldDefinition/1", "type": {"name": wanted["type"]}}
        )
        return {"createdDefinition": self.definitions[-1], "userErrors": []}


def _asked(body: Row) -> int:
    try:
        document: Document = Reader(body["query"]).document()
        return cost(document, body.get("variables") or {})
    except (Invalid, KeyError):
        return 0


def _place(row: Row, key: str) -> tuple[str, int]:
    number = int(row["id"].rpartition("/")[2])
    return (row["updatedAt"] if key == "UPDATED_AT" else "", number)


def _cursor(row: Row, key: str) -> str:
    changed, number = _place(row, key)
    return f"{changed}/{number:020d}"


def _unix(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
