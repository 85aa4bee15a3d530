"""Customers are found by whatever they are known by, and each field says who said so and when."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

from hub.delivery import Connection
from hub.directory import Directory
from hub.domain.events import Identifier
from hub.emails import email_identifier
from hub.memory import MemoryConnections, memory_hub
from hub.phones import phone_identifier
from hub.records import RecordStore
from match_customers.handler import handler as match_customers
from tests.unit.api_client import AGENT, Client

HUBSPOT, SALESFORCE, CHAT = "h" * 26, "s" * 26, "w" * 26
PHONE = Identifier(kind="phone", value="+819012345678")
EMAIL = Identifier(kind="email", value="hanako@example.com")
CONTACT = Identifier(kind="record", scope=HUBSPOT, value="contact:101")
LEAD = Identifier(kind="record", scope=SALESFORCE, value="contact:003X")
USER = Identifier(kind="whatsapp_user_id", scope="portfolio", value="JP.77")
SCRIPT = "<script>alert('名前')</script>"


def client_of(*regions: str) -> Client:
    connections = [Connection(str(n) * 26, "twilio", settings={"default_region": one}) for n, one in enumerate(regions)]
    return Client(memory_hub(connections=MemoryConnections(connections)), (AGENT,))


def directory(client: Client) -> Directory:
    return Directory(client.store, client.secrets.hash_key())


def records(client: Client) -> RecordStore:
    return RecordStore(client.store, directory(client).hashed)


def fold(client: Client, record: Identifier, platform: str, claims: Iterable[dict[str, Any]], **more: Any) -> None:
    target, _, native = record.value.partition(":")
    data = {"object": target, "id": native, "at": "2026-05-04T00:00:00.000Z", "claims": list(claims), **more}
    records(client).fold(record, record.scope, platform, data)


def claim(field: str, value: str | None, at: str, precision: str = "field") -> dict[str, Any]:
    return {"field": field, "value": value, "at": at, "precision": precision}


@pytest.fixture
def client() -> Client:
    """A caller of a hub that knows Hanako from HubSpot, Salesforce and WhatsApp."""
    caller = client_of("JP")
    who = directory(caller)
    who.attach([CONTACT, PHONE, EMAIL], reason="contact.changed", event="e1")
    who.attach([LEAD, EMAIL], reason="contact.changed", event="e2")
    who.attach([USER, PHONE], reason="message.received", event="e3")
    fold(
        caller,
        CONTACT,
        "hubspot",
        [
            claim("title", "Engineer", "2026-05-01T00:00:00.000Z"),
            claim("name", SCRIPT, "2026-05-01T00:00:00.000Z", "row"),
        ],
    )
    fold(caller, LEAD, "salesforce", [claim("title", "Director", "2026-05-03T00:00:00.000Z")])
    return caller


def found(client: Client, **query: str) -> list[dict[str, Any]]:
    answer = client.get("/v1/customers", **query)
    assert answer.status == 200, answer.text
    customers: list[dict[str, Any]] = answer.json["customers"]
    return customers


@pytest.mark.parametrize(
    "query",
    [
        {"phone": "+819012345678"},
        {"phone": " 819012345678"},
        {"phone": "+81 90-1234-5678"},
        {"phone": "090-1234-5678"},
        {"phone": "０９０（１２３４）５６７８"},
        {"phone": "090 1234 5678", "region": "jp"},
        {"email": "Hanako@Example.com"},
        {"record": f"{HUBSPOT}:contact:101"},
        {"record": f"{SALESFORCE}:contact:003X"},
    ],
)
def test_a_customer_is_found_however_people_type_it(client: Client, query: dict[str, str]) -> None:
    (customer,) = found(client, **query)
    assert {one["value"] for one in customer["identifiers"]} == {
        one.value for one in (PHONE, EMAIL, CONTACT, LEAD, USER)
    }


@pytest.mark.parametrize(
    "query",
    [
        {"phone": "+819012345679"},
        {"phone": "212-555-0123", "region": "US"},
        {"email": "someone@example.com"},
        {"record": f"{HUBSPOT}:company:101"},
        {"record": f"{CHAT}:contact:101"},
    ],
)
def test_nobody_is_found_by_what_nobody_is_known_by(client: Client, query: dict[str, str]) -> None:
    assert found(client, **query) == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"phone": "hello"}, "phone"),
        ({"phone": ""}, "phone"),
        ({"phone": "12"}, "phone"),
        ({"phone": "090-1234-5678", "region": "Japan"}, "query.region"),
        ({"email": "hanako"}, "email"),
        ({"email": "a@b@c"}, "email"),
        ({"record": "contact:101"}, "record"),
        ({"record": f"{HUBSPOT}:contact"}, "record"),
    ],
)
def test_what_is_no_identifier_is_refused_by_its_field(client: Client, query: dict[str, str], field: str) -> None:
    answer = client.get("/v1/customers", **query)
    assert answer.status == 422
    assert [error["field"] for error in answer.json["errors"]] == [field]


@pytest.mark.parametrize("query", [{}, {"region": "JP"}, {"phone": "+819012345678", "email": "hanako@example.com"}])
def test_exactly_one_identifier_is_asked_for(client: Client, query: dict[str, str]) -> None:
    assert client.get("/v1/customers", **query).status == 422


def test_a_number_without_country_code_is_looked_up_in_the_regions_of_the_connections() -> None:
    client = client_of("JP", "DE")
    german = Identifier(kind="phone", value="+4915123456789")
    directory(client).attach([german], reason="call.started", event="e1")
    (customer,) = found(client, phone="0151 23456789")
    assert [one["value"] for one in customer["identifiers"]] == ["+4915123456789"]


@pytest.mark.parametrize("region", [{}, {"region": "JP"}, {"region": "us"}, {"region": "DE"}])
@pytest.mark.parametrize(
    "typed",
    [
        "00819012345678",
        "0081 90 1234 5678",
        "011 81 90-1234-5678",
        "010 81 90 1234 5678",
        "００８１９０１２３４５６７８",
        "0081 90 1234 5678 ext 5",
        "tel:+81-90-1234-5678;ext=5",
        "+819012345678内線 12",
    ],
)
def test_a_number_is_found_as_dialled_from_abroad(client: Client, typed: str, region: dict[str, str]) -> None:
    (customer,) = found(client, phone=typed, **region)
    assert PHONE.value in {one["value"] for one in customer["identifiers"]}


@pytest.mark.parametrize(
    "extension",
    [" ext 5", " ext. 5", ", extension 12", " x5", "#5", ";ext=5", " 内線5", "内線12", "（内線：５）", " (ext 5)"],
)
def test_a_number_is_found_with_an_extension(client: Client, extension: str) -> None:
    for typed in ("090-1234-5678", "０９０－１２３４－５６７８", " 81 90 1234 5678"):
        (customer,) = found(client, phone=f"{typed}{extension}")
        assert PHONE.value in {one["value"] for one in customer["identifiers"]}


@pytest.mark.parametrize("typed", ["ext 5", "内線5", "090-1234-5678 call me", "00", "010", "+", "00 00", "x"])
def test_what_is_no_number_is_still_refused(client: Client, typed: str) -> None:
    assert client.get("/v1/customers", phone=typed).status == 422


def test_an_extension_is_no_identifier_that_joins() -> None:
    assert phone_identifier("090-1234-5678 ext 5", "JP") is None
    assert phone_identifier("0081 90 1234 5678", "JP") is None
    assert email_identifier("ｈａｎａｋｏ＠example.com") is None


@pytest.mark.parametrize(
    "typed", ["ｈａｎａｋｏ＠ｅｘａｍｐｌｅ．ｃｏｍ", "　Hanako@Example.COM ", "hanako＠example.com"]
)
def test_an_address_is_found_in_any_width(client: Client, typed: str) -> None:
    (customer,) = found(client, email=typed)
    assert EMAIL.value in {one["value"] for one in customer["identifiers"]}


def test_a_customer_is_found_by_every_id_that_it_ever_had(client: Client) -> None:
    (customer,) = found(client, email=EMAIL.value)
    for persona in customer["personas"]:
        assert found(client, id=persona) == [customer]
    for nobody in ("a" * 26, "hanako", ""):
        assert found(client, id=nobody) == []


@pytest.fixture
def named() -> Client:
    """A hub that knows a person by a name in kanji, and of another one whose name begins like it."""
    caller = client_of("JP")
    for number, name in ((200, "高橋 健太"), (201, "高橋 健太郎"), (202, "Kenta Smith")):
        record = Identifier(kind="record", scope=HUBSPOT, value=f"contact:{number}")
        directory(caller).attach([record], reason="contact.changed", event=f"e{number}")
        fold(caller, record, "hubspot", [claim("name", name, "2026-05-01T00:00:00.000Z")])
        told(caller, directory(caller).persona_id(record))
    return caller


def told(client: Client, persona: str) -> None:
    """match_customers hears of a customer, as after every change."""
    at = "2026-05-04T00:00:00.000Z"
    said = {"connection": "", "platform": "renkei", "source": "/state", "subject": "s", "delivery": "", "id": persona}
    event = {**said, "type": "customer.linked", "time": at, "received": at, "data": {"persona": persona}}
    records = [{"messageId": persona, "body": json.dumps(event)}]
    assert match_customers({"Records": records}, None, client.hub) == {"batchItemFailures": []}


@pytest.mark.parametrize("name", ["高橋 健太", "高橋健太", "高橋　健太"])
def test_a_customer_is_found_by_name_whole_names_first(named: Client, name: str) -> None:
    assert [one["fields"]["name"]["value"] for one in found(named, name=name)] == ["高橋 健太", "高橋 健太郎"]
    assert len(found(named, name=name, limit="1")) == 1


@pytest.mark.parametrize(
    ("name", "count"), [("高橋", 2), ("ｋｅｎｔａ ｓｍｉ", 1), ("KENTA SMITH", 1), ("山田", 0), ("*", 0)]
)
def test_the_beginning_of_a_name_will_do_in_any_width_and_case(named: Client, name: str, count: int) -> None:
    assert len(found(named, name=name)) == count


@pytest.mark.parametrize(
    "name", ["jo", "José", "José S", "José Si", "jose silv", "Jose Silva", "Silva J", "Silva, José"]
)
def test_a_name_in_two_fields_is_found_by_its_beginning_in_either_order(name: str) -> None:
    client = client_of("JP")
    directory(client).attach([CONTACT], reason="contact.changed", event="e1")
    said = {"first_name": "José", "last_name": "Silva"}.items()
    fold(client, CONTACT, "hubspot", [claim(field, value, "2026-05-01T00:00:00.000Z") for field, value in said])
    told(client, directory(client).persona_id(CONTACT))
    assert len(found(client, name=name)) == 1


@pytest.mark.parametrize("name", ["ｋｅｎｔａ　ｓｍ", "Smith Ken", "Kenta S", "kentas"])
def test_a_beginning_goes_on_beyond_the_space(named: Client, name: str) -> None:
    assert [one["fields"]["name"]["value"] for one in found(named, name=name)] == ["Kenta Smith"]


def test_no_name_is_part_of_a_key(named: Client) -> None:
    keys = "".join(f"{item.pk}{item.sk}{item.index}" for item in named.store.everything())
    assert not any(word in keys.lower() for word in ("高橋", "takahashi", "smith"))


@pytest.mark.parametrize("name", ["a" * 201])
def test_a_name_too_long_is_refused(named: Client, name: str) -> None:
    assert named.get("/v1/customers", name=name).status == 422


def test_a_customer_is_read_as_of_a_time() -> None:
    client = client_of("JP")
    who = directory(client)
    for day, value in (("01", "Engineer"), ("10", "Director")):
        fold(client, CONTACT, "hubspot", [claim("title", value, f"2026-05-{day}T00:00:00.000Z")])
    who.attach([CONTACT, PHONE], reason="contact.changed", event="e1", at="2026-05-01T00:00:00.000Z")
    who.attach([CONTACT, EMAIL], reason="contact.changed", event="e2", at="2026-05-10T00:00:00.000Z")
    path = f"/v1/customers/{who.persona_id(CONTACT)}"
    then = client.get(path, at="2026-05-05T00:00:00Z").json
    assert then["fields"]["title"]["value"] == "Engineer"
    assert {one["kind"] for one in then["identifiers"]} == {"record", "phone"}
    now = client.get(path).json
    assert now["fields"]["title"]["value"] == "Director"
    assert client.get(path, at="2026-05-10T09:00:00+09:00").json["fields"] == now["fields"]
    assert client.get(path, at="today").json["errors"][0]["field"] == "at"


def test_a_number_that_two_records_of_one_crm_hold_finds_each_of_them() -> None:
    client = client_of("JP")
    twin = Identifier(kind="record", scope=HUBSPOT, value="contact:102")
    for number, record in enumerate((CONTACT, twin)):
        directory(client).attach([record, PHONE], reason="contact.changed", event=f"e{number}")
        fold(client, record, "hubspot", [])
    customers = found(client, phone=PHONE.value)
    assert {one["value"] for one in customers[0]["identifiers"]} == {PHONE.value}
    assert sorted(record["id"] for customer in customers for record in customer["records"]) == ["101", "102"]
    assert len(customers[0]["candidates"]) == 2
    (alone,) = found(client, record=f"{HUBSPOT}:contact:102")
    assert [record["id"] for record in alone["records"]] == ["102"]


def test_every_field_names_its_source_its_time_and_what_others_say(client: Client) -> None:
    (customer,) = found(client, email=EMAIL.value)
    title = customer["fields"]["title"]
    assert (title["value"], title["at"], title["precision"]) == ("Director", "2026-05-03T00:00:00.000Z", "field")
    assert title["source"] == {"connection": SALESFORCE, "platform": "salesforce", "record": "contact:003X"}
    assert [(one["value"], one["source"]["platform"]) for one in title["others"]] == [("Engineer", "hubspot")]
    assert customer["fields"]["name"]["precision"] == "row"


def test_records_are_listed_with_those_that_were_deleted_and_a_chat_profile_is_none(client: Client) -> None:
    fold(client, LEAD, "salesforce", [], change="deleted")
    records(client).fold(
        USER, CHAT, "whatsapp_cloud", {"object": "profile", "id": "", "at": "", "claims": [claim("name", "H", "2026")]}
    )
    (customer,) = found(client, email=EMAIL.value)
    assert [(one["platform"], one["id"], one["deleted"]) for one in customer["records"]] == [
        ("hubspot", "101", False),
        ("salesforce", "003X", True),
    ]
    assert customer["fields"]["title"]["value"] == "Engineer"


def test_every_persona_id_is_an_id_of_the_customer(client: Client) -> None:
    (customer,) = found(client, email=EMAIL.value)
    assert len(customer["personas"]) == 5
    for persona in customer["personas"]:
        assert client.get(f"/v1/customers/{persona}").json == customer


def test_an_id_from_before_a_merge_still_finds_the_customer() -> None:
    client = client_of("JP")
    who = directory(client)
    who.attach([PHONE], reason="call.started", event="e1")
    who.attach([USER], reason="message.received", event="e2")
    before = [found(client, phone=PHONE.value)[0]["id"], who.persona_id(USER)]
    who.attach([USER, PHONE], reason="message.received", event="e3")
    after = [client.get(f"/v1/customers/{one}").json for one in before]
    assert after[0] == after[1]
    assert len(after[0]["identifiers"]) == 2


@pytest.mark.parametrize("customer_id", ["z" * 26, "1" * 26, "a", "A" * 26, "a" * 27])
def test_an_unknown_customer_is_404(client: Client, customer_id: str) -> None:
    assert client.get(f"/v1/customers/{customer_id}").status == 404
    assert client.get(f"/v1/customers/{customer_id}/timeline").status == 404


def test_text_of_strangers_comes_out_as_it_went_in(client: Client) -> None:
    (customer,) = found(client, email=EMAIL.value)
    assert customer["fields"]["name"]["value"] == SCRIPT
    assert client.answers[-1].headers["content-type"] == "application/json"


def test_reading_changes_nothing(client: Client) -> None:
    before = client.store.everything()
    (customer,) = found(client, email=EMAIL.value)
    client.get(f"/v1/customers/{customer['id']}")
    client.get(f"/v1/customers/{customer['id']}/timeline")
    assert client.store.everything() == before


def test_of_the_many_who_share_a_switchboards_number_the_first_are_shown_and_all_are_named() -> None:
    client = client_of("JP")
    for number in range(40):
        contact = Identifier(kind="record", scope=HUBSPOT, value=f"contact:{number}")
        directory(client).attach([contact, PHONE], reason="contact.changed", event=f"e{number}")
    customers = found(client, phone=PHONE.value)
    assert len(customers) == 26
    assert len(customers[0]["candidates"]) == 40
