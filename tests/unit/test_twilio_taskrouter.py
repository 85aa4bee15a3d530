"""Twilio's TaskRouter: one event in two forms is one, and what companies name themselves is never guessed."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import urlencode

import pytest

from connectors.twilio import CONNECTOR
from hub.delivery import Connection, Delivery
from hub.domain.events import Mapped

CALL = "CA00000000000000000000000000000c01"
ATTRIBUTES = json.dumps({"call_sid": CALL, "direction": "inbound", "from": "+12025550123"})
WORKER = {"WorkerSid": "WK1", "WorkerName": "amara"}
EVENT = {"Sid": "EV1", "TimestampMs": "1795338000000", "TaskAttributes": ATTRIBUTES, **WORKER}


def mapped(fields: dict[str, str], **settings: Any) -> Mapped:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    body = urlencode(fields).encode()
    delivery = Delivery("c" * 26, "twilio", "telephony", "2026-11-22T10:00:00.000Z", body, headers=headers)
    return CONNECTOR.map_delivery(delivery, Connection("c" * 26, "twilio", settings=settings))


def streamed(*events: dict[str, Any]) -> Mapped:
    body = json.dumps(events).encode()
    query, headers = f"bodySHA256={hashlib.sha256(body).hexdigest()}", {"content-type": "application/json"}
    delivery = Delivery("c" * 26, "twilio", "telephony", "2026-11-22T10:00:00.000Z", body, query=query, headers=headers)
    return CONNECTOR.map_delivery(delivery, Connection("c" * 26, "twilio"))


def test_an_event_in_a_callback_and_in_event_streams_is_one_event() -> None:
    payload = {
        "task_attributes": ATTRIBUTES,
        "worker_sid": "WK1",
        "worker_name": "amara",
        "timestamp_ms": 1795338000000,
    }
    cloud = {"type": "com.twilio.taskrouter.reservation.accepted", "data": {"sid": "EV1", "payload": payload}}
    called_back = mapped({"EventType": "reservation.accepted", **EVENT})
    assert [event.id for event in streamed(cloud, cloud).events] == [event.id for event in called_back.events]


@pytest.mark.parametrize("attributes", ["", "{", "[]", "null", '{"call_sid": 5}', '{"channelType": "web"}'])
def test_a_task_without_a_call_is_unmapped(attributes: str) -> None:
    found = mapped({"EventType": "task-queue.entered", **EVENT, "TaskAttributes": attributes})
    assert ([part.type for part in found.unmapped], found.events) == (["taskrouter/task-queue.entered"], ())


@pytest.mark.parametrize(
    ("activity", "status"),
    [("Idle", "available"), ("OFFLINE", "offline"), ("Lunch", "away"), ("Training", "unknown"), ("Nap", "unknown")],
)
def test_an_activity_means_what_twilio_or_the_settings_say(activity: str, status: str) -> None:
    fields = {"EventType": "worker.activity.update", **EVENT, "WorkerActivityName": activity}
    (event,) = mapped(fields, activities={"Lunch": "away", "Nap": "sleeping"}).events
    assert (event.data.get("status", "unknown"), event.data["native_status"]) == (status, activity)


@pytest.mark.parametrize(
    ("attributes", "settings", "code"),
    [
        ({"conversations": {"outcome": "sale"}}, {}, "sale"),
        ({"conversations": {"outcome": "sale"}, "crm": {"code": 7}}, {"disposition_attribute": "crm.code"}, "7"),
        ({}, {}, "done"),
    ],
)
def test_the_disposition_is_where_the_company_puts_it(attributes: Any, settings: Any, code: str) -> None:
    fields = {**EVENT, "EventType": "task.completed", "TaskCompletedReason": "done"}
    fields["TaskAttributes"] = json.dumps({"call_sid": CALL, **attributes})
    (event,) = mapped(fields, **settings).events
    assert (event.type, event.data["code"]) == ("call.wrapped_up", code)


def test_attributes_are_not_passed_on_whole() -> None:
    (event,) = mapped({"EventType": "task-queue.entered", **EVENT, "TaskPriority": "5"}).events
    assert event.data["native"] == {"EventType": "task-queue.entered", "TaskPriority": "5"}
