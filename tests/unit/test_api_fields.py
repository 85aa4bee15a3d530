"""A field explains itself, keeps its history, and a person's word counts more than any platform's."""

from __future__ import annotations

from typing import Any

import pytest

from hub.directory import Directory
from hub.domain.events import Identifier
from hub.memory import memory_hub
from hub.records import RecordStore
from tests.unit.api_client import AGENT, PROBLEM, Answer, Client

HUBSPOT, SALESFORCE = "h" * 26, "s" * 26
EMAIL = Identifier(kind="email", value="hanako@example.com")
CONTACT = Identifier(kind="record", scope=HUBSPOT, value="contact:101")
LEAD = Identifier(kind="record", scope=SALESFORCE, value="contact:003X")
FIRST, SECOND, THIRD = (f"2026-05-0{day}T00:00:00.000Z" for day in (1, 2, 3))
BETWEEN = "2026-05-02T12:00:00Z"


def directory(client: Client) -> Directory:
    return Directory(client.store, client.secrets.hash_key())


def said(client: Client, record: Identifier, platform: str, field: str, value: str | None, at: str) -> None:
    target, _, native = record.value.partition(":")
    claim = {"field": field, "value": value, "at": at, "precision": "field"}
    data = {"object": target, "id": native, "at": at, "claims": [claim]}
    RecordStore(client.store, directory(client).hashed).fold(record, record.scope, platform, data)


@pytest.fixture
def client() -> Client:
    """A caller of a hub that knows Hanako from HubSpot and Salesforce, which do not agree on her title."""
    caller = Client(memory_hub(), (AGENT,))
    who = directory(caller)
    who.attach([CONTACT, EMAIL], reason="contact.changed", event="e1")
    who.attach([LEAD, EMAIL], reason="contact.changed", event="e2")
    said(caller, CONTACT, "hubspot", "title", "Buyer", FIRST)
    said(caller, CONTACT, "hubspot", "title", "Head buyer", SECOND)
    said(caller, LEAD, "salesforce", "title", "Director", THIRD)
    said(caller, CONTACT, "hubspot", "company", "Tea House", FIRST)
    return caller


def address(client: Client, field: str = "title", rest: str = "") -> str:
    return f"/v1/customers/{directory(client).persona_id(EMAIL)}/fields/{field}{rest}"


def revert(client: Client, value: str | None, field: str = "title", **more: Any) -> Answer:
    return client.post(address(client, field, "/revert"), {"value": value, "why": "She told us", **more})


def title(client: Client) -> Any:
    return client.get(address(client)).json


def test_a_field_tells_which_claim_won_when_from_where_and_by_which_rule(client: Client) -> None:
    shown = title(client)
    assert (shown["value"], shown["policy"]) == ("Director", "last_writer")
    assert shown["claim"]["source"] == {"connection": SALESFORCE, "platform": "salesforce", "record": "contact:003X"}
    assert shown["claim"]["at"] == THIRD
    assert shown["claim"]["rule"] == {"word": "latest", "sentence": f"salesforce said so last, at {THIRD}."}


def test_the_claims_that_lost_say_why(client: Client) -> None:
    (lost,) = title(client)["others"]
    assert (lost["value"], lost["at"]) == ("Head buyer", SECOND)
    assert lost["rule"]["sentence"] == f"salesforce said something else later, at {THIRD}."


def test_every_field_is_explained_at_once(client: Client) -> None:
    shown = client.get(address(client).removesuffix("/title")).json["fields"]
    assert [(one["field"], one["value"]) for one in shown] == [("company", "Tea House"), ("title", "Director")]
    assert shown[0]["claim"]["rule"]["word"] == "only"


@pytest.mark.parametrize(
    ("field", "asked"),
    [
        ("custom.field", "custom.field"),
        ("Custom.Field-2~x", "Custom.Field-2~x"),
        ("our field", "our%20field"),
        ("区分", "%E5%8C%BA%E5%88%86"),
    ],
)
def test_a_field_with_other_signs_in_its_name_is_explained_and_pinned(client: Client, field: str, asked: str) -> None:
    said(client, CONTACT, "hubspot", field, "Tea", FIRST)
    said(client, CONTACT, "hubspot", field, "Coffee", SECOND)
    shown = client.get(address(client, asked))
    assert (shown.status, shown.json["field"], shown.json["value"]) == (200, field, "Coffee")
    pinned = revert(client, "Tea", asked)
    assert (pinned.status, pinned.json["field"], pinned.json["value"]) == (200, field, "Tea")
    assert client.get(address(client, asked)).json == pinned.json


@pytest.mark.parametrize("asked", ["..%2Ftitle", "%2e%2e", "title%2Frevert", "title%00", "%ff", "%"])
def test_an_escaped_path_is_the_name_of_no_field(client: Client, asked: str) -> None:
    assert client.get(address(client, asked)).json["detail"] == "There is no such field."
    assert revert(client, None, asked).status == 404


def test_one_field_has_its_history_newest_first(client: Client) -> None:
    history = title(client)["history"]
    assert [(one["value"], one["at"], one["source"]["platform"]) for one in history] == [
        ("Director", THIRD, "salesforce"),
        ("Head buyer", SECOND, "hubspot"),
        ("Buyer", FIRST, "hubspot"),
    ]


def test_fields_as_of_a_time_are_those_of_then(client: Client) -> None:
    shown = client.get(address(client), at=BETWEEN).json
    assert (shown["value"], shown["others"]) == ("Head buyer", [])
    assert [one["value"] for one in shown["history"]] == ["Head buyer", "Buyer"]
    everything = client.get(address(client).removesuffix("/title"), at=FIRST).json["fields"]
    assert [(one["field"], one["value"]) for one in everything] == [("company", "Tea House"), ("title", "Buyer")]


def test_a_person_pins_an_older_value_and_it_counts_until_released(client: Client) -> None:
    pinned = revert(client, "Buyer")
    assert pinned.status == 200, pinned.text
    assert pinned.json == title(client)
    assert (pinned.json["value"], pinned.json["policy"]) == ("Buyer", "pinned")
    assert pinned.json["claim"]["source"]["platform"] == "hubspot"
    assert {name: pinned.json["pin"][name] for name in ("by", "why", "value")} == {
        "by": "someone",
        "why": "She told us",
        "value": "Buyer",
    }
    assert {one["rule"]["word"] for one in pinned.json["others"]} == {"pinned"}
    client.clock.sleep(60)
    released = revert(client, None).json
    assert (released["value"], released["pin"]) == ("Director", None)
    assert [one["value"] for one in released["pins"]] == [None, "Buyer"]


def test_what_platforms_say_later_does_not_move_a_pin(client: Client) -> None:
    revert(client, "Head buyer")
    said(client, LEAD, "salesforce", "title", "CEO", "2099-01-01T00:00:00.000Z")
    assert title(client)["value"] == "Head buyer"
    customer = client.get(address(client).partition("/fields")[0]).json
    assert customer["fields"]["title"]["value"] == "Head buyer"


def test_as_of_a_time_before_the_pin_it_does_not_count(client: Client) -> None:
    revert(client, "Buyer")
    shown = client.get(address(client), at="2026-05-03T00:00:00Z").json
    assert (shown["value"], shown["pins"]) == ("Director", [])


@pytest.mark.parametrize("wanted", [{"value": "Empress"}, {"value": "Buyer", "at": SECOND}])
def test_a_value_that_nobody_said_is_refused_and_not_repeated(client: Client, wanted: dict[str, str]) -> None:
    answer = client.post(address(client, rest="/revert"), {**wanted, "why": "x"})
    assert (answer.status, answer.headers["content-type"]) == (422, PROBLEM)
    assert answer.json["errors"][0]["field"] == "value"
    assert "Empress" not in answer.text
    assert [item for item in client.store.everything() if item.sk.startswith("PIN#")] == []


def test_of_two_claims_of_one_value_the_time_tells_which_is_meant(client: Client) -> None:
    said(client, LEAD, "salesforce", "title", "Buyer", "2026-05-04T00:00:00.000Z")
    said(client, LEAD, "salesforce", "title", "CEO", "2026-05-05T00:00:00.000Z")
    assert revert(client, "Buyer").json["claim"]["source"]["platform"] == "salesforce"
    client.clock.sleep(1)
    assert revert(client, "Buyer", at=FIRST).json["claim"]["source"]["platform"] == "hubspot"


@pytest.mark.parametrize(
    "body",
    [{}, {"value": "Buyer"}, {"why": "x"}, {"value": "Buyer", "why": ""}, {"value": 7, "why": "x"}],
)
def test_a_decision_needs_a_value_or_null_and_a_reason(client: Client, body: dict[str, Any]) -> None:
    assert client.post(address(client, rest="/revert"), body).status == 422


def test_a_field_that_nobody_ever_spoke_of_is_404(client: Client) -> None:
    assert client.get(address(client, "shoe_size")).status == 404
    assert revert(client, None, "shoe_size").status == 404
    assert client.get(f"/v1/customers/{'z' * 26}/fields").status == 404


@pytest.mark.parametrize("at", ["yesterday", "2026-05-04", ""])
def test_what_is_no_time_is_refused(client: Client, at: str) -> None:
    assert client.get(address(client), at=at).status == 422
    assert client.get(address(client).removesuffix("/title"), at=at).status == 422


def test_a_field_whose_record_was_deleted_has_no_value_but_a_history(client: Client) -> None:
    gone = {"object": "contact", "id": "101", "at": THIRD, "change": "deleted", "claims": []}
    RecordStore(client.store, directory(client).hashed).fold(CONTACT, HUBSPOT, "hubspot", gone)
    shown = client.get(address(client, "company")).json
    assert (shown["value"], shown["claim"]) == (None, None)
    assert [one["value"] for one in shown["history"]] == ["Tea House"]
    assert client.get(address(client, "company"), at=BETWEEN).json["value"] == "Tea House"


def test_the_same_request_sent_again_with_its_key_pins_once(client: Client) -> None:
    body = {"value": "Buyer", "why": "She told us"}
    answers = [client.post(address(client, rest="/revert"), body, Idempotency_Key="k1") for _ in range(2)]
    assert [one.status for one in answers] == [200, 200]
    assert answers[0].json == answers[1].json
    assert len(title(client)["pins"]) == 1


def test_who_saw_an_older_field_cannot_decide_about_it(client: Client) -> None:
    etag = client.get(address(client)).headers["etag"]
    assert client.call("GET", address(client), None, {"if-none-match": etag}).status == 304
    body = {"value": "Buyer", "why": "She told us"}
    assert client.post(address(client, rest="/revert"), body, If_Match=etag).status == 200
    assert client.post(address(client, rest="/revert"), body, If_Match=etag).status == 412
    assert len(title(client)["pins"]) == 1


def test_reading_changes_nothing(client: Client) -> None:
    before = client.store.everything()
    title(client)
    client.get(address(client), at=BETWEEN)
    client.get(address(client).removesuffix("/title"))
    assert client.store.everything() == before
