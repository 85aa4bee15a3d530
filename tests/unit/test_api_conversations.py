"""Conversations and the inbox through the API: who waits, who takes care, and that two people do not undo each other."""

from __future__ import annotations

from typing import Any

import pytest

from hub.decisions import Decision, Decisions
from hub.directory import Directory
from hub.domain.events import Identifier
from hub.inbox import MOST_LOOKED_AT
from hub.memory import FakeClock, memory_hub
from tests.unit.api_client import AGENT, Answer, Client, jwt_of
from tests.unit.api_client import event as request
from tests.unit.test_sync_customers import CHAT, PHONE, event, message, run

WA, TW = "w" * 26, "t" * 26
NOON = 1_795_176_000.0  # 2026-11-20T12:00:00Z


def at_home(one: dict[str, Any], connection: str = WA) -> dict[str, Any]:
    return one | {"connection": connection}


def heard(number: int, at: str, *who: dict[str, str], text: str = "Hello", connection: str = WA) -> dict[str, Any]:
    return at_home(message(number, at, *who, text=text), connection)


def said(number: int, at: str, who: dict[str, str]) -> dict[str, Any]:
    data = {"message_id": f"w{number}", "channel": "whatsapp", "direction": "outbound", "text": "Yes"}
    return at_home(event("message.echoed", number, at, data | {"customer": {"identifiers": [who]}}))


def chat(number: int) -> dict[str, str]:
    return {"kind": "whatsapp_user_id", "scope": "portfolio", "value": f"JP.{number}"}


def client_of(*events: dict[str, Any]) -> Client:
    hub = memory_hub(clock=FakeClock(NOON))
    return Client(run(list(events), hub), (AGENT,))


def persona(client: Client, who: dict[str, str]) -> str:
    return Directory(client.store, client.secrets.hash_key()).persona_id(Identifier.model_validate(who))


def path_of(client: Client, who: dict[str, str] = CHAT, connection: str = WA, channel: str = "whatsapp") -> str:
    return f"/v1/conversations/{persona(client, who)}-{connection}-{channel}"


def change(client: Client, path: str, body: Any, **headers: str) -> Answer:
    return client.call("PATCH", path, body, {name.replace("_", "-"): text for name, text in headers.items()})


def inbox(client: Client, **query: str) -> list[str]:
    """The names of whom the rows are, as their messages gave them."""
    answer = client.get("/v1/inbox", **query)
    assert answer.status == 200, answer.text
    return [row["conversation"]["last_inbound"]["text"] for row in answer.json["rows"]]


TALK = (heard(1, "09:00:00", PHONE, CHAT), heard(2, "09:01:00", CHAT, text="Anybody?"))


def test_a_customers_conversations_are_listed_the_last_active_first() -> None:
    sms = event("message.received", 9, "08:00:00", {**message(9, "08:00:00", PHONE)["data"], "channel": "sms"}, "tw")
    client = client_of(*TALK, at_home(sms, TW))
    answer = client.get(f"/v1/customers/{persona(client, PHONE)}/conversations")
    first, second = answer.json["conversations"]
    assert [(one["connection"], one["channel"]) for one in (first, second)] == [(WA, "whatsapp"), (TW, "sms")]
    assert (first["unread"], first["waiting_since"], first["window_until"]) == (
        2,
        "2026-11-20T09:00:00.000Z",
        "2026-11-21T09:01:00.000Z",
    )
    assert second["window_until"] is None


def test_a_conversation_is_found_by_every_id_that_a_persona_gives_it() -> None:
    client = client_of(*TALK)
    found = [client.get(path_of(client, who)) for who in (CHAT, PHONE)]
    assert [one.status for one in found] == [200, 200]
    assert found[0].json == found[1].json
    assert client.get(f"/v1/conversations/{found[0].json['id']}").json == found[0].json


@pytest.mark.parametrize("name", ["x", "a" * 26, f"{'a' * 26}-{WA}-whatsapp", f"{'a' * 26}-{WA}"])
def test_what_is_no_conversation_is_404(name: str) -> None:
    client = client_of(*TALK)
    assert client.get(f"/v1/conversations/{name}").status == 404
    assert change(client, f"/v1/conversations/{name}", {"state": "closed"}).status == 404


def test_a_conversation_is_assigned_read_closed_and_opened_again() -> None:
    client = client_of(*TALK)
    path = path_of(client)
    assert change(client, path, {"assignee": "me"}).json["assignee"] == "someone"
    assert client.get(path).json["handled_by"] == "person"
    assert change(client, path, {"handled_by": "bot"}).json["handled_by"] == "bot"
    assert change(client, path, {"read_until": "2026-11-20T09:00:00Z"}).json["unread"] == 1
    assert change(client, path, {"read_until": "2026-11-20T23:00:00Z"}).json["unread"] == 0
    closed = change(client, path, {"state": "closed", "assignee": None}).json
    assert (closed["state"], closed["assignee"], closed["waiting_since"]) == ("closed", None, None)
    assert change(client, path, {"state": "open"}).json["state"] == "open"


def test_reading_ahead_reads_nothing_that_is_yet_to_come() -> None:
    client = client_of(*TALK)
    change(client, path_of(client), {"read_until": "2099-01-01T00:00:00Z"})
    run([heard(3, "09:02:00", CHAT)], client.hub)
    assert client.get(path_of(client)).json["unread"] == 1


def test_a_message_that_nobody_saw_opens_what_was_closed_however_late_it_comes() -> None:
    client = client_of(*TALK)
    change(client, path_of(client), {"state": "closed"})
    run([heard(3, "08:00:00", CHAT, text="late")], client.hub)
    assert client.get(path_of(client)).json["state"] == "closed"
    run([heard(4, "09:05:00", CHAT, text="new")], client.hub)
    again = client.get(path_of(client)).json
    assert (again["state"], again["waiting_since"]) == ("open", "2026-11-20T09:05:00.000Z")


def test_saying_it_again_changes_nothing() -> None:
    client = client_of(*TALK)
    body = {"state": "closed", "assignee": "ann", "handled_by": "person", "read_until": "2026-11-20T09:01:00Z"}
    first = change(client, path_of(client), body)
    before = client.store.everything()
    assert change(client, path_of(client), body).json == first.json
    assert client.store.everything() == before


def test_the_latest_decision_counts_though_its_clock_is_behind() -> None:
    client = client_of(*TALK)
    change(client, path_of(client), {"assignee": "ann"})
    client.clock.sleep(-5)
    assert change(client, path_of(client), {"assignee": "ben"}).json["assignee"] == "ben"


def test_who_decides_by_what_is_old_is_told_so() -> None:
    client = client_of(*TALK)
    path = path_of(client)
    seen = client.get(path).headers["etag"]
    run([heard(3, "09:02:00", CHAT, text="Cancel it")], client.hub)
    refused = change(client, path, {"state": "closed"}, if_match=seen)
    assert refused.status == 412
    assert client.get(path).json["state"] == "open"
    assert change(client, path, {"state": "closed"}, if_match=client.get(path).headers["etag"]).status == 200


@pytest.mark.parametrize(
    "body",
    [
        {"state": "asleep"},
        {"handled_by": "dog"},
        {"assignee": ""},
        {"read_until": "soon"},
        {"mood": "good"},
        {"assignee": "x" * 257},
    ],
)
def test_what_cannot_be_changed_so_is_422(body: dict[str, Any]) -> None:
    client = client_of(*TALK)
    assert change(client, path_of(client), body).status == 422


# The inbox.

MANY = [heard(n, f"0{n // 6}:{n % 6}0:00", chat(n), text=f"c{n}") for n in range(12)]


def names(*numbers: int) -> list[str]:
    return [f"c{number}" for number in numbers]


@pytest.mark.parametrize("limit", [1, 5, 12, 100])
def test_pages_of_the_inbox_join_to_all_conversations_by_their_last_activity(limit: int) -> None:
    client = client_of(*MANY, said(50, "11:00:00", chat(4)))
    found: list[str] = []
    query = {"limit": str(limit)}
    while True:
        page = client.get("/v1/inbox", **query).json
        found += [row["conversation"]["last_inbound"]["text"] for row in page["rows"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert found == names(4, 11, 10, 9, 8, 7, 6, 5, 3, 2, 1, 0)


def test_what_was_said_within_a_minute_is_in_its_order_and_moves_nothing_in_the_index() -> None:
    client = client_of(*(heard(n, f"09:00:{n:02}", chat(n), text=f"c{n}") for n in (3, 5, 4)))
    before = {item.index for item in client.store.everything() if item.sk.startswith("CONV#")}
    assert inbox(client) == names(5, 4, 3)
    run([heard(9, "09:00:59", chat(4), text="c4 again")], client.hub)
    assert inbox(client) == ["c4 again", "c5", "c3"]
    assert {item.index for item in client.store.everything() if item.sk.startswith("CONV#")} == before


def test_the_inbox_leads_back_and_what_is_said_meanwhile_moves_nothing() -> None:
    client = client_of(*MANY)
    first = client.get("/v1/inbox", limit="4").json
    run([heard(60, "11:30:00", chat(0), text="again")], client.hub)
    second = client.get("/v1/inbox", limit="4", cursor=first["next"]).json
    texts = [row["conversation"]["last_inbound"]["text"] for row in second["rows"]]
    assert texts == names(7, 6, 5, 4)
    back = client.get("/v1/inbox", limit="4", cursor=second["previous"]).json
    assert [row["conversation"]["last_inbound"]["text"] for row in back["rows"]] == names(11, 10, 9, 8)
    assert inbox(client, limit="4", cursor=back["previous"]) == ["again"]


def test_the_inbox_is_filtered_by_who_takes_care() -> None:
    client = client_of(*MANY[:4])
    change(client, path_of(client, chat(0)), {"assignee": "me"})
    change(client, path_of(client, chat(1)), {"assignee": "ann"})
    assert inbox(client, assignee="me") == names(0)
    assert inbox(client, assignee="ann") == names(1)
    assert inbox(client, assignee="none") == names(3, 2)


def test_the_inbox_is_filtered_by_what_is_open_where_it_is_and_who_waits() -> None:
    other = heard(20, "02:00:00", chat(20), text="c20", connection=TW)
    client = client_of(*MANY[:4], other, said(50, "11:00:00", chat(3)))
    change(client, path_of(client, chat(2)), {"state": "closed"})
    assert inbox(client, state="open") == names(3, 20, 1, 0)
    assert inbox(client, state="closed") == names(2)
    assert inbox(client, connection=TW) == names(20)
    assert inbox(client, channel="sms") == []
    assert inbox(client, waiting_since="2026-11-20T00:10:00Z") == names(1, 0)
    assert inbox(client, waiting_longer_than_s=str(12 * 3600)) == names(0)
    assert inbox(client, waiting_longer_than_s="0") == names(20, 1, 0)


def test_a_customer_who_writes_under_two_personas_is_one_row_until_they_are_parted() -> None:
    client = client_of(heard(1, "01:00:00", chat(1), text="c1"), heard(2, "02:00:00", chat(2), text="c2"), *MANY[3:5])
    assert inbox(client) == names(2, 1, 4, 3)
    a, b = persona(client, chat(1)), persona(client, chat(2))
    decide = Decisions(Directory(client.store, client.secrets.hash_key())).decide
    decide(a, b, "same", Decision("1", "ann", "2026-11-20T03:00:00.000Z", "same person"))
    (row, *_) = client.get("/v1/inbox").json["rows"]
    assert (row["conversation"]["unread"], row["conversation"]["waiting_since"]) == (2, "2026-11-20T01:00:00.000Z")
    assert inbox(client) == names(2, 4, 3)
    decide(a, b, "none", Decision("2", "ann", "2026-11-20T04:00:00.000Z", "they are not"))
    assert inbox(client) == names(2, 1, 4, 3)


def test_a_row_names_the_customer_as_its_records_do() -> None:
    client = client_of(*TALK)
    (row,) = client.get("/v1/inbox").json["rows"]
    assert row["name"] == "Hanako"
    assert row["customer"] == client.get(f"/v1/customers/{row['customer']}").json["id"]


def test_me_is_whoever_asks() -> None:
    client = client_of(*TALK)
    change(client, path_of(client), {"assignee": "ann"})
    token = jwt_of(AGENT)
    token["claims"]["sub"] = "ann"
    answer = client.send(request("GET", "/v1/inbox", {"assignee": "me"}, jwt=token))
    assert len(answer.json["rows"]) == 1


@pytest.mark.parametrize(
    "query",
    [
        {"state": "asleep"},
        {"channel": "Fax"},
        {"connection": "x"},
        {"waiting_since": "now"},
        {"waiting_longer_than_s": "-1"},
    ],
)
def test_what_is_no_filter_of_the_inbox_is_422(query: dict[str, str]) -> None:
    assert client_of(*TALK).get("/v1/inbox", **query).status == 422


def test_a_rare_filter_makes_short_pages_that_lead_on() -> None:
    times = [f"{n // 60:02}:{n % 60:02}:00" for n in range(2 * MOST_LOOKED_AT + 10)]
    client = client_of(*(heard(n, at, chat(n), text=f"c{n}") for n, at in enumerate(times)))
    change(client, path_of(client, chat(0)), {"assignee": "ann"})
    found: list[list[str]] = []
    query = {"limit": "2", "assignee": "ann"}
    while True:
        page = client.get("/v1/inbox", **query).json
        found.append([row["conversation"]["last_inbound"]["text"] for row in page["rows"]])
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert found == [[], [], names(0)]


def all_rows(client: Client, **query: str) -> list[tuple[str, str]]:
    """Last activity and last text of all rows, one to a page."""
    rows: list[tuple[str, str]] = []
    cursor: dict[str, str] = {}
    while True:
        page = client.get("/v1/inbox", limit="1", **query, **cursor).json
        rows += [(row["conversation"]["last_activity_at"][11:16], row["conversation"]["id"]) for row in page["rows"]]
        if page["next"] is None:
            return rows
        cursor = {"cursor": page["next"]}


@pytest.mark.parametrize("query", [{}, {"assignee": "me"}, {"assignee": "me", "state": "open"}])
def test_a_filtered_inbox_is_by_what_was_last_said_under_any_persona(query: dict[str, str]) -> None:
    """The part in which the last was said is younger than the decision, and does not know of it."""
    client = client_of(heard(1, "01:00:00", PHONE), heard(2, "03:00:00", chat(7)))
    for who in (PHONE, chat(7)):
        change(client, path_of(client, who), {"assignee": "me"})
    run([heard(3, "05:00:00", CHAT, PHONE)], client.hub)
    rows = all_rows(client, **query)
    assert [at for at, _ in rows] == ["05:00", "03:00"]
    assert len(set(rows)) == 2
    first = client.get("/v1/inbox", limit="1", **query).json
    second = client.get("/v1/inbox", limit="1", cursor=first["next"], **query).json
    back = client.get("/v1/inbox", limit="1", cursor=second["previous"], **query).json
    assert back["rows"] == first["rows"]


def test_the_inbox_shows_a_conversation_once_though_one_part_of_it_has_what_is_asked_for() -> None:
    client = client_of(heard(1, "01:00:00", PHONE), heard(2, "02:00:00", CHAT), heard(3, "01:30:00", chat(7)))
    change(client, path_of(client, PHONE), {"assignee": "me"})
    change(client, path_of(client, chat(7)), {"assignee": "me"})
    run([heard(4, "00:30:00", CHAT, PHONE)], client.hub)
    assert [at for at, _ in all_rows(client, assignee="me")] == ["02:00", "01:30"]
    assert all_rows(client, assignee="none") == []
    assert [at for at, _ in all_rows(client, waiting_since="2026-11-20T00:45:00Z")] == ["02:00"]


def test_what_is_decided_about_a_former_holder_is_theirs_and_not_the_next_ones() -> None:
    one, two = ({"object": "contact", "id": number, "native_object": "contact"} for number in "12")

    def holds(number: int, record: dict[str, str], at: str, phone: str) -> dict[str, Any]:
        claims = [{"field": "phone", "value": phone, "at": f"2026-11-20T{at}.000Z"}]
        held = [{"kind": "phone", "value": phone}]
        body = {"record": record, "change": "changed", "claims": claims, "changed": ["phone"], "identifiers": held}
        return at_home(event("contact.changed", number, at, body), "h" * 26)

    number = PHONE["value"]
    client = client_of(
        holds(1, one, "00:10:00", number),
        heard(2, "01:00:00", PHONE, text="Secret"),
        holds(3, one, "02:00:00", "+819012349999"),
        holds(4, two, "03:00:00", number),
        heard(5, "04:00:00", PHONE, text="New"),
    )
    first, second = (
        path_of(client, {"kind": "record", "scope": "h" * 26, "value": f"contact:{number}"}) for number in "12"
    )
    assert change(client, first, {"assignee": "ann"}).json["assignee"] == "ann"
    shown = [client.get(path).json for path in (first, second)]
    assert [one["last_inbound"]["text"] for one in shown] == ["Secret", "New"]
    assert [one["assignee"] for one in shown] == ["ann", None]
    assert inbox(client) == ["New"]
