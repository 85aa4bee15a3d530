"""Zendesk's signature: base64 of HMAC-SHA256 over the time as sent, directly followed by the raw body."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from hub.errors import Unauthorized
from hub.schemes_hmac import Hmac, template
from hub.signing import Timestamp

_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)


@dataclass(frozen=True, slots=True)
class IsoTimestamp(Timestamp):
    """A time in whole seconds of UTC, `2026-11-22T12:00:00Z`; ten digits of Unix seconds are read too."""

    def checked(self, text: str) -> str:
        """The text itself; raises Unauthorized where it is neither of the two forms or no such moment exists."""
        if not _ISO.fullmatch(text):
            return Timestamp.checked(self, text)
        try:
            datetime.fromisoformat(text)
        except ValueError as error:
            raise Unauthorized("malformed") from error
        return text

    def write(self, now: float) -> str:
        """`now` (Unix seconds) as the platform writes it."""
        return datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def ms(self, text: str) -> int:
        """Unix milliseconds of a text that `checked` let pass."""
        return round(datetime.fromisoformat(text).timestamp() * 1000) if "T" in text else Timestamp.ms(self, text)


ZENDESK = Hmac(
    "x-zendesk-webhook-signature",
    template("{time}{body}"),
    encoding="base64",
    timestamp=IsoTimestamp("x-zendesk-webhook-signature-timestamp"),
)
