"""A stand-in for Freshsales' API as far as it is documented: contacts, accounts, deals, notes, tasks, views, lookups.

https://developers.freshworks.com/crm/api/ (read November 2026; the rest from public code that uses the API)
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from infra.local.standins.freshsales_rows import KEYS, Row, Rows, refusal
from infra.local.standins.misbehaving import Hook, Misbehaviour
from infra.local.standins.server import Answer, Call, Refused, Standin

API = "/crm/sales/api"
PATHS = {"contact": "contacts", "sales_account": "sales_accounts", "deal": "deals"}
VIEWS = {"contact": 4_001, "sales_account": 4_002, "deal": 4_003}
USERS = {17: "agent@example.com", 18: "person@example.com"}
STAGES = [{"id": 71, "name": "New"}, {"id": 72, "name": "Won"}]
HOUR_S = 3600
FAULTS = {
    429: Answer(429, {"message": "You have exceeded the limit of requests per hour"}),
    500: Answer(500, {"errors": {"code": 500, "message": ["Internal error"]}}),
    503: Answer(503, {"errors": {"code": 503, "message": ["Unavailable"]}}),
}
# The webhook's words for what the workflow's placeholders would be filled with.
TEMPLATE = {"contact": "contact", "sales_account": "account", "deal": "deal"}
Handler = Callable[[Call], Answer]


@dataclass(slots=True)
class Freshsales:
    """One account, one of whose users has the API key `key`; `fields` are the contacts' own (`cf_…`)."""

    key: str
    now: Callable[[], float] = time.time
    fields: frozenset[str] = frozenset()
    most_requests: int = 1_000
    hooks: list[Hook] = field(default_factory=list)
    misbehaviour: Misbehaviour = field(default_factory=Misbehaviour)
    rows: Rows = field(init=False)
    seen: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        """An empty account with two users."""
        self.rows = Rows(lambda: self.now(), self.fields, frozenset(USERS))

    def standin(self) -> Standin:
        """The API."""
        routes = [
            ("GET", f"{API}/selector/owners", _owners),
            ("GET", f"{API}/lookup", self._lookup),
            ("GET", f"{API}/tasks", self._tasks),
            ("GET", f"{API}/contacts/{{id}}/notes", self._notes),
            *(route for kind in PATHS for route in self._of(kind)),
            *(route for kind in ("note", "task") for route in self._activities(kind)),
        ]
        return Standin(routes, self._guard, refusal(404, "Not found"), FAULTS)

    def enter(self, kind: str, values: Mapping[str, Any]) -> str:
        """A person creates a record."""
        return str(self._create(kind, self.rows.checked(kind, dict(values), None))["id"])

    def edit(self, kind: str, record_id: str, values: Mapping[str, Any]) -> None:
        """A person changes a record."""
        row = self.rows.there(kind, record_id)
        self._update(kind, row, self.rows.checked(kind, dict(values), row))

    def remove(self, kind: str, record_id: str) -> None:
        """A person deletes a record."""
        row = self.rows.there(kind, record_id)
        del self.rows.by_kind[kind][row["id"]]
        self._tell(kind, row, "deleted")

    def held(self, kind: str, record_id: str) -> Row | None:
        """The record as it is now."""
        return deepcopy(self.rows.by_kind[kind].get(int(record_id)))

    def _guard(self, call: Call) -> None:
        if call.headers.get("authorization") != f"Token token={self.key}":
            raise Refused(Answer(401, {"login": "failed", "message": "Requires authentication"}))
        if call.body and "json" not in call.headers.get("content-type", ""):
            raise Refused(refusal(415, "the body must be JSON"))
        self.seen = [at for at in self.seen if at > self.now() - HOUR_S]
        if len(self.seen) >= self.most_requests:
            raise Refused(FAULTS[429])
        self.seen.append(self.now())

    def _of(self, kind: str) -> list[tuple[str, str, Handler]]:
        path = f"{API}/{PATHS[kind]}"
        view = {"filters": [{"id": 1, "name": "My records"}, {"id": VIEWS[kind], "name": f"All {PATHS[kind]}"}]}
        reading: list[tuple[str, str, Handler]] = [
            ("GET", f"{path}/filters", lambda _call: Answer(200, view)),
            ("GET", f"{path}/view/{{view}}", lambda call: self._listed(kind, call)),
            (
                "GET",
                f"{API}/settings/{PATHS[kind]}/fields",
                lambda _call: Answer(200, {"fields": self.rows.described(kind)}),
            ),
            ("GET", f"{path}/{{id}}", lambda call: self._shown(kind, self.rows.there(kind, call.parts["id"]))),
        ]
        if kind == "deal":
            return reading
        return [
            *reading,
            ("POST", f"{path}/upsert", lambda call: self._upsert(kind, call)),
            ("PUT", f"{path}/{{id}}", lambda call: self._put(kind, call)),
        ]

    def _activities(self, kind: str) -> list[tuple[str, str, Handler]]:
        return [
            ("POST", f"{API}/{kind}s", lambda call: self._add(kind, call)),
            ("PUT", f"{API}/{kind}s/{{id}}", lambda call: self._put(kind, call)),
            ("DELETE", f"{API}/{kind}s/{{id}}", lambda call: self._delete(kind, call)),
        ]

    def _shown(self, kind: str, row: Row) -> Answer:
        included = {"deal_stages": STAGES, "deal_pipelines": [{"id": 61, "name": "Default"}]} if kind == "deal" else {}
        return Answer(200, {KEYS[kind]: row, **included})

    def _listed(self, kind: str, call: Call) -> Answer:
        if call.parts["view"] != str(VIEWS[kind]):
            return refusal(404, "no such view")
        order = call.query.get("sort", "id")
        rows = sorted(
            self.rows.by_kind[kind].values(),
            key=lambda row: (str(row[order]), row["id"]),
            reverse=call.query.get("sort_type") == "desc",
        )
        more = {"deal_stages": STAGES} if kind == "deal" else {}
        return _page(call, PATHS[kind], rows, more)

    def _lookup(self, call: Call) -> Answer:
        name, value = call.query.get("f", ""), call.query.get("q", "").casefold()
        if name not in ("email", "mobile_number", "work_number", "name") or not value:
            return refusal(400, "f is not valid")
        found = [row for row in self.rows.by_kind["contact"].values() if str(row.get(name) or "").casefold() == value]
        return Answer(200, {"contacts": {"contacts": found, "meta": {"total": len(found)}}})

    def _tasks(self, call: Call) -> Answer:
        status = {"open": 0, "completed": 1}.get(call.query.get("filter", ""))
        if status is None:
            return refusal(400, "filter is not valid")
        return _page(call, "tasks", [row for row in self.rows.by_kind["task"].values() if row["status"] == status], {})

    def _notes(self, call: Call) -> Answer:
        contact = self.rows.there("contact", call.parts["id"])
        notes = [row for row in self.rows.by_kind["note"].values() if str(row["targetable_id"]) == str(contact["id"])]
        return _page(call, "notes", notes, {})

    def _upsert(self, kind: str, call: Call) -> Answer:
        body = call.json()
        if not isinstance(body, dict) or set(body) != {"unique_identifier", KEYS[kind]}:
            return refusal(400, "unique_identifier is missing")
        ((name, value),) = body["unique_identifier"].items()
        row = self.rows.by(kind, name, value)
        values = self.rows.checked(kind, body[KEYS[kind]], row)
        if row is None:
            return Answer(201, {KEYS[kind]: self._create(kind, values)})
        self._update(kind, row, values)
        return Answer(200, {KEYS[kind]: row})

    def _add(self, kind: str, call: Call) -> Answer:
        values = self.rows.checked(kind, _inner(call, kind), None)
        return Answer(201, {kind: self.rows.add(kind, values)})

    def _put(self, kind: str, call: Call) -> Answer:
        row = self.rows.there(kind, call.parts["id"])
        self._update(kind, row, self.rows.checked(kind, _inner(call, KEYS[kind]), row))
        return Answer(200, {KEYS[kind]: row})

    def _delete(self, kind: str, call: Call) -> Answer:
        del self.rows.by_kind[kind][self.rows.there(kind, call.parts["id"])["id"]]
        return Answer(200, True)

    def _create(self, kind: str, values: Row) -> Row:
        row = self.rows.add(kind, values)
        self._tell(kind, row, "created")
        self._ran(kind, row, values)
        return row

    def _update(self, kind: str, row: Row, values: Row) -> None:
        if self.rows.change(row, values):
            self._tell(kind, row, "updated")
            self._ran(kind, row, values)

    def _ran(self, kind: str, row: Row, written: Row) -> None:
        """The customer's own automations, upon what somebody wrote; not upon what they write themselves."""
        for automation in self.misbehaviour.automations * self.misbehaviour.most_automated:
            if self.rows.change(row, dict(automation(kind, str(row["id"]), written))):
                self._tell(kind, row, "updated")

    def _tell(self, kind: str, row: Row, event: str) -> None:
        """What the workflow of our page would send, where the record has one."""
        if kind in TEMPLATE:
            plain = {name: value for name, value in row.items() if not isinstance(value, (dict, list))}
            body = {"object": TEMPLATE[kind], "event": event, **plain}
            text = json.dumps(body, ensure_ascii=False).encode()
            self.hooks.append(Hook(text, {"content-type": "application/json"}))


def _owners(_call: Call) -> Answer:
    users = [{"id": found, "email": mail, "display_name": mail.partition("@")[0]} for found, mail in USERS.items()]
    return Answer(200, {"users": users})


def _page(call: Call, name: str, rows: list[Row], more: Row) -> Answer:
    size, page = int(call.query.get("per_page", "25")), int(call.query.get("page", "1"))
    if size > 100:
        return refusal(400, "per_page is at most 100")
    meta = {"total_pages": -(-len(rows) // size), "total": len(rows)}
    return Answer(200, {name: rows[(page - 1) * size : page * size], "meta": meta, **more})


def _inner(call: Call, name: str) -> Any:
    body = call.json()
    if not isinstance(body, dict) or set(body) != {name}:
        raise Refused(refusal(400, f"the body must hold {name} alone"))
    return body[name]
