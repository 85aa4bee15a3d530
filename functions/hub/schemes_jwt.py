"""A JWT (HMAC only) in a header that carries the hash of the body: Vonage, and MessageBird's classic webhooks.

The algorithm is the scheme's, never the token's; only the standard library is used.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hub.delivery import Connection, Request
from hub.errors import Unauthorized
from hub.signing import TOLERANCE_MS, after_prefix, check_hmac, fresh, header, usable

MAX_TOKEN = 4096  # characters
_DIGESTS = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}
Claims = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BodyJwt:
    """`prefix` + JWT in a header; `payload_hash` is the SHA-256 (hex) of the raw body, `url_hash` of the URL.

    `window`: the time is `iat`, within five minutes, or the token's own `nbf` and `exp`, with `leeway_ms`.
    `account` maps claims to settings of the connection: where both are there they must be equal.
    """

    header: str
    issuer: str
    prefix: str = ""
    algorithms: tuple[str, ...] = ("HS256",)
    window: str = "iat"  # iat | nbf_exp
    leeway_ms: int = TOLERANCE_MS
    lifetime_s: int = 300
    signs_url: bool = False
    hash_of_nothing: bool = True
    account: Mapping[str, str] | None = None

    def verify(self, request: Request, secrets: Sequence[bytes], connection: Connection, now: float) -> None:
        """Returns for a token by any of `secrets` about these bytes and this time; else Unauthorized."""
        signed, signature, algorithm = self._parts(request)
        check_hmac((signature,), usable(secrets), (signed,), _DIGESTS[algorithm])
        claims = _object(signed.partition(b".")[2])
        self._check_account(claims, connection)
        self._check_hashes(claims, request)
        self._check_time(claims, now)

    def sign(self, request: Request, secret: bytes, now: float) -> Mapping[str, str]:
        """The header; `jti` is made of time and body."""
        claims: dict[str, Any] = {"iss": self.issuer, "jti": _hex(f"{now}".encode() + request.body)[:32]}
        at = int(now)
        claims |= {"iat": at} if self.window == "iat" else {"nbf": at, "exp": at + self.lifetime_s}
        claims |= self._hashes(request)
        signed = b".".join(_encode({"alg": self.algorithms[0], "typ": "JWT"}, claims))
        signature = hmac.digest(secret, signed, _DIGESTS[self.algorithms[0]])
        return {self.header: self.prefix + (signed + b"." + _base64url(signature)).decode("ascii")}

    def claim(self, request: Request, name: str) -> str:
        """A claim that is a string, of a request that was verified before; empty where there is none."""
        value = _object(self._parts(request)[0].partition(b".")[2]).get(name)
        return value if isinstance(value, str) else ""

    def _parts(self, request: Request) -> tuple[bytes, bytes, str]:
        token = after_prefix(header(request, self.header, MAX_TOKEN), self.prefix).encode("ascii")
        signed, _, signature = token.rpartition(b".")
        if signed.count(b".") != 1:
            raise Unauthorized("malformed")
        algorithm = _object(signed.partition(b".")[0]).get("alg")
        if algorithm not in self.algorithms:
            raise Unauthorized("malformed")
        return signed, _from_base64url(signature), str(algorithm)

    def _check_account(self, claims: Claims, connection: Connection) -> None:
        settings = connection.settings
        expected = {claim: settings.get(name) for claim, name in (self.account or {}).items() if name in settings}
        same = all(str(claims[claim]) == str(value) for claim, value in expected.items() if claim in claims)
        if claims.get("iss") != self.issuer or not same:
            raise Unauthorized("wrong_signature")

    def _check_hashes(self, claims: Claims, request: Request) -> None:
        expected = {"payload_hash": ""} | self._hashes(request)
        for claim, value in expected.items():
            if not hmac.compare_digest(str(claims.get(claim, "")).encode("utf-8", "surrogatepass"), value.encode()):
                raise Unauthorized("wrong_signature")

    def _check_time(self, claims: Claims, now: float) -> None:
        if self.window == "iat":
            fresh(_ms(claims, "iat"), now)
        else:
            fresh(_ms(claims, "exp"), now, self.leeway_ms, ahead_ms=86_400_000)
            fresh(max(_ms(claims, "nbf"), round(now * 1000) - TOLERANCE_MS), now, ahead_ms=self.leeway_ms)

    def _hashes(self, request: Request) -> dict[str, str]:
        hashes = {"url_hash": _hex(request.url.encode())} if self.signs_url else {}
        return hashes | ({"payload_hash": _hex(request.body)} if request.body or self.hash_of_nothing else {})


def _ms(claims: Claims, name: str) -> int:
    value = claims.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < 1e11:
        raise Unauthorized("malformed")
    return round(value * 1000)


def _object(segment: bytes) -> Claims:
    try:
        value = json.loads(_from_base64url(segment), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise Unauthorized("malformed") from error
    if not isinstance(value, dict):
        raise Unauthorized("malformed")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise Unauthorized("malformed")
    return dict(pairs)


def _from_base64url(segment: bytes) -> bytes:
    try:
        raw = base64.b64decode(segment + b"=" * (-len(segment) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error) as error:
        raise Unauthorized("malformed") from error
    if not raw or _base64url(raw) != segment:
        raise Unauthorized("malformed")
    return raw


def _encode(*parts: Claims) -> list[bytes]:
    return [_base64url(json.dumps(part, separators=(",", ":")).encode()) for part in parts]


def _base64url(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def _hex(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


VONAGE = BodyJwt(
    "authorization",
    "Vonage",
    prefix="Bearer ",
    account={"api_key": "api_key", "application_id": "application_id"},
)
MESSAGEBIRD = BodyJwt(
    "messagebird-signature-jwt",
    "MessageBird",
    algorithms=("HS256", "HS384", "HS512"),
    window="nbf_exp",
    leeway_ms=1000,
    signs_url=True,
    hash_of_nothing=False,
)
