"""Freshsales' client against an account that takes what is documented, and against each refusal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from connectors.freshsales import CONNECTOR
from connectors.freshsales.client import FreshsalesClient, build
from hub.delivery import Connection, Delivery
from hub.domain.commands import AddNote, CreateTask, LogCall, LogMessage
from hub.domain.events import DealData, RecordChangedData
from hub.domain.sync import Change, NewRecord, SyncClient
from hub.errors import Reject, Retry
from hub.http import HttpClient
from hub.memory import FakeClock
from infra.local.standins.freshsales import Freshsales
from infra.local.standins.freshsales_rows import Row
from infra.local.standins.server import Call
from tests.harness.platforms import LOST, Platforms

KEY = "key-of-the-example"
HOST = "example.myfreshworks.com"
NOTE = AddNote(
    reference="n1", contact_id="1", written_at="2026-09-20T01:02:03.000Z", text="Likes green tea.", author="Mai"
)
TASK = CreateTask(reference="t1", contact_id="1", subject="Call back", text="About the kettle.")


class Account:
    """A client on an account of the stand-in, reached through the real HTTP client."""

    def __init__(self, *, settings: Mapping[str, Any] | None = None, **more: Any) -> None:
        self.clock = FakeClock()
        self.freshsales = Freshsales(KEY, now=self.clock.now, **more)
        self.standin = self.freshsales.standin()
        self.platforms = Platforms({HOST: self.standin})
        base = {"bundle_alias": "example", "default_region": "JP"}
        self.connection = Connection("f" * 26, "freshsales", settings={**base, **(settings or {})})
        self.client = self.built(KEY)

    def built(self, key: str) -> FreshsalesClient:
        http = HttpClient(clock=self.clock, exchange=self.platforms.exchange, uniform=lambda: 0.0)
        return build(self.connection, {"api_key": key}, http, self.clock)

    def person(self, **more: Any) -> str:
        base = {"first_name": "Aya", "emails": "aya@example.com", "mobile_number": "+81 90-0000-0006"}
        return self.freshsales.enter("contact", {**base, **more})

    def read(self, kind: str, found: str) -> RecordChangedData:
        (one,) = self.client.read(kind, [found])
        assert isinstance(one, RecordChangedData)
        return one

    def fields(self, kind: str, found: str) -> dict[str, str | None]:
        return {claim.field: claim.value for claim in self.read(kind, found).claims}

    def held(self, kind: str, found: str) -> Row:
        row = self.freshsales.held(kind, found)
        assert row is not None
        return row

    def lose_answers_to(self, path: str) -> None:
        """The next answer to a request that creates there is lost on the way."""
        left = [LOST]

        def trouble(call: Call) -> str | None:
            return left.pop() if left and call.path.endswith(path) and call.method == "POST" else None

        self.platforms.trouble = trouble

    def calls(self, method: str, ending: str) -> list[dict[str, Any]]:
        return [one for one in self.standin.journal.calls if one["method"] == method and one["path"].endswith(ending)]


def test_the_client_offers_what_is_documented() -> None:
    client: SyncClient = Account().client
    assert client.reads == client.lists == {"contact", "company", "deal"}
    assert client.writes == {"contact", "company"}
    assert client.logs == {"call", "message", "note", "task"}
    assert client.plan_set_up() == []


def test_a_person_is_read_with_their_primary_account_and_owner() -> None:
    account = Account(fields=frozenset({"cf_tea"}))
    found = account.person(
        owner_id=17,
        custom_field={"cf_tea": "green"},
        sales_accounts=[{"id": 5, "name": "Other"}, {"id": 6, "name": "Takagi", "is_primary": True}],
    )
    shown = account.fields("contact", found)
    assert (shown["owner"], shown["company"], shown["company_ref"]) == ("agent@example.com", "Takagi", "company:6")
    assert (shown["email"], shown["mobile"]) == ("aya@example.com", "+81 90-0000-0006")
    assert {identifier.kind for identifier in account.read("contact", found).identifiers} == {
        "record",
        "phone",
        "email",
    }
    (gone,) = account.client.read("contact", ["404"])
    assert gone.change == "deleted"


def test_a_deal_is_read_with_its_stage() -> None:
    account = Account(settings={"currency": "JPY", "won_stages": ["Won"], "lost_stages": ["Lost"]})
    contact = account.person()
    values = {"name": "Kettles", "amount": 1980, "deal_stage_id": 72, "contacts": [{"id": int(contact)}]}
    found = account.freshsales.enter("deal", values)
    (one,) = account.client.read("deal", [found])
    assert isinstance(one, DealData)
    assert (one.title, one.status, one.stage, one.amount, one.currency) == ("Kettles", "won", "Won", "1980", "JPY")
    assert [ref.id for ref in one.contacts] == [contact]


def test_only_what_differs_is_written_and_read_back_as_it_was_written() -> None:
    account = Account()
    found = account.person()
    version = account.read("contact", found).version
    change = Change(
        id=found, fields={"email": "Takagi@example.com", "mobile": None, "owner": "person@example.com"}, version=version
    )
    (outcome,) = account.client.write("contact", [change])
    (put,) = account.calls("PUT", f"/contacts/{found}")
    assert put["body"] == {"contact": {"emails": "Takagi@example.com", "mobile_number": None, "owner_id": 18}}
    assert (outcome.state, outcome.version) == ("written", account.read("contact", found).version)
    shown = account.fields("contact", found)
    assert (shown["email"], shown["mobile"], shown["owner"]) == ("takagi@example.com", None, "person@example.com")


def test_each_change_has_its_own_outcome() -> None:
    account = Account()
    first, second = account.person(), account.person(emails="mai@example.com", mobile_number=None)
    version = account.read("contact", first).version
    account.freshsales.edit("contact", first, {"first_name": "Ayaka"})
    outcomes = account.client.write(
        "contact",
        [
            Change(id="404", fields={"first_name": "Nobody"}),
            Change(id=first, fields={"first_name": "Aya"}, version=version),
            Change(id=second, fields={"email": "aya@example.com"}),
            Change(id=second, fields={"email": None}),
            Change(id=second, fields={"first_name": "Mai"}),
        ],
    )
    assert [(one.state, one.fields) for one in outcomes] == [
        ("gone", ()),
        ("stale", ()),
        ("refused", ("email",)),
        ("refused", ("email",)),
        ("written", ()),
    ]
    assert "another record" in outcomes[2].reason
    assert account.held("contact", first)["first_name"] == "Ayaka"


def test_a_person_created_twice_is_one() -> None:
    account = Account()
    record = NewRecord(reference="c1", fields={"name": "Aya Kobayashi", "email": "aya@example.com"})
    account.lose_answers_to("/contacts/upsert")
    first, second = account.client.create("contact", record), account.client.create("contact", record)
    assert first.id == second.id
    row = account.held("contact", first.id)
    assert (row["external_id"], row["last_name"], row["email"]) == ("renkei-c1", "Aya Kobayashi", "aya@example.com")


def test_an_account_is_created_by_its_name_and_needs_one() -> None:
    account = Account()
    made = account.client.create("company", NewRecord(reference="o1", fields={"name": "Takagi", "employees": "12"}))
    assert account.fields("company", made.id)["employees"] == "12"
    assert account.client.write("company", [Change(id=made.id, fields={"phone": "+81300000001"})])[0].state == "written"
    refused = account.client.create("company", NewRecord(reference="o2", fields={"phone": "+81300000001"}))
    assert (refused.state, refused.fields) == ("refused", ("name",))


def test_people_are_found_by_address_and_by_either_number() -> None:
    account = Account()
    found = account.person(mobile_number="+819000000006")
    assert account.client.find("contact", email="aya@example.com") == [found]
    assert account.client.find("contact", phone="+819000000006") == [found]
    assert account.client.find("contact", phone="+819000000007") == account.client.find("company", phone="+81") == []


def test_calls_messages_and_notes_are_notes_that_are_written_once_and_follow_the_command() -> None:
    account = Account()
    found = account.person()
    call = LogCall(
        reference="k1",
        contact_id=found,
        direction="inbound",
        started_at=NOTE.written_at,
        outcome="answered",
        duration_s=65,
        title="Inbound call",
    )
    message = LogMessage(
        reference="m1",
        contact_id=found,
        channel="whatsapp",
        direction="inbound",
        sent_at=NOTE.written_at,
        body="こんにちは",
    )
    note = NOTE.model_copy(update={"contact_id": found})
    account.lose_answers_to("/notes")
    with pytest.raises(Retry, match="looked for"):
        account.client.log_call(call)
    made = [account.client.log_call(call), account.client.log_message(message), account.client.add_note(note)]
    assert len(account.freshsales.rows.by_kind["note"]) == 3
    assert account.client.log_call(call.model_copy(update={"duration_s": 66})) == made[0]
    texts = [account.held("note", one)["description"] for one in made]
    assert "Duration: 66 s" in texts[0] and texts[0].endswith("[renkei k1]")
    assert texts[1].splitlines()[1] == "こんにちは"
    assert texts[2] == "Likes green tea.\n(Mai)\n[renkei n1]"


def test_a_task_follows_the_command_also_when_it_is_done() -> None:
    account = Account()
    task = TASK.model_copy(update={"contact_id": account.person(), "owner": "agent@example.com"})
    made = account.client.create_task(task)
    row = account.held("task", made)
    assert (row["title"], row["status"], row["owner_id"], row["due_date"]) == (
        "Call back",
        0,
        17,
        "2026-09-21T14:13:20.000Z",
    )
    done = task.model_copy(update={"done": True})
    assert account.client.create_task(done) == account.client.create_task(done) == made
    assert account.held("task", made)["status"] == 1
    assert len(account.calls("PUT", f"/tasks/{made}")) == 1


def test_a_log_moves_to_another_person_and_is_taken_back() -> None:
    account = Account()
    first, second = account.person(), account.person(emails="mai@example.com")
    made = account.client.add_note(NOTE.model_copy(update={"contact_id": first}))
    for _ in range(2):
        account.client.move_log("note", made, first, second)
    assert str(account.held("note", made)["targetable_id"]) == second
    assert account.client.add_note(NOTE.model_copy(update={"contact_id": second})) == made
    for _ in range(2):
        account.client.take_log("note", made)
    account.client.move_log("note", made, second, first)
    assert account.freshsales.held("note", made) is None


def test_all_is_listed_by_creation_and_changes_by_the_latest() -> None:
    account = Account()
    made = []
    for number in range(130):
        account.clock.sleep(1)
        made.append(account.freshsales.enter("sales_account", {"name": f"Number {number}"}))
    first = account.client.page("company", None, None)
    assert (first.total, len(first.found)) == (130, 100)
    account.freshsales.edit("sales_account", made[0], {"name": "Changed"})
    rest = account.client.page("company", None, first.next)
    assert [one.record.id for one in (*first.found, *rest.found)] == made
    assert rest.next is None
    since = "2026-09-21T14:15:28.000Z"  # when the 128th was made
    changed = account.client.page("company", since, None)
    assert {one.record.id for one in changed.found} == {made[0], *made[127:]}
    assert changed.next is None


def test_a_view_of_all_records_is_needed() -> None:
    account = Account(settings={"contact_view": "4001"})
    account.client.page("contact", None, None)
    assert not account.calls("GET", "/filters")
    account.standin.journal.calls.clear()
    Account().client.page("deal", None, None)
    account = Account(settings={"deal_view": "9"})
    with pytest.raises(Reject, match="no such record"):
        account.client.page("deal", None, None)


def test_who_changed_by_hand_is_told_and_read_where_the_api_is_connected() -> None:
    account = Account()
    found = account.person()
    account.freshsales.edit("contact", found, {"mobile_number": None})
    delivery = Delivery("f" * 26, "freshsales", "crm", "2026-11-22T12:00:00.000Z", account.freshsales.hooks[-1].body)
    mapped = CONNECTOR.map_delivery(delivery, account.connection)
    assert [event.type for event in mapped.events] == ["contact.changed", "record.touched"]
    unconnected = Connection("f" * 26, "freshsales")
    assert [event.type for event in CONNECTOR.map_delivery(delivery, unconnected).events] == ["contact.changed"]


def test_refusals_of_the_whole_say_what_to_do() -> None:
    account = Account(most_requests=1)
    with pytest.raises(Retry, match="hour") as raised:
        account.client.read("contact", ["1", "2"])
    assert raised.value.after_s == 600
    with pytest.raises(Retry, match="API key") as raised:
        Account().built("old").owners()
    assert raised.value.after_s == 900
    with pytest.raises(Reject, match="bundle_alias"):
        Account(settings={"bundle_alias": "https://x"})
    with pytest.raises(Reject, match="api_key"):
        Account().built("")
    with pytest.raises(Reject, match="ticket"):
        Account().client.read("ticket", ["1"])


def test_fields_are_described_under_the_name_they_are_written_by() -> None:
    described = {one.name: one for one in Account(fields=frozenset({"cf_tea"})).client.describe("contact")}
    assert described["custom_field.cf_tea"].custom
    assert not described["first_name"].custom
