"""API Gateway's HTTP API events (payload 2.0) as Requests, and Responses as its answers; hostile input throughout."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.delivery import Request, Response

MAX_BODY = 6 * 1024 * 1024
METHODS = frozenset({"GET", "POST"})
REFUSED = "no"
_ROUTE = re.compile(r"/webhooks/(crm|whatsapp|telephony)/([a-z0-9]{26})(?:/([A-Za-z0-9._~-]{1,200}))?", re.ASCII)


class Unacceptable(Exception):
    """A request that is refused before anything is known about its sender; `reason` is one of a few fixed words."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request at a webhook URL: `path` as the platform called it, `token` its last segment where it has one."""

    kind: str
    connection_id: str
    token: str
    path: str
    method: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    source_ip: str
    client_subject: str = ""

    def request(self, public_url: str) -> Request:
        """What verifiers see: the configured public URL, never the Host header."""
        query = f"?{self.query}" if self.query else ""
        url = f"{public_url.rstrip('/')}{self.path}{query}"
        return Request(self.method, url, self.headers, self.body, self.query, self.source_ip, self.client_subject)


def read(event: Mapping[str, Any]) -> Arrival:
    """The request in the event; raises Unacceptable for a method, path, size or encoding that no platform uses."""
    context = event.get("requestContext") or {}
    http = context.get("http") or {}
    method = str(http.get("method", ""))
    if method not in METHODS:
        raise Unacceptable(405, "method")
    path = _path(str(event.get("rawPath") or http.get("path") or ""), str(context.get("stage") or "$default"))
    route = _ROUTE.fullmatch(path)
    if not route:
        raise Unacceptable(404, "path")
    headers = _folded(event.get("headers") or {})
    return Arrival(
        kind=route[1],
        connection_id=route[2],
        token=route[3] or "",
        path=path,
        method=method,
        query=str(event.get("rawQueryString") or ""),
        headers=headers,
        body=_body(event, headers),
        source_ip=str(http.get("sourceIp", "")),
        client_subject=_subject(context),
    )


def answer(response: Response) -> dict[str, Any]:
    """The response in API Gateway's words; a browser that is shown it must not guess at its type."""
    headers = {**response.headers, "content-type": response.content_type, "x-content-type-options": "nosniff"}
    return {"statusCode": response.status, "headers": headers, "body": response.body}


def refusal(status: int) -> dict[str, Any]:
    """The same two bytes whatever was wrong."""
    answered = answer(Response(status, REFUSED))
    if status == 405:
        answered["headers"]["allow"] = "GET, POST"
    return answered


def _path(raw: str, stage: str) -> str:
    return raw.removeprefix(f"/{stage}") if stage != "$default" and raw.startswith(f"/{stage}/") else raw


def _folded(headers: Mapping[str, Any]) -> dict[str, str]:
    """Names in lower case; a header that comes twice is joined by commas, so that no signature can be in it twice."""
    folded: dict[str, str] = {}
    for name, value in headers.items():
        key = str(name).lower()
        folded[key] = f"{folded[key]},{value}" if key in folded else str(value)
    return folded


def _body(event: Mapping[str, Any], headers: Mapping[str, str]) -> bytes:
    if headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise Unacceptable(415, "content_encoding")
    text = event.get("body") or ""
    encoded = event.get("isBase64Encoded") in (True, "true")
    if len(text) > (MAX_BODY * 4 // 3 + 4 if encoded else MAX_BODY):
        raise Unacceptable(413, "size")
    body = _decoded(text) if encoded else text.encode("utf-8", "surrogatepass")
    if len(body) > MAX_BODY:
        raise Unacceptable(413, "size")
    return body


def _subject(context: Mapping[str, Any]) -> str:
    """The subject of the certificate that the gateway verified; headers have no part in it."""
    certificate = (context.get("authentication") or {}).get("clientCert") or {}
    return str(certificate.get("subjectDN") or "")


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unacceptable(401, "malformed") from error
