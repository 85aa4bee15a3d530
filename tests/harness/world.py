"""The deployment in one process: every handler, the queues, the bus and its rules, the table's stream, the platforms."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import inf
from random import Random
from typing import Any

from hub.connector import load
from hub.delivery import Connection, Request
from hub.domain.routing import consumers
from hub.http import HttpClient
from hub.memory import (
    Change,
    FakeClock,
    MemoryBlobs,
    MemoryConnections,
    MemorySecrets,
    MemoryStore,
    MemoryTelemetry,
    memory_hub,
)
from hub.ports import Telemetry
from hub.settings import Settings
from tests.harness.asking import People
from tests.harness.faults import Crash, Injector
from tests.harness.platforms import Platforms
from tests.harness.queues import SimQueue, Waiting
from tests.harness.sending import PUBLIC_URL, Outgoing, Sending
from tests.harness.shapes import Context, http_event, sqs_event, stream_event
from tests.harness.wires import WorldBus, WorldQueue

BATCH = 10
STREAM_BATCH = 50
PLATFORM_RETRY_S = 30.0
PLATFORM_ATTEMPTS = 50
STREAM_ATTEMPTS = 50

# queue -> the function that reads it.
CONSUMERS: Mapping[str, str] = {
    "inbound-crm": "map_crm",
    "inbound-whatsapp": "map_whatsapp",
    "inbound-telephony": "map_telephony",
    "sync-customers": "sync_customers",
    "sync-crm": "sync_crm",
    "match-customers": "match_customers",
}
# Those that work on for longer than one invocation, a message at a time; a message every five minutes looks after them.
WORKERS: Mapping[str, str] = {
    "import-records": "import_records",
    "reconcile-records": "reconcile_records",
}
READERS = {**CONSUMERS, **WORKERS}

Handler = Callable[..., Any]


class World:
    """Give it connections and secrets, `deliver` webhooks, `run` until quiet, look at the state.

    `shuffle` draws at random what runs next and which messages it gets; `copies` is the chance that a queue
    delivers a message twice. Functions in `paused` are not run.
    """

    def __init__(
        self,
        connections: Sequence[Connection],
        secrets: Mapping[str, Mapping[str, Any]],
        *,
        platforms: Platforms | None = None,
        injector: Injector | None = None,
        shuffle: Random | None = None,
        copies: float = 0.0,
        clock: FakeClock | None = None,
        telemetry: Telemetry | None = None,
    ) -> None:
        self.clock = clock or FakeClock()
        self.injector = injector or Injector()
        self.queues = {name: SimQueue(name) for name in READERS}
        self.store = MemoryStore()
        self.blobs = MemoryBlobs()
        self.bus = WorldBus(self)
        self.platforms = platforms or Platforms({})
        self.telemetry = telemetry or MemoryTelemetry()
        self.plain_hub = memory_hub(
            settings=Settings(stack="renkei", public_url=PUBLIC_URL),
            store=self.store,
            connections=MemoryConnections(connections),
            secrets=MemorySecrets(secrets),
            blobs=self.blobs,
            queue=WorldQueue(self),
            bus=self.bus,
            http=HttpClient(self.clock, uniform=lambda: 0.5, exchange=self.platforms.exchange),
            clock=self.clock,
            telemetry=self.telemetry,
            jitter=shuffle.random if shuffle else lambda: 0.5,
        )
        self.hub = self.injector.watch(self.plain_hub)
        self.handlers: dict[str, Handler] = {}
        self.answers: list[tuple[Sending, int, str]] = []
        self.outgoing: list[Outgoing] = []
        self.people = People(self)
        self.invocations: list[str] = []
        self.raised: list[tuple[str, Exception]] = []
        self.stream_failures: list[Change] = []
        self.paused: frozenset[str] = frozenset()
        self.context: Callable[[], object] = Context
        self._shuffle, self._copies = shuffle, copies
        self._streamed = 0
        self._stream_attempts = 0
        self._stream_due = 0.0

    def handler(self, function: str) -> Handler:
        """The function's handler; put another one into `handlers` to replace it."""
        if function not in self.handlers:
            self.handlers[function] = importlib.import_module(f"{function}.handler").handler
        return self.handlers[function]

    def deliver(self, *sendings: Sending) -> None:
        """The platforms will send these, in this order, and again until they hear a success."""
        self.outgoing += [Outgoing(sending, self.clock.now()) for sending in sendings]

    def from_event_bus(self, envelope: Mapping[str, Any]) -> None:
        """A partner's event reaches the mapping queue of the CRMs by its rule."""
        self.enqueue("inbound-crm", json.dumps(envelope))

    def routed(self, event_type: str, data: Mapping[str, Any]) -> list[str]:
        """The queues whose rule matches an event."""
        return consumers(event_type, data)

    def sweep(self) -> None:
        """What the schedule does every five minutes."""
        for queue in WORKERS:
            self.enqueue(queue, json.dumps({"sweep": True}))

    def enqueue(self, queue: str, body: str) -> None:
        """Puts a message on a queue, now and then twice."""
        twice = self._shuffle is not None and self._shuffle.random() < self._copies
        for _ in range(2 if twice else 1):
            self.queues[queue].send(body, self.clock.now())

    def work(self, most: int = 1_000_000) -> None:
        """Works what can be worked now; time does not pass."""
        for _ in range(most):
            due = self._due()
            if not due:
                return
            (self._shuffle.choice(due) if self._shuffle else due[0])()
        raise AssertionError("the world does not come to rest")

    def run(self, most: int = 1_000_000, patience_s: float = inf) -> None:
        """Works until nothing is left to do; AssertionError after `most` invocations without a pause, or the time."""
        until = self.clock.time + patience_s
        self.work(most)
        while self._wait():
            if self.clock.time > until:
                raise AssertionError("the world does not come to rest")
            self.work(most)

    def dead(self) -> dict[str, list[Waiting]]:
        """Dead letters by queue, where there are any."""
        return {name: queue.dead for name, queue in self.queues.items() if queue.dead}

    def redrive(self) -> int:
        """Puts dead letters back, as an operator does; how many."""
        return sum(queue.redrive(self.clock.now()) for queue in self.queues.values())

    def attempt(self, function: str, event: Mapping[str, Any]) -> Any:
        """What the handler answers, or None where it crashed or raised (see `raised`), which fails all of the event."""
        self.injector.begin(function)
        self.invocations.append(function)
        try:
            return self.handler(function)(dict(event), self.context(), self.hub)
        except Crash:
            return None
        except Exception as error:
            self.raised.append((function, error))
            return None

    def answer(self, sending: Sending) -> tuple[int, str]:
        """Sends a webhook once; status and body of the answer; 502 where the function did not give one."""
        answer = self.attempt(f"ingest_{sending.kind}", self.request_event(sending))
        if answer is None:
            return 502, ""
        status, body = int(answer["statusCode"]), str(answer.get("body", ""))
        self.answers.append((sending, status, body))
        return status, body

    def request_event(self, sending: Sending) -> dict[str, Any]:
        """The event of a webhook sent now."""
        headers = {**sending.headers, **self._signature(sending)}
        return http_event(sending.method, sending.url(), headers, sending.body)

    def _signature(self, sending: Sending) -> Mapping[str, str]:
        secret = self._secret(sending)
        connection = self.plain_hub.connections.get(sending.connection)
        if secret is None or connection is None:
            return {}
        headers = {name.lower(): value for name, value in sending.headers.items()}
        request = Request(sending.method, sending.url(), headers, sending.body, sending.query)
        return load(connection.platform).sign(request, secret.encode(), self.clock.now() - sending.age_s)

    def _secret(self, sending: Sending) -> str | None:
        if sending.secret != "":
            return sending.secret
        signing = self.plain_hub.secrets.read(sending.connection).get("signing", [])
        return str(signing[0]["value"]) if signing else None

    def _due(self) -> list[Callable[[], None]]:
        now = self.clock.now()
        due: list[Callable[[], None]] = [self._send_next] if any(one.due <= now for one in self.outgoing) else []
        due += [
            lambda queue=queue: self._consume(queue)  # type: ignore[misc]
            for queue in self._running()
            if (at := queue.next_visible()) is not None and at <= now
        ]
        if (asked := self.people.due()) is not None and asked <= now:
            due.append(self.people.next)
        if self._announcing() and self._stream_due <= now:
            due.append(self._publish_changes)
        return due

    def _running(self) -> list[SimQueue]:
        return [queue for name, queue in self.queues.items() if READERS[name] not in self.paused]

    def _announcing(self) -> bool:
        return self._streamed < len(self.store.changes) and "publish_changes" not in self.paused

    def _wait(self) -> bool:
        times = [outgoing.due for outgoing in self.outgoing]
        times += [asked] if (asked := self.people.due()) is not None else []
        times += [at for queue in self._running() if (at := queue.next_visible()) is not None]
        if self._announcing():
            times.append(self._stream_due)
        if times:
            self.clock.time = max(self.clock.time, min(times))
        return bool(times)

    def _send_next(self) -> None:
        now = self.clock.now()
        ready = [outgoing for outgoing in self.outgoing if outgoing.due <= now]
        outgoing = self._shuffle.choice(ready) if self._shuffle else ready[0]
        status, _body = self.answer(outgoing.sending)
        outgoing.attempts += 1
        outgoing.due = now + PLATFORM_RETRY_S
        if status < 500 or outgoing.attempts >= PLATFORM_ATTEMPTS:
            self.outgoing.remove(outgoing)

    def _consume(self, queue: SimQueue) -> None:
        batch = queue.receive(self.clock.now(), 1 if queue.name in WORKERS else BATCH, self._shuffle)
        if not batch:
            return
        event = sqs_event(queue.name, [message.received() for message in batch])
        answer = self.attempt(READERS[queue.name], event)
        if answer is not None:
            failed = _failed(answer)
            queue.delete([message for message in batch if message.id not in failed])

    def _publish_changes(self) -> None:
        size = self._shuffle.randint(1, STREAM_BATCH) if self._shuffle else STREAM_BATCH
        end = min(self._streamed + size, len(self.store.changes))
        batch = [(str(number), self.store.changes[number]) for number in range(self._streamed, end)]
        answer = self.attempt("publish_changes", stream_event(batch))
        failed = {batch[0][0]} if answer is None else _failed(answer)
        left = [number for number, (name, _change) in enumerate(batch) if name in failed]
        self._advance(min(left, default=len(batch)), bool(left))

    def _advance(self, records: int, failed: bool) -> None:
        self._streamed += records
        self._stream_attempts = self._stream_attempts + 1 if failed and not records else 0
        self._stream_due = self.clock.now() + (1.0 if failed else 0.0)
        if self._stream_attempts >= STREAM_ATTEMPTS:
            self.stream_failures.append(self.store.changes[self._streamed])
            self._streamed, self._stream_attempts = self._streamed + 1, 0


def _failed(answer: Mapping[str, Any]) -> set[str]:
    """The ids that a partial batch answer names."""
    failures: Iterable[Mapping[str, str]] = answer.get("batchItemFailures", [])
    return {failure["itemIdentifier"] for failure in failures}
