"""A stand-in for a Salesforce organization: JWT bearer tokens, sObject rows and collections, SOQL, SOSL, change events.

REST API developer guide (sObject Rows, Upsert, Collections, Query, Search, errors); OAuth 2.0 JWT bearer flow (read
November 2026).
"""

from __future__ import annotations

import re
import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from infra.local.standins import salesforce_collections as collections
from infra.local.standins.handwork import by_hand
from infra.local.standins.misbehaving import Hook, Misbehaviour, Values
from infra.local.standins.salesforce_account import Organization
from infra.local.standins.salesforce_bulk import QueryJobs
from infra.local.standins.salesforce_changes import INTEGRATION_USER, Origin
from infra.local.standins.salesforce_records import Row, Rows, show
from infra.local.standins.salesforce_schema import error, refuse
from infra.local.standins.salesforce_search import search
from infra.local.standins.salesforce_setting import SET_UP_ROUTES
from infra.local.standins.salesforce_tokens import App
from infra.local.standins.server import Answer, Call, Handler, Refused, Standin

DATA = "/services/data/{version}"
ROWS = f"{DATA}/sobjects/{{sobject}}"
COLLECTION = f"{DATA}/composite/sobjects"
TOKEN_S = 7200
DAY_S = 86_400
FAULTS = {
    401: error(401, "INVALID_SESSION_ID", "Session expired or invalid"),
    403: error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
    503: error(503, "SERVER_UNAVAILABLE", "The server is temporarily unavailable"),
}
_CLIENT = re.compile(r"(?:^|[,;\s])client=([^,;\s]+)")


@dataclass(slots=True)
class Salesforce:
    """One organization, reached at `url`, with one app (`client_id`, `public_key`) and one user allowed to it.

    `requests_per_day` is what the API takes within 24 hours, `asked` are the times of what it took.
    """

    url: str
    client_id: str
    username: str
    public_key: str
    organization_id: str
    tokens: dict[str, float] = field(default_factory=dict)
    now: Callable[[], float] = time.time
    requests_per_day: int = 100_000
    asked: deque[float] = field(default_factory=deque)
    organization: Organization = field(init=False)
    jobs: QueryJobs = field(init=False)

    def __post_init__(self) -> None:
        self.organization = Organization(self.organization_id, now=lambda: self.now())
        self.jobs = QueryJobs(self.rows, now=lambda: self.now())

    @property
    def rows(self) -> Rows:
        """The records."""
        return self.organization.rows

    @property
    def hooks(self) -> list[Hook]:
        """Change events, in the order of their commits."""
        return self.organization.hooks

    @hooks.setter
    def hooks(self, hooks: list[Hook]) -> None:
        self.organization.hooks = hooks

    @property
    def misbehaviour(self) -> Misbehaviour:
        """How the organization departs from the quiet case."""
        return self.organization.misbehaviour

    @misbehaviour.setter
    def misbehaviour(self, misbehaviour: Misbehaviour) -> None:
        self.organization.misbehaviour = misbehaviour

    def standin(self) -> Standin:
        """The API, and for tests the rows, and what a person enters by hand, `POST /_standin/expire` (every session ends)."""
        routes: list[tuple[str, str, Handler]] = [
            ("GET", f"{DATA}/query", lambda call: self.rows.query(call.query.get("q", ""))),
            ("GET", f"{DATA}/queryAll", lambda call: self.rows.query(call.query.get("q", ""), everything=True)),
            ("GET", f"{DATA}/search", lambda call: search(self.organization, call)),
            ("POST", f"{DATA}/jobs/query", self.jobs.create),
            ("GET", f"{DATA}/jobs/query/{{job}}", self.jobs.show),
            ("GET", f"{DATA}/jobs/query/{{job}}/results", self.jobs.results),
            ("PATCH", COLLECTION, self._update_many),
            ("PATCH", f"{COLLECTION}/{{sobject}}/{{external}}", self._upsert_many),
            ("POST", f"{COLLECTION}/{{sobject}}", self._read_many),
            *((method, f"{DATA}{path}", self._set_up(handle)) for method, path, handle in SET_UP_ROUTES),
            ("GET", f"{ROWS}/describe", lambda call: Answer(200, self.rows.schema.describe(call.parts["sobject"]))),
            ("POST", ROWS, self._insert),
            ("GET", f"{ROWS}/{{id}}", self._read),
            ("PATCH", f"{ROWS}/{{id}}", self._update),
            ("DELETE", f"{ROWS}/{{id}}", self._delete),
            ("PATCH", f"{ROWS}/{{external}}/{{value}}", self._upsert),
        ]
        admin = (
            ("GET", "/_standin/records", lambda _call: Answer(200, _lists(self.rows))),
            ("POST", "/_standin/people", self._person),
            ("POST", "/_standin/people/{id}", self._changed_by_hand),
            ("POST", "/_standin/expire", self._expire),
            *by_hand(self),
        )
        counted = tuple((method, path, self._counted(handle)) for method, path, handle in routes)
        token = (("POST", "/services/oauth2/token", self._token),)
        return Standin(token + counted, self._guard, error(404, "NOT_FOUND", "Not found"), FAULTS, admin)

    def enter(self, kind: str, values: Values) -> str:
        """See CrmStandin; `kind` is Contact, Account …"""
        return str(self.organization.create(kind, values, Origin())["Id"])

    def edit(self, kind: str, record_id: str, values: Values) -> None:
        """See CrmStandin."""
        self.organization.change(kind, self.rows.of(kind)[record_id], values, Origin())

    def remove(self, kind: str, record_id: str) -> None:
        """See CrmStandin."""
        self.organization.delete(kind, record_id, Origin())

    def held(self, kind: str, record_id: str) -> Values | None:
        """See CrmStandin."""
        return self.organization.held(kind, record_id)

    def _counted(self, handle: Handler) -> Handler:
        """Answers within the daily limit, each with the header that says how much of it is used."""

        def answer(call: Call) -> Answer:
            while self.asked and self.asked[0] <= self.now() - DAY_S:
                self.asked.popleft()
            if len(self.asked) >= self.requests_per_day:
                return FAULTS[403]
            self.asked.append(self.now())
            given = handle(call)
            usage = {"Sforce-Limit-Info": f"api-usage={len(self.asked)}/{self.requests_per_day}"}
            return Answer(given.status, given.body, {**given.headers, **usage})

        return answer

    def _guard(self, call: Call) -> None:
        if call.path != "/services/oauth2/token" and self.tokens.get(call.bearer or "", 0) <= self.now():
            raise Refused(FAULTS[401])

    def _token(self, call: Call) -> Answer:
        App(self.url, self.client_id, self.username, self.public_key).admit(call, self.now())
        token = f"{self.organization_id[:15]}!{secrets.token_urlsafe(40)}"
        self.tokens[token] = self.now() + TOKEN_S
        who = f"{self.url}/id/{self.organization_id}/{INTEGRATION_USER}"
        shown = {"access_token": token, "scope": "api", "instance_url": self.url, "id": who, "token_type": "Bearer"}
        return Answer(200, shown)

    def _read(self, call: Call) -> Answer:
        sobject, row = self._row(call)
        names = (
            call.query["fields"].split(",") if call.query.get("fields") else list(self.rows.schema.fields_of(sobject))
        )
        self.rows.schema.known(sobject, names)
        return Answer(200, show(sobject, row, names))

    def _read_many(self, call: Call) -> Answer:
        sobject, body = call.parts["sobject"], call.json()
        if len(body["ids"]) > 2000:
            return error(400, "REQUEST_LIMIT", "at most 2000 ids")
        self.rows.schema.known(sobject, body["fields"])
        rows = [self.rows.find(sobject, record_id) for record_id in body["ids"]]
        return Answer(200, [row and show(sobject, row, body["fields"]) for row in rows])

    def _insert(self, call: Call) -> Answer:
        row = self.organization.create(call.parts["sobject"], collections.fields_in(call), _origin(call))
        return Answer(201, {"id": row["Id"], "success": True, "errors": []})

    def _update(self, call: Call) -> Answer:
        sobject, row = self._row(call)
        self.organization.change(sobject, row, collections.fields_in(call), _origin(call))
        return Answer(204, None)

    def _delete(self, call: Call) -> Answer:
        sobject, row = self._row(call)
        self.organization.delete(sobject, row["Id"], _origin(call))
        return Answer(204, None)

    def _upsert(self, call: Call) -> Answer:
        return collections.upsert_one(self.organization, call, _origin(call))

    def _update_many(self, call: Call) -> Answer:
        return collections.each(collections.records_of(call), collections.update(self.organization, _origin(call)))

    def _upsert_many(self, call: Call) -> Answer:
        write = collections.upsert(self.organization, call.parts["external"], _origin(call))
        return collections.each(collections.records_of(call), write)

    def _set_up(self, handle: Callable[[Organization, Call], Answer]) -> Handler:
        return lambda call: handle(self.organization, call)

    def _row(self, call: Call) -> tuple[str, Row]:
        row = self.rows.find(call.parts["sobject"], call.parts["id"])
        if row is None and call.parts["id"] in self.rows.bin.get(call.parts["sobject"], {}):
            raise refuse(404, "ENTITY_IS_DELETED", "entity is deleted")
        if row is None:
            raise refuse(404, "NOT_FOUND", "The requested resource does not exist")
        return call.parts["sobject"], row

    def _person(self, call: Call) -> Answer:
        body = call.json()
        return Answer(201, self.organization.create("Contact", body["fields"], Origin(), body.get("at")))

    def _changed_by_hand(self, call: Call) -> Answer:
        row, body = self.rows.of("Contact")[call.parts["id"]], call.json()
        self.organization.change("Contact", row, body["fields"], Origin(), body.get("at"))
        return Answer(200, row)

    def _expire(self, _call: Call) -> Answer:
        self.tokens.clear()
        return Answer(204)


def _origin(call: Call) -> Origin:
    """The client that the request names, `unnamed` where it names none."""
    found = _CLIENT.search(call.headers.get("sforce-call-options", ""))
    return Origin(found[1] if found else "unnamed")


def _lists(rows: Rows) -> dict[str, list[Row]]:
    return {sobject: list(found.values()) for sobject, found in rows.by_object.items()}
