"""Requests to one organization, and what the API's refusals mean; the access token is put on by `hub.authorized`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.salesforce import CONNECTOR
from hub.authorized import Authorized, alone
from hub.delivery import Connection
from hub.errors import Reject, Retry
from hub.oauth_grant import INSTANCE, credential
from hub.parsing import text_at
from hub.ports import Clock, Http, HttpResponse

HOSTS = CONNECTOR.hosts
API_VERSION = "67.0"  # Summer '26
OPERATOR_S = 900
# Comes back in every change event's changeOrigin, so that our own writes can be recognised.
CALL_OPTIONS = "client=renkei"
_CODE = re.compile(r"[A-Za-z_]{1,60}")
# Codes that pass by themselves, with the wait in seconds.
_PASSING = {
    "REQUEST_LIMIT_EXCEEDED": (OPERATOR_S, "the organization's API requests of the last 24 hours are used up"),
    "UNABLE_TO_LOCK_ROW": (5, "the record is being changed by somebody else"),
    "SERVER_UNAVAILABLE": (30, "the organization is not available for the moment"),
}


class Refusal(Reject):
    """The API refused for good; `code` is its errorCode."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"Salesforce answered {status} {code}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Session:
    """Requests over an `http` that carries the token; `host_url` is the organization's where it is known beforehand."""

    http: Http
    host_url: str = ""
    api_version: str = API_VERSION

    @classmethod
    def of(cls, connection: Connection, secrets: Mapping[str, Any], http: Http, clock: Clock) -> Session:
        """The session of a connection; Reject where a setting or the key is missing."""
        carrying, settings = alone(http, clock, connection, CONNECTOR, secrets), connection.settings
        if not isinstance(carrying, Authorized):
            raise Reject("the connection lacks private_key")
        needed = {"client_id": credential("client_id", connection, secrets), "username": settings.get("username")}
        missing = [name for name, value in needed.items() if not value]
        if missing and secrets.get("private_key"):
            raise Reject(f"the connection lacks {', '.join(missing)}")
        host_url = str(settings.get("base_url") or secrets.get(INSTANCE) or "").rstrip("/")
        return cls(carrying, host_url, str(settings.get("api_version") or API_VERSION))

    def request(self, method: str, path: str, body: Any = None) -> HttpResponse:
        """The answer of `/services/data/v<version><path>` where it is 2xx or 300; raises Refusal, Retry or Reject."""
        url = f"{self.host_url or self._told_host_url()}/services/data/v{self.api_version}{path}"
        headers = {"sforce-call-options": CALL_OPTIONS}
        return _checked(self.http.request(method, url, hosts=HOSTS, headers=headers, json=body))

    def _told_host_url(self) -> str:
        """The organization's host as it came with the token."""
        return self.http.tokens.current().instance_url if isinstance(self.http, Authorized) else ""


def _checked(answer: HttpResponse) -> HttpResponse:
    if answer.status < 300 or answer.status == 300:
        return answer
    body = _readable(answer)
    code = _code(text_at(body, 0, "errorCode") or text_at(body, "errorCode"))
    if code in _PASSING:
        after_s, reason = _PASSING[code]
        raise Retry(f"Salesforce answered {code}: {reason}", after_s)
    if answer.status == 401:
        raise Retry("Salesforce refuses a fresh access token: check that the user may use the API", OPERATOR_S)
    raise Refusal(answer.status, code)


def _readable(answer: HttpResponse) -> Any:
    try:
        return json.loads(answer.body)
    except ValueError:
        return None


def _code(word: str | None) -> str:
    """The error's fixed word; its message is never used, because it repeats values."""
    return word if word and _CODE.fullmatch(word) else "unknown"
