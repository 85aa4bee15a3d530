"""A stand-in for a Salesforce organization: JWT bearer tokens, sObject rows, upsert by external id, SOQL.

REST API developer guide (sObject Rows, Upsert, Query, errors); OAuth 2.0 JWT bearer flow (read November 2026).
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import jwt

from infra.local.standins.salesforce_records import Row, Rows, show
from infra.local.standins.salesforce_schema import describe, error, fields_of, refuse
from infra.local.standins.server import Answer, Call, Refused, Standin

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
DATA = "/services/data/{version}"
ROWS = f"{DATA}/sobjects/{{sobject}}"
LONGEST_ASSERTION_S = 300
TOKEN_S = 7200
USAGE = {"Sforce-Limit-Info": "api-usage=18/100000"}
FAULTS = {
    401: error(401, "INVALID_SESSION_ID", "Session expired or invalid"),
    403: error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
    503: error(503, "SERVER_UNAVAILABLE", "The server is temporarily unavailable"),
}


@dataclass(slots=True)
class Salesforce:
    """One organization, reached at `url`, with one app (`client_id`, `public_key`) and one user allowed to it."""

    url: str
    client_id: str
    username: str
    public_key: str
    organization_id: str
    rows: Rows = field(default_factory=Rows)
    tokens: dict[str, float] = field(default_factory=dict)
    now: Callable[[], float] = time.time

    def standin(self) -> Standin:
        """The API, and for tests the rows, and what a person enters by hand, `POST /_standin/expire` (every session ends)."""
        routes = (
            ("POST", "/services/oauth2/token", self._token),
            ("GET", f"{DATA}/query", self._query),
            ("POST", f"{DATA}/composite/sobjects/{{sobject}}", self._read_many),
            ("GET", f"{ROWS}/describe", lambda call: Answer(200, describe(call.parts["sobject"]), USAGE)),
            ("POST", ROWS, self._insert),
            ("GET", f"{ROWS}/{{id}}", self._read),
            ("PATCH", f"{ROWS}/{{id}}", self._update),
            ("PATCH", f"{ROWS}/{{external}}/{{value}}", self._upsert),
        )
        admin = (
            ("GET", "/_standin/records", lambda _call: Answer(200, _lists(self.rows))),
            ("POST", "/_standin/people", self._person),
            ("POST", "/_standin/people/{id}", self._changed_by_hand),
            ("POST", "/_standin/expire", self._expire),
        )
        return Standin(routes, self._guard, error(404, "NOT_FOUND", "Not found"), FAULTS, admin)

    def _guard(self, call: Call) -> None:
        if call.path != "/services/oauth2/token" and self.tokens.get(call.bearer or "", 0) <= self.now():
            raise Refused(FAULTS[401])

    def _token(self, call: Call) -> Answer:
        form = {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
        if form.get("grant_type") != JWT_BEARER:
            return _denied("unsupported_grant_type", "grant type not supported")
        claims = self._claims(form.get("assertion", ""))
        if claims.get("iss") != self.client_id:
            return _denied("invalid_client_id", "client identifier invalid")
        if claims.get("sub") != self.username:
            return _denied("invalid_grant", "user hasn't approved this consumer")
        token = f"{self.organization_id[:15]}!{secrets.token_urlsafe(40)}"
        self.tokens[token] = self.now() + TOKEN_S
        who = f"{self.url}/id/{self.organization_id}/005RK0000000001AAA"
        shown = {"access_token": token, "scope": "api", "instance_url": self.url, "id": who, "token_type": "Bearer"}
        return Answer(200, shown)

    def _claims(self, assertion: str) -> dict[str, Any]:
        audiences = ["https://login.salesforce.com", "https://test.salesforce.com", self.url]
        try:
            claims: dict[str, Any] = jwt.decode(
                assertion,
                self.public_key,
                algorithms=["RS256"],
                audience=audiences,
                options={"require": ["iss", "sub", "aud", "exp"], "verify_exp": False, "verify_iat": False},
            )
        except jwt.PyJWTError as wrong:
            raise Refused(_denied("invalid_grant", "invalid assertion")) from wrong
        if not self.now() < float(claims["exp"]) <= self.now() + LONGEST_ASSERTION_S:
            raise Refused(_denied("invalid_grant", "expired authorization code"))
        return claims

    def _read(self, call: Call) -> Answer:
        sobject, row = self._row(call)
        names = call.query["fields"].split(",") if call.query.get("fields") else list(fields_of(sobject))
        _known(sobject, names)
        return Answer(200, show(sobject, row, names), USAGE)

    def _read_many(self, call: Call) -> Answer:
        sobject, body = call.parts["sobject"], call.json()
        if len(body["ids"]) > 2000:
            return error(400, "REQUEST_LIMIT", "at most 2000 ids")
        _known(sobject, body["fields"])
        rows = [self.rows.find(sobject, record_id) for record_id in body["ids"]]
        return Answer(200, [row and show(sobject, row, body["fields"]) for row in rows], USAGE)

    def _query(self, call: Call) -> Answer:
        rows = self.rows.query(call.query.get("q", ""))
        return Answer(200, {"totalSize": len(rows), "done": True, "records": rows}, USAGE)

    def _insert(self, call: Call) -> Answer:
        row = self.rows.insert(call.parts["sobject"], _fields(call))
        return Answer(201, {"id": row["Id"], "success": True, "errors": []}, USAGE)

    def _update(self, call: Call) -> Answer:
        sobject, row = self._row(call)
        self.rows.update(sobject, row, _fields(call))
        return Answer(204, None, USAGE)

    def _upsert(self, call: Call) -> Answer:
        answer = self.rows.upsert(call.parts["sobject"], call.parts["external"], call.parts["value"], _fields(call))
        return Answer(answer.status, answer.body, USAGE)

    def _row(self, call: Call) -> tuple[str, Row]:
        row = self.rows.find(call.parts["sobject"], call.parts["id"])
        if row is None:
            raise refuse(404, "NOT_FOUND", "The requested resource does not exist")
        return call.parts["sobject"], row

    def _person(self, call: Call) -> Answer:
        body = call.json()
        return Answer(201, self.rows.insert("Contact", body["fields"], body.get("at")))

    def _changed_by_hand(self, call: Call) -> Answer:
        row = self.rows.of("Contact")[call.parts["id"]]
        body = call.json()
        self.rows.update("Contact", row, body["fields"], body.get("at"))
        return Answer(200, row)

    def _expire(self, _call: Call) -> Answer:
        self.tokens.clear()
        return Answer(204)


def _fields(call: Call) -> dict[str, Any]:
    body = call.json()
    if not isinstance(body, dict):
        raise refuse(400, "JSON_PARSER_ERROR", "an object was expected")
    return {name: value for name, value in body.items() if name != "attributes"}


def _known(sobject: str, names: list[str]) -> None:
    for name in names:
        if name not in fields_of(sobject):
            raise refuse(400, "INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject}")


def _denied(code: str, description: str) -> Answer:
    return Answer(400, {"error": code, "error_description": description})


def _lists(rows: Rows) -> dict[str, list[Row]]:
    return {sobject: list(found.values()) for sobject, found in rows.by_object.items()}
