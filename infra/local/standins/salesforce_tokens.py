"""The JWT bearer flow of the stand-in.

https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_jwt_flow.htm (read November 2026)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import jwt

from infra.local.standins.server import Answer, Call, Refused

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LONGEST_ASSERTION_S = 300


@dataclass(frozen=True, slots=True)
class App:
    """One app with its certificate's key, and the one user allowed to it; `url` is the organization's own host."""

    url: str
    client_id: str
    username: str
    public_key: str

    def admit(self, call: Call, now: float) -> None:
        """Refused with 400 and OAuth's word for what is wrong with a token request."""
        form = {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
        if form.get("grant_type") != JWT_BEARER:
            raise _denied("unsupported_grant_type", "grant type not supported")
        claims = self._claims(form.get("assertion", ""))
        if claims.get("iss") != self.client_id:
            raise _denied("invalid_client_id", "client identifier invalid")
        if claims.get("sub") != self.username:
            raise _denied("invalid_grant", "user hasn't approved this consumer")
        if not now < float(claims["exp"]) <= now + LONGEST_ASSERTION_S:
            raise _denied("invalid_grant", "expired authorization code")

    def _claims(self, assertion: str) -> dict[str, Any]:
        audiences = ["https://login.salesforce.com", "https://test.salesforce.com", self.url]
        try:
            claims: dict[str, Any] = jwt.decode(
                assertion,
                self.public_key,
                algorithms=["RS256"],
                audience=audiences,
                options={"require": ["iss", "sub", "aud", "exp"], "verify_exp": False, "verify_iat": False},
            )
        except jwt.PyJWTError as wrong:
            raise _denied("invalid_grant", "invalid assertion") from wrong
        return claims


def _denied(code: str, description: str) -> Refused:
    return Refused(Answer(400, {"error": code, "error_description": description}))
