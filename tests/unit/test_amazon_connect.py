"""Amazon Connect: what the examples beside the connector cannot say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from connectors import amazon_connect
from connectors.amazon_connect.agents import _step
from connectors.amazon_connect.webhook import map_delivery
from hub.delivery import Connection, Delivery
from hub.domain.events import Mapped
from hub.domain.timeline_calls import show_call
from hub.errors import Quarantine

EXAMPLES = Path(amazon_connect.__file__).parent / "deliveries"
INSTANCE = "5e0c1b6a-0000-4000-8000-00000000c0de"


def body_of(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((EXAMPLES / f"{name}.json").read_text("utf-8"))["request"]["body"]
    return found


def mapped(body: Any, **settings: Any) -> Mapped:
    delivery = Delivery("c" * 26, "amazon_connect", "telephony", "2026-11-22T12:00:00.000Z", json.dumps(body).encode())
    connection = Connection("c" * 26, "amazon_connect", settings={"instance_id": INSTANCE, **settings})
    return map_delivery(delivery, connection)


def test_a_record_sent_twice_is_the_same_and_one_that_changed_is_not() -> None:
    record = body_of("record_answered")
    ids = [event.id for event in mapped(record).events]
    assert [event.id for event in mapped(record).events] == ids
    later = mapped({**record, "LastUpdateTimestamp": "2026-11-22T10:00:00Z"}).events
    assert not set(ids) & {event.id for event in later}


def test_every_way_of_writing_a_contact_events_keys_says_the_same() -> None:
    envelope = body_of("contact_disconnected")
    shouted = {**envelope, "detail": {key.upper(): value for key, value in envelope["detail"].items()}}
    assert [event.data for event in mapped(shouted).events] == [event.data for event in mapped(envelope).events]


@pytest.mark.parametrize(
    ("was", "now", "step"),
    [
        (None, "CONNECTING", ("call.ringing", None)),
        ("PENDING", "CONNECTING", None),
        ("CONNECTING", "CONNECTED", ("call.answered", None)),
        (None, "CONNECTED", ("call.answered", None)),
        ("CONNECTED_ONHOLD", "CONNECTED", ("call.resumed", None)),
        ("CONNECTED", "CONNECTED", None),
        ("CONNECTED", "CONNECTED_ONHOLD", ("call.held", None)),
        ("CONNECTED_ONHOLD", "ENDED", ("call.ended", "answered")),
        ("CONNECTED", None, ("call.ended", "answered")),
        ("CONNECTING", "REJECTED", ("call.ended", "rejected")),
        ("CONNECTING", None, ("call.ended", "canceled")),
        ("ENDED", None, None),
        ("CONNECTED", "TELEPORTED", None),
    ],
)
def test_a_change_of_a_contacts_state_is_one_step_of_the_call_or_none(was: str, now: str, step: Any) -> None:
    assert _step(was, now) == step


def test_the_company_says_which_attribute_holds_the_disposition() -> None:
    record = body_of("record_answered")
    record["Attributes"] = {"result": "call back", "disposition": "ignored"}
    [noted] = [
        event for event in mapped(record, disposition_attribute="result").events if event.type == "call.wrapped_up"
    ]
    assert noted.data["code"] == "call back"


def test_an_arn_with_a_double_colon_is_still_of_its_instance() -> None:
    envelope = body_of("contact_initiated")
    envelope["detail"]["instanceArn"] = f"arn:aws::connect:eu-west-2:111122223333:instance/{INSTANCE}"
    assert mapped(envelope).events
    with pytest.raises(Quarantine, match="another instance"):
        mapped(envelope, instance_id="somebody-elses")


def test_no_attribute_of_a_contact_reaches_an_event() -> None:
    flow = body_of("flow_call")
    assert "pin_checked" not in mapped(flow).model_dump_json()


def test_a_call_that_rang_in_vain_at_first_is_one_answered_call_from_every_source_together() -> None:
    names = ("contact_initiated", "contact_in_flow", "contact_queued", "contact_answered_pascal_case", "contact_completed",
             "contact_disconnected", "record_answered", "agent_misses", "agent_rings", "agent_answers", "agent_holds",
             "agent_resumes", "agent_wraps_up", "transcript_segments", "flow_call")  # fmt: skip
    events = [event for name in names for event in mapped(body_of(name)).events if event.type.startswith("call.")]
    plain = [event.model_dump(mode="json") for event in sorted(events, key=lambda event: (event.time, event.id))]
    facts: list[Mapping[str, Any]] = [{**event, "at": event["time"]} for event in plain]
    call = show_call(facts)
    assert {event.data["call_id"] for event in events} == {call["call_id"]}
    told = {name: call[name] for name in ("outcome", "state", "direction", "ended_by", "wait_s", "hold_s", "acw_s")}
    assert told == {"outcome": "answered", "state": "ended", "direction": "inbound", "ended_by": "customer",
                    "wait_s": 41, "hold_s": 38, "acw_s": 42}  # fmt: skip
    assert call["disposition"]["code"] == "sold"
    assert [(hold["held_at"], hold["resumed_at"]) for hold in call["holds"]] == [
        ("2026-11-22T09:02:00.000Z", "2026-11-22T09:02:38.000Z")
    ]
    assert (call["answered_at"], call["ended_at"]) == ("2026-11-22T09:01:01.000Z", "2026-11-22T09:05:10.000Z")
    assert len(call["recordings"]) == 1
