"""Signatures that come as a list with versions: Stripe's header and the Standard Webhooks."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hub.delivery import Connection, Request
from hub.errors import Unauthorized
from hub.signing import ENCODE, Timestamp, check_hmac, decode_some, header, usable

_PREFIX = b"whsec_"
_MIN_KEY, _MAX_KEY = 1, 256  # bytes


@dataclass(frozen=True, slots=True)
class TimedList:
    """`t=<seconds>,v1=<hex>[,v1=<hex>…]` in one header: HMAC-SHA256 over time, full stop and raw body.

    Entries of other versions are passed over; any v1 may match (several come while a secret is rolled).
    """

    header: str
    version: str = "v1"
    time: str = "t"

    def verify(self, request: Request, secrets: Sequence[bytes], _connection: Connection, now: float) -> None:
        """Returns for a fresh signature by any of `secrets`; else Unauthorized."""
        signed_at, signatures = self._read(header(request, self.header))
        given = decode_some(signatures, "hex", hashlib.sha256().digest_size)
        check_hmac(given, usable(secrets), (signed_at.encode() + b"." + request.body,))
        Timestamp(self.header).check(signed_at, now)

    def sign(self, request: Request, secret: bytes, now: float) -> Mapping[str, str]:
        """The header with one signature."""
        signed_at = Timestamp(self.header).write(now)
        signature = hmac.digest(secret, signed_at.encode() + b"." + request.body, "sha256").hex()
        return {self.header: f"{self.time}={signed_at},{self.version}={signature}"}

    def _read(self, text: str) -> tuple[str, list[str]]:
        pairs = [entry.partition("=") for entry in text.split(",")]
        if not all(name and equals and value for name, equals, value in pairs):
            raise Unauthorized("malformed")
        times = [value for name, _, value in pairs if name == self.time]
        if len(times) != 1:
            raise Unauthorized("malformed")
        return Timestamp(self.header).checked(times[0]), [value for name, _, value in pairs if name == self.version]


@dataclass(frozen=True, slots=True)
class StandardWebhooks:
    """https://www.standardwebhooks.com: HMAC-SHA256 over id, time and raw body, joined by full stops.

    The secret is base64 after `whsec_`; the signatures stand in one header, separated by spaces, as `v1,<base64>`.
    """

    prefix: str = "webhook"

    def verify(self, request: Request, secrets: Sequence[bytes], _connection: Connection, now: float) -> None:
        """Returns for a fresh signature by any of `secrets`; else Unauthorized."""
        message_id = header(request, f"{self.prefix}-id")
        signed_at = self._timestamp.read(request)
        given = decode_some(self._signatures(request), "base64", hashlib.sha256().digest_size)
        check_hmac(given, usable([key(secret) for secret in secrets]), (_content(message_id, signed_at, request),))
        if "." in message_id:  # such an id and a time could be cut in two ways
            raise Unauthorized("malformed")
        self._timestamp.check(signed_at, now)

    def sign(self, request: Request, secret: bytes, now: float) -> Mapping[str, str]:
        """The three headers; the id is the request's own, else made of the body."""
        name = f"{self.prefix}-id"
        message_id = request.headers.get(name) or "msg_" + hashlib.sha256(request.body).hexdigest()[:24]
        signed_at = self._timestamp.write(now)
        signature = ENCODE["base64"](hmac.digest(key(secret), _content(message_id, signed_at, request), "sha256"))
        return {name: message_id, self._timestamp.header: signed_at, f"{self.prefix}-signature": f"v1,{signature}"}

    @property
    def _timestamp(self) -> Timestamp:
        return Timestamp(f"{self.prefix}-timestamp")

    def _signatures(self, request: Request) -> list[str]:
        entries = [entry.partition(",") for entry in header(request, f"{self.prefix}-signature").split(" ")]
        if not all(version and comma and value for version, comma, value in entries):
            raise Unauthorized("malformed")
        return [value for version, _, value in entries if version == "v1"]


def key(secret: bytes) -> bytes:
    """The key in a secret as the platform shows it; empty where the secret is not base64."""
    try:
        raw = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (ValueError, binascii.Error):
        return b""
    return raw if _MIN_KEY <= len(raw) <= _MAX_KEY else b""


def key_pair(text: bytes) -> tuple[bytes, bytes]:
    """A secret in the platform's form, made of any text: what the platform signs with, what the connection keeps."""
    secret = _PREFIX + base64.b64encode(text) if text else b""
    return secret, secret


def _content(message_id: str, signed_at: str, request: Request) -> bytes:
    return f"{message_id}.{signed_at}.".encode() + request.body


STRIPE = TimedList("stripe-signature")
STANDARD_WEBHOOKS = StandardWebhooks()
SVIX = StandardWebhooks("svix")
