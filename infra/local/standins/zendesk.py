"""A stand-in for Zendesk's Support API: users with identities, organizations, tickets, searches and exports.

https://developer.zendesk.com/api-reference/ (users, identities, organizations, tickets, ticket import, incremental
exports, rate limits; read November 2026)
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from infra.local.standins import zendesk_paging as paging
from infra.local.standins.misbehaving import Hook, Misbehaviour
from infra.local.standins.server import Answer, Call, Refused, Standin
from infra.local.standins.zendesk_changes import AGENT, AUTOMATION, PERSON, Changes
from infra.local.standins.zendesk_hooks import Hooks
from infra.local.standins.zendesk_limits import Window
from infra.local.standins.zendesk_rows import Row, Rows, alive, invalid, not_found, record_invalid
from infra.local.standins.zendesk_tickets import Tickets

API = "/api/v2"
LISTS = {"user": "users", "organization": "organizations", "ticket": "tickets"}
TOO_MANY = {"error": "TooManyRequests", "description": "Rate limit exceeded"}
FAULTS = {
    429: Answer(429, TOO_MANY, {"retry-after": "30"}),
    500: Answer(500, {"error": "InternalError"}),
    503: Answer(503, {"error": "ServiceUnavailable"}, {"retry-after": "30"}),
}


@dataclass(slots=True)
class Zendesk:
    """One account, whose agent `user` has the API token `token`; `fields` are the account's own by `<kind>_fields`.

    Exports hide what changed within `export_lag_s`. `limits` are requests in a minute: of the account, and of exports.
    """

    token: str
    user: str = "agent@example.com"
    account_id: int = 7_712_345
    now: Callable[[], float] = time.time
    fields: Mapping[str, frozenset[str]] = field(default_factory=dict)
    export_lag_s: float = 60.0
    limits: Mapping[str, int] = field(default_factory=lambda: {"account": 700, "export": 10})
    hooks: list[Hook] = field(default_factory=list)
    misbehaviour: Misbehaviour = field(default_factory=Misbehaviour)
    rows: Rows = field(init=False)
    changes: Changes = field(init=False)
    tickets: Tickets = field(init=False)
    window: Window = field(init=False)

    def __post_init__(self) -> None:
        """Two agents: the one of the token, and a person."""
        self.rows = Rows(lambda: self.now(), self.fields)
        told = Hooks(self.account_id, lambda: self.now(), self.hooks)
        self.changes = Changes(self.rows, told, self.misbehaviour)
        self.tickets = Tickets(self.rows, told, self.changes.ran)
        self.window = Window(lambda: self.now(), self.limits)
        for number, email in ((AGENT, self.user), (PERSON, "person@example.com"), (AUTOMATION, "robot@example.com")):
            self.rows.by_kind["user"][number] = self._agent(number, email)

    def standin(self) -> Standin:
        """The API."""
        return Standin([*self._people(), *self._business(), *self._exports()], self._guard, not_found(), FAULTS)

    def enter(self, kind: str, values: Mapping[str, Any]) -> str:
        """A person creates a record."""
        if kind == "ticket":
            return str(self.tickets.enter(values, PERSON)["id"])
        return str(self.changes.create(kind, self.rows.checked(kind, values, None), PERSON)["id"])

    def edit(self, kind: str, record_id: str, values: Mapping[str, Any]) -> None:
        """A person changes a record; an e-mail address is replaced, as on the profile's page."""
        row = self.changes.there(kind, record_id)
        self.changes.update(kind, row, self.rows.checked(kind, values, row), PERSON, replace=True)

    def remove(self, kind: str, record_id: str) -> None:
        """A person deletes a record."""
        self.changes.delete(kind, self.changes.there(kind, record_id), PERSON)

    def held(self, kind: str, record_id: str) -> Row | None:
        """The record as it is now."""
        row = self.rows.find(kind, record_id)
        return deepcopy(row) if row is not None and alive(kind, row) else None

    def _agent(self, number: int, email: str) -> Row:
        return {"id": number, "name": "Agent", "email": email, "role": "agent", "active": True, "external_id": None}

    def _guard(self, call: Call) -> None:
        basic = base64.b64encode(f"{self.user}/token:{self.token}".encode()).decode()
        if call.headers.get("authorization") not in (f"Basic {basic}", f"Bearer {self.token}"):
            raise Refused(Answer(401, {"error": "Couldn't authenticate you"}))
        if call.body and "json" not in call.headers.get("content-type", ""):
            raise Refused(invalid("the body must be JSON"))
        self.window.count("export" if call.path.startswith(f"{API}/incremental/") else "account")

    def _people(self) -> list[tuple[str, str, Callable[[Call], Answer]]]:
        return [
            ("GET", f"{API}/users", self._by_role),
            ("GET", f"{API}/users/show_many", lambda call: paging.many(call, "users", "user", self.rows)),
            ("GET", f"{API}/users/search", self._search),
            ("POST", f"{API}/users/create_or_update", lambda call: self._upsert("user", call)),
            ("PUT", f"{API}/users/{{id}}", lambda call: self._put("user", call)),
            ("GET", f"{API}/users/{{id}}/identities", self._identities),
            ("POST", f"{API}/users/{{id}}/identities", self._add_identity),
            ("PUT", f"{API}/users/{{id}}/identities/{{identity}}/make_primary", self._promote),
            ("GET", f"{API}/user_fields", lambda call: self._fields("user_fields", call)),
        ]

    def _business(self) -> list[tuple[str, str, Callable[[Call], Answer]]]:
        kind = "organization"
        return [
            ("GET", f"{API}/organizations/show_many", lambda call: paging.many(call, LISTS[kind], kind, self.rows)),
            ("POST", f"{API}/organizations/create_or_update", lambda call: self._upsert(kind, call)),
            ("PUT", f"{API}/organizations/{{id}}", lambda call: self._put(kind, call)),
            ("GET", f"{API}/organization_fields", lambda call: self._fields("organization_fields", call)),
            *self.tickets.routes(API),
        ]

    def _exports(self) -> list[tuple[str, str, Callable[[Call], Answer]]]:
        def cursor(kind: str) -> Callable[[Call], Answer]:
            return lambda call: paging.exported(call, LISTS[kind], kind, self.rows, self.export_lag_s)

        def by_time(call: Call) -> Answer:
            return paging.exported_by_time(call, "organizations", "organization", self.rows, self.export_lag_s)

        return [
            ("GET", f"{API}/incremental/users/cursor", cursor("user")),
            ("GET", f"{API}/incremental/tickets/cursor", cursor("ticket")),
            ("GET", f"{API}/incremental/organizations", by_time),
        ]

    def _by_role(self, call: Call) -> Answer:
        role = call.query.get("role")
        rows = [row for row in self.rows.by_kind["user"].values() if role in (None, row["role"]) and alive("user", row)]
        return paging.listed(call, "users", rows)

    def _search(self, call: Call) -> Answer:
        return paging.searched(call, self.rows, self.misbehaviour.search_lag_s)

    def _fields(self, name: str, call: Call) -> Answer:
        rows = [
            {"id": 1, "key": key, "title": key, "type": "text", "active": True}
            for key in sorted(self.fields.get(name, ()))
        ]
        return paging.listed(call, name, rows)

    def _upsert(self, kind: str, call: Call) -> Answer:
        given = _inner(call, kind)
        row = self.rows.by_external_id(kind, given.get("external_id")) if given.get("external_id") else None
        row = row or (self.rows.by_email(given["email"]) if given.get("email") else None)
        values = self.rows.checked(kind, given, row)
        if row is None:
            return Answer(201, {kind: self.changes.create(kind, values, self.changes.author)})
        self.changes.update(kind, row, values, self.changes.author)
        return Answer(200, {kind: row})

    def _put(self, kind: str, call: Call) -> Answer:
        row = self.changes.there(kind, call.parts["id"])
        self.changes.update(kind, row, self.rows.checked(kind, _inner(call, kind), row), self.changes.author)
        return Answer(200, {kind: row})

    def _identities(self, call: Call) -> Answer:
        row = self.changes.there("user", call.parts["id"])
        return paging.listed(call, "identities", self.rows.identities.get(row["id"], []))

    def _add_identity(self, call: Call) -> Answer:
        row, given = self.changes.there("user", call.parts["id"]), _inner(call, "identity")
        if given.get("type") != "email" or set(given) - {"type", "value", "primary", "skip_verify_email"}:
            raise Refused(invalid("You passed an invalid value for the type attribute."))
        if self.rows.by_email(given.get("value")) is not None:
            raise Refused(record_invalid({"value": "DuplicateValue"}))
        email = self.rows.checked("user", {"email": given.get("value")}, row)["email"]
        one = self.rows.identity(row, "email", email, primary=False)
        if given.get("primary") is True:
            self.changes.promote(row, one)
        return Answer(201, {"identity": one})

    def _promote(self, call: Call) -> Answer:
        row = self.changes.there("user", call.parts["id"])
        held = self.rows.identities.get(row["id"], [])
        one = next((one for one in held if str(one["id"]) == call.parts["identity"]), None)
        if one is None:
            raise Refused(not_found())
        self.changes.promote(row, one)
        return Answer(200, {"identities": held})


def _inner(call: Call, name: str) -> dict[str, Any]:
    body = call.json()
    if not isinstance(body, dict) or set(body) != {name} or not isinstance(body[name], dict):
        raise Refused(invalid(f"the body must hold {name} alone"))
    inner: dict[str, Any] = body[name]
    return inner
