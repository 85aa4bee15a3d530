"""Events become customers and timelines, once, in any order, whoever delivers them how often."""

from __future__ import annotations

import itertools
import json
from typing import Any

from hub.directory import Customer, Directory
from hub.domain.events import Identifier
from hub.memory import memory_hub
from hub.timeline_store import Entry, TimelineStore, read
from hub.wiring import Hub
from sync_customers.handler import handler

PHONE = {"kind": "phone", "value": "+819012340001"}
CHAT = {"kind": "whatsapp_user_id", "scope": "portfolio", "value": "JP.1111"}
RECORD = {"object": "contact", "id": "11"}


def event(
    event_type: str, number: int, at: str, data: dict[str, Any], connection: str = "wa", **more: str
) -> dict[str, Any]:
    made = {
        "id": f"e{number}",
        "type": event_type,
        "source": f"/connections/{connection}",
        "subject": "s",
        "time": f"2026-11-20T{at}.000Z",
        "connection": connection,
        "platform": {"wa": "whatsapp_cloud", "tw": "twilio", "hs": "hubspot"}[connection],
        "delivery": "d",
        "received": f"2026-11-20T{at}.500Z",
        "raw": "raw/x#0",
        "data": data,
    }
    return made | more


def message(number: int, at: str, *identifiers: dict[str, str], text: str = "Hello") -> dict[str, Any]:
    data = {"message_id": f"w{number}", "channel": "whatsapp", "direction": "inbound", "text": text}
    return event("message.received", number, at, data | {"customer": {"identifiers": identifiers, "name": "Hanako"}})


def claims(at: str, **fields: str) -> list[dict[str, str]]:
    return [{"field": name, "value": value, "at": f"2026-11-20T{at}.000Z"} for name, value in fields.items()]


def contact(number: int, at: str, changed: list[str], **fields: str) -> dict[str, Any]:
    data = {"record": RECORD, "claims": claims(at, **fields), "identifiers": [PHONE], "changed": changed}
    return event("contact.changed", number, at, data | {"created_at": "2026-11-20T08:00:00.000Z"}, "hs")


def batch(events: list[dict[str, Any]]) -> dict[str, Any]:
    return {"Records": [{"messageId": str(n), "body": json.dumps(one)} for n, one in enumerate(events)]}


def run(events: list[dict[str, Any]], hub: Hub | None = None) -> Hub:
    hub = hub or memory_hub()
    assert handler(batch(events), None, hub) == {"batchItemFailures": []}
    return hub


def customer(hub: Hub, identifier: dict[str, str]) -> Customer:
    directory = Directory(hub.store, hub.secrets.hash_key())
    found = directory.customer(directory.persona_id(Identifier.model_validate(identifier)))
    assert found is not None
    return found


def entries(hub: Hub, identifier: dict[str, str]) -> list[Entry]:
    store = TimelineStore(hub.store)
    found = [read(item) for one in customer(hub, identifier).personas for item in store.page(one.id, limit=99).items]
    return sorted(found, key=lambda entry: entry.at)


STORY = [
    contact(1, "08:00:00", ["name", "phone"], name="Sato Hanako", phone="+819012340001", title="Buyer"),
    message(2, "09:00:00", PHONE, CHAT),
    message(3, "09:05:00", CHAT, text="A second one"),
    event(
        "call.ended",
        4,
        "10:00:40",
        {"call_id": "c", "leg_id": "c", "outcome": "answered", "customer": {"identifiers": [PHONE]}},
        "tw",
    ),
    event(
        "call.recorded", 5, "10:01:00", {"call_id": "c", "leg_id": "c", "recording_id": "R", "url": "https://x/R"}, "tw"
    ),
    contact(6, "11:00:00", ["title"], title="Head of purchasing"),
]


def seen(hub: Hub) -> Any:
    found = customer(hub, CHAT)
    people = sorted(one.identifier.value for one in found.personas)
    return people, found.fields["title"], [(entry.kind, entry.at, entry.shown) for entry in entries(hub, CHAT)]


def test_a_message_a_call_and_a_change_of_title_are_one_customer_with_one_timeline() -> None:
    hub = run(STORY)
    assert [entry.kind for entry in entries(hub, PHONE)] == ["record", "message", "message", "call", "record"]
    title = customer(hub, CHAT).fields["title"]
    assert (title["value"], title["at"]) == ("Head of purchasing", "2026-11-20T11:00:00.000Z")
    assert title["source"] == {"connection": "hs", "platform": "hubspot", "object": "contact", "id": "11"}


def test_every_order_of_the_story_twice_over_ends_the_same() -> None:
    expected = seen(run(STORY))
    for order in itertools.permutations(STORY):
        assert seen(run([*order, *order])) == expected


def test_running_an_event_again_writes_nothing() -> None:
    hub = run(STORY)
    before = len(hub.store.changes)  # type: ignore[attr-defined]
    run(STORY, hub)
    assert len(hub.store.changes) == before  # type: ignore[attr-defined]


def test_changes_within_a_minute_of_the_creation_are_one_entry() -> None:
    typed = [contact(7, "08:00:00", ["name"], name="Sato"), contact(8, "08:00:50", ["title"], title="Buyer")]
    later = contact(9, "08:01:01", ["title"], title="Head")
    hub = run([later, *typed])
    assert [entry.shown["fields"] for entry in entries(hub, PHONE)] == [
        {"name": "Sato", "title": "Buyer"},
        {"title": "Head"},
    ]


def test_a_chat_profile_names_the_customer_only_while_no_record_does() -> None:
    hub = run([message(1, "09:00:00", PHONE, CHAT)])
    assert customer(hub, CHAT).fields["name"]["value"] == "Hanako"
    run([contact(2, "08:00:00", ["name"], name="Sato Hanako")], hub)
    assert customer(hub, CHAT).fields["name"]["value"] == "Sato Hanako"


def test_participants_of_a_group_are_not_joined_by_the_statuses_of_a_message() -> None:
    other = {"kind": "phone", "value": "+819012340002"}
    statuses = [
        event(
            "message.status_changed",
            n,
            "09:00:00",
            {
                "message_id": "g",
                "channel": "whatsapp",
                "group_id": "G",
                "status": "read",
                "customer": {"identifiers": [who]},
            },
        )
        for n, who in enumerate([PHONE, other])
    ]
    hub = run([message(5, "08:00:00", PHONE), message(6, "08:00:00", other), *statuses])
    assert len(customer(hub, PHONE).personas) == 1


def test_an_event_whose_data_do_not_fit_is_set_aside_and_its_neighbours_go_on() -> None:
    broken = message(1, "09:00:00", PHONE) | {"data": {"message_id": 5}}
    hub = run([broken, message(2, "09:00:00", CHAT)])
    assert [one.reason for one in hub.queue.messages["sync-customers-dead"]] == ["the event is not valid: 4 fields"]  # type: ignore[attr-defined]
    assert len(entries(hub, CHAT)) == 1
