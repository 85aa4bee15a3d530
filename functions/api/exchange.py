"""One request and what its answer is given besides its body: who asks, the work it asks for, the ETag it gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.decisions import Decision

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True, slots=True)
class Work:
    """What a person asks to be done: `id` is the same whenever the same Idempotency-Key asks for it again.

    `at` is when it was first asked for, RFC 3339 UTC with milliseconds.
    """

    id: str
    by: str
    at: str

    def decision(self, why: str, at: str | None = None) -> Decision:
        """The work as a decision to write down."""
        return Decision(self.id, self.by, at or self.at, why)


@dataclass(slots=True)
class Exchange:
    """The request in hand; `headers` lower-case. `etag` is set by the route and sent with the answer."""

    headers: Mapping[str, str] = field(default_factory=dict)
    jwt: Mapping[str, Any] = field(default_factory=dict)
    work: Work | None = None
    etag: str | None = None
