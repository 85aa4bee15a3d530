"""What platforms announce about who somebody is, as events: new numbers, new ids, merges, numbers of our own."""

from __future__ import annotations

import json
from typing import Any

from hub.delivery import Connection
from hub.directory import Customer, Directory
from hub.domain.events import Identifier
from hub.memory import MemoryConnections, memory_hub
from hub.timeline_store import TimelineStore
from hub.wiring import Hub
from sync_customers.handler import handler

OLD = {"kind": "phone", "scope": "", "value": "+819012340001"}
NEW = {"kind": "phone", "scope": "", "value": "+819012340002"}
OURS = {"kind": "phone", "scope": "", "value": "+815012349999"}
CHAT = {"kind": "whatsapp_user_id", "scope": "portfolio", "value": "JP.1111"}
NEXT_CHAT = {"kind": "whatsapp_user_id", "scope": "portfolio", "value": "JP.2222"}
MIRA = {"kind": "record", "scope": "hs", "value": "contact:11"}
TARO = {"kind": "record", "scope": "hs", "value": "contact:12"}
PLATFORMS = {"wa": "whatsapp_cloud", "hs": "hubspot", "tw": "twilio"}


def event(event_type: str, at: str, data: dict[str, Any], connection: str) -> dict[str, Any]:
    time = f"2026-{at}-01T00:00:00.000Z"
    return {
        "id": f"{event_type}{at}{json.dumps(data)}",
        "type": event_type,
        "source": "/x",
        "subject": "s",
        "time": time,
        "connection": connection,
        "platform": PLATFORMS[connection],
        "delivery": "d",
        "received": time,
        "data": data,
    }


def message(at: str, *identifiers: dict[str, str], business: str | None = None) -> dict[str, Any]:
    data = {"message_id": f"w{at}", "channel": "whatsapp", "direction": "inbound", "text": "Hello"}
    return event("message.received", at, data | {"customer": {"identifiers": identifiers}, "business": business}, "wa")


def contact(at: str, number: str, phone: str | None, *identifiers: dict[str, str]) -> dict[str, Any]:
    claim = {"field": "phone", "value": phone, "at": f"2026-{at}-01T00:00:00.000Z"}
    data = {"record": {"object": "contact", "id": number}, "claims": [claim], "identifiers": identifiers}
    return event("contact.changed", at, data, "hs")


def changed(at: str, old: list[dict[str, str]], new: list[dict[str, str]]) -> dict[str, Any]:
    data = {"status": "user_changed_number", "customer": {"identifiers": [*new, *old]}, "native": {"previous": old}}
    return event("identity.changed", at, data, "wa")


def run(*events: dict[str, Any]) -> Hub:
    connection = Connection("hs", "hubspot", settings={"default_region": "JP"})
    hub = memory_hub(connections=MemoryConnections([connection]))
    batch = {"Records": [{"messageId": str(n), "body": json.dumps(one)} for n, one in enumerate(events)]}
    assert handler(batch, None, hub) == {"batchItemFailures": []}
    return hub


def customer(hub: Hub, identifier: dict[str, str]) -> Customer:
    who = Directory(hub.store, hub.secrets.hash_key())
    found = who.customer(who.persona_id(Identifier.model_validate(identifier)))
    assert found is not None
    return found


def people(hub: Hub, identifier: dict[str, str]) -> set[str]:
    return {persona.identifier.value for persona in customer(hub, identifier).personas}


def test_a_new_number_goes_on_with_the_history_of_the_old_one_and_the_old_one_with_its_next_user() -> None:
    hub = run(message("01", CHAT, OLD), changed("05", [OLD], [CHAT, NEW]), message("09", NEXT_CHAT, OLD))
    assert people(hub, CHAT) == {"JP.1111", OLD["value"], NEW["value"]}
    assert people(hub, NEXT_CHAT) == {"JP.2222", OLD["value"]}
    mine = next(one for one in customer(hub, CHAT).personas if one.identifier.value == OLD["value"])
    assert mine.periods == (("", "2026-05-01T00:00:00.000Z"),)


def test_a_new_user_id_is_the_same_person_and_the_news_is_on_their_timeline() -> None:
    hub = run(message("01", CHAT, OLD), changed("05", [CHAT], [NEXT_CHAT]), message("09", NEXT_CHAT, NEW))
    found = customer(hub, CHAT)
    assert {one.identifier.value for one in found.personas} == {"JP.1111", "JP.2222", OLD["value"], NEW["value"]}
    entries = [
        item.body["kind"] for one in found.personas for item in TimelineStore(hub.store).page(one.id, limit=9).items
    ]
    assert sorted(entries) == ["message", "message", "notice"]


def test_a_number_as_typed_in_the_crm_is_held_until_another_is_typed() -> None:
    hub = run(
        contact("01", "11", "090-1234-0001", OLD), contact("05", "11", "090 1234 0002", NEW), message("07", CHAT, OLD)
    )
    assert people(hub, CHAT) == {"JP.1111", OLD["value"]}
    assert people(hub, MIRA) == {"contact:11", OLD["value"], NEW["value"]}


def test_a_number_that_was_emptied_in_the_crm_is_not_held_any_more() -> None:
    hub = run(contact("01", "11", "090-1234-0001", OLD), contact("05", "11", None), message("07", CHAT, OLD))
    assert people(hub, CHAT) == {"JP.1111", OLD["value"]}


def test_a_record_merged_away_stands_for_its_survivor() -> None:
    gone = {"record": {"object": "contact", "id": "12"}, "change": "deleted", "identifiers": [MIRA]}
    hub = run(
        contact("01", "11", "09012340001", OLD),
        contact("02", "12", "09012340001", OLD),
        event("contact.deleted", "03", gone, "hs"),
    )
    assert people(hub, TARO) == people(hub, OLD) == {"contact:11", "contact:12", OLD["value"]}


def test_our_own_number_in_a_contact_joins_nobody() -> None:
    ours = contact("01", "11", "05012349999", OURS)
    call = {"call_id": "c", "leg_id": "c", "customer": {"identifiers": [OURS]}, "direction": "inbound"}
    hub = run(ours, event("call.started", "02", call, "tw"), message("03", CHAT, OLD, business=OURS["value"]))
    assert people(hub, MIRA) == {"contact:11"}
    assert people(hub, OURS) == {OURS["value"]}


def test_the_number_that_was_called_is_ours() -> None:
    called = {"call_id": "c", "leg_id": "c", "customer": {"identifiers": [OLD]}, "business": OURS["value"]}
    hub = run(contact("01", "11", "05012349999", OURS), event("call.started", "02", called, "tw"))
    assert people(hub, MIRA) == {"contact:11"}


def test_a_claim_out_of_the_future_counts_as_of_when_it_came() -> None:
    ahead = contact("01", "11", "090-1234-0001", OLD)
    ahead["data"]["claims"][0]["at"] = "2031-01-01T00:00:00.000Z"
    hub = run(ahead, contact("05", "11", "090-1234-0002", NEW))
    assert customer(hub, MIRA).fields["phone"]["value"] == "090-1234-0002"
    assert people(hub, OLD) == {OLD["value"]}
