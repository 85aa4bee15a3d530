"""A stand-in for a Zoho CRM organization: records, upsert, COQL, search, notes, fields, users, channels (version 8).

https://www.zoho.com/crm/developer/docs/api/v8/ (read November 2026)
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.local.standins import zoho_lists as lists
from infra.local.standins.misbehaving import Hook, Misbehaviour, Values
from infra.local.standins.server import Answer, Call, Refused, Standin
from infra.local.standins.zoho_channels import Channels
from infra.local.standins.zoho_records import HUB, MAI, USERS, Records, one_id
from infra.local.standins.zoho_schema import FIELDS, Row, Schema, error, wrong

API = "/crm/v8"
MOST_WRITTEN = 100
WRAPPER = frozenset({"data", "trigger", "process", "duplicate_check_fields", "wf_trigger", "lar_id"})
UPSERTED = frozenset({"Leads", "Accounts", "Contacts", "Deals", "Cases"})  # the documented list; no activities
UNAUTHORIZED = error(401, "INVALID_TOKEN", "invalid oauth token")
MISSING = error(404, "INVALID_URL_PATTERN", "Please check if the URL trying to access is a correct one")
FAULTS = {
    401: UNAUTHORIZED,
    429: error(429, "TOO_MANY_REQUESTS", "You have exceeded the limit"),
    500: error(500, "INTERNAL_ERROR", "Internal server error occurred."),
}


@dataclass(slots=True)
class Zoho:
    """One organization, whose access token is `token`; its `credits` of 24 hours may be few."""

    token: str
    now: Callable[[], float] = time.time
    credits: int | None = None
    misbehaviour: Misbehaviour = field(default_factory=Misbehaviour)
    hooks: list[Hook] = field(default_factory=list)
    schema: Schema = field(default_factory=Schema)
    records: Records = field(init=False)
    channels: Channels = field(init=False)
    spent: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        """What depends on the clock and the lists."""
        self.records = Records(lambda: self.now(), self.schema, self.misbehaviour, self.hooks)
        self.channels = Channels(lambda: self.now(), self.records.channels)

    def standin(self) -> Standin:
        """The API."""
        routes = (
            ("POST", f"{API}/coql", lambda call: lists.coql(call.json().get("select_query", ""), self._rows)),
            (
                "GET",
                f"{API}/users",
                lambda _call: Answer(200, {"users": self._users(), "info": {"more_records": False}}),
            ),
            ("GET", f"{API}/settings/fields", lambda call: self.schema.show(_module(call))),
            ("POST", f"{API}/settings/fields", lambda call: self.schema.create(_module(call), call.json())),
            ("POST", f"{API}/actions/watch", self.channels.watch),
            ("GET", f"{API}/{{module}}/search", self._search),
            ("GET", f"{API}/{{module}}/deleted", self._deleted),
            ("POST", f"{API}/{{module}}/upsert", self._upsert),
            ("GET", f"{API}/{{module}}/{{id}}/Notes", self._notes),
            ("GET", f"{API}/{{module}}", lambda call: lists.chosen(self._rows(call.parts["module"]), call.query)),
            ("POST", f"{API}/{{module}}", self._insert),
            ("PUT", f"{API}/{{module}}", self._update_many),
            ("PUT", f"{API}/{{module}}/{{id}}", self._update_one),
            ("DELETE", f"{API}/{{module}}/{{id}}", self._remove),
        )
        return Standin(routes, self._guard, MISSING, FAULTS)

    def enter(self, kind: str, values: Values) -> str:
        """A person creates a record."""
        return str(self.records.create(kind, dict(values), MAI)["id"])

    def edit(self, kind: str, record_id: str, values: Values) -> None:
        """A person changes a record."""
        self.records.update(kind, record_id, dict(values), MAI)

    def remove(self, kind: str, record_id: str) -> None:
        """A person deletes a record."""
        self.records.remove(kind, record_id, MAI)

    def held(self, kind: str, record_id: str) -> Values | None:
        """The row as it is now."""
        stored = self.records.of(kind).get(record_id)
        return stored.row if stored else None

    @property
    def _author(self) -> Row:
        return HUB if self.misbehaviour.echo_as == "app" else MAI

    def _guard(self, call: Call) -> None:
        if call.headers.get("authorization") != f"Zoho-oauthtoken {self.token}":
            raise Refused(UNAUTHORIZED)
        self.spent = [at for at in self.spent if at > self.now() - 86_400] + [self.now()]
        if self.credits is not None and len(self.spent) > self.credits:
            raise Refused(FAULTS[429])

    def _users(self) -> list[Row]:
        return [{**one, "full_name": one["name"], "status": "active"} for one in USERS]

    def _rows(self, module: str) -> list[Row]:
        self.schema.known(module)
        return [stored.row for stored in self.records.of(module).values()]

    def _search(self, call: Call) -> Answer:
        module = call.parts["module"]
        return lists.searched(self.records.indexed(module), self.schema.known(module), call.query)

    def _deleted(self, call: Call) -> Answer:
        module = call.parts["module"]
        self.schema.known(module)
        since = call.headers.get("if-modified-since")
        return lists.deleted(self.records.deleted.get(module, []), call.query, since)

    def _notes(self, call: Call) -> Answer:
        rows = [row for row in self._rows("Notes") if row["Parent_Id"]["id"] == call.parts["id"]]
        return lists.chosen(rows, call.query)

    def _insert(self, call: Call) -> Answer:
        module, (rows, _) = call.parts["module"], self._body(call)
        return _told([self._inserted(module, row) for row in rows])

    def _inserted(self, module: str, row: Row) -> Row:
        fault = self._fault(module, row, None)
        return fault or _done(self.records.create(module, row, self._author), "record added", "insert")

    def _update_many(self, call: Call) -> Answer:
        module, (rows, _) = call.parts["module"], self._body(call)
        return _told([self._updated(module, str(row.get("id", "")), row) for row in rows])

    def _update_one(self, call: Call) -> Answer:
        module, (rows, _) = call.parts["module"], self._body(call)
        since, stored = call.headers.get("if-unmodified-since"), self.records.of(module).get(one_id(call.parts["id"]))
        if since and stored and lists.unix(stored.row["Modified_Time"]) > lists.unix(since):
            return error(412, "ALREADY_MODIFIED", "The record has been modified", api_name="Modified_Time")
        return _told([self._updated(module, call.parts["id"], rows[0])])

    def _updated(self, module: str, record_id: str, row: Row) -> Row:
        if record_id not in self.records.of(module):
            return wrong("INVALID_DATA", "the id given seems to be invalid", id=record_id)
        fault = self._fault(module, row, record_id)
        return fault or _done(self.records.update(module, record_id, row, self._author), "record updated", "update")

    def _upsert(self, call: Call) -> Answer:
        module, (rows, body) = call.parts["module"], self._body(call)
        if module not in UPSERTED:
            return error(400, "NOT_SUPPORTED", "the module does not support upsert", api_name=module)
        names = body.get("duplicate_check_fields", [])
        if not set(names) <= set(self.schema.unique(module)):
            return error(400, "INVALID_DATA", "invalid data", api_name="duplicate_check_fields")
        return _told([self._upserted(module, names, row) for row in rows])

    def _upserted(self, module: str, names: list[str], row: Row) -> Row:
        there = (
            one["id"] for one in self._rows(module) for name in names if row.get(name) and one.get(name) == row[name]
        )
        found = next(there, None)
        return self._updated(module, found, row) if found else self._inserted(module, row)

    def _fault(self, module: str, row: Row, record_id: str | None) -> Row | None:
        fault = self.schema.fault(module, row, creating=record_id is None) or self._lookup_fault(module, row)
        return fault or self._duplicate(module, row, record_id)

    def _lookup_fault(self, module: str, row: Row) -> Row | None:
        for name, kind in FIELDS[module].items():
            meant = kind.partition(":")[2] if kind.startswith("lookup") else "Contacts" if kind == "parent" else ""
            value = row.get(name)
            if meant and isinstance(value, Mapping) and value["id"] not in self.records.of(meant):
                return wrong("INVALID_DATA", "the id given seems to be invalid", api_name=name)
            if kind == "ownerlookup" and value and value["id"] not in {one["id"] for one in USERS}:
                return wrong("INVALID_DATA", "the id given seems to be invalid", api_name=name)
        return None

    def _duplicate(self, module: str, row: Row, record_id: str | None) -> Row | None:
        for name in self.schema.unique(module):
            for one in self._rows(module):
                if row.get(name) and one.get(name) == row[name] and one["id"] != record_id:
                    return wrong("DUPLICATE_DATA", "duplicate data", api_name=name, id=one["id"])
        return None

    def _remove(self, call: Call) -> Answer:
        module, record_id = call.parts["module"], one_id(call.parts["id"])
        if record_id not in self.records.of(module):
            return Answer(400, {"data": [wrong("INVALID_DATA", "record not deleted", id=record_id)]})
        row = self.records.of(module)[record_id].row
        self.records.remove(module, record_id, self._author)
        return _told([_done(row, "record deleted", None)])

    def _body(self, call: Call) -> tuple[list[Row], Row]:
        self.schema.known(call.parts["module"])
        body: Any = call.json()
        rows = body.get("data") if isinstance(body, dict) and set(body) <= WRAPPER else None
        if not isinstance(rows, list) or not 0 < len(rows) <= MOST_WRITTEN:
            raise Refused(error(400, "INVALID_DATA", "invalid data", api_name="data"))
        return rows, body


def _module(call: Call) -> str:
    if call.query.get("module") not in FIELDS:
        raise Refused(error(400, "REQUIRED_PARAM_MISSING", "mandatory param missing", param_name="module"))
    return call.query["module"]


def _done(row: Row, message: str, action: str | None) -> Row:
    names = ("Modified_Time", "Modified_By", "Created_Time", "Created_By", "id")
    done = {"code": "SUCCESS", "details": {name: row[name] for name in names}, "message": message, "status": "success"}
    return done | ({"action": action} if action else {})


def _told(results: list[Row]) -> Answer:
    """200 or 201 where all went well, 202 where one alone was refused, 207 where some were."""
    good = sum(one["code"] == "SUCCESS" for one in results)
    if good == len(results):
        return Answer(201 if results[0].get("action") == "insert" else 200, {"data": results})
    return Answer(207 if len(results) > 1 else 202, {"data": results})
