"""RingCentral: the echo of a token, direction in the business's sense, when a call is over."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.ringcentral import CONNECTOR
from hub.delivery import Connection, Delivery, Request
from hub.domain.events import Mapped

OURS = {"phoneNumber": "+12025550155", "extensionId": "301", "name": "Hana Lindqvist"}
CUSTOMER = {"phoneNumber": "+12025550123"}


def mapped(body: dict[str, Any], event: str = "/restapi/v1.0/account/1/telephony/sessions", uuid: str = "u") -> Mapped:
    root = {"uuid": uuid, "event": event, "timestamp": "2026-11-22T10:00:00.000Z", "body": body}
    delivery = Delivery("c" * 26, "ringcentral", "telephony", "2026-11-22T10:00:00.000Z", json.dumps(root).encode())
    return CONNECTOR.map_delivery(delivery, Connection("c" * 26, "ringcentral", settings={"account_id": "1"}))


def session(origin: str = "Call", uuid: str = "u", sequence: int = 1, **party: Any) -> Mapped:
    party = {"id": "p-1", "status": {"code": party.pop("code", "Proceeding"), **party.pop("status", {})}, **party}
    body = {"telephonySessionId": "s-1", "sequence": sequence, "parties": [party], "origin": {"type": origin}}
    return mapped(body, uuid=uuid)


def test_the_token_of_an_empty_request_comes_back_in_the_header() -> None:
    answer = CONNECTOR.handshake(Request("POST", "u", {"validation-token": "f1a8-2c"}, b""), {})
    assert answer is not None
    assert (answer.status, answer.headers, answer.content_type) == (
        200,
        {"validation-token": "f1a8-2c"},
        "application/json",
    )


@pytest.mark.parametrize("token", ["", "a b", "a\r\nset-cookie: x", "é", "x" * 513])
def test_what_is_no_token_is_not_echoed(token: str) -> None:
    assert CONNECTOR.handshake(Request("POST", "u", {"validation-token": token}, b""), {}) is None


def test_a_delivery_is_no_handshake_although_it_carries_the_token() -> None:
    assert CONNECTOR.handshake(Request("POST", "u", {"validation-token": "secret"}, b'{"uuid":"1"}'), {}) is None


@pytest.mark.parametrize(
    ("origin", "technical", "caller", "called", "extension", "direction"),
    [
        ("Call", "Inbound", CUSTOMER, OURS, "301", "inbound"),
        ("Call", "Outbound", OURS, CUSTOMER, "301", "outbound"),
        ("Call", "Inbound", OURS, CUSTOMER, None, "outbound"),
        ("Call", "Inbound", {"phoneNumber": "+12025550155"}, CUSTOMER, None, "outbound"),
        ("Call", "Outbound", CUSTOMER, {"phoneNumber": "+12025550155"}, None, "inbound"),
        ("RingOut", "Inbound", CUSTOMER, OURS, "301", "outbound"),
        ("RingOut", "Inbound", OURS, CUSTOMER, None, "outbound"),
        ("Call", "Inbound", {**OURS, "extensionId": "302"}, OURS, "301", "internal"),
    ],
)
def test_direction_is_the_business_s_whatever_the_network_calls_it(
    origin: str, technical: str, caller: Any, called: Any, extension: str | None, direction: str
) -> None:
    party: dict[str, Any] = {
        "direction": technical,
        "from": caller,
        "to": called,
        **({"extensionId": extension} if extension else {}),
    }
    data = session(origin, **party).events[0].data
    assert data["direction"] == direction
    if direction != "internal":
        assert data["customer"]["identifiers"] == [{"kind": "phone", "value": "+12025550123"}]


@pytest.mark.parametrize(
    ("more", "over"),
    [
        ({}, True),
        ({"missedCall": True}, True),
        ({"missedCall": True, "queueCall": True}, False),
        ({"status": {"reason": "AgentAnswered"}}, False),
        ({"status": {"reason": "TargetBusy"}}, True),
    ],
)
def test_the_call_is_over_unless_others_still_have_it(more: dict[str, Any], over: bool) -> None:
    party: dict[str, Any] = {
        "code": "Disconnected",
        "direction": "Inbound",
        "from": CUSTOMER,
        "to": OURS,
        "extensionId": "301",
    }
    legs = [event.data["leg_id"] for event in session(**party, **more).events]
    assert ("s-1" in legs) is over


def test_two_subscriptions_that_tell_of_one_step_give_one_event() -> None:
    party: dict[str, Any] = {"direction": "Inbound", "from": CUSTOMER, "to": OURS, "extensionId": "301"}
    first, second = session(uuid="a", **party).events[0], session(uuid="b", **party).events[0]
    assert first.id == second.id != session(sequence=2, **party).events[0].id
