"""Two workers at once on one state, switched at every port call by a fixed plan: real threads, one running at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random
from typing import Any

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
