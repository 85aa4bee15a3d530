"""WooCommerce's REST API, version 3, at the shop's own address: requests, and what its refusals mean.

https://woocommerce.github.io/woocommerce-rest-api-docs/ and the controllers' source (read November 2026)
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from hub.delivery import Connection
from hub.errors import Busy, Reject, Retry
from hub.parsing import at, dict_at, int_at, text_at, whole
from hub.ports import Http, HttpResponse

PATH = "/wp-json/wc/v3"
OPERATOR_S = 900
UNSURE_S = 10
MOST = 100  # rows of a page, and entries of a batch
Query = Mapping[str, str | int | None]
_CODE = re.compile(r"\A[a-z0-9_-]{1,80}\Z", re.ASCII)
_NAME = re.compile(r"\A[a-z0-9_.\[\]]{1,80}\Z", re.ASCII)
_ADVICE = {
    403: "the key may not do this: it needs read/write, of a user who may manage customers",
    404: "the shop has no such record, or no WooCommerce API at its site_url with pretty permalinks",
}


class Refusal(Reject):
    """WooCommerce will never do this; `code` is its fixed word, `names` are those of its fields that it names."""

    def __init__(self, status: int, code: str, names: frozenset[str] = frozenset()) -> None:
        super().__init__(f"WooCommerce answered {status} {code}: {_ADVICE.get(status, 'the request does not fit')}")
        self.status = status
        self.code = code
        self.names = names


@dataclass(frozen=True, slots=True)
class Rows:
    """A page of a list; `total` is how many there are in all, where the shop says so."""

    rows: tuple[Mapping[str, Any], ...]
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Api:
    """One shop's API; everything but `add` is safe to repeat, so the HTTP client may."""

    http: Http
    credentials: tuple[str, str]
    base_url: str

    @classmethod
    def of(cls, connection: Connection, secrets: Mapping[str, Any], http: Http) -> Api:
        """The API of a connection; Reject where its site_url is no https address or a part of the key is missing."""
        key, secret = text_at(dict(secrets), "consumer_key"), text_at(dict(secrets), "consumer_secret")
        if key is None or secret is None:
            raise Reject("the connection lacks the secrets consumer_key and consumer_secret: create a key in the shop")
        settings = connection.settings
        return cls(http, (key, secret), str(settings.get("base_url") or settings.get("site_url") or "").rstrip("/"))

    def rows(self, path: str, query: Query) -> Rows:
        """A page of a list."""
        answer = self._send("GET", path + _query(query))
        found = self._checked(answer)
        rows = tuple(row for row in found if isinstance(row, dict)) if isinstance(found, list) else ()
        return Rows(rows, whole(answer.headers.get("x-wp-total", "")))

    def shown(self, path: str, ids: Sequence[str], query: Query) -> list[Mapping[str, Any]]:
        """The rows with those ids, as many as there are of them."""
        unique = list(dict.fromkeys(one for one in ids if one.isascii() and one.isdigit()))
        chunks = [unique[start : start + MOST] for start in range(0, len(unique), MOST)]
        asked = [{**query, "include": ",".join(chunk), "per_page": MOST} for chunk in chunks]
        return [row for one in asked for row in self.rows(path, one).rows]

    def update(self, path: str, changes: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """The batch form, at most MOST entries: for each its row, or its id with `error`."""
        found = dict_at(self._checked(self._send("POST", f"{path}/batch", {"update": list(changes)})))
        return [row for row in found.get("update", ()) if isinstance(row, dict)]

    def add(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Creates one thing. Retry where it may have been created: whoever repeats must search first."""
        try:
            answer = self._send("POST", path, body, idempotent=False)
        except Reject as error:
            raise Retry(
                "the shop broke off while creating: it is searched before it is asked again", UNSURE_S
            ) from error
        if answer.status >= 500:
            raise Retry(f"the shop answered {answer.status} while creating: it is searched before it is asked again")
        return dict_at(self._checked(answer))

    def _send(self, method: str, path: str, body: Any = None, *, idempotent: bool = True) -> HttpResponse:
        url, headers = f"{self.base_url}{PATH}{path}", {"authorization": f"Basic {_basic(self.credentials)}"}
        host = urlsplit(self.base_url).hostname or ""
        try:
            return self.http.request(method, url, hosts=(host,), headers=headers, json=body, idempotent=idempotent)
        except Busy as error:
            raise Retry(f"the shop answered {error.status}: it is asked again later", error.after_s) from error

    def _checked(self, answer: HttpResponse) -> Any:
        if answer.status in (200, 201):
            return answer.json()
        if answer.status == 401:
            raise Retry("the shop refuses the key: create a new one, with read/write, and store both parts", OPERATOR_S)
        raise refusal(answer.status, _readable(answer.body))


def refusal(status: int, body: Any) -> Refusal:
    """The refusal that an error's body tells of. Its message is never used: it may repeat values."""
    code = at(body, "code")
    names = at(body, "data", "params")  # an object by name, or a list of names
    return Refusal(
        int_at(body, "data", "status") or status,
        code if isinstance(code, str) and _CODE.match(code) else "unknown",
        frozenset(name for name in names or () if isinstance(name, str) and _NAME.match(name)),
    )


def _basic(credentials: tuple[str, str]) -> str:
    return base64.b64encode(":".join(credentials).encode()).decode("ascii")


def _query(query: Query) -> str:
    given = {name: str(value) for name, value in query.items() if value is not None}
    return f"?{urlencode(given)}" if given else ""


def _readable(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
