"""The batch loop: every record ends in exactly one way, and none takes its neighbours with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

import pytest

from hub.batch import BUG_RECEIVES, PATIENCE_S, RESERVE_MS, Batch, place_of, run
from hub.errors import Conflict, HubError, Quarantine, Reject, Retry
from hub.memory import VISIBILITY_S, FakeClock, MemoryQueue, MemoryTelemetry, Message, memory_hub

FAILURES: Mapping[str, Callable[[], BaseException]] = {
    "retry": lambda: Retry("throttled", after_s=60),
    "conflict": lambda: Conflict("lost"),
    "reject": lambda: Reject("never going to work"),
    "quarantine": lambda: Quarantine("unreadable"),
    "bug": lambda: KeyError("+81 90 0000 0000"),
}


def handle(body: str) -> None:
    """Does what the body says."""
    if body in FAILURES:
        raise FAILURES[body]()


def event(*bodies: str) -> dict[str, Any]:
    """An SQS event; message ids are m0, m1, …"""
    return {"Records": [{"messageId": f"m{number}", "body": body} for number, body in enumerate(bodies)]}


def outcome(*bodies: str, queue: MemoryQueue | None = None, telemetry: MemoryTelemetry | None = None) -> list[str]:
    """The ids of the records that come again."""
    hub = memory_hub(queue=queue or MemoryQueue(), telemetry=telemetry or MemoryTelemetry())
    answer = run(event(*bodies), handle, hub, function="test", queue="sync-crm")
    return [one["itemIdentifier"] for one in answer["batchItemFailures"]]


def test_a_batch_that_works_names_nothing() -> None:
    telemetry = MemoryTelemetry()
    assert outcome("a", "b", telemetry=telemetry) == []
    assert telemetry.lines == [{"function": "test", "records": 2}]


@pytest.mark.parametrize("word", ["retry", "conflict", "quarantine", "bug"])
def test_what_failed_comes_again_and_its_neighbours_do_not(word: str) -> None:
    queue = MemoryQueue()
    assert outcome("a", word, "b", word, queue=queue) == ["m1", "m3"]
    assert queue.messages == {}


def test_what_can_never_work_is_a_dead_letter_with_its_reason() -> None:
    queue = MemoryQueue()
    assert outcome("a", "reject", "b", queue=queue) == []
    assert queue.messages == {"sync-crm-dead": [Message("reject", "never going to work")]}


@pytest.mark.parametrize("error", [Retry("throttled"), Reject("denied"), RuntimeError("?")])
def test_a_dead_letter_that_cannot_be_sent_comes_again(error: Exception) -> None:
    class NoQueue(MemoryQueue):
        def send(self, queue: str, body: str, *, reason: str = "") -> None:
            raise error

    assert outcome("reject", "a", queue=NoQueue()) == ["m0"]


def test_an_unexpected_error_is_told_by_class_and_place_never_by_its_text() -> None:
    telemetry = MemoryTelemetry()
    outcome("bug", telemetry=telemetry)
    ((name, dimensions),) = telemetry.dimensions
    place = dict(dimensions)["at"]
    assert (name, dict(dimensions)["error"]) == ("records.failed", "KeyError")
    assert place.startswith("test_batch.py:")
    assert place.partition(":")[2].isdecimal()
    assert "+81" not in str(telemetry.dimensions)


def test_the_place_of_an_error_is_where_it_was_raised() -> None:
    try:
        handle("bug")
    except KeyError as error:
        line = handle.__code__.co_firstlineno + 3
        assert place_of(error) == f"test_batch.py:{line}"
    assert place_of(KeyError()) == ""


class Context:
    """Lambda's context, with `left_ms` going down by what each record takes."""

    def __init__(self, left_ms: int) -> None:
        self.left_ms = left_ms

    def get_remaining_time_in_millis(self) -> int:
        return self.left_ms


def test_no_record_is_begun_when_time_runs_short() -> None:
    context, begun = Context(RESERVE_MS + 2000), []

    def slow(body: str) -> None:
        begun.append(body)
        context.left_ms -= 1500

    answer = run(event("a", "b", "c"), slow, memory_hub(), function="test", queue="q", context=context)
    assert begun == ["a", "b"]
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m2"}]}


def test_a_record_is_begun_only_with_twice_the_slowest_so_far_left() -> None:
    batch = Batch(memory_hub(), "q", Context(RESERVE_MS + 50))
    assert batch.has_time()
    batch.attempt({"messageId": "m0"}, _wait_30_ms)
    assert not batch.has_time()


def _wait_30_ms() -> None:
    import time

    time.sleep(0.03)


def test_without_a_context_there_is_always_time() -> None:
    assert Batch(memory_hub(), "q").has_time()


def test_an_attempt_gives_the_result_or_none() -> None:
    batch = Batch(memory_hub(), "q")
    assert batch.attempt({"messageId": "m0", "body": ""}, lambda: 7) == 7
    assert batch.attempt({"messageId": "m1", "body": "retry"}, lambda: handle("retry")) is None
    assert (batch.settled({"messageId": "m0"}), batch.settled({"messageId": "m1"})) == (False, True)


# When what failed comes again.


MAX_RECEIVES = 250  # as in infra/queues.py


def received(body: str, receives: int = 1, age_s: float = 0.0) -> dict[str, Any]:
    """An SQS event of one record with what SQS says about it."""
    sent_ms = int((FakeClock().now() - age_s) * 1000)
    said = {"ApproximateReceiveCount": str(receives), "SentTimestamp": str(sent_ms)}
    return {"Records": [{"messageId": "m0", "receiptHandle": "r0", "body": body, "attributes": said}]}


def holding() -> MemoryQueue:
    """A queue from which that record was received."""
    queue = MemoryQueue()
    queue.hidden_s["r0"] = VISIBILITY_S
    return queue


def hidden_s(one: dict[str, Any], *, jitter: float = 0.5) -> int:
    """For how long the record was hidden."""
    queue = holding()
    run(one, handle, memory_hub(queue=queue, jitter=lambda: jitter), function="test", queue="sync-crm")
    return queue.hidden_s["r0"]


def test_a_platform_that_named_a_wait_is_left_alone_for_it_and_not_met_by_all_at_once() -> None:
    assert [hidden_s(received("retry"), jitter=jitter) for jitter in (0.0, 0.5, 0.999)] == [60, 68, 75]


@pytest.mark.parametrize(
    ("receives", "expected"), [(1, 15), (2, 30), (3, 60), (6, 480), (7, 900), (8, 900), (249, 900), (5000, 900)]
)
def test_waits_double_up_to_a_quarter_of_an_hour_and_are_random(receives: int, expected: int) -> None:
    assert hidden_s(received("conflict", receives), jitter=1.0) == expected
    assert hidden_s(received("conflict", receives), jitter=0.0) == 0


@pytest.mark.parametrize("word", ["a", "reject", "bug", "quarantine"])
def test_nothing_else_is_hidden(word: str) -> None:
    assert hidden_s(received(word)) == VISIBILITY_S


@pytest.mark.parametrize("error", [Retry("throttled"), Reject("receipt"), RuntimeError("an emulator's")])
def test_a_message_that_cannot_be_hidden_comes_again_all_the_same_and_no_further_one_is_tried(error: Exception) -> None:
    tried: list[str] = []

    class NoPostponing(MemoryQueue):
        def postpone(self, queue: str, receipt: str, seconds: float) -> None:
            tried.append(queue)
            raise error

    telemetry = MemoryTelemetry()
    assert outcome("retry", "a", "conflict", queue=NoPostponing(), telemetry=telemetry) == ["m0", "m2"]
    assert tried == ["sync-crm"]
    assert telemetry.counters["records.not_postponed"] == 1


def test_nothing_is_hidden_when_no_time_is_left_for_it() -> None:
    context, queue = Context(RESERVE_MS + 100), holding()

    def busy(_body: str) -> None:
        context.left_ms = RESERVE_MS - 1
        raise Retry("not now", 60)

    answer = run(received("a"), busy, memory_hub(queue=queue), function="test", queue="q", context=context)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m0"}]}
    assert queue.hidden_s == {"r0": VISIBILITY_S}


def settled(one: dict[str, Any]) -> tuple[list[str], list[Message]]:
    """What comes again and what is dead."""
    queue = MemoryQueue()
    answer = run(one, handle, memory_hub(queue=queue), function="test", queue="sync-crm")
    again = [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]
    return again, queue.messages.get("sync-crm-dead", [])


def test_what_waited_for_days_is_a_dead_letter_before_the_queue_would_drop_it() -> None:
    assert settled(received("retry", 200, PATIENCE_S)) == (["m0"], [])
    assert settled(received("retry", 200, PATIENCE_S + 1)) == ([], [Message("retry", "waited for 3 days: throttled")])


def test_an_error_that_nobody_foresaw_is_a_dead_letter_after_a_few_tries_and_told_by_class_and_place() -> None:
    assert settled(received("bug", BUG_RECEIVES - 1)) == (["m0"], [])
    again, (letter,) = settled(received("bug", BUG_RECEIVES))
    assert again == []
    assert letter.reason.startswith("failed again and again: KeyError at test_batch.py:")


def test_a_record_that_is_settled_stays_as_it_is() -> None:
    queue = holding()
    batch = Batch(memory_hub(queue=queue), "q")
    for error in (Retry("first", 100), Retry("second", 500)):
        batch.put_off(received("a")["Records"][0], error)
    assert queue.hidden_s == {"r0": 108}
    old = received("a", 9, PATIENCE_S + 1)["Records"][0] | {"messageId": "m1"}
    for _ in range(2):
        batch.put_off(old, Retry("late"))
    assert (batch.settled(old), len(queue.messages["q-dead"])) == (True, 1)


def test_an_outage_of_a_day_ends_in_retries_and_not_among_the_dead_letters() -> None:
    random, days = Random(4), []
    for _ in range(200):
        hub = memory_hub(queue=(queue := holding()), jitter=random.random)
        waited_s = 0
        for receives in range(1, MAX_RECEIVES):
            run(received("conflict", receives), handle, hub, function="test", queue="sync-crm")
            waited_s += queue.hidden_s["r0"]
        days.append(waited_s / 86_400)
    assert min(days) > 1.05
    assert max(days) < PATIENCE_S / 86_400


def test_a_process_that_is_ended_is_not_held_up() -> None:
    def ended(_body: str) -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        run(event("a"), ended, memory_hub(), function="test", queue="q")


def test_every_failure_word_is_tried() -> None:
    tried = {type(make()) for make in FAILURES.values()}
    assert {one for one in HubError.__subclasses__() if one.__name__ != "Unauthorized"} <= tried
