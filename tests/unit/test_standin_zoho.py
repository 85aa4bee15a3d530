"""The stand-in for Zoho CRM refuses what Zoho refuses, and announces what happens as Zoho does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.zoho import CONNECTOR
from connectors.zoho.watching import MODULES
from hub.delivery import Connection, Delivery
from hub.domain.events import Event
from hub.http import HttpClient
from hub.memory import FakeClock
from hub.ports import HttpResponse
from infra.local.standins.zoho import Zoho
from tests.harness.platforms import Platforms

TOKEN = "token-of-the-example"
HOST = "www.zohoapis.com"
CHANNEL = "1000000068100"
CONNECTION = Connection("z" * 26, "zoho", settings={"channel_ids": [CHANNEL], "default_region": "JP"})


class Organization:
    """An organization, asked without our client."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.zoho = Zoho(TOKEN, now=self.clock.now)
        exchange = Platforms({HOST: self.zoho.standin()}).exchange
        self.http = HttpClient(clock=self.clock, exchange=exchange, uniform=lambda: 0.0, most_attempts=1)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        sent = {"authorization": f"Zoho-oauthtoken {TOKEN}", **headers}
        return self.http.request(method, f"https://{HOST}/crm/v8{path}", hosts=[HOST], headers=sent, json=body)

    def insert(self, module: str, **values: Any) -> tuple[int, dict[str, Any]]:
        answer = self.ask("POST", f"/{module}", {"data": [values]})
        return answer.status, answer.json()["data"][0]

    def events(self) -> list[Event]:
        deliveries = [
            Delivery(CONNECTION.id, "zoho", "crm", "2026-11-22T12:00:00.000Z", hook.body) for hook in self.zoho.hooks
        ]
        found = [CONNECTOR.map_delivery(delivery, CONNECTION) for delivery in deliveries]
        assert not [one for mapped in found for one in mapped.unmapped]
        return [one for mapped in found for one in mapped.events]


@pytest.fixture
def organization() -> Organization:
    made = Organization()
    made.zoho.channels.open(CHANNEL, "t0ken", MODULES)
    return made


@pytest.mark.parametrize(
    ("module", "values", "code", "name"),
    [
        ("Contacts", {"First_Name": "Aya"}, "MANDATORY_NOT_FOUND", "Last_Name"),
        ("Contacts", {"Last_Name": ""}, "MANDATORY_NOT_FOUND", "Last_Name"),
        ("Contacts", {"Last_Name": "x" * 81}, "INVALID_DATA", "Last_Name"),
        ("Contacts", {"Last_Name": "A", "Email": "nobody"}, "INVALID_DATA", "Email"),
        ("Contacts", {"Last_Name": "A", "Phone": "anonymous"}, "INVALID_DATA", "Phone"),
        ("Contacts", {"Last_Name": "A", "Email_Opt_Out": "true"}, "INVALID_DATA", "Email_Opt_Out"),
        ("Contacts", {"Last_Name": "A", "Account_Name": "Takagi"}, "INVALID_DATA", "Account_Name"),
        ("Contacts", {"Last_Name": "A", "Account_Name": {"id": "7"}}, "INVALID_DATA", "Account_Name"),
        ("Contacts", {"Last_Name": "A", "Owner": {"id": "7"}}, "INVALID_DATA", "Owner"),
        ("Accounts", {"Account_Name": "A", "Employees": "12"}, "INVALID_DATA", "Employees"),
        ("Calls", {"Subject": "A", "Call_Type": "Inbound", "Call_Start_Time": "2026-11-20T01:02:03+00:00"},
         "MANDATORY_NOT_FOUND", "Call_Duration"),
        ("Calls", {"Subject": "A", "Call_Type": "Inbound", "Call_Start_Time": "2026-11-20 01:02", "Call_Duration": "1:05"},
         "INVALID_DATA", "Call_Start_Time"),
        ("Tasks", {"Subject": "A", "Priority": "urgent"}, "INVALID_DATA", "Priority"),
        ("Tasks", {"Subject": "A", "Due_Date": "2026-11-20T01:02:03Z"}, "INVALID_DATA", "Due_Date"),
    ],
)  # fmt: skip
def test_a_record_that_does_not_fit_is_refused_by_its_field(
    organization: Organization, module: str, values: dict[str, Any], code: str, name: str
) -> None:
    status, told = organization.insert(module, **values)
    assert (status, told["status"], told["code"], told["details"]["api_name"]) == (202, "error", code, name)
    assert organization.zoho.hooks == []


def test_of_several_records_each_has_its_own_result(organization: Organization) -> None:
    answer = organization.ask("POST", "/Contacts", {"data": [{"Last_Name": "A"}, {"First_Name": "B"}]})
    assert answer.status == 207
    assert [one["code"] for one in answer.json()["data"]] == ["SUCCESS", "MANDATORY_NOT_FOUND"]


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("POST", "/Contacts", {"data": [{"Last_Name": "A"}] * 101}, "INVALID_DATA"),
        ("POST", "/Contacts", {"data": [], "trigger": []}, "INVALID_DATA"),
        ("POST", "/Contacts", {"records": [{"Last_Name": "A"}]}, "INVALID_DATA"),
        ("POST", "/Nothing", {"data": [{"Last_Name": "A"}]}, "INVALID_MODULE"),
        ("POST", "/Calls/upsert", {"data": [{"Subject": "A"}], "duplicate_check_fields": []}, "NOT_SUPPORTED"),
        ("POST", "/Contacts/upsert", {"data": [{"Last_Name": "A"}], "duplicate_check_fields": ["Title"]}, "INVALID_DATA"),
        ("GET", "/Contacts", None, "REQUIRED_PARAM_MISSING"),
        ("GET", f"/Contacts?fields={','.join(['Title'] * 51)}", None, "LIMIT_EXCEEDED"),
        ("GET", f"/Contacts?fields=id&ids={','.join(['1'] * 101)}", None, "LIMIT_EXCEEDED"),
        ("POST", "/coql", {"select_query": "select id from Contacts"}, "SYNTAX_ERROR"),
        ("POST", "/coql", {"select_query": "select id from Contacts where Title = 'A' order by id asc limit 5"},
         "INVALID_QUERY"),
        ("POST", "/coql", {"select_query": "select id from Contacts where id > 1 order by id asc limit 2001"},
         "LIMIT_EXCEEDED"),
        ("GET", "/settings/fields", None, "REQUIRED_PARAM_MISSING"),
    ],
)  # fmt: skip
def test_a_request_that_zoho_would_refuse_is_refused(
    organization: Organization, method: str, path: str, body: Any, code: str
) -> None:
    answer = organization.ask(method, path, body)
    assert (answer.status, answer.json()["code"]) == (400, code)


def test_who_has_no_token_is_shut_out(organization: Organization) -> None:
    assert organization.ask("GET", "/users", authorization="Bearer x").status == 401


def test_addresses_become_small_letters_and_texts_lose_their_spaces(organization: Organization) -> None:
    _, made = organization.insert("Contacts", Last_Name=" Kobayashi ", Email="Aya@Example.com", Title=" ")
    held = organization.zoho.held("Contacts", made["details"]["id"])
    assert held and (held["Last_Name"], held["Email"], held["Title"]) == ("Kobayashi", "aya@example.com", None)


def test_a_record_that_has_changed_since_is_not_overwritten(organization: Organization) -> None:
    contact = organization.zoho.enter("Contacts", {"Last_Name": "Kobayashi"})
    held = organization.zoho.held("Contacts", contact)
    assert held
    guard = {"if-unmodified-since": held["Modified_Time"]}
    body = {"data": [{"Title": "CEO"}]}
    organization.clock.sleep(2)
    assert organization.ask("PUT", f"/Contacts/{contact}", body, **guard).status == 200
    answer = organization.ask("PUT", f"/Contacts/{contact}", {"data": [{"Title": "CTO"}]}, **guard)
    assert (answer.status, answer.json()["code"]) == (412, "ALREADY_MODIFIED")


def test_every_notification_is_one_that_the_connector_knows(organization: Organization) -> None:
    zoho = organization.zoho
    zoho.enter("Accounts", {"Account_Name": "Takagi"})
    contact = zoho.enter("Contacts", {"Last_Name": "Kobayashi"})
    zoho.enter("Deals", {"Deal_Name": "Roof", "Stage": "Closed Won"})
    organization.ask("PUT", f"/Contacts/{contact}", {"data": [{"Title": "CEO", "Last_Name": "Kobayashi"}]})
    zoho.remove("Contacts", contact)
    assert [one.type for one in organization.events()] == [
        "company.changed", "contact.changed", "record.touched", "deal.changed", "contact.changed", "record.touched",
        "contact.deleted",
    ]  # fmt: skip
    assert organization.events()[4].data["changed"] == ["title"]


def test_a_channel_may_send_ids_alone(organization: Organization) -> None:
    wanted = {"channel_id": CHANNEL, "events": ["Contacts.edit"], "notify_url": "https://hub.example", "token": "t"}
    assert organization.ask("POST", "/actions/watch", {"watch": [wanted]}).status == 201
    contact = organization.zoho.enter("Contacts", {"Last_Name": "Kobayashi"})
    organization.zoho.edit("Contacts", contact, {"Title": "CEO"})
    (touched,) = organization.events()
    assert (touched.type, touched.data["fields"]) == ("record.touched", ["Title"])
    organization.clock.sleep(3601)
    organization.zoho.edit("Contacts", contact, {"Title": "CTO"})
    assert len(organization.zoho.hooks) == 1


@pytest.mark.parametrize(
    "wrong",
    [{"channel_expiry": "2099-01-01T00:00:00+00:00"}, {"channel_id": "x"}, {"token": "x" * 51}, {"url": "x"}],
)
def test_a_channel_that_zoho_would_not_open_is_refused(organization: Organization, wrong: dict[str, str]) -> None:
    wanted = {"channel_id": "1", "events": ["Contacts.all"], "notify_url": "https://hub.example", **wrong}
    answer = organization.ask("POST", "/actions/watch", {"watch": [wanted]})
    assert (answer.status, answer.json()["watch"][0]["status"]) == (202, "error")


def test_automations_run_under_who_set_them_off_and_are_announced_too(organization: Organization) -> None:
    organization.zoho.misbehaviour.automations.append(lambda _module, _id, _written: {"Title": "VIP"})
    organization.insert("Contacts", Last_Name="Kobayashi")
    shown = [json.loads(hook.body)["affected_values"][0]["values"] for hook in organization.zoho.hooks]
    assert shown == [{"Last_Name": "Kobayashi"}, {"Title": "VIP"}]
