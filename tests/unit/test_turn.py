"""Turn.io: which side wrote a message, and under which id."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.turn import CONNECTOR
from hub.delivery import Connection, Delivery
from hub.domain.events import Mapped

CONNECTION = Connection("a" * 26, "turn")


def mapped(body: Any, **headers: str) -> Mapped:
    kept = {name.replace("_", "-"): text for name, text in headers.items()}
    received = "2026-11-22T12:00:00.000Z"
    return CONNECTOR.map_delivery(
        Delivery(CONNECTION.id, "turn", "whatsapp", received, json.dumps(body).encode(), headers=kept), CONNECTION
    )


def message(**parts: Any) -> dict[str, Any]:
    return {"type": "text", "text": {"body": "hi"}, **parts}


def outbound(owner: str) -> dict[str, Any]:
    return {"_vnd": {"v1": {"direction": "outbound", "chat": {"owner": owner}}}}


def test_a_message_sent_without_an_id_of_its_own_has_the_one_of_the_header() -> None:
    found = mapped(message(to="12025550143"), x_whatsapp_id="wamid.1")
    assert [(event.type, event.subject) for event in found.events] == [("message.echoed", "wamid.1")]


def test_a_message_sent_without_any_id_is_set_aside() -> None:
    assert [part.type for part in mapped(message(to="12025550143")).unmapped] == ["messages/unreadable"]


@pytest.mark.parametrize("place", ["alone", "in a list"])
def test_the_same_message_of_ours_has_one_id_wherever_it_stands(place: str) -> None:
    ours = {**message(id="wamid.2", to="12025550143"), **outbound("+12025550143")}
    (event,) = mapped(ours if place == "alone" else {"messages": [ours]}).events
    alone = mapped(message(to="12025550143"), x_whatsapp_id="wamid.2").events[0]
    assert event.id == alone.id


def test_the_owner_of_the_chat_is_the_customer_of_a_message_of_ours() -> None:
    (event,) = mapped({"messages": [{**message(id="wamid.3"), **outbound("+12025550143")}]}).events
    assert event.data["customer"]["identifiers"] == [{"kind": "phone", "value": "+12025550143"}]


def test_a_list_of_our_own_messages_alone_leaves_nothing_else() -> None:
    ours = {**message(id="wamid.4"), **outbound("+12025550143")}
    found = mapped({"contacts": [{"wa_id": "12025550143"}], "messages": [ours]})
    assert (len(found.events), found.unmapped, found.ignored) == (1, (), 0)
