"""Twilio's signature: HMAC over the URL and the sorted form fields, or over a URL that carries the body's SHA-256.

Source: https://www.twilio.com/docs/usage/webhooks/webhooks-security and twilio-python's RequestValidator (9.13.0);
shared keys: https://www.twilio.com/docs/usage/webhooks/webhook-shared-keys (public beta, 2026-09).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence

from hub.delivery import Request
from hub.errors import Unauthorized
from hub.signatures import MAX_FIELDS, Hmac

FORM = "application/x-www-form-urlencoded"
PORTS = {"https": ":443", "http": ":80"}
ALGORITHMS = {"HMAC_SHA1": "sha1", "HMAC_SHA256": "sha256"}


def algorithm(request: Request) -> str:
    """SHA-1 with the auth token; what the settings header names with a shared key."""
    parts = request.headers.get("x-twilio-webhooks-signature-settings", "").split(",")
    named = [part.partition("=")[2].strip() for part in parts if part.partition("=")[0].strip() == "algorithm"]
    found = ALGORITHMS.get(named[0].upper() if named and named[0] else "HMAC_SHA1")
    if found is None:
        raise Unauthorized("malformed")
    return found


def contents(request: Request, _signed_at: str) -> Sequence[bytes]:
    """The URL without and with an explicit port, for the signer does both, each followed by what is signed of the body."""
    url, with_port = _urls(request.url)
    suffix = _signed_of_body(request)
    return (url.encode() + suffix, with_port.encode() + suffix)


def body_hash(query: str) -> str | None:
    """The bodySHA256 parameter of a raw query string; Unauthorized where there are two."""
    values = [part.partition("=")[2] for part in query.split("&") if part.startswith("bodySHA256=")]
    if len(values) > 1:
        raise Unauthorized("malformed")
    return values[0] if values else None


def is_form(headers: Mapping[str, str], query: str) -> bool:
    """Whether the body is form fields, by its type; without one, by the absence of a body hash in the URL."""
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    return media_type == FORM if media_type else "bodySHA256=" not in query


def _signed_of_body(request: Request) -> bytes:
    if request.method == "GET":
        if request.body:
            raise Unauthorized("malformed")
        return b""
    expected = body_hash(request.url.partition("?")[2])
    if is_form(request.headers, request.url.partition("?")[2]):
        return _sorted_fields(request.body)
    return _checked_body(request.body, expected)


def _checked_body(body: bytes, expected: str | None) -> bytes:
    # A body that is no form is signed only through its hash in the URL: without one it is not signed at all.
    if not expected:
        raise Unauthorized("missing_signature")
    actual = hashlib.sha256(body).hexdigest()
    if not hmac.compare_digest(actual.encode(), expected.encode("utf-8", "surrogatepass")):
        raise Unauthorized("wrong_signature")
    return b""


def _sorted_fields(body: bytes) -> bytes:
    """Name and value of each distinct field, sorted as bytes; blank values stay, for Twilio signs their names."""
    from urllib.parse import parse_qsl

    text = body.decode("utf-8", "surrogateescape")
    try:
        fields = parse_qsl(text, keep_blank_values=True, errors="surrogateescape", max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise Unauthorized("malformed") from error
    pairs = {
        (name.encode("utf-8", "surrogateescape"), value.encode("utf-8", "surrogateescape")) for name, value in fields
    }
    return b"".join(name + value for name, value in sorted(pairs))


def _urls(url: str) -> tuple[str, str]:
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    bare, colon, port = host.rpartition(":")
    if colon and port.isascii() and port.isdigit():
        return f"{scheme}://{bare}{slash}{path}", url
    return url, f"{scheme}://{host}{PORTS.get(scheme, '')}{slash}{path}"


SCHEME = Hmac("x-twilio-signature", contents, encoding="base64", algorithm=algorithm)
