"""What the hub needs of the world: small Protocols, with one set of adapters in memory and one on AWS.

One contract suite (`tests/contracts/test_ports.py`) runs on both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from hub.delivery import Connection


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a table. `version` is 0 before the first write; `body` is JSON without floats.

    `index` places the item in the one secondary index (partition, sort); `expires_at` is Unix seconds.
    """

    pk: str
    sk: str
    body: Mapping[str, Any] = field(default_factory=dict)
    version: int = 0
    index: tuple[str, str] | None = None
    expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Items in key order and where to go on (None at the end)."""

    items: tuple[Item, ...]
    next_key: str | None = None


class Store(Protocol):
    """A table with conditional writes; reads by key are consistent, reads by index may lag."""

    def get(self, pk: str, sk: str) -> Item | None:
        """The item, or None."""
        ...

    def put(self, item: Item) -> None:
        """Writes the item as version + 1 if the stored one is still at `item.version` (0: absent); else Conflict."""
        ...

    def put_all(self, items: Sequence[Item]) -> None:
        """As `put`, for up to 25 items, all or none; Conflict where any one is not at its version, Reject beyond 25."""
        ...

    def query(
        self, pk: str, *, prefix: str = "", limit: int = 100, start: str | None = None, newest_first: bool = False
    ) -> Page:
        """Items of a partition whose sort key starts with `prefix`; `start` is a `next_key`."""
        ...

    def query_index(
        self,
        partition: str,
        *,
        limit: int = 100,
        start: str | None = None,
        newest_first: bool = True,
        between: tuple[str, str] | None = None,
    ) -> Page:
        """Items placed in that index partition, by index sort key: from the one of `between` to the other, both in.

        Neither bound is empty; `start` is a `next_key` of a query with the same bounds.
        """
        ...

    def delete(self, pk: str, sk: str) -> None:
        """Removes the item if it is there."""
        ...

    def count(self, pk: str, sk: str, add: int, last: Mapping[str, Any], expires_at: int | None = None) -> None:
        """Adds to the counter `n` of an item, creating it, and keeps `last` beside it in place of what was there.

        Not idempotent: for tallies only.
        """
        ...


class Bus(Protocol):
    """The event bus."""

    def publish(self, events: Sequence[Mapping[str, Any]]) -> list[int]:
        """Publishes envelopes (`hub.domain.events.Event` as JSON); returns the indices that were not accepted."""
        ...


# SQS hides a message for 12 h at most, counted from when it was received; an invocation takes a quarter of an hour of
# that at most (Amazon SQS, ChangeMessageVisibility, and Lambda quotas, read 2026-11).
MAX_POSTPONE_S = 12 * 3600 - 900


class Queue(Protocol):
    """Queues by name, as in `hub.settings` (`inbound-crm`, …, and `<name>-dead`)."""

    def send(self, queue: str, body: str, *, reason: str = "") -> None:
        """Sends one message; `reason` travels as an attribute (for dead letters; never a personal value)."""
        ...

    def postpone(self, queue: str, receipt: str, seconds: float) -> None:
        """Hides a message that was received for so long from now; more than MAX_POSTPONE_S is as much."""
        ...


class Blobs(Protocol):
    """Raw deliveries and large bodies."""

    def put(self, key: str, body: bytes) -> None:
        """Stores bytes under a key, replacing."""
        ...

    def get(self, key: str) -> bytes | None:
        """The bytes, or None."""
        ...


class Secrets(Protocol):
    """Secrets per connection: `{"signing": [{"id","value","not_after"}], "<name>": "<value>"}`."""

    def read(self, connection_id: str, *, fresh: bool = False) -> Mapping[str, Any]:
        """The connection's secrets, cached for minutes unless `fresh` (before they are changed); {} where there are none."""
        ...

    def write(self, connection_id: str, secrets: Mapping[str, Any]) -> None:
        """Replaces the connection's secrets."""
        ...

    def hash_key(self) -> bytes:
        """The deployment's key for hashing identifiers in table keys."""
        ...


class Connections(Protocol):
    """The configured connections, cached for a minute on the read side."""

    def get(self, connection_id: str) -> Connection | None:
        """The connection, or None."""
        ...

    def by_event_source(self, source: str) -> Connection | None:
        """The connection whose `event_source` setting is, or holds, that EventBridge source or ARN, or None."""
        ...

    def all(self) -> list[Connection]:
        """Every connection, by id."""
        ...


class Clock(Protocol):
    """Time; the only place the hub learns it from."""

    def now(self) -> float:
        """Unix seconds."""
        ...

    def sleep(self, seconds: float) -> None:
        """Waits."""
        ...


class Telemetry(Protocol):
    """Counters and one log line per invocation; field values are never personal and never secret."""

    def count(self, name: str, n: int = 1, **dimensions: str) -> None:
        """Adds to a counter."""
        ...

    def note(self, **fields: str | int) -> None:
        """Adds fields to the invocation's line."""
        ...

    def flush(self, function: str) -> None:
        """Writes the line (EMF) and starts anew."""
        ...


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """An answer from a platform; `headers` lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON; Retry where it is none (a proxy's page in place of the API)."""
        import json

        from hub.errors import Retry

        try:
            return json.loads(self.body or b"null")
        except ValueError as error:
            raise Retry("the platform's answer was not JSON") from error


class Http(Protocol):
    """The one outbound client: timeouts, allow-listed hosts, no redirects, capped bodies."""

    def request(
        self,
        method: str,
        url: str,
        *,
        hosts: Sequence[str],
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        idempotent: bool = True,
    ) -> HttpResponse:
        """Sends; 429 and 5xx are retried within the budget where `idempotent`, then Retry with the platform's wait.

        Other statuses are returned. Reject where the host is not in `hosts`. A broken connection is Retry; where the
        request is not `idempotent` and may have arrived it is Reject, because nobody may repeat it blindly.
        """
        ...
