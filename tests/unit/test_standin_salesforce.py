"""The Salesforce stand-in refuses what Salesforce refuses, in Salesforce's words."""

from __future__ import annotations

from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.testclient import TestClient

from infra.local.standins.accounts import public_key
from infra.local.standins.salesforce import Salesforce
from infra.local.standins.salesforce_records import full_id
from infra.local.standins.salesforce_tokens import JWT_BEARER

NOW = 1_790_000_000
DATA = "/services/data/v67.0"
FIELD = "Renkei_Id__c"


def pem() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    kinds = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(*kinds).decode()


KEY, OTHER_KEY = pem(), pem()


def token_request(client: TestClient, key: str = KEY, **claims: Any) -> httpx.Response:
    usual = {"iss": "app", "sub": "user@example.com", "aud": "https://login.salesforce.com", "exp": NOW + 180}
    assertion = jwt.encode(usual | claims, key, algorithm="RS256")
    form = {"grant_type": JWT_BEARER, "assertion": assertion}
    answer: httpx.Response = client.post("/services/oauth2/token", data=form)
    return answer


@pytest.fixture
def org() -> TestClient:
    known = ("https://standin.example.com", "app", "user@example.com", public_key(KEY), full_id("00DRK0000000001"))
    client = TestClient(Salesforce(*known, now=lambda: float(NOW)).standin().app())
    client.headers["authorization"] = f"Bearer {token_request(client).json()['access_token']}"
    return client


def person(org: TestClient, **fields: str) -> str:
    made: str = org.post("/_standin/people", json={"fields": {"LastName": "Sato", **fields}}).json()["Id"]
    return made


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()[0]["errorCode"]


@pytest.mark.parametrize(
    ("claims", "error"),
    [
        ({"iss": "other"}, "invalid_client_id"),
        ({"sub": "other@example.com"}, "invalid_grant"),
        ({"aud": "https://example.com"}, "invalid_grant"),
        ({"exp": NOW - 1}, "invalid_grant"),
        ({"exp": NOW + 600}, "invalid_grant"),
        ({"key": OTHER_KEY}, "invalid_grant"),
    ],
)
def test_an_assertion_that_is_not_right_gets_no_token(org: TestClient, claims: dict[str, Any], error: str) -> None:
    answer = token_request(org, **claims)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_a_session_that_has_ended_is_refused(org: TestClient) -> None:
    assert org.get(f"{DATA}/sobjects/Task/describe").status_code == 200
    org.post("/_standin/expire", json={})
    assert code(org.get(f"{DATA}/sobjects/Task/describe")) == (401, "INVALID_SESSION_ID")


def test_an_upsert_by_external_id_creates_once_and_then_updates(org: TestClient) -> None:
    url = f"{DATA}/sobjects/Task/{FIELD}/abc"
    first = org.patch(url, json={"Subject": "Call", "TaskSubtype": "Call", "CallDurationInSeconds": 95})
    second = org.patch(url, json={"Subject": "Call again"})
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    [task] = org.get("/_standin/records").json()["Task"]
    assert (task["Subject"], task["CallDurationInSeconds"]) == ("Call again", 95)


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"Colour": "blue"}, "INVALID_FIELD"),
        ({"Subject": "x" * 256}, "STRING_TOO_LONG"),
        ({"Description": "x" * 32_001}, "STRING_TOO_LONG"),
        ({"CallDurationInSeconds": "95"}, "JSON_PARSER_ERROR"),
        ({"CallType": "inbound"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ({"WhoId": "003RK0000009999AAA"}, "INVALID_CROSS_REFERENCE_KEY"),
        ({"LastModifiedDate": "2026-11-20T00:00:00.000+0000"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({FIELD: "abc"}, "INVALID_FIELD"),
    ],
)
def test_fields_that_salesforce_refuses_are_refused(org: TestClient, fields: dict[str, Any], refusal: str) -> None:
    assert code(org.patch(f"{DATA}/sobjects/Task/{FIELD}/abc", json=fields)) == (400, refusal)
    assert org.get("/_standin/records").json().get("Task", []) == []


def test_the_subtype_of_a_task_cannot_be_changed(org: TestClient) -> None:
    url = f"{DATA}/sobjects/Task/{FIELD}/abc"
    org.patch(url, json={"TaskSubtype": "Call"})
    assert code(org.patch(url, json={"TaskSubtype": "Call"})) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")


def test_a_contact_needs_a_last_name(org: TestClient) -> None:
    answer = org.patch(f"{DATA}/sobjects/Contact/{FIELD}/abc", json={"FirstName": "Aki"})
    assert code(answer) == (400, "REQUIRED_FIELD_MISSING")


def test_a_field_that_is_no_external_id_cannot_be_upserted_by(org: TestClient) -> None:
    assert code(org.patch(f"{DATA}/sobjects/Contact/Email/a@example.com", json={})) == (404, "NOT_FOUND")


def test_rows_are_read_by_either_form_of_their_id(org: TestClient) -> None:
    there = person(org, Title="Head")
    assert len(there) == 18
    body = {"ids": [there[:15], "003RK0000009999AAA"], "fields": ["Id", "Title"]}
    rows = org.post(f"{DATA}/composite/sobjects/Contact", json=body).json()
    assert [row and row["Title"] for row in rows] == ["Head", None]
    assert org.get(f"{DATA}/sobjects/Contact/{there}", params={"fields": "Title"}).json()["Title"] == "Head"
    assert code(org.get(f"{DATA}/sobjects/Contact/003RK0000009999AAA")) == (404, "NOT_FOUND")


def test_a_query_finds_by_one_condition_and_refuses_unknown_fields(org: TestClient) -> None:
    there = person(org, Email="aki@example.com")
    person(org, Email="ken@example.com")
    query = "SELECT Id, Email FROM Contact WHERE Email = 'aki@example.com' LIMIT 2"
    assert [row["Id"] for row in org.get(f"{DATA}/query", params={"q": query}).json()["records"]] == [there]
    assert code(org.get(f"{DATA}/query", params={"q": "SELECT Colour FROM Contact"})) == (400, "INVALID_FIELD")
    assert code(org.get(f"{DATA}/query", params={"q": "DELETE FROM Contact"})) == (400, "MALFORMED_QUERY")


def test_a_used_up_limit_is_answered_as_salesforce_does(org: TestClient) -> None:
    org.post("/_standin/faults", json={"status": 403})
    assert code(org.get(f"{DATA}/sobjects/Task/describe")) == (403, "REQUEST_LIMIT_EXCEEDED")


def collection(*records: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"allOrNone": False, "records": [{"attributes": {"type": "Contact"}, **one} for one in records], **more}


def test_a_collection_answers_for_each_record(org: TestClient) -> None:
    there = person(org)
    body = collection(
        {"id": there, "Title": "Head"}, {"id": "003RK0000009999AAA", "Title": "x"}, {"id": "x", "Colour": "blue"}
    )
    results = org.patch(f"{DATA}/composite/sobjects", json=body).json()
    assert [one["success"] for one in results] == [True, False, False]
    assert results[1]["errors"][0]["statusCode"] == "INVALID_CROSS_REFERENCE_KEY"


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({"records": []}, "INVALID_FIELD"),
        (collection(*({"id": f"{number}"} for number in range(201))), "EXCEEDED_ID_LIMIT"),
        (collection({"id": "1"}, {"id": "1"}), "INVALID_ID_FIELD"),
        (collection(sort="x"), "JSON_PARSER_ERROR"),
        ({"allOrNone": False, "records": [{"id": "1"}]}, "INVALID_INPUT"),
    ],
)
def test_a_collection_that_is_none_is_refused_whole(org: TestClient, body: dict[str, Any], refusal: str) -> None:
    assert code(org.patch(f"{DATA}/composite/sobjects", json=body)) == (400, refusal)


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        ("SELECT Id FROM Contact WHERE Title = 'a' AND Title = 'b' OR Title = 'c'", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact WHERE SystemModstamp > '2026-01-01T00:00:00Z'", "INVALID_FIELD"),
        ("SELECT Id FROM Contact WHERE Title = 7", "INVALID_FIELD"),
        ("SELECT Id FROM Contact ORDER BY Colour", "INVALID_FIELD"),
        ("SELECT Id FROM Contact LIMIT", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact WHERE Title ~ 'a'", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact WHERE Title IN 'a'", "MALFORMED_QUERY"),
    ],
)
def test_a_query_that_is_none_is_refused(org: TestClient, query: str, refusal: str) -> None:
    assert code(org.get(f"{DATA}/query", params={"q": query})) == (400, refusal)


def test_deleted_rows_are_in_the_recycle_bin_only_and_say_which_one_is_left(org: TestClient) -> None:
    there = person(org)
    assert org.delete(f"{DATA}/sobjects/Contact/{there}").status_code == 204
    assert code(org.delete(f"{DATA}/sobjects/Contact/{there}")) == (404, "ENTITY_IS_DELETED")
    query = {"q": "SELECT Id, IsDeleted, MasterRecordId FROM Contact WHERE IsDeleted = true"}
    assert org.get(f"{DATA}/query", params=query).json()["records"] == []
    [row] = org.get(f"{DATA}/queryAll", params=query).json()["records"]
    assert (row["Id"], row["MasterRecordId"]) == (there, None)


def test_a_search_that_is_none_is_refused_and_one_that_is_finds_digits(org: TestClient) -> None:
    there = person(org, Phone="(202) 555-0100")
    asked = "FIND {2025550100 OR 12025550100} IN PHONE FIELDS RETURNING Contact(Id, Phone LIMIT 5)"
    assert [row["Id"] for row in org.get(f"{DATA}/search", params={"q": asked}).json()["searchRecords"]] == [there]
    assert code(org.get(f"{DATA}/search", params={"q": "FIND x"})) == (400, "MALFORMED_SEARCH")


def test_texts_are_trimmed_and_every_answer_says_how_much_of_the_day_is_used(org: TestClient) -> None:
    there = person(org, Title="  Head ")
    answer = org.get(f"{DATA}/sobjects/Contact/{there}", params={"fields": "Title"})
    assert answer.json()["Title"] == "Head"
    assert answer.headers["sforce-limit-info"] == "api-usage=1/100000"
