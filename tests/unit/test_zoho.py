"""Zoho CRM: what its notifications become, beyond the examples in its folder."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.zoho import CONNECTOR
from hub.connector import authenticate
from hub.delivery import Connection, Delivery, Request
from hub.domain.events import Mapped
from hub.errors import Quarantine, Unauthorized

CONNECTION = Connection("z" * 26, "zoho", settings={"channel_ids": "1000000068100", "default_region": "JP"})


def notification(values: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    affected = [{"record_id": "5801", "values": values}] if values else []
    common = {"module": "Contacts", "operation": "update", "ids": ["5801"], "server_time": 1_795_348_001_123}
    return {**common, "affected_values": affected, "channel_id": "1000000068100", **more}


def mapped(body: Any, connection: Connection = CONNECTION) -> Mapped:
    delivery = Delivery(CONNECTION.id, "zoho", "crm", "2026-11-22T12:00:00.000Z", json.dumps(body).encode())
    return CONNECTOR.map_delivery(delivery, connection)


def test_the_same_change_over_two_channels_is_one_event() -> None:
    two = Connection(CONNECTION.id, "zoho", settings={"channel_ids": [1000000068100, "1000000068200"]})
    first, second = (mapped(notification(channel_id=one), two) for one in (1000000068100, "1000000068200"))
    assert [event.id for event in first.events] == [event.id for event in second.events]


def test_a_record_named_twice_is_one_event() -> None:
    assert len(mapped(notification(ids=["5801", 5801, "5801"])).events) == 1


def test_ids_past_what_a_double_holds_stay_exact() -> None:
    assert mapped(notification(ids=[5800000000000000101])).events[0].subject == "contact:5800000000000000101"


def test_more_records_than_any_notification_names_are_refused() -> None:
    with pytest.raises(Quarantine, match="more than 1000"):
        mapped(notification(ids=[str(number) for number in range(1001)]))


def test_the_token_is_the_proof_and_does_not_stay_in_the_body() -> None:
    body = json.dumps({"token": "t0ken of the channel", **notification()}).encode()
    request = Request("POST", "https://hooks.renkei.test/webhooks/crm/x", {}, body)
    authenticate(CONNECTOR, request, [b"t0ken of the channel"], CONNECTION, 0.0)
    with pytest.raises(Unauthorized):
        authenticate(CONNECTOR, request, [b"another token"], CONNECTION, 0.0)
    stored = CONNECTOR.without_credentials(body)
    assert b"t0ken" not in stored
    assert json.loads(stored)["ids"] == ["5801"]


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("04:30", 270), ("90:00", 5400), ("1:02:03", 3723), ("00:00", 0), ("4:7", None), ("", None), (None, None)],
)
def test_a_calls_duration_is_in_minutes_and_seconds(written: Any, seconds: int | None) -> None:
    found = mapped(notification({"Subject": "件", "Call_Duration": written}, module="Calls"))
    assert found.events[0].data.get("duration_s") == seconds


def test_no_number_of_a_call_is_taken_for_the_customers() -> None:
    found = mapped(notification({"Dialled_Number": "03-0000-0099", "Caller_ID": "03-0000-0098"}, module="Calls"))
    assert "0000" not in found.model_dump_json()


@pytest.mark.parametrize(
    ("module", "values"),
    [("Calls", {"Subject": "Call", "renkei_id": "call-1"}), ("Notes", {"Note_Content": "Hello\n\nrenkei:m"})],
)
def test_what_the_hub_logged_there_is_no_news(module: str, values: dict[str, Any]) -> None:
    ours = mapped(notification(values, module=module, operation="insert"))
    assert (ours.ignored, ours.events, ours.unmapped) == (1, (), ())
    others = {name: value for name, value in values.items() if name == "Subject"} or {"Note_Content": "renkei: me"}
    assert len(mapped(notification(others, module=module, operation="insert")).events) == 1


@pytest.mark.parametrize(("value", "claimed"), [(True, ["denied"]), (False, [])])
def test_only_opting_out_is_said_of_consent(value: bool, claimed: list[str]) -> None:
    data = mapped(notification({"Email_Opt_Out": value, "Title": "CEO"})).events[0].data
    assert [one["value"] for one in data["claims"] if one["field"] == "consent_email"] == claimed


def test_an_owner_comes_with_the_address() -> None:
    values = {"Owner": {"id": "11", "name": "Mai Mori", "email": "Mai@example.com"}}
    data = mapped(notification(values)).events[0].data
    assert [(one["field"], one["value"]) for one in data["claims"]] == [("owner", "mai@example.com")]
