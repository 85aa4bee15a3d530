"""A session with one organization: the JWT bearer flow, and what the API's refusals mean.

https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_jwt_flow.htm (read November 2026)
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.salesforce.ids import same_organization
from hub.delivery import Connection
from hub.errors import Reject, Retry
from hub.parsing import dict_at, text_at
from hub.ports import Clock, Http, HttpResponse

HOSTS = ("*.salesforce.com",)
LOGIN_URL = "https://login.salesforce.com"
API_VERSION = "67.0"  # Summer '26
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ASSERTION_S = 180
# Salesforce does not say how long a token lasts (the organization's session timeout, 2 hours unless changed).
TOKEN_S = 2700
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
class Token:
    """An access token, where it is good, and until when (Unix seconds) we use it."""

    value: str
    instance_url: str
    until: float
    http: Http


# Sessions outlive the client, which is built anew for every invocation; one per account and HTTP client.
_tokens: dict[str, Token] = {}


@dataclass(frozen=True, slots=True)
class Session:
    """Requests with a token that is fetched when needed, and once more where it turns out to have ended."""

    http: Http
    clock: Clock
    client_id: str
    username: str
    private_key: str
    login_url: str = LOGIN_URL
    base_url: str = ""
    organization_id: str = ""
    api_version: str = API_VERSION

    @classmethod
    def of(cls, connection: Connection, secrets: Mapping[str, Any], http: Http, clock: Clock) -> Session:
        """The session of a connection; Reject where a setting or the key is missing."""
        known = {**connection.settings, **{name: secrets.get(name) for name in ("private_key",)}}
        known.setdefault("client_id", secrets.get("client_id"))
        missing = [name for name in ("client_id", "username", "private_key") if not known.get(name)]
        if missing:
            raise Reject(f"the connection lacks {', '.join(missing)}")
        names = ("client_id", "username", "private_key", "login_url", "base_url", "organization_id", "api_version")
        return cls(http, clock, **{name: str(known[name]).rstrip("/") for name in names if known.get(name)})

    def request(self, method: str, path: str, body: Any = None) -> HttpResponse:
        """The answer of `/services/data/v<version><path>` where it is 2xx or 300; raises Refusal, Retry or Reject."""
        answer = self._send(self._token(), method, path, body)
        if answer.status == 401:
            _tokens.pop(self._account, None)
            answer = self._send(self._token(), method, path, body)
        return _checked(answer)

    def _send(self, token: Token, method: str, path: str, body: Any) -> HttpResponse:
        headers = {"authorization": f"Bearer {token.value}", "sforce-call-options": CALL_OPTIONS}
        url = f"{token.instance_url}/services/data/v{self.api_version}{path}"
        return self.http.request(method, url, hosts=HOSTS, headers=headers, json=body)

    @property
    def _account(self) -> str:
        text = "\n".join((self.base_url or self.login_url, self.client_id, self.username, self.private_key))
        return hashlib.sha256(text.encode()).hexdigest()

    def _token(self) -> Token:
        known = _tokens.get(self._account)
        if known is None or known.http is not self.http or known.until <= self.clock.now():
            known = _tokens[self._account] = self._new_token()
        return known

    def _new_token(self) -> Token:
        url = f"{self.base_url or self.login_url}/services/oauth2/token"
        form = {"grant_type": JWT_BEARER, "assertion": self._assertion()}
        answer = self.http.request("POST", url, hosts=HOSTS, form=form)
        if answer.status != 200:
            word = _code(text_at(_readable(answer), "error"))
            reason = "check client_id, username and login_url, the certificate, and that the user is allowed to the app"
            raise Retry(f"Salesforce gave no access token ({word}): {reason}", OPERATOR_S)
        return self._granted(dict_at(answer.json()))

    def _granted(self, body: Mapping[str, Any]) -> Token:
        value, instance = text_at(dict(body), "access_token"), text_at(dict(body), "instance_url")
        if value is None or instance is None:
            raise Retry("Salesforce gave no access token", OPERATOR_S)
        parts = (text_at(dict(body), "id") or "").split("/")
        if self.organization_id and len(parts) > 2 and not same_organization(parts[-2], self.organization_id):
            raise Reject("the key is for another organization than the connection's organization_id")
        return Token(value, self.base_url or instance.rstrip("/"), self.clock.now() + TOKEN_S, self.http)

    def _assertion(self) -> str:
        import jwt

        expires_at = int(self.clock.now()) + ASSERTION_S
        claims = {"iss": self.client_id, "sub": self.username, "aud": self.login_url, "exp": expires_at}
        try:
            return jwt.encode(claims, self.private_key, algorithm="RS256")
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise Reject("the secret private_key is no RSA key in PEM form") from error


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
