"""A stand-in for a Pipedrive company: persons, organizations, deals and activities (version 2), notes and users (1).

https://developers.pipedrive.com/docs/api/v1 and the migration guide to version 2 (read November 2026)
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.local.standins.misbehaving import Hook, Misbehaviour, Values
from infra.local.standins.pipedrive_limits import Limits
from infra.local.standins.pipedrive_lists import among, has, item, paged
from infra.local.standins.pipedrive_records import PERSON, PERSON_AT_SCREEN, Author, Records
from infra.local.standins.pipedrive_schema import Row, Schema, error, refuse
from infra.local.standins.server import Answer, Call, Handler, Refused, Standin

V2, V1 = "/api/v2", "/v1"
PATHS = {"persons": "person", "organizations": "organization", "deals": "deal", "activities": "activity"}
FIELD_PATHS = {"personFields": "person", "organizationFields": "organization", "dealFields": "deal"}
LIST_PARAMETERS = frozenset({"limit", "cursor", "ids", "updated_since", "updated_until", "sort_by", "sort_direction",
                             "custom_fields", "include_fields", "person_id", "org_id", "owner_id"})  # fmt: skip
SEARCHED = {"email": "emails", "phone": "phones"}
UNAUTHORIZED = error(401, "unauthorized access", "ERR_UNAUTHORIZED")
MISSING = error(404, "Not found", "ERR_NOT_FOUND")
FAULTS = {
    401: UNAUTHORIZED,
    429: error(429, "Rate limit exceeded", "ERR_RATE_LIMIT"),
    500: error(500, "Internal server error", "ERR_INTERNAL"),
}


@dataclass(slots=True)
class Pipedrive:
    """One company, whose API token is `token`; what it is used for is done as the user `api_user`."""

    token: str
    now: Callable[[], float] = time.time
    api_user: int = 880_100
    most_in_window: int | None = None
    daily_tokens: int | None = None
    misbehaviour: Misbehaviour = field(default_factory=Misbehaviour)
    hooks: list[Hook] = field(default_factory=list)
    schema: Schema = field(default_factory=Schema)
    records: Records = field(init=False)
    limits: Limits = field(init=False)

    def __post_init__(self) -> None:
        """What depends on the clock and the lists."""
        self.records = Records(lambda: self.now(), Author("api", self.api_user), self.misbehaviour, self.hooks)
        self.limits = Limits(lambda: self.now(), self.most_in_window, self.daily_tokens)

    def standin(self) -> Standin:
        """The API, every answer with the headers of the limits."""
        routes: list[tuple[str, str, Handler]] = [
            ("GET", f"{V2}/persons/search", self._search),
            ("GET", f"{V2}/itemSearch/field", self._search_field),
            *((method, f"{V2}/{path}", handler) for path, kind in PATHS.items() for method, handler in self._many(kind)),
            *((method, f"{V2}/{path}/{{id}}", handler) for path, kind in PATHS.items() for method, handler in self._one(kind)),
            *(("GET", f"{V2}/{path}", self._fields(kind)) for path, kind in FIELD_PATHS.items()),
            *(("POST", f"{V2}/{path}", self._new_field(kind)) for path, kind in FIELD_PATHS.items()),
            ("GET", f"{V1}/users", self._users),
            ("GET", f"{V1}/notes", self._notes),
            ("POST", f"{V1}/notes", self._new_note),
            ("PUT", f"{V1}/notes/{{id}}", self._change_note),
            ("DELETE", f"{V1}/notes/{{id}}", self._take_note),
        ]  # fmt: skip
        told = [(method, path, self._told(handler)) for method, path, handler in routes]
        return Standin(told, self._guard, MISSING, FAULTS)

    def enter(self, kind: str, values: Values) -> str:
        """A person creates a record in the app."""
        return str(self.records.create(kind, dict(values), PERSON)["id"])

    def edit(self, kind: str, record_id: str, values: Values) -> None:
        """A person changes a record in the app."""
        self.records.update(kind, int(record_id), dict(values), PERSON)

    def remove(self, kind: str, record_id: str) -> None:
        """A person deletes a record in the app."""
        self.records.remove(kind, int(record_id), PERSON)

    def held(self, kind: str, record_id: str) -> Values | None:
        """The row, None where it is deleted or never was."""
        stored = self.records.of(kind).get(int(record_id))
        return None if stored is None or stored.row["is_deleted"] else stored.row

    def _guard(self, call: Call) -> None:
        if call.headers.get("x-api-token") != self.token and call.bearer != self.token:
            raise Refused(UNAUTHORIZED)
        if refusal := self.limits.refusal(call):
            raise Refused(refusal)
        if call.method in ("POST", "PATCH", "PUT") and "json" not in call.headers.get("content-type", ""):
            raise refuse("Invalid request: body is not JSON")

    def _told(self, handler: Handler) -> Handler:
        def told(call: Call) -> Answer:
            try:
                return self.limits.told(handler(call))
            except Refused as refused:
                return self.limits.told(refused.answer)

        return told

    def _many(self, kind: str) -> list[tuple[str, Handler]]:
        return [("GET", lambda call: self._list(kind, call)), ("POST", lambda call: self._create(kind, call))]

    def _one(self, kind: str) -> list[tuple[str, Handler]]:
        return [
            ("GET", lambda call: _data(self._row(kind, call))),
            ("PATCH", lambda call: self._update(kind, call)),
            ("DELETE", lambda call: self._remove(kind, call)),
        ]

    def _create(self, kind: str, call: Call) -> Answer:
        values = self.schema.check(kind, call.json(), creating=True)
        self._refer(values)
        owner = {} if "owner_id" in values or kind == "note" else {"owner_id": self.api_user}
        return _data(self.records.create(kind, owner | values, self.records.api), 201)

    def _update(self, kind: str, call: Call) -> Answer:
        row = self._row(kind, call)
        if row["is_deleted"]:
            raise Refused(MISSING)
        values = self.schema.check(kind, call.json(), creating=False)
        self._refer(values)
        return _data(self.records.update(kind, row["id"], values, self.records.api))

    def _remove(self, kind: str, call: Call) -> Answer:
        row = self._row(kind, call)
        if row["is_deleted"]:
            raise Refused(MISSING)
        self.records.remove(kind, row["id"], self.records.api)
        return _data({"id": row["id"]})

    def _row(self, kind: str, call: Call) -> Row:
        stored = self.records.of(kind).get(int(call.parts["id"]) if call.parts["id"].isdigit() else 0)
        if stored is None:
            raise Refused(MISSING)
        return stored.row

    def _refer(self, values: Mapping[str, Any]) -> None:
        """What a request refers to must be there."""
        referred = [("organization", "org_id", values.get("org_id"))]
        referred += [("person", "participants", one["person_id"]) for one in values.get("participants", ())]
        for kind, name, found in referred:
            if found is not None and self.held(kind, str(found)) is None:
                raise refuse(f"Validation failed: '{name}' does not exist")
        if values.get("owner_id") not in (None, *(one["id"] for one in self._people())):
            raise refuse("Validation failed: 'owner_id' does not exist")

    def _list(self, kind: str, call: Call) -> Answer:
        rows, query = self.records.rows(kind), call.query
        if unknown := query.keys() - LIST_PARAMETERS:
            raise refuse(f"Validation failed: '{min(unknown)}' is not allowed")
        if "ids" in query:
            rows = among(rows, query["ids"].split(","))
        for name in ("person_id", "org_id", "owner_id"):
            rows = [row for row in rows if name not in query or str(row.get(name)) == query[name]]
        since, until = query.get("updated_since", ""), query.get("updated_until", "9")
        return paged([row for row in rows if since <= row["update_time"] < until], query)

    def _search(self, call: Call) -> Answer:
        name, term = call.query.get("fields", ""), call.query.get("term", "")
        if name not in SEARCHED or len(term) < (1 if call.query.get("exact_match") == "true" else 2):
            raise refuse("Validation failed: 'term' or 'fields' is not valid")
        rows = [row for row in self.records.indexed("person") if has(row[SEARCHED[name]], term, call)]
        return Answer(200, {"success": True, "data": {"items": [{"result_score": 1, "item": item(row)} for row in rows]},
                            "additional_data": {"next_cursor": None}})  # fmt: skip

    def _search_field(self, call: Call) -> Answer:
        kind, code, term = (call.query.get(name, "") for name in ("entity_type", "field", "term"))
        if code not in self.schema.custom.get(kind, {}) or not term or call.query.get("match") != "exact":
            raise refuse("Validation failed: 'field' is not valid")
        rows = [row for row in self.records.indexed(kind) if row["custom_fields"].get(code) == term]
        return _data([{"id": row["id"], code: term} for row in rows])

    def _fields(self, kind: str) -> Handler:
        return lambda call: paged(self.schema.show(kind), {"limit": call.query.get("limit", "100")})

    def _new_field(self, kind: str) -> Handler:
        return lambda call: self.schema.create(kind, call.json())

    def _people(self) -> list[Row]:
        return [
            {"id": PERSON_AT_SCREEN, "name": "Mai Mori", "email": "mai@example.com", "active_flag": True},
            {"id": self.api_user, "name": "Hub", "email": "hub@example.com", "active_flag": True},
        ]

    def _users(self, _call: Call) -> Answer:
        return Answer(200, {"success": True, "data": self._people()})

    def _notes(self, call: Call) -> Answer:
        start, limit = int(call.query.get("start", "0")), min(int(call.query.get("limit", "100")), 500)
        rows = [row for row in self.records.rows("note") if str(row["person_id"]) == call.query.get("person_id")]
        rows.sort(key=lambda row: row["id"], reverse=call.query.get("sort") == "id DESC")
        more = {"start": start, "limit": limit, "more_items_in_collection": start + limit < len(rows)}
        # Version 1 has null where nothing is found.
        return Answer(200, {"success": True, "data": rows[start : start + limit] or None,
                            "additional_data": {"pagination": more}})  # fmt: skip

    def _new_note(self, call: Call) -> Answer:
        body = self._note_body(call)
        if not body.get("content") or not body.get("person_id"):
            raise refuse("Validation failed: 'content' and 'person_id' are required")
        return _data(self.records.create("note", body, self.records.api), 201)

    def _change_note(self, call: Call) -> Answer:
        row, body = self._row("note", call), self._note_body(call)
        if row["is_deleted"]:
            raise Refused(MISSING)
        return _data(self.records.update("note", row["id"], body, self.records.api))

    def _note_body(self, call: Call) -> Row:
        body = call.json()
        if set(body) - {"content", "person_id", "org_id", "deal_id", "add_time", "user_id"}:
            raise refuse("Validation failed: unknown property")
        if "person_id" in body and self.held("person", str(body["person_id"])) is None:
            raise refuse("Validation failed: 'person_id' does not exist")
        return dict(body)

    def _take_note(self, call: Call) -> Answer:
        return self._remove("note", call)


def _data(data: Any, status: int = 200) -> Answer:
    return Answer(status, {"success": True, "data": data})
