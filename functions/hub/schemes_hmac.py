"""HMAC in a header, over the body alone or with the time of signing, and the platforms that sign so."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hub.delivery import Connection, Request
from hub.signing import ENCODE, Timestamp, after_prefix, check_hmac, decode, decode_some, header, usable

Contents = Callable[[Request, str], Sequence[bytes]]
"""What the signature covers, given the timestamp header's text: one or more candidates; `sign` uses the first."""


def sha256(_request: Request) -> str:
    """SHA-256, whatever the request says."""
    return "sha256"


def sha1(_request: Request) -> str:
    """SHA-1, whatever the request says."""
    return "sha1"


def body(request: Request, _signed_at: str) -> Sequence[bytes]:
    """The raw body alone."""
    return (request.body,)


def template(pattern: str) -> Contents:
    """The pattern with `{time}` and `{body}` filled in: `v0:{time}:{body}` covers the time as sent and the raw body."""
    before, _, after = pattern.partition("{body}")

    def contents(request: Request, signed_at: str) -> Sequence[bytes]:
        around = [part.replace("{time}", signed_at).encode() for part in (before, after)]
        return (request.body.join(around),)

    return contents


@dataclass(frozen=True, slots=True)
class Hmac:
    """`prefix` + `encoding`(HMAC(secret, one of `contents`)) in a header, with or without a signed timestamp.

    With a `separator` the header may list several signatures (each once), of which one must be right.
    """

    header: str
    contents: Contents
    encoding: str = "hex"  # hex | base64
    prefix: str = ""
    algorithm: Callable[[Request], str] = sha256
    timestamp: Timestamp | None = None
    separator: str = ""

    def verify(self, request: Request, secrets: Sequence[bytes], _connection: Connection, now: float) -> None:
        """Returns for a signature by any of `secrets`, fresh where the scheme has a time; else Unauthorized."""
        algorithm = self.algorithm(request)
        given = self._given(request, algorithm)
        signed_at = self.timestamp.read(request) if self.timestamp else ""
        contents = self.contents(request, signed_at)
        check_hmac(given, usable(secrets), contents, algorithm)
        if self.timestamp:
            self.timestamp.check(signed_at, now)

    def sign(self, request: Request, secret: bytes, now: float) -> Mapping[str, str]:
        """The headers (lower case) with which the platform would send that request."""
        signed_at = self.timestamp.write(now) if self.timestamp else ""
        content = self.contents(request, signed_at)[0]
        signature = self.prefix + ENCODE[self.encoding](hmac.digest(secret, content, self.algorithm(request)))
        return {self.header: signature} | ({self.timestamp.header: signed_at} if self.timestamp else {})

    def _given(self, request: Request, algorithm: str) -> list[bytes]:
        text, size = header(request, self.header), hashlib.new(algorithm).digest_size
        if not self.separator:
            return [decode(after_prefix(text, self.prefix), self.encoding, size)]
        entries = [entry.lstrip(" ") for entry in text.split(self.separator)]
        return decode_some([entry.removeprefix(self.prefix) for entry in entries], self.encoding, size)


INTERCOM = Hmac("x-hub-signature", body, prefix="sha1=", algorithm=sha1)
META = Hmac("x-hub-signature-256", body, prefix="sha256=")
SHOPIFY = Hmac("x-shopify-hmac-sha256", body, encoding="base64")
SHOPIFY_EVENTS = Hmac("shopify-hmac-sha256", body, encoding="base64")
SLACK = Hmac(
    "x-slack-signature", template("v0:{time}:{body}"), prefix="v0=", timestamp=Timestamp("x-slack-request-timestamp")
)
TURN = Hmac("x-turn-hook-signature", body, encoding="base64")
TYPEFORM = Hmac("typeform-signature", body, encoding="base64", prefix="sha256=")
WOOCOMMERCE = Hmac("x-wc-webhook-signature", body, encoding="base64")
ZOOM = Hmac("x-zm-signature", template("v0:{time}:{body}"), prefix="v0=", timestamp=Timestamp("x-zm-request-timestamp"))
