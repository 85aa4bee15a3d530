"""Who is on a leg, and how calls are answered, for platforms that carry calls between numbers."""

from __future__ import annotations

from typing import Any

import pytest

from hub.call_plan import DEFAULT_VOICEMAIL, Plan, is_voicemail, plan_of, voicemail_url
from hub.delivery import Connection
from hub.legs import inbound, international, outbound, party, seconds_between, written

CALLER, OURS, AGENT = "+12025550123", "+442079460100", "+442079460155"


def connection(**settings: Any) -> Connection:
    return Connection("a" * 26, "example", settings=settings)


def test_an_outbound_leg_names_nobody_unless_the_settings_say_whom_it_reaches() -> None:
    assert not outbound(OURS, CALLER, connection()).customer.identifiers
    assert outbound(OURS, CALLER, connection(outbound_legs="customer")).customer.identifiers[0].value == CALLER


@pytest.mark.parametrize(
    "settings",
    [
        {"agent_numbers": ["020 7946 0155"], "default_region": "GB"},
        {"own_numbers": [AGENT]},
        {"dial_number": AGENT},
        {"voice_instructions": {"dial": AGENT}},
    ],
)
def test_a_number_of_ours_is_never_a_customer(settings: dict[str, Any]) -> None:
    sides = outbound(OURS, AGENT, connection(outbound_legs="customer", **settings))
    assert sides.agent == AGENT and not sides.customer.identifiers


def test_an_agent_who_calls_in_is_no_customer() -> None:
    sides = inbound(AGENT, OURS, connection(agent_numbers=[AGENT], own_numbers=[OURS]))
    assert sides.direction == "internal" and not sides.customer.identifiers


def test_the_number_that_callers_are_connected_to_may_call_as_a_customer() -> None:
    assert inbound(AGENT, OURS, connection(dial_number=AGENT)).customer.identifiers[0].value == AGENT


@pytest.mark.parametrize(
    ("raw", "reason"),
    [("anonymous", "withheld"), ("Restricted", "withheld"), ("sip:desk@example.com", "sip"), ("12", "invalid")],
)
def test_what_is_no_number_is_kept_with_the_reason(raw: str, reason: str) -> None:
    found = party(raw, connection())
    assert (found.identifiers, found.raw_phone, found.phone_reason) == ((), raw, reason)


def test_the_plus_is_added_only_for_platforms_that_leave_it_out() -> None:
    found = international("12025550123", connection())
    assert found and found.value == CALLER
    assert written("12025550123", connection()) is None


def test_a_duration_that_would_be_negative_is_unknown() -> None:
    start, end = "2026-11-22T11:50:00Z", "2026-11-22T11:50:41.9Z"
    assert (seconds_between(start, end), seconds_between(end, start), seconds_between(None, end)) == (41, None, None)


@pytest.mark.parametrize("wrong", [None, 7, "x", [], {"say": 7, "timeout_s": True, "record": 1, "voicemail": "true"}])
def test_settings_of_a_wrong_type_count_as_missing(wrong: Any) -> None:
    assert plan_of({"voice_instructions": wrong, "dial_number": ["x"]}) == Plan(voicemail_say=DEFAULT_VOICEMAIL)


def test_the_mark_of_a_voicemail_is_a_parameter_of_its_own() -> None:
    assert is_voicemail(voicemail_url("https://hub.example/x").partition("?")[2]) and is_voicemail("a=1&voicemail=1")
    assert not any(map(is_voicemail, ("", "voicemail=10", "xvoicemail=1", "a=voicemail%3D1")))
