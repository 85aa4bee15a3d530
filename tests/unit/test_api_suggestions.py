"""Suggestions are shown with their reasons and decided by people; conflicts are listed until somebody decides."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hub.directory import Directory
from hub.domain.events import Identifier
from hub.memory import memory_hub
from hub.records import RecordStore
from match_customers.handler import handler as match_customers
from tests.unit.api_client import AGENT, Answer, Client

AT = "2026-11-20T09:00:00.000Z"
PHONE = Identifier(kind="phone", value="+819000000001")
CONTACT = Identifier(kind="record", scope="h" * 26, value="contact:1")
TWIN = Identifier(kind="record", scope="h" * 26, value="contact:2")
CHAT = Identifier(kind="whatsapp_user_id", scope="portfolio", value="JP.1")


def directory(client: Client) -> Directory:
    return Directory(client.store, client.secrets.hash_key())


def know(client: Client, one: Identifier, name: str, *others: Identifier) -> str:
    who = directory(client)
    who.attach([one, *others], reason="test", event="e1", at=AT, connection="c")
    kind = one.value.partition(":")[0] if one.kind == "record" else "profile"
    claims = [{"field": "name", "value": name, "at": AT}]
    data = {"object": kind, "id": one.value, "at": AT, "claims": claims}
    RecordStore(client.store, who.hashed).fold(one, one.scope, "test", data)
    return who.persona_id(one)


def match(client: Client, *personas: str) -> None:
    """match_customers hears of these customers."""
    said: dict[str, Any] = {"connection": "", "platform": "renkei", "source": "/state", "subject": "s", "delivery": ""}
    envelopes = [
        {"id": one, "type": "customer.linked", "time": AT, "received": AT, **said, "data": {"persona": one}}
        for one in personas
    ]
    records = [{"messageId": one["id"], "body": json.dumps(one)} for one in envelopes]
    assert match_customers({"Records": records}, None, client.hub) == {"batchItemFailures": []}


@pytest.fixture
def client() -> Client:
    return Client(memory_hub(), (AGENT,))


@pytest.fixture
def pair(client: Client) -> tuple[str, str]:
    """A contact and a WhatsApp user without a phone who have one rare name."""
    found = know(client, CONTACT, "東海林 美咲", PHONE), know(client, CHAT, "Misaki Shoji")
    match(client, *found)
    return found


def suggestions(client: Client, persona: str) -> list[Any]:
    listed: list[Any] = client.get(f"/v1/customers/{persona}/suggestions").json["suggestions"]
    return listed


def judge(client: Client, one: str, other: str, verdict: str, **headers: str) -> Answer:
    return client.post(f"/v1/customers/{one}/suggestions/{other}/{verdict}", {"why": "She told us"}, **headers)


def test_a_suggestion_says_who_how_likely_and_why(client: Client, pair: tuple[str, str]) -> None:
    for one, other in (pair, pair[::-1]):
        [found] = suggestions(client, one)
        assert other in found["customer"]["personas"]
        assert found["score"] == 0.7
        assert found["reasons"] == [{"why": "same reading", "weight": 0.7}]


def test_accepting_merges_and_unmerging_brings_the_suggestion_back(client: Client, pair: tuple[str, str]) -> None:
    one, other = pair
    answer = judge(client, one, other, "accept")
    assert answer.status == 200
    assert {one, other} <= set(answer.json["personas"])
    assert suggestions(client, one) == []
    assert client.post(f"/v1/customers/{one}/unmerge", {"from": other, "why": "No"}).status == 200
    assert [other in found["customer"]["personas"] for found in suggestions(client, one)] == [True]


def test_refusing_is_remembered_until_it_is_forgotten(client: Client, pair: tuple[str, str]) -> None:
    one, other = pair
    answer = judge(client, one, other, "not-the-same")
    assert answer.status == 200
    assert (suggestions(client, one), suggestions(client, other)) == ([], [])
    match(client, one, other)
    assert (suggestions(client, one), suggestions(client, other)) == ([], [])
    forgotten = client.post(f"/v1/customers/{one}/not-the-same/forget", {"as": other, "why": "Wrong"})
    assert forgotten.status == 200
    match(client, one)
    assert len(suggestions(client, one)) == 1


def test_an_answer_is_given_once_for_each_key(client: Client, pair: tuple[str, str]) -> None:
    one, other = pair
    first = judge(client, one, other, "accept", idempotency_key="k1")
    again = judge(client, one, other, "accept", idempotency_key="k1")
    assert (first.status, again.status) == (200, 200)
    assert again.json == first.json


def test_nobody_accepts_what_was_not_suggested(client: Client, pair: tuple[str, str]) -> None:
    stranger = know(client, TWIN, "Ken Mori")
    for verdict in ("accept", "not-the-same"):
        assert judge(client, pair[0], stranger, verdict).status == 404
        assert judge(client, pair[0], pair[0], verdict).status == 404
        assert judge(client, pair[0], "a" * 26, verdict).status == 404
    assert client.get(f"/v1/customers/{'a' * 26}/suggestions").status == 404
    assert client.post(f"/v1/customers/{pair[0]}/suggestions/{pair[1]}/accept", {}).status == 422


def conflicts(client: Client, **query: str) -> Any:
    return client.get("/v1/conflicts", **query).json


def test_a_number_that_two_contacts_hold_is_listed_until_a_person_marks_it(client: Client) -> None:
    holders = [know(client, CONTACT, "Hanako Sato", PHONE), know(client, TWIN, "Ken Sato", PHONE)]
    match(client, *holders)
    phone = directory(client).persona_id(PHONE)
    [found] = conflicts(client)["conflicts"]
    assert (found["kind"], found["personas"], found["customers_count"]) == ("shared", [phone], 2)
    assert {one["fields"]["name"]["value"] for one in found["customers"]} == {"Hanako Sato", "Ken Sato"}
    marked = client.post(f"/v1/identifiers/{phone}/shared", {"shared": True, "why": "Family"})
    assert marked.status == 200
    assert conflicts(client)["conflicts"] == []


def test_two_contacts_whom_a_third_record_would_join_are_a_clash(client: Client) -> None:
    mail = Identifier(kind="email", value="hanako@mail.example")
    lead = Identifier(kind="record", scope="s" * 26, value="contact:9")
    ids = [
        know(client, CONTACT, "Hanako", PHONE),
        know(client, TWIN, "Hanako", mail),
        know(client, lead, "H", PHONE, mail),
    ]
    match(client, *ids)
    [found] = conflicts(client)["conflicts"]
    assert found["kind"] == "clash"
    assert found["customers_count"] == 2
    assert len(found["personas"]) == 2


def test_conflicts_page_newest_first(client: Client) -> None:
    for number in range(5):
        phone = Identifier(kind="phone", value=f"+81900000010{number}")
        ids = [
            know(
                client,
                Identifier(kind="record", scope="h" * 26, value=f"contact:{number}{each}"),
                f"P{number}{each}",
                phone,
            )
            for each in "ab"
        ]
        client.clock.time += 60
        match(client, *ids)
    seen, cursor = [], None
    while True:
        page = conflicts(client, limit="2", **({"cursor": cursor} if cursor else {}))
        seen += [one["at"] for one in page["conflicts"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == 5
    assert seen == sorted(seen, reverse=True)
    assert client.get("/v1/conflicts", cursor="x").status == 400
