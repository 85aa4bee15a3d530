"""A platform's authorization server, strict as RFC 6749 and 7636 are: codes and rotated refresh tokens are good once."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode

import jwt

from infra.local.standins.server import Answer, Call, Refused, Standin

CODE_S = 60
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@dataclass(slots=True)
class OAuthServer:
    """One app of one account. `rotates`: a refresh token is good once, and its successor comes with each answer.

    `public_key` proves JWT bearers. `issued` grows with every access token; `requests` counts by grant type.
    """

    client_id: str
    client_secret: str
    redirect_uri: str = ""
    scopes: tuple[str, ...] = ()
    rotates: bool = True
    lasts_s: int = 1800
    refresh_lasts_s: int = 0
    basic: bool = False
    pkce: bool = True
    public_key: Any = None
    audience: str = ""
    extra: dict[str, Any] = field(default_factory=dict)
    now: Callable[[], float] = time.time
    issued: list[str] = field(default_factory=list)
    requests: dict[str, int] = field(default_factory=dict)
    refresh_tokens: set[str] = field(default_factory=set)
    revoked: set[str] = field(default_factory=set)
    _ends_at: dict[str, float] = field(default_factory=dict)
    _codes: dict[str, tuple[str, float]] = field(default_factory=dict)

    def standin(self) -> Standin:
        """The server's endpoints; the authorization page says yes at once."""
        routes = (("GET", "/oauth/authorize", self._authorize), ("POST", "/oauth/token", self._token))
        return Standin(routes, lambda _call: None, Answer(404, {"error": "not_found"}))

    def good(self, token: str | None) -> bool:
        """Whether an access token opens the platform's API."""
        return token in self._ends_at and token not in self.revoked and self.now() < self._ends_at[token]

    def code(self, challenge: str = "") -> str:
        """A person said yes: the code that comes to the redirect URI."""
        code = f"code-{len(self._codes)}-{secrets.token_hex(8)}"
        self._codes[code] = (challenge, self.now() + CODE_S)
        return code

    def refresh_token(self) -> str:
        """A refresh token as an earlier authorization would have given it."""
        token = f"refresh-{secrets.token_hex(12)}"
        self.refresh_tokens.add(token)
        return token

    def _authorize(self, call: Call) -> Answer:
        query = call.query
        known = query.get("client_id") == self.client_id and query.get("redirect_uri") == self.redirect_uri
        if not known or query.get("response_type") != "code":
            return Answer(400, {"error": "invalid_request"})
        if self.pkce and query.get("code_challenge_method") != "S256":
            return Answer(400, {"error": "invalid_request"})
        back = {"code": self.code(query.get("code_challenge", "")), "state": query.get("state", "")}
        return Answer(302, "", {"location": f"{self.redirect_uri}?{urlencode(back)}"})

    def _token(self, call: Call) -> Answer:
        form = {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
        kind = form.get("grant_type", "")
        self.requests[kind] = self.requests.get(kind, 0) + 1
        if kind != JWT_BEARER:
            self._require_client(call, form)
        flow = _FLOWS.get(kind)
        if flow is None:
            raise Refused(Answer(400, {"error": "unsupported_grant_type"}))
        return flow(self, form)

    def _require_client(self, call: Call, form: dict[str, str]) -> None:
        given = (form.get("client_id", ""), form.get("client_secret", ""))
        if self.basic:
            text = base64.b64decode(call.headers.get("authorization", "").removeprefix("Basic ")).decode()
            given = (text.partition(":")[0], text.partition(":")[2])
        if given != (self.client_id, self.client_secret):
            raise Refused(Answer(401, {"error": "invalid_client"}))

    def _by_code(self, form: dict[str, str]) -> Answer:
        challenge, until = self._codes.pop(form.get("code", ""), ("", 0.0))
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        proven = not challenge or base64.urlsafe_b64encode(digest).decode().rstrip("=") == challenge
        if self.now() > until or not proven or form.get("redirect_uri") != self.redirect_uri:
            raise Refused(Answer(400, {"error": "invalid_grant"}))
        return self._granted(self.refresh_token())

    def _by_refresh_token(self, form: dict[str, str]) -> Answer:
        token = form.get("refresh_token", "")
        if token not in self.refresh_tokens:
            raise Refused(Answer(400, {"error": "invalid_grant"}))
        if not self.rotates:
            return self._granted("")
        self.refresh_tokens.discard(token)
        return self._granted(self.refresh_token())

    def _by_client(self, _form: dict[str, str]) -> Answer:
        return self._granted("")

    def _by_assertion(self, form: dict[str, str]) -> Answer:
        try:
            claims = jwt.decode(
                form.get("assertion", ""),
                self.public_key,
                algorithms=["RS256"],
                audience=self.audience,
                options={"verify_exp": False},
            )
        except jwt.PyJWTError:
            raise Refused(Answer(400, {"error": "invalid_grant"})) from None
        if claims.get("iss") != self.client_id or not self.now() < claims["exp"] <= self.now() + 300:
            raise Refused(Answer(400, {"error": "invalid_grant"}))
        return self._granted("")

    def _granted(self, refresh_token: str) -> Answer:
        token = f"access-{len(self.issued)}-{secrets.token_hex(8)}"
        self.issued.append(token)
        self._ends_at[token] = self.now() + self.lasts_s
        lasting = {"refresh_token_expires_in": self.refresh_lasts_s} if refresh_token and self.refresh_lasts_s else {}
        again = {"refresh_token": refresh_token, **lasting} if refresh_token else {}
        body = {"access_token": token, "token_type": "Bearer", "expires_in": self.lasts_s, **again, **self.extra}
        return Answer(200, body)


_FLOWS: dict[str, Callable[[OAuthServer, dict[str, str]], Answer]] = {
    "authorization_code": OAuthServer._by_code,
    "refresh_token": OAuthServer._by_refresh_token,
    "client_credentials": OAuthServer._by_client,
    JWT_BEARER: OAuthServer._by_assertion,
}
