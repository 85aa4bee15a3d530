"""Jobs worked one message at a time, with memory adapters and a platform in memory."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from hub.delivery import Connection
from hub.domain.events import Event
from hub.job_worker import STALE_S, sweep
from hub.jobs import QUEUES, Job, JobStore
from hub.memory import FakeClock, MemoryBus, MemoryConnections, MemoryQueue, MemoryStore, memory_hub
from hub.wiring import Hub
from tests.harness.faults import Crash
from tests.harness.listed import LISTED, Listed
from tests.harness.shapes import sqs_event

NOW = 1_790_000_000.0
FUNCTIONS = {"import-records": "import_records", "reconcile-records": "reconcile_records"}


def hub_with(connection: Connection | None = None, **ports: Any) -> Hub:
    """A hub with one connection whose platform is `Listed`."""
    known = connection or Connection(LISTED, "hubspot", "Sales", created_at="2026-01-01T00:00:00Z")
    return memory_hub(**{"connections": MemoryConnections([known]), "clock": FakeClock(NOW), **ports})


class Short:
    """An invocation in which there is time for so many pages."""

    def __init__(self, listed: Listed, pages: int) -> None:
        self._listed = listed
        self._last = listed.calls["page"] + pages

    def get_remaining_time_in_millis(self) -> int:
        """Enough for one more page, or nothing."""
        return 60_000 if self._listed.calls["page"] < self._last else 0


def deliver(hub: Hub, listed: Listed, context: object = None, queue: str = "import-records") -> dict[str, Any]:
    """Works one message; it goes back to the queue where its work failed."""
    port = queue_of(hub)
    message = port.messages[queue].pop(0)
    port.hidden_s.setdefault("receipt-m-1", 0)
    event = sqs_event(queue, [("m", message.body, 1, hub.clock.now())])
    handler = import_module(f"{FUNCTIONS[queue]}.handler").handler
    try:
        answer: dict[str, Any] = handler(event, context, hub, clients=listed.clients)
    except Crash:
        port.messages[queue].append(message)
        raise
    if answer["batchItemFailures"]:
        port.messages[queue].append(message)
    return answer


def drain(hub: Hub, listed: Listed, job: Job, begin: Callable[[], object] = lambda: None, most: int = 500) -> Job:
    """Works until the job goes on no more; what nobody works on is swept up, as time passes."""
    queue = QUEUES[job.kind]
    for _ in range(most):
        now = job_in(hub, job)
        if now.status not in ("waiting", "running"):
            return now
        if not queue_of(hub).messages.get(queue):
            hub.clock.sleep(STALE_S + 120)
            sweep(hub, queue)
            continue
        try:
            deliver(hub, listed, begin(), queue)
        except Crash:
            hub.clock.sleep(STALE_S + 120)
    raise AssertionError("the job does not end")


def job_in(hub: Hub, job: Job) -> Job:
    """The job as it is now."""
    found = JobStore(store_of(hub)).get(job.id)
    assert found
    return found


def published(hub: Hub) -> list[Event]:
    """What is on the bus."""
    bus = getattr(hub.bus, "_port", hub.bus)
    assert isinstance(bus, MemoryBus)
    return [Event.model_validate(one) for one in bus.events]


def file(hub: Hub) -> int:
    """Files what is on the bus, and takes it away; returns how many events."""
    bus = getattr(hub.bus, "_port", hub.bus)
    assert isinstance(bus, MemoryBus)
    events, bus.events = bus.events, []
    bodies = [Event.model_validate(one).model_dump_json() for one in events]
    batch = sqs_event("sync-customers", [(str(number), body, 1, 0.0) for number, body in enumerate(bodies)])
    answer = import_module("sync_customers.handler").handler(batch, None, hub)
    assert answer["batchItemFailures"] == []
    return len(events)


def queue_of(hub: Hub) -> MemoryQueue:
    """The queues, behind whatever watches them."""
    port = getattr(hub.queue, "_port", hub.queue)
    assert isinstance(port, MemoryQueue)
    return port


def store_of(hub: Hub) -> MemoryStore:
    """The state table, behind whatever watches it."""
    store = getattr(hub.store, "_port", hub.store)
    assert isinstance(store, MemoryStore)
    return store
