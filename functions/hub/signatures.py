"""How platforms prove that a request is theirs: each scheme verifies and signs, side by side.

A scheme's `verify` and `sign` are what `hub.connector.Connector` takes. `verify` looks at the raw bytes and the
configured URL only, tries every secret (no early exit, so time tells nothing) and raises Unauthorized with one of:

missing_signature  the header (or token) is absent or empty
malformed          no signature can look like that: wrong prefix, alphabet, length, timestamp, body shape
wrong_signature    well-formed, but not made with any secret of the connection (or not over these bytes)
wrong_token        a static token that is not the connection's
stale, future      genuine, but signed too long ago, or for a time that is yet to come
no_secret          the connection has no secret: fails closed

Only the standard library is imported: this is on the hot path.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hub.delivery import Connection, Request
from hub.errors import Unauthorized

REASONS = frozenset(
    {"missing_signature", "malformed", "wrong_signature", "wrong_token", "stale", "future", "no_secret"}
)
MAX_HEADER = 1024  # characters
MAX_FIELDS = 1000  # of a form
TOLERANCE_MS = 300_000

Contents = Callable[[Request, str], Sequence[bytes]]
"""What the signature covers, given the timestamp header's text: one or more candidates; `sign` uses the first."""


@dataclass(frozen=True, slots=True)
class Timestamp:
    """The header with the time of signing: ASCII digits, `digits` long, each worth `unit_ms`."""

    header: str
    digits: int = 10
    unit_ms: int = 1000
    tolerance_ms: int = TOLERANCE_MS

    def read(self, request: Request) -> str:
        """The header's text; raises Unauthorized where no clock writes such a text."""
        text = header(request, self.header)
        if not (len(text) == self.digits and text.isdigit()):  # ASCII, as every header
            raise Unauthorized("malformed")
        return text

    def write(self, now: float) -> str:
        """`now` (Unix seconds) in the platform's unit."""
        return str(round(now * 1000) // self.unit_ms)

    def check(self, text: str, now: float) -> None:
        """Returns where the time is within the tolerance of `now` (Unix seconds), on either side."""
        age_ms = round(now * 1000) - int(text) * self.unit_ms
        if age_ms > self.tolerance_ms:
            raise Unauthorized("stale")
        if age_ms < -self.tolerance_ms:
            raise Unauthorized("future")


def sha256(_request: Request) -> str:
    """SHA-256, whatever the request says."""
    return "sha256"


@dataclass(frozen=True, slots=True)
class Hmac:
    """`prefix` + `encoding`(HMAC(secret, one of `contents`)) in a header, with or without a signed timestamp."""

    header: str
    contents: Contents
    encoding: str = "hex"  # hex | base64
    prefix: str = ""
    algorithm: Callable[[Request], str] = sha256
    timestamp: Timestamp | None = None

    def verify(self, request: Request, secrets: Sequence[bytes], _connection: Connection, now: float) -> None:
        """Returns for a signature by any of `secrets`, fresh where the scheme has a time; else Unauthorized."""
        algorithm = self.algorithm(request)
        given = self._given(request, algorithm)
        signed_at = self.timestamp.read(request) if self.timestamp else ""
        contents = self.contents(request, signed_at)
        if not _any_matches(given, usable(secrets), contents, algorithm):
            raise Unauthorized("wrong_signature")
        if self.timestamp:
            self.timestamp.check(signed_at, now)

    def sign(self, request: Request, secret: bytes, now: float) -> Mapping[str, str]:
        """The headers (lower case) with which the platform would send that request."""
        signed_at = self.timestamp.write(now) if self.timestamp else ""
        content = self.contents(request, signed_at)[0]
        signature = self.prefix + ENCODE[self.encoding](hmac.digest(secret, content, self.algorithm(request)))
        return {self.header: signature} | ({self.timestamp.header: signed_at} if self.timestamp else {})

    def _given(self, request: Request, algorithm: str) -> bytes:
        text = header(request, self.header)
        if not text.startswith(self.prefix):
            raise Unauthorized("malformed")
        return decode(text[len(self.prefix) :], self.encoding, hashlib.new(algorithm).digest_size)


@dataclass(frozen=True, slots=True)
class StaticToken:
    """The secret itself: in a header (after `prefix`), else in a query parameter, else the last path segment."""

    header: str = ""
    prefix: str = ""
    query: str = ""

    def verify(self, request: Request, secrets: Sequence[bytes], _connection: Connection, _now: float) -> None:
        """Returns where the token is one of `secrets`; else Unauthorized."""
        given = hashlib.sha256(self._given(request).encode("utf-8", "surrogatepass")).digest()
        matched = False
        for secret in usable(secrets):
            matched |= hmac.compare_digest(given, hashlib.sha256(secret).digest())
        if not matched:
            raise Unauthorized("wrong_token")

    def sign(self, _request: Request, secret: bytes, _now: float) -> Mapping[str, str]:
        """The header, or nothing where the token is part of the URL."""
        return {self.header: self.prefix + secret.decode("ascii")} if self.header else {}

    def _given(self, request: Request) -> str:
        text = header(request, self.header) if self.header else self._from_url(request)
        if not text.startswith(self.prefix):
            raise Unauthorized("malformed")
        return text[len(self.prefix) :]

    def _from_url(self, request: Request) -> str:
        if not self.query:
            return _bounded(request.url.partition("?")[0].rpartition("/")[2])
        query = request.url.partition("?")[2]
        values = [part for part in query.split("&") if part.startswith(self.query + "=")]
        if len(values) > 1:
            raise Unauthorized("malformed")
        return _bounded(values[0].partition("=")[2] if values else "")


def usable(secrets: Sequence[bytes]) -> list[bytes]:
    """The secrets that are not empty; raises Unauthorized where none is left."""
    found = [secret for secret in secrets if secret]
    if not found:
        raise Unauthorized("no_secret")
    return found


def header(request: Request, name: str) -> str:
    """A header's value, at most 1 KB of ASCII; raises Unauthorized where it is missing or cannot be genuine."""
    return _bounded(request.headers.get(name, ""))


def decode(text: str, encoding: str, size: int) -> bytes:
    """`size` bytes from canonical base64 or hex of either case; raises Unauthorized for anything else."""
    try:
        raw = DECODE[encoding](text)
    except (ValueError, binascii.Error) as error:
        raise Unauthorized("malformed") from error
    if len(raw) != size or ENCODE[encoding](raw) != (text.lower() if encoding == "hex" else text):
        raise Unauthorized("malformed")
    return raw


def _bounded(text: str) -> str:
    if not text:
        raise Unauthorized("missing_signature")
    if len(text) > MAX_HEADER or not text.isascii():
        raise Unauthorized("malformed")
    return text


def _any_matches(given: bytes, secrets: Sequence[bytes], contents: Sequence[bytes], algorithm: str) -> bool:
    matched = False
    for secret in secrets:
        for content in contents:
            matched |= hmac.compare_digest(given, hmac.digest(secret, content, algorithm))
    return matched


def _strict_base64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


DECODE: Mapping[str, Callable[[str], bytes]] = {"hex": bytes.fromhex, "base64": _strict_base64}
ENCODE: Mapping[str, Callable[[bytes], str]] = {"hex": bytes.hex, "base64": _base64}


def body(request: Request, _signed_at: str) -> Sequence[bytes]:
    """The raw body alone."""
    return (request.body,)


# HubSpot decodes these twelve in the URL before it signs, and no others (its docs on v3 signatures, read 2026-11).
_HUBSPOT_DECODED = re.compile("%(3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)", re.IGNORECASE)


def hubspot_v3_content(request: Request, signed_at: str) -> Sequence[bytes]:
    """Method, URL with twelve characters decoded, raw body, timestamp."""
    url = _HUBSPOT_DECODED.sub(lambda match: chr(int(match[1], 16)), request.url)
    return (b"".join((request.method.encode(), url.encode(), request.body, signed_at.encode())),)


META = Hmac("x-hub-signature-256", body, prefix="sha256=")
HUBSPOT_V3 = Hmac(
    "x-hubspot-signature-v3",
    hubspot_v3_content,
    encoding="base64",
    timestamp=Timestamp("x-hubspot-request-timestamp", digits=13, unit_ms=1),
)
PATH_TOKEN = StaticToken()
