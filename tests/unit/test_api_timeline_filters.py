"""A timeline by kind, channel, connection and time, and as it was."""

from __future__ import annotations

from typing import Any

import pytest

from hub.memory import memory_hub
from hub.wiring import Hub
from tests.unit.api_client import AGENT, Client
from tests.unit.test_api_timeline import PERSONAS, customer_with, pages
from tests.unit.test_sync_customers import CHAT, PHONE, STORY, customer, event, run

OURS = {"message_id": "m1", "channel": "sms", "customer": {"identifiers": [PHONE]}}
LATER = [
    event("message.status_changed", 30 + n, at, OURS | {"status": status}, "tw")
    for n, (at, status) in enumerate([("12:01:00", "sent"), ("12:30:00", "delivered"), ("13:00:00", "read")])
]
MAIL = {"activity_id": "1", "kind": "email", "title": "Offer", "customer": {"identifiers": [PHONE]}}
DAY = [
    *STORY,
    event("message.echoed", 20, "12:00:00", OURS | {"direction": "outbound"}, "tw"),
    *LATER[::-1],
    event("activity.logged", 40, "14:00:00", MAIL, "hs"),
]


def hub_of_the_day() -> tuple[Hub, Client, str]:
    hub = run(DAY, memory_hub())
    return hub, Client(hub, (AGENT,)), f"/v1/customers/{customer(hub, CHAT).id}/timeline"


def entries(**query: str) -> list[dict[str, Any]]:
    _, client, path = hub_of_the_day()
    answer = client.get(path, order="oldest", **query)
    assert answer.status == 200, answer.text
    found: list[dict[str, Any]] = answer.json["entries"]
    return found


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ({}, ["record", "message", "message", "call", "record", "message", "activity"]),
        ({"kind": "call"}, ["call"]),
        ({"kind": "call,record"}, ["record", "call", "record"]),
        ({"channel": "sms"}, ["message"]),
        ({"channel": "whatsapp,call"}, ["message", "message", "call"]),
        ({"channel": "email"}, ["activity"]),
        ({"channel": "sms", "kind": "call"}, []),
        ({"connection": "hs"}, ["record", "record", "activity"]),
        ({"connection": "hs,tw", "kind": "activity,call"}, ["call", "activity"]),
        ({"since": "2026-11-20T10:00:40Z", "until": "2026-11-20T12:00:00Z"}, ["call", "record"]),
        ({"since": "2026-11-20T19:00:40+09:00", "until": "2026-11-20T21:00:00+09:00"}, ["call", "record"]),
        ({"since": "2026-11-20T14:00:00.001Z"}, []),
    ],
)
def test_a_timeline_is_filtered(query: dict[str, str], kinds: list[str]) -> None:
    assert [entry["kind"] for entry in entries(**query)] == kinds


@pytest.mark.parametrize(
    ("at", "count", "status"),
    [("12:00:00", 6, None), ("12:29:59", 6, "sent"), ("12:30:00", 6, "delivered"), ("14:00:00", 7, "read")],
)
def test_a_timeline_is_shown_as_it_was(at: str, count: int, status: str | None) -> None:
    found = entries(at=f"2026-11-20T{at}Z")
    assert len(found) == count
    (ours,) = [entry for entry in found if entry["shown"].get("channel") == "sms"]
    assert ours["shown"]["status"] == status


def test_before_anything_was_known_there_was_no_such_customer() -> None:
    _, client, path = hub_of_the_day()
    assert client.get(path, at="2026-11-19T00:00:00Z").status == 404


def test_the_pages_of_a_filtered_timeline_join_to_the_whole() -> None:
    _, client, path = hub_of_the_day()
    found = pages(client, path, limit="2", kind="message,call", order="oldest")
    whole = [entry["id"] for entry in entries(kind="message,call")]
    assert [one for page in found for one in page] == whole


def test_previous_leads_back_to_the_first_page() -> None:
    client, path, whole = customer_with(6, *PERSONAS)
    first = client.get(path, limit="2").json
    second = client.get(path, limit="2", cursor=first["next"]).json
    back = client.get(path, limit="2", cursor=second["previous"]).json
    assert first["previous"] is None
    assert [entry["id"] for entry in back["entries"]] == whole[:-3:-1]
    assert (back["previous"], back["next"] is None) == (None, False)


@pytest.mark.parametrize(
    "query",
    [
        {"kind": "gossip"},
        {"channel": "fax"},
        {"since": "yesterday"},
        {"until": "2026-11-20"},
        {"at": "x" * 41},
    ],
)
def test_what_is_no_filter_is_422(query: dict[str, str]) -> None:
    _, client, path = hub_of_the_day()
    assert client.get(path, **query).status == 422


def test_a_cursor_is_good_for_the_filters_that_it_was_given_for() -> None:
    _, client, path = hub_of_the_day()
    cursor = client.get(path, limit="1", kind="message").json["next"]
    assert client.get(path, limit="3", kind="message", cursor=cursor).status == 200
    assert client.get(path, limit="1", kind="call", cursor=cursor).status == 400
    assert client.get(path, limit="1", cursor=cursor).status == 400
