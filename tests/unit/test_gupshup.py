"""Gupshup: which of two ids names a message, and which of three times is its own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.gupshup import CONNECTOR
from hub.delivery import Connection, Delivery
from hub.domain.events import Event, Mapped
from hub.errors import Quarantine


def mapped(body: Any, **settings: Any) -> Mapped:
    to = Connection("a" * 26, "gupshup", settings=settings)
    received = "2026-11-22T12:00:00.000Z"
    return CONNECTOR.map_delivery(Delivery(to.id, "gupshup", "whatsapp", received, json.dumps(body).encode()), to)


def status(kind: str, **payload: Any) -> Event:
    body = {"app": "Shop", "timestamp": 1795000000123, "version": 2, "type": "message-event"}
    (event,) = mapped({**body, "payload": {"type": kind, "destination": "12025550143", **payload}}).events
    return event


def test_a_message_has_one_id_from_enqueued_to_read() -> None:
    enqueued = status("enqueued", id="gs-1", payload={"whatsappMessageId": "wamid.1"})
    assert enqueued.subject == status("read", id="wamid.1", gsId="gs-1").subject == "wamid.1"


def test_a_status_without_whatsapps_id_has_gupshups() -> None:
    assert status("failed", gsId="gs-1", payload={"code": 1002}).subject == "gs-1"


def test_a_status_repeated_under_another_delivery_time_is_the_same_event() -> None:
    first, again = status("read", id="wamid.1", ts=1795000001), status("read", id="wamid.1", ts=1795000001, gsId="g")
    assert first.id == again.id


@pytest.mark.parametrize(
    "payload", [{"ts": 1795000001}, {"payload": {"ts": 1795000001}}, {"ts": "x", "payload": {"ts": 1795000001000}}]
)
def test_the_status_has_a_time_of_its_own_wherever_it_stands(payload: dict[str, Any]) -> None:
    assert status("delivered", id="wamid.1", **payload).time == "2026-11-18T11:06:41.000Z"


@pytest.mark.parametrize("body", [{"type": "message", "app": "Other"}, {"object": "x", "gs_app_id": "other"}])
def test_another_apps_delivery_is_quarantined_in_both_forms(body: dict[str, Any]) -> None:
    with pytest.raises(Quarantine, match="another account"):
        mapped(body, app_names="Shop, Shop2", app_ids=["a-1"])


def test_opting_in_again_later_is_another_event() -> None:
    def opted(at: int) -> str:
        payload = {"phone": "12025550143", "type": "opted-in"}
        return mapped({"app": "Shop", "timestamp": at, "type": "user-event", "payload": payload}).events[0].id

    assert opted(1795000000000) == opted(1795000000000) != opted(1795000001000)
