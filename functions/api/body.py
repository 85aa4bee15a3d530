"""The request's body: plain text out of API Gateway's envelope, then strict, bounded JSON."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from api.problems import Problem
from hub.errors import Quarantine
from hub.parsing import parse_json


def as_text(event: dict[str, Any]) -> dict[str, Any]:
    """The event with its body as text; Problem 400 where it is not UTF-8."""
    if not event.get("isBase64Encoded") or not event.get("body"):
        return event
    try:
        text = base64.b64decode(event["body"], validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        raise Problem(400, "The body is not UTF-8 text.") from None
    return {**event, "body": text, "isBase64Encoded": False}


def read_json(text: str) -> Any:
    """The document; Problem 400 where it is none (a key given twice and endless nesting count as none)."""
    try:
        return parse_json(text.encode("utf-8", "surrogatepass"))
    except Quarantine as error:
        raise Problem(400, f"The body cannot be read: {error.reason}.") from None
