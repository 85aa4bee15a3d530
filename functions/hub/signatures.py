"""How platforms prove that a request is theirs: each scheme verifies and signs, side by side.

A scheme's `verify` and `sign` are what `hub.connector.Connector` takes. `verify` looks at the raw bytes and the
configured URL only, tries every secret (no early exit, so time tells nothing) and raises Unauthorized with one of:

missing_signature  the header (or token) is absent or empty
malformed          no signature can look like that: wrong prefix, alphabet, length, timestamp, body shape
wrong_signature    well-formed, but not made with any secret of the connection (or not over these bytes)
wrong_token        a static token that is not the connection's
stale, future      genuine, but signed too long ago, or for a time that is yet to come
no_secret          the connection has no secret: fails closed

Here are the schemes that most platforms have. The others are one module each, so that a function on the hot path
imports what its connectors need: `hub.schemes_body`, `_ed25519`, `_jwt`, `_listed`, `_trust`, `_url`, `_zendesk`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from hub.delivery import Request
from hub.schemes_hmac import META, Contents, Hmac, body, sha1, sha256, template
from hub.schemes_token import BASIC_AUTH, PATH_TOKEN, BasicAuth, StaticToken
from hub.signing import (
    DECODE,
    ENCODE,
    MAX_FIELDS,
    MAX_HEADER,
    REASONS,
    TOLERANCE_MS,
    Timestamp,
    decode,
    header,
    usable,
)

__all__ = [
    "BASIC_AUTH",
    "DECODE",
    "ENCODE",
    "HUBSPOT_V3",
    "MAX_FIELDS",
    "MAX_HEADER",
    "META",
    "PATH_TOKEN",
    "REASONS",
    "TOLERANCE_MS",
    "BasicAuth",
    "Contents",
    "Hmac",
    "StaticToken",
    "Timestamp",
    "body",
    "decode",
    "header",
    "hubspot_v3_content",
    "sha1",
    "sha256",
    "template",
    "usable",
]

# HubSpot decodes these twelve in the URL before it signs, and no others (its docs on v3 signatures, read 2026-11).
_HUBSPOT_DECODED = re.compile("%(3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)", re.IGNORECASE)


def hubspot_v3_content(request: Request, signed_at: str) -> Sequence[bytes]:
    """Method, URL with twelve characters decoded, raw body, timestamp."""
    url = _HUBSPOT_DECODED.sub(lambda match: chr(int(match[1], 16)), request.url)
    return (b"".join((request.method.encode(), url.encode(), request.body, signed_at.encode())),)


HUBSPOT_V3 = Hmac(
    "x-hubspot-signature-v3",
    hubspot_v3_content,
    encoding="base64",
    timestamp=Timestamp("x-hubspot-request-timestamp", digits=13, unit_ms=1),
)
