"""Zendesk's Support API, version 2: requests, and what its refusals mean.

https://developer.zendesk.com/api-reference/introduction/requests/ and …/introduction/rate-limits/ (read November 2026)
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from hub.delivery import Connection
from hub.errors import Busy, Reject, Retry
from hub.parsing import dict_at, list_at, text_at
from hub.ports import Http, HttpResponse

HOSTS = ("*.zendesk.com",)
PATH = "/api/v2"
MOST_SHOWN = 100
OPERATOR_S = 900
UNSURE_S = 10
CONFLICT_S = 2
DONE = frozenset({200, 201, 202, 204})
_SUBDOMAIN = re.compile(r"\A[a-z0-9][a-z0-9-]{0,62}\Z")
_WORD = re.compile(r"\A[A-Za-z0-9_.]{1,60}\Z")
_ADVICE = {
    400: "the request is not in the form that this account takes",
    403: "the agent of the token may not do this: make it an administrator",
    404: "there is no such record, or it was deleted",
    409: "the record has changed meanwhile",
    413: "the request is too large",
    422: "a value is not one that the account's fields take",
}
Pair = tuple[str, str | int]


class Refusal(Reject):
    """Zendesk will never do this; `names` are those of its fields that it names, `taken` says that another has the value."""

    def __init__(self, status: int, code: str, names: Sequence[str] = (), *, taken: bool = False) -> None:
        super().__init__(f"Zendesk answered {status} {code}: {_ADVICE.get(status, 'it does not say more')}")
        self.status = status
        self.names = tuple(names)
        self.taken = taken


@dataclass(frozen=True, slots=True)
class Api:
    """One account's API. Everything but `add` is safe to repeat, so the HTTP client may."""

    http: Http
    base_url: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, connection: Connection, secrets: Mapping[str, Any], http: Http) -> Api:
        """The API of a connection; without the secret `api_token` the access token is put on by the hub."""
        return cls(http, _base_url(connection), _credentials(dict(secrets)))

    def get(self, path: str, *query: Pair) -> dict[str, Any]:
        """The answer's body; Refusal where there is no such thing."""
        return _checked(self._send("GET", path, query))

    def shown(self, path: str, ids: Iterable[str], **query: str) -> Iterator[dict[str, Any]]:
        """The rows of those ids that exist, by `show_many`, 100 at a time; `path` names the list too."""
        unique = [one for one in dict.fromkeys(ids) if one.isascii() and one.isdigit()]
        for start in range(0, len(unique), MOST_SHOWN):
            answer = self.get(
                f"/{path}/show_many", ("ids", ",".join(unique[start : start + MOST_SHOWN])), *query.items()
            )
            yield from (row for row in list_at(answer, path) if isinstance(row, dict))

    def all(self, path: str, name: str, *query: Pair) -> Iterator[dict[str, Any]]:
        """The rows of every page of a list that pages by cursor; `name` is the list's in the answer."""
        after: str | None = None
        while True:
            cursor: tuple[Pair, ...] = (("page[after]", after),) if after else ()
            answer = self.get(path, ("page[size]", MOST_SHOWN), *query, *cursor)
            yield from (row for row in list_at(answer, name) if isinstance(row, dict))
            after = text_at(answer, "meta", "after_cursor")
            if dict_at(answer, "meta").get("has_more") is not True or after is None:
                return

    def put(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Changes one thing; the answer's body."""
        return _checked(self._send("PUT", path, body=body))

    def keyed(self, path: str, body: Mapping[str, Any], key: str = "") -> dict[str, Any]:
        """Creates, or finds what was created: by the body's external id, or by `key`, which Zendesk keeps two hours."""
        more = {"idempotency-key": key} if key else {}
        return _checked(self._send("POST", path, body=body, more=more))

    def add(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Creates one thing. Retry where it may have been created: whoever repeats must look for it first."""
        try:
            answer = self._send("POST", path, body=body, idempotent=False)
        except Reject as error:
            raise Retry(
                "Zendesk broke off while creating: it is looked for before it is asked again", UNSURE_S
            ) from error
        if answer.status >= 500:
            raise Retry(f"Zendesk answered {answer.status} while creating: it is looked for before", UNSURE_S)
        return _checked(answer)

    def remove(self, path: str) -> None:
        """Deletes one thing; one that is gone already is as good."""
        answer = self._send("DELETE", path)
        if answer.status != 404:
            _checked(answer)

    def _send(
        self,
        method: str,
        path: str,
        query: Sequence[Pair] = (),
        body: Mapping[str, Any] | None = None,
        more: Mapping[str, str] | None = None,
        *,
        idempotent: bool = True,
    ) -> HttpResponse:
        url = self.base_url + PATH + path + (f"?{urlencode(query)}" if query else "")
        headers = {**self.headers, **(more or {})}
        try:
            return self.http.request(method, url, hosts=HOSTS, headers=headers, json=body, idempotent=idempotent)
        except Busy as error:
            raise _put_off(error) from error


def _base_url(connection: Connection) -> str:
    given = connection.settings.get("base_url")
    if given:
        return str(given).rstrip("/")
    subdomain = str(connection.settings.get("subdomain") or "")
    if not _SUBDOMAIN.match(subdomain):
        raise Reject("the connection's setting subdomain must be the first part of <subdomain>.zendesk.com alone")
    return f"https://{subdomain}.zendesk.com"


def _credentials(secrets: dict[str, Any]) -> dict[str, str]:
    """Basic with `<agent's e-mail>/token:<token>`, or nothing where the hub has an access token to put on."""
    token, user = text_at(secrets, "api_token"), text_at(secrets, "api_user")
    if token is None:
        access = text_at(secrets, "access_token")
        return {"authorization": f"Bearer {access}"} if access else {}
    if user is None:
        raise Reject("the connection has a secret api_token but no api_user: store the agent's e-mail address there")
    proof = base64.b64encode(f"{user}/token:{token}".encode()).decode("ascii")
    return {"authorization": f"Basic {proof}"}


def _put_off(busy: Busy) -> Retry:
    if busy.status == 429:
        # Also for a limit of one endpoint, which its Zendesk-RateLimit-… header names; Retry-After holds for it.
        return Retry("Zendesk's limit of requests in a minute is reached", busy.after_s)
    return Retry(busy.reason, busy.after_s)


def _checked(answer: HttpResponse) -> dict[str, Any]:
    if answer.status in DONE:
        return _done(answer)
    if answer.status == 401:
        reason = (
            "Zendesk refuses the credentials: create an API token and store it as api_token with the agent as api_user"
        )
        raise Retry(reason, OPERATOR_S)
    body = _readable(answer.body)
    error = text_at(body, "error") or text_at(body, "error", "title") or ""
    details = dict_at(body, "details")
    codes = {text_at(one, "error") for name in details for one in list_at(details, name)}
    names = [name for name in details if _WORD.match(name)]
    raise Refusal(answer.status, error if _WORD.match(error) else "", names, taken=codes == {"DuplicateValue"})


def _done(answer: HttpResponse) -> dict[str, Any]:
    """The body, {} where there is none; Retry for a page of a proxy, which would look like an empty list."""
    body = _readable(answer.body)
    if body is None and answer.body.strip() not in (b"", b"null"):
        raise Retry("Zendesk's answer is none of its own: something between answered with a page", UNSURE_S)
    return dict_at(body)


def _readable(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
