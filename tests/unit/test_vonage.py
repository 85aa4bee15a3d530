"""Vonage: what a GET proves, what a token says of its account, what a caller hears."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from connectors.vonage import CONNECTOR, JTI
from hub.connector import authenticate, signed
from hub.delivery import Connection, Delivery, Request, Response
from hub.domain.events import Mapped
from hub.errors import Unauthorized
from hub.ingest import receive
from hub.memory import FakeClock, MemoryConnections, MemoryQueue, MemorySecrets, memory_hub
from hub.schemes_jwt import VONAGE

NOW = 1_795_348_800.0
SECRET = b"signature-secret-of-the-test"
URL = "https://hub.example/webhooks/telephony/" + "a" * 26
ANSWER = "to=442079460100&from=12025550123&conversation_uuid=CON-1&uuid=leg-1"


def connection(**settings: Any) -> Connection:
    return Connection("a" * 26, "vonage", settings=settings)


def get(query: str = ANSWER) -> Request:
    return Request("GET", f"{URL}?{query}", {}, b"", query=query)


def post(**fields: Any) -> Request:
    return Request("POST", URL, {}, json.dumps({"uuid": "leg-1", "conversation_uuid": "CON-1", **fields}).encode())


def mapped(request: Request, jti: str = "", **settings: Any) -> Mapped:
    to = connection(**settings)
    headers = {JTI: jti} if jti else {}
    received = "2026-11-22T12:00:00.000Z"
    found = Delivery(to.id, "vonage", "telephony", received, request.body, request.method, request.query, headers)
    return CONNECTOR.map_delivery(found, to)


def answer(request: Request, **settings: Any) -> Response:
    return CONNECTOR.acknowledge(request, connection(**settings))


@pytest.mark.parametrize("hash_of_nothing", [True, False])
def test_the_token_of_a_get_may_hold_the_hash_of_nothing_or_none(hash_of_nothing: bool) -> None:
    token = replace(VONAGE, hash_of_nothing=hash_of_nothing).sign(get(), SECRET, NOW)
    authenticate(CONNECTOR, replace(get(), headers=token), [SECRET], connection(), NOW)


def test_a_post_without_a_body_must_hold_the_hash_of_nothing() -> None:
    request = Request("POST", URL, {}, b"")
    token = replace(VONAGE, hash_of_nothing=False).sign(request, SECRET, NOW)
    with pytest.raises(Unauthorized, match="wrong_signature"):
        authenticate(CONNECTOR, replace(request, headers=token), [SECRET], connection(), NOW)


def test_the_token_of_a_get_proves_no_body() -> None:
    request = replace(signed(CONNECTOR, get(), SECRET, NOW), body=b'{"status":"answered"}')
    with pytest.raises(Unauthorized, match="wrong_signature"):
        authenticate(CONNECTOR, request, [SECRET], connection(), NOW)


def test_the_token_of_a_get_is_refused_when_it_is_old_or_foreign() -> None:
    with pytest.raises(Unauthorized, match="stale"):
        authenticate(CONNECTOR, signed(CONNECTOR, get(), SECRET, NOW - 600), [SECRET], connection(), NOW)
    with pytest.raises(Unauthorized, match="wrong_signature"):
        authenticate(CONNECTOR, signed(CONNECTOR, get(), b"another", NOW), [SECRET], connection(), NOW)


def test_nothing_of_an_unsigned_query_becomes_an_event() -> None:
    found = mapped(get(), own_numbers=["442079460100"], outbound_legs="customer")
    assert found == Mapped(ignored=1)


def test_a_get_is_answered_as_a_post_is() -> None:
    by_post = answer(post(to="442079460100", **{"from": "12025550123"}), dial_number="+442079460155")
    assert answer(get(), dial_number="+442079460155") == by_post
    assert json.loads(by_post.body)[0]["endpoint"] == [{"type": "phone", "number": "442079460155"}]


def test_the_remembered_id_of_the_token_tells_events_without_a_time_apart() -> None:
    ring = post(status="ringing", direction="inbound")
    ids = [mapped(ring, jti).events[0].id for jti in ("one", "two", "one")]
    assert ids[0] == ids[2] != ids[1]


def test_the_tokens_id_does_not_count_where_the_event_has_its_own_time() -> None:
    ring = post(status="ringing", direction="inbound", timestamp="2026-11-22T11:50:00.000Z")
    assert mapped(ring, "one").events[0].id == mapped(ring, "two").events[0].id


def test_the_id_of_the_token_is_remembered() -> None:
    request = signed(CONNECTOR, post(status="ringing"), SECRET, NOW)
    assert CONNECTOR.remember(request)[JTI] == VONAGE.claim(request, "jti") != ""


@pytest.mark.parametrize("evil", ['"}],"x":[{"action":"connect', "</talk><connect>", "\u2028\u0000\ud800"])
def test_no_text_of_the_caller_gets_into_the_answer(evil: str) -> None:
    request = post(to=evil, **{"from": evil, "SipHeader_X-Evil": evil})
    assert answer(request) == answer(post(to="442079460100"))


@pytest.mark.parametrize("evil", ['"}],"x":[{"action":"connect"', "<speak><break/></speak>"])
def test_a_text_of_the_settings_stays_one_spoken_text(evil: str) -> None:
    (action,) = json.loads(answer(post(to="1"), voice_instructions={"say": evil}).body)
    assert action["action"] == "talk" and "<" not in action["text"]


@pytest.mark.parametrize("wrong", [7, [], {"say": 7, "dial": ["x"], "timeout_s": True, "record": "yes"}, None])
def test_settings_of_a_wrong_type_leave_the_default(wrong: Any) -> None:
    assert answer(post(to="1"), voice_instructions=wrong, dial_number=7) == answer(post(to="1"))


def test_an_agents_leg_names_no_customer() -> None:
    leg = post(status="ringing", direction="outbound", to="442079460155", **{"from": "442079460100"})
    found = mapped(leg, outbound_legs="customer", agent_numbers=["+44 20 7946 0155"]).events[0].data
    assert found["agent"] == "442079460155" and "customer" not in found


def test_a_get_that_is_proven_is_answered_kept_and_not_believed_at_the_edge() -> None:
    queue, to = MemoryQueue(), connection(dial_number="+442079460155")
    signing = [{"id": "1", "value": SECRET.decode(), "not_after": None}]
    hub = memory_hub(
        queue=queue,
        clock=FakeClock(NOW),
        connections=MemoryConnections([to]),
        secrets=MemorySecrets({to.id: {"signing": signing}}),
    )
    http = {"method": "GET", "sourceIp": "192.0.2.1"}
    event = {"rawPath": f"/webhooks/telephony/{to.id}", "rawQueryString": ANSWER, "requestContext": {"http": http}}
    token = signed(CONNECTOR, get(), SECRET, NOW).headers
    assert receive({**event, "headers": {}}, "telephony", hub)["statusCode"] == 401
    answered = receive({**event, "headers": dict(token)}, "telephony", hub)
    assert json.loads(answered["body"])[0]["action"] == "connect"
    (kept,) = [Delivery.from_message(json.loads(one)) for one in queue.bodies("inbound-telephony")]
    assert (kept.method, kept.query, "authorization" in kept.headers) == ("GET", ANSWER, False)
    assert CONNECTOR.map_delivery(kept, to) == Mapped(ignored=1)
