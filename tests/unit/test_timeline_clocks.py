"""Clocks that cannot be right are not believed, and every time that is not the platform's own is marked."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from hub.domain import timeline
from hub.memory import memory_hub
from hub.timeline_store import Entry
from tests.unit.test_sync_customers import CHAT, PHONE, RECORD, claims, entries, event, message, run

RECEIVED = "2026-11-20T09:00:00.500Z"


def shown(*events: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(one.at, one.shown.get("clock")) for one in entries(run(list(events), memory_hub()), PHONE)]


@pytest.mark.parametrize(
    ("told", "at", "clock"),
    [
        ("2026-11-20T09:00:00.000Z", "2026-11-20T09:00:00.000Z", None),
        ("2026-11-20T09:05:00.500Z", "2026-11-20T09:05:00.500Z", None),  # five minutes are a clock that is off
        ("2026-11-20T09:05:00.501Z", RECEIVED, "clamped"),
        ("2038-01-19T03:14:07.000Z", RECEIVED, "clamped"),
        ("2009-01-01T00:00:00.000Z", "2009-01-01T00:00:00.000Z", None),  # a late arrival, in its place
    ],
)
def test_a_time_in_the_future_is_that_of_receipt(told: str, at: str, clock: str | None) -> None:
    assert shown(message(1, "09:00:00", PHONE) | {"time": told}) == [(at, clock)]


def test_of_copies_of_an_impossible_time_the_one_received_first_counts_in_any_order() -> None:
    first = message(1, "09:00:00", PHONE) | {"time": "2026-11-20T10:00:00.000Z"}
    copies = [
        first,
        first | {"received": "2026-11-20T09:30:00.000Z"},
        first | {"received": "2026-11-20T09:58:00.000Z"},  # by now the time is possible
    ]
    assert {tuple(shown(*order)) for order in itertools.permutations(copies)} == {((RECEIVED, "clamped"),)}


def test_a_time_of_receipt_is_marked_until_the_platform_tells_its_own() -> None:
    record = event("call.recorded", 1, "09:00:00", {"call_id": "c", "leg_id": "c", "recording_id": "R"}, "tw")
    record |= {"timequality": "received", "data": record["data"] | {"customer": {"identifiers": [PHONE]}}}
    assert shown(record) == [("2026-11-20T09:00:00.000Z", "received")]
    ended = event("call.ended", 2, "08:59:00", record["data"] | {"outcome": "answered"}, "tw")
    del ended["data"]["recording_id"]
    assert shown(record, ended) == [("2026-11-20T08:59:00.000Z", None)]


def test_a_change_of_a_record_in_the_future_is_clamped_and_found_by_its_copies() -> None:
    data = {"record": RECORD, "identifiers": [PHONE], "changed": ["title"], "claims": claims("23:00:00", title="Boss")}
    change = event("contact.changed", 1, "09:00:00", data, "hs")
    assert shown(change, change | {"received": "2026-11-20T09:01:00.000Z"}) == [(RECEIVED, "clamped")]


def test_a_status_from_the_future_does_not_move_its_message() -> None:
    status = {"message_id": "w1", "channel": "whatsapp", "status": "read", "customer": {"identifiers": [CHAT]}}
    late = event("message.status_changed", 2, "09:01:00", status) | {"time": "2030-01-01T00:00:00.000Z"}
    found: list[Entry] = entries(run([late, message(1, "09:00:00", CHAT)]), CHAT)
    assert [(one.at, one.shown["status"]) for one in found] == [("2026-11-20T09:00:00.000Z", "read")]
    assert found[0].shown["statuses"][0]["at"] == "2026-11-20T09:01:00.500Z"


def test_a_decision_shows_who_decided_what_with_whom_and_why() -> None:
    said = {"verdict": "same", "with": "p" * 26, "by": "ann", "why": "same voice", "decision": "d1"}
    fact = {"type": "decision.made", "at": RECEIVED, "timequality": "platform", "data": said, "raw": "", "received": ""}
    assert timeline.show("merge", {"d1": fact}) == said
    short = fact | {"data": {"verdict": "none", "by": "ann"}}
    assert timeline.show("merge", {"d1": short}) == {
        "verdict": "none",
        "with": None,
        "by": "ann",
        "why": None,
        "decision": None,
    }
