"""Zoom: the challenge that signs nothing else, devices as legs, passwords that are not stored."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.zoom import CONNECTOR
from hub.connector import authenticate
from hub.delivery import Connection, Delivery, Request
from hub.domain.events import Event
from hub.domain.timeline_calls import show_call
from hub.errors import Unauthorized

SECRETS = {"signing": "the-secret-token"}
CUSTOMER = {"phone_number": "+447700900123", "connection_type": "pstn_off_net"}


def challenge(plain: Any, method: str = "POST") -> Any:
    body = json.dumps({"event": "endpoint.url_validation", "payload": {"plainToken": plain}}).encode()
    return CONNECTOR.handshake(Request(method, "https://hub.example/x", {}, body), SECRETS)


def mapped(event: str, item: dict[str, Any]) -> tuple[Event, ...]:
    body = {"event": event, "event_ts": 1795341600000, "payload": {"account_id": "a", "object": item}}
    delivery = Delivery("c" * 26, "zoom", "telephony", "2026-11-22T10:00:00.000Z", json.dumps(body).encode())
    return CONNECTOR.map_delivery(delivery, Connection("c" * 26, "zoom", settings={"account_id": "a"})).events


def on_device(event: str, device: str, **times: str) -> tuple[Event, ...]:
    callee = {"user_id": "u1", "device_id": device, "extension_type": "user", "phone_number": "+442079460155"}
    return mapped(event, {"call_id": "77", "caller": CUSTOMER, "callee": callee, **times})


def shown(*groups: tuple[Event, ...]) -> dict[str, Any]:
    events = sorted((event for group in groups for event in group), key=lambda event: (event.time, event.id))
    return show_call([{"type": e.type, "at": e.time, "timequality": e.timequality, "data": e.data} for e in events])


def test_the_challenge_is_answered_with_the_hmac_of_the_plain_token() -> None:
    answer = challenge("qgg8vlvZRS6UYooatFL8Aw")
    assert json.loads(answer.body)["plainToken"] == "qgg8vlvZRS6UYooatFL8Aw"
    assert len(json.loads(answer.body)["encryptedToken"]) == 64


@pytest.mark.parametrize("plain", ["v0:1795341600:{}", "a:b", "", "x" * 129, "a b", "é", None, 7, ["x"]])
def test_no_challenge_that_could_be_a_delivery_is_signed(plain: Any) -> None:
    assert challenge(plain) is None


def test_a_forged_delivery_cannot_be_had_signed_through_the_challenge() -> None:
    body = b'{"event":"phone.callee_ringing","payload":{}}'
    assert challenge(f"v0:1795341600:{body.decode()}") is None
    forged = Request("POST", "https://hub.example/x", {"x-zm-request-timestamp": "1795341600"}, body)
    with pytest.raises(Unauthorized):
        authenticate(CONNECTOR, forged, [b"the-secret-token"], Connection("c" * 26, "zoom"), 1795341600.0)


def test_a_challenge_is_not_answered_without_a_secret_nor_to_a_get() -> None:
    assert CONNECTOR.handshake(Request("POST", "u", {}, b'{"event":"endpoint.url_validation"}'), {}) is None
    assert challenge("abc", "GET") is None


def test_the_call_is_not_over_when_the_first_device_stops_ringing() -> None:
    times = {"ringing_start_time": "2026-11-22T10:00:00Z", "call_end_time": "2026-11-22T10:00:08Z"}
    ringing = [on_device("phone.callee_ringing", device, **times) for device in ("mac", "mobile")]
    answered = on_device("phone.callee_answered", "mac", **times, answer_start_time="2026-11-22T10:00:08Z")
    stopped = on_device("phone.callee_ended", "mobile", **times)
    assert shown(*ringing, stopped)["state"] == "started"
    assert shown(*ringing, stopped, answered)["state"] == "answered"
    over = {**times, "answer_start_time": "2026-11-22T10:00:08Z", "call_end_time": "2026-11-22T10:01:08Z"}
    call = shown(*ringing, stopped, answered, on_device("phone.callee_ended", "mac", **over))
    assert (call["state"], call["outcome"], call["ended_at"]) == ("ended", "answered", "2026-11-22T10:01:08.000Z")


def test_sip_passwords_of_a_provisioned_device_are_not_stored() -> None:
    body = b'{"event":"phone.generic_device_provision","payload":{"object":{"password": "a\\"b","id":"1"}}}'
    stored = CONNECTOR.without_credentials(body)
    assert json.loads(stored)["payload"]["object"] == {"password": "", "id": "1"}
    assert CONNECTOR.without_credentials(b'{"event":"x","password":"y"}') == b'{"event":"x","password":"y"}'
