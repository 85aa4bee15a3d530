"""Requests to one environment's Web API (v9.2), and what its refusals mean.

https://learn.microsoft.com/en-us/power-apps/developer/data-platform/webapi/ (read November 2026)
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from hub.delivery import Connection
from hub.errors import Reject, Retry
from hub.parsing import dict_at, text_at
from hub.ports import Http, HttpResponse

HOSTS = ("*.dynamics.com",)
PATH = "/api/data/v9.2/"
OPERATOR_S = 900
PAGE_S = 60
# Rows with the labels of choices, the tables that lookups name, and nothing else beside the columns.
ANNOTATED = (
    'odata.include-annotations="OData.Community.Display.V1.FormattedValue,Microsoft.Dynamics.CRM.lookuplogicalname"'
)
_CODE = re.compile(r"0x[0-9A-Fa-f]{8}")
_URL = re.compile(r"https://[a-z0-9.-]{1,253}|http://(?:127\.0\.0\.1|localhost)(?::\d{1,5})?")
GONE = frozenset({404})
WRITTEN = frozenset({200, 201, 204})


class Refusal(Reject):
    """The API refused for good; `code` is its hexadecimal error code."""

    def __init__(self, status: int, code: str, reason: str = "") -> None:
        super().__init__(reason or f"Dynamics answered {status} {code}")
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True)
class Api:
    """Requests to the environment at `url`; `token` is "" where the wrapper around `http` puts it on."""

    http: Http
    url: str
    token: str = ""

    @classmethod
    def of(cls, connection: Connection, secrets: Mapping[str, Any], http: Http) -> Api:
        """The environment of a connection; Reject where its address is missing or none."""
        url = str(connection.settings.get("base_url") or connection.settings.get("environment_url") or "").rstrip("/")
        if not _URL.fullmatch(url.lower()):
            raise Reject("the connection lacks environment_url, such as https://example.crm.dynamics.com")
        return cls(http, url, str(secrets.get("access_token") or ""))

    def get(self, path: str, query: Mapping[str, str] | None = None, prefer: str = "") -> dict[str, Any]:
        """The body of `path?query`; raises Refusal, Retry or Reject."""
        asked = f"?{urlencode(query, quote_via=quote, safe='$,/()')}" if query else ""
        return dict_at(self.send("GET", path + asked, headers={"prefer": prefer} if prefer else {}).json())

    def send(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> HttpResponse:
        """The answer where it is 2xx; raises Refusal, Retry or Reject."""
        said = {"accept": "application/json", "odata-version": "4.0", "odata-maxversion": "4.0", **(headers or {})}
        said |= {"authorization": f"Bearer {self.token}"} if self.token else {}
        answer = self.http.request(method, f"{self.url}{PATH}{path}", hosts=HOSTS, headers=said, json=body)
        if answer.status not in WRITTEN:
            raise _failure(answer)
        if _readable(answer) is None and answer.body.strip() not in (b"", b"null"):
            raise Retry("Dynamics' answer is none of its own: something between answered with a page", PAGE_S)
        return answer

    def rows(self, path: str, query: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        """All rows of a query, over all of its pages."""
        page = self.get(path, query)
        while True:
            yield from (row for row in page.get("value", []) if isinstance(row, dict))
            link = text_at(page, "@odata.nextLink")
            if link is None:
                return
            page = self.get(self.within(link))

    def within(self, link: str) -> str:
        """A link of the environment's without what all of them begin with; Retry where it leads elsewhere."""
        root = f"{self.url}{PATH}"
        if not link.startswith(root):
            raise Retry("Dynamics gave a link that leads out of the environment")
        return link.removeprefix(root)


def _failure(answer: HttpResponse) -> Exception:
    """The error's fixed code; its message is never used, because it repeats values."""
    code = text_at(_readable(answer), "error", "code") or ""
    code = code if _CODE.fullmatch(code) else "without a code"
    if answer.status == 401:
        why = (
            "check client_id, tenant_id and client_secret, and that the application user is enabled in the environment"
        )
        return Retry(f"Dynamics refuses the access token: {why}", OPERATOR_S)
    return Refusal(answer.status, code)


def _readable(answer: HttpResponse) -> Any:
    try:
        return json.loads(answer.body)
    except ValueError:
        return None


def literal(value: str) -> str:
    """A text as a literal of a filter."""
    return "'" + value.replace("'", "''") + "'"
