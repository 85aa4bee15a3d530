"""3CX: reports without a call id are calls of their own, each once; the secret counts in header and query."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.threecx import CONNECTOR
from hub.connector import authenticate
from hub.delivery import Connection, Delivery, Request
from hub.domain.events import Event
from hub.errors import Unauthorized

REPORT = {
    "Scenario": "ReportCall",
    "CallType": "Inbound",
    "Number": "+442079460100",
    "Agent": "101",
    "CallStartTimeUTC": "2026-11-22T09:00:00Z",
    "CallEndTimeUTC": "2026-11-22T09:01:17Z",
}
CONNECTION = Connection("c" * 26, "threecx")
URL = "https://hub.example/webhooks/telephony/" + "c" * 26


def events(**changes: Any) -> tuple[Event, ...]:
    body = json.dumps({**REPORT, **changes}).encode()
    return CONNECTOR.map_delivery(
        Delivery("c" * 26, "threecx", "telephony", "2026-11-22T10:00:00.000Z", body), CONNECTION
    ).events


def test_a_report_sent_again_is_the_same_call_and_another_is_not() -> None:
    first = events()
    assert events(Name="Amara", Duration="00:01:17")[0].id == first[0].id
    others = [{"Agent": "102"}, {"Number": "+442079460101"}, {"CallStartTimeUTC": "2026-11-22T09:00:01Z"}]
    assert len({first[0].subject, *(events(**other)[0].subject for other in others)}) == 4


def test_the_calls_id_does_not_show_the_number() -> None:
    assert "7946" not in events()[0].subject


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("00:01:05", 65), ("1.02:03:04", 93_784), ("00:00:59.9", 59), ("65", None), ("00:61:00", None), ("", None)],
)
def test_a_duration_is_read_as_dotnet_writes_it(text: str, seconds: int | None) -> None:
    assert events(Duration=text)[-1].data.get("duration_s") == seconds


def test_the_secret_counts_in_the_header_and_in_the_query_and_nowhere_else() -> None:
    def accepted(url: str, headers: dict[str, str]) -> bool:
        request = Request("POST", url, headers, b"{}", query=url.partition("?")[2])
        try:
            authenticate(CONNECTOR, request, [b"right"], CONNECTION, 0.0)
        except Unauthorized:
            return False
        return True

    assert accepted(URL, {"x-renkei-token": "right"})
    assert accepted(URL + "?token=right", {})
    for url, headers in ((URL, {}), (URL + "?token=wrong", {}), (URL + "?token=right", {"x-renkei-token": "wrong"})):
        assert not accepted(url, headers)
    assert CONNECTOR.stored_query("a=1&token=right") == "a=1"
