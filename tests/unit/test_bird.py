"""Bird: two ways to sign, and a message of ours that comes with every status."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from connectors.bird import CONNECTOR
from hub.connector import authenticate
from hub.delivery import Connection, Delivery, Request
from hub.domain.events import Mapped
from hub.errors import Unauthorized
from hub.schemes_jwt import MESSAGEBIRD
from hub.schemes_url import BIRD

NOW, KEY = 1_795_348_800.0, b"signing-key"
CONNECTION = Connection("a" * 26, "bird")
REQUEST = Request("POST", "https://hub.example/webhooks/whatsapp/" + "a" * 26, {}, b'{"event":"x"}')


def mapped(body: Any) -> Mapped:
    received = "2026-11-22T12:00:00.000Z"
    return CONNECTOR.map_delivery(
        Delivery(CONNECTION.id, "bird", "whatsapp", received, json.dumps(body).encode()), CONNECTION
    )


def outbound(status: str, **payload: Any) -> dict[str, Any]:
    body = {"type": "text", "text": {"text": "hi"}}
    return {"event": "whatsapp.outbound", "payload": {"id": "m-1", "status": status, "body": body, **payload}}


@pytest.mark.parametrize("scheme", [BIRD, MESSAGEBIRD])
def test_both_platforms_signatures_count(scheme: Any) -> None:
    request = replace(REQUEST, headers=scheme.sign(REQUEST, KEY, NOW))
    authenticate(CONNECTOR, request, [KEY], CONNECTION, NOW)
    for forged in (replace(request, body=b"{}"), replace(request, url=request.url + "/x")):
        with pytest.raises(Unauthorized):
            authenticate(CONNECTOR, forged, [KEY], CONNECTION, NOW)


def test_a_bad_jwt_is_not_excused_by_a_good_signature_beside_it() -> None:
    headers = {**BIRD.sign(REQUEST, KEY, NOW), **MESSAGEBIRD.sign(REQUEST, b"another", NOW)}
    with pytest.raises(Unauthorized):
        authenticate(CONNECTOR, replace(REQUEST, headers=headers), [KEY], CONNECTION, NOW)


def test_a_delivery_repeated_for_eight_hours_with_its_first_timestamp_is_accepted() -> None:
    request = replace(REQUEST, headers=BIRD.sign(REQUEST, KEY, NOW))
    authenticate(CONNECTOR, request, [KEY], CONNECTION, NOW + 8 * 3600)


def test_a_message_of_ours_is_the_same_event_with_every_status() -> None:
    first, second = mapped(outbound("accepted")), mapped(outbound("read", parts=[{"platformReference": "wamid.1"}]))
    assert (first.events[0].type, first.events[0].id) == ("message.echoed", second.events[0].id)
    assert first.events[0].data == second.events[0].data
    assert first.events[1].id != second.events[1].id


def test_a_message_to_several_contacts_is_about_none_of_them_alone() -> None:
    contacts = [{"identifierKey": "phonenumber", "identifierValue": f"+1202555014{last}"} for last in "34"]
    (echo, status) = mapped(outbound("sent", receiver={"contacts": contacts})).events
    assert echo.data["customer"] == status.data["customer"] == {}


def test_a_status_without_its_message_is_still_a_status() -> None:
    found = mapped(outbound("delivered", body=None))
    assert [event.type for event in found.events] == ["message.status_changed"]
    assert [part.type for part in found.unmapped] == ["whatsapp/outbound/unreadable"]


def test_what_neither_reader_can_read_is_set_aside_once() -> None:
    assert len(mapped({"event": "whatsapp.outbound", "payload": {}}).unmapped) == 1
