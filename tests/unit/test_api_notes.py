"""A note or task that a person writes is on the timeline and, once, on the customer's contact in every CRM."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from tests.harness.office import Office
from tests.unit.api_client import AGENT, Client

EMAIL = "mio@example.com"
TEXT = "Calls back on Monday."


class Case:
    """One person in HubSpot, Salesforce and Pipedrive."""

    def __init__(self) -> None:
        self.office = Office(("hubspot", "salesforce", "pipedrive"))
        self.contact = self.office["hubspot"].enter(last_name="Kato", email=EMAIL)
        for name in ("salesforce", "pipedrive"):
            self.office[name].enter(last_name="Kato", email=EMAIL)
        self.office.settle()
        self.client = Client(self.office.world.plain_hub, (AGENT,))
        self.office.platforms.standins["api.hubapi.com"].journal.calls.clear()

    @property
    def address(self) -> str:
        found = self.office.customer("hubspot", self.contact)
        assert found is not None
        return f"/v1/customers/{found.id}"

    def write(self, what: str, body: dict[str, Any], **headers: str) -> Any:
        answer = self.client.post(f"{self.address}/{what}", body, **headers)
        assert answer.status == 200, answer.text
        self.office.settle()
        return answer.json

    def rows(self, kind: str) -> dict[str, int]:
        """How many notes or tasks each CRM holds that say what was written."""
        hubspot: Any = self.office["hubspot"].standin
        salesforce: Any = self.office["salesforce"].standin
        pipedrive: Any = self.office["pipedrive"].standin
        return {
            "hubspot": _count(one.values() for one in hubspot.records.of(f"{kind}s").values()),
            "salesforce": _count(salesforce.rows.of("Task").values()),
            "pipedrive": _count(pipedrive.records.rows("note" if kind == "note" else "activity")),
        }


def _count(rows: Iterable[Any]) -> int:
    return sum(1 for row in rows if TEXT in str(row))


@pytest.fixture
def case() -> Case:
    return Case()


@pytest.mark.parametrize(("what", "body"), [("notes", {"text": TEXT}), ("tasks", {"title": TEXT})])
def test_it_is_on_the_timeline_and_once_in_each_crm(case: Case, what: str, body: dict[str, Any]) -> None:
    entry = case.write(what, body)
    case.office.repeat_all()
    case.office.settle()
    timeline = case.client.get(f"{case.address}/timeline").json["entries"]
    assert [one["id"] for one in timeline if one["kind"] == "activity"] == [entry["id"]]
    assert case.rows(what.removesuffix("s")) == {"hubspot": 1, "salesforce": 1, "pipedrive": 1}


def test_by_one_key_it_is_written_once(case: Case) -> None:
    first, second = (case.write("notes", {"text": TEXT}, Idempotency_Key="note-1") for _ in range(2))
    assert first == second
    assert case.rows("note")["hubspot"] == 1


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("notes", {"text": ""}),
        ("tasks", {"title": ""}),
        ("tasks", {"title": TEXT, "due_at": "Monday"}),
        ("tasks", {"title": TEXT, "owner": "Ken"}),
    ],
)
def test_what_says_nothing_is_refused(case: Case, what: str, body: dict[str, Any]) -> None:
    assert case.client.post(f"{case.address}/{what}", body).status == 422
