"""SQS batches: each record stands alone, what failed is named, what can never work is set aside with its reason.

What may work later is hidden for as long as its platform asked, and for a time that doubles with each receive: an
outage of a day costs some 200 receives of the 250 after which SQS gives up (`infra.queues`), and none of them is quick.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol, TypeVar

from hub.errors import Conflict, HubError, Reject, Retry
from hub.ports import Clock, Queue, Telemetry

T = TypeVar("T")
Record = Mapping[str, Any]
RESERVE_MS = 1500  # what must be left of the invocation's time to begin one more record
BACKOFF_S = 15.0
LONGEST_BACKOFF_S = 900.0
BUG_RECEIVES = 5  # an unexpected error after so many receives is taken for a lasting one
PATIENCE_S = 3 * 86_400  # SQS deletes a message that waited for 4 days, and tells nobody


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

    @property
    def clock(self) -> Clock:
        """How old a message is."""
        ...

    @property
    def jitter(self) -> Callable[[], float]:
        """A random share of the longest wait, from 0 to 1."""
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
        self._buried: set[str] = set()
        self._can_postpone = True

    def has_time(self) -> bool:
        """Whether one more record can be begun: twice the slowest so far and the reserve are left."""
        return self._remaining_ms is None or self._remaining_ms() > RESERVE_MS + 2 * self._slowest_ms

    def attempt(self, record: Record, work: Callable[[], T]) -> T | None:
        """The result of `work`; None where it failed, which is then settled for this record."""
        began = time.monotonic()
        try:
            return work()
        except (Retry, Conflict) as error:
            self.put_off(record, error)
        except Reject as error:
            self._bury(record, "rejected", error.reason)
        except Exception as error:  # noqa: BLE001 - a record must never take its neighbours with it
            self._meet(record, error)
        finally:
            self._slowest_ms = max(self._slowest_ms, (time.monotonic() - began) * 1000)
        return None

    def leave(self, record: Record) -> None:
        """Not begun for want of time: comes again after the queue's visibility timeout."""
        self._fail(record, "left")

    def put_off(self, record: Record, error: HubError) -> None:
        """The record comes again, not before the error's `after_s`; a dead letter once it has waited for 3 days."""
        if self.settled(record):
            return
        if self._age_s(record) > PATIENCE_S:
            self._bury(record, "given_up", f"waited for 3 days: {error.reason}")
            return
        self._fail(record, "retried", reason=error.reason)
        self._postpone(record, getattr(error, "after_s", 0) + self._hub.jitter() * _backoff_s(record))

    def settled(self, record: Record) -> bool:
        """Whether nothing more is to be done for that record now: it comes again, or is a dead letter."""
        return str(record["messageId"]) in self._failed or str(record["messageId"]) in self._buried

    def finish(self, function: str) -> dict[str, Any]:
        """Writes the invocation's line; the partial batch response."""
        self._hub.telemetry.flush(function)
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in self._failed]}

    def _meet(self, record: Record, error: Exception) -> None:
        """An error that nobody foresaw: the visibility timeout spaces its few tries."""
        name, place = type(error).__name__, place_of(error)
        if _receives(record) < BUG_RECEIVES:
            self._fail(record, "failed", error=name, at=place)
        else:
            self._bury(record, "given_up", f"failed again and again: {name} at {place}")

    def _fail(self, record: Record, outcome: str, **why: str) -> None:
        self._failed[str(record["messageId"])] = None
        self._hub.telemetry.count(f"records.{outcome}", 1, **why)

    def _bury(self, record: Record, outcome: str, reason: str) -> None:
        try:
            self._hub.queue.send(f"{self._queue}-dead", record["body"], reason=reason)
        except Exception as error:  # noqa: BLE001 - as in `attempt`; what cannot be buried comes again
            self._fail(record, "failed", error=type(error).__name__, at=place_of(error))
        else:
            self._buried.add(str(record["messageId"]))
            self._hub.telemetry.count(f"records.{outcome}")

    def _postpone(self, record: Record, seconds: float) -> None:
        """Hides the record; where that fails, the visibility timeout governs, for this record and those after it."""
        if not self._can_postpone or (self._remaining_ms and self._remaining_ms() < RESERVE_MS):
            return
        try:
            self._hub.queue.postpone(self._queue, str(record.get("receiptHandle", "")), seconds)
        except Exception as error:  # noqa: BLE001 - as in `attempt`
            self._can_postpone = False
            self._hub.telemetry.count("records.not_postponed", 1, error=type(error).__name__)

    def _age_s(self, record: Record) -> float:
        sent_ms = record.get("attributes", {}).get("SentTimestamp")
        return self._hub.clock.now() - int(sent_ms) / 1000 if sent_ms else 0.0


def _backoff_s(record: Record) -> float:
    """The longest wait after so many receives: 15 s, 30 s, … 15 minutes."""
    return min(BACKOFF_S * 2.0 ** min(_receives(record) - 1, 10), LONGEST_BACKOFF_S)


def _receives(record: Record) -> int:
    return int(record.get("attributes", {}).get("ApproximateReceiveCount", 1))


def place_of(error: BaseException) -> str:
    """Where an exception was raised, as `file:line`; its text may hold personal values and is never read."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace else ""
