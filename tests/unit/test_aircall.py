"""Aircall: whose e-mail it is, and both versions of an event being one."""

from __future__ import annotations

import json
from typing import Any

from connectors.aircall import CONNECTOR
from hub.delivery import Connection, Delivery
from hub.domain.events import Event, Mapped


def mapped(event: str, data: dict[str, Any], timestamp: int = 1795341600) -> Mapped:
    body = {"resource": "x", "event": event, "timestamp": timestamp, "token": "", "data": data}
    delivery = Delivery("c" * 26, "aircall", "telephony", "2026-11-22T10:00:00.000Z", json.dumps(body).encode())
    return CONNECTOR.map_delivery(delivery, Connection("c" * 26, "aircall", settings={"default_region": "FR"}))


def call(raw: str, number: str) -> Event:
    contact = {"first_name": "Amara", "phone_numbers": [{"value": number}], "emails": [{"value": "a@osei.example"}]}
    return mapped("call.created", {"id": 1, "direction": "inbound", "raw_digits": raw, "contact": contact}).events[0]


def test_a_contact_with_another_number_gives_the_caller_neither_name_nor_address() -> None:
    other = call("+33 1 99 00 99 99", "+33 6 39 98 12 34").data["customer"]
    assert other == {"identifiers": [{"kind": "phone", "value": "+33199009999"}]}
    same = call("+33 6 39 98 12 34", "06 39 98 12 34").data["customer"]
    assert [one["kind"] for one in same["identifiers"]] == ["phone", "email"]


def test_the_token_is_not_stored() -> None:
    stored = CONNECTOR.without_credentials(b'{"event":"call.created","token":"45XXYYZZa08","data":{"token":"mine"}}')
    assert json.loads(stored) == {"event": "call.created", "token": "", "data": {"token": "mine"}}


def test_an_event_sent_twice_is_one_and_the_next_one_is_another() -> None:
    tags = {"id": 1, "tags": [{"name": "Repair"}]}
    first, again = mapped("call.tagged", tags).events[0], mapped("call.tagged", tags).events[0]
    assert first.id == again.id != mapped("call.tagged", tags, 1795341601).events[0].id


def test_the_last_tag_taken_away_leaves_no_disposition() -> None:
    data = mapped("call.untagged", {"id": 1, "tags": []}).events[0].data
    assert "label" not in data and "tags" not in data
