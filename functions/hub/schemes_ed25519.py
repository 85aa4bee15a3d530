"""Ed25519 over time and body. The "secret" that the connection keeps is the platform's public key.

Needs `cryptography`, which is imported when the first delivery comes: manifests say `needs=("cryptography",)`.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hub.delivery import Connection, Request
from hub.errors import Unauthorized
from hub.schemes_hmac import Contents, template
from hub.signing import ENCODE, Timestamp, decode, header, usable

_SIGNATURE, _KEY = 64, 32  # bytes


@dataclass(frozen=True, slots=True)
class Ed25519:
    """Base64 of the 64 bytes of an Ed25519 signature over `contents`; keys are base64 of 32 raw bytes."""

    header: str
    contents: Contents
    timestamp: Timestamp

    def verify(self, request: Request, secrets: Sequence[bytes], _connection: Connection, now: float) -> None:
        """Returns for a fresh signature that any of the public keys proves; else Unauthorized."""
        given = decode(header(request, self.header), "base64", _SIGNATURE)
        signed_at = self.timestamp.read(request)
        content = self.contents(request, signed_at)[0]
        if not any([_proves(key, given, content) for key in usable(secrets)]):  # noqa: C419 - tries all
            raise Unauthorized("wrong_signature")
        self.timestamp.check(signed_at, now)

    def sign(self, request: Request, secret: bytes, now: float) -> Mapping[str, str]:
        """The headers, signed with the private key (base64 of its 32 bytes) that belongs to the public one."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        signed_at = self.timestamp.write(now)
        private = Ed25519PrivateKey.from_private_bytes(base64.b64decode(secret))
        signature = private.sign(self.contents(request, signed_at)[0])
        return {self.header: ENCODE["base64"](signature), self.timestamp.header: signed_at}


def _proves(key: bytes, signature: bytes, content: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(decode(key.decode("ascii"), "base64", _KEY)).verify(signature, content)
    except (InvalidSignature, Unauthorized, UnicodeDecodeError):
        return False
    return True


def key_pair(text: bytes) -> tuple[bytes, bytes]:
    """Private and public key in base64, made of any text: what the platform signs with, what the connection keeps."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    if not text:
        return b"", b""
    seed = hashlib.sha256(text).digest()
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    return base64.b64encode(seed), base64.b64encode(public)


TELNYX = Ed25519("telnyx-signature-ed25519", template("{time}|{body}"), Timestamp("telnyx-timestamp"))
