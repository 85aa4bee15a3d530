"""The circuit breaker of a connection: it opens, one worker probes, nothing is dropped, others are not concerned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.breaker import FIRST_OPEN_MS, LONGEST_OPEN_MS, MOST_FAILURES, PROBE_MS, Breaker
from hub.delivery import Connection
from hub.errors import Busy, Retry
from hub.limits import limited
from hub.memory import FakeClock, FakeHttp, HttpCall, MemoryStore
from hub.ports import HttpResponse
from tests.unit.at_once import Gone, Simulation, SlowPlatform, SlowStore
from tests.unit.example_connector import CONNECTOR

URL, HOSTS = "https://api.example.com/things", ["api.example.com"]
CONNECTION = Connection("c1", "example")


def broken(_call: HttpCall) -> HttpResponse:
    return HttpResponse(503, {}, b"")


def trip(store: MemoryStore, clock: FakeClock, connection: Connection = CONNECTION) -> FakeHttp:
    """Failures until the breaker opens."""
    http = FakeHttp(broken)
    ask = limited(http, connection, CONNECTOR, store, clock)
    for _ in range(2):
        with pytest.raises(Retry):
            ask.request("GET", URL, hosts=HOSTS)
    return http


def test_several_failures_in_a_row_shut_one_connection_off_and_say_when_to_come_again() -> None:
    store, clock = MemoryStore(), FakeClock()
    assert len(trip(store, clock).calls) == MOST_FAILURES
    fine = FakeHttp()
    with pytest.raises(Retry) as refused:
        limited(fine, CONNECTION, CONNECTOR, store, clock).request("GET", URL, hosts=HOSTS)
    assert fine.calls == []
    assert 1 <= refused.value.after_s <= FIRST_OPEN_MS / 1000
    other = limited(fine, replace(CONNECTION, id="c2"), CONNECTOR, store, clock)
    assert other.request("GET", URL, hosts=HOSTS).status == 200


def test_an_answer_in_between_begins_the_count_anew() -> None:
    store, clock, statuses = MemoryStore(), FakeClock(), iter([503, 503, 503, 200] * 10)
    http = FakeHttp(lambda _call: HttpResponse(next(statuses), {}, b"{}"))
    ask = limited(http, CONNECTION, CONNECTOR, store, clock)
    for _ in range(10):
        assert ask.request("GET", URL, hosts=HOSTS).status == 200


def test_too_many_requests_is_no_failure() -> None:
    store, clock = MemoryStore(), FakeClock()
    busy = FakeHttp(lambda _call: HttpResponse(429, {"retry-after": "60"}, b""))
    for _ in range(2 * MOST_FAILURES):
        with pytest.raises(Retry):
            limited(busy, CONNECTION, CONNECTOR, store, clock).request("GET", URL, hosts=HOSTS)
        clock.sleep(61)
    assert limited(FakeHttp(), CONNECTION, CONNECTOR, store, clock).request("GET", URL, hosts=HOSTS).status == 200


def test_unreachable_is_a_failure() -> None:
    def unreachable(_call: HttpCall) -> HttpResponse:
        raise Retry("api.example.com could not be reached")

    store, clock, http = MemoryStore(), FakeClock(), FakeHttp(unreachable)
    ask = limited(http, CONNECTION, CONNECTOR, store, clock)
    for _ in range(5):
        with pytest.raises(Retry):
            ask.request("GET", URL, hosts=HOSTS)
    assert len(http.calls) == MOST_FAILURES


def test_a_server_error_that_is_returned_is_a_failure_too() -> None:
    class Plain:
        def request(self, *_parts: Any, **_how: Any) -> HttpResponse:
            return HttpResponse(500, {}, b"")

    store, clock = MemoryStore(), FakeClock()
    ask = limited(Plain(), CONNECTION, CONNECTOR, store, clock)
    for _ in range(MOST_FAILURES):
        assert ask.request("POST", URL, hosts=HOSTS, idempotent=False).status == 500
    with pytest.raises(Retry):
        ask.request("POST", URL, hosts=HOSTS, idempotent=False)


def test_a_probe_that_is_answered_closes_it() -> None:
    store, clock = MemoryStore(), FakeClock()
    trip(store, clock)
    clock.sleep(FIRST_OPEN_MS / 1000 + 1)
    fine = limited(FakeHttp(), CONNECTION, CONNECTOR, store, clock)
    assert [fine.request("GET", URL, hosts=HOSTS).status for _ in range(3)] == [200] * 3


def test_a_probe_that_fails_opens_it_for_longer() -> None:
    store, clock = MemoryStore(), FakeClock()
    trip(store, clock)
    clock.sleep(FIRST_OPEN_MS / 1000 + 1)
    http = FakeHttp(broken)
    with pytest.raises(Retry):
        limited(http, CONNECTION, CONNECTOR, store, clock).request("GET", URL, hosts=HOSTS)
    assert len(http.calls) == 1
    with pytest.raises(Retry) as refused:
        limited(FakeHttp(), CONNECTION, CONNECTOR, store, clock).request("GET", URL, hosts=HOSTS)
    assert FIRST_OPEN_MS / 1000 < refused.value.after_s <= 2 * FIRST_OPEN_MS / 1000


@pytest.mark.parametrize("seed", range(8))
def test_of_many_workers_one_probes(seed: int) -> None:
    simulation = Simulation(seed)
    store = SlowStore(simulation)
    down_until = simulation.now() + 100.0

    def answer(now: float) -> HttpResponse:
        if now < down_until:
            raise Busy("down", 5, 503, b"")
        return HttpResponse(200, {}, b"{}")

    platform = SlowPlatform(simulation, answer)
    done: list[str] = []

    def worker(name: str) -> Callable[[], None]:
        http = limited(
            platform.as_seen_by(name), CONNECTION, CONNECTOR, store, simulation, uniform=simulation.random.random
        )

        def work() -> None:
            while name not in done:
                try:
                    http.request("GET", URL, hosts=HOSTS)
                except Retry as error:
                    simulation.sleep(max(error.after_s, 0.05))
                else:
                    done.append(name)

        return work

    simulation.run([worker(f"w{n}") for n in range(20)])
    assert len(done) == 20
    opened = down_until - 100.0 + 5
    probes = [at for at, _name in platform.sent if opened < at < down_until]
    # Open for 15, 30, 60 … s: at most three probes in the rest of the outage, whoever makes them.
    assert 1 <= len(probes) <= 3
    assert all(later - earlier >= 15 for earlier, later in pairwise(probes))


def test_a_probe_whose_worker_is_gone_is_made_by_another() -> None:
    store, clock = MemoryStore(), FakeClock()
    trip(store, clock)
    clock.sleep(FIRST_OPEN_MS / 1000 + 1)

    def dies(_call: HttpCall) -> HttpResponse:
        raise Gone

    with pytest.raises(Gone):
        limited(FakeHttp(dies), CONNECTION, CONNECTOR, store, clock).request("GET", URL, hosts=HOSTS)
    fine = limited(FakeHttp(), CONNECTION, CONNECTOR, store, clock)
    with pytest.raises(Retry) as refused:
        fine.request("GET", URL, hosts=HOSTS)
    assert refused.value.after_s <= PROBE_MS / 1000
    clock.sleep(refused.value.after_s)
    assert fine.request("GET", URL, hosts=HOSTS).status == 200


@given(st.lists(st.sampled_from(["fail", "answer", "wait"]), max_size=60))
def test_it_is_never_open_for_longer_than_the_longest_time(steps: list[str]) -> None:
    breaker, now = Breaker(), 1_790_000_000_000
    for step in steps:
        if step == "wait":
            now += breaker.wait_ms(now)
        elif breaker.wait_ms(now) == 0:
            breaker = breaker.probing(now)
            breaker = breaker.failed(now) if step == "fail" else breaker.succeeded()
        assert 0 <= breaker.wait_ms(now) <= LONGEST_OPEN_MS
        assert Breaker.of(breaker.body()) == breaker
