"""Intercom's REST API, version 2.16: requests, and what its refusals mean.

Paths and bodies as in Intercom's published description of 2.16; limits and errors:
https://developers.intercom.com/docs/references/rest-api/errors/rate-limiting (read November 2026)
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from hub.delivery import Connection
from hub.errors import Busy, Reject, Retry
from hub.parsing import at, dict_at, list_at, text_at
from hub.ports import Http, HttpResponse

VERSION = "2.16"
REGIONS = {"us": "api.intercom.io", "eu": "api.eu.intercom.io", "au": "api.au.intercom.io"}
HOSTS = tuple(REGIONS.values())
OPERATOR_S = 900
# What was created is not found by a search for some minutes.
UNSURE_S = 300
MOST_LISTED = 150
DONE = frozenset({200, 201, 202, 204})
GONE = frozenset({404, 410})
_WORD = re.compile(r"\A[a-z_]{1,60}\Z", re.ASCII)
_FIELD = re.compile(r"\A[A-Za-z0-9_.]{1,80}\Z", re.ASCII)
_CANONICAL = re.compile(r"</contacts/([A-Za-z0-9_-]{1,64})>;\s*rel=\"?canonical")
_ADVICE = {
    400: "the request is not in the form that this workspace takes",
    403: "the app lacks a permission, or the workspace's plan does not hold this",
    404: "there is no such record, or it was deleted",
    409: "another record already has this e-mail address or external id",
    410: "the record was merged into another",
    422: "a value is not one that the workspace takes",
}


class Refusal(Reject):
    """Intercom will never do this; `names` are its names of the fields at fault, `merged_into` a contact's survivor."""

    def __init__(self, status: int, code: str, names: Sequence[str] = (), merged_into: str = "") -> None:
        super().__init__(f"Intercom answered {status} {code}: {_ADVICE.get(status, 'it does not say more')}")
        self.status = status
        self.code = code
        self.names = tuple(names)
        self.merged_into = merged_into


@dataclass(frozen=True, slots=True)
class Api:
    """One workspace's API. Everything but `add` is safe to repeat, so the HTTP client may."""

    http: Http
    base_url: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, connection: Connection, secrets: Mapping[str, Any], http: Http) -> Api:
        """The API of a connection; without the secret `access_token` the hub puts one on that it got by OAuth."""
        token = text_at(dict(secrets), "access_token")
        headers = {"intercom-version": VERSION, "accept": "application/json"}
        return cls(http, _base_url(connection), headers | ({"authorization": f"Bearer {token}"} if token else {}))

    def get(self, *path: str, **query: str | int | None) -> dict[str, Any]:
        """The answer's body; Refusal where there is no such thing."""
        given = {name: value for name, value in query.items() if value is not None}
        return _checked(self._send("GET", _path(path) + (f"?{urlencode(given)}" if given else "")))

    def find(self, *path: str) -> dict[str, Any] | None:
        """As `get`, None where it is gone; Refusal where it was merged into another."""
        try:
            return self.get(*path)
        except Refusal as error:
            if error.status in GONE and not error.merged_into:
                return None
            raise

    def search(self, kind: str, query: Mapping[str, Any], after: str | None = None, **more: Any) -> dict[str, Any]:
        """A page of a search among contacts, tickets or conversations."""
        pagination = {"per_page": MOST_LISTED} | ({"starting_after": after} if after else {})
        body = {"query": query, "pagination": pagination, **more}
        return _checked(self._send("POST", f"/{kind}/search", body))

    def companies(self, page: int, size: int) -> dict[str, Any]:
        """A page of the companies; a reading, though it is asked for by POST."""
        return _checked(self._send("POST", f"/companies/list?{urlencode({'page': page, 'per_page': size})}"))

    def put(self, body: Mapping[str, Any], *path: str) -> dict[str, Any]:
        """Changes one thing; the answer's body."""
        return _checked(self._send("PUT", _path(path), body))

    def keyed(self, body: Mapping[str, Any], *path: str) -> dict[str, Any]:
        """Creates, or changes what carries the body's own key."""
        return _checked(self._send("POST", _path(path), body))

    def add(self, body: Mapping[str, Any], *path: str) -> dict[str, Any]:
        """Creates one thing. Retry where it may have been created: whoever repeats must look for it first."""
        try:
            answer = self._send("POST", _path(path), body, idempotent=False)
        except Reject as error:
            raise Retry(
                "Intercom broke off while creating: it is looked for before it is asked again", UNSURE_S
            ) from error
        if answer.status >= 500:
            raise Retry(f"Intercom answered {answer.status} while creating: it is looked for before", UNSURE_S)
        return _checked(answer)

    def remove(self, *path: str) -> None:
        """Deletes one thing; one that is gone already is as good."""
        answer = self._send("DELETE", _path(path))
        if answer.status not in GONE:
            _checked(answer)

    def _send(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, idempotent: bool = True
    ) -> HttpResponse:
        url = self.base_url + path
        try:
            return self.http.request(method, url, hosts=HOSTS, headers=self.headers, json=body, idempotent=idempotent)
        except Busy as error:
            raise _put_off(error) from error


def rows(answer: Mapping[str, Any], name: str = "data") -> Iterator[dict[str, Any]]:
    """The objects of a list in an answer."""
    return (row for row in list_at(dict(answer), name) if isinstance(row, dict))


def next_of(answer: Mapping[str, Any]) -> str | None:
    """Where the page after this one starts; None after the last."""
    return text_at(dict(answer), "pages", "next", "starting_after")


def _path(parts: Sequence[str]) -> str:
    return "/" + "/".join(quote(part, "") for part in parts)


def _base_url(connection: Connection) -> str:
    given = connection.settings.get("base_url")
    if given:
        return str(given).rstrip("/")
    host = REGIONS.get(str(connection.settings.get("region") or "us").lower())
    if host is None:
        raise Reject(f"the connection's setting region must be one of {', '.join(REGIONS)}")
    return f"https://{host}"


def _put_off(busy: Busy) -> Retry:
    if busy.status == 429:
        return Retry("Intercom's limit of requests in ten seconds is reached", max(busy.after_s, 10))
    return Retry(busy.reason, busy.after_s)


def _checked(answer: HttpResponse) -> dict[str, Any]:
    if answer.status in DONE:
        return _done(answer)
    if answer.status == 401:
        reason = "Intercom refuses the access token: copy the app's token again, or connect the workspace again"
        raise Retry(reason, OPERATOR_S)
    errors = list_at(_readable(answer.body), "errors")
    code = text_at(errors, 0, "code") or ""
    names = [name for one in errors if (name := text_at(one, "field")) and _FIELD.match(name)]
    link = _CANONICAL.search(answer.headers.get("link", ""))
    into = link[1] if link and answer.status == 410 else ""
    raise Refusal(answer.status, code if _WORD.match(code) else "", names, into)


def _done(answer: HttpResponse) -> dict[str, Any]:
    """The body, {} where there is none; Retry for a page of a proxy, which would look like an empty list."""
    body = _readable(answer.body)
    if body is None and answer.body.strip() not in (b"", b"null"):
        raise Retry("Intercom's answer is none of its own: something between answered with a page", UNSURE_S)
    return dict_at(body)


def _readable(body: bytes) -> Any:
    try:
        return at(json.loads(body))
    except ValueError:
        return None
