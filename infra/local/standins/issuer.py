"""An OpenID Connect issuer for the local run: discovery, keys, and tokens by client credentials (RFC 6749 4.4)."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from infra.local.standins.server import Answer, Call, Refused, Standin

SCOPES = frozenset({"renkei/agent", "renkei/admin"})
LIFETIME_S = 3600


@dataclass(frozen=True, slots=True)
class Issuer:
    """Issues tokens to one client; `url` is what the API's authorizer trusts."""

    url: str
    audience: str
    client_id: str
    client_secret: str
    key: rsa.RSAPrivateKey
    now: Callable[[], float] = time.time

    def standin(self) -> Standin:
        """The issuer's endpoints."""
        routes = (
            ("GET", "/.well-known/openid-configuration", self._discovery),
            ("GET", "/jwks", self._keys),
            ("POST", "/token", self._token),
        )
        return Standin(routes, lambda _call: None, Answer(404, {"error": "not_found"}))

    def _discovery(self, _call: Call) -> Answer:
        return Answer(
            200,
            {
                "issuer": self.url,
                "jwks_uri": f"{self.url}/jwks",
                "token_endpoint": f"{self.url}/token",
                "grant_types_supported": ["client_credentials"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "scopes_supported": sorted(SCOPES),
            },
        )

    def _keys(self, _call: Call) -> Answer:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return Answer(200, {"keys": [public | {"kid": "local", "use": "sig", "alg": "RS256"}]})

    def _token(self, call: Call) -> Answer:
        form = {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
        if form.get("grant_type") != "client_credentials":
            raise Refused(Answer(400, {"error": "unsupported_grant_type"}))
        if self._client_of(call, form) != (self.client_id, self.client_secret):
            raise Refused(Answer(401, {"error": "invalid_client"}))
        scopes = form.get("scope", "").split()
        if not scopes or not SCOPES.issuperset(scopes):
            raise Refused(Answer(400, {"error": "invalid_scope"}))
        token = self._signed(" ".join(scopes))
        return Answer(200, {"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME_S})

    def _signed(self, scope: str) -> str:
        now = int(self.now())
        claims = {"iss": self.url, "aud": self.audience, "sub": self.client_id, "client_id": self.client_id}
        times = {"iat": now, "nbf": now, "exp": now + LIFETIME_S}
        return jwt.encode(claims | times | {"scope": scope}, self.key, algorithm="RS256", headers={"kid": "local"})

    @staticmethod
    def _client_of(call: Call, form: dict[str, str]) -> tuple[str, str]:
        basic = call.headers.get("authorization", "")
        if basic.startswith("Basic "):
            name, _, secret = base64.b64decode(basic[6:]).decode().partition(":")
            return name, secret
        return form.get("client_id", ""), form.get("client_secret", "")
