"""Workers in simulated time: real threads, one running at a time, switched whenever one sleeps or touches the table."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from hub.memory import MemoryStore
from hub.ports import HttpResponse, Item, Page


class Gone(BaseException):
    """The worker's process is gone."""


class Simulation:
    """A Clock shared by workers; `run` lets the one whose time comes first go on, until all have ended."""

    def __init__(self, seed: int = 0, now: float = 1_790_000_000.0) -> None:
        self.random = Random(seed)
        self.time = now
        self.failures: list[BaseException] = []
        self._waiting: list[tuple[float, float, int]] = []
        self._gates: dict[int, threading.Semaphore] = {}
        self._back = threading.Semaphore(0)
        self._here = threading.local()

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        """Lets others go on for so long."""
        if not hasattr(self._here, "number"):
            self.time += seconds
            return
        number = self._here.number
        heapq.heappush(self._waiting, (self.time + seconds, self.random.random(), number))
        self._back.release()
        self._gates[number].acquire()

    def run(self, works: Sequence[Callable[[], None]]) -> None:
        threads = [threading.Thread(target=self._work, args=(number, work)) for number, work in enumerate(works)]
        self._gates = {number: threading.Semaphore(0) for number in range(len(works))}
        for number, thread in enumerate(threads):
            heapq.heappush(self._waiting, (self.time, self.random.random(), number))
            thread.start()
        while self._waiting:
            at, _tie, number = heapq.heappop(self._waiting)
            self.time = max(self.time, at)
            self._gates[number].release()
            self._back.acquire()
        for thread in threads:
            thread.join()
        if self.failures:
            raise self.failures[0]

    def _work(self, number: int, work: Callable[[], None]) -> None:
        self._here.number = number
        self._gates[number].acquire()
        try:
            work()
        except Gone:
            pass
        except BaseException as error:  # shown by `run`
            self.failures.append(error)
        finally:
            self._back.release()


class SlowStore:
    """A table whose every request takes a moment, in which the other workers go on; `requests` counts them."""

    def __init__(self, simulation: Simulation, store: MemoryStore | None = None, most_s: float = 0.02) -> None:
        self.store = store or MemoryStore()
        self.requests = 0
        self._simulation = simulation
        self._most_s = most_s

    def _wait(self) -> None:
        self.requests += 1
        self._simulation.sleep(self._simulation.random.random() * self._most_s)

    def get(self, pk: str, sk: str) -> Item | None:
        self._wait()
        return self.store.get(pk, sk)

    def put(self, item: Item) -> None:
        self._wait()
        self.store.put(item)

    def put_all(self, items: Sequence[Item]) -> None:
        self._wait()
        self.store.put_all(items)

    def delete(self, pk: str, sk: str) -> None:
        self._wait()
        self.store.delete(pk, sk)

    def query(self, pk: str, **how: Any) -> Page:
        self._wait()
        return self.store.query(pk, **how)

    def query_index(self, partition: str, **how: Any) -> Page:
        self._wait()
        return self.store.query_index(partition, **how)

    def count(self, *parts: Any, **how: Any) -> None:
        self._wait()
        self.store.count(*parts, **how)


class SlowPlatform:
    """An Http that takes some time for each request; `sent` holds when each began, with who and what."""

    def __init__(
        self,
        simulation: Simulation,
        answer: Callable[[float], HttpResponse] = lambda _now: HttpResponse(200, {}, b"{}"),
        takes_s: float = 0.1,
    ) -> None:
        self.simulation = simulation
        self.sent: list[tuple[float, str]] = []
        self.under_way = 0
        self.most_under_way = 0
        self._answer = answer
        self._takes_s = takes_s

    def as_seen_by(self, worker: str) -> Worker:
        return Worker(self, worker)

    def serve(self, worker: str) -> HttpResponse:
        now = self.simulation.now()
        self.sent.append((now, worker))
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            answer = self._answer(now)  # may raise what the port raises
            self.simulation.sleep(self.simulation.random.random() * self._takes_s)
        finally:
            self.under_way -= 1
        return answer


class Worker:
    """The port of one worker."""

    def __init__(self, platform: SlowPlatform, name: str) -> None:
        self._platform, self._name = platform, name

    def request(self, *_parts: Any, **_how: Any) -> HttpResponse:
        return self._platform.serve(self._name)


def most_in_any_window(times: Sequence[float], per_s: float) -> int:
    """The largest number of moments in any half-open window of that length."""
    ordered, first, most = sorted(times), 0, 0
    for number, moment in enumerate(ordered):
        while moment - ordered[first] >= per_s:
            first += 1
        most = max(most, number - first + 1)
    return most
