"""What happened under an identifier while several held it is found: under an id of its own, and named where it may belong."""

from __future__ import annotations

from typing import Any

import pytest

from hub.conversations import ConversationStore
from hub.directory import Directory
from hub.domain import components
from hub.domain import conversations as talk
from hub.domain.events import Identifier
from hub.evidence_view import _CLASHES
from hub.memory import memory_hub
from hub.records import RecordStore
from hub.timeline_store import Filing, TimelineStore
from tests.unit.api_client import AGENT, Client

PHONE = Identifier(kind="phone", value="+819012340001")
NEW = Identifier(kind="phone", value="+819012340002")
MIRA, TARO = (Identifier(kind="record", scope="hs", value=f"contact:{n}") for n in (1, 2))


def tell(who: Directory, at: str, record: Identifier, phone: Identifier) -> None:
    who.attach([record, phone], reason="contact.changed", event=at, at=at, connection="hs")
    held: dict[str, Any] = {"holds": [("phone", who.persona_id(phone), at)], "claims": []}
    data = {"object": "contact", "id": record.value[-1], "at": at, **held}
    RecordStore(who.store, who.hashed).fold(record, "hs", "hubspot", data)


@pytest.fixture
def client() -> Client:
    client = Client(memory_hub(), (AGENT,))
    who = Directory(client.store, client.secrets.hash_key())
    tell(who, "2026-01-01T00:00:00.000Z", MIRA, PHONE)
    tell(who, "2026-03-01T00:00:00.000Z", TARO, PHONE)
    tell(who, "2026-05-01T00:00:00.000Z", MIRA, NEW)
    for month in (2, 4, 6):
        at = f"2026-0{month}-15T00:00:00.000Z"
        fact = {"type": "message.received", "at": at, "timequality": "platform", "received": at, "raw": ""}
        fact["data"] = {"message_id": at, "channel": "sms", "direction": "inbound", "text": "Hello"}  # type: ignore[assignment]
        event = {"id": at, "connection": "tw", "platform": "twilio"}
        filing = Filing(who.persona_id(PHONE), 3)
        TimelineStore(client.store).record(f"entry{month}", "message", event, fact, filing)
    return client


def entries(client: Client, customer: str) -> list[str]:
    return [one["id"] for one in client.get(f"/v1/customers/{customer}/timeline").json["entries"]]


def test_every_entry_is_on_exactly_one_timeline(client: Client) -> None:
    who = Directory(client.store, client.secrets.hash_key())
    taro = client.get(f"/v1/customers/{who.persona_id(TARO)}").json
    (past,) = taro["unassigned"]
    assert entries(client, taro["id"]) == ["entry6"]
    assert entries(client, past) == ["entry4", "entry2"]
    assert entries(client, who.persona_id(MIRA)) == []
    assert client.get(f"/v1/customers/{past}").json["id"] == past
    assert {one["id"] for one in client.get(f"/v1/customers/{past}").json["candidates"]} == {
        who.persona_id(MIRA),
        who.persona_id(TARO),
    }


def test_a_past_that_is_nobodys_is_merged_with_nobody(client: Client) -> None:
    who = Directory(client.store, client.secrets.hash_key())
    answer = client.post(f"/v1/customers/r{who.persona_id(PHONE)}/merge", {"with": who.persona_id(MIRA), "why": "x"})
    assert answer.status == 409
    assert "a past that is nobody's" in answer.json["detail"]


def test_every_clash_has_a_word() -> None:
    whys = {value for name, value in vars(components).items() if name.isupper() and isinstance(value, str)}
    assert whys == set(_CLASHES)


def test_a_conversation_of_such_a_time_is_found_by_its_id(client: Client) -> None:
    who = Directory(client.store, client.secrets.hash_key())
    at = "2026-04-15T00:00:00.000Z"
    conversations = ConversationStore(client.store)
    known = conversations.load(who.persona_id(PHONE), "t" * 26, "sms")
    conversations.note(known, talk.inbound(at, "entry4", "Hello"))
    (row,) = client.get("/v1/inbox").json["rows"]
    assert row["customer"] == f"r{who.persona_id(PHONE)}"
    shown = row["conversation"]["id"]
    assert client.get(f"/v1/conversations/{shown}").json["id"] == shown
