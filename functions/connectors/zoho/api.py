"""Zoho CRM's API, version 8: requests, what its refusals mean, and the result of each record of a batch.

https://www.zoho.com/crm/developer/docs/api/v8/ (records, COQL, fields, notifications; read November 2026)
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from connectors.zoho import CENTRES
from hub.delivery import Connection
from hub.errors import Busy, Reject, Retry
from hub.parsing import at, dict_at, id_at, list_at, text_at
from hub.ports import Http, HttpResponse

HOSTS = tuple(f"www.zohoapis.{centre}" for centre in CENTRES)
PATH = "/crm/v8"
OPERATOR_S = 900
DAILY_LIMIT_S = 3600
UNSURE_S = 10
STALE = "ALREADY_MODIFIED"
PASSING = frozenset({"INTERNAL_ERROR", "TOO_MANY_REQUESTS", "ALREADY_SCHEDULED"})
UNAUTHORIZED = frozenset({"INVALID_TOKEN", "AUTHENTICATION_FAILURE"})
_WORD = re.compile(r"\A[A-Za-z_][A-Za-z0-9_ ]{0,59}\Z")
_ADVICE = {
    "OAUTH_SCOPE_MISMATCH": "connect the account again with all the scopes that the connector's page lists",
    "NO_PERMISSION": "the connected user's profile does not allow it",
    "INVALID_MODULE": "the account has no such module, or the user may not see it",
    "LIMIT_EXCEEDED": "a limit of the account's edition is reached",
    "DUPLICATE_DATA": "another record has that unique value already",
    "MANDATORY_NOT_FOUND": "the account insists on a field that was not given",
    "RECORD_LOCKED": "the record is locked in Zoho",
    "RECORD_IN_BLUEPRINT": "a blueprint decides about this field: it can be changed in Zoho only",
    "NOT_APPROVED": "the record waits for approval in Zoho",
    "FEATURE_NOT_SUPPORTED": "the account's edition does not have it",
}


def advice(code: str) -> str:
    """What a code means and what to do, in words."""
    return _ADVICE.get(code, "the value does not fit the field's type, length or list")


class Refusal(Reject):
    """Zoho will never do this; `name` is the API name of the field that it means, "" where it names none."""

    def __init__(self, status: int, code: str, name: str = "") -> None:
        super().__init__(f"Zoho answered {status} {code}: {advice(code)}")
        self.status = status
        self.code = code
        self.name = name


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one record of a request: `code` SUCCESS or why not, `name` the field meant, `id` the record's.

    `other` is the record that is in the way where the code says DUPLICATE_DATA.
    """

    code: str
    id: str = ""
    name: str = ""
    modified_at: str | None = None
    other: str = ""


@dataclass(frozen=True, slots=True)
class Api:
    """One organization's API. Everything but `add` is safe to repeat, so the HTTP client may."""

    http: Http
    token: str | None
    base_url: str

    @classmethod
    def of(cls, connection: Connection, secrets: Mapping[str, Any], http: Http) -> Api:
        """The API of a connection, at its data centre; the access token is put on by the hub."""
        return cls(http, text_at(dict(secrets), "access_token"), _base_url(connection, secrets))

    def get(self, path: str, *, since: str | None = None, **query: str | int | None) -> dict[str, Any]:
        """The answer's body; {} where there is nothing."""
        given = {name: value for name, value in query.items() if value is not None}
        headers = {"if-modified-since": since} if since else {}
        return self._checked(self._send("GET", path + (f"?{urlencode(given)}" if given else ""), None, headers))

    def ask(self, query: str) -> list[dict[str, Any]]:
        """The rows of a COQL query."""
        return list_at(self._checked(self._send("POST", "/coql", {"select_query": query})), "data")

    def write(self, method: str, path: str, body: Mapping[str, Any], *, unless: str | None = None) -> list[Result]:
        """One result per record, in order; with `unless` the record must not have changed since (If-Unmodified-Since)."""
        headers = {"if-unmodified-since": unless} if unless else {}
        answer = self._send(method, path, body, headers)
        if answer.status == 412:
            return [Result(STALE)]
        return _results(_readable(answer.body)) or _none(self._checked(answer))

    def add(self, path: str, body: Mapping[str, Any]) -> list[Result]:
        """As `write` for what nothing makes unique: Retry where it may have been done, search before repeating."""
        try:
            answer = self._send("POST", path, body, idempotent=False)
        except Reject as error:
            raise Retry("Zoho broke off while creating: it is searched before it is asked again", UNSURE_S) from error
        if answer.status >= 500:
            raise Retry(f"Zoho answered {answer.status} while creating: it is searched before", UNSURE_S)
        return _results(_readable(answer.body)) or _none(self._checked(answer))

    def remove(self, path: str) -> None:
        """Deletes one record; one that is gone already is as good."""
        answer = self._send("DELETE", path)
        results = _results(_readable(answer.body))
        if not results or results[0].code not in ("SUCCESS", "INVALID_DATA"):
            self._checked(answer)

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Sends settings; the answer's body."""
        return self._checked(self._send("POST", path, body))

    def _send(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        idempotent: bool = True,
    ) -> HttpResponse:
        proof = {"authorization": f"Zoho-oauthtoken {self.token}"} if self.token else {}
        url, sent = self.base_url + PATH + path, {**proof, **(headers or {})}
        try:
            return self.http.request(method, url, hosts=HOSTS, headers=sent, json=body, idempotent=idempotent)
        except Busy as error:
            raise _put_off(error) from error

    def _checked(self, answer: HttpResponse) -> dict[str, Any]:
        if answer.status in (204, 304):
            return {}
        body = _readable(answer.body)
        if answer.status in (200, 201, 202, 207) and text_at(body, "status") != "error":
            return dict_at(answer.json())
        code = _code(body)
        if answer.status == 401 and code != "OAUTH_SCOPE_MISMATCH":
            raise Retry("Zoho refuses the access token: connect the account again", OPERATOR_S)
        raise Refusal(answer.status, code, text_at(body, "details", "api_name") or "")


def _base_url(connection: Connection, secrets: Mapping[str, Any]) -> str:
    given = connection.settings.get("base_url") or text_at(dict(secrets), "instance_url")
    if given:
        return str(given).rstrip("/")
    centre = str(connection.settings.get("data_centre") or "com")
    if centre not in CENTRES:
        raise Reject(f"the setting data_centre must be one of {', '.join(CENTRES)}")
    return f"https://www.zohoapis.{centre}"


def _results(body: Any) -> list[Result]:
    return [_result(one) for one in list_at(body, "data") if isinstance(one, dict) and "code" in one]


def _none(_body: object) -> list[Result]:
    raise Retry("Zoho did not say what became of the records", UNSURE_S)


def _result(one: Mapping[str, Any]) -> Result:
    code, details = _code(one), dict_at(dict(one), "details")
    if code in PASSING:
        raise Retry(f"Zoho could not do a part of the request: {code}", UNSURE_S)
    return Result(
        code=code,
        id=id_at(details, "id") or "",
        name=text_at(details, "api_name") or text_at(details, "mapped_field") or "",
        modified_at=text_at(details, "Modified_Time"),
        other=id_at(details, "duplicate_record", "id") or id_at(details, "id") or "",
    )


def only(results: Sequence[Result]) -> Result:
    """The result of a request with one record."""
    return results[0]


def _put_off(busy: Busy) -> Retry:
    if busy.status == 429:
        reason = "Zoho's limit of simultaneous requests, or of credits in 24 hours, is reached"
        return Retry(reason, busy.after_s)
    return Retry(busy.reason, busy.after_s)


def _readable(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _code(body: Any) -> str:
    """The error's fixed word. Its message is never used."""
    word = at(body, "code")
    return word if isinstance(word, str) and _WORD.match(word) else "unknown"
