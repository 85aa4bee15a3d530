"""Freshsales' API: requests, and what its refusals mean.

https://developers.freshworks.com/crm/api/ (read November 2026, the overview alone; the rest from public code)
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from hub.delivery import Connection
from hub.errors import Busy, Reject, Retry
from hub.parsing import at, dict_at, int_at, list_at, text_at
from hub.ports import Http, HttpResponse

HOSTS = ("*.myfreshworks.com",)
PATH = "/crm/sales/api"
OPERATOR_S = 900
HOURLY_S = 600
UNSURE_S = 10
MOST_LISTED = 100
DONE = frozenset({200, 201, 204})
_ALIAS = re.compile(r"\A[a-z0-9][a-z0-9-]{0,62}\Z")
# What a message says is at fault -> our field. The message itself repeats values, and is never shown.
FAULTS = {
    "email": re.compile(r"\bemails?\b", re.IGNORECASE),
    "mobile": re.compile(r"\bmobile[ _]?number\b", re.IGNORECASE),
    "phone": re.compile(r"\bwork[ _]?number\b", re.IGNORECASE),
    "owner": re.compile(r"\bowner\b", re.IGNORECASE),
    "name": re.compile(r"\bname\b", re.IGNORECASE),
}
# What a path is made of: our words and ids, never what stands in an id from elsewhere.
_OWN = re.compile(r"(?:/[A-Za-z0-9_]+)+(?:\?.*)?")
_UNIQUE = re.compile(r"not unique|already exists|has already been taken", re.IGNORECASE)
_ADVICE = {
    400: "the request does not fit the account's fields",
    403: "the API key's user may not do this: use the key of an administrator",
    404: "there is no such record, or it was deleted",
    422: "a value is not one that the account's fields take",
}


class Refusal(Reject):
    """Freshsales will never do this; `fields` are those of ours that it names, `taken` says that another has the value."""

    def __init__(self, status: int, fields: tuple[str, ...] = (), *, taken: bool = False) -> None:
        super().__init__(f"Freshsales answered {status}: {_ADVICE.get(status, 'it does not say more')}")
        self.status = status
        self.fields = fields
        self.taken = taken


@dataclass(frozen=True, slots=True)
class Api:
    """One account's API. Everything but `add` is safe to repeat, so the HTTP client may."""

    http: Http
    base_url: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, connection: Connection, secrets: Mapping[str, Any], http: Http) -> Api:
        """The API of a connection; Reject where it has no API key or no bundle alias."""
        key = text_at(dict(secrets), "api_key")
        if key is None:
            raise Reject("the connection has no secret api_key: store the key of a user's profile, API settings")
        return cls(http, _base_url(connection), {"authorization": f"Token token={key}"})

    def get(self, path: str, **query: str | int) -> dict[str, Any]:
        """The answer's body; Refusal where there is no such thing."""
        return _checked(self._send("GET", path + (f"?{urlencode(query)}" if query else "")))

    def find(self, path: str, **query: str | int) -> dict[str, Any] | None:
        """As `get`, None where there is no such thing."""
        try:
            return self.get(path, **query)
        except Refusal as error:
            if error.status == 404:
                return None
            raise

    def all(self, path: str, name: str, **query: str | int) -> Iterator[dict[str, Any]]:
        """The rows of every page of a list; `name` is the list's in the answer."""
        page = 1
        while True:
            answer = self.get(path, **query, page=page, per_page=MOST_LISTED)
            yield from (row for row in list_at(answer, name) if isinstance(row, dict))
            if page >= (int_at(answer, "meta", "total_pages") or 0):
                return
            page += 1

    def put(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Changes one thing; the answer's body."""
        return _checked(self._send("PUT", path, body))

    def upsert(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Creates, or changes what has the unique identifier."""
        return _checked(self._send("POST", path, body))

    def add(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Creates one thing. Retry where it may have been created: whoever repeats must look for it first."""
        try:
            answer = self._send("POST", path, body, idempotent=False)
        except Reject as error:
            raise Retry("Freshsales broke off while creating: it is looked for before", UNSURE_S) from error
        if answer.status >= 500:
            raise Retry(f"Freshsales answered {answer.status} while creating: it is looked for before", UNSURE_S)
        return _checked(answer)

    def remove(self, path: str) -> None:
        """Deletes one thing; one that is gone already is as good."""
        answer = self._send("DELETE", path)
        if answer.status != 404:
            _checked(answer)

    def _send(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, idempotent: bool = True
    ) -> HttpResponse:
        if not _OWN.fullmatch(path):
            raise Refusal(404)
        url = self.base_url + PATH + path
        try:
            return self.http.request(method, url, hosts=HOSTS, headers=self.headers, json=body, idempotent=idempotent)
        except Busy as error:
            raise _put_off(error) from error


def _base_url(connection: Connection) -> str:
    given = connection.settings.get("base_url")
    if given:
        return str(given).rstrip("/")
    alias = str(connection.settings.get("bundle_alias") or "")
    if not _ALIAS.match(alias):
        raise Reject("the connection's setting bundle_alias must be the first part of <alias>.myfreshworks.com alone")
    return f"https://{alias}.myfreshworks.com"


def _put_off(busy: Busy) -> Retry:
    if busy.status == 429:
        return Retry("Freshsales' limit of requests in an hour is reached", max(busy.after_s, HOURLY_S))
    return Retry(busy.reason, busy.after_s)


def _checked(answer: HttpResponse) -> dict[str, Any]:
    if answer.status in DONE:
        return _done(answer)
    if answer.status == 401:
        raise Retry("Freshsales refuses the API key: store the key of an active user as api_key", OPERATOR_S)
    said = at(_readable(answer.body), "errors", "message")
    text = " ".join(str(one) for one in (said if isinstance(said, list) else [said]))
    fields = tuple(name for name, fault in FAULTS.items() if fault.search(text))
    raise Refusal(answer.status, fields, taken=bool(_UNIQUE.search(text)))


def _done(answer: HttpResponse) -> dict[str, Any]:
    """The body, {} where there is none; Retry for a page of a proxy, which would look like an empty list."""
    body = _readable(answer.body)
    if body is None and answer.body.strip() not in (b"", b"null"):
        raise Retry("Freshsales' answer is none of its own: something between answered with a page", UNSURE_S)
    return dict_at(body)


def _readable(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
