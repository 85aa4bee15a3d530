"""Cursors: opaque to the caller, sealed with the deployment's key, good only for the list that issued them."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import zlib
from dataclasses import dataclass
from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Query

from api.problems import Problem
from hub.places import Mark

Limit = Annotated[int, Query(ge=1, le=100, description="How many at most.")]
Cursor = Annotated[str | None, Query(max_length=8000, description="`next` or `previous` of another page.")]

_SEAL_BYTES = 16


@dataclass(frozen=True, slots=True)
class Seal:
    """Seals and opens the cursors of one list; `of` names the list and everything that defines it."""

    key: bytes
    of: str

    def close(self, place: object) -> str | None:
        """A cursor for a place in the list (JSON), None at its end."""
        if place is None:
            return None
        packed = zlib.compress(json.dumps(place, separators=(",", ":")).encode())
        return base64.urlsafe_b64encode(self._mark(packed) + packed).decode().rstrip("=")

    def open(self, cursor: str | None) -> Any:
        """The place, None for no cursor; Problem 400 where the cursor is not one of this list's."""
        if not cursor:
            return None
        try:
            sealed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise _foreign() from None
        mark, packed = sealed[:_SEAL_BYTES], sealed[_SEAL_BYTES:]
        if not hmac.compare_digest(mark, self._mark(packed)):
            raise _foreign()
        return json.loads(zlib.decompress(packed))

    def _mark(self, packed: bytes) -> bytes:
        return hmac.digest(self.key, b"cursor\n" + self.of.encode() + b"\n" + packed, "sha256")[:_SEAL_BYTES]


def sealed(seal: Seal, mark: Mark | None) -> str | None:
    """The cursor of a mark."""
    return None if mark is None else seal.close([mark.bound, mark.down])


def mark_of(seal: Seal, cursor: str | None) -> Mark | None:
    """The mark of a cursor; Problem 400 where it is not one of this list's."""
    found = seal.open(cursor)
    return None if found is None else Mark(*found)


def _foreign() -> Problem:
    return Problem(400, "The cursor is not one that this list gave.")
