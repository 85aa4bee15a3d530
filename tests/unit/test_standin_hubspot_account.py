"""The HubSpot stand-in as an account: people, webhooks, automations, limits, and what it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.hubspot.webhook import map_delivery
from hub.delivery import Connection, Delivery
from hub.domain.events import Event
from hub.memory import FakeClock
from infra.local.standins.hubspot import HubSpot
from infra.local.standins.misbehaving import Misbehaviour, Values
from infra.local.standins.server import Call, Standin
from tests.harness.platforms import Platforms

OBJECTS = "/crm/objects/2026-09"
AYA = {"lastname": "Kobayashi", "email": "Aya@Example.com "}


class Stage:
    """An account and its API without a client."""

    def __init__(self, **options: Any) -> None:
        self.clock = FakeClock()
        self.crm = HubSpot("token", now=self.clock.now, **options)
        self.standin: Standin = self.crm.standin()
        self.platforms = Platforms({"api": self.standin})

    def ask(self, method: str, path: str, body: Any = None, token: str = "token") -> tuple[int, Any, dict[str, str]]:
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        content = json.dumps(body).encode() if body is not None else None
        answer = self.platforms.exchange(method, f"https://api{path}", headers, content, 0.0)
        return answer.status, json.loads(answer.body or b"null"), dict(answer.headers)

    def told(self) -> list[dict[str, Any]]:
        return [notice for hook in self.crm.hooks for notice in json.loads(hook.body)]

    def events(self) -> list[Event]:
        connection = Connection("h" * 26, "hubspot", settings={"portal_id": str(self.crm.portal_id)})
        return [
            event
            for hook in self.crm.hooks
            for event in map_delivery(
                Delivery(connection.id, "hubspot", "crm", "2026-11-23T00:00:00.000Z", hook.body), connection
            ).events
        ]


def search(**more: Any) -> dict[str, Any]:
    return {"filterGroups": [], "sorts": ["hs_object_id"], "properties": [], "limit": 10, "after": "0", **more}


def update(record_id: str, trace: str = "", **properties: Any) -> dict[str, Any]:
    one = {"id": record_id, "properties": properties}
    return {"inputs": [one | ({"objectWriteTraceId": trace} if trace else {})]}


# People and webhooks.


def test_a_person_enters_edits_and_removes_and_each_is_told_as_documented() -> None:
    stage = Stage()
    aya = stage.crm.enter("contacts", AYA)
    stage.clock.sleep(1)
    stage.crm.edit("contacts", aya, {"lastname": "Kobayashi", "jobtitle": "Manager"})
    assert stage.crm.held("contacts", aya) == {
        "lastname": "Kobayashi",
        "email": "aya@example.com",
        "jobtitle": "Manager",
    }
    stage.crm.remove("contacts", aya)
    assert stage.crm.held("contacts", aya) is None
    told = [(one["subscriptionType"], one.get("propertyName")) for one in stage.told()]
    assert told == [
        ("contact.creation", None),
        ("contact.propertyChange", "lastname"),
        ("contact.propertyChange", "email"),
        ("contact.propertyChange", "jobtitle"),
        ("contact.deletion", None),
    ]
    first = stage.told()[0]
    assert {"eventId", "subscriptionId", "portalId", "appId", "occurredAt", "attemptNumber", "objectId"} <= first.keys()
    assert (first["changeSource"], first["sourceId"], first["changeFlag"]) == ("CRM_UI", "userId:8700001", "CREATED")
    assert len({one["eventId"] for one in stage.told()}) == 5


def test_every_hook_is_mapped_to_what_happened() -> None:
    stage = Stage()
    aya, rin = (stage.crm.enter("contacts", {"lastname": name}) for name in ("Kobayashi", "Takagi"))
    works = stage.crm.enter("companies", {"name": "Kettle Works"})
    deal = stage.crm.enter("deals", {"dealname": "Ten kettles"})
    stage.crm.link("contacts", aya, "companies", works)
    stage.crm.link("deals", deal, "contacts", aya)
    survivor = stage.crm.merge("contacts", aya, rin)
    stage.crm.remove("deals", deal)
    found = [(event.type, event.subject, event.data.get("change")) for event in stage.events()]
    assert ("record.touched", f"company:{works}", "associated") in found
    assert ("record.touched", f"deal:{deal}", "created") in found
    assert ("record.touched", f"contact:{survivor}", "merged") in found
    assert ("deal.deleted", f"deal:{deal}", "deleted") in found
    merged = next(event for event in stage.events() if event.data.get("change") == "merged")
    assert merged.data["merged_ids"] == [rin]


def test_a_merge_may_give_the_survivor_a_third_id_and_both_old_ones_lead_to_it() -> None:
    stage = Stage()
    aya, rin = (stage.crm.enter("contacts", {"email": f"{name}@example.com"}) for name in ("aya", "rin"))
    works = stage.crm.enter("companies", {"name": "Kettle Works"})
    stage.crm.link("contacts", rin, "companies", works)
    survivor = stage.crm.merge("contacts", aya, rin, third_id=True)
    assert survivor not in (aya, rin)
    for old in (aya, rin):
        assert stage.ask("GET", f"{OBJECTS}/contacts/{old}")[1]["id"] == survivor
    assert stage.crm.linked("contacts", survivor, "companies") == [works]
    assert (stage.crm.held("contacts", survivor) or {})["hs_additional_emails"] == "rin@example.com"
    assert stage.ask("GET", f"{OBJECTS}/contacts/rin@example.com?idProperty=email")[1]["id"] == survivor


@pytest.mark.parametrize(("echo_as", "source"), [("app", "INTEGRATION"), ("user", "CRM_UI")])
def test_what_we_wrote_is_announced_as_the_misbehaviour_says(echo_as: Any, source: str) -> None:
    stage = Stage(misbehaviour=Misbehaviour(echo_as=echo_as))
    aya = stage.crm.enter("contacts", AYA)
    stage.ask("POST", f"{OBJECTS}/contacts/batch/update", update(aya, jobtitle="Manager"))
    last = stage.told()[-1]
    assert (last["propertyName"], last["changeSource"]) == ("jobtitle", source)
    history = stage.crm.records.of("contacts")[aya].history["jobtitle"][0]
    assert (history["sourceType"], history["sourceId"]) == (source, last["sourceId"])
    assert (last["sourceId"] == str(stage.crm.app_id)) is (echo_as == "app")


def test_writing_what_is_there_already_tells_nobody() -> None:
    stage = Stage()
    aya = stage.crm.enter("contacts", AYA)
    before = len(stage.crm.hooks)
    stage.ask("POST", f"{OBJECTS}/contacts/batch/update", update(aya, lastname="Kobayashi", email="AYA@example.com"))
    assert len(stage.crm.hooks) == before


def test_an_automation_follows_a_write_and_not_its_own() -> None:
    seen: list[Values] = []

    def shout(_kind: str, _record_id: str, written: Values) -> Values:
        seen.append(written)
        return {"lastname": str(written["lastname"]).upper()} if "lastname" in written else {}

    stage = Stage(misbehaviour=Misbehaviour(automations=[shout], most_automated=2))
    aya = stage.crm.enter("contacts", {"lastname": "Kobayashi"})
    assert stage.crm.held("contacts", aya) == {"lastname": "KOBAYASHI"}
    assert seen == [{"lastname": "Kobayashi"}] * 2
    assert [one["changeSource"] for one in stage.told()][-1] == "AUTOMATION_PLATFORM"


# Batches.


def test_with_trace_ids_a_batch_is_refused_in_parts_and_without_as_a_whole() -> None:
    stage = Stage()
    aya, rin = (stage.crm.enter("contacts", {"email": f"{name}@example.com"}) for name in ("aya", "rin"))
    good, bad = {"id": aya, "properties": {"city": "Kobe"}}, {"id": rin, "properties": {"email": "aya@example.com"}}
    whole = stage.ask("POST", f"{OBJECTS}/contacts/batch/update", {"inputs": [good, bad]})
    assert (whole[0], whole[1]["category"]) == (409, "CONFLICT")
    assert "city" not in (stage.crm.held("contacts", aya) or {})
    traced = [good | {"objectWriteTraceId": "a"}, bad | {"objectWriteTraceId": "b"}]
    status, body, _ = stage.ask("POST", f"{OBJECTS}/contacts/batch/update", {"inputs": traced})
    assert (status, body["numErrors"]) == (207, 1)
    assert [one["objectWriteTraceId"] for one in body["results"]] == ["a"]
    assert body["errors"][0]["context"]["objectWriteTraceId"] == ["b"]
    assert (stage.crm.held("contacts", aya) or {})["city"] == "Kobe"


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({"email": "no address"}, "INVALID_EMAIL"),
        ({"hubspot_owner_id": "1"}, "INVALID_OPTION"),
        ({"lifecyclestage": "friend"}, "INVALID_OPTION"),
        ({"hs_email_optout": "true"}, "READ_ONLY_VALUE"),
        ({"associatedcompanyid": "7"}, "READ_ONLY_VALUE"),
        ({"shoe_size": "7"}, "PROPERTY_DOESNT_EXIST"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_property(properties: dict[str, str], code: str) -> None:
    stage = Stage()
    aya = stage.crm.enter("contacts", AYA)
    body = stage.ask("POST", f"{OBJECTS}/contacts/batch/update", update(aya, trace="a", **properties))[1]
    fault = body["errors"][0]["errors"][0]
    assert (fault["code"], fault["context"]["propertyName"]) == (code, list(properties))


def test_a_batch_archives_and_what_was_archived_is_in_the_bin() -> None:
    stage = Stage()
    aya = stage.crm.enter("contacts", AYA)
    assert stage.ask("POST", f"{OBJECTS}/contacts/batch/archive", {"inputs": [{"id": aya}]})[0] == 204
    assert stage.ask("GET", f"{OBJECTS}/contacts")[1]["results"] == []
    [binned] = stage.ask("GET", f"{OBJECTS}/contacts?archived=true")[1]["results"]
    assert (binned["id"], binned["archived"], binned["archivedAt"] >= binned["createdAt"]) == (aya, True, True)


# Pages and searches.


def test_pages_lead_to_the_end_and_never_hold_more_than_they_may() -> None:
    stage = Stage()
    made = [stage.crm.enter("contacts", {"lastname": str(number)}) for number in range(7)]
    found: list[str] = []
    after = ""
    while True:
        _, body, _ = stage.ask("GET", f"{OBJECTS}/contacts?limit=3{after}")
        found += [one["id"] for one in body["results"]]
        if "paging" not in body:
            break
        after = f"&after={body['paging']['next']['after']}"
    assert found == made
    for query in ("limit=101", "limit=51&propertiesWithHistory=email", "limit=0", "colour=blue"):
        assert stage.ask("GET", f"{OBJECTS}/contacts?{query}")[0] == 400


@pytest.mark.parametrize(
    "more",
    [
        {"limit": 201},
        {"after": "9995"},
        {"sorts": ["a", "b"]},
        {"filterGroups": [{"filters": []}] * 6},
        {"filterGroups": [{"filters": [{"propertyName": "email", "operator": "HAS_PROPERTY"}] * 7}]},
        {"filterGroups": [{"filters": [{"propertyName": "email", "operator": "HAS_PROPERTY"}] * 5}] * 4},
        {"query": "x" * 3001},
        {"colour": "blue"},
    ],
)
def test_a_search_beyond_its_caps_is_refused(more: dict[str, Any]) -> None:
    assert Stage().ask("POST", f"{OBJECTS}/contacts/search", search(**more))[0] == 400


def test_an_unknown_operator_is_refused_where_it_would_be_used() -> None:
    stage = Stage()
    stage.crm.enter("contacts", AYA)
    group = {"filters": [{"propertyName": "email", "operator": "LIKE", "value": "x"}]}
    assert stage.ask("POST", f"{OBJECTS}/contacts/search", search(filterGroups=[group]))[0] == 400


@pytest.mark.parametrize(
    ("operator", "more", "hits"),
    [
        ("EQ", {"value": "KOBE"}, 1),
        ("NEQ", {"value": "Kobe"}, 2),
        ("IN", {"values": ["kobe", "Osaka"]}, 2),
        ("NOT_IN", {"values": ["Kobe"]}, 1),
        ("HAS_PROPERTY", {}, 2),
        ("NOT_HAS_PROPERTY", {}, 1),
        ("CONTAINS_TOKEN", {"value": "osaka"}, 1),
        ("BETWEEN", {"value": "A", "highValue": "L"}, 1),
        ("GT", {"value": "Kobe"}, 1),
        ("GTE", {"value": "Kobe"}, 2),
        ("LT", {"value": "Osaka"}, 1),
        ("LTE", {"value": "Osaka"}, 2),
    ],
)
def test_filters_match_without_regard_to_case(operator: str, more: dict[str, Any], hits: int) -> None:
    stage = Stage()
    for city in ("Kobe", "Osaka", ""):
        stage.crm.enter("contacts", {"lastname": "x", "city": city})
    group = {"filters": [{"propertyName": "city", "operator": operator, **more}]}
    assert stage.ask("POST", f"{OBJECTS}/contacts/search", search(filterGroups=[group]))[1]["total"] == hits


def test_a_search_sorts_in_both_forms_and_pages() -> None:
    stage = Stage()
    for city in ("Osaka", "Kobe", "Nara"):
        stage.crm.enter("contacts", {"city": city})
    for sort in ("-city", {"propertyName": "city", "direction": "DESCENDING"}):
        body = search(sorts=[sort], properties=["city"], limit=2)
        _, found, _ = stage.ask("POST", f"{OBJECTS}/contacts/search", body)
        assert [one["properties"]["city"] for one in found["results"]] == ["Osaka", "Nara"]
        assert found["paging"]["next"]["after"] == "2"


def test_the_index_lags_behind_creations_and_changes() -> None:
    stage = Stage(misbehaviour=Misbehaviour(search_lag_s=30))
    aya = stage.crm.enter("contacts", {"city": "Kobe"})
    group = {"filters": [{"propertyName": "city", "operator": "EQ", "value": "Kobe"}]}
    totals = [stage.ask("POST", f"{OBJECTS}/contacts/search", search(filterGroups=[group]))[1]["total"]]
    stage.clock.sleep(31)
    totals.append(stage.ask("POST", f"{OBJECTS}/contacts/search", search(filterGroups=[group]))[1]["total"])
    stage.crm.edit("contacts", aya, {"city": "Osaka"})
    totals.append(stage.ask("POST", f"{OBJECTS}/contacts/search", search(filterGroups=[group]))[1]["total"])
    assert totals == [0, 1, 1]


# Limits and tokens.


def test_one_request_too_many_in_ten_seconds_is_put_off_and_answers_tell_what_is_left() -> None:
    stage = Stage(most_per_10_s=2)
    path = f"{OBJECTS}/contacts"
    left = [stage.ask("GET", path)[2]["x-hubspot-ratelimit-remaining"] for _ in range(2)]
    status, body, _ = stage.ask("GET", path)
    assert (left, status, body["policyName"], body["errorType"]) == (
        ["1", "0"],
        429,
        "TEN_SECONDLY_ROLLING",
        "RATE_LIMIT",
    )
    stage.clock.sleep(10)
    assert stage.ask("GET", path)[0] == 200


def test_searches_and_days_have_limits_of_their_own() -> None:
    stage = Stage(most_searches_per_s=1, most_per_day=2)
    path = f"{OBJECTS}/contacts/search"
    answers = [stage.ask("POST", path, search()) for _ in range(2)]
    assert [answers[0][0], answers[1][1]["policyName"]] == [200, "SECONDLY"]
    assert "x-hubspot-ratelimit-remaining" not in answers[0][2]
    stage.clock.sleep(1)
    assert stage.ask("POST", path, search())[0] == 200
    stage.clock.sleep(1)
    assert stage.ask("POST", path, search())[1]["policyName"] == "DAILY"


def test_a_token_by_oauth_ends_after_half_an_hour() -> None:
    stage = Stage()
    form = b"grant_type=refresh_token&refresh_token=refresh-of-the-example&client_id=c&client_secret=s"
    call = Call("POST", "/oauth/2026-09/token", form, {"content-type": "application/x-www-form-urlencoded"})
    given = stage.crm.directory.answer_token(call).body
    assert (given["token_type"], given["expires_in"]) == ("bearer", 1800)
    assert stage.ask("GET", f"{OBJECTS}/contacts", token=given["access_token"])[0] == 200
    stage.clock.sleep(1800)
    status, body, _ = stage.ask("GET", f"{OBJECTS}/contacts", token=given["access_token"])
    assert (status, body["category"]) == (401, "EXPIRED_AUTHENTICATION")


def test_a_stranger_gets_no_token() -> None:
    call = Call("POST", "/oauth/2026-09/token", b"grant_type=refresh_token&refresh_token=x&client_id=c&client_secret=s")
    assert Stage().crm.directory.answer_token(call).status == 400
