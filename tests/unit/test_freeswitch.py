"""FreeSWITCH: two ways of proof, no passwords passed on, records and events that say the same step once each."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.freeswitch import CONNECTOR
from hub.connector import authenticate
from hub.delivery import Connection, Delivery, Request
from hub.domain.events import Event, Mapped
from hub.errors import Unauthorized
from hub.schemes_bridge import BRIDGE
from hub.signatures import BASIC_AUTH

LEG = "0a1b2c3d-0000-4000-8000-0000000000a1"
NOW = 1_795_338_000.0
SECRET = b"renkei:right"


def mapped(value: Any, **settings: Any) -> Mapped:
    delivery = Delivery("c" * 26, "freeswitch", "telephony", "2026-11-22T10:00:00.000Z", json.dumps(value).encode())
    return CONNECTOR.map_delivery(delivery, Connection("c" * 26, "freeswitch", settings=settings))


def record(caller: str = "+442079460100", called: str = "1001", context: str = "public", **variables: str) -> Event:
    profile = {"caller_id_number": caller, "destination_number": called, "context": context}
    flow = [{"caller_profile": {"context": "transferred"}}, {"caller_profile": profile}]
    return mapped({"variables": {"uuid": LEG, "start_epoch": "1795338000", **variables}, "callflow": flow}).events[0]


def test_record_and_bridge_prove_themselves_each_in_their_way_and_not_in_the_others() -> None:
    batch, cdr = b'{"bridge":1}', b'{"variables":{}}'

    def accepted(headers: Any, body: bytes) -> bool:
        request = Request("POST", "https://hub.example/x", headers, body)
        try:
            authenticate(CONNECTOR, request, [SECRET], Connection("c" * 26, "freeswitch"), NOW)
        except Unauthorized:
            return False
        return True

    def proof(scheme: Any, body: bytes, secret: bytes = SECRET) -> Any:
        return scheme.sign(Request("POST", "https://hub.example/x", {}, body), secret, NOW)

    assert accepted(proof(BASIC_AUTH, cdr), cdr)
    assert accepted(proof(BRIDGE, batch), batch)
    assert not accepted(proof(BRIDGE, batch), cdr)
    assert not accepted(proof(BASIC_AUTH, cdr, b"renkei:wrong"), cdr)
    assert not accepted({**proof(BASIC_AUTH, cdr), **proof(BRIDGE, batch, b"another")}, batch)


@pytest.mark.parametrize(
    ("caller", "called", "context", "direction"),
    [
        ("+442079460100", "1001", "public", "inbound"),
        ("1001", "+442079460100", "default", "outbound"),
        ("+442079460155", "+442079460100", "default", "outbound"),
        ("1001", "1002", "default", "internal"),
        ("anonymous", "1001", "public", "inbound"),
    ],
)
def test_the_context_of_the_first_profile_tells_the_direction(
    caller: str, called: str, context: str, direction: str
) -> None:
    assert record(caller, called, context).data["direction"] == direction


def test_passwords_in_variables_are_not_passed_on() -> None:
    assert "s3cret" not in record(sip_auth_password="s3cret", last_app="bridge").model_dump_json()


@pytest.mark.parametrize(
    ("cause", "answer", "outcome"),
    [("NORMAL_CLEARING", "1795338012", "answered"), ("NORMAL_CLEARING", "0", "no_answer"), ("XYZ", "0", "failed")],
)
def test_only_an_answer_makes_a_leg_answered(cause: str, answer: str, outcome: str) -> None:
    value = {"variables": {"uuid": LEG, "hangup_cause": cause, "answer_epoch": answer}}
    assert mapped(value).events[-1].data["outcome"] == outcome


def test_an_event_heard_twice_is_one_event() -> None:
    event = {"Event-Name": "CHANNEL_ANSWER", "Unique-ID": LEG, "Event-Date-Timestamp": "1795338012000000"}
    heard = [{"id": f"spool-{number}", "at": "2026-11-22T09:00:12.000Z", "event": event} for number in range(2)]
    assert len(mapped({"bridge": 1, "source": "esl", "events": heard}).events) == 1
