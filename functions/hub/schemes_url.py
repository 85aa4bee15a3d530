"""Signatures that cover the URL: Plivo's V3 (URL, sorted form, nonce) and Bird's (time, URL, hash of the body)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from hub.delivery import Connection, Request
from hub.errors import Unauthorized
from hub.schemes_hmac import Hmac
from hub.signing import ENCODE, MAX_FIELDS, Timestamp, check_hmac, decode_some, header, usable

_DAY_MS = 86_400_000
Fields = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class NoncedUrl:
    """Base64 of HMAC-SHA256 over URL with sorted query, sorted form fields and a nonce from a header.

    As plivo-python (4.63.0) and plivo-node do it; the prose of Plivo's page puts its full stops elsewhere.
    The signature header may list several signatures, separated by commas.
    """

    header: str
    nonce: str

    def verify(self, request: Request, secrets: Sequence[bytes], _connection: Connection, _now: float) -> None:
        """Returns for a signature by any of `secrets`; else Unauthorized. A nonce proves no time."""
        nonce = header(request, self.nonce)
        texts = [text.lstrip(" ") for text in header(request, self.header).split(",")]
        given = decode_some(texts, "base64", hashlib.sha256().digest_size)
        check_hmac(given, usable(secrets), (nonced(request, nonce),))

    def sign(self, request: Request, secret: bytes, _now: float) -> Mapping[str, str]:
        """Both headers; the nonce is made of the body."""
        nonce = hashlib.sha256(request.body).hexdigest()[:20]
        signature = hmac.digest(secret, nonced(request, nonce), "sha256")
        return {self.header: ENCODE["base64"](signature), self.nonce: nonce}


def nonced(request: Request, nonce: str) -> bytes:
    """What Plivo signs; raises Unauthorized where the form has too many fields, or a GET a body."""
    if request.method == "GET" and request.body:
        raise Unauthorized("malformed")
    address, _, query = request.url.partition("?")
    fields = _read(request.body.decode("utf-8", "surrogateescape"))
    sorted_query = "&".join(f"{name}={value}" for name, value in sorted(_read(query)))
    sorted_fields = "".join(name + value for name, value in sorted(fields))
    mark = "?" if sorted_query or fields else ""
    stop = "." if sorted_query and fields else ""
    return f"{address}{mark}{sorted_query}{stop}{sorted_fields}.{nonce}".encode("utf-8", "surrogateescape")


def _read(text: str) -> Fields:
    try:
        return parse_qsl(text, keep_blank_values=True, errors="surrogateescape", max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise Unauthorized("malformed") from error


def timed_url_and_hash(request: Request, signed_at: str) -> Sequence[bytes]:
    """Time, URL and the 32 bytes of the body's SHA-256, separated by line feeds."""
    return (b"\n".join((signed_at.encode(), request.url.encode(), hashlib.sha256(request.body).digest())),)


PLIVO_V3 = NoncedUrl("x-plivo-signature-v3", "x-plivo-signature-v3-nonce")
PLIVO_V3_MAIN = NoncedUrl("x-plivo-signature-ma-v3", "x-plivo-signature-v3-nonce")
# Bird repeats a failed delivery for a day with its first timestamp (two operators' public reports, read 2026-11-22);
# its page (docs.bird.com, "Verifying a webhook subscription") names no tolerance.
BIRD = Hmac(
    "messagebird-signature",
    timed_url_and_hash,
    encoding="base64",
    timestamp=Timestamp("messagebird-request-timestamp", tolerance_ms=_DAY_MS + 300_000),
)
