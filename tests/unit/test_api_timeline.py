"""The timeline is one, whichever persona an entry was filed under, and paging it neither repeats nor leaves out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hub.directory import Directory
from hub.domain.events import Identifier
from hub.memory import MemorySecrets
from hub.timeline_store import Filing, TimelineStore
from tests.unit.api_client import AGENT, Client

PHONE = Identifier(kind="phone", value="+819012345678")
USER = Identifier(kind="whatsapp_user_id", scope="portfolio", value="JP.77")
CONTACT = Identifier(kind="record", scope="h" * 26, value="contact:101")
PERSONAS = (PHONE, USER, CONTACT)
TEXT = "<img src=x onerror=alert(1)> こんにちは"


def directory(client: Client) -> Directory:
    return Directory(client.store, client.secrets.hash_key())


def file_message(client: Client, number: int, owner: Identifier, at: str | None = None) -> str:
    """Files message `number`, sent in minute `number`; returns its entry id."""
    who = directory(client)
    entry = who.hashed(f"entry {number}")
    data = {"message_id": f"m{number}", "channel": "whatsapp", "direction": "inbound", "text": TEXT}
    sent = at or f"2026-05-04T09:{number:02d}:00.000Z"
    fact = {
        "type": "message.received",
        "at": sent,
        "timequality": "platform",
        "data": data,
        "raw": "r#0",
        "received": sent,
    }
    event = {"id": f"e{number}", "connection": "w" * 26, "platform": "whatsapp_cloud"}
    filing = Filing(who.persona_id(owner), 0)
    TimelineStore(client.store).record(entry, "message", event, fact, filing)
    return entry


def customer_with(count: int, *owners: Identifier) -> tuple[Client, str, list[str]]:
    """A caller, a customer's path and its entries' ids, oldest first, filed under the owners in turn."""
    client = Client(scopes=(AGENT,))
    who = directory(client)
    who.attach([CONTACT, PHONE], reason="contact.changed", event="e1")
    persona = who.attach([USER, PHONE], reason="message.received", event="e2")
    entries = [file_message(client, number, owners[number % len(owners)]) for number in range(count)]
    return client, f"/v1/customers/{persona}/timeline", entries


def pages(client: Client, path: str, **query: str) -> list[list[str]]:
    """The ids of every page."""
    found: list[list[str]] = []
    while True:
        answer = client.get(path, **query)
        assert answer.status == 200, answer.text
        found.append([entry["id"] for entry in answer.json["entries"]])
        if answer.json["next"] is None:
            return found
        query["cursor"] = answer.json["next"]


@pytest.mark.parametrize("owners", [(PHONE,), (PHONE, USER), PERSONAS, (PHONE, PHONE, PHONE, USER)])
@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
@pytest.mark.parametrize("order", ["newest", "oldest"])
def test_pages_join_to_the_whole_timeline_in_order(owners: tuple[Identifier, ...], limit: int, order: str) -> None:
    client, path, entries = customer_with(12, *owners)
    found = pages(client, path, limit=str(limit), order=order)
    assert [entry for page in found for entry in page] == (entries if order == "oldest" else entries[::-1])
    assert [len(page) for page in found[:-1]] == [limit] * (len(found) - 1)
    assert len(found[-1]) > 0


@pytest.mark.parametrize("burst", [0, 11])
@pytest.mark.parametrize("order", ["newest", "oldest"])
def test_entries_of_one_persona_in_a_row_do_not_hide_anothers(burst: int, order: str) -> None:
    client, path, _ = customer_with(0, PHONE)
    entries = [file_message(client, number, USER if number == burst else PHONE) for number in range(12)]
    found = [entry for page in pages(client, path, limit="2", order=order) for entry in page]
    assert found == (entries if order == "oldest" else entries[::-1])


def test_entries_of_the_same_instant_are_each_shown_once() -> None:
    client, path, _ = customer_with(0, PHONE)
    entries = {file_message(client, number, PERSONAS[number % 3], "2026-05-04T09:00:00.000Z") for number in range(10)}
    found = [entry for page in pages(client, path, limit="3") for entry in page]
    assert (len(found), set(found)) == (10, entries)


def test_newest_comes_first_and_twenty_five_at_a_time() -> None:
    client, path, entries = customer_with(30, *PERSONAS)
    first = client.get(path).json
    assert [entry["id"] for entry in first["entries"]] == entries[:-26:-1]
    assert first["next"] is not None


def test_what_arrives_while_somebody_reads_moves_nothing() -> None:
    client, path, entries = customer_with(6, *PERSONAS)
    first = client.get(path, limit="3").json
    file_message(client, 50, CONTACT)
    second = client.get(path, limit="3", cursor=first["next"]).json
    shown = [entry["id"] for page in (first, second) for entry in page["entries"]]
    assert (shown, second["next"]) == (entries[::-1], None)


def test_a_cursor_survives_that_two_customers_become_one() -> None:
    client, path, entries = customer_with(6, PHONE, USER)
    other = Identifier(kind="email", value="hanako@example.com")
    directory(client).attach([other], reason="contact.changed", event="e8")
    late = file_message(client, 0, other, "2026-05-03T00:00:00.000Z")
    file_message(client, 59, other)
    first = client.get(path, limit="3").json
    directory(client).attach([other, PHONE], reason="contact.changed", event="e9")
    shown = [entry["id"] for entry in first["entries"]]
    shown += [entry for page in pages(client, path, limit="3", cursor=first["next"]) for entry in page]
    assert late in shown
    assert len(shown) == len(set(shown))
    assert set(entries) <= set(shown) | {late}


def test_an_entry_shows_what_happened_when_and_where() -> None:
    client, path, entries = customer_with(1, USER)
    (entry,) = client.get(path).json["entries"]
    assert (entry["id"], entry["kind"], entry["at"]) == (entries[0], "message", "2026-05-04T09:00:00.000Z")
    assert (entry["platform"], entry["connection"]) == ("whatsapp_cloud", "w" * 26)
    assert (entry["shown"]["text"], entry["shown"]["direction"]) == (TEXT, "inbound")


def test_a_customer_without_entries_has_an_empty_timeline() -> None:
    client, path, _ = customer_with(0, PHONE)
    assert client.get(path).json == {"entries": [], "next": None, "previous": None}


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "101"}, {"limit": "x"}, {"order": "best"}])
def test_what_no_page_can_be_is_422(query: dict[str, Any]) -> None:
    client, path, _ = customer_with(1, PHONE)
    assert client.get(path, **query).status == 422


def cursor_of(client: Client, path: str) -> str:
    cursor: str = client.get(path, limit="1").json["next"]
    return cursor


def test_a_cursor_that_was_tampered_with_is_400_wherever_it_was_changed() -> None:
    client, path, _ = customer_with(3, *PERSONAS)
    cursor = cursor_of(client, path)
    for position in range(len(cursor) - 1):
        other = "A" if cursor[position] != "A" else "B"
        answer = client.get(path, cursor=cursor[:position] + other + cursor[position + 1 :])
        assert answer.status == 400, position


@pytest.mark.parametrize("cursor", ["x", "%%%", "AAAA", "A" * 500, "é", "null", "=", "A=A"])
def test_what_is_no_cursor_is_400(cursor: str) -> None:
    client, path, _ = customer_with(3, *PERSONAS)
    assert client.get(path, cursor=cursor).status == 400


def test_a_cursor_is_good_for_its_own_list_only() -> None:
    client, path, _ = customer_with(3, *PERSONAS)
    cursor = cursor_of(client, path)
    other_id = f"/v1/customers/{directory(client).persona_id(PHONE)}/timeline"
    assert client.get(path, cursor=cursor).status == 200
    assert client.get(path, cursor=cursor, order="oldest").status == 400
    assert client.get(other_id, cursor=cursor).status == 400


def test_a_cursor_of_another_deployment_is_400() -> None:
    client, path, _ = customer_with(3, *PERSONAS)
    cursor = cursor_of(client, path)
    other = Client(replace(client.hub, secrets=MemorySecrets(hash_key=b"o" * 32)), (AGENT,))
    assert other.get(path).status == 200
    assert other.get(path, cursor=cursor).status == 400


def test_a_cursor_tells_no_name_and_no_number() -> None:
    client, path, _ = customer_with(3, *PERSONAS)
    assert "9012345678" not in cursor_of(client, path)
