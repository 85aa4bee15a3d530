"""Every call of every handler fails once in every way it can; in the end nothing differs from the undisturbed run."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from tests.harness import trace
from tests.harness.faults import At, Call, Injector
from tests.harness.snapshot import snapshot
from tests.harness.world import CONSUMERS

FUNCTIONS = ("ingest_crm", "ingest_whatsapp", "ingest_telephony", *CONSUMERS.values(), "publish_changes")


@cache
def reference() -> tuple[list[Call], dict[str, Any]]:
    """The undisturbed run, made once."""
    return trace.reference()


def test_the_story_ends_as_it_should() -> None:
    left = reference()[1]
    (customer,) = left["customers"]
    assert [entry["kind"] for entry in customer["timeline"]] == ["record", "message", "message", "call", "record"]
    assert customer["fields"]["title"]["value"] == "Head of Operations"
    assert customer["fields"]["title"]["source"]["platform"] == "salesforce"
    assert sum(left["hubspot"]["calls"].values()) == 1
    assert sum(left["hubspot"]["communications"].values()) == 2
    assert all(
        "('contacts', '51000001')" in row for kind in ("calls", "communications") for row in left["hubspot"][kind]
    )
    assert len(left["set aside"]) == 2
    assert left["waiting"] == left["stream failures"] == left["nobody's entries"] == 0
    assert len(left["dead"]["sync-crm"]) == 1
    assert left["dead"]["sync-crm"][0]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_calls_of_a_function_are_the_ones_that_are_swept(function: str) -> None:
    assert trace.operations(reference()[0])[function] == trace.committed()[function]


def test_the_committed_trace_names_every_function_and_no_other() -> None:
    assert sorted(trace.committed()) == sorted(FUNCTIONS)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_fault_at_any_call_of_a_function_changes_nothing_in_the_end(function: str) -> None:
    calls, expected = reference()
    cases = trace.cases(call for call in calls if call.function == function)
    assert cases
    wrong = [why for case in cases if (why := differs(case, expected))]
    assert not wrong, "\n".join([f"{len(wrong)} of {len(cases)} cases", *wrong[:5]])


def differs(case: At, expected: dict[str, Any]) -> str:
    """What is different after the story with that fault; empty where nothing is."""
    injector = Injector(case)
    world, accounts = trace.play(injector)
    left = snapshot(world, accounts)
    known = trace.committed()
    unseen = {call for call in injector.calls if call.operation not in known[call.function]}
    if not injector.hits:
        return f"{case}: was not reached"
    if unseen:
        return f"{case}: calls that the sweep does not cover: {sorted({call.operation for call in unseen})}"
    parts = [name for name in expected if left[name] != expected[name]]
    return (
        f"{case}: {', '.join(f'{name}: {left[name]} instead of {expected[name]}' for name in parts)}" if parts else ""
    )
