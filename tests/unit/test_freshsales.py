"""Freshsales: what its deliveries become, beyond the examples in its folder."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

import connectors.freshsales as freshsales
from connectors.freshsales import CONNECTOR
from hub.connector import authenticate
from hub.delivery import Connection, Delivery, Request
from hub.domain.events import Event
from hub.errors import Unauthorized

CONNECTION = Connection("f" * 26, "freshsales", settings={"default_region": "JP"})
SECRET = b"secret of the example"
FIELDS = {"object": "contact", "event": "updated", "id": "7001", "updated_at": "2026-11-22T11:46:41Z"}


def one(received_at: str = "2026-11-22T12:00:00.000Z", **fields: Any) -> Event:
    body = json.dumps({**FIELDS, **fields}).encode()
    (event,) = CONNECTOR.map_delivery(
        Delivery(CONNECTION.id, "freshsales", "crm", received_at, body), CONNECTION
    ).events
    return event


def proves(body: bytes, headers: dict[str, str]) -> bool:
    request = Request("POST", "https://hooks.renkei.test/webhooks/crm/x", headers, body)
    try:
        authenticate(CONNECTOR, request, [SECRET], CONNECTION, 0.0)
    except Unauthorized:
        return False
    return True


def test_every_template_on_the_page_is_read() -> None:
    page = Path(next(iter(freshsales.__path__)), "README.md").read_text("utf-8")
    templates = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    assert len(templates) == 3
    for template in templates:
        filled = (
            template.replace("{{contact.id}}", "1").replace("{{sales_account.id}}", "2").replace("{{deal.id}}", "3")
        )
        delivery = Delivery(CONNECTION.id, "freshsales", "crm", "2026-11-22T12:00:00.000Z", filled.encode())
        assert len(CONNECTOR.map_delivery(delivery, CONNECTION).events) == 1


@pytest.mark.parametrize(
    ("body", "headers", "genuine"),
    [
        (b"{}", {"x-renkei-key": SECRET.decode()}, True),
        (json.dumps({"token": SECRET.decode()}).encode(), {}, True),
        (urlencode({"a": "1", "token": SECRET.decode()}).encode(), {}, True),
        (json.dumps({"token": SECRET.decode()}).encode(), {"x-renkei-key": "another"}, False),
        (json.dumps({"token": "another"}).encode(), {}, False),
        (json.dumps({"token": None}).encode(), {}, False),
        (b"", {}, False),
    ],
)
def test_the_secret_is_in_the_header_or_else_in_the_body(body: bytes, headers: dict[str, str], genuine: bool) -> None:
    assert proves(body, headers) is genuine


@pytest.mark.parametrize(
    "body", [json.dumps({**FIELDS, "token": SECRET.decode()}), urlencode({**FIELDS, "token": SECRET.decode()})]
)
def test_a_secret_in_the_body_is_not_stored_and_all_else_is(body: str) -> None:
    stored = CONNECTOR.without_credentials(body.encode())
    assert b"secret" not in stored
    delivery = Delivery(CONNECTION.id, "freshsales", "crm", "2026-11-22T12:00:00.000Z", stored)
    assert [event.subject for event in CONNECTOR.map_delivery(delivery, CONNECTION).events] == ["contact:7001"]


def test_a_body_that_cannot_be_read_is_stored_as_it_came() -> None:
    assert CONNECTOR.without_credentials(b'{"a": "b"c"}') == b'{"a": "b"c"}'


def test_two_updates_are_told_apart_by_their_time_whatever_its_form() -> None:
    assert one(updated_at="22 Nov 11:46").id != one(updated_at="22 Nov 11:47").id
    assert one(first_name="彩").id == one(first_name="綾").id


def test_without_a_time_it_is_that_of_the_receipt() -> None:
    event = one(updated_at="", first_name="彩")
    assert (event.time, event.timequality) == ("2026-11-22T12:00:00.000Z", "received")
    assert event.data["claims"][0]["at"] == "2026-11-22T12:00:00.000Z"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("1,250,000.50", "1250000.50"),
        ("1250000", "1250000"),
        (12.5, "12.5"),
        ("1,5", None),
        ("1.250.000,50", None),
        ("¥5", None),
    ],
)
def test_an_amount_that_could_mean_two_things_is_left_out(written: Any, read: str | None) -> None:
    assert one(object="deal", amount=written).data.get("amount") == read
