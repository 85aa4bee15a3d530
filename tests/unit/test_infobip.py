"""Infobip: who the customer of a report is, and how a delivery proves itself."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.infobip import BEARER, CONNECTOR
from hub.connector import authenticate
from hub.delivery import Connection, Delivery, Request
from hub.domain.events import Event, Mapped
from hub.errors import Quarantine, Unauthorized

OURS, THEIRS = "441134960000", "12025550143"


def mapped(*results: Any, **settings: Any) -> Mapped:
    to = Connection("a" * 26, "infobip", settings=settings)
    body = json.dumps({"results": results}).encode()
    return CONNECTOR.map_delivery(Delivery(to.id, "infobip", "whatsapp", "2026-11-22T12:00:00.000Z", body), to)


def seen(**numbers: str) -> dict[str, str]:
    return {"messageId": "m-1", "seenAt": "2026-11-18T11:00:00.000+0000", **numbers}


def phones(event: Event) -> list[str]:
    return [one["value"] for one in event.data["customer"]["identifiers"]]


@pytest.mark.parametrize(
    ("numbers", "settings"),
    [
        ({"from": THEIRS, "to": OURS}, {}),
        ({"to": THEIRS}, {}),
        ({"from": THEIRS, "to": OURS}, {"senders": OURS}),
        ({"from": OURS, "to": THEIRS}, {"senders": [OURS]}),
    ],
)
def test_who_read_a_message_is_never_our_own_number(numbers: dict[str, str], settings: dict[str, Any]) -> None:
    (event,) = mapped(seen(**numbers), **settings).events
    assert (event.data["status"], phones(event)) == ("read", ["+" + THEIRS])


def test_a_report_without_our_number_is_not_foreign() -> None:
    assert len(mapped(seen(to=THEIRS), senders=OURS).events) == 1


def test_a_report_between_two_foreign_numbers_is() -> None:
    with pytest.raises(Quarantine, match="another account"):
        mapped(seen(**{"from": THEIRS, "to": "441134960999"}), senders=OURS)


def test_a_time_without_an_offset_is_no_time() -> None:
    (event,) = mapped(seen(to=THEIRS) | {"seenAt": "2026-11-18T11:00:00"}).events
    assert event.timequality == "received"


def test_a_bearer_token_counts_as_well_as_basic_auth() -> None:
    connection = Connection("a" * 26, "infobip")
    request = Request("POST", "https://hub.example/x", {"authorization": "Bearer a-static-token"}, b"{}")
    authenticate(CONNECTOR, request, [b"a-static-token"], connection, 0.0)
    with pytest.raises(Unauthorized):
        authenticate(CONNECTOR, request, [b"another-token"], connection, 0.0)


def test_the_bearer_scheme_signs_what_it_accepts() -> None:
    request = Request("POST", "https://hub.example/x", {}, b"{}")
    assert BEARER.sign(request, b"t", 0.0) == {"authorization": "Bearer t"}
