"""What failed and what to do next; `hub.batch` and `hub.ingest` turn these into SQS and HTTP behaviour.

HubError
├── Retry          try again, not before `after_s`
│   └── Busy       the platform answered "not now": `status` and `body` say why
├── Reject         never going to work: dead-letter with the reason
├── Quarantine     keep, count, show; success to the sender
├── Unauthorized   401 with no detail; `reason` is one of a few fixed words, for the operator's counter
└── Conflict       a conditional write lost: read again, fold again
"""

from __future__ import annotations

from collections.abc import Mapping


class HubError(Exception):
    """Base of every failure that says what to do next; `reason` holds no secret and no personal value."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Retry(HubError):
    """A passing fault: the same work may succeed after `after_s` seconds."""

    def __init__(self, reason: str, after_s: int = 0) -> None:
        super().__init__(reason)
        self.after_s = after_s


class Busy(Retry):
    """The platform put us off; `body` and `headers` (lower-case) are to be read and are neither logged nor kept."""

    def __init__(
        self, reason: str, after_s: int, status: int, body: bytes, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(reason, after_s)
        self.status = status
        self.body = body
        self.headers = dict(headers or {})


class Reject(HubError):
    """A lasting fault: no repetition helps, a person must look."""


class Quarantine(HubError):
    """A genuine delivery that cannot be read: kept and shown, never refused."""


class Unauthorized(HubError):
    """Not proven to come from the connection's platform; reasons: see `hub.signatures`."""


class Conflict(HubError):
    """The item is not at the version that the writer had read."""
