"""A stand-in for a Dataverse environment with Dynamics 365: Web API v9.2 and the contexts of its webhook steps.

https://learn.microsoft.com/en-us/power-apps/developer/data-platform/webapi/ (read November 2026)
"""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from infra.local.standins import dynamics_setting
from infra.local.standins.dynamics_account import APPLICATION_USER, SOMEBODY, Environment
from infra.local.standins.dynamics_pages import Asked, page, show
from infra.local.standins.dynamics_query import selected
from infra.local.standins.dynamics_records import Rows, Stored, etag, flat
from infra.local.standins.dynamics_schema import GUID, Schema, Table, error, refuse
from infra.local.standins.misbehaving import Hook, Misbehaviour, Values
from infra.local.standins.server import Answer, Call, Refused, Standin

ROOT = "/api/data/v9.2/"
WINDOW_S = 300
BUSY = error(429, "0x80072322", "Number of requests exceeded the limit of 6000 over time window of 300 seconds.")
FAULTS = {
    401: error(401, "0x80040220", "Unauthorized"),
    429: Answer(429, BUSY.body, {"Retry-After": "30"}),
    503: error(503, "0x80044150", "The server is busy"),
}
_ROW = re.compile(r"(?P<set>\w+)\((?:(?P<id>[0-9a-f-]{36})|(?P<key>\w+)='(?P<value>[^']*)')\)")
_COUNT = re.compile(r"RetrieveTotalRecordCount\(EntityNames=\['(?P<table>\w+)'\]\)")


@dataclass(slots=True)
class Dynamics:
    """One environment, reached at `url`, whose application user has the access token `token`.

    `requests_per_300_s` is the service protection limit; `key_building_s` is how long a new alternate key is not active.
    """

    url: str
    token: str
    organization_id: str
    now: Callable[[], float] = time.time
    requests_per_300_s: int = 6000
    key_building_s: float = 0.0
    asked: deque[float] = field(default_factory=deque)
    environment: Environment = field(init=False)

    def __post_init__(self) -> None:
        self.environment = Environment(self.organization_id, now=lambda: self.now())

    @property
    def rows(self) -> Rows:
        """The rows."""
        return self.environment.rows

    @property
    def schema(self) -> Schema:
        """The tables."""
        return self.environment.rows.schema

    @property
    def hooks(self) -> list[Hook]:
        """Execution contexts, in the order of the operations."""
        return self.environment.hooks

    @hooks.setter
    def hooks(self, hooks: list[Hook]) -> None:
        self.environment.hooks = hooks

    @property
    def misbehaviour(self) -> Misbehaviour:
        """How the environment departs from the quiet case."""
        return self.environment.misbehaviour

    @misbehaviour.setter
    def misbehaviour(self, misbehaviour: Misbehaviour) -> None:
        self.environment.misbehaviour = misbehaviour

    def standin(self) -> Standin:
        """The API."""
        below = ("{target}", "{target}/{part}", "{target}/{part}/{cast}")
        routes = [(method, ROOT + path, self._any) for path in below for method in ("GET", "POST", "PATCH", "DELETE")]
        return Standin(routes, self._guard, error(404, "0x8006088a", "Resource not found for the segment."), FAULTS)

    def enter(self, kind: str, values: Values) -> str:
        """See CrmStandin; `kind` is contact, account … and lookups are bound as in the API."""
        table = self.schema.tables[kind]
        return str(self.environment.create(table, dict(values), SOMEBODY)[table.id])

    def edit(self, kind: str, record_id: str, values: Values) -> None:
        """See CrmStandin."""
        self.environment.change(self.schema.tables[kind], self.rows.of(kind)[record_id], dict(values), SOMEBODY)

    def remove(self, kind: str, record_id: str) -> None:
        """See CrmStandin."""
        self.environment.delete(self.schema.tables[kind], record_id, SOMEBODY)

    def held(self, kind: str, record_id: str) -> Values | None:
        """See CrmStandin."""
        row = self.rows.of(kind).get(record_id)
        return flat(self.schema.tables[kind], row) if row else None

    def _guard(self, call: Call) -> None:
        if call.bearer != self.token:
            raise Refused(FAULTS[401])
        if call.headers.get("odata-version") != "4.0" or "json" not in call.headers.get("accept", ""):
            raise refuse(400, "0x8006088b", "OData-Version 4.0 and a JSON answer must be asked for")
        while self.asked and self.asked[0] <= self.now() - WINDOW_S:
            self.asked.popleft()
        if len(self.asked) >= self.requests_per_300_s:
            wait_s = int(self.asked[0] + WINDOW_S - self.now()) + 1
            raise Refused(Answer(429, BUSY.body, {"Retry-After": str(wait_s)}))
        self.asked.append(self.now())

    def _any(self, call: Call) -> Answer:
        path = unquote(call.path.removeprefix(ROOT))
        if path.startswith("EntityDefinitions"):
            return dynamics_setting.answer(self.schema, call, path, self.now(), self.key_building_s)
        if counted := _COUNT.fullmatch(path):
            return self._counted(counted["table"])
        if named := _ROW.fullmatch(path):
            return self._row(call, self.schema.of_set(named["set"]), named)
        if call.method != "GET":
            raise refuse(405, "0x80060888", "The method is not supported for this address")
        prefer = call.headers.get("prefer", "")
        return page(self.rows, Asked(self.schema.of_set(path), call.query, prefer, f"{self.url}{ROOT}"))

    def _counted(self, table: str) -> Answer:
        known = {"Keys": [table], "Values": [len(self.rows.of(table))], "Count": 1}
        return Answer(200, {"EntityRecordCountCollection": known})

    def _row(self, call: Call, table: Table, named: re.Match[str]) -> Answer:
        row_id, key, value = named["id"], named["key"], named["value"]
        if row_id and not GUID.fullmatch(row_id):
            raise refuse(400, "0x8006088b", "Not an id")
        row = self.rows.carrying(table, key, value) if key else self.rows.of(table.name).get(row_id)
        if call.method == "PATCH":
            return self._patched(call, table, row, {key: value} if key else {}, row_id or "")
        if row is None:
            raise refuse(404, "0x80040217", f"{table.name} Does Not Exist")
        if call.method == "DELETE":
            self.environment.delete(table, row[table.id], APPLICATION_USER)
            return Answer(204)
        prefer = call.headers.get("prefer", "")
        return Answer(200, show(self.rows, table, row[table.id], selected(call.query, table), prefer))

    def _patched(self, call: Call, table: Table, row: Stored | None, key: dict[str, str], row_id: str) -> Answer:
        """Update, or upsert where no header forbids it."""
        _check_version(call, row)
        body = call.json()
        body, parties = _without_parties(table, body)
        made = row is None
        if row is None:
            row = self.environment.create(table, {**body, **key}, APPLICATION_USER, row_id)
        else:
            self.environment.change(table, row, body, APPLICATION_USER)
        if parties is not None:
            row["parties"] = parties
        if "return=representation" not in call.headers.get("prefer", ""):
            return Answer(204, None, {"OData-EntityId": f"{self.url}{ROOT}{table.plural}({row[table.id]})"})
        shown = show(self.rows, table, row[table.id], selected(call.query, table), "")
        return Answer(201 if made else 200, shown)


def _check_version(call: Call, row: Stored | None) -> None:
    wanted, unless = call.headers.get("if-match"), call.headers.get("if-none-match")
    if wanted and row is None:
        raise refuse(404, "0x80040217", "Does Not Exist")
    if wanted not in (None, "*") and row is not None and wanted != etag(row):
        raise refuse(412, "0x80060882", "The version of the existing record doesn't match the RowVersion property")
    if unless == "*" and row is not None:
        raise refuse(412, "0x80040237", "A record with matching key values already exists.")


def _without_parties(table: Table, body: Any) -> tuple[Any, list[dict[str, Any]] | None]:
    """The body and the parties of a phone call beside it; Refused with 400 where a party is not as documented."""
    name = "phonecall_activity_parties"
    if table.name != "phonecall" or not isinstance(body, dict) or name not in body:
        return body, None
    for party in body[name]:
        binds = [key for key in party if re.fullmatch(r"partyid_(contact|lead|account|systemuser)@odata\.bind", key)]
        if len(binds) != 1 or party.keys() - {*binds, "participationtypemask"}:
            raise refuse(400, "0x80048d19", "A party needs one partyid and its participationtypemask")
    return {key: value for key, value in body.items() if key != name}, body[name]
