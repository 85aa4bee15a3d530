"""What every signature scheme stands on: bounded reading of headers, strict decoding, freshness, comparing in constant time.

`hub.signatures` says what `verify` promises and which reasons it raises Unauthorized with.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hub.delivery import Request
from hub.errors import Unauthorized

REASONS = frozenset(
    {"missing_signature", "malformed", "wrong_signature", "wrong_token", "stale", "future", "no_secret"}
)
MAX_HEADER = 1024  # characters
MAX_FIELDS = 1000  # of a form
TOLERANCE_MS = 300_000


@dataclass(frozen=True, slots=True)
class Timestamp:
    """The header with the time of signing: ASCII digits, `digits` long, each worth `unit_ms`.

    `tolerance_ms` is for the past, `ahead_ms` for the future.
    """

    header: str
    digits: int = 10
    unit_ms: int = 1000
    tolerance_ms: int = TOLERANCE_MS
    ahead_ms: int = TOLERANCE_MS

    def read(self, request: Request) -> str:
        """The header's text; raises Unauthorized where no clock writes such a text."""
        return self.checked(header(request, self.header))

    def checked(self, text: str) -> str:
        """The text itself; raises Unauthorized where no clock writes such a text."""
        if not (len(text) == self.digits and text.isascii() and text.isdigit()):
            raise Unauthorized("malformed")
        return text

    def write(self, now: float) -> str:
        """`now` (Unix seconds) in the platform's unit."""
        return str(round(now * 1000) // self.unit_ms)

    def check(self, text: str, now: float) -> None:
        """Returns where the time is within the tolerance of `now` (Unix seconds), on either side."""
        fresh(self.ms(text), now, self.tolerance_ms, self.ahead_ms)

    def ms(self, text: str) -> int:
        """Unix milliseconds of a text that `checked` let pass."""
        return int(text) * self.unit_ms


def fresh(signed_ms: int, now: float, tolerance_ms: int = TOLERANCE_MS, ahead_ms: int = TOLERANCE_MS) -> None:
    """Returns where the time of signing is near `now` (Unix seconds); raises Unauthorized: stale or future."""
    age_ms = round(now * 1000) - signed_ms
    if age_ms > tolerance_ms:
        raise Unauthorized("stale")
    if age_ms < -ahead_ms:
        raise Unauthorized("future")


def usable(secrets: Sequence[bytes]) -> list[bytes]:
    """The secrets that are not empty; raises Unauthorized where none is left."""
    found = [secret for secret in secrets if secret]
    if not found:
        raise Unauthorized("no_secret")
    return found


def header(request: Request, name: str, limit: int = MAX_HEADER) -> str:
    """A header's value, at most `limit` ASCII characters; raises Unauthorized where it is missing or cannot be genuine."""
    return bounded(request.headers.get(name, ""), limit)


def bounded(text: str, limit: int = MAX_HEADER) -> str:
    """The text, neither empty nor longer than `limit` ASCII characters; raises Unauthorized."""
    if not text:
        raise Unauthorized("missing_signature")
    if len(text) > limit or not text.isascii():
        raise Unauthorized("malformed")
    return text


def after_prefix(text: str, prefix: str) -> str:
    """What follows the prefix; raises Unauthorized where the text begins with another."""
    if not text.startswith(prefix):
        raise Unauthorized("malformed")
    return text[len(prefix) :]


def decode(text: str, encoding: str, size: int) -> bytes:
    """`size` bytes from canonical base64 or hex of either case; raises Unauthorized for anything else."""
    try:
        raw = DECODE[encoding](text)
    except (ValueError, binascii.Error) as error:
        raise Unauthorized("malformed") from error
    if len(raw) != size or ENCODE[encoding](raw) != (text.lower() if encoding == "hex" else text):
        raise Unauthorized("malformed")
    return raw


def decode_some(texts: Sequence[str], encoding: str, size: int) -> list[bytes]:
    """What can be decoded of a list in which each signature stands once; raises Unauthorized where nothing can."""
    if len(set(texts)) != len(texts) or "" in texts:
        raise Unauthorized("malformed")
    found = []
    for text in texts:
        try:
            found.append(decode(text, encoding, size))
        except Unauthorized:
            continue
    if not found:
        raise Unauthorized("malformed")
    return found


def check_hmac(
    given: Sequence[bytes], secrets: Sequence[bytes], contents: Sequence[bytes], algorithm: str = "sha256"
) -> None:
    """Returns where one of `given` is the HMAC of one of `contents` with one of `secrets`; tries all, whatever matches."""
    matched = False
    for secret in secrets:
        for content in contents:
            expected = hmac.digest(secret, content, algorithm)
            for one in given:
                matched |= hmac.compare_digest(one, expected)
    if not matched:
        raise Unauthorized("wrong_signature")


def check_token(given: str, secrets: Sequence[bytes]) -> None:
    """Returns where the text is one of `secrets`, compared by hash so that its length tells nothing; else Unauthorized."""
    hashed = hashlib.sha256(given.encode("utf-8", "surrogatepass")).digest()
    matched = False
    for secret in usable(secrets):
        matched |= hmac.compare_digest(hashed, hashlib.sha256(secret).digest())
    if not matched:
        raise Unauthorized("wrong_token")


def _strict_base64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


DECODE: Mapping[str, Callable[[str], bytes]] = {"hex": bytes.fromhex, "base64": _strict_base64}
ENCODE: Mapping[str, Callable[[bytes], str]] = {"hex": bytes.hex, "base64": _base64}
