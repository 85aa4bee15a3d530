"""Shopify: what its deliveries become, beyond the examples in its folder."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.shopify import CONNECTOR
from hub.connector import authenticate
from hub.delivery import Connection, Delivery, Request
from hub.domain.events import Event, Mapped
from hub.errors import Quarantine, Unauthorized

CONNECTION = Connection("s" * 26, "shopify", settings={"shop_domain": "kettles.myshopify.com", "default_region": "JP"})
SHOP = {"x-shopify-shop-domain": "kettles.myshopify.com"}


def mapped(topic: str, row: Any, **headers: str) -> Mapped:
    said = {**SHOP, "x-shopify-topic": topic, **{f"x-shopify-{k.replace('_', '-')}": v for k, v in headers.items()}}
    received = "2026-11-22T12:00:00.000Z"
    return CONNECTOR.map_delivery(
        Delivery(CONNECTION.id, "shopify", "crm", received, json.dumps(row).encode(), headers=said), CONNECTION
    )


def one(topic: str, row: Any, **headers: str) -> Event:
    (event,) = mapped(topic, row, **headers).events
    return event


def test_ids_of_64_bits_keep_every_digit() -> None:
    event = one("orders/create", {"id": 9_223_372_036_854_775_807, "customer": {"id": 9_007_199_254_740_993}})
    assert event.subject == "order:9223372036854775807"
    assert event.data["customer"]["identifiers"][0]["value"] == "contact:9007199254740993"


def test_another_attempt_is_the_same_event_and_another_topic_another() -> None:
    row = {"id": 1, "updated_at": "2026-11-22T11:46:41Z"}
    first = one("orders/paid", row, event_id="e1", webhook_id="w1")
    assert first.id == one("orders/paid", row, event_id="e1", webhook_id="w2").id
    assert first.id != one("orders/fulfilled", row, event_id="e1").id


def test_topics_of_one_version_of_an_order_are_one_entry() -> None:
    row = {"id": 1, "updated_at": "2026-11-22T20:46:41+09:00"}
    versions = {one(topic, row).data["version"] for topic in ("orders/create", "orders/paid", "orders/updated")}
    assert versions == {"2026-11-22T11:46:41.000Z"}


def test_a_guest_is_known_by_what_the_order_is_for() -> None:
    row = {"id": 1, "email": "Aya@example.jp", "phone": "090-0000-0021", "billing_address": {"phone": "03-0000-0001"}}
    values = [entry["value"] for entry in one("orders/create", row).data["customer"]["identifiers"]]
    assert values == ["+819000000021", "aya@example.jp"]


def test_a_refund_in_two_currencies_has_no_sum() -> None:
    paid = [{"kind": "refund", "status": "success", "amount": "5.00", "currency": code} for code in ("JPY", "EUR")]
    assert "refunded" not in one("refunds/create", {"id": 1, "transactions": paid}).data
    assert one("refunds/create", {"id": 1, "transactions": [paid[0], paid[0]]}).data["refunded"] == "10.00"


def test_a_consent_is_one_event_however_often_the_customer_changes() -> None:
    consent = {"email_marketing_consent": {"state": "subscribed", "consent_updated_at": "2026-11-01T10:00:00Z"}}
    found = [mapped("customers/update", {"id": 4, "note": note, **consent}).events[1] for note in ("a", "b")]
    assert found[0].id == found[1].id
    assert found[0].time == "2026-11-01T10:00:00.000Z"


def test_a_privacy_request_is_never_set_aside() -> None:
    assert one("customers/redact", {}).type == "privacy.deletion_requested"


def test_without_a_topic_nothing_is_guessed() -> None:
    with pytest.raises(Quarantine, match="topic"):
        mapped("", {"id": 1})


@pytest.mark.parametrize("others", [{"x-shopify-topic": "orders/create"}, {"shopify-topic": "Customer"}])
def test_the_signature_is_looked_for_in_the_header_that_goes_with_the_topic(others: dict[str, str]) -> None:
    bare = Request("POST", "https://hooks.renkei.test/", others, b"{}")
    signature = CONNECTOR.sign(bare, b"client-secret", 0.0)
    authenticate(
        CONNECTOR, Request("POST", bare.url, {**others, **signature}, b"{}"), [b"client-secret"], CONNECTION, 0
    )
    (value,) = signature.values()
    other = {"x-shopify-hmac-sha256", "shopify-hmac-sha256"} - set(signature)
    wrong = Request("POST", bare.url, {**others, other.pop(): value}, b"{}")
    with pytest.raises(Unauthorized):
        authenticate(CONNECTOR, wrong, [b"client-secret"], CONNECTION, 0.0)
