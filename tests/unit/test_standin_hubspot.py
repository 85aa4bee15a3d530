"""The HubSpot stand-in refuses what HubSpot refuses, in HubSpot's words."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from infra.local.standins.hubspot import HubSpot

OBJECTS = "/crm/objects/2026-09"
CALL = {"hs_timestamp": "2026-11-20T01:02:03.000Z", "hs_call_duration": "95000", "hs_call_direction": "INBOUND"}
MESSAGE = {
    "hs_timestamp": "1763600000000",
    "hs_communication_channel_type": "WHATS_APP",
    "hs_communication_logged_from": "CRM",
}
UNIQUE = {
    "name": "our_id",
    "label": "Our id",
    "type": "string",
    "fieldType": "text",
    "groupName": "callinformation",
    "hasUniqueValue": True,
}


@pytest.fixture
def hubspot() -> TestClient:
    client = TestClient(HubSpot("token").standin().app(), headers={"authorization": "Bearer token"})
    for kind in ("calls", "communications"):
        assert client.post(f"/crm/properties/2026-09/{kind}", json=UNIQUE).status_code == 201
    return client


def upsert(hubspot: TestClient, kind: str, properties: dict[str, Any], our_id: str = "a") -> httpx.Response:
    inputs = [{"id": our_id, "idProperty": "our_id", "properties": properties}]
    answer: httpx.Response = hubspot.post(f"{OBJECTS}/{kind}/batch/upsert", json={"inputs": inputs})
    return answer


def contact(hubspot: TestClient, **properties: str) -> str:
    made: str = hubspot.post("/_standin/people", json={"properties": properties}).json()["id"]
    return made


@pytest.mark.parametrize("header", [{}, {"authorization": "Bearer other"}, {"authorization": "Basic dG9rZW4="}])
def test_a_call_without_the_token_is_refused(header: dict[str, str]) -> None:
    client = TestClient(HubSpot("token").standin().app())
    answer = client.get(f"{OBJECTS}/contacts/1", headers=header)
    assert (answer.status_code, answer.json()["category"]) == (401, "INVALID_AUTHENTICATION")


def test_an_upsert_creates_once_and_then_updates(hubspot: TestClient) -> None:
    first, second = (upsert(hubspot, "calls", CALL | {"hs_call_title": title}).json() for title in ("one", "two"))
    assert [first["results"][0]["new"], second["results"][0]["new"]] == [True, False]
    assert first["results"][0]["id"] == second["results"][0]["id"]
    assert [one["properties"]["hs_call_title"] for one in hubspot.get("/_standin/records").json()["calls"]] == ["two"]


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("calls", {"hs_call_title": "no time"}),
        ("calls", CALL | {"hs_timestamp": "2026-11-20 01:02:03"}),
        ("calls", CALL | {"hs_timestamp": "1763600000"}),
        ("calls", CALL | {"hs_call_duration": "95 s"}),
        ("calls", CALL | {"hs_call_direction": "inbound"}),
        ("calls", CALL | {"hs_call_status": "ANSWERED"}),
        ("calls", CALL | {"hs_call_recording_url": "http://example.com/a.mp3"}),
        ("calls", CALL | {"hs_call_colour": "blue"}),
        ("calls", CALL | {"hs_object_id": "7"}),
        ("calls", CALL | {"hs_call_title": {"text": "no text"}}),
        ("calls", CALL | {"hs_call_body": "x" * 65_537}),
        ("communications", {"hs_timestamp": "1763600000000"}),
        ("communications", MESSAGE | {"hs_communication_channel_type": "WHATSAPP"}),
        ("communications", MESSAGE | {"hs_communication_logged_from": "renkei"}),
    ],
)
def test_properties_that_hubspot_refuses_are_refused_and_nothing_is_written(
    hubspot: TestClient, kind: str, properties: dict[str, Any]
) -> None:
    answer = upsert(hubspot, kind, properties)
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")
    assert hubspot.get("/_standin/records").json()[kind] == []


def test_one_wrong_input_refuses_the_whole_batch(hubspot: TestClient) -> None:
    inputs = [
        {"id": str(number), "idProperty": "our_id", "properties": properties}
        for number, properties in enumerate((CALL, {"hs_call_colour": "blue", **CALL}))
    ]
    assert hubspot.post(f"{OBJECTS}/calls/batch/upsert", json={"inputs": inputs}).status_code == 400
    assert hubspot.get("/_standin/records").json()["calls"] == []


@pytest.mark.parametrize("id_property", [None, "hs_call_title"])
def test_an_upsert_needs_a_unique_property(hubspot: TestClient, id_property: str | None) -> None:
    inputs = [{"id": "a", "idProperty": id_property, "properties": CALL}]
    assert hubspot.post(f"{OBJECTS}/calls/batch/upsert", json={"inputs": inputs}).status_code == 400


@pytest.mark.parametrize("ids", [[], [str(n) for n in range(101)], ["1", "1"]])
def test_a_batch_holds_one_to_a_hundred_different_ids(hubspot: TestClient, ids: list[str]) -> None:
    body = {"inputs": [{"id": one} for one in ids], "properties": ["email"], "propertiesWithHistory": []}
    assert hubspot.post(f"{OBJECTS}/contacts/batch/read", json=body).status_code == 400


def test_a_batch_read_gives_what_is_there_and_names_what_is_missing(hubspot: TestClient) -> None:
    there = contact(hubspot, email="Aki@Example.com", phone="090-1234-5678")
    body = {"inputs": [{"id": there}, {"id": "1"}], "properties": ["email"], "propertiesWithHistory": ["phone"]}
    answer = hubspot.post(f"{OBJECTS}/contacts/batch/read", json=body)
    assert answer.status_code == 207
    [found] = answer.json()["results"]
    assert found["properties"]["email"] == "aki@example.com"
    assert [entry["value"] for entry in found["propertiesWithHistory"]["phone"]] == ["090-1234-5678"]
    assert answer.json()["errors"][0]["context"]["ids"] == ["1"]


def test_the_history_of_a_property_has_the_newest_value_first(hubspot: TestClient) -> None:
    there = contact(hubspot, jobtitle="first")
    hubspot.patch(f"{OBJECTS}/contacts/{there}", json={"properties": {"jobtitle": "second"}})
    shown = hubspot.get(f"{OBJECTS}/contacts/{there}", params={"propertiesWithHistory": "jobtitle"}).json()
    history = shown["propertiesWithHistory"]["jobtitle"]
    assert [entry["value"] for entry in history] == ["second", "first"]
    assert [entry["sourceType"] for entry in history] == ["INTEGRATION", "CRM_UI"]


def test_a_call_is_associated_with_a_contact_that_exists_by_the_default_type(hubspot: TestClient) -> None:
    person = contact(hubspot, email="aki@example.com")
    call = upsert(hubspot, "calls", CALL).json()["results"][0]["id"]
    answer = hubspot.put(f"{OBJECTS}/calls/{call}/associations/default/contacts/{person}")
    assert answer.json()["results"][0]["associationSpec"]["associationTypeId"] == 194
    assert hubspot.put(f"{OBJECTS}/calls/{call}/associations/default/contacts/1").status_code == 404


def test_a_property_is_created_once(hubspot: TestClient) -> None:
    again = hubspot.post("/crm/properties/2026-09/calls", json=UNIQUE)
    assert (again.status_code, again.json()["category"]) == (409, "OBJECT_ALREADY_EXISTS")
    assert hubspot.get("/crm/properties/2026-09/calls/our_id").json()["hasUniqueValue"] is True
    assert hubspot.get("/crm/properties/2026-09/calls/other").status_code == 404


def test_a_second_contact_with_the_same_email_is_refused(hubspot: TestClient) -> None:
    there = contact(hubspot, email="aki@example.com")
    answer = hubspot.post(f"{OBJECTS}/contacts", json={"properties": {"email": "aki@example.com"}})
    assert answer.status_code == 409
    assert there in answer.json()["message"]


@pytest.mark.parametrize("path", ["/crm/objects/2026-09/gadgets/1", "/crm/objects/v9/contacts/1"])
def test_unknown_objects_and_versions_are_refused(hubspot: TestClient, path: str) -> None:
    assert hubspot.get(path).status_code == 400


def test_planned_faults_are_answered_once_and_noted(hubspot: TestClient) -> None:
    hubspot.post("/_standin/faults", json={"status": 429, "path": "/crm/objects"})
    answers = [hubspot.get(f"{OBJECTS}/contacts/1") for _ in range(2)]
    assert [one.status_code for one in answers] == [429, 404]
    assert answers[0].json()["policyName"] == "TEN_SECONDLY_ROLLING"
    assert [one["status"] for one in hubspot.get("/_standin/calls").json()["calls"]][-2:] == [429, 404]


def test_the_journal_holds_no_token(hubspot: TestClient) -> None:
    upsert(hubspot, "calls", CALL)
    assert "Bearer" not in hubspot.get("/_standin/calls").text


def test_a_body_that_is_no_json_is_refused(hubspot: TestClient) -> None:
    headers = {"content-type": "application/json"}
    assert hubspot.post(f"{OBJECTS}/calls/batch/upsert", content=b"{", headers=headers).status_code == 400
    assert hubspot.post(f"{OBJECTS}/calls/batch/upsert", content=b"a=b").status_code == 415
