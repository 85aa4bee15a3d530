"""Plivo: which signature counts for what, what a caller hears, and whose leg it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest

from connectors.plivo import CONNECTOR, PLIVO_V2
from hub.connector import authenticate, signed
from hub.delivery import Connection, Delivery, Request
from hub.domain.events import Event
from hub.errors import Unauthorized
from hub.schemes_url import PLIVO_V3_MAIN

SECRET = b"auth-token-of-the-test"
URL = "https://hub.example/webhooks/telephony/" + "a" * 26
MESSAGE = {"MessageUUID": "m-1", "From": "12025550123", "To": "442079460100", "Text": "Hi"}
CALL = {"CallUUID": "c-1", "From": "12025550123", "To": "442079460100", "Direction": "inbound", "CallStatus": "ringing"}


def connection(**settings: Any) -> Connection:
    return Connection("a" * 26, "plivo", settings=settings)


def post(fields: dict[str, str]) -> Request:
    return Request("POST", URL, {}, urlencode(fields).encode())


def by_v2(request: Request, secret: bytes = SECRET) -> Request:
    nonced = replace(request, headers={"x-plivo-signature-v2-nonce": "05429567804466091622"})
    return replace(nonced, headers={**nonced.headers, **PLIVO_V2.sign(nonced, secret, 0)})


def accepted(request: Request, **settings: Any) -> bool:
    try:
        authenticate(CONNECTOR, request, [SECRET], connection(**settings), 0)
    except Unauthorized:
        return False
    return True


def mapped(fields: dict[str, str], **settings: Any) -> Event:
    to = connection(**settings)
    body = urlencode(fields).encode()
    (event, *_rest) = CONNECTOR.map_delivery(
        Delivery(to.id, "plivo", "telephony", "2026-11-22T12:00:00.000Z", body), to
    ).events
    return event


def answer(fields: dict[str, str], **settings: Any) -> str:
    return CONNECTOR.acknowledge(post(fields), connection(**settings)).body


def test_the_main_accounts_signature_counts_too() -> None:
    request = post(CALL)
    assert accepted(replace(request, headers=PLIVO_V3_MAIN.sign(request, SECRET, 0)))
    assert not accepted(replace(request, headers=PLIVO_V3_MAIN.sign(request, b"another", 0)))


def test_the_signature_without_a_body_counts_for_no_message_unless_the_connection_says_so() -> None:
    assert not accepted(by_v2(post(MESSAGE)))
    assert accepted(by_v2(post(MESSAGE)), message_signatures="v2")
    assert not accepted(by_v2(post(MESSAGE), b"another"), message_signatures="v2")
    assert not accepted(by_v2(post({**MESSAGE, "MessageUUID": ""})), message_signatures="v2")


@pytest.mark.parametrize("fields", [CALL, {**CALL, **MESSAGE}, {**MESSAGE, "CallUuid": "c-1"}])
def test_the_signature_without_a_body_never_counts_for_a_call(fields: dict[str, str]) -> None:
    assert not accepted(by_v2(post(fields)), message_signatures="v2")


def test_a_wrong_v3_signature_is_not_mended_by_a_right_v2_one() -> None:
    wrong = signed(CONNECTOR, post(MESSAGE), b"another", 0)
    both = replace(wrong, headers={**by_v2(post(MESSAGE)).headers, **wrong.headers})
    assert not accepted(both, message_signatures="v2")


@pytest.mark.parametrize("evil", ["</Speak><Dial>", "\x00\ud800&amp;", "]]><Hangup/>", "a\ufffeb"])
def test_a_text_of_the_settings_stays_one_spoken_text(evil: str) -> None:
    root = ElementTree.fromstring(answer(CALL, voice_instructions={"say": evil, "voice": evil}).encode())
    assert [child.tag for child in root] == ["Speak"] and len(root[0]) == 0


@pytest.mark.parametrize("evil", ["</Speak><Dial>", '"/>'])
def test_nothing_that_the_caller_sent_gets_into_the_answer(evil: str) -> None:
    assert answer({**CALL, "From": evil, "To": evil, "X-PH-Evil": evil}) == answer(CALL)


def test_a_call_from_an_agents_phone_names_no_customer() -> None:
    data = mapped(CALL, agent_numbers=["+1 202 555 0123"]).data
    assert "customer" not in data and data["agent"] == "12025550123"


def test_a_callback_that_comes_again_is_the_same_event() -> None:
    again = {**CALL, "Event": "StartApp", "RouteType": "retry"}
    assert mapped(CALL).id == mapped(again).id


def test_an_account_with_a_wrong_offset_is_read_as_utc() -> None:
    ended = {**CALL, "CallStatus": "completed", "EndTime": "2026-11-22 11:51:00"}
    assert mapped(ended, utc_offset="Tokyo").time == "2026-11-22T11:51:00.000Z"
    assert mapped(ended, utc_offset="+09:00").time == "2026-11-22T02:51:00.000Z"
