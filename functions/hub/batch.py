"""SQS batches: each record stands alone, what failed is named, what can never work is set aside with its reason."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol, TypeVar

from hub.errors import Conflict, Reject, Retry
from hub.ports import Queue, Telemetry

T = TypeVar("T")
Record = Mapping[str, Any]
RESERVE_MS = 1500  # what must be left of the invocation's time to begin one more record


class Means(Protocol):
    """What a batch needs of the hub."""

    @property
    def queue(self) -> Queue:
        """Where dead letters go."""
        ...

    @property
    def telemetry(self) -> Telemetry:
        """Where outcomes are counted."""
        ...


def run(
    event: Mapping[str, Any],
    handle_one: Callable[[str], object],
    hub: Means,
    *,
    function: str,
    queue: str,
    context: object = None,
) -> dict[str, Any]:
    """Hands each record's body to `handle_one`; returns the partial batch response, never raises for a record.

    Retry and unexpected errors: the record comes again. Reject: to `<queue>-dead` with the reason.
    No record is begun when the invocation's time runs short (`context.get_remaining_time_in_millis`).
    """
    batch = Batch(hub, queue, context)
    for record in event["Records"]:
        if batch.has_time():
            batch.attempt(record, partial(handle_one, record["body"]))
        else:
            batch.leave(record)
    hub.telemetry.note(records=len(event["Records"]))
    return batch.finish(function)


class Batch:
    """The outcomes of one invocation's records."""

    def __init__(self, hub: Means, queue: str, context: object = None) -> None:
        self._hub = hub
        self._queue = queue
        self._remaining_ms: Callable[[], int] | None = getattr(context, "get_remaining_time_in_millis", None)
        self._slowest_ms = 0.0
        self._failed: dict[str, None] = {}

    def has_time(self) -> bool:
        """Whether one more record can be begun: twice the slowest so far and the reserve are left."""
        return self._remaining_ms is None or self._remaining_ms() > RESERVE_MS + 2 * self._slowest_ms

    def attempt(self, record: Record, work: Callable[[], T]) -> T | None:
        """The result of `work`; None where it failed, which is then settled for this record."""
        began = time.monotonic()
        try:
            return self._bury_rejects(record, work)
        except (Retry, Conflict):
            self.fail(record, "retried")
        except Exception as error:  # noqa: BLE001 - a record must never take its neighbours with it
            self.fail(record, "failed", error=type(error).__name__, at=place_of(error))
        finally:
            self._slowest_ms = max(self._slowest_ms, (time.monotonic() - began) * 1000)
        return None

    def leave(self, record: Record) -> None:
        """Not begun for want of time: comes again."""
        self.fail(record, "left")

    def fail(self, record: Record, outcome: str, **why: str) -> None:
        """The record comes again after its visibility timeout."""
        self._failed[str(record["messageId"])] = None
        self._hub.telemetry.count(f"records.{outcome}", 1, **why)

    def failed(self, record: Record) -> bool:
        """Whether that record is to come again."""
        return str(record["messageId"]) in self._failed

    def finish(self, function: str) -> dict[str, Any]:
        """Writes the invocation's line; the partial batch response."""
        self._hub.telemetry.flush(function)
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in self._failed]}

    def _bury_rejects(self, record: Record, work: Callable[[], T]) -> T | None:
        try:
            return work()
        except Reject as error:
            self._hub.queue.send(f"{self._queue}-dead", record["body"], reason=error.reason)
            self._hub.telemetry.count("records.rejected")
            return None


def place_of(error: BaseException) -> str:
    """Where an exception was raised, as `file:line`; its text may hold personal values and is never read."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace else ""
