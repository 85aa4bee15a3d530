"""Every call of every handler fails once in every way it can; in the end nothing differs from the undisturbed run."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

import pytest

from api import access
from tests.harness import story, trace
from tests.harness.deciding import SET_OFF, STEPS
from tests.harness.faults import At, Call, Injector
from tests.harness.snapshot import differences, snapshot
from tests.harness.world import CONSUMERS

pytestmark = pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
# The stranger only writes on WhatsApp.
NOT_CALLED = {("a stranger", f"{stage}_{kind}") for stage in ("ingest", "map") for kind in ("crm", "telephony")} | {
    ("both ways", f"{stage}_{kind}") for stage in ("ingest", "map") for kind in ("whatsapp", "telephony")
}
FUNCTIONS = ("ingest_crm", "ingest_whatsapp", "ingest_telephony", *CONSUMERS.values(), "publish_changes")
ABOUT_CUSTOMERS = ("/v1/customers", "/v1/identifiers", "/v1/conversations")
# It compares customers, a hundred reads for a handful of writes.
READS_A_LOT = frozenset({"match_customers"})
STORIES = [scenario for scenario in trace.SCENARIOS if scenario not in STEPS]


@cache
def reference(scenario: str = "the story") -> tuple[list[Call], dict[str, Any]]:
    """The undisturbed run, made once."""
    return trace.reference(scenario)


def swept(function: str) -> set[str]:
    return {c.operation for scenario in trace.SCENARIOS for c in reference(scenario)[0] if c.function == function}


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
    assert len(left["set aside"]) == 4
    assert left["waiting"] == left["stream failures"] == left["nobody's entries"] == 0
    assert {queue: [bool(reason) for _body, reason in letters] for queue, letters in left["dead"].items()} == {
        "sync-customers": [True],
        "sync-crm": [True],
    }


def test_a_stranger_becomes_one_contact_with_one_message() -> None:
    left = reference("a stranger")[1]
    assert len(left["customers"]) == 1
    assert sum(left["hubspot"]["contacts"].values()) == 2
    assert sum(left["hubspot"]["communications"].values()) == 1
    assert left["waiting"] == 0


def test_what_is_changed_in_either_crm_is_written_to_the_other_once() -> None:
    calls, left = reference("both ways")
    for held, mobile in ((left["salesforce"]["Contact"], "MobilePhone"), (left["hubspot"]["contacts"], "mobilephone")):
        (contact,) = held
        assert f"'{mobile}': '{story.MOBILE}'" in contact and story.TITLE_AFTER in contact
    written = Counter(
        call.operation for call in calls if call.operation.endswith(("batch/update", "composite/sobjects"))
    )
    assert set(written.values()) == {1} and len(written) == 2


@pytest.mark.parametrize("function", [*FUNCTIONS, "api"])
def test_the_calls_of_a_function_are_the_ones_that_are_swept(function: str) -> None:
    assert sorted(swept(function)) == trace.committed()[function]


def test_the_committed_trace_names_every_function_and_no_other() -> None:
    assert sorted(trace.committed()) == sorted([*FUNCTIONS, "api"])


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("scenario", STORIES)
def test_a_fault_at_any_call_of_a_function_changes_nothing_in_the_end(scenario: str, function: str) -> None:
    calls, expected = reference(scenario)
    mine = [call for call in calls if call.function == function]
    cases = trace.cases(trace.telling(mine) if function in READS_A_LOT else mine)
    assert cases or (scenario, function) in NOT_CALLED
    assert_nothing_differs(scenario, cases, expected)


@pytest.mark.parametrize("step", STEPS)
def test_a_fault_at_any_call_of_what_people_decide_changes_nothing_in_the_end(step: str) -> None:
    calls, expected = reference(step)
    assert expected["refused to people"] == []
    cases = trace.cases(call for call in calls if call.function == "api")
    cases += trace.cases(trace.telling(call for call in calls if call.function in SET_OFF))
    assert {call.function for call in calls} >= {"api"}
    assert_nothing_differs(step, cases, expected)


def test_every_write_of_the_api_about_customers_is_swept() -> None:
    swept = {access._route(path) for _method, path, _body in STEPS.values()}
    writes = {path for method, path in access.SCOPES if method != "GET" and path.startswith(ABOUT_CUSTOMERS)}
    assert swept == writes


def assert_nothing_differs(scenario: str, cases: list[At], expected: dict[str, Any]) -> None:
    wrong = [why for case in cases if (why := differs(scenario, case, expected))]
    assert not wrong, "\n".join([f"{len(wrong)} of {len(cases)} cases", *wrong[:5]])


def differs(scenario: str, case: At, expected: dict[str, Any]) -> str:
    """What is different after the scenario with that fault; empty where nothing is."""
    injector = Injector(case)
    world, accounts = trace.play(scenario, injector)
    left = snapshot(world, accounts)
    known = trace.committed()
    unseen = {call for call in injector.calls if call.operation not in known[call.function]}
    if not injector.hits:
        return f"{case}: was not reached"
    if unseen:
        return f"{case}: calls that the sweep does not cover: {sorted({call.operation for call in unseen})}"
    found = list(differences(expected, left))
    return f"{case}: {'; '.join(found[:3])}" if found else ""
