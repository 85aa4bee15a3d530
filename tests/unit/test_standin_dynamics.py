"""The Dynamics stand-in refuses what Dataverse refuses, in its words."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from infra.local.standins.dynamics import ROOT, Dynamics

NOW = 1_790_000_000
NOBODY = "5a1e5f00-0000-4000-8000-00000000dead"


@pytest.fixture
def platform() -> Dynamics:
    return Dynamics("https://standin.example.com", "token", "0b1ec7ed-0000-4000-8000-000000000a11", now=lambda: NOW)


@pytest.fixture
def api(platform: Dynamics) -> TestClient:
    client = TestClient(platform.standin().app(), base_url="http://standin" + ROOT)
    client.headers.update({"authorization": "Bearer token", "odata-version": "4.0", "accept": "application/json"})
    return client


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_another_token_and_another_odata_are_refused(api: TestClient) -> None:
    assert api.get("contacts", headers={"authorization": "Bearer other"}).status_code == 401
    assert code(api.get("contacts", headers={"odata-version": "3.0"})) == (400, "0x8006088b")


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({"colour": "blue"}, "0x80048d19"),
        ({"lastname": 7}, "0x80048d19"),
        ({"lastname": "x" * 51}, "0x80044331"),
        ({"donotphone": "true"}, "0x80048d19"),
        ({"fullname": "x"}, "0x80040203"),
        ({"statuscode": 9}, "0x80040203"),
        ({"parentcustomerid": NOBODY}, "0x80048d19"),
        ({"parentcustomerid@odata.bind": f"/accounts({NOBODY})"}, "0x80048d19"),
        ({"parentcustomerid_account@odata.bind": f"/contacts({NOBODY})"}, "0x80048d19"),
        ({"parentcustomerid_account@odata.bind": "accounts"}, "0x80048d19"),
        ([], "0x80048d19"),
    ],
)
def test_columns_that_dataverse_refuses_are_refused(
    api: TestClient, platform: Dynamics, body: Any, refusal: str
) -> None:
    contact = platform.enter("contact", {"lastname": "Sato"})
    assert code(api.patch(f"contacts({contact})", json=body)) == (400, refusal)
    assert platform.rows.of("contact")[contact]["lastname"] == "Sato"


def test_a_row_that_is_bound_must_be_there(api: TestClient, platform: Dynamics) -> None:
    contact = platform.enter("contact", {"lastname": "Sato"})
    body = {"parentcustomerid_account@odata.bind": f"/accounts({NOBODY})"}
    assert code(api.patch(f"contacts({contact})", json=body)) == (404, "0x80040217")


def test_versions_and_their_absence_are_looked_at_before_anything_is_written(
    api: TestClient, platform: Dynamics
) -> None:
    contact = platform.enter("contact", {"lastname": "Sato"})
    at = api.get(f"contacts({contact})", params={"$select": "lastname"}).json()["@odata.etag"]
    assert api.patch(f"contacts({contact})", json={"jobtitle": "one"}, headers={"if-match": at}).status_code == 204
    stale = api.patch(f"contacts({contact})", json={"jobtitle": "two"}, headers={"if-match": at})
    assert code(stale) == (412, "0x80060882")
    there = api.patch(f"contacts({contact})", json={"jobtitle": "two"}, headers={"if-none-match": "*"})
    assert code(there) == (412, "0x80040237")
    gone = api.patch(f"contacts({NOBODY})", json={"jobtitle": "two"}, headers={"if-match": "*"})
    assert code(gone) == (404, "0x80040217")
    assert [row["jobtitle"] for row in platform.rows.of("contact").values()] == ["one"]


def test_a_new_activity_is_open_and_the_caller_may_choose_its_id(api: TestClient, platform: Dynamics) -> None:
    done = api.patch(f"tasks({NOBODY})", json={"subject": "x", "statecode": 1, "statuscode": 5})
    assert code(done) == (400, "0x80040203")
    assert api.patch(f"tasks({NOBODY})", json={"subject": "x"}).status_code == 204
    assert platform.held("task", NOBODY) is not None
    assert api.delete(f"tasks({NOBODY})").status_code == 204
    assert code(api.delete(f"tasks({NOBODY})")) == (404, "0x80040217")


def test_a_key_is_upserted_by_only_where_it_is_one_and_built(api: TestClient, platform: Dynamics) -> None:
    prefer = {"prefer": "return=representation"}
    first = api.patch("contacts(renkei_id='a')?$select=contactid", json={"lastname": "x"}, headers=prefer)
    again = api.patch("contacts(renkei_id='a')?$select=contactid", json={"lastname": "y"}, headers=prefer)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["contactid"] == again.json()["contactid"]
    assert code(api.patch("contacts(jobtitle='a')", json={"lastname": "x"})) == (400, "0x80060890")
    platform.schema.keys["contact"]["renkei_id"] = NOW + 1
    assert code(api.patch("contacts(renkei_id='a')", json={"lastname": "x"})) == (400, "0x80060890")


@pytest.mark.parametrize(
    "query",
    [
        {"$filter": "contactid gt"},
        {"$filter": "lastname eq Sato"},
        {"$filter": "modifiedon ge '2026-01-01T00:00:00Z'"},
        {"$filter": "colour eq 'blue'"},
        {"$filter": "lastname eq 'a' and"},
        {"$filter": "lastname like 'a%'"},
        {"$filter": "Microsoft.Dynamics.CRM.In(PropertyName='contactid',PropertyValues=[])"},
        {"$select": "parentcustomerid"},
        {"$expand": "owninguser"},
        {"$orderby": "colour asc"},
    ],
)
def test_a_query_that_is_none_is_refused(api: TestClient, query: dict[str, str]) -> None:
    assert api.get("contacts", params=query).status_code == 400


def test_and_binds_more_tightly_than_or(api: TestClient, platform: Dynamics) -> None:
    for last, title in (("A", "x"), ("B", "x"), ("C", "y")):
        platform.enter("contact", {"lastname": last, "jobtitle": title})

    def found(text: str) -> list[str]:
        return [row["lastname"] for row in api.get("contacts", params={"$filter": text}).json()["value"]]

    assert found("lastname eq 'C' or lastname eq 'a' and jobtitle eq 'y'") == ["C"]
    assert found("(lastname eq 'C' or lastname eq 'a') and jobtitle eq 'x'") == ["A"]


def test_change_tracking_is_for_tables_that_have_it_and_takes_no_filter(api: TestClient) -> None:
    prefer = {"prefer": "odata.track-changes"}
    assert api.get("opportunities", headers=prefer).status_code == 400
    assert api.get("contacts", params={"$filter": "lastname eq 'a'"}, headers=prefer).status_code == 400
    assert api.get("contacts", params={"$deltatoken": "yesterday"}, headers=prefer).status_code == 400


def test_a_delta_link_tells_what_changed_and_what_went(api: TestClient, platform: Dynamics) -> None:
    kept, lost = (platform.enter("contact", {"lastname": name}) for name in ("A", "B"))
    prefer = {"prefer": "odata.track-changes"}
    first = api.get("contacts", params={"$select": "lastname"}, headers=prefer).json()
    platform.edit("contact", kept, {"lastname": "C"})
    platform.remove("contact", lost)
    link = first["@odata.deltaLink"].partition("/api/data/v9.2/")[2]
    changed, gone = api.get(link, headers=prefer).json()["value"]
    assert changed["lastname"] == "C"
    assert (gone["id"], gone["@odata.context"].endswith("$deletedEntity")) == (lost, True)


def test_too_many_requests_are_answered_with_when_to_come_back(api: TestClient, platform: Dynamics) -> None:
    platform.requests_per_300_s = 1
    assert api.get("contacts").status_code == 200
    answer = api.get("contacts")
    assert (code(answer), answer.headers["retry-after"]) == ((429, "0x80072322"), "301")


def test_what_is_not_there_is_not_found(api: TestClient) -> None:
    assert code(api.get("unicorns")) == (404, "0x8006088a")
    assert code(api.get(f"contacts({NOBODY})")) == (404, "0x80040217")
    assert code(api.get("EntityDefinitions(LogicalName='unicorn')/Keys")) == (404, "0x80060888")
    assert code(api.post("contacts", json={"lastname": "x"})) == (405, "0x80060888")
