"""The stand-in for Pipedrive refuses what Pipedrive refuses, and announces what happens as Pipedrive does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.pipedrive import CONNECTOR
from connectors.pipedrive.client import build
from hub.delivery import Connection, Delivery
from hub.domain.events import Event, Mapped
from hub.domain.sync import Change, NewRecord
from hub.errors import Retry
from hub.http import HttpClient
from hub.limits import limited
from hub.memory import FakeClock
from hub.memory_store import MemoryStore
from infra.local.standins.misbehaving import Hook
from infra.local.standins.pipedrive import Pipedrive
from tests.harness.platforms import Platforms

TOKEN = "token-of-the-example"
HOST = "api.pipedrive.com"
V2 = "/api/v2"
SETTINGS = {"company_id": "7700123", "default_region": "JP", "api_user_id": "880100"}
CONNECTION = Connection("p" * 26, "pipedrive", settings=SETTINGS)


class Company:
    """A company, asked without our client."""

    def __init__(self, **more: Any) -> None:
        self.clock = FakeClock()
        self.pipedrive = Pipedrive(TOKEN, now=self.clock.now, **more)
        self.standin = self.pipedrive.standin()
        exchange = Platforms({HOST: self.standin}).exchange
        self.http = HttpClient(clock=self.clock, exchange=exchange, uniform=lambda: 0.0, most_attempts=1)

    def ask(self, method: str, path: str, body: Any = None, token: str = TOKEN) -> tuple[int, Any]:
        headers = {"x-api-token": token}
        answer = self.http.request(method, f"https://{HOST}{path}", hosts=[HOST], headers=headers, json=body)
        return answer.status, answer.json()


@pytest.fixture
def company() -> Company:
    return Company()


def mapped(hook: Hook) -> Mapped:
    delivery = Delivery(CONNECTION.id, "pipedrive", "crm", "2026-11-22T12:00:00.000Z", hook.body)
    return CONNECTOR.map_delivery(delivery, CONNECTION)


def event(hook: Hook) -> Event:
    (found,) = mapped(hook).events
    return found


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "Aya", "org_id": "7"}, "org_id"),
        ({"name": "Aya", "org_id": 7}, "org_id"),
        ({"name": "Aya", "first_name": "Aya"}, "first_name"),
        ({"name": "Aya", "nickname": "A"}, "nickname"),
        ({"name": "Aya", "emails": ["aya@example.com"]}, "emails"),
        ({"name": "Aya", "emails": [{"value": "a@example.com", "primary": 1}]}, "emails"),
        ({"name": "Aya", "custom_fields": {"renkei_id": "1"}}, "renkei_id"),
        ({"name": "Aya", "owner_id": 12}, "owner_id"),
        ({"name": "Aya", "add_time": "2026-11-22 10:00:00"}, "add_time"),
    ],
)
def test_a_request_that_does_not_fit_is_refused_by_name(company: Company, body: Any, named: str) -> None:
    status, told = company.ask("POST", f"{V2}/persons", body)
    assert (status, told["success"], told["code"]) == (400, False, "ERR_BAD_REQUEST")
    assert f"'{named}'" in told["error"]


def test_an_activity_has_its_person_from_its_participants_alone(company: Company) -> None:
    person = int(company.pipedrive.enter("person", {"name": "Aya"}))
    body = {"subject": "Call", "participants": [{"person_id": person, "primary": True}]}
    assert company.ask("POST", f"{V2}/activities", body)[1]["data"]["person_id"] == person
    status, told = company.ask("POST", f"{V2}/activities", {"subject": "Call", "person_id": person})
    assert status == 400 and told["error"] == "'person_id' is a read-only field."


def test_who_has_no_token_is_shut_out(company: Company) -> None:
    assert company.ask("GET", f"{V2}/persons", token="another")[0] == 401


def test_e_mail_addresses_need_not_be_unique(company: Company) -> None:
    body = {"name": "Aya", "emails": [{"value": "aya@example.com", "primary": True, "label": "work"}]}
    assert [company.ask("POST", f"{V2}/persons", body)[0] for _ in range(2)] == [201, 201]


@pytest.mark.parametrize("query", ["limit=501", "sort_by=name", "first_char=a", "cursor=x"])
def test_a_list_that_is_asked_wrongly_is_refused(company: Company, query: str) -> None:
    assert company.ask("GET", f"{V2}/persons?{query}")[0] == 400


def test_a_search_needs_two_letters_where_it_is_not_exact(company: Company) -> None:
    assert company.ask("GET", f"{V2}/persons/search?term=a&fields=email")[0] == 400
    assert company.ask("GET", f"{V2}/persons/search?term=a&fields=email&exact_match=true")[0] == 200


def test_a_deleted_record_is_marked_and_no_longer_listed(company: Company) -> None:
    person = company.pipedrive.enter("person", {"name": "Aya"})
    company.pipedrive.remove("person", person)
    assert company.ask("GET", f"{V2}/persons/{person}")[1]["data"]["is_deleted"] is True
    assert company.ask("GET", f"{V2}/persons")[1]["data"] == []
    assert company.ask("PATCH", f"{V2}/persons/{person}", {"name": "Ben"})[0] == 404


def test_times_are_whole_seconds_and_a_change_of_nothing_is_none(company: Company) -> None:
    person = company.pipedrive.enter("person", {"name": "Aya"})
    at = company.ask("GET", f"{V2}/persons/{person}")[1]["data"]["update_time"]
    assert len(at) == len("2026-11-22T11:46:41Z")
    company.clock.sleep(5)
    company.ask("PATCH", f"{V2}/persons/{person}", {"name": "Aya"})
    assert company.ask("GET", f"{V2}/persons/{person}")[1]["data"]["update_time"] == at
    assert len(company.pipedrive.hooks) == 1


def test_every_notification_is_one_that_the_connector_knows(company: Company) -> None:
    pipedrive = company.pipedrive
    one = pipedrive.enter("organization", {"name": "Takagi"})
    person = pipedrive.enter("person", {"name": "Aya", "org_id": int(one)})
    pipedrive.enter("deal", {"title": "Roof", "person_id": int(person)})
    company.ask("PATCH", f"{V2}/persons/{person}", {"org_id": None})
    pipedrive.remove("person", person)
    types = [event(hook).type for hook in pipedrive.hooks]
    assert types == ["company.changed", "contact.changed", "deal.changed", "contact.changed", "contact.deleted"]
    assert [event(hook).data.get("ours", False) for hook in pipedrive.hooks] == [False, False, False, True, False]
    assert event(pipedrive.hooks[3]).data["changed"] == ["company_ref"]


def test_our_own_change_may_be_announced_as_a_persons(company: Company) -> None:
    company.pipedrive.misbehaviour.echo_as = "user"
    company.ask("POST", f"{V2}/persons", {"name": "Aya"})
    assert event(company.pipedrive.hooks[0]).data["ours"] is False


def test_automations_run_under_the_same_user_and_are_announced_too(company: Company) -> None:
    company.pipedrive.misbehaviour.automations.append(lambda _kind, _id, _written: {"job_title": "VIP"})
    company.ask("POST", f"{V2}/persons", {"name": "Aya"})
    first, second = (event(hook) for hook in company.pipedrive.hooks)
    assert (first.data["ours"], second.data["ours"], second.data["changed"]) == (True, True, ["title"])


def test_every_answer_tells_what_is_left() -> None:
    company = Company(most_in_window=3, daily_tokens=100)
    headers = {"x-api-token": TOKEN}
    answer = company.http.request("GET", f"https://{HOST}{V2}/persons", hosts=[HOST], headers=headers)
    assert (answer.headers["x-ratelimit-remaining"], answer.headers["x-daily-requests-left"]) == ("2", "90")


def test_what_the_connector_declares_keeps_it_within_the_tokens_of_a_day() -> None:
    company = Company(most_in_window=20, daily_tokens=400)
    connection = Connection("p" * 26, "pipedrive", settings={**SETTINGS, "daily_tokens": 400})
    http = limited(company.http, connection, CONNECTOR, MemoryStore(), company.clock, uniform=lambda: 0.0)
    client = build(connection, {"api_token": TOKEN}, http, company.clock)
    done, waited = 0, 0
    while waited < 60:
        try:
            _work(company, client, done)
            done += 1
        except Retry as later:
            waited = later.after_s
            company.clock.sleep(min(waited, 5))
    spent = sum(company.pipedrive.limits.spent.values())
    assert 380 <= spent <= 400 and done > 10
    assert 429 not in {call["status"] for call in company.standin.journal.calls}


def _work(company: Company, client: Any, number: int) -> None:
    if number == 0:
        client.set_up()
    elif number == 1:
        client.create("contact", NewRecord(reference="customer-1", fields={"name": "Aya"}))
    else:
        person = str(company.pipedrive.records.rows("person")[0]["id"])
        client.write("contact", [Change(id=person, fields={"name": f"Aya {number}"})])


def test_two_runs_say_the_same() -> None:
    def bodies() -> list[Any]:
        company = Company()
        company.pipedrive.edit("person", company.pipedrive.enter("person", {"name": "Aya"}), {"name": "Ben"})
        return [json.loads(hook.body) for hook in company.pipedrive.hooks]

    assert bodies() == bodies()
