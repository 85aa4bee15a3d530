"""360dialog: what opens the door, and that Meta's payload means the same as from Meta."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.dialog360 import CONNECTOR
from hub.connector import authenticate, load
from hub.delivery import Connection, Delivery, Request
from hub.errors import Unauthorized
from hub.signatures import META

TOKEN = b"a-token-made-up-for-this-connection"
CONNECTION = Connection("a" * 26, "dialog360")
METADATA = {"display_phone_number": "12025550100", "phone_number_id": "710020030040050"}
MESSAGE = {"from": "12025550143", "id": "wamid.1", "timestamp": "1795000000", "type": "text", "text": {"body": "hi"}}
CHANGE = {"field": "messages", "value": {"metadata": METADATA, "messages": [MESSAGE]}}
BODY = json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "8", "changes": [CHANGE]}]}).encode()


def refusal(headers: dict[str, str]) -> str | None:
    request = Request("POST", "https://hub.example/x", headers, BODY)
    try:
        authenticate(CONNECTOR, request, [TOKEN], CONNECTION, 0.0)
    except Unauthorized as error:
        return error.reason
    return None


def test_the_header_set_at_360dialog_opens_the_door() -> None:
    assert refusal({"authorization": "Bearer " + TOKEN.decode()}) is None


@pytest.mark.parametrize("header", [{}, {"authorization": TOKEN.decode()}, {"d360-api-key": TOKEN.decode()}])
def test_the_token_anywhere_else_does_not(header: dict[str, str]) -> None:
    assert refusal(header) in ("missing_signature", "malformed")


def test_metas_signature_alone_proves_nothing_here() -> None:
    request = Request("POST", "https://hub.example/x", {}, BODY)
    assert refusal(dict(META.sign(request, TOKEN, 0.0))) == "missing_signature"


def test_a_delivery_means_the_same_as_from_meta_itself() -> None:
    def said(platform: str) -> list[tuple[str, dict[str, Any]]]:
        connection = Connection("a" * 26, platform)
        delivery = Delivery(connection.id, platform, "whatsapp", "2026-11-22T12:00:00.000Z", BODY)
        return [(event.type, event.data) for event in load(platform).map_delivery(delivery, connection).events]

    assert said("dialog360") == said("whatsapp_cloud") != []
