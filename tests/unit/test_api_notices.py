"""The list of what concerns no customer: newest first, page by page, for agents."""

from __future__ import annotations

from typing import Any

from hub.asyncapi import example
from tests.unit.api_client import AGENT, Client
from tests.unit.test_sync_customers import run


def client_with(count: int) -> Client:
    client = Client(scopes=(AGENT,))
    events: list[dict[str, Any]] = [
        example("account.notice") | {"id": f"n{number}", "time": f"2026-11-20T09:{number:02}:00.000Z"}
        for number in range(count)
    ]
    run([*events, example("message.received")], client.hub)
    return client


def test_notices_are_listed_newest_first_with_what_they_say() -> None:
    entries = client_with(3).get("/v1/notices").json["entries"]
    assert [one["at"][14:16] for one in entries] == ["02", "01", "00"]
    assert {one["kind"] for one in entries} == {"notice"}
    assert entries[0]["shown"]["topic"] == "phone_number_quality_update"


def test_pages_hold_every_notice_once() -> None:
    client = client_with(5)
    minutes: list[str] = []
    query: dict[str, str] = {"limit": "2"}
    while True:
        page = client.get("/v1/notices", **query).json
        minutes += [one["at"][14:16] for one in page["entries"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert minutes == ["04", "03", "02", "01", "00"]


def test_a_cursor_that_was_changed_is_400() -> None:
    client = client_with(5)
    cursor = client.get("/v1/notices", limit="2").json["next"]
    assert client.get("/v1/notices", cursor=cursor[:-2] + "AA").status == 400


def test_without_news_the_list_is_empty() -> None:
    assert Client(scopes=(AGENT,)).get("/v1/notices").json == {"entries": [], "next": None}
