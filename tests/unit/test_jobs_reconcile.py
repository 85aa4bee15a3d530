"""What a platform holds against what the hub holds: measured first, mended under a threshold, believed gone last."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from itertools import groupby
from random import Random
from typing import Any

import pytest

from hub.delivery import Connection
from hub.domain.events import AccountNoticeData, Event, RecordRef, RecordTouchedData, instant
from hub.errors import Reject, Retry
from hub.folding import fold
from hub.job_progress import progress_of
from hub.job_records import Holdings
from hub.job_worker import send, start
from hub.jobs import Job, JobStore, job_of
from hub.memory import MemoryConnections
from hub.reconciling import States, begin, complete_is_due, is_due
from hub.wiring import Hub
from reconcile_records.handler import QUEUE
from tests.harness.faults import At, Injector, faults_of
from tests.harness.listed import LISTED, Listed, Row, account
from tests.harness.working import NOW, Short, deliver, drain, file, hub_with, job_in, published, queue_of, store_of

IMPORTED_MS = 1_780_000_000_000
LATER_MS = 1_790_000_100_000
IMPORT = Job("i" * 26, "import", LISTED, "hubspot", by="someone")
COMPLETE = Job("c" * 26, "reconcile", LISTED, "hubspot", by="someone", options={"complete": True})
CHANGED = replace(COMPLETE, id="d" * 26, options={})


def imported(people: int, **ports: Any) -> tuple[Hub, Listed]:
    """A hub that holds all there is on a platform."""
    hub, listed = hub_with(**ports), account(people, modified_ms=IMPORTED_MS)
    start(hub, IMPORT)
    assert drain(hub, listed, IMPORT).status == "done"
    file(hub)
    listed.calls.clear()
    return hub, listed


def run(hub: Hub, listed: Listed, job: Job) -> Job:
    """The comparison, and what it published filed."""
    start(hub, job)
    after = drain(hub, listed, job)
    file(hub)
    return after


def drift(hub: Hub, listed: Listed) -> int:
    """How many records of the platform differ from what is held, counted by the test itself."""
    store = store_of(hub)
    items = [one for one in store.everything() if one.sk == f"REC#{LISTED}#contact" and not one.body["deleted"]]
    held = {one.body["id"]: {name: said["value"] for name, said in values(one.body).items()} for one in items}
    there = {one: {"name": row.name, "phone": row.phone, "title": row.title} for one, row in listed.rows.items()}
    return sum(held.get(one) != there.get(one) for one in held.keys() | there.keys())


def values(body: Any) -> Any:
    from hub.domain.registers import held

    return {name: held(registers) for name, registers in body["fields"].items()}


def change(listed: Listed, contact: str, title: str, at_ms: int = LATER_MS) -> None:
    row = listed.rows[contact]
    row.title, row.modified_ms = title, at_ms


def test_where_nothing_differs_nothing_is_published() -> None:
    hub, listed = imported(250)
    job = run(hub, listed, COMPLETE)
    assert (job.status, job.counts) == ("done", {"compared": 250})
    assert listed.calls == {"page": 3}
    state = States(hub.store).get(LISTED)
    assert (state.drift["compared"], state.drift["differing"], state.drift["repaired"]) == (250, 0, 0)
    assert (state.complete_at, state.records) == (job.started, {"contact": 250})


def test_a_change_that_nobody_told_is_found_among_what_changed_and_is_news() -> None:
    hub, listed = imported(250)
    change(listed, "0000007", "Head of Purchasing")
    start(hub, CHANGED)
    job = drain(hub, listed, CHANGED)
    [event] = published(hub)
    assert (event.subject, event.type, event.time) == ("contact:0000007", "contact.changed", instant(LATER_MS))
    assert event.data["changed"] == ["title"]
    assert "origin" not in event.data
    assert (job.counts["differing"], job.counts["repaired"]) == (1, 1)
    file(hub)
    assert drift(hub, listed) == 0


def test_the_next_comparison_asks_for_what_changed_since_the_last_one_with_an_overlap() -> None:
    hub, listed = imported(3)
    first = run(hub, listed, CHANGED)
    assert first.options["since"] == {"contact": instant(int(NOW * 1000) - 600_000)}, "since the import began"
    hub.clock.sleep(3600)
    start(hub, replace(CHANGED, id="e" * 26))
    drain(hub, listed, replace(CHANGED, id="e" * 26))
    third = run(hub, listed, replace(CHANGED, id="f" * 26))
    assert third.options["since"] == {"contact": instant(int(NOW * 1000) + 3_000_000)}


def test_after_three_in_ten_webhooks_were_lost_nothing_differs_in_the_end() -> None:
    hub, listed = imported(1000)
    random = Random(5)
    for number in range(100):
        change(listed, f"{number * 9:07}", f"Moved {number}", LATER_MS + number)
    heard = [one for one in list(listed.rows) if listed.rows[one].modified_ms >= LATER_MS and random.random() >= 0.3]
    tell(hub, listed, heard)
    lost = 100 - len(heard)
    assert 20 < lost < 40
    assert drift(hub, listed) == lost
    job = run(hub, listed, CHANGED)
    assert (job.status, job.counts["differing"], job.counts["repaired"]) == ("done", lost, lost)
    assert drift(hub, listed) == 0


def tell(hub: Hub, listed: Listed, ids: list[str]) -> None:
    """Their webhooks arrive."""
    from hub.job_records import Compared, Teller

    connection = hub.connections.get(LISTED)
    assert connection
    teller = Teller(hub.bus, connection, instant(LATER_MS + 60_000), "webhook")
    teller.publish([teller.live(Compared(listed.rows[one].found(one), "changed", ("title",)), "") for one in ids])
    file(hub)


def test_where_too_much_differs_nothing_is_mended_until_a_person_says_so() -> None:
    hub, listed = imported(200)
    for number in range(50):
        change(listed, f"{number:07}", "?")
    job = run(hub, listed, CHANGED)
    assert job.status == "paused"
    assert job.reason == "50 of 50 records differ, more than the 20 that are mended without asking."
    assert drift(hub, listed) == 50
    assert listed.calls["read"] == 0
    assert States(hub.store).get(LISTED).drift["differing"] == 50
    approved = replace(job, status="waiting", options={**job.options, "approved": True})
    send(hub, JobStore(hub.store).change(approved, NOW))
    after = drain(hub, listed, CHANGED)
    file(hub)
    assert (after.status, after.counts["repaired"]) == ("done", 50)
    assert drift(hub, listed) == 0


@pytest.mark.parametrize(
    ("settings", "status"),
    [({}, "done"), ({"reconcile_most_percent": 4}, "paused"), ({"reconcile_most_records": 60}, "done")],
)
def test_the_threshold_is_a_share_of_all_records_or_a_number_whichever_is_greater(
    settings: dict[str, int], status: str
) -> None:
    connection = Connection(LISTED, "hubspot", "Sales", created_at="2026-01-01T00:00:00Z", settings=settings)
    hub, listed = imported(1000, connection=connection)
    for number in range(50):
        change(listed, f"{number:07}", "?")
    assert run(hub, listed, CHANGED).status == status


def test_a_record_that_a_complete_pass_did_not_show_is_read_and_deleted_only_if_it_is_gone() -> None:
    hub, listed = imported(250)
    del listed.rows["0000100"]
    listed.hidden.add("0000200")
    start(hub, COMPLETE)
    drain(hub, listed, COMPLETE)
    [event] = published(hub)
    assert (event.type, event.subject) == ("contact.deleted", "contact:0000100")
    assert event.timequality == "received"
    file(hub)
    assert drift(hub, listed) == 0
    assert holds(hub, "0000200")
    assert not holds(hub, "0000100")


def holds(hub: Hub, contact: str) -> bool:
    from hub.directory import Directory

    return Holdings(hub.store, Directory(hub.store, hub.secrets.hash_key()).hashed, LISTED).holds("contact", contact)


def test_nothing_is_deleted_by_a_pass_over_what_changed() -> None:
    hub, listed = imported(250)
    del listed.rows["0000100"]
    job = run(hub, listed, CHANGED)
    assert job.status == "done"
    assert holds(hub, "0000100")


def test_nothing_is_deleted_by_a_complete_pass_that_failed() -> None:
    hub, listed = imported(250)
    listed.rows.clear()
    listed.busy = lambda method: Retry("later", 900) if listed.calls[method] > 0 else None
    start(hub, COMPLETE)
    for _ in range(3):
        deliver(hub, listed, None, QUEUE)
        hub.clock.sleep(901)
    assert job_in(hub, COMPLETE).stage in ("", "compare")
    assert published(hub) == []


def test_a_platform_that_is_suddenly_empty_deletes_nobody() -> None:
    hub, listed = imported(250)
    listed.rows.clear()
    job = run(hub, listed, COMPLETE)
    assert job.status == "paused"
    assert job.reason.startswith("250 of 250 records differ")
    assert holds(hub, "0000000")


def test_a_record_that_is_back_is_restored() -> None:
    hub, listed = imported(30)
    row = listed.rows.pop("0000003")
    run(hub, listed, COMPLETE)
    assert not holds(hub, "0000003")
    listed.rows["0000003"] = row
    hub.clock.sleep(7200)
    run(hub, listed, replace(COMPLETE, id="e" * 26))
    assert holds(hub, "0000003")
    assert drift(hub, listed) == 0


def test_a_record_older_than_the_connection_is_history_and_a_new_one_is_news() -> None:
    hub, listed = imported(3)
    listed.rows["old"] = Row("Old", "+819011112222", LATER_MS, "A", created_ms=IMPORTED_MS - 10**11)
    listed.rows["new"] = Row("New", "+819011113333", LATER_MS, "B", created_ms=LATER_MS)
    start(hub, CHANGED)
    drain(hub, listed, CHANGED)
    told = {event.subject: event.data for event in published(hub)}
    assert told["contact:old"]["origin"] == "import"
    assert "changed" not in told["contact:old"]
    assert told["contact:new"]["change"] == "created"
    assert set(told["contact:new"]["changed"]) == {"name", "phone", "title"}


def test_what_was_heard_after_the_page_was_read_is_no_difference() -> None:
    hub, listed = imported(3)
    listed.rows["0000001"].title, listed.rows["0000001"].modified_ms = "Newer", LATER_MS
    tell(hub, listed, ["0000001"])
    listed.rows["0000001"].title, listed.rows["0000001"].modified_ms = "Buyer 1", IMPORTED_MS + 1000
    job = run(hub, listed, COMPLETE)
    assert "differing" not in job.counts


def scenario(injector: Injector | None = None) -> tuple[Hub, Listed, Job]:
    """A complete comparison in which something was changed, something deleted, something created."""
    hub, listed = imported(12)
    listed.page_size = 4
    change(listed, "0000002", "Head of Purchasing")
    change(listed, "0000009", "Head of Sales")
    del listed.rows["0000006"]
    listed.rows["new"] = Row("New", "+819011113333", LATER_MS, "B", created_ms=LATER_MS)
    hub.clock.sleep(200)  # the changes lie behind: what changes while it is read is dated to the reading
    watched = injector.watch(hub) if injector else hub
    start(watched, COMPLETE)
    return watched, listed, drain(watched, listed, COMPLETE, partial(begun, injector or Injector(), listed))


def begun(injector: Injector, listed: Listed) -> Short:
    injector.begin("reconcile_records")
    return Short(listed, 2)


def test_whichever_call_fails_in_whichever_way_the_same_is_mended() -> None:
    undisturbed = Injector()
    hub, _listed, job = scenario(undisturbed)
    said = sorted((event.type, event.subject) for event in published(hub))
    counts = {"compared": 13, "differing": 4, "repaired": 4}
    assert (job.status, job.counts) == ("done", counts)
    cases = [
        At(call.number, call.invocation, call.operation, fault)
        for call in undisturbed.calls
        for fault in faults_of(call.operation)
        if call.function == "reconcile_records"
    ]
    assert {case.operation for case in cases} >= {"store.put", "store.query_index", "bus.publish", "queue.send"}
    for case in cases:
        injector = Injector(case)
        hub, listed, job = scenario(injector)
        assert injector.hits, case
        assert (job.status, job.counts) == ("done", counts), case
        once = {event.id: event for event in published(hub)}.values()
        assert sorted((event.type, event.subject) for event in once) == said, case
        injector.begin("sync_customers")
        file(hub)
        assert drift(hub, listed) == 0, case


def sweep(hub: Hub, listed: Listed) -> None:
    hub.queue.send(QUEUE, json.dumps({"sweep": True}))
    deliver(hub, listed, None, QUEUE)


def test_a_connection_is_compared_every_six_hours_and_all_of_it_every_week_after_an_import() -> None:
    hub, listed = imported(3)
    kinds = []
    for _hour in range(24 * 9):
        sweep(hub, listed)
        while queue_of(hub).messages[QUEUE]:
            deliver(hub, listed, None, QUEUE)
        kinds.append(States(hub.store).get(LISTED).job)
        hub.clock.sleep(3600)
    jobs = [JobStore(hub.store).get(one) for one in dict.fromkeys(kinds)]
    assert len(jobs) == 9 * 4
    assert [number for number, job in enumerate(jobs) if job and job.options["complete"]] == [28]
    assert {job.by for job in jobs if job} == {"schedule"}
    assert {job.status for job in jobs if job} == {"done"}


def test_no_second_comparison_is_begun_while_one_waits_for_a_person() -> None:
    hub, listed = imported(200)
    for number in range(50):
        change(listed, f"{number:07}", "?")
    for _ in range(3):
        sweep(hub, listed)
        while queue_of(hub).messages[QUEUE]:
            deliver(hub, listed, None, QUEUE)
        hub.clock.sleep(6 * 3600)
    assert len(JobStore(hub.store).page(10).items) == 2


def test_no_comparison_is_begun_while_an_import_goes_on() -> None:
    hub, listed = hub_with(), account(300, modified_ms=IMPORTED_MS)
    start(hub, IMPORT)
    deliver(hub, listed, Short(listed, 1))
    sweep(hub, listed)
    assert queue_of(hub).messages[QUEUE] == []
    assert drain(hub, listed, IMPORT).status == "done"
    file(hub)
    sweep(hub, listed)
    assert len(queue_of(hub).messages[QUEUE]) == 1


def event(event_type: str, data: Any) -> Event:
    return Event(
        id="e1",
        type=event_type,
        source="/",
        subject="s",
        time=instant(int(NOW * 1000)),
        connection=LISTED,
        platform="hubspot",
        delivery="d",
        received=instant(int(NOW * 1000)),
        data=data.model_dump(mode="json", exclude_defaults=True),
    )


@pytest.mark.parametrize(
    ("event_type", "data", "compared"),
    [
        ("record.touched", RecordTouchedData(record=RecordRef(object="contact", id="1"), change="gap"), True),
        ("record.touched", RecordTouchedData(record=RecordRef(object="contact", id="1")), False),
        ("account.notice", AccountNoticeData(topic="gap_overflow", severity="warning"), True),
        ("account.notice", AccountNoticeData(topic="subscription.expired"), True),
        ("account.notice", AccountNoticeData(topic="limit", severity="critical"), True),
        ("account.notice", AccountNoticeData(topic="quality", severity="warning"), False),
    ],
)
def test_a_notice_of_missing_deliveries_starts_one_comparison(event_type: str, data: Any, compared: bool) -> None:
    hub, listed = imported(3)
    sweep(hub, listed)
    while queue_of(hub).messages[QUEUE]:
        deliver(hub, listed, None, QUEUE)
    before = States(hub.store).get(LISTED).job
    hub.clock.sleep(60)
    for _ in range(3):
        told = event(event_type, data).model_copy(update={"received": instant(round(hub.clock.now() * 1000))})
        hub.queue.send(QUEUE, told.model_dump_json())
        deliver(hub, listed, None, QUEUE)
    sweep(hub, listed)
    assert (States(hub.store).get(LISTED).job != before) == compared
    assert len(queue_of(hub).messages[QUEUE]) == compared


def test_a_connection_may_be_left_alone() -> None:
    connection = Connection(LISTED, "hubspot", created_at="2020-01-01T00:00:00Z", settings={"reconcile_hours": 0})
    state = States(hub_with().store).get(LISTED)
    assert not is_due(connection, state, NOW)
    assert is_due(connection, replace(state, gap_at=instant(int(NOW * 1000))), NOW)
    assert not complete_is_due(connection, state, NOW)


def test_connections_that_are_off_or_whose_platform_lists_nothing_are_not_compared() -> None:
    off = Connection("off", "hubspot", status="disabled", created_at="2020-01-01T00:00:00Z")
    chat = Connection("chat", "whatsapp_cloud", created_at="2020-01-01T00:00:00Z")
    hub, listed = hub_with(connections=MemoryConnections([off, chat])), account(1, modified_ms=IMPORTED_MS)
    sweep(hub, listed)
    assert queue_of(hub).messages[QUEUE] == []


def test_the_state_survives_two_writers() -> None:
    hub = hub_with()
    states = States(hub.store)
    first = states.get(LISTED)
    assert states.begin(first, "a", "2026-01-01T00:00:00.000Z")
    assert not states.begin(first, "b", "2026-01-01T00:00:00.000Z")
    fold(hub.store, f"RECONCILE#{LISTED}", "STATE", lambda item: item)
    assert states.get(LISTED).job == "a"


def test_of_two_comparisons_begun_at_one_moment_one_is_stopped_before_it_asks_anything() -> None:
    hub, listed = imported(3)
    connection = hub.connections.get(LISTED)
    assert connection
    seen = States(hub.store).get(LISTED)
    first = begin(hub, connection, seen, id="e" * 26, by="schedule")
    States(hub.store).missed(LISTED, "2027-01-01T00:00:00.000Z")  # a gap is noted meanwhile, too
    JobStore(hub.store).change(replace(job_in(hub, first or COMPLETE), status="done"), NOW)
    assert begin(hub, connection, seen, id="f" * 26, by="someone") is None
    assert job_in(hub, replace(COMPLETE, id="f" * 26)).status == "stopped"
    while queue_of(hub).messages[QUEUE]:
        deliver(hub, listed, None, QUEUE)
    assert listed.calls.total() == 0


def test_how_long_it_takes_is_told_for_the_pass_over_all_records_alone() -> None:
    passing = replace(COMPLETE, asked=("contact",), kinds=("contact",), stage="compare", worked_ms=10_000)
    passing = replace(passing, read={"contact": 100}, totals={"contact": 300})
    assert progress_of(passing).left_s == 20
    assert progress_of(replace(passing, stage="repair", read={"contact": 300})).left_s is None


def test_a_comparison_that_failed_after_a_gap_is_begun_again_in_an_hour_and_closes_it() -> None:
    never = Connection(LISTED, "hubspot", created_at="2026-01-01T00:00:00Z", settings={"reconcile_hours": 0})
    hub, listed = imported(3, connection=never)
    States(hub.store).missed(LISTED, instant(round(hub.clock.now() * 1000)))
    listed.busy = lambda method: Reject("the token lacks a scope") if method == "page" else None
    statuses = []
    for minute in range(0, 180, 5):
        if minute == 90:
            listed.busy = lambda _method: None
        sweep(hub, listed)
        while queue_of(hub).messages[QUEUE]:
            deliver(hub, listed, None, QUEUE)
        statuses.append(job_in(hub, replace(COMPLETE, id=States(hub.store).get(LISTED).job)).status)
        hub.clock.sleep(300)
    assert [len(list(same)) for _status, same in groupby(statuses)] == [24, 12]
    assert (statuses[0], statuses[-1]) == ("failed", "done")
    assert len([job for job in jobs(hub) if job.kind == "reconcile"]) == 3


def jobs(hub: Hub) -> list[Job]:
    return [job_of(item) for item in JobStore(hub.store).page(20).items]
