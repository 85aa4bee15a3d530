"""What crosses the HTTP edge, as plain frozen data: the hot path imports this and no model library."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request as received: header names lower-case, `url` the configured public URL with the raw query.

    `client_subject` is the subject of the client's TLS certificate, where the gateway asked for one and verified it.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    query: str = ""
    source_ip: str = ""
    client_subject: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """What the platform hears back."""

    status: int
    body: str = ""
    content_type: str = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Connection:
    """One configured account on a platform; `settings` are the platform's own words, never secrets.

    Settings every platform shares: `default_region` (ISO 3166 alpha-2, for phones typed without a country code),
    `base_url` (stand-in instead of the platform's API; honoured only where private hosts are allowed).
    """

    id: str
    platform: str
    name: str = ""
    status: str = "active"  # active | disabled
    settings: Mapping[str, Any] = field(default_factory=dict)
    created_at: str = ""

    @property
    def default_region(self) -> str | None:
        """Region for phone numbers without a country code, or None."""
        region = self.settings.get("default_region")
        return str(region).upper() if region else None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook request (or event-bus event) that was accepted, exactly as received.

    `received_at` is RFC 3339 UTC with milliseconds. `id` is the same for the same bytes on the same connection.
    `raw_ref` points to the stored copy once there is one (`s3 key#line`).
    """

    connection_id: str
    platform: str
    kind: str  # crm | whatsapp | telephony
    received_at: str
    body: bytes
    method: str = "POST"
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    raw_ref: str = ""

    @property
    def id(self) -> str:
        """32 hex digits that depend on connection, method, query, the headers that mapping reads, and body only."""
        digest = hashlib.sha256()
        named = (f"{name}:{self.headers[name]}" for name in sorted(self.headers))
        for part in (self.connection_id, self.method, self.query, *named):
            digest.update(part.encode("utf-8", "surrogatepass") + b"\n")
        digest.update(self.body)
        return digest.hexdigest()[:32]

    def to_message(self) -> dict[str, Any]:
        """The form that travels on the inbound queue; the body in base64 because SQS refuses some characters."""
        return {
            "renkei": 1,
            "connection": self.connection_id,
            "platform": self.platform,
            "kind": self.kind,
            "received_at": self.received_at,
            "method": self.method,
            "query": self.query,
            "headers": dict(self.headers),
            "body": base64.b64encode(self.body).decode("ascii"),
        }

    @classmethod
    def from_message(cls, message: Mapping[str, Any], body: bytes | None = None) -> Delivery:
        """The inverse of `to_message`; `body` is given where the message holds only a pointer."""
        return cls(
            connection_id=message["connection"],
            platform=message["platform"],
            kind=message["kind"],
            received_at=message["received_at"],
            body=base64.b64decode(message["body"]) if body is None else body,
            method=message.get("method", "POST"),
            query=message.get("query", ""),
            headers=message.get("headers", {}),
            raw_ref=message.get("raw_ref", ""),
        )
