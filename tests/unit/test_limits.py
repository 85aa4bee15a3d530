"""Limits kept by many workers together: never more than allowed, nobody starves, Retry-After binds everybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.connector import Connector
from hub.delivery import Connection
from hub.errors import Busy, Retry
from hub.limits import Limited, limited
from hub.memory import FakeClock, FakeHttp, HttpCall, MemoryStore
from hub.outbound import Limit
from hub.ports import HttpResponse
from tests.unit.at_once import Gone, Simulation, SlowPlatform, SlowStore, most_in_any_window
from tests.unit.example_connector import CONNECTOR

URL, HOSTS = "https://api.example.com/things", ["api.example.com"]
CONNECTION = Connection("c1", "example")


def connector(*limits: Limit) -> Connector:
    return replace(CONNECTOR, limits=limits)


class Account:
    """Workers on one connection of a platform, in simulated time."""

    def __init__(
        self,
        *limits: Limit,
        seed: int = 0,
        answer: Callable[[float], HttpResponse] = lambda _now: HttpResponse(200, {}, b"{}"),
        takes_s: float = 0.1,
    ) -> None:
        self.simulation = Simulation(seed)
        self.store = SlowStore(self.simulation)
        self.platform = SlowPlatform(self.simulation, answer, takes_s)
        self.connector = connector(*limits)
        self.retries: Counter[str] = Counter()

    def limited(self, name: str, *, background: bool = False) -> Limited:
        return limited(
            self.platform.as_seen_by(name),
            CONNECTION,
            self.connector,
            self.store,
            self.simulation,
            background=background,
            uniform=self.simulation.random.random,
        )

    def worker(
        self, name: str, until_s: float, *, background: bool = False, think_s: float = 0.0
    ) -> Callable[[], None]:
        http, ends = self.limited(name, background=background), self.simulation.now() + until_s

        def work() -> None:
            while self.simulation.now() < ends:
                try:
                    http.request("GET", URL, hosts=HOSTS)
                except Retry as error:
                    self.retries[name] += 1
                    self.simulation.sleep(max(error.after_s, 0.01))
                self.simulation.sleep(self.simulation.random.random() * think_s)

        return work

    def times(self, prefix: str = "") -> list[float]:
        return [at for at, name in self.platform.sent if name.startswith(prefix)]


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    workers=st.integers(1, 8),
    most=st.integers(1, 60),
    per_s=st.sampled_from([1.0, 2.0, 10.0]),
    cost=st.integers(1, 3),
    think_s=st.sampled_from([0.0, 0.3]),
)
def test_never_more_than_allowed_in_any_window_whatever_the_interleaving(
    seed: int, workers: int, most: int, per_s: float, cost: int, think_s: float
) -> None:
    account = Account(Limit("burst", most, per_s, cost=cost), seed=seed)
    account.simulation.run(
        [account.worker(f"w{n}", 3 * per_s, think_s=think_s, background=n % 3 == 2) for n in range(workers)]
    )
    assert most_in_any_window(account.times(), per_s) * cost <= max(most, cost)
    assert account.times()


@pytest.mark.parametrize("most", [20, 110])
def test_most_of_what_is_allowed_can_be_used(most: int) -> None:
    account = Account(Limit("burst", most, 10.0, reserve=0.0))
    account.simulation.run([account.worker(f"w{n}", 60.0) for n in range(4)])
    assert len(account.times()) >= 0.75 * most * 6


def test_no_worker_starves_among_equals() -> None:
    account = Account(Limit("burst", 20, 2.0), seed=4)
    account.simulation.run([account.worker(f"w{n}", 60.0) for n in range(10)])
    share = Counter(name for _at, name in account.platform.sent)
    assert len(share) == 10
    assert min(share.values()) >= 0.2 * len(account.platform.sent) / 10


def test_imports_leave_live_work_its_share_and_go_on_themselves() -> None:
    account = Account(Limit("burst", 40, 2.0, reserve=0.25), seed=1)
    crowd = [account.worker(f"import{n}", 60.0, background=True) for n in range(6)]
    live = [account.worker(f"live{n}", 60.0, think_s=0.9) for n in range(3)]
    account.simulation.run([*crowd, *live])
    waited = 60.0 / (len(account.times("live")) / 3)
    assert waited < 0.45 + 0.25  # think time, a request, a little for the table: no waiting for a turn
    assert len(account.times("import")) > len(account.times("live"))


@pytest.mark.parametrize("seed", range(3))
def test_live_work_without_end_does_not_starve_an_import(seed: int) -> None:
    account = Account(Limit("burst", 20, 2.0), seed=seed)
    live = [account.worker(f"live{n}", 60.0) for n in range(40)]
    account.simulation.run([*live, account.worker("import", 60.0, background=True)])
    assert len(account.times("import")) >= 0.5 * 0.05 * len(account.times("live"))


def test_an_import_alone_leaves_the_reserve_free() -> None:
    account = Account(Limit("burst", 100, 10.0, reserve=0.2))
    account.simulation.run([account.worker(f"import{n}", 30.0, background=True) for n in range(4)])
    # The reserve, and what a waiting import is sure of (one request each 2 s).
    assert most_in_any_window(account.times(), 10.0) <= 80 + 6


def test_requests_at_one_time_are_never_more_than_allowed_and_all_get_their_turn() -> None:
    account = Account(Limit("concurrent", 3, 0), seed=3, takes_s=4.0)
    account.simulation.run([account.worker(f"w{n}", 60.0) for n in range(9)])
    assert account.platform.most_under_way == 3
    assert len({name for _at, name in account.platform.sent}) == 9


def test_the_units_of_a_worker_that_died_come_back_after_their_time() -> None:
    account = Account(Limit("concurrent", 2, 0), Limit("burst", 4, 10.0, reserve=0.0), takes_s=0.1)

    def dies(http: Limited) -> Callable[[], None]:
        def work() -> None:
            http.request("GET", URL, hosts=HOSTS)
            raise Gone

        return work

    account.simulation.run([dies(account.limited(f"dead{n}")) for n in range(2)])
    died = account.simulation.now()
    account.simulation.run([account.worker("w", 20.0)])
    first = account.times("w")[0]
    assert first - died <= 15.5  # a place among the requests at one time: its lease
    assert len(account.times("w")) >= 4  # units of a window: the window and their lease


def test_what_was_leased_and_not_used_is_given_back() -> None:
    store, clock = MemoryStore(), FakeClock()
    http = limited(FakeHttp(), CONNECTION, connector(Limit("burst", 100, 10.0)), store, clock)
    for _ in range(4):
        http.request("GET", URL, hosts=HOSTS)
    http.give_back()
    [item] = store.everything()
    assert sum(units for _slice, units in item.body["rules"]["burst"]["slices"]) == 4


def test_a_worker_alone_writes_once_for_several_requests_and_reads_once() -> None:
    account = Account(Limit("burst", 110, 10.0), Limit("daily", 250_000, 86_400.0), takes_s=0.05)
    http = account.limited("w")

    def work() -> None:
        for _ in range(40):
            http.request("GET", URL, hosts=HOSTS)

    account.simulation.run([work])
    assert len(account.times()) == 40
    assert account.store.requests <= 14


def test_without_declared_limits_a_worker_reads_once_a_second_and_writes_nothing() -> None:
    account = Account(takes_s=0.2)
    account.simulation.run([account.worker("w", 10.0)])
    assert len(account.times()) > 50
    assert account.store.requests <= 11
    assert account.store.store.everything() == []


@pytest.mark.parametrize("status", [429, 503])
def test_a_pause_that_one_worker_is_asked_for_holds_for_all(status: int) -> None:
    paused: list[float] = []

    def answer(now: float) -> HttpResponse:
        if not paused and now > 1_790_000_005:
            paused.append(now)
            raise Busy("busy", 30, status, b"", {"retry-after": "30"})
        return HttpResponse(200, {}, b"{}")

    account = Account(Limit("burst", 100, 10.0), answer=answer)
    account.simulation.run([account.worker(f"w{n}", 60.0) for n in range(5)])
    began = paused[0]
    # Who has a lease may use it up: a second, and a moment for the table.
    assert [at for at in account.times() if began + 1.1 < at < began + 30] == []
    assert any(began + 30 <= at for at in account.times())


def test_a_locked_record_holds_nobody_else_up() -> None:
    def answer(_call: HttpCall) -> HttpResponse:
        raise Busy("locked", 900, 423, b"")

    store, clock = MemoryStore(), FakeClock()
    with pytest.raises(Busy):
        limited(FakeHttp(answer), CONNECTION, connector(), store, clock).request("GET", URL, hosts=HOSTS)
    fine = limited(FakeHttp(), CONNECTION, connector(), store, clock)
    assert fine.request("GET", URL, hosts=HOSTS).status == 200


def test_a_long_wait_is_retry_with_the_time_after_which_it_may() -> None:
    clock = FakeClock()
    http = limited(FakeHttp(), CONNECTION, connector(Limit("hourly", 2, 3600.0, reserve=0.0)), MemoryStore(), clock)
    http.request("GET", URL, hosts=HOSTS)
    http.request("GET", URL, hosts=HOSTS)
    with pytest.raises(Retry) as refused:
        http.request("GET", URL, hosts=HOSTS)
    assert 3600 <= refused.value.after_s <= 3600 * 1.06 + 2
    assert "hourly" in refused.value.reason
    clock.sleep(refused.value.after_s)
    assert http.request("GET", URL, hosts=HOSTS).status == 200


def test_a_short_wait_is_slept() -> None:
    clock = FakeClock()
    http = limited(FakeHttp(), CONNECTION, connector(Limit("burst", 1, 1.0, reserve=0.0)), MemoryStore(), clock)
    began = clock.now()
    for _ in range(3):
        http.request("GET", URL, hosts=HOSTS)
    assert 2.0 <= clock.now() - began <= 4.0


def test_an_attempt_that_is_repeated_counts_too() -> None:
    answers = [503, 503, 200]

    def answer(_call: HttpCall) -> HttpResponse:
        status = answers.pop(0)
        return HttpResponse(status, {}, b"{}")

    store = MemoryStore()
    http = limited(FakeHttp(answer), CONNECTION, connector(Limit("burst", 10, 10.0)), store, FakeClock())
    assert http.request("GET", URL, hosts=HOSTS).status == 200
    [item] = store.everything()
    http.give_back()
    assert sum(units for _slice, units in item.body["rules"]["burst"]["slices"]) == 3


def test_a_rule_holds_for_the_requests_that_it_names() -> None:
    searches = Limit("search", 1, 3600.0, applies=r"^POST .*/search$", reserve=0.0)
    http = limited(FakeHttp(), CONNECTION, connector(searches), MemoryStore(), FakeClock())
    http.request("POST", f"{URL}/search?limit=1", hosts=HOSTS)
    with pytest.raises(Retry):
        http.request("POST", f"{URL}/search", hosts=HOSTS)
    for _ in range(5):
        assert http.request("GET", f"{URL}/search", hosts=HOSTS).status == 200


def test_limits_of_one_name_share_one_budget_and_the_first_that_applies_tells_the_cost() -> None:
    budget = [
        Limit("tokens", 25, 3600.0, applies=what, cost=cost, reserve=0.0) for what, cost in (("/search$", 20), ("", 1))
    ]
    http = limited(FakeHttp(), CONNECTION, connector(*budget), MemoryStore(), FakeClock())
    http.request("GET", f"{URL}/search", hosts=HOSTS)
    for _ in range(5):
        http.request("GET", URL, hosts=HOSTS)
    with pytest.raises(Retry, match="tokens"):
        http.request("GET", URL, hosts=HOSTS)


def test_the_connections_own_figure_replaces_the_declared_one() -> None:
    daily = Limit("daily", 1000, 86_400.0, setting="daily_limit", reserve=0.0)
    own = replace(CONNECTION, settings={"daily_limit": 1})
    http = limited(FakeHttp(), own, connector(daily), MemoryStore(), FakeClock())
    http.request("GET", URL, hosts=HOSTS)
    with pytest.raises(Retry, match="daily"):
        http.request("GET", URL, hosts=HOSTS)


def test_connections_count_apart_unless_the_platform_counts_them_together() -> None:
    store, clock = MemoryStore(), FakeClock()
    for scope, free in (("connection", True), ("platform", False)):
        declared = connector(Limit(scope, 1, 3600.0, reserve=0.0, scope=scope))
        limited(FakeHttp(), CONNECTION, declared, store, clock).request("GET", URL, hosts=HOSTS)
        other = limited(FakeHttp(), replace(CONNECTION, id="c2"), declared, store, clock)
        if free:
            assert other.request("GET", URL, hosts=HOSTS).status == 200
        else:
            with pytest.raises(Retry):
                other.request("GET", URL, hosts=HOSTS)


@pytest.mark.parametrize(
    ("limit", "headers", "after_s"),
    [
        (Limit("d", 1000, 86_400.0, remaining="X-Left"), {"x-left": "0"}, 900),
        (Limit("d", 1000, 86_400.0, remaining="x-left", resets="x-reset"), {"x-left": "0", "x-reset": "77"}, 77),
        (
            Limit("d", 1000, 86_400.0, remaining="x-left", resets="x-reset", resets_as="milliseconds"),
            {"x-left": "0", "x-reset": "77000"},
            77,
        ),
        (
            Limit("d", 1000, 86_400.0, remaining="x-left", resets="x-reset", resets_as="unix"),
            {"x-left": "0", "x-reset": "1790000077"},
            77,
        ),
        (Limit("d", 5000, 86_400.0, remaining="sforce-limit-info"), {"sforce-limit-info": "api-usage=5000/5000"}, 900),
        (Limit("d", 40, 86_400.0, remaining="x-call-limit"), {"x-call-limit": "40/40"}, 900),
        (
            Limit("d", 100, 600.0, remaining="zendesk-ratelimit-x", resets="zendesk-ratelimit-x"),
            {"zendesk-ratelimit-x": "total=100;remaining=0;resets=41"},
            41,
        ),
    ],
)
def test_what_the_platform_says_is_left_holds_for_all(limit: Limit, headers: dict[str, str], after_s: int) -> None:
    store, clock = MemoryStore(), FakeClock()
    first = limited(
        FakeHttp(lambda _call: HttpResponse(200, headers, b"{}")), CONNECTION, connector(limit), store, clock
    )
    first.request("GET", URL, hosts=HOSTS)
    other = limited(FakeHttp(), CONNECTION, connector(limit), store, clock)
    with pytest.raises(Retry) as refused:
        other.request("GET", URL, hosts=HOSTS)
    assert refused.value.after_s == after_s
    clock.sleep(after_s + 1)
    assert other.request("GET", URL, hosts=HOSTS).status == 200


def test_an_import_stops_at_the_reserve_that_the_platform_says_is_left() -> None:
    daily = Limit("daily", 1000, 86_400.0, remaining="x-left", reserve=0.2)
    store, clock = MemoryStore(), FakeClock()
    answering = FakeHttp(lambda _call: HttpResponse(200, {"x-left": "150"}, b"{}"))
    importing = limited(answering, CONNECTION, connector(daily), store, clock, background=True)
    importing.request("GET", URL, hosts=HOSTS)
    with pytest.raises(Retry):
        for _ in range(20):
            importing.request("GET", URL, hosts=HOSTS)
    live = limited(answering, CONNECTION, connector(daily), store, clock)
    assert live.request("GET", URL, hosts=HOSTS).status == 200


@pytest.mark.parametrize("text", ["", "x", "-1", "1e9", "9" * 40, "1/", "∞"])
def test_a_header_that_cannot_be_read_says_nothing(text: str) -> None:
    daily = Limit("daily", 5, 86_400.0, remaining="x-left", reserve=0.0)
    http = limited(
        FakeHttp(lambda _call: HttpResponse(200, {"x-left": text}, b"{}")),
        CONNECTION,
        connector(daily),
        MemoryStore(),
        FakeClock(),
    )
    for _ in range(5):
        assert http.request("GET", URL, hosts=HOSTS).status == 200
