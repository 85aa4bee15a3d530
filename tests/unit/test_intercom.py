"""Intercom: what its notifications become, beyond the examples in its folder."""

from __future__ import annotations

import json
from typing import Any

from connectors.intercom import CONNECTOR
from hub.delivery import Connection, Delivery
from hub.domain.events import Event, Mapped

CONNECTION = Connection("i" * 26, "intercom", settings={"app_id": "rnk1abcd"})


def notification(topic: str, item: Any, **more: Any) -> dict[str, Any]:
    common = {"type": "notification_event", "app_id": "rnk1abcd", "id": "notif_1", "created_at": 1795348001}
    return {**common, "topic": topic, "data": {"item": item}, **more}


def mapped(body: Any) -> Mapped:
    delivery = Delivery(CONNECTION.id, "intercom", "crm", "2026-11-22T12:00:00.000Z", json.dumps(body).encode())
    return CONNECTOR.map_delivery(delivery, CONNECTION)


def one(body: Any) -> Event:
    (event,) = mapped(body).events
    return event


def talk(*parts: Any, contacts: tuple[str, ...] = ("c1",)) -> dict[str, Any]:
    people = {"contacts": [{"id": contact} for contact in contacts]}
    return {"id": "5", "type": "conversation", "contacts": people, "conversation_parts": {"conversation_parts": parts}}


def part(number: int, author: str, kind: str = "user") -> dict[str, Any]:
    said = {"type": kind, "id": author, "name": f"Name of {author}", "email": f"{author}@example.jp"}
    return {"id": str(number), "part_type": "comment", "body": "x", "author": said}


def test_another_attempt_is_the_same_event() -> None:
    first = notification("conversation.admin.closed", talk(), delivery_attempts=1)
    assert one(first).id == one({**first, "delivery_attempts": 2}).id


def test_each_part_of_a_conversation_is_an_event_of_its_own() -> None:
    events = mapped(notification("conversation.user.replied", talk(part(1, "c1"), part(2, "c1")))).events
    assert [event.data["comment"]["id"] for event in events] == ["1", "2"]
    assert len({event.id for event in events}) == 2


def test_the_name_of_a_teammate_is_never_that_of_the_customer() -> None:
    customer = one(notification("conversation.admin.replied", talk(part(1, "c1", "admin")))).data["customer"]
    assert customer == {"identifiers": [{"kind": "record", "value": "contact:c1", "scope": CONNECTION.id}]}


def test_the_email_of_another_writer_is_never_that_of_the_customer() -> None:
    assert "c2@example.jp" not in json.dumps(one(notification("conversation.user.replied", talk(part(1, "c2")))).data)


def test_a_topic_that_is_new_in_a_known_area_still_says_how_the_record_is() -> None:
    event = one(notification("ticket.sla.breached", {"id": "7", "type": "ticket", "ticket_state": "submitted"}))
    assert (event.type, event.data["event"], event.data["status"]) == ("ticket.changed", "ticket.sla.breached", "new")


def test_a_ping_becomes_nothing_and_is_no_error() -> None:
    assert mapped(notification("ping", {"type": "ping"}, id=None)) == Mapped(ignored=1)
