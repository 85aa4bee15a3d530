"""Refusals are counted by minute, connection and reason, newest first, for thirty days."""

from __future__ import annotations

from hub.refusals import Refusal, RefusalTally
from tests.unit.api_client import Client

CONNECTION = "c" * 26


def refuse(client: Client, minute: str, connection: str, reason: str, times: int = 1) -> None:
    tally = RefusalTally()
    for _ in range(times):
        tally.add(Refusal(minute, connection, "hubspot", reason))
    tally.settle(client.connection_items, client.clock.now())


def test_what_ingest_tallies_is_what_the_operator_reads() -> None:
    client = Client()
    refuse(client, "2026-05-04T09:30", CONNECTION, "wrong_signature", 3)
    refuse(client, "2026-05-04T09:31", "unknown", "no_secret")
    assert client.get("/v1/refusals").json == {
        "refusals": [
            {"at": "2026-05-04T09:31:00Z", "connection": "unknown", "reason": "no_secret", "count": 1},
            {"at": "2026-05-04T09:30:00Z", "connection": CONNECTION, "reason": "wrong_signature", "count": 3},
        ],
        "next": None,
    }


def test_refusals_are_paged() -> None:
    client = Client()
    for minute in range(5):
        refuse(client, f"2026-05-04T09:{minute:02d}", CONNECTION, "stale")
    first = client.get("/v1/refusals", limit="3").json
    second = client.get("/v1/refusals", limit="3", cursor=first["next"]).json
    minutes = [one["at"][14:16] for page in (first, second) for one in page["refusals"]]
    assert (minutes, second["next"]) == (["04", "03", "02", "01", "00"], None)
    assert client.get("/v1/refusals", cursor=first["next"][:-2]).status == 400


def test_what_has_expired_is_not_shown_though_the_table_has_not_removed_it_yet() -> None:
    client = Client()
    refuse(client, "2026-05-04T09:30", CONNECTION, "stale")
    client.clock.sleep(31 * 86_400)
    assert client.get("/v1/refusals").json["refusals"] == []


def test_connections_in_the_same_table_are_no_refusals() -> None:
    client = Client()
    draft = {"platform": "hubspot", "name": "x", "settings": {"portal_id": "1"}}
    assert client.post("/v1/connections", draft).status == 201
    assert client.get("/v1/refusals").json["refusals"] == []
