"""What contradicts itself waits for a person; what a person says is a claim, written to every platform, and taken back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness.office import IDS, Office
from tests.unit.api_client import AGENT, Client

EMAIL = "mio@example.com"


class Case:
    """One person in HubSpot and Salesforce, whose titles were different before anybody knew they are one."""

    def __init__(self) -> None:
        self.office = Office()
        self.buyer = self.office["hubspot"].enter(last_name="Kato", email=EMAIL, title="Buyer")
        self.office.settle()
        self.office.wait(600)
        self.head = self.office["salesforce"].enter(last_name="Kato", title="Head buyer")
        self.office.settle()
        self.office.wait(600)
        self.office["salesforce"].edit(self.head, email=EMAIL)
        self.office.settle()
        self.client = Client(self.office.world.plain_hub, (AGENT,))

    @property
    def address(self) -> str:
        found = self.office.customer("hubspot", self.buyer)
        assert found is not None
        return f"/v1/customers/{found.id}/fields/title"

    def conflicts(self) -> list[Any]:
        return list(self.client.get("/v1/field-conflicts").json["conflicts"])

    def choose(self, value: str | None) -> Any:
        answer = self.client.post(f"{self.address}/choose", {"value": value, "why": "She told us"})
        assert answer.status == 200, answer.text
        self.office.settle()
        return answer.json

    def titles(self) -> tuple[str | None, str | None]:
        return self.office["hubspot"].held(self.buyer, "title"), self.office["salesforce"].held(self.head, "title")


@pytest.fixture
def case() -> Case:
    return Case()


def test_what_was_different_before_the_link_waits_with_both_values_sources_and_times(case: Case) -> None:
    (open_,) = case.conflicts()
    assert (open_["field"], open_["kind"]) == ("title", "before_link")
    assert {(one["value"], one["source"]["platform"]) for one in open_["claims"]} == {
        ("Buyer", "hubspot"),
        ("Head buyer", "salesforce"),
    }
    assert all(one["at"] for one in open_["claims"])
    assert case.titles() == ("Buyer", "Head buyer")


@pytest.mark.parametrize("value", ["Buyer", "Head buyer", "Director"])
def test_a_choice_settles_it_and_is_written_where_it_is_not_held(case: Case, value: str) -> None:
    explained = case.choose(value)
    assert explained["value"] == value
    said = [explained["claim"], *explained["others"]]
    assert [one["value"] for one in said if one["source"]["platform"] == "renkei"] == [value]
    assert [one["withdrawn"] for one in explained["choices"]] == [False]
    assert case.titles() == (value, value)
    assert case.conflicts() == []


def test_nothing_may_be_chosen_too(case: Case) -> None:
    case.choose(None)
    assert case.titles() == (None, None)


def test_the_inbox_can_be_that_of_one_connection(case: Case) -> None:
    for name in ("hubspot", "salesforce"):
        (one,) = case.client.get("/v1/field-conflicts", connection=IDS[name]).json["conflicts"]
        assert one["field"] == "title"
    assert case.client.get("/v1/field-conflicts", connection="somewhere").json == {"conflicts": [], "next": None}


def test_a_former_value_comes_back_by_one_call_and_is_written_everywhere(case: Case) -> None:
    case.choose("Director")
    answer = case.client.post(f"{case.address}/revert", {"value": "Buyer", "why": "It was right before"})
    assert (answer.status, answer.json["value"], answer.json["pin"]["why"]) == (200, "Buyer", "It was right before")
    case.office.settle()
    assert case.titles() == ("Buyer", "Buyer")
    case.client.post(f"{case.address}/revert", {"value": None, "why": "Let them say it again"})
    case.office.settle()
    assert case.titles() == ("Director", "Director")


def test_a_choice_yields_to_what_is_said_later_on_a_platform(case: Case) -> None:
    case.choose("Director")
    case.office.wait(60)
    case.office["hubspot"].edit(case.buyer, title="Retired")
    case.office.settle()
    assert case.titles() == ("Retired", "Retired")


def test_a_choice_that_is_withdrawn_leaves_what_the_platforms_say(case: Case) -> None:
    case.choose("Director")
    answer = case.client.post(f"{case.address}/choose/withdraw", {"why": "It was somebody else"})
    assert answer.status == 200
    assert answer.json["value"] == "Head buyer"
    assert [one["withdrawn"] for one in answer.json["choices"]] == [True, False]
    case.office.settle()
    assert case.titles() == ("Head buyer", "Head buyer")


def test_what_was_written_by_a_choice_is_told_with_what_stood_there_before(case: Case) -> None:
    case.choose("Director")
    timeline = case.client.get(f"{case.address.removesuffix('/fields/title')}/timeline").json
    told = [one["shown"] for one in timeline["entries"] if one["kind"] == "sync"]
    written = {(one["before"], one["value"]) for shown in told for one in shown["written"] if one["field"] == "title"}
    assert {("Buyer", "Director"), ("Head buyer", "Director")} <= written


def test_choosing_twice_by_one_key_is_choosing_once(case: Case) -> None:
    for _ in range(2):
        body = {"value": "Director", "why": "She told us"}
        answer = case.client.post(f"{case.address}/choose", body, Idempotency_Key="choose-1")
        assert answer.status == 200
    assert len(case.client.get(case.address).json["choices"]) == 1


def test_a_choice_needs_its_reason_and_a_field_that_somebody_spoke_of(case: Case) -> None:
    assert case.client.post(f"{case.address}/choose", {"value": "Director", "why": ""}).status == 422
    nowhere = case.address.replace("title", "shoe_size")
    assert case.client.post(f"{nowhere}/choose", {"value": "42", "why": "She told us"}).status == 404


def test_a_conflict_that_another_platform_settles_is_gone(case: Case) -> None:
    case.office.wait(60)
    case.office["salesforce"].edit(case.head, title="Director")
    case.office.settle()
    assert case.conflicts() == []
    assert case.titles() == ("Director", "Director")


def test_whoever_repeats_one_of_the_values_after_the_link_has_decided_it() -> None:
    third = Office(("hubspot", "salesforce", "pipedrive"))
    buyer = third["hubspot"].enter(last_name="Kato", email=EMAIL, title="Buyer")
    third.settle()
    third.wait(600)
    head = third["salesforce"].enter(last_name="Kato", title="Head buyer")
    third.settle()
    third.wait(600)
    third["salesforce"].edit(head, email=EMAIL)
    third.settle()
    third.wait(600)
    person = third["pipedrive"].enter(last_name="Kato", email=EMAIL)
    third.settle()
    third.wait(600)
    third["pipedrive"].edit(person, title="Buyer")
    third.settle()
    titles = third["hubspot"].held(buyer, "title"), third["salesforce"].held(head, "title")
    assert titles == ("Buyer", "Buyer")
