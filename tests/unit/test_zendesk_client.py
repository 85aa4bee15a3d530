"""Zendesk's client against an account that enforces the documented contract, and against each refusal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from connectors.zendesk.client import ZendeskClient, build
from hub.delivery import Connection, Delivery
from hub.domain.commands import AddNote, CreateTask, LogCall, LogMessage
from hub.domain.events import RecordChangedData, TicketData
from hub.domain.sync import Change, NewRecord, SyncClient
from hub.errors import Reject, Retry
from hub.http import HttpClient
from hub.memory import FakeClock
from infra.local.standins.server import Answer, Call
from infra.local.standins.zendesk import Zendesk
from infra.local.standins.zendesk_changes import AGENT, PERSON
from infra.local.standins.zendesk_rows import Row
from tests.harness.platforms import LOST, Platforms

TOKEN = "token-of-the-example"
HOST = "example.zendesk.com"
NOTE = AddNote(
    reference="n1", contact_id="1", written_at="2026-09-20T01:02:03.000Z", text="Likes <green> tea.", author="Mai"
)
TASK = CreateTask(reference="t1", contact_id="1", subject="Call back", text="About the kettle.", priority="high")


def connection(**settings: Any) -> Connection:
    base = {"account_id": "7712345", "subdomain": "example", "default_region": "JP", "agent_id": str(AGENT)}
    return Connection("z" * 26, "zendesk", settings={**base, **settings})


class Account:
    """A client on an account of the stand-in, reached through the real HTTP client; exports lag as documented."""

    def __init__(self, *, settings: Mapping[str, Any] | None = None, **more: Any) -> None:
        self.clock = FakeClock()
        self.zendesk = Zendesk(TOKEN, now=self.clock.now, **more)
        self.standin = self.zendesk.standin()
        self.platforms = Platforms({HOST: self.standin})
        self.connection = connection(**(settings or {}))
        self.client = self.built(api_token=TOKEN, api_user="agent@example.com")

    def built(self, **secrets: str) -> ZendeskClient:
        http = HttpClient(clock=self.clock, exchange=self.platforms.exchange, uniform=lambda: 0.0)
        return build(self.connection, secrets, http, self.clock)

    def person(self, **more: Any) -> str:
        values = {"name": "Aya", "email": "aya@example.com", "phone": "+81 90-0000-0006", **more}
        return self.zendesk.enter("user", values)

    def read(self, kind: str, found: str) -> RecordChangedData:
        (one,) = self.client.read(kind, [found])
        assert isinstance(one, RecordChangedData)
        return one

    def fields(self, found: str, kind: str = "contact") -> dict[str, str | None]:
        return {claim.field: claim.value for claim in self.read(kind, found).claims}

    def held(self, kind: str, found: str) -> Row:
        row = self.zendesk.held(kind, found)
        assert row is not None
        return row

    def lose_answers_to(self, path: str) -> None:
        """The next answer to a request that creates there is lost on the way."""
        left = [LOST]
        self.platforms.trouble = lambda call: (
            left.pop() if left and call.path.endswith(path) and call.method == "POST" else None
        )

    def calls(self, method: str, ending: str) -> list[dict[str, Any]]:
        return [one for one in self.standin.journal.calls if one["method"] == method and one["path"].endswith(ending)]


def test_the_client_offers_all_that_is_asked_of_one() -> None:
    client: SyncClient = Account().client
    assert client.reads == client.lists == {"contact", "company", "ticket"}
    assert client.writes == {"contact", "company"}
    assert client.plan_set_up() == []


def test_a_person_is_read_with_all_their_fields_at_the_time_of_the_row() -> None:
    account = Account(fields={"user_fields": frozenset({"tea"})})
    company = account.zendesk.enter("organization", {"name": "Kobayashi Tea"})
    found = account.person(organization_id=int(company), tags=["VIP"], user_fields={"tea": "green"})
    one = account.read("contact", found)
    assert account.fields(found) == {
        "name": "Aya",
        "email": "aya@example.com",
        "phone": "+81 90-0000-0006",
        "tags": "vip",
        "company_ref": f"company:{company}",
    }
    assert {claim.precision for claim in one.claims} == {"row"}
    assert one.version == account.held("user", found)["updated_at"]
    assert {identifier.kind for identifier in one.identifiers} == {"record", "phone", "email"}


def test_who_is_gone_and_who_is_an_agent_are_no_contacts() -> None:
    account = Account()
    here, gone = account.person(), account.person(email="mai@example.com", phone=None)
    account.zendesk.remove("user", gone)
    found = account.client.read("contact", [str(PERSON), gone, "404", here, here])
    assert [(one.record.id, one.change) for one in found] == [
        (str(PERSON), "deleted"),
        (gone, "deleted"),
        ("404", "deleted"),
        (here, "changed"),
    ]


def test_more_people_than_one_request_may_name_are_read_in_several() -> None:
    account = Account()
    ids = [account.zendesk.enter("user", {"name": f"Person {number}"}) for number in range(101)]
    assert len(account.client.read("contact", ids)) == 101
    assert len(account.calls("GET", "/show_many")) == 2


def test_only_what_differs_is_written_and_read_back_as_it_was_written() -> None:
    account = Account()
    found = account.person()
    version = account.read("contact", found).version
    (outcome,) = account.client.write(
        "contact", [Change(id=found, fields={"name": "Aya Takagi", "phone": None}, version=version)]
    )
    (put,) = account.calls("PUT", f"/users/{found}")
    assert put["body"] == {"user": {"name": "Aya Takagi", "phone": None}}
    assert outcome.state == "written"
    assert outcome.version == account.read("contact", found).version != version
    assert account.fields(found)["name"] == "Aya Takagi"
    assert account.fields(found)["phone"] is None


def test_an_address_is_made_the_primary_one_for_an_update_alone_would_only_add_it() -> None:
    account = Account()
    found = account.person()
    for email in ("takagi@example.com", "AYA@example.com", "aya@example.com"):
        (outcome,) = account.client.write("contact", [Change(id=found, fields={"email": email})])
        assert outcome.state == "written"
        assert account.fields(found)["email"] == email.lower()
    assert len(account.zendesk.rows.identities[int(found)]) == 3  # two addresses and the phone
    assert len(account.calls("POST", "/identities")) == 1
    assert not account.calls("PUT", f"/users/{found}")


def test_whoever_was_faster_wins_and_the_record_is_left_alone() -> None:
    account = Account()
    found = account.person()
    version = account.read("contact", found).version
    account.zendesk.edit("user", found, {"name": "Mai"})
    (outcome,) = account.client.write("contact", [Change(id=found, fields={"name": "Aya"}, version=version)])
    assert outcome.state == "stale"
    assert account.held("user", found)["name"] == "Mai"


def test_each_change_has_its_own_outcome() -> None:
    account = Account()
    taken, other = account.person(), account.person(email="mai@example.com", phone=None)
    outcomes = account.client.write(
        "contact",
        [
            Change(id="404", fields={"name": "Nobody"}),
            Change(id=other, fields={"name": "Mai T.", "email": "aya@example.com"}),
            Change(id=other, fields={"name": None}),
            Change(id=taken, fields={"email": None, "name": "Aya T."}),
            Change(id=taken, fields={"name": "Aya K."}),
        ],
    )
    assert [(one.state, one.fields) for one in outcomes] == [
        ("gone", ()),
        ("refused", ("email",)),
        ("refused", ("name",)),
        ("refused", ("email",)),
        ("written", ()),
    ]
    assert account.held("user", other)["name"] == "Aya"  # the refused address kept the name from being written
    assert "aya@" not in outcomes[1].reason


def test_a_value_that_the_field_does_not_take_is_refused_with_our_name_of_it() -> None:
    account = Account()
    found = account.person()
    (outcome,) = account.client.write("contact", [Change(id=found, fields={"company_ref": "company:404"})])
    assert (outcome.state, outcome.fields) == ("refused", ("company_ref",))


def test_a_person_created_twice_is_one_who_is_told_nothing() -> None:
    account = Account()
    record = NewRecord(reference="c1", fields={"name": "Mai", "email": "mai@example.com"})
    first, second = account.client.create("contact", record), account.client.create("contact", record)
    assert first.id == second.id
    assert account.held("user", first.id)["external_id"] == "renkei-c1"
    assert all(call["body"]["user"]["skip_verify_email"] for call in account.calls("POST", "/create_or_update"))


def test_a_person_without_a_name_gets_a_stand_in_that_is_never_read_back() -> None:
    account = Account()
    made = account.client.create("contact", NewRecord(reference="c1", fields={"phone": "+819000000007"}))
    assert account.held("user", made.id)["name"] == "+819000000007"
    assert account.fields(made.id)["name"] is None


def test_the_external_id_of_another_system_is_never_replaced() -> None:
    account = Account()
    account.person(external_id="shop-17")
    made = account.client.create("contact", NewRecord(reference="c1", fields={"name": "A", "email": "aya@example.com"}))
    assert (made.state, made.fields) == ("refused", ("email",))
    assert not account.calls("POST", "/create_or_update")


def test_organizations_are_created_and_changed() -> None:
    account = Account()
    made = account.client.create("company", NewRecord(reference="o1", fields={"name": "Takagi"}))
    (outcome,) = account.client.write("company", [Change(id=made.id, fields={"name": "Takagi & Co."})])
    assert outcome.state == "written"
    assert account.fields(made.id, "company") == {"name": "Takagi & Co.", "domain": None}
    account.zendesk.enter("organization", {"name": "Kobayashi"})
    (refused,) = account.client.write("company", [Change(id=made.id, fields={"name": "kobayashi"})])
    assert (refused.state, refused.fields) == ("refused", ("name",))


def test_people_are_found_by_any_of_their_addresses_and_by_the_whole_number_alone() -> None:
    account = Account()
    found = account.person()
    account.client.write("contact", [Change(id=found, fields={"email": "takagi@example.com"})])
    account.zendesk.enter("user", {"name": "Other", "phone": "+1 819-000-0006"})  # ends in the same digits
    assert account.client.find("contact", email="Aya@example.com") == [found]
    assert account.client.find("contact", phone="+819000000006") == [found]
    assert account.client.find("contact", phone="+819000000007") == []
    assert account.client.find("company", phone="+819000000006") == []


def test_a_note_is_a_solved_ticket_of_its_own_that_only_agents_see() -> None:
    account = Account()
    found = account.person()
    made = account.client.add_note(NOTE.model_copy(update={"contact_id": found}))
    row = account.held("ticket", made)
    assert (row["status"], row["requester_id"], row["created_at"]) == ("solved", int(found), NOTE.written_at)
    assert (row["subject"], row["tags"]) == ("Note: Likes <green> tea.", ["renkei"])
    (comment,) = account.zendesk.rows.comments[int(made)]
    assert (comment["public"], comment["body"]) == (False, "Likes <green> tea.\n(Mai)")


def test_a_note_whose_answer_is_lost_is_looked_for_before_it_is_written_again() -> None:
    account = Account()
    note = NOTE.model_copy(update={"contact_id": account.person()})
    account.lose_answers_to("/imports/tickets")
    with pytest.raises(Retry, match="looked for"):
        account.client.add_note(note)
    made = account.client.add_note(note)
    assert list(account.zendesk.rows.by_kind["ticket"]) == [int(made)]


def test_a_note_that_changed_becomes_a_further_comment_once() -> None:
    account = Account()
    note = NOTE.model_copy(update={"contact_id": account.person()})
    made = account.client.add_note(note)
    for _ in range(2):
        assert account.client.add_note(note.model_copy(update={"text": "Likes black tea."})) == made
    bodies = [one["body"] for one in account.zendesk.rows.comments[int(made)]]
    assert bodies == ["Likes <green> tea.\n(Mai)", "Likes black tea.\n(Mai)"]


def test_calls_and_messages_are_filed_only_where_the_setting_asks_for_it() -> None:
    assert Account().client.logs == {"note", "task"}
    account = Account(settings={"log": ["call", "message"], "tag": "hub"})
    found = account.person()
    call = LogCall(
        reference="k1",
        contact_id=found,
        direction="inbound",
        started_at="2026-09-20T01:02:03.000Z",
        outcome="answered",
        duration_s=65,
        title="Inbound call",
    )
    message = LogMessage(
        reference="m1", contact_id=found, channel="sms", direction="inbound", sent_at=call.started_at, body="こんにちは"
    )
    made = [account.client.log_call(call), account.client.log_message(message)]
    rows = [account.held("ticket", one) for one in made]
    assert [row["subject"] for row in rows] == ["Inbound call", "Text message from the customer"]
    assert [row["tags"] for row in rows] == [["hub"], ["hub"]]
    assert "Duration: 65 s" in rows[0]["description"]


def test_what_we_filed_is_no_request_for_help_when_zendesk_tells_us_of_it() -> None:
    account = Account()
    made = account.client.add_note(NOTE.model_copy(update={"contact_id": account.person()}))
    task = account.client.create_task(TASK.model_copy(update={"contact_id": account.person(email=None, phone=None)}))
    mapped = [_mapped(account, hook.body) for hook in account.zendesk.hooks if b"zen:ticket:" in hook.body]
    assert [(part.ignored, [event.subject for event in part.events]) for part in mapped] == [
        (1, []),
        (0, [f"ticket:{task}"]),
    ]
    account.clock.sleep(120)
    listed = account.client.page("ticket", None, None)
    assert [one.record.id for one in listed.found] == [task]
    assert made != task


def _mapped(account: Account, body: bytes) -> Any:
    from connectors.zendesk import CONNECTOR

    delivery = Delivery(account.connection.id, "zendesk", "crm", "2026-11-22T12:00:00.000Z", body)
    return CONNECTOR.map_delivery(delivery, account.connection)


def test_a_task_is_a_ticket_to_do_that_follows_the_command() -> None:
    account = Account()
    task = TASK.model_copy(
        update={"contact_id": account.person(), "due_at": "2026-09-23T00:00:00.000Z", "owner": "agent@example.com"}
    )
    made = account.client.create_task(task)
    row = account.held("ticket", made)
    assert (row["type"], row["status"], row["priority"], row["assignee_id"]) == ("task", "open", "high", AGENT)
    assert row["due_at"] == task.due_at
    assert account.client.create_task(task.model_copy(update={"done": True})) == made
    assert account.held("ticket", made)["status"] == "solved"


def test_a_task_whose_answer_is_lost_is_made_once() -> None:
    account = Account()
    account.lose_answers_to("/api/v2/tickets")
    made = account.client.create_task(TASK.model_copy(update={"contact_id": account.person()}))
    assert list(account.zendesk.rows.by_kind["ticket"]) == [int(made)]
    assert len(account.calls("POST", "/api/v2/tickets")) == 2


def test_a_log_moves_to_another_person_and_is_taken_back() -> None:
    account = Account()
    first, second = account.person(), account.person(email="mai@example.com", phone=None)
    made = account.client.add_note(NOTE.model_copy(update={"contact_id": first}))
    for _ in range(2):
        account.client.move_log("note", made, first, second)
    assert account.held("ticket", made)["requester_id"] == int(second)
    account.client.move_log("note", made, first, first)  # it is not the first one's any more
    assert account.held("ticket", made)["requester_id"] == int(second)
    for _ in range(2):
        account.client.take_log("note", made)
    assert account.zendesk.held("ticket", made) is None
    account.client.move_log("note", made, second, first)


def test_a_ticket_is_changed_under_its_lock() -> None:
    account = Account()
    made = account.zendesk.enter("ticket", {"subject": "Leak"})
    account.client.write("ticket", [Change(id=made, fields={"status": "on_hold", "priority": "urgent"})])
    row = account.held("ticket", made)
    assert (row["status"], row["priority"]) == ("hold", "urgent")
    (put,) = account.calls("PUT", f"/tickets/{made}")
    assert put["body"]["ticket"]["safe_update"] is True

    def somebody_is_faster(call: Call) -> None:
        if call.method == "PUT":
            account.zendesk.rows.touch("ticket", account.zendesk.rows.by_kind["ticket"][int(made)])

    account.platforms.trouble = somebody_is_faster
    (outcome,) = account.client.write("ticket", [Change(id=made, fields={"status": "open"})])
    assert outcome.state == "stale"
    assert account.held("ticket", made)["status"] == "hold"


def test_a_ticket_is_read_with_whom_it_is_about() -> None:
    account = Account()
    found = account.person()
    made = account.zendesk.enter("ticket", {"subject": "Leak", "requester_id": int(found), "status": "open"})
    (one,) = account.client.read("ticket", [made])
    assert isinstance(one, TicketData)
    assert (one.title, one.status, [ref.id for ref in one.contacts]) == ("Leak", "open", [found])
    assert one.version == account.held("ticket", made)["updated_at"]


@pytest.mark.parametrize("kind", ["contact", "company", "ticket"])
def test_all_of_a_kind_is_listed_and_later_only_what_changed(kind: str) -> None:
    account = Account()
    native = {"contact": "user", "company": "organization", "ticket": "ticket"}[kind]
    name = "subject" if kind == "ticket" else "name"
    ids = [account.zendesk.enter(native, {name: f"Number {number}"}) for number in range(3)]
    assert account.client.page(kind, None, None).found == ()  # nothing of the last minute is exported
    account.clock.sleep(600)
    assert sorted(one.record.id for one in account.client.page(kind, None, None).found) == sorted(ids)
    since = "2026-09-21T14:20:00.000Z"
    account.zendesk.edit(native, ids[1], {name: "Changed"})
    account.zendesk.remove(native, ids[2])
    account.clock.sleep(120)
    later = account.client.page(kind, since, None)
    assert ([one.record.id for one in later.found], later.deleted) == ([ids[1]], (ids[2],))


def test_a_long_list_is_paged_by_cursor_and_each_page_can_be_asked_for_again() -> None:
    account = Account()
    ids = {account.zendesk.enter("user", {"name": f"Person {number}"}) for number in range(1101)}
    account.clock.sleep(2000)  # a change each second
    seen: list[str] = []
    cursor: str | None = None
    pages = 0
    while pages == 0 or cursor:
        page = account.client.page("contact", None, cursor)
        assert page == account.client.page("contact", None, cursor)
        seen += [one.record.id for one in page.found]
        cursor, pages = page.next, pages + 1
    assert (set(seen), len(seen), pages) == (ids, 1101, 3)


def test_an_eleventh_export_in_a_minute_waits_as_zendesk_says() -> None:
    account = Account()
    for _ in range(10):
        account.client.page("contact", None, None)
    with pytest.raises(Retry, match="limit") as raised:
        account.client.page("contact", None, None)
    assert raised.value.after_s == 61


def test_agents_are_the_owners() -> None:
    found = Account().client.owners()
    assert {(one.id, one.email) for one in found} >= {
        (str(AGENT), "agent@example.com"),
        (str(PERSON), "person@example.com"),
    }


def test_own_fields_are_described_under_the_name_they_are_written_by() -> None:
    account = Account(fields={"user_fields": frozenset({"tea"})})
    described = {one.name: one for one in account.client.describe("contact")}
    assert described["user_fields.tea"].custom
    assert described["email"].unique
    assert [one.name for one in account.client.describe("ticket")][:1] == ["subject"]


def test_credentials_that_are_refused_say_how_to_mend_it() -> None:
    account = Account()
    with pytest.raises(Retry, match="api_token") as raised:
        account.built(api_token="old", api_user="agent@example.com").owners()
    assert raised.value.after_s == 900
    with pytest.raises(Reject, match="api_user"):
        account.built(api_token=TOKEN)


def test_a_connection_without_a_subdomain_says_so() -> None:
    with pytest.raises(Reject, match="subdomain"):
        build(connection(subdomain="example.com/x"), {}, HttpClient(clock=FakeClock()), FakeClock())


def test_a_refusal_of_the_whole_is_a_sentence_without_values() -> None:
    account = Account()
    account.standin.journal.faults.append(("/api/v2/users", Answer(403, {"error": "Forbidden aya@example.com"})))
    with pytest.raises(Reject, match="administrator") as raised:
        account.client.owners()
    assert "aya@" not in raised.value.reason


def test_records_of_other_kinds_are_refused() -> None:
    client = Account().client
    with pytest.raises(Reject, match="deal"):
        client.read("deal", ["1"])
    with pytest.raises(Reject, match="ticket"):
        client.create("ticket", NewRecord(reference="x", fields={}))


def test_a_change_that_zendesk_names_us_for_is_marked_as_perhaps_ours() -> None:
    account = Account()
    body = {
        "detail-type": "Support User: Name Changed",
        "source": "aws.partner/zendesk.com/7712345/default",
        "detail": {
            "user_event": {
                "meta": {
                    "actor_id": AGENT,
                    "occurred_at": "2026-09-20T01:02:03Z",
                    "sequence": {"id": "s", "position": 1},
                },
                "user": {"id": 17, "role": "end-user"},
                "current": "Aya",
            }
        },
    }
    (event,) = _mapped(account, json.dumps(body).encode()).events
    assert event.data["ours"] is True
