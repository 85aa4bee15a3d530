"""Mailchimp's Marketing API 3.0: requests, and what its refusals mean.

https://mailchimp.com/developer/marketing/docs/fundamentals/ and …/docs/errors/ (read November 2026)
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from hub.delivery import Connection
from hub.errors import Busy, Reject, Retry
from hub.parsing import at, list_at, text_at
from hub.ports import Http, HttpResponse

HOSTS = ("*.api.mailchimp.com",)
OPERATOR_S = 900
UNSURE_S = 10
Query = Mapping[str, str | int | None]
_SERVER = re.compile(r"\A[a-z]{2,4}[0-9]{1,4}\Z", re.ASCII)
_TITLE = re.compile(r"\A[A-Za-z ]{3,60}\Z", re.ASCII)
_FIELD = re.compile(r"\A[A-Za-z0-9_.]{1,80}\Z", re.ASCII)
EXISTS, COMPLIANCE, FORGOTTEN = "Member Exists", "Member In Compliance State", "Forgotten Email Not Subscribed"
_ADVICE = {
    403: "the key's user may not do this, or the account is closed: an administrator must look at the account",
    404: "there is no such audience or member",
    405: "the request was not understood",
}


class Refusal(Reject):
    """Mailchimp will never do this; `title` is its fixed word, `names` are those of its fields that it names."""

    def __init__(self, status: int, title: str, names: frozenset[str]) -> None:
        advice = _ADVICE.get(status, "the request does not fit the audience")
        super().__init__(f"Mailchimp answered {status} {title}: {advice}")
        self.status = status
        self.title = title
        self.names = names


@dataclass(frozen=True, slots=True)
class Api:
    """One account's API; everything but `add` is safe to repeat, so the HTTP client may."""

    http: Http
    key: str | None
    base_url: str

    @classmethod
    def of(cls, connection: Connection, secrets: Mapping[str, Any], http: Http) -> Api:
        """The API of a connection; Reject where nothing says which of Mailchimp's servers has the account."""
        key = text_at(dict(secrets), "api_key")
        return cls(http, key, _base_url(connection, secrets, key))

    def get(self, path: str, query: Query | None = None) -> dict[str, Any]:
        """The answer's body; Refusal where there is no such thing."""
        return self._checked(self._send("GET", path + _query(query or {})))

    def find(self, path: str, query: Query | None = None) -> dict[str, Any] | None:
        """As `get`; None where there is no such thing."""
        answer = self._send("GET", path + _query(query or {}))
        return None if answer.status == 404 else self._checked(answer)

    def put(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Creates or changes one thing."""
        return self._checked(self._send("PUT", path, body))

    def change(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Changes one thing."""
        return self._checked(self._send("PATCH", path, body))

    def repeat(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """A POST that may be repeated: members and tags end as the body says."""
        return self._checked(self._send("POST", path, body))

    def add(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Creates one thing. Retry where it may have been created: whoever repeats must search first."""
        try:
            answer = self._send("POST", path, body, idempotent=False)
        except Reject as error:
            raise Retry(
                "Mailchimp broke off while creating: it is searched before it is asked again", UNSURE_S
            ) from error
        if answer.status >= 500:
            raise Retry(f"Mailchimp answered {answer.status} while creating: it is searched before it is asked again")
        return self._checked(answer)

    def remove(self, path: str) -> None:
        """Deletes one thing; one that is gone already is as good."""
        answer = self._send("DELETE", path)
        if answer.status != 404:
            self._checked(answer)

    def _send(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, idempotent: bool = True
    ) -> HttpResponse:
        headers = {"authorization": f"Basic {_basic(self.key)}"} if self.key else {}
        url = self.base_url + path
        try:
            return self.http.request(method, url, hosts=HOSTS, headers=headers, json=body, idempotent=idempotent)
        except Busy as error:
            raise _put_off(error) from error

    def _checked(self, answer: HttpResponse) -> dict[str, Any]:
        if answer.status == 204:
            return {}
        if answer.status == 200:
            body = answer.json()
            return body if isinstance(body, dict) else {}
        if answer.status == 401:
            raise Retry("Mailchimp refuses the key: create a new one and store it as api_key", OPERATOR_S)
        body = _readable(answer.body)
        raise Refusal(answer.status, _title(body), _names(body))


def _base_url(connection: Connection, secrets: Mapping[str, Any], key: str | None) -> str:
    given = connection.settings.get("base_url") or text_at(dict(secrets), "instance_url")
    if given:
        return f"{str(given).rstrip('/')}/3.0"
    # The last part of a key says which server has the account: …-us21.
    server = str(connection.settings.get("server") or (key or "").rpartition("-")[2])
    if not _SERVER.match(server):
        raise Reject("nothing says which server has the account: store the whole api_key, with what follows its dash")
    return f"https://{server}.api.mailchimp.com/3.0"


def _basic(key: str) -> str:
    return base64.b64encode(f"renkei:{key}".encode()).decode("ascii")


def _query(query: Query) -> str:
    given = {name: str(value) for name, value in query.items() if value is not None}
    return f"?{urlencode(given)}" if given else ""


def _put_off(busy: Busy) -> Retry:
    if busy.status == 429:
        return Retry("Mailchimp takes no more than 10 requests at the same time", busy.after_s)
    return Retry(busy.reason, busy.after_s)


def _readable(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _title(body: Any) -> str:
    """The error's fixed words. Its detail is never used: it repeats the address."""
    title = at(body, "title")
    return title if isinstance(title, str) and _TITLE.match(title) else "unknown"


def _names(body: Any) -> frozenset[str]:
    names = (text_at(error, "field") or "" for error in list_at(body, "errors"))
    return frozenset(name for name in names if _FIELD.match(name))
