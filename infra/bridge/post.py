"""Posts one batch to the hub over HTTPS, signed anew at every attempt."""

from __future__ import annotations

import hashlib
import hmac
import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

MAX_ANSWER = 4096
SIGNATURE, TIMESTAMP = "x-renkei-signature", "x-renkei-timestamp"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; status 0 means that nothing did, and `why` says the class of error."""

    status: int
    retry_after_s: float | None = None
    why: str = ""

    @property
    def accepted(self) -> bool:
        """Whether the hub has the batch now."""
        return 200 <= self.status < 300


def signed(body: bytes, secret: bytes, now: float) -> dict[str, str]:
    """HMAC-SHA256 in hex over time, a dot and the raw body; the time in Unix seconds beside it."""
    at = str(int(now))
    digest = hmac.new(secret, at.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {SIGNATURE: f"sha256={digest}", TIMESTAMP: at}


def post(url: str, body: bytes, secret: bytes, now: float, timeout_s: float) -> Answer:
    """The hub's answer; never raises for the network's or the hub's sake, follows no redirect."""
    headers = {"content-type": "application/json", "user-agent": "renkei-bridge/1", **signed(body, secret, now)}
    try:
        return _exchange(url, body, headers, timeout_s)
    except (OSError, http.client.HTTPException) as error:
        return Answer(0, why=type(error).__name__)


def _exchange(url: str, body: bytes, headers: Mapping[str, str], timeout_s: float) -> Answer:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=timeout_s)
    try:
        connection.request("POST", parts.path + (f"?{parts.query}" if parts.query else ""), body, dict(headers))
        response = connection.getresponse()
        response.read(MAX_ANSWER)
        return Answer(response.status, _seconds(response.headers.get("retry-after")))
    finally:
        connection.close()


def _seconds(text: str | None) -> float | None:
    return float(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else None
