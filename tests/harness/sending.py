"""A webhook as its platform sends it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

PUBLIC_URL = "https://hooks.renkei.test"


@dataclass(frozen=True, slots=True)
class Sending:
    """One webhook as a platform sends it, signed when it is sent (`secret` None: not at all; "": the connection's)."""

    name: str
    kind: str
    connection: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"
    path: str = ""
    query: str = ""
    secret: str | None = ""
    age_s: float = 0.0

    def url(self, base: str = PUBLIC_URL) -> str:
        """The webhook URL as it was configured on the platform."""
        query = f"?{self.query}" if self.query else ""
        return f"{base}/webhooks/{self.kind}/{self.connection}{self.path}{query}"


@dataclass(slots=True)
class Outgoing:
    """A webhook that its platform has not got through yet."""

    sending: Sending
    due: float
    attempts: int = 0
