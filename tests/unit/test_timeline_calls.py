"""A call with all that can happen to it shows the same for any order and any copies of its facts."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import Any

import pytest

from hub.domain import timeline

DAY = "2026-11-20T"


def fact(event_type: str, at: str, leg: str = "c", quality: str = "platform", **data: Any) -> dict[str, Any]:
    data = {"call_id": "c", "leg_id": leg, **data}
    at = f"{DAY}{at}.000Z"
    return {"type": event_type, "at": at, "timequality": quality, "data": data, "raw": "r", "received": at}


MORI = {"agent": "Mori", "agent_id": "7", "agent_email": "mori@shop.example"}
CALL = {
    "01": fact("call.started", "09:00:00", direction="inbound", business="+12025550100", trust="A"),
    "02": fact("call.queued", "09:00:05", queue="Sales", queue_id="Q"),
    "03": fact("call.dequeued", "09:00:46", queue="Sales", queue_id="Q"),
    "04": fact("call.answered", "09:00:46", **MORI),
    "05": fact("call.held", "09:01:00"),
    "06": fact("call.resumed", "09:01:10"),
    "07": fact("call.held", "09:02:00"),
    "08": fact("call.transferred", "09:02:30", state="started", kind="consult", to_agent="Abe", leg_id="c"),
    "09": fact("call.transferred", "09:02:40", kind="consult", to_agent="Abe"),
    "10": fact("call.ended", "09:05:00", outcome="answered", duration_s=300, wait_s=41, talk_s=240, ended_by="customer"),
    "11": fact("call.transcribed", "09:01:30", transcript_id="T", status="partial", segments=[
        {"speaker": "agent", "text": "Good mor", "start_ms": 100, "final": False}]),
    "12": fact("call.transcribed", "09:05:30", transcript_id="T", language="en", summary="Hours", segments=[
        {"speaker": "agent", "text": "Good morning.", "start_ms": 100},
        {"speaker": "customer", "text": "Hello.", "start_ms": 900}]),
    "13": fact("call.wrapped_up", "09:05:20", **MORI, code="1", label="Lost", acw_s=20),
    "14": fact("call.wrapped_up", "09:05:50", **MORI, code="2", label="Won", tags=["tea"]),
}  # fmt: skip


def folded(facts: dict[str, Any], order: Iterable[str]) -> timeline.Facts:
    built: timeline.Facts = {}
    for key in order:
        built = timeline.add(built, key, facts[key])
    return built


def shown(*keys: str) -> dict[str, Any]:
    return timeline.show("call", folded(CALL, keys or CALL))


@pytest.mark.parametrize("seed", range(200))
def test_any_order_and_any_copies_of_a_calls_facts_show_the_same(seed: int) -> None:
    order = [*CALL, *Random(seed).choices(list(CALL), k=8)]
    Random(seed).shuffle(order)
    assert timeline.show("call", folded(CALL, order)) == shown()


def test_a_call_shows_its_holds_its_queue_its_agent_and_how_long_each_part_took() -> None:
    call = shown()
    assert [(one["held_at"][11:19], (one["resumed_at"] or "")[11:19]) for one in call["holds"]] == [
        ("09:01:00", "09:01:10"),
        ("09:02:00", ""),
    ]
    assert [(one["event"], one["queue"]) for one in call["queued"]] == [
        ("call.queued", "Sales"),
        ("call.dequeued", "Sales"),
    ]
    assert {name: call[name] for name in MORI} == MORI
    assert (call["duration_s"], call["wait_s"], call["talk_s"], call["acw_s"], call["hold_s"]) == (
        300,
        41,
        240,
        20,
        None,
    )
    assert (call["ended_by"], call["trust"], call["queue"]) == ("customer", "A", "Sales")


def test_a_transfer_that_was_started_and_completed_is_one_transfer() -> None:
    [transfer] = shown()["transfers"]
    assert (transfer["kind"], transfer["to_agent"], transfer["state"]) == ("consult", "Abe", "completed")
    assert transfer["at"] == f"{DAY}09:02:30.000Z"


def test_a_transcript_has_the_final_words_once_and_in_order() -> None:
    [transcript] = shown()["transcripts"]
    assert [one["text"] for one in transcript["segments"]] == ["Good morning.", "Hello."]
    assert (transcript["status"], transcript["summary"], transcript["language"]) == ("final", "Hours", "en")
    [partial] = shown("01", "11")["transcripts"]
    assert (partial["status"], [one["text"] for one in partial["segments"]]) == ("partial", ["Good mor"])


def test_of_an_agents_dispositions_the_latest_counts_and_another_agents_stands_beside_it() -> None:
    other = fact("call.wrapped_up", "09:04:00", agent_id="8", label="Handed on")
    call = timeline.show("call", {**CALL, "15": other})
    assert call["disposition"]["label"] == "Won"
    assert [one["label"] for one in call["dispositions"]] == ["Handed on", "Won"]


@pytest.mark.parametrize(
    ("keys", "state"),
    [
        (("01",), "started"),
        (("02", "01"), "queued"),
        (("01", "02", "03"), "queued"),
        (("01", "02", "04"), "answered"),
        (("04", "05"), "held"),
        (("04", "05", "06"), "answered"),
        (("07", "06", "05", "04"), "held"),
        (("10", "05"), "ended"),
        (("01", "13"), "ended"),  # nobody wraps up a call that goes on
    ],
)
def test_a_call_is_as_far_as_its_furthest_step(keys: tuple[str, ...], state: str) -> None:
    assert shown(*keys)["state"] == state


@pytest.mark.parametrize(("outcome", "seen"), [(None, "voicemail"), ("no_answer", "voicemail"), ("failed", "failed")])
def test_a_call_that_nobody_took_but_the_mailbox_is_told_by_the_voicemail(outcome: str | None, seen: str) -> None:
    left = fact(
        "call.voicemail_left", "09:01:00", voicemail_id="V", direction="inbound", duration_s=22, url="https://x"
    )
    call = timeline.show("call", {"v": left, "e": fact("call.ended", "09:02:00", outcome=outcome)})
    assert (call["outcome"], call["direction"], call["state"]) == (seen, "inbound", "ended")
    assert [(one["voicemail_id"], one["duration_s"]) for one in call["voicemails"]] == [("V", 22)]


def test_a_voicemail_alone_is_a_call_that_is_over() -> None:
    left = fact("call.voicemail_left", "09:01:00", voicemail_id="V", agent_id="7")
    call = timeline.show("call", {"v": left})
    assert (call["state"], call["outcome"], call["agent"], call["started_at"]) == (
        "ended",
        "voicemail",
        "7",
        f"{DAY}09:01:00.000Z",
    )


def test_of_too_many_facts_the_same_are_kept_for_any_order_and_never_words_instead_of_the_end() -> None:
    words = {
        f"w{n:03}": fact("call.transcribed", f"08:{n // 60:02}:{n % 60:02}", transcript_id="T") for n in range(400)
    }
    facts = {**CALL, **words}
    kept = []
    for seed in range(5):
        order = list(facts)
        Random(seed).shuffle(order)
        kept.append(folded(facts, order).keys())
    assert len(kept[0]) == timeline.MAX_FACTS
    assert all(keys == kept[0] for keys in kept)
    assert {"01", "10", "14"} <= kept[0] and "w399" not in kept[0]
