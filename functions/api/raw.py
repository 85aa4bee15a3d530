"""Raw deliveries as the mapping stage keeps them: a blob of JSON lines, found by `<key>#<line number>`."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from hub.ports import Blobs

# Above this a body travels as a pointer, as at ingest.
MAX_INLINE_BYTES = 128 * 1024


def load(blobs: Blobs, pointer: str) -> dict[str, Any] | None:
    """The delivery's message form, None where it is no longer kept."""
    key, _, number = pointer.rpartition("#")
    kept = blobs.get(key) if key and number.isdecimal() else None
    lines = kept.split(b"\n") if kept is not None else []
    if not number.isdecimal() or int(number) >= len(lines) or not lines[int(number)]:
        return None
    message: dict[str, Any] = json.loads(lines[int(number)])
    return message


def body(blobs: Blobs, message: Mapping[str, Any]) -> bytes:
    """The delivery's body, wherever it lies; empty where that blob is gone."""
    if "blob" in message:
        return blobs.get(str(message["blob"])) or b""
    return base64.b64decode(message["body"])


def enqueueable(blobs: Blobs, message: Mapping[str, Any], pointer: str) -> str:
    """The message for the inbound queue, which says where its raw copy already is."""
    sent = {**message, "raw_ref": pointer}
    content = body(blobs, message)
    if "body" in message and len(content) > MAX_INLINE_BYTES:
        sent["blob"] = f"large/{message['connection']}/{pointer.rpartition('/')[2].replace('#', '-')}"
        blobs.put(sent["blob"], content)
        del sent["body"]
    return json.dumps(sent)
