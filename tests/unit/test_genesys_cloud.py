"""Genesys Cloud: what the examples beside the connector cannot say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from connectors import genesys_cloud
from connectors.genesys_cloud.reading import party, topic_of
from connectors.genesys_cloud.webhook import map_delivery
from hub.delivery import Connection, Delivery
from hub.domain.events import Mapped

EXAMPLES = Path(genesys_cloud.__file__).parent / "deliveries"
CONNECTION = Connection("c" * 26, "genesys_cloud", settings={"default_region": "GB"})


def body_of(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((EXAMPLES / f"{name}.json").read_text("utf-8"))["request"]["body"]
    return found


def mapped(body: Any) -> Mapped:
    body_bytes = json.dumps(body).encode()
    return map_delivery(
        Delivery("c" * 26, "genesys_cloud", "telephony", "2026-11-22T12:00:00.000Z", body_bytes), CONNECTION
    )


def test_an_event_that_the_bus_delivers_twice_is_one() -> None:
    envelope = body_of("customer_calls")
    again = mapped({**envelope, "id": "another", "time": "2026-11-22T13:00:00Z"})
    assert [event.id for event in again.events] == [event.id for event in mapped(envelope).events]


@pytest.mark.parametrize("name", ["agent_rings", "agent_calls", "agent_done", "agent_hands_on", "wrapped_up"])
def test_the_other_side_of_an_agents_leg_is_no_customer(name: str) -> None:
    assert all("customer" not in event.data for event in mapped(body_of(name)).events)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("tel:+447700900123", "+447700900123"),
        ("sip:+447700900123@sbc.example", "+447700900123"),
        ("sips:+447700900123;user=phone@sbc.example", "+447700900123"),
        ("tel:07700900123", "+447700900123"),
        ("tel:1234", None),
        ("sip:447700900123@sbc.example", None),
        ("sip:desk@hotel.example", None),
    ],
)
def test_an_address_is_a_number_only_where_it_says_so(raw: str, value: str | None) -> None:
    assert [one.value for one in party(raw, None, CONNECTION).identifiers] == ([value] if value else [])


def test_a_topic_is_read_with_an_id_and_with_its_place() -> None:
    for conversation in ("{id}", "c0000000-0000-4000-8000-0000000000aa"):
        found = topic_of(f"v2.detail.events.conversation.{conversation}.customer.end")
        assert found is not None and found.name == "customer.end"
    assert topic_of("v2.somethingelse.{id}.x") is None
