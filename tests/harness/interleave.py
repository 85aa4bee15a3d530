"""Workers at once on one state, switched at every port call by a fixed plan: real threads, one running at a time."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from hub.ports import Item
from hub.wiring import Hub
from tests.harness.faults import Call, Injector
from tests.harness.queues import Waiting
from tests.harness.shapes import Context, sqs_event
from tests.harness.world import BATCH, CONSUMERS, World


class Turns:
    """Lets one of several threads go on at a time; each asks before every port call."""

    def __init__(self, random: Random) -> None:
        self.switches = 0
        self._random = random
        self._gates: dict[int, threading.Semaphore] = {}
        self._waiting: set[int] = set()
        self._back = threading.Semaphore(0)
        self._here = threading.local()

    def ask(self, _call: Call) -> None:
        """Called by a worker: waits until it is this one's turn."""
        self._back.release()
        self._gates[self._here.number].acquire()

    def run(self, works: list[Callable[[], None]]) -> None:
        """Runs all of them to their end."""
        threads = [threading.Thread(target=self._work, args=(number, work)) for number, work in enumerate(works)]
        self._gates = {number: threading.Semaphore(0) for number in range(len(works))}
        self._waiting = set(self._gates)
        for thread in threads:
            thread.start()
        last = -1
        while self._waiting:
            chosen = self._random.choice(sorted(self._waiting))
            self.switches += chosen != last
            last = chosen
            self._gates[chosen].release()
            self._back.acquire()
        for thread in threads:
            thread.join()

    def _work(self, number: int, work: Callable[[], None]) -> None:
        self._here.number = number
        self._gates[number].acquire()
        try:
            work()
        finally:
            self._waiting.discard(number)
            self._back.release()


def work_at_once(world: World, queue: str, workers: int, random: Random) -> Turns:
    """Receives what waits on a queue in as many batches as there are workers and works them at the same time."""
    turns = Turns(random)
    hub = Injector(lambda call: turns.ask(call)).watch(world.plain_hub)
    waiting = world.queues[queue].receive(world.clock.now(), BATCH * workers)
    random.shuffle(waiting)
    batches = [batch for number in range(workers) if (batch := waiting[number::workers])]
    turns.run([_worker(world, queue, hub, batch) for batch in batches])
    return turns


def _worker(world: World, queue: str, hub: Hub, batch: list[Waiting]) -> Callable[[], None]:
    handler = world.handler(CONSUMERS[queue])
    event = sqs_event(queue, [message.received() for message in batch])
    own = replace(hub, telemetry=type(world.telemetry)())

    def work() -> None:
        answer: Mapping[str, Any] = handler(event, Context(), own)
        failed = {one["itemIdentifier"] for one in answer["batchItemFailures"]}
        world.queues[queue].delete([message for message in batch if message.id not in failed])

    return work


@dataclass
class Crowd:
    """What workers at once went through: `conflicts` were injected, `again` counts events that had to come again."""

    rounds: int = 0
    switches: int = 0
    conflicts: int = 0
    again: int = 0


def file_at_once(hub: Hub, bodies: Sequence[str], workers: int, random: Random, conflicts: float) -> Crowd:
    """Files events by many workers at the same time, with that share of all puts in conflict, until each is filed."""
    crowd, waiting = Crowd(), list(enumerate(bodies))
    while waiting:
        crowd.rounds += 1
        waiting = _round(hub, waiting, workers, random, conflicts, crowd)
        crowd.again += len(waiting)
    return crowd


def _round(
    hub: Hub, waiting: list[tuple[int, str]], workers: int, random: Random, conflicts: float, crowd: Crowd
) -> list[tuple[int, str]]:
    """What has to come again after all of it was tried once."""
    turns, failed, contested = Turns(random), set[int](), Contested(hub.store, random, conflicts)
    store: Any = contested
    watched = Injector(lambda call: turns.ask(call)).watch(replace(hub, store=store))
    shares = [share for number in range(workers) if (share := waiting[number::workers])]
    turns.run([_filer(watched, share, failed) for share in shares])
    crowd.switches += turns.switches
    crowd.conflicts += contested.conflicts
    return [one for one in waiting if one[0] in failed]


class Contested:
    """A store on which now and then another writer touches an item just before it is written.

    Of an item that is not there yet the writer is the caller, whose answer was lost: a condition that fails on nothing
    does not exist.
    """

    def __init__(self, store: Any, random: Random, share: float) -> None:
        self._store, self._random, self._share = store, random, share
        self.conflicts = 0

    def __getattr__(self, method: str) -> Any:
        """The store's own."""
        return getattr(self._store, method)

    def put(self, item: Item) -> None:
        """As the store's, or Conflict."""
        self.put_all([item])

    def put_all(self, items: Sequence[Item]) -> None:
        """As the store's, or Conflict."""
        if items and self._random.random() < self._share:
            self.conflicts += 1
            there = self._store.get(items[0].pk, items[0].sk)
            self._store.put_all([there] if there else items)
        self._store.put_all(items)


def _filer(hub: Hub, share: Sequence[tuple[int, str]], failed: set[int]) -> Callable[[], None]:
    handler = importlib.import_module("sync_customers.handler").handler
    event = sqs_event("sync-customers", [(str(number), body, 1, hub.clock.now()) for number, body in share])
    own = replace(hub, telemetry=type(hub.telemetry)())

    def work() -> None:
        failed.update(int(one["itemIdentifier"]) for one in handler(event, Context(), own)["batchItemFailures"])

    return work
