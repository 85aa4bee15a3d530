"""The request's body: plain text out of API Gateway's envelope, then strict, bounded JSON."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

from api.problems import Problem
from hub.errors import Quarantine
from hub.parsing import parse_json

# Routes that take any bytes, such as a file's.
TAKES_BYTES = frozenset({"/v1/csv-imports/<file_id>/parts/<number>"})
_JSON = re.compile(r"application/json\s*(?:;.*)?", re.IGNORECASE)


def as_text(event: dict[str, Any]) -> dict[str, Any]:
    """The event with its body as text; Problem 415 where it is not said to be JSON, 400 where it is not UTF-8."""
    body = event.get("body")
    if not body:
        return event
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    if not _JSON.fullmatch((headers.get("content-type") or "application/json").strip()):
        raise Problem(415, "The body must be application/json.")
    text = _decoded(body) if event.get("isBase64Encoded") else body
    return {**event, "body": text, "isBase64Encoded": False, "headers": {**headers, "content-type": "application/json"}}


def _decoded(body: str) -> str:
    try:
        return base64.b64decode(body, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        raise Problem(400, "The body is not UTF-8 text.") from None


def content(event: Mapping[str, Any]) -> bytes:
    """The body's bytes, of a route that takes any; Problem 400 where the envelope is broken."""
    body = event.get("body") or ""
    try:
        return base64.b64decode(body, validate=True) if event.get("isBase64Encoded") else body.encode()
    except (binascii.Error, ValueError):
        raise Problem(400, "The body cannot be read.") from None


def read_json(text: str) -> Any:
    """The document; Problem 400 where it is none (a key given twice and endless nesting count as none)."""
    try:
        return parse_json(text.encode("utf-8", "surrogatepass"))
    except Quarantine as error:
        raise Problem(400, f"The body cannot be read: {error.reason}.") from None
