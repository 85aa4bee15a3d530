"""An entry is a set of facts: what people see of it is the same for any order and any copies, and never runs backwards."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest

from hub.domain import timeline
from hub.memory_store import MemoryStore
from hub.timeline_store import Filing, TimelineStore


def fact(event_type: str, at: str, quality: str = "platform", **data: Any) -> dict[str, Any]:
    return {"type": event_type, "at": at, "timequality": quality, "data": data, "raw": "r", "received": at}


MESSAGE = {
    "m": fact(
        "message.received",
        "2026-11-20T10:00:00.000Z",
        message_id="w1",
        direction="outbound",
        channel="whatsapp",
        text="Hi",
    ),
    "s": fact("message.status_changed", "2026-11-20T10:00:09.000Z", message_id="w1", status="sent"),
    "d": fact("message.status_changed", "2026-11-20T10:00:03.000Z", message_id="w1", status="delivered"),
    "r": fact("message.status_changed", "2026-11-20T10:00:02.000Z", message_id="w1", status="read"),
    "x": fact("message.reacted", "2026-11-20T10:01:00.000Z", message_id="w1", reaction="👍", by="customer"),
    "y": fact("message.reacted", "2026-11-20T10:02:00.000Z", message_id="w1", by="customer"),
}
CALL = {
    "e": fact("call.ended", "2026-11-20T11:00:40.000Z", call_id="c", leg_id="c", outcome="answered", duration_s=31),
    "a": fact("call.answered", "2026-11-20T11:00:09.000Z", call_id="c", leg_id="c", agent="client:mori"),
    "s": fact("call.started", "2026-11-20T10:59:58.000Z", "received", call_id="c", leg_id="c", direction="inbound"),
    "k": fact(
        "call.ended",
        "2026-11-20T11:00:39.000Z",
        call_id="c",
        leg_id="d",
        parent_leg_id="c",
        outcome="busy",
        duration_s=2,
    ),
    "v": fact(
        "call.recorded", "2026-11-20T11:01:00.000Z", call_id="c", leg_id="c", recording_id="RE1", url="https://x/RE1"
    ),
}


def every_order(facts: dict[str, Any]) -> list[timeline.Facts]:
    built = []
    for order in itertools.permutations(facts):
        folded: timeline.Facts = {}
        for key in (*order, *order):
            folded = timeline.add(folded, key, facts[key])
        built.append(folded)
    return built


def test_a_message_shows_its_furthest_status_whatever_came_last() -> None:
    shown = [timeline.show("message", facts) for facts in every_order(MESSAGE)]
    assert all(one == shown[0] for one in shown)
    assert shown[0]["status"] == "read"
    assert shown[0]["text"] == "Hi"
    assert shown[0]["reactions"] == []  # taken back


def test_a_call_is_told_by_its_root_leg_in_any_order() -> None:
    shown = [timeline.show("call", facts) for facts in every_order(CALL)]
    assert all(one == shown[0] for one in shown)
    call = shown[0]
    assert (call["state"], call["outcome"], call["duration_s"]) == ("ended", "busy", 31)  # nobody took the leg
    assert (call["answered_at"], call["agent"]) == ("2026-11-20T11:00:09.000Z", "client:mori")
    assert [one["recording_id"] for one in call["recordings"]] == ["RE1"]


def test_a_late_answered_does_not_reopen_an_ended_call() -> None:
    facts = timeline.add(timeline.add({}, "e", CALL["e"]), "a", CALL["a"] | {"at": "2026-11-20T11:09:00.000Z"})
    assert timeline.show("call", facts)["state"] == "ended"


def test_a_call_of_many_large_events_is_kept_whole_without_the_platforms_own_objects_in_any_order() -> None:
    native = {"言": "葉" * 2_000}
    long = {
        f"e{number:03}": fact(
            "call.ringing",
            f"2026-11-20T11:{number // 60:02}:{number % 60:02}.000Z",
            call_id="c",
            leg_id="c",
            native=native,
        )
        for number in range(120)
    }
    long["end"] = fact("call.ended", "2026-11-20T11:30:00.000Z", call_id="c", leg_id="c", native=native)
    names = list(long)
    for order in (names, names[::-1], random.Random(7).sample(names, len(names)) + names[:5]):
        store = MemoryStore()
        for name in order:
            event = {"id": name, "connection": "c1", "platform": "twilio"}
            TimelineStore(store).record("c", "call", event, long[name], None)
        entry = TimelineStore(store).load("c")
        assert entry is not None
        assert entry.shown["state"] == "ended"
        assert entry.facts == {
            name: {**one, "data": {**one["data"], "native": timeline.OUTGROWN}} for name, one in long.items()
        }


def test_of_two_copies_of_a_fact_the_earlier_arrival_is_kept() -> None:
    late = MESSAGE["m"] | {"received": "2026-11-21T00:00:00.000Z"}
    for order in ((MESSAGE["m"], late), (late, MESSAGE["m"])):
        facts = timeline.add(timeline.add({}, "m", order[0]), "m", order[1])
        assert facts["m"]["received"] == "2026-11-20T10:00:00.000Z"


@pytest.mark.parametrize("order", list(itertools.permutations(["m", "s", "d"])))
def test_an_entry_is_filed_at_the_messages_own_time_under_the_most_specific_persona(order: tuple[str, ...]) -> None:
    store = TimelineStore(MemoryStore())
    filings = {"m": Filing("chat", 1), "s": Filing("phone", 2), "d": None}
    for key in order:
        event = {"id": key, "connection": "c1", "platform": "whatsapp_cloud"}
        store.record("entry1", "message", event, MESSAGE[key], filings[key], fresh=key == "m")
    page = store.page("chat", limit=10)
    assert [item.index for item in page.items] == [("T#chat", "2026-11-20T10:00:00.000Z#entry1")]
    assert store.page("phone", limit=10).items == ()


def test_the_page_of_a_persona_is_in_the_platforms_order_not_in_that_of_arrival() -> None:
    store = TimelineStore(MemoryStore())
    for number, at in enumerate(["2026-11-20T12:00:00.000Z", "2026-11-20T09:00:00.000Z", "2026-11-20T10:30:00.000Z"]):
        event = {"id": f"e{number}", "connection": "c1", "platform": "p"}
        store.record(f"n{number}", "message", event, MESSAGE["m"] | {"at": at}, Filing("chat", 1))
    entries = [item.body["at"][11:16] for item in store.page("chat", limit=10, newest_first=False).items]
    assert entries == ["09:00", "10:30", "12:00"]


@pytest.mark.parametrize(
    ("more", "outcome"),
    [
        ({}, "busy"),
        (
            {"t": fact("call.answered", "2026-11-20T11:00:10.000Z", call_id="c", leg_id="d", parent_leg_id="c")},
            "answered",
        ),
        (
            {
                "v": fact(
                    "call.recorded",
                    "2026-11-20T11:01:00.000Z",
                    call_id="c",
                    leg_id="c",
                    recording_id="RE1",
                    voicemail=True,
                )
            },
            "voicemail",
        ),
    ],
)
def test_a_call_that_only_the_machine_took_is_told_by_its_legs(more: dict[str, Any], outcome: str) -> None:
    assert timeline.show("call", {**CALL, **more})["outcome"] == outcome
