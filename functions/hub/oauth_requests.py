"""Requests for tokens: each flow as a form, and the client shown as the platform wants it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from hub.connector import Connector
from hub.delivery import Connection
from hub.errors import Reject, Retry
from hub.oauth_answers import granted, instance_of
from hub.oauth_grant import Grant, address, credential, filled
from hub.outbound import OAuth
from hub.ports import Clock, Http, HttpResponse

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ASSERTION_S = 180


@dataclass(frozen=True, slots=True)
class TokenEndpoint:
    """One connection's way to its platform's token endpoint; `local` as in `hub.oauth_grant.address`."""

    http: Http
    clock: Clock
    connection: Connection
    connector: Connector
    oauth: OAuth
    local: bool = False

    def exchange(self, secrets: Mapping[str, Any], code: str, redirect_uri: str, verifier: str) -> Grant:
        """The tokens for an authorization code; Dead, Retry or Reject."""
        proof = {"code_verifier": verifier} if verifier else {}
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri, **proof}
        return self._grant("authorization_code", form, secrets, None)

    def renew(self, flow: str, secrets: Mapping[str, Any], before: Grant | None) -> Grant:
        """New tokens by the connection's flow; Dead, Retry or Reject."""
        return self._grant(flow, self._form(flow, secrets, before), secrets, before)

    def _form(self, flow: str, secrets: Mapping[str, Any], before: Grant | None) -> dict[str, str]:
        if flow == "jwt_bearer":
            return {"grant_type": JWT_BEARER, "assertion": self._assertion(secrets)}
        if flow == "client_credentials":
            return {"grant_type": "client_credentials", **self._scope()}
        return {"grant_type": "refresh_token", "refresh_token": before.refresh_token if before else ""}

    def _scope(self) -> dict[str, str]:
        scopes = [filled(scope, self.oauth, self.connection.settings) for scope in self.oauth.scopes]
        return {"scope": self.oauth.scope_separator.join(scopes)} if scopes else {}

    def _grant(self, flow: str, form: dict[str, str], secrets: Mapping[str, Any], before: Grant | None) -> Grant:
        answer = self._ask({**form, **self.oauth.extra}, secrets, flow)
        grant = granted(answer, self.oauth, flow, self.clock.now(), before, self.connection.settings)
        if not self.oauth.instance_from or grant.instance_url:
            return grant
        return Grant(**{**_parts(grant), "instance_url": self._instance(grant)})

    def _ask(self, form: dict[str, str], secrets: Mapping[str, Any], flow: str) -> HttpResponse:
        """A code or a refresh token, which may be good for one use, is not sent again blindly."""
        url, hosts = address(self.oauth.token_url, self.oauth, self.connection, self.connector.hosts, local=self.local)
        shown, headers = ({}, {}) if flow == "jwt_bearer" else self._client(secrets)
        try:
            return self.http.request(
                "POST",
                url,
                hosts=hosts,
                headers={"accept": "application/json", **headers},
                form={**form, **shown},
                idempotent=flow != "authorization_code",
            )
        except Reject as error:
            raise Retry(error.reason, 30) from error

    def _client(self, secrets: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
        """The client's id and secret for the form, or as a header."""
        client = credential("client_id", self.connection, secrets)
        secret = credential("client_secret", self.connection, secrets)
        if not client:
            raise Reject("the connection lacks the setting client_id")
        if self.oauth.client_auth == "basic":
            pair = f"{quote(client, '')}:{quote(secret, '')}".encode()
            return {}, {"authorization": f"Basic {base64.b64encode(pair).decode('ascii')}"}
        return {"client_id": client, **({"client_secret": secret} if secret else {})}, {}

    def _instance(self, grant: Grant) -> str:
        url, hosts = address(
            self.oauth.instance_from, self.oauth, self.connection, self.connector.hosts, local=self.local
        )
        headers = {"accept": "application/json", "authorization": f"OAuth {grant.access_token}"}
        return instance_of(self.http.request("GET", url, hosts=hosts, headers=headers), self.oauth)

    def _assertion(self, secrets: Mapping[str, Any]) -> str:
        import jwt

        settings = self.connection.settings
        claims = {
            "iss": credential("client_id", self.connection, secrets),
            "sub": str(settings.get("username") or ""),
            "aud": filled(self.oauth.audience, self.oauth, settings),
            "exp": int(self.clock.now()) + ASSERTION_S,
        }
        missing = [name for name, claim in (("client_id", claims["iss"]), ("username", claims["sub"])) if not claim]
        if missing:
            raise Reject(f"the connection lacks {', '.join(missing)}")
        try:
            return jwt.encode(claims, str(secrets.get("private_key") or ""), algorithm="RS256")
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise Reject("the secret private_key is no RSA key in PEM form") from error

    def authorize_url(self, secrets: Mapping[str, Any], *, state: str, redirect_uri: str, verifier: str) -> str:
        """Where a person says yes on the platform; Reject where a setting is missing."""
        url, _hosts = address(
            self.oauth.authorize_url, self.oauth, self.connection, self.connector.hosts, local=self.local
        )
        client = credential("client_id", self.connection, secrets)
        if not client:
            raise Reject("the connection lacks the setting client_id")
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        proof = {"code_challenge": challenge, "code_challenge_method": "S256"} if self.oauth.pkce else {}
        asked = {"response_type": "code", "client_id": client, "redirect_uri": redirect_uri, "state": state}
        return f"{url}?{urlencode({**asked, **self._scope(), **proof, **self.oauth.ask})}"


def _parts(grant: Grant) -> dict[str, Any]:
    return {name: getattr(grant, name) for name in grant.__slots__}
