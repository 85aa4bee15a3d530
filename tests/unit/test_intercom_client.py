"""Intercom's client against a workspace that enforces the documented contract, and against each refusal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from connectors.intercom import CONNECTOR
from connectors.intercom.client import IntercomClient, build
from hub.delivery import Connection, Delivery
from hub.domain.commands import AddNote, CreateTask, LogCall, LogMessage
from hub.domain.events import RecordChangedData, TicketData
from hub.domain.sync import Change, NewRecord, SyncClient
from hub.errors import Reject, Retry
from hub.http import HttpClient
from hub.memory import FakeClock
from infra.local.standins.intercom import Intercom
from infra.local.standins.intercom_rows import Row
from infra.local.standins.server import Answer, Call
from tests.harness.platforms import LOST, Platforms

TOKEN = "token-of-the-example"
HOST = "api.intercom.io"
NOTE = AddNote(
    reference="n1", contact_id="1", written_at="2026-09-20T01:02:03.000Z", text="Likes <green> tea.", author="Mai"
)
TASK = CreateTask(reference="t1", contact_id="1", subject="Call back", text="About the kettle.", priority="high")
DAY_S = 86_400


class Account:
    """A client on a workspace of the stand-in, reached through the real HTTP client."""

    def __init__(self, *, settings: Mapping[str, Any] | None = None, **more: Any) -> None:
        self.clock = FakeClock()
        self.intercom = Intercom(TOKEN, now=self.clock.now, **more)
        self.standin = self.intercom.standin()
        self.platforms = Platforms({HOST: self.standin})
        base = {"app_id": "rnk1abcd", "default_region": "JP", "ticket_type_id": "53"}
        self.connection = Connection("i" * 26, "intercom", settings={**base, **(settings or {})})
        self.client = self.built(TOKEN)

    def built(self, token: str) -> IntercomClient:
        http = HttpClient(clock=self.clock, exchange=self.platforms.exchange, uniform=lambda: 0.0)
        return build(self.connection, {"access_token": token}, http, self.clock)

    def person(self, **more: Any) -> str:
        return self.intercom.enter(
            "contact", {"name": "Aya", "email": "aya@example.com", "phone": "+81 90-0000-0006", **more}
        )

    def read(self, kind: str, found: str) -> RecordChangedData:
        (one,) = self.client.read(kind, [found])
        assert isinstance(one, RecordChangedData)
        return one

    def fields(self, kind: str, found: str) -> dict[str, str | None]:
        return {claim.field: claim.value for claim in self.read(kind, found).claims}

    def held(self, kind: str, found: str) -> Row:
        row = self.intercom.held(kind, found)
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

    def listed(self, kind: str, since: str | None = None) -> list[str]:
        ids, cursor, first = [], None, True
        while first or cursor:
            page = self.client.page(kind, since, cursor)
            assert page == self.client.page(kind, since, cursor)
            ids += [one.record.id for one in page.found]
            cursor, first = page.next, False
        return ids


def test_the_client_offers_what_the_api_has() -> None:
    client: SyncClient = Account().client
    assert client.reads == client.lists == {"contact", "company", "ticket"}
    assert client.writes == {"contact", "company"}
    assert client.logs == {"note", "task"}
    assert Account(settings={"ticket_type_id": ""}).client.logs == {"note"}
    assert Account(settings={"log": ["call", "note"]}).client.logs == {"note"}


def test_a_person_is_read_with_all_their_fields_at_the_time_of_the_row() -> None:
    account = Account(attributes=frozenset({"tea"}))
    found = account.person(owner_id="814860", custom_attributes={"tea": "green"})
    row = account.intercom.rows.by_kind["contact"][found]
    row["companies"]["data"].append({"type": "company", "id": "c1"})
    row["unsubscribed_from_emails"] = True
    one = account.read("contact", found)
    assert account.fields("contact", found) == {
        "name": "Aya",
        "email": "aya@example.com",
        "phone": "+81 90-0000-0006",
        "owner": "agent@example.com",
        "city": None,
        "region": None,
        "country": None,
        "company_ref": "company:c1",
        "consent_email": "denied",
    }
    assert {claim.precision for claim in one.claims} == {"row"}
    assert {identifier.kind for identifier in one.identifiers} == {"record", "phone", "email"}
    assert len(account.calls("GET", "/admins")) == 1


def test_of_a_merged_person_the_survivor_is_read_as_well() -> None:
    account = Account()
    lost, kept = account.person(), account.person(email="mai@example.com")
    account.intercom.merge(lost, kept)
    found = account.client.read("contact", [lost, "nobody"])
    assert [(one.record.id, one.change) for one in found] == [
        (lost, "deleted"),
        (kept, "changed"),
        ("nobody", "deleted"),
    ]


def test_tickets_and_conversations_are_read_by_one_series_of_ids() -> None:
    account = Account()
    ticket = account.intercom.enter("ticket", {"ticket_attributes": {"_default_title_": "Leak"}})
    talk = account.intercom.enter("conversation", {"title": "Hello", "state": "snoozed"})
    found = account.client.read("ticket", [ticket, talk, "404"])
    assert all(isinstance(one, TicketData) for one in found)
    shown = [
        (one.record.native_object, one.title, one.status, one.change) for one in found if isinstance(one, TicketData)
    ]
    assert shown == [
        ("ticket", "Leak", "new", "changed"),
        ("conversation", "Hello", "pending", "changed"),
        ("ticket", None, "unknown", "deleted"),
    ]


def test_only_what_differs_is_written_and_read_back_as_it_was_written() -> None:
    account = Account(attributes=frozenset({"tea"}))
    found = account.person()
    version = account.read("contact", found).version
    change = Change(
        id=found, fields={"name": "Aya Takagi", "phone": None, "owner": "person@example.com"}, version=version
    )
    (outcome,) = account.client.write("contact", [change])
    (put,) = account.calls("PUT", f"/contacts/{found}")
    assert put["body"] == {"name": "Aya Takagi", "phone": None, "owner_id": "814861"}
    assert (outcome.state, outcome.version) == ("written", account.read("contact", found).version)
    assert account.fields("contact", found)["phone"] is None


def test_whoever_was_faster_wins_and_the_record_is_left_alone() -> None:
    account = Account()
    found = account.person()
    version = account.read("contact", found).version
    account.intercom.edit("contact", found, {"name": "Mai"})
    (outcome,) = account.client.write("contact", [Change(id=found, fields={"name": "Aya"}, version=version)])
    assert outcome.state == "stale"
    assert account.held("contact", found)["name"] == "Mai"


def test_each_change_has_its_own_outcome() -> None:
    account = Account()
    lost, other = account.person(), account.person(email="mai@example.com")
    account.person(email="ken@example.com")
    account.intercom.merge(lost, other)
    outcomes = account.client.write(
        "contact",
        [
            Change(id="404", fields={"name": "Nobody"}),
            Change(id=lost, fields={"name": "Lost"}),
            Change(id=other, fields={"email": "ken@example.com"}),
            Change(id=other, fields={"email": None}),
            Change(id=other, fields={"email": "no address"}),
            Change(id=other, fields={"name": "Mai"}),
        ],
    )
    assert [(one.state, one.fields) for one in outcomes] == [
        ("gone", ()),
        ("gone", ()),
        ("refused", ("email",)),
        ("refused", ("email",)),
        ("refused", ("email",)),
        ("written", ()),
    ]
    assert "ken@" not in " ".join(one.reason for one in outcomes)


def test_a_person_created_twice_is_one() -> None:
    account = Account()
    record = NewRecord(reference="c1", fields={"name": "Mai", "email": "Mai@example.com"})
    account.lose_answers_to("/contacts")
    with pytest.raises(Retry, match="looked for"):
        account.client.create("contact", record)
    made = account.client.create("contact", record.model_copy(update={"fields": {"name": "Mai T."}}))
    assert list(account.intercom.rows.by_kind["contact"]) == [made.id]
    row = account.held("contact", made.id)
    assert (row["external_id"], row["role"], row["email"], row["name"]) == (
        "renkei-c1",
        "user",
        "mai@example.com",
        "Mai T.",
    )


def test_a_person_who_was_merged_since_is_changed_where_they_went() -> None:
    account = Account()
    made = account.client.create("contact", NewRecord(reference="c1", fields={"name": "Mai"}))
    kept = account.person()
    account.platforms.trouble = lambda _call: None
    account.standin.journal.faults.append(
        (
            "/contacts/find_by_external_id",
            Answer(410, {"errors": [{"code": "contact_merged"}]}, {"link": f'</contacts/{kept}>; rel="canonical"'}),
        )
    )
    again = account.client.create("contact", NewRecord(reference="c1", fields={"name": "Mai T."}))
    assert (again.id, account.held("contact", kept)["name"]) == (kept, "Mai T.")
    assert made.id != kept


def test_an_address_that_another_has_keeps_a_person_from_being_created() -> None:
    account = Account()
    account.person()
    made = account.client.create("contact", NewRecord(reference="c1", fields={"email": "aya@example.com"}))
    assert (made.state, made.fields) == ("refused", ("email",))


def test_companies_are_created_by_our_id_and_changed_by_theirs() -> None:
    account = Account()
    record = NewRecord(reference="o1", fields={"name": "Takagi", "employees": "12"})
    made = account.client.create("company", record)
    assert account.client.create("company", record).id == made.id
    change = Change(id=made.id, fields={"website": "https://takagi.example.com", "industry": None})
    assert account.client.write("company", [change])[0].state == "written"
    assert account.fields("company", made.id) == {
        "name": "Takagi",
        "website": "https://takagi.example.com",
        "industry": None,
        "employees": "12",
    }
    (refused,) = account.client.write("company", [Change(id=made.id, fields={"name": None})])
    assert (refused.state, refused.fields) == ("refused", ("name",))


def test_people_are_found_by_address_and_by_the_whole_number() -> None:
    account = Account()
    found = account.person()
    assert account.client.find("contact", email="Aya@example.com") == [found]
    assert account.client.find("contact", phone="+819000000006") == [found]
    assert account.client.find("contact", phone="+819000000007") == []
    assert account.client.find("company", email="aya@example.com") == account.client.find("contact") == []


def test_a_note_is_written_once_with_a_mark_and_shows_what_was_typed() -> None:
    account = Account(settings={"admin_id": "814860"})
    note = NOTE.model_copy(update={"contact_id": account.person()})
    account.lose_answers_to("/notes")
    with pytest.raises(Retry):
        account.client.add_note(note)
    made = account.client.add_note(note)
    (held,) = account.intercom.rows.notes[note.contact_id]
    assert held["id"] == made
    assert held["body"] == "<p>Likes &lt;green&gt; tea.<br>(Mai)<br>[renkei n1]</p>"


def test_a_note_is_looked_for_on_every_page() -> None:
    account = Account()
    contact = account.person()
    made = account.client.add_note(NOTE.model_copy(update={"contact_id": contact}))
    for number in range(12):
        account.client.add_note(NOTE.model_copy(update={"contact_id": contact, "reference": f"x{number}"}))
    assert account.client.add_note(NOTE.model_copy(update={"contact_id": contact})) == made
    assert len(account.intercom.rows.notes[contact]) == 13


def test_a_task_is_a_ticket_that_follows_the_command_and_tells_nobody() -> None:
    account = Account()
    task = TASK.model_copy(update={"contact_id": account.person(), "owner": "agent@example.com"})
    made = account.client.create_task(task)
    row = account.held("ticket", made)
    assert row["ticket_attributes"] == {
        "_default_title_": "Call back",
        "_default_description_": "About the kettle.\nPriority: high\n[renkei t1]",
    }
    assert (row["admin_assignee_id"], row["open"]) == ("814860", True)
    done = task.model_copy(update={"done": True, "subject": "Called back"})
    assert account.client.create_task(done) == account.client.create_task(done) == made
    row = account.held("ticket", made)
    assert (row["ticket_attributes"]["_default_title_"], row["open"]) == ("Called back", False)
    assert len(account.calls("PUT", f"/tickets/{made}")) == 1
    assert all(call["body"]["skip_notifications"] for call in account.calls("POST", "/tickets"))
    for _ in range(2):
        account.client.take_log("task", made)
    assert account.intercom.held("ticket", made) is None


def test_a_task_that_is_done_already_is_made_closed() -> None:
    account = Account()
    made = account.client.create_task(TASK.model_copy(update={"contact_id": account.person(), "done": True}))
    assert account.held("ticket", made)["open"] is False


def test_what_intercom_cannot_do_is_said_with_what_people_can() -> None:
    account = Account()
    with pytest.raises(Reject, match="inbox"):
        account.client.take_log("note", "1")
    with pytest.raises(Reject, match="keep their contact"):
        account.client.move_log("task", "1", "a", "b")
    account.client.move_log("task", "1", "a", "a")
    call = LogCall(reference="k", contact_id="1", direction="inbound", started_at=NOTE.written_at, title="Call")
    with pytest.raises(Reject, match="read-only"):
        account.client.log_call(call)
    message = LogMessage(
        reference="m", contact_id="1", channel="sms", direction="inbound", sent_at=NOTE.written_at, body="x"
    )
    with pytest.raises(Reject, match="messages"):
        account.client.log_message(message)
    with pytest.raises(Reject, match="deal"):
        account.client.read("deal", ["1"])


@pytest.mark.parametrize("kind", ["contact", "company"])
def test_all_of_a_kind_is_listed_page_by_page(kind: str) -> None:
    account = Account()
    made = [account.intercom.enter(kind, {"name": f"Number {number}", **_key(kind, number)}) for number in range(181)]
    assert account.client.page(kind, None, None).total == 181
    assert sorted(account.listed(kind)) == sorted(made)


def _key(kind: str, number: int) -> dict[str, str]:
    return {"external_id": f"own-{number}"} if kind == "contact" else {"company_id": f"own-{number}"}


def test_tickets_are_listed_before_conversations() -> None:
    account = Account()
    tickets = [account.intercom.enter("ticket", {}) for _ in range(151)]
    talks = [account.intercom.enter("conversation", {}) for _ in range(2)]
    assert account.listed("ticket") == [*sorted(tickets), *talks]


@pytest.mark.parametrize("offset_s", [-12 * 3600, 0, 14 * 3600])
@pytest.mark.parametrize("kind", ["contact", "company", "ticket"])
def test_what_changed_since_is_all_there_wherever_the_workspaces_day_begins(kind: str, offset_s: int) -> None:
    account = Account(offset_s=offset_s)
    made = [account.intercom.enter(kind, _key(kind, number) if kind != "ticket" else {}) for number in range(3)]
    since = "2026-09-23T05:00:00.000Z"
    account.clock.time = 1_790_139_600.0 - 1
    account.intercom.edit(kind, made[0], _named(kind))
    account.clock.time += 1
    account.intercom.edit(kind, made[1], _named(kind))
    account.clock.time += DAY_S
    account.intercom.edit(kind, made[2], _named(kind))
    assert sorted(account.listed(kind, since)) == sorted(made[1:])


def _named(kind: str) -> dict[str, Any]:
    return {"ticket_attributes": {"_default_title_": "Changed"}} if kind == "ticket" else {"name": "Changed"}


def test_more_companies_than_the_list_shows_come_by_the_scroll() -> None:
    account = Account()
    pages = [
        Answer(
            200,
            {"data": [{"id": "c1", "type": "company", "name": "A", "updated_at": 1_790_000_000}], "scroll_param": "s"},
        ),
        Answer(
            200,
            {"data": [{"id": "c2", "type": "company", "name": "B", "updated_at": 1_790_000_000}], "scroll_param": "s"},
        ),
        Answer(200, {"data": [], "scroll_param": None}),
    ]
    account.standin.journal.faults += [("/companies/list", Answer(200, {"data": [], "total_count": 10_001}))]
    account.standin.journal.faults += [("/companies/scroll", page) for page in pages]
    page = account.client.page("company", None, None)
    assert ([one.record.id for one in page.found], page.next, page.total) == (["c1", "c2"], None, 10_001)


def test_what_was_changed_by_hand_is_told_and_must_be_read_for_it_may_have_been_emptied() -> None:
    account = Account()
    found = account.person()
    account.intercom.edit("contact", found, {"phone": None})
    delivery = Delivery("i" * 26, "intercom", "crm", "2026-11-22T12:00:00.000Z", account.intercom.hooks[-1].body)
    mapped = CONNECTOR.map_delivery(delivery, account.connection)
    assert [event.type for event in mapped.events] == ["contact.changed", "record.touched"]
    assert not mapped.events[1].data.get("carried")
    assert account.fields("contact", found)["phone"] is None


def test_a_limit_that_is_reached_waits_and_a_token_that_is_refused_says_how_to_mend_it() -> None:
    account = Account(most_requests=1)
    with pytest.raises(Retry, match="limit") as raised:
        account.client.read("contact", ["1", "2"])
    assert raised.value.after_s == 10
    with pytest.raises(Retry, match="token") as raised:
        Account().built("old").owners()
    assert raised.value.after_s == 900


def test_attributes_are_described_under_the_name_they_are_written_by() -> None:
    described = {one.name: one for one in Account(attributes=frozenset({"tea"})).client.describe("contact")}
    assert described["custom_attributes.tea"].custom
    assert described["external_id"].unique
    with pytest.raises(Reject, match="ticket"):
        Account().client.describe("ticket")


def test_a_region_has_its_own_host_and_another_word_is_refused() -> None:
    account = Account(settings={"region": "eu"})
    account.platforms.standins = {"api.eu.intercom.io": account.standin}
    assert len(account.client.owners()) == 2
    with pytest.raises(Reject, match="region"):
        Account(settings={"region": "moon"})
    assert account.client.plan_set_up() == []
