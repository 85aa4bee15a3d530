"""Pipedrive's API, version 2 and where it has nothing yet version 1: requests, and what its refusals mean.

https://developers.pipedrive.com/docs/api/v1 and https://pipedrive.readme.io/docs/pipedrive-api-v2-migration-guide
(read November 2026)
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from hub.delivery import Connection
from hub.errors import Busy, Reject, Retry
from hub.parsing import at, list_at, text_at
from hub.ports import Http, HttpResponse

BASE_URL = "https://api.pipedrive.com"
HOSTS = ("api.pipedrive.com", "*.pipedrive.com")
MOST_LISTED = 500
MOST_NOTES = 100
OPERATOR_S = 900
DAILY_LIMIT_S = 3600
UNSURE_S = 10
_DOMAIN = re.compile(r"\A[a-z0-9-]{1,63}\Z")
_WORD = re.compile(r"\A[A-Za-z0-9_.]{1,60}\Z")
_QUOTED = re.compile(r"['\"`]([a-z0-9_]{1,60})['\"`]")
_ADVICE = {
    402: "the account's subscription does not allow it: an administrator must look at Pipedrive's billing page",
    403: "the token's user may not do this, or the plan's number of custom fields is used up",
    404: "there is no such record, or it was deleted",
    410: "there is no such record any more",
}


class Refusal(Reject):
    """Pipedrive will never do this; `names` are those of its own field names that its answer puts in quotes."""

    def __init__(self, status: int, code: str, names: frozenset[str]) -> None:
        advice = _ADVICE.get(status, "the request does not fit the account's fields")
        super().__init__(f"Pipedrive answered {status} {code}: {advice}")
        self.status = status
        self.names = names


@dataclass(frozen=True, slots=True)
class Api:
    """One company's API. Everything but `add` is safe to repeat, so the HTTP client may."""

    http: Http
    token: str | None
    base_url: str = BASE_URL

    @classmethod
    def of(cls, connection: Connection, secrets: Mapping[str, Any], http: Http) -> Api:
        """The API of a connection; without the secret `api_token` the access token is put on by the hub."""
        return cls(http, text_at(dict(secrets), "api_token"), _base_url(connection, secrets))

    def get(self, path: str, **query: str | int | bool | None) -> dict[str, Any]:
        """The answer's body; Refusal where there is no such thing."""
        return self._checked(self._send("GET", path + _query(query)))

    def all(self, path: str, **query: str | int | bool | None) -> Iterator[Any]:
        """The rows of every page of a list of version 2."""
        cursor: str | None = None
        while True:
            answer = self.get(path, limit=MOST_LISTED, cursor=cursor, **query)
            yield from list_at(answer, "data")
            cursor = text_at(answer, "additional_data", "next_cursor")
            if cursor is None:
                return

    def change(self, path: str, body: Mapping[str, Any], method: str = "PATCH") -> dict[str, Any]:
        """Changes one thing; the answer's body."""
        return self._checked(self._send(method, path, body))

    def remove(self, path: str) -> None:
        """Deletes one thing; one that is gone already is as good."""
        answer = self._send("DELETE", path)
        if answer.status not in (404, 410):
            self._checked(answer)

    def add(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Creates one thing. Retry where it may have been created: whoever repeats must search first."""
        try:
            answer = self._send("POST", path, body, idempotent=False)
        except Reject as error:
            raise Retry(
                "Pipedrive broke off while creating: it is searched before it is asked again", UNSURE_S
            ) from error
        if answer.status >= 500:
            raise Retry(f"Pipedrive answered {answer.status} while creating: it is searched before", UNSURE_S)
        return self._checked(answer)

    def _send(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, idempotent: bool = True
    ) -> HttpResponse:
        headers = {"x-api-token": self.token} if self.token else {}
        url = self.base_url + path
        try:
            return self.http.request(method, url, hosts=HOSTS, headers=headers, json=body, idempotent=idempotent)
        except Busy as error:
            raise _put_off(error) from error

    def _checked(self, answer: HttpResponse) -> dict[str, Any]:
        if answer.status in (200, 201):
            body = answer.json()
            return body if isinstance(body, dict) else {}
        if answer.status == 401:
            raise Retry("Pipedrive refuses the token: store a new api_token, or connect the account again", OPERATOR_S)
        body = _readable(answer.body)
        if answer.status == 403 and not isinstance(body, dict):
            # Whoever goes on after many 429 is shut out by the gateway, with a page in place of JSON.
            raise Retry("Pipedrive has shut us out for a while: fewer requests are needed", OPERATOR_S)
        raise Refusal(answer.status, _code(body), frozenset(_QUOTED.findall(str(at(body, "error") or ""))))


def _base_url(connection: Connection, secrets: Mapping[str, Any]) -> str:
    """The company's own host where it is known, as tokens by OAuth need it."""
    given = connection.settings.get("base_url") or text_at(dict(secrets), "instance_url")
    if given:
        return str(given).rstrip("/")
    domain = str(connection.settings.get("company_domain") or "")
    if domain and not _DOMAIN.match(domain):
        raise Reject("the setting company_domain must be the first part of <company_domain>.pipedrive.com alone")
    return f"https://{domain}.pipedrive.com" if domain else BASE_URL


def _query(query: Mapping[str, str | int | bool | None]) -> str:
    given = {name: _written(value) for name, value in query.items() if value is not None}
    return f"?{urlencode(given)}" if given else ""


def _written(value: str | int | bool | None) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _put_off(busy: Busy) -> Retry:
    daily = "daily" in str(at(_readable(busy.body), "error") or "").lower()
    if busy.status == 429 and daily:
        return Retry("Pipedrive's tokens of today are used up: it goes on tomorrow, or buy more", DAILY_LIMIT_S)
    if busy.status == 429:
        return Retry("Pipedrive's limit of requests in two seconds is reached", busy.after_s)
    return Retry(busy.reason, busy.after_s)


def _readable(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _code(body: Any) -> str:
    """The error's fixed word. Its message is never used: it may repeat values."""
    word = at(body, "code")
    return word if isinstance(word, str) and _WORD.match(word) else "unknown"
