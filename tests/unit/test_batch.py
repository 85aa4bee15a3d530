"""The batch loop: every record ends in exactly one way, and none takes its neighbours with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from hub.batch import RESERVE_MS, Batch, place_of, run
from hub.errors import Conflict, HubError, Quarantine, Reject, Retry
from hub.memory import MemoryQueue, MemoryTelemetry, Message, memory_hub

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
    assert (batch.failed({"messageId": "m0"}), batch.failed({"messageId": "m1"})) == (False, True)


def test_a_process_that_is_ended_is_not_held_up() -> None:
    def ended(_body: str) -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        run(event("a"), ended, memory_hub(), function="test", queue="q")


def test_every_failure_word_is_tried() -> None:
    tried = {type(make()) for make in FAILURES.values()}
    assert {one for one in HubError.__subclasses__() if one.__name__ != "Unauthorized"} <= tried
