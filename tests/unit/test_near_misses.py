"""The author that a platform names is a hint: it decides nothing, and where the ledger knows better it is counted."""

from __future__ import annotations

import pytest

from tests.harness.office import Office

EMAIL = "mio@example.com"


def office(echo_as: str) -> tuple[Office, str, str]:
    made = Office()
    made["hubspot"].standin.misbehaviour.echo_as = echo_as  # type: ignore[assignment]
    here = made["hubspot"].enter(last_name="Kato", email=EMAIL)
    there = made["salesforce"].enter(last_name="Kato", email=EMAIL)
    made.settle()
    made.wait(600)
    return made, here, there


def misses(made: Office) -> int:
    counters: dict[str, int] = made.world.telemetry.counters  # type: ignore[attr-defined]
    return counters["sync.echo_near_miss"]


@pytest.mark.parametrize(("echo_as", "missed"), [("app", 0), ("user", 1)])
def test_an_echo_is_known_whoever_is_named_as_its_author(echo_as: str, missed: int) -> None:
    made, here, there = office(echo_as)
    made["salesforce"].edit(there, title="Buyer")
    made.settle()
    assert made["hubspot"].held(here, "title") == "Buyer"
    assert made["salesforce"].held(there, "title") == "Buyer"
    assert misses(made) == missed


def test_what_the_platform_calls_ours_and_the_ledger_does_not_know_is_counted_and_heard() -> None:
    made, here, there = office("app")
    standin = made["hubspot"].standin
    made.wait(60)
    written = made.platforms.exchange  # somebody else works under our app
    answer = written(
        "POST",
        "https://api.hubapi.com/crm/objects/2026-09/contacts/batch/update",
        {"authorization": "Bearer hs-token", "content-type": "application/json"},
        b'{"inputs": [{"id": "%s", "properties": {"jobtitle": "Head buyer"}}]}' % here.encode(),
        10.0,
    )
    assert answer.status == 200 and standin.hooks
    made.settle()
    assert misses(made) == 1
    assert made["salesforce"].held(there, "title") == "Head buyer"
