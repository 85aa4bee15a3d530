"""Stripe: what its events become, beyond the examples in its folder."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.stripe import CONNECTOR
from hub.connector import authenticate
from hub.delivery import Connection, Delivery, Request
from hub.domain.events import Event
from hub.errors import Unauthorized

CONNECTION = Connection("t" * 26, "stripe")


def event(word: str, row: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": "evt_1", "object": "event", "type": word, "created": 1795348001, "data": {"object": row}, **more}


def one(body: Any) -> Event:
    delivery = Delivery(CONNECTION.id, "stripe", "crm", "2026-11-22T12:00:00.000Z", json.dumps(body).encode())
    (found,) = CONNECTOR.map_delivery(delivery, CONNECTION).events
    return found


def charge(**more: Any) -> dict[str, Any]:
    return {"id": "ch_1", "object": "charge", "status": "succeeded", **more}


@pytest.mark.parametrize(
    ("code", "total"), [("usd", "12.34"), ("jpy", "1234"), ("kwd", "1.234"), ("ugx", "12.34"), ("mga", "1234")]
)
def test_amounts_are_in_the_unit_of_their_currency_as_stripe_counts_it(code: str, total: str) -> None:
    assert one(event("charge.succeeded", charge(amount=1234, currency=code))).data["total"] == total


def test_an_amount_without_a_currency_is_none() -> None:
    assert "total" not in one(event("charge.succeeded", charge(amount=1234))).data


def test_a_card_may_be_somebody_elses_than_the_customers() -> None:
    row = charge(customer="cus_1", billing_details={"email": "other@example.jp"})
    assert "other@example.jp" not in json.dumps(one(event("charge.succeeded", row)).data)


def test_what_one_action_sets_off_is_one_entry_until_the_status_changes() -> None:
    row = {"id": "in_1", "object": "invoice", "status": "paid"}
    paid, succeeded = (one(event(word, row)) for word in ("invoice.paid", "invoice.payment_succeeded"))
    assert paid.id != succeeded.id
    assert paid.data["version"] == succeeded.data["version"]
    assert one(event("invoice.finalized", {**row, "status": "open"})).data["version"] != paid.data["version"]


def test_another_attempt_is_the_same_event() -> None:
    first, again = (event("charge.succeeded", charge(), pending_webhooks=left) for left in (2, 1))
    assert one(first).id == one(again).id


@pytest.mark.parametrize("written", ['"client_secret": "pi_1_hidden"', '"client_secret":"a\\"hidden"'])
def test_no_client_secret_is_stored(written: str) -> None:
    body = ("{" + written + ',"id":"pi_1","next":null}').encode()
    kept = CONNECTOR.without_credentials(body)
    assert b"hidden" not in kept
    assert json.loads(kept) == {"client_secret": "", "id": "pi_1", "next": None}


def test_any_signature_of_a_list_may_be_right_while_a_secret_is_rolled() -> None:
    bare = Request("POST", "https://hooks.renkei.test/", {}, b"{}")
    (header,) = CONNECTOR.sign(bare, b"new", 1_795_348_800.0).values()
    listed = header.replace(",v1=", ",v0=" + "1" * 64 + ",v1=" + "0" * 64 + ",v1=")
    request = Request("POST", bare.url, {"stripe-signature": listed}, b"{}")
    authenticate(CONNECTOR, request, [b"old", b"new"], CONNECTION, 1_795_348_800.0)
    with pytest.raises(Unauthorized, match="stale"):
        authenticate(CONNECTOR, request, [b"new"], CONNECTION, 1_795_349_200.0)
