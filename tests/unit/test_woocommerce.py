"""WooCommerce: what its deliveries become, beyond the examples in its folder."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.woocommerce import CONNECTOR
from hub.connector import authenticate
from hub.delivery import Connection, Delivery, Request
from hub.domain.events import Event
from hub.errors import Unauthorized

CONNECTION = Connection("w" * 26, "woocommerce", settings={"site_url": "https://Kettles.example/"})


def one(topic: str, row: Any, **headers: str) -> Event:
    said = {"x-wc-webhook-topic": topic, "x-wc-webhook-source": "https://kettles.example", **headers}
    received = "2026-11-22T12:00:00.000Z"
    (event,) = CONNECTOR.map_delivery(
        Delivery(CONNECTION.id, "woocommerce", "crm", received, json.dumps(row).encode(), headers=said), CONNECTION
    ).events
    return event


def ping(body: bytes = b"webhook_id=142", method: str = "POST", header: tuple[str, str] = ("x", "")) -> Request:
    return Request(method, "https://hooks.renkei.test/", dict([header]), body)


def test_the_ping_of_a_new_webhook_is_answered_with_an_empty_200() -> None:
    answer = CONNECTOR.handshake(ping(), {"signing": "secret"})
    assert answer is not None
    assert (answer.status, answer.body) == (200, "")


@pytest.mark.parametrize(
    "request_",
    [
        ping(b""),
        ping(b"webhook_id="),
        ping(b"webhook_id=142\n"),
        ping(b"webhook_id=142&id=25"),
        ping(b'{"webhook_id":142}'),
        ping(b"webhook_id=" + b"1" * 21),
        ping(method="GET"),
        ping(header=("x-wc-webhook-topic", "order.created")),
        ping(header=("x-wc-webhook-signature", "AAAA")),
    ],
)
def test_what_only_looks_like_a_ping_must_be_signed(request_: Request) -> None:
    assert CONNECTOR.handshake(request_, {"signing": "secret"}) is None
    with pytest.raises(Unauthorized):
        authenticate(CONNECTOR, request_, [b"secret"], CONNECTION, 0.0)


def test_a_record_deleted_again_is_another_event() -> None:
    ids = {one("order.deleted", {"id": 5}, **{"x-wc-webhook-delivery-id": number}).id for number in ("a", "b", "b")}
    assert len(ids) == 2


def test_two_statuses_in_one_second_are_two_entries() -> None:
    rows = [{"id": 5, "status": status, "date_modified_gmt": "2026-11-22T11:46:41"} for status in ("pending", "failed")]
    events = [one("order.updated", row, **{"x-wc-webhook-delivery-id": "a"}) for row in rows]
    assert events[0].id != events[1].id
    assert events[0].data["version"] != events[1].data["version"]


def test_times_of_the_shops_own_zone_are_not_read() -> None:
    event = one("order.updated", {"id": 5, "date_modified": "2026-11-22T20:46:41"})
    assert event.timequality == "received"


def test_who_is_billed_is_not_taken_for_the_account() -> None:
    row = {"id": 5, "customer_id": 25, "billing": {"email": "other@example.jp"}}
    assert "other@example.jp" not in json.dumps(one("order.updated", row).data)
