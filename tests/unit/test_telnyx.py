"""Telnyx: whose leg it is, what is the same event, what a caller hears."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest

from connectors.telnyx import CONNECTOR
from hub.connector import authenticate, signed
from hub.delivery import Connection, Delivery, Request
from hub.domain.events import Event
from hub.errors import Unauthorized
from hub.schemes_ed25519 import key_pair

NOW = 1_795_348_800.0
URL = "https://hub.example/webhooks/telephony/" + "a" * 26
LEG = {"call_leg_id": "leg-1", "call_session_id": "call-1", "from": "+12025550123", "to": "+442079460100"}
CALL = {
    "CallSid": "c-1",
    "From": "+12025550123",
    "To": "+442079460100",
    "CallStatus": "ringing",
    "Direction": "inbound",
}


def connection(**settings: Any) -> Connection:
    return Connection("a" * 26, "telnyx", settings=settings)


def step(event_type: str, event_id: str | None = "e-1", /, **payload: Any) -> dict[str, Any]:
    at = {"occurred_at": "2026-11-22T11:50:00.000Z"}
    named = {"id": event_id} if event_id else {}
    return {"data": {"event_type": event_type, **named, **at, "payload": {**LEG, **payload}}}


def events(body: Any, **settings: Any) -> tuple[Event, ...]:
    to, raw = connection(**settings), body if isinstance(body, bytes) else json.dumps(body).encode()
    found = CONNECTOR.map_delivery(Delivery(to.id, "telnyx", "telephony", "2026-11-22T12:00:00.000Z", raw), to)
    return found.events


def answer(fields: dict[str, str], **settings: Any) -> str:
    request = Request("POST", URL, {}, urlencode(fields).encode())
    return CONNECTOR.acknowledge(request, connection(**settings)).body


def test_a_signature_over_the_body_alone_is_refused() -> None:
    private, public = key_pair(b"telnyx")
    request = Request("POST", URL, {}, b'{"data":{}}')
    right = signed(CONNECTOR, request, private, NOW)
    authenticate(CONNECTOR, right, [public], connection(), NOW)
    with pytest.raises(Unauthorized, match="wrong_signature"):
        later = {**right.headers, "telnyx-timestamp": str(int(NOW) + 1)}
        authenticate(CONNECTOR, Request("POST", URL, later, request.body), [public], connection(), NOW)


def test_every_attempt_of_an_event_is_the_same_event() -> None:
    first, again = ({**step("call.answered"), "meta": {"attempt": attempt}} for attempt in (1, 2))
    assert events(first)[0].id == events(again)[0].id


def test_an_event_without_its_envelope_is_the_same_event() -> None:
    assert events(step("call.answered"))[0].id == events(step("call.answered")["data"])[0].id


def test_two_events_of_one_type_on_one_leg_are_two_also_without_ids() -> None:
    held = events(step("call.hold", None))[0]
    later = step("call.hold", None)
    later["data"]["occurred_at"] = "2026-11-22T11:55:00.000Z"
    assert held.id != events(later)[0].id


def test_a_leg_to_the_number_that_callers_are_connected_to_is_the_agents() -> None:
    leg = step("call.initiated", direction="outgoing", **{"from": "+442079460100", "to": "+442079460155"})
    data = events(leg, outbound_legs="customer", dial_number="+44 20 7946 0155")[0].data
    assert data["agent"] == "+442079460155" and "customer" not in data


def test_who_hung_up_is_said_only_where_the_direction_is_known() -> None:
    ended = {"hangup_cause": "normal_clearing", "hangup_source": "callee"}
    assert "ended_by" not in events(step("call.hangup", **ended))[0].data
    assert events(step("call.hangup", direction="incoming", **ended))[0].data["ended_by"] == "agent"


def test_statuses_of_one_message_to_several_numbers_are_several_events() -> None:
    to = [{"phone_number": f"+1202555012{n}", "status": "delivered"} for n in (3, 4)]
    sent = {"data": {"event_type": "message.finalized", "id": "e-1", "payload": {"id": "m-1", "to": to}}}
    found = events(sent)
    assert len({event.id for event in found}) == 2 and {event.subject for event in found} == {"m-1"}


@pytest.mark.parametrize("evil", ["</Say><Dial>", "\x00\ud800&amp;", "]]><Hangup/>"])
def test_a_text_of_the_settings_stays_one_spoken_text(evil: str) -> None:
    root = ElementTree.fromstring(answer(CALL, voice_instructions={"say": evil, "voice": evil}).encode())
    assert [child.tag for child in root] == ["Say"] and len(root[0]) == 0


@pytest.mark.parametrize("evil", ["</Say><Dial>", '"/>'])
def test_nothing_that_the_caller_sent_gets_into_the_answer(evil: str) -> None:
    assert answer({**CALL, "From": evil, "CallerId": evil, "SipHeader_X-Evil": evil}) == answer(CALL)


def test_call_control_hears_nothing() -> None:
    body = json.dumps(step("call.initiated", direction="incoming", CallSid="c-1")).encode()
    assert CONNECTOR.acknowledge(Request("POST", URL, {}, body), connection()).body == ""
