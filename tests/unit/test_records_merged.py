"""A platform that merges records says so once, and both stand for one person, whether or not we can read the platform."""

from __future__ import annotations

import json
from typing import Any

from hub.delivery import Connection
from hub.directory import Directory
from hub.domain.events import Identifier
from hub.memory import MemoryBus, MemoryConnections, memory_hub
from sync_crm.handler import handler as read_records
from sync_customers.handler import handler as file_events

SHOP = Connection("shop", "shopify")
TOUCHED = {
    "id": "e1",
    "type": "record.touched",
    "source": "/connections/shop",
    "subject": "contact:1",
    "time": "2026-03-01T00:00:00.000Z",
    "connection": "shop",
    "platform": "shopify",
    "delivery": "d",
    "received": "2026-03-01T00:00:00.000Z",
    "data": {"record": {"object": "contact", "id": "1"}, "change": "merged", "merged_ids": ["2", "3"]},
}


def batch(*events: dict[str, Any]) -> dict[str, Any]:
    return {"Records": [{"messageId": str(n), "body": json.dumps(one)} for n, one in enumerate(events)]}


def test_what_was_merged_away_is_deleted_and_stands_for_the_survivor() -> None:
    bus = MemoryBus()
    hub = memory_hub(connections=MemoryConnections([SHOP]), bus=bus)
    assert read_records(batch(TOUCHED), None, hub) == {"batchItemFailures": []}
    assert [one["type"] for one in bus.events] == ["contact.deleted"] * 2
    assert file_events(batch(*bus.events), None, hub) == {"batchItemFailures": []}
    who = Directory(hub.store, hub.secrets.hash_key())
    found = who.customer(who.persona_id(Identifier(kind="record", scope="shop", value="contact:1")))
    assert found is not None
    assert {one.identifier.value for one in found.personas} == {"contact:1", "contact:2", "contact:3"}
    assert {one["id"]: one["deleted"] for one in found.records} == {"2": True, "3": True}
