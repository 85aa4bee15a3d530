"""History comes in page by page: whatever dies in between, all is in once and nobody hears of it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from hub.errors import Reject, Retry
from hub.job_progress import progress_of
from hub.job_worker import STALE_S, send, start, sweep
from hub.jobs import Job, JobStore
from hub.memory import MemoryTelemetry
from hub.owners import owners_of
from tests.harness.faults import At, Crash, Injector, faults_of
from tests.harness.listed import LISTED, Listed, account
from tests.harness.working import NOW, Short, deliver, drain, hub_with, job_in, published, queue_of, store_of

MODIFIED_MS = 1_780_000_000_000
JOB = Job("j" * 26, "import", LISTED, "hubspot", ("owner", "contact"), ("owner", "contact"), by="someone")
QUEUE = "import-records"


def test_every_record_is_published_once_as_history_that_is_news_for_nobody() -> None:
    hub, listed = hub_with(), account(250, modified_ms=MODIFIED_MS)
    start(hub, JOB)
    job = drain(hub, listed, JOB)
    events = published(hub)
    assert sorted(one.subject for one in events) == [f"contact:{number:07}" for number in range(250)]
    assert {(one.type, one.data["origin"], "changed" in one.data) for one in events} == {
        ("contact.changed", "import", False)
    }
    assert events[3].time == "2026-05-28T20:26:43.999Z", "a row that is dated to the second is as of its end"
    assert (job.status, job.counts["read"], job.counts["new"]) == ("done", 250, 250)
    assert (job.read, job.totals) == ({"owner": 2, "contact": 250}, {"contact": 250})
    assert [one.name for one in owners_of(hub.store, LISTED)] == ["伊藤", None]


def test_a_page_costs_one_write_and_an_invocation_one_more() -> None:
    hub, listed = hub_with(), account(1000, modified_ms=MODIFIED_MS)
    start(hub, replace(JOB, asked=("contact",), kinds=("contact",)))
    store = store_of(hub)
    before = len(store.changes)
    deliver(hub, listed)
    written = store.changes[before:]
    assert [change.sk for change in written].count("JOB") == 1 + 10
    assert [change.sk for change in written].count("STATE") == 2, "that it begins, and that it is done"
    assert len(written) == 1 + 10 + 2


def test_an_invocation_hands_on_in_time_and_the_next_one_goes_on_at_the_cursor() -> None:
    hub, listed = hub_with(), account(500, modified_ms=MODIFIED_MS)
    start(hub, replace(JOB, asked=("contact",), kinds=("contact",)))
    deliver(hub, listed, Short(listed, 2))
    assert (job_in(hub, JOB).pages, job_in(hub, JOB).cursor, job_in(hub, JOB).status) == (2, "0000199", "running")
    deliver(hub, listed, Short(listed, 2))
    assert (job_in(hub, JOB).pages, job_in(hub, JOB).cursor) == (4, "0000399")
    deliver(hub, listed, Short(listed, 2))
    assert job_in(hub, JOB).status == "done"
    assert listed.calls["page"] == 5
    assert len(published(hub)) == 500


def test_a_copy_of_a_message_does_nothing_while_another_works() -> None:
    hub, listed = hub_with(), account(500, modified_ms=MODIFIED_MS)
    job = start(hub, replace(JOB, asked=("contact",), kinds=("contact",)))
    deliver(hub, listed, Short(listed, 1))
    handed_on = queue_of(hub).messages[QUEUE].pop()
    send(hub, job)
    deliver(hub, listed, Short(listed, 1))
    assert job_in(hub, JOB).pages == 1
    queue_of(hub).messages[QUEUE] = [handed_on, handed_on]
    deliver(hub, listed, Short(listed, 1))
    deliver(hub, listed, Short(listed, 1))
    assert job_in(hub, JOB).pages == 2


def test_a_worker_that_died_is_followed_by_another_once_its_time_is_over() -> None:
    hub, listed = hub_with(), account(300, modified_ms=MODIFIED_MS)
    job = start(hub, replace(JOB, asked=("contact",), kinds=("contact",)))
    queue_of(hub).messages.clear()
    assert JobStore(hub.store).claim(job.id, "dead", hub.clock.now(), 100)
    assert sweep(hub, QUEUE) == 0
    hub.clock.sleep(100 + STALE_S + 2)
    assert sweep(hub, "reconcile-records") == 0
    assert isinstance(hub.telemetry, MemoryTelemetry)
    assert "jobs.left" not in hub.telemetry.counters
    assert sweep(hub, QUEUE) == 1
    assert hub.telemetry.counters["jobs.left"] == 1
    assert drain(hub, listed, JOB).status == "done"
    assert len(published(hub)) == 300


def test_a_paused_job_keeps_its_page_and_goes_on_when_it_is_resumed() -> None:
    hub, listed = hub_with(), account(500, modified_ms=MODIFIED_MS)
    start(hub, replace(JOB, asked=("contact",), kinds=("contact",)))

    def pausing(method: str) -> None:
        if listed.calls["page"] == 2:
            jobs = JobStore(hub.store)
            jobs.change(replace(job_in(hub, JOB), status="paused", reason="Paused by someone."), NOW)

    listed.busy = pausing
    deliver(hub, listed)
    job = job_in(hub, JOB)
    assert (job.status, job.reason, job.pages, job.worker) == ("paused", "Paused by someone.", 2, "")
    assert job.counts["read"] == 200
    assert queue_of(hub).messages[QUEUE] == []
    send(hub, JobStore(hub.store).change(replace(job, status="waiting"), NOW))
    assert drain(hub, listed, JOB).counts["read"] == 500
    assert listed.calls["page"] == 5


def test_a_stopped_job_is_never_worked_on_again() -> None:
    hub, listed = hub_with(), account(500, modified_ms=MODIFIED_MS)
    job = start(hub, JOB)
    JobStore(hub.store).change(replace(job, status="stopped"), NOW)
    deliver(hub, listed)
    hub.clock.sleep(86_400)
    assert sweep(hub, QUEUE) == 0
    assert listed.calls.total() == 0


def test_a_busy_platform_makes_the_job_wait_and_say_so() -> None:
    hub, listed = hub_with(), account(300, modified_ms=MODIFIED_MS)
    listed.busy = lambda _method: Retry("the platform's daily limit is used up", 900) if not listed.rows else None
    rows, listed.rows = listed.rows, {}
    start(hub, JOB)
    answer = deliver(hub, listed)
    assert answer["batchItemFailures"] == [{"itemIdentifier": "m"}]
    job = job_in(hub, JOB)
    assert (job.status, job.reason) == ("waiting", "The platform's daily limit is used up.")
    assert job.due == int(NOW) + 900
    listed.rows = rows
    deliver(hub, listed)
    assert job_in(hub, JOB).status == "waiting"
    hub.clock.sleep(901)
    assert drain(hub, listed, JOB).status == "done"
    assert len(published(hub)) == 300


def test_a_limit_of_seconds_is_waited_for_within_the_invocation() -> None:
    hub, listed = hub_with(), account(300, modified_ms=MODIFIED_MS)
    listed.busy = lambda method: Retry("too fast", 5) if listed.calls[method] == 2 else None
    start(hub, JOB)
    assert deliver(hub, listed)["batchItemFailures"] == []
    assert job_in(hub, JOB).status == "done"
    assert hub.clock.now() == NOW + 5


def test_the_time_left_is_told_with_the_waits_that_a_limit_costs_and_without_those_that_a_person_wanted() -> None:
    hub, listed = hub_with(), account(500, modified_ms=MODIFIED_MS)
    waits = {2: 20, 3: 900}

    def busy(method: str) -> Retry | None:
        wait_s = waits.pop(listed.calls[method], 0) if method == "page" else 0
        return Retry("the limit is used up", wait_s) if wait_s else None

    listed.busy = busy
    start(hub, JOB)
    deliver(hub, listed)
    assert (waits, job_in(hub, JOB).worked_ms // 1000) == ({}, 920)
    paused = JobStore(hub.store).change(replace(job_in(hub, JOB), status="paused"), NOW)
    hub.clock.sleep(86_400)
    send(hub, JobStore(hub.store).change(replace(paused, status="waiting", due=0), hub.clock.now()))
    deliver(hub, listed, Short(listed, 2))
    progress = progress_of(job_in(hub, JOB))
    assert (progress.read, 0.31 < (progress.rate or 0) < 0.33) == (302, True)
    assert 605 <= (progress.left_s or 0) <= 640


def test_a_job_that_creeps_has_a_rate_and_a_time_left_all_the_same() -> None:
    creeping = replace(JOB, kinds=("contact",), read={"contact": 1}, totals={"contact": 3}, worked_ms=50_000)
    assert (progress_of(creeping).rate, progress_of(creeping).left_s) == (0.02, 100)


def test_what_can_never_work_fails_with_a_sentence() -> None:
    hub, listed = hub_with(), account(300, modified_ms=MODIFIED_MS)
    listed.busy = lambda method: Reject("the token lacks the scope for contacts") if method == "page" else None
    start(hub, JOB)
    job = drain(hub, listed, JOB)
    assert (job.status, job.reason) == ("failed", "The token lacks the scope for contacts.")
    start(other := hub_with(), replace(JOB, asked=("deal",), kinds=("deal",)))
    assert drain(other, listed, JOB).reason == "Hubspot does not list its records of the kind deal."


def test_a_page_that_kills_every_worker_fails_the_job_in_the_end() -> None:
    hub, listed = hub_with(), account(10, modified_ms=MODIFIED_MS)

    def deadly(method: str) -> None:
        raise Crash

    listed.busy = deadly
    start(hub, JOB)
    job = drain(hub, listed, JOB)
    assert job.status == "failed"
    assert "20 times" in job.reason
    assert listed.calls.total() == 20


def begun(injector: Injector, listed: Listed) -> Short:
    """One more invocation, with time for two pages."""
    injector.begin("import_records")
    return Short(listed, 2)


def undisturbed(people: int) -> tuple[list[Any], list[str]]:
    injector = Injector()
    hub, listed = injector.watch(hub_with()), account(people, modified_ms=MODIFIED_MS, page_size=20)
    start(hub, JOB)
    drain(hub, listed, JOB, partial(begun, injector, listed))
    return injector.calls, sorted(one.id for one in published(hub))


def test_whichever_call_fails_in_whichever_way_every_record_is_in_and_says_the_same() -> None:
    calls, ids = undisturbed(50)
    cases = [
        At(call.number, call.invocation, call.operation, fault)
        for call in calls
        for fault in faults_of(call.operation)
        if call.function == "import_records"
    ]
    assert {case.operation for case in cases} >= {"store.put", "bus.publish", "queue.send"}
    for case in cases:
        injector = Injector(case)
        hub, listed = injector.watch(hub_with()), account(50, modified_ms=MODIFIED_MS, page_size=20)
        start(hub, JOB)
        job = drain(hub, listed, JOB, partial(begun, injector, listed))
        assert injector.hits, case
        assert (job.status, job.counts["read"]) == ("done", 50), case
        assert sorted({one.id for one in published(hub)}) == ids, case
        assert listed.effects == 0, case


def test_everything_that_the_platform_lists_is_imported_where_nothing_was_chosen() -> None:
    hub, listed = hub_with(), account(5, modified_ms=MODIFIED_MS)
    start(hub, replace(JOB, asked=(), kinds=()))
    assert drain(hub, listed, JOB).asked == ("owner", "contact")
