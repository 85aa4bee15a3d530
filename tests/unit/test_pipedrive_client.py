"""Pipedrive's client against a company that enforces the documented contract."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.pipedrive.client import PipedriveClient, build
from connectors.pipedrive.logs import LONGEST, carries
from hub.delivery import Connection
from hub.domain.commands import AddNote, CreateTask, LogCall, LogMessage
from hub.domain.events import DealData, RecordChangedData
from hub.domain.sync import Change, NewRecord, Owner, SyncClient
from hub.errors import Reject, Retry
from hub.http import HttpClient
from hub.memory import FakeClock
from infra.local.standins.pipedrive import Pipedrive
from infra.local.standins.server import Call
from tests.harness.platforms import LOST, Platforms

TOKEN = "token-of-the-example"
HOST = "api.pipedrive.com"
NAME = "Aya Kobayashi"
MAI = Owner(id="880045", email="mai@example.com", name="Mai Mori")
CALL = LogCall(
    reference="call-1",
    contact_id="41",
    direction="inbound",
    started_at="2026-11-20T01:02:03.000Z",
    outcome="answered",
    duration_s=3665,
    customer_number="+819000000006",
    title="Inbound call",
    body="1 < 2 & 3",
)


def connection(**settings: Any) -> Connection:
    return Connection("p" * 26, "pipedrive", settings={"company_id": "7700123", "default_region": "JP", **settings})


class Account:
    """A client on a company of the stand-in, reached through the real HTTP client."""

    def __init__(self, **limits: Any) -> None:
        self.clock = FakeClock()
        self.pipedrive = Pipedrive(TOKEN, now=self.clock.now, **limits)
        self.standin = self.pipedrive.standin()
        self.platforms = Platforms({HOST: self.standin})
        self.http = HttpClient(clock=self.clock, exchange=self.platforms.exchange, uniform=lambda: 0.0)
        self.client = self.again()

    def again(self, **settings: Any) -> PipedriveClient:
        return build(connection(**settings), {"api_token": TOKEN}, self.http, self.clock)

    def person(self, **values: Any) -> str:
        return self.pipedrive.enter("person", {"name": NAME, **values})

    def held(self, record_id: str, kind: str = "person") -> dict[str, Any]:
        found = self.pipedrive.held(kind, record_id)
        assert found is not None
        return dict(found)

    def sent(self, method: str) -> list[Any]:
        return [call["body"] for call in self.standin.journal.calls if call["method"] == method]

    def paths(self) -> list[str]:
        return [call["path"] for call in self.standin.journal.calls]


@pytest.fixture
def account() -> Account:
    made = Account()
    made.client.set_up()
    made.standin.journal.calls.clear()
    return made


def claims(data: object) -> dict[str, str | None]:
    assert isinstance(data, RecordChangedData)
    return {claim.field: claim.value for claim in data.claims}


def email(value: str, *, primary: bool = False, label: str = "work") -> dict[str, Any]:
    return {"value": value, "primary": primary, "label": label}


def test_the_client_is_one(account: Account) -> None:
    client: SyncClient = account.client
    assert client.writes == {"contact", "company"}


def test_a_person_is_read_with_its_lists_its_company_and_its_owner(account: Account) -> None:
    company = account.pipedrive.enter("organization", {"name": "Takagi"})
    phones = [email("03-0000-0001", primary=True), email("090-0000-0006", label="mobile")]
    emails = [email("other@example.com"), email("aya@example.com", primary=True)]
    person = account.person(org_id=int(company), emails=emails, phones=phones)
    (found,) = account.client.read("contact", [person])
    held = claims(found)
    assert (held["name"], held["email"], held["mobile"]) == (NAME, "aya@example.com", "090-0000-0006")
    assert (held["company_ref"], held["owner"]) == (f"company:{company}", "mai@example.com")
    assert isinstance(found, RecordChangedData)
    assert found.version == account.held(person)["update_time"]
    assert {one.value for one in found.identifiers} >= {"other@example.com", "aya@example.com", "+819000000006"}


def test_what_is_empty_is_claimed_to_be_empty(account: Account) -> None:
    (found,) = account.client.read("contact", [account.person()])
    assert claims(found)["email"] is None and claims(found)["mobile"] is None


def test_records_are_read_in_the_order_asked_for_and_missing_ones_are_gone(account: Account) -> None:
    one, other, third = (account.person() for _ in range(3))
    account.pipedrive.remove("person", other)
    found = account.client.read("contact", [third, other, one, third, "999"])
    assert [(data.record.id, data.change) for data in found] == [
        (third, "changed"), (other, "deleted"), (one, "changed"), ("999", "deleted"),
    ]  # fmt: skip


def test_one_that_is_read_alone_may_be_gone_too(account: Account) -> None:
    person = account.person()
    account.pipedrive.remove("person", person)
    assert [account.client.read("contact", [one])[0].change for one in (person, "999")] == ["deleted", "deleted"]


def test_a_deal_is_read_with_its_people(account: Account) -> None:
    person = account.person()
    deal = account.pipedrive.enter("deal", {"title": "Roof", "person_id": int(person), "value": 1200})
    (found,) = account.client.read("deal", [deal])
    assert isinstance(found, DealData)
    assert (found.title, found.amount, found.status, found.contacts[0].id) == ("Roof", "1200", "open", person)


def test_of_the_e_mails_only_the_primary_one_is_changed(account: Account) -> None:
    kept = email("home@example.com", label="home")
    person = account.person(emails=[kept, email("old@example.com", primary=True, label="office")])
    (outcome,) = account.client.write("contact", [Change(id=person, fields={"email": "new@example.com"})])
    assert outcome.state == "written"
    assert account.held(person)["emails"] == [kept, email("new@example.com", primary=True, label="office")]
    assert account.sent("PATCH") == [{"emails": account.held(person)["emails"]}]


def test_an_e_mail_that_is_there_already_becomes_the_primary_one_and_none_is_lost(account: Account) -> None:
    person = account.person(emails=[email("one@example.com", primary=True), email("two@example.com", label="home")])
    account.client.write("contact", [Change(id=person, fields={"email": "two@example.com"})])
    assert account.held(person)["emails"] == [
        email("two@example.com", primary=True, label="home"),
        email("one@example.com"),
    ]


def test_phones_keep_their_labels_and_each_slot_its_own(account: Account) -> None:
    person = account.person(phones=[email("03-0000-0001", primary=True)])
    fields = {"mobile": "+819000000006", "phone": "+81300000002"}
    account.client.write("contact", [Change(id=person, fields=fields)])
    assert account.held(person)["phones"] == [
        email("+81300000002", primary=True),
        email("+819000000006", label="mobile"),
    ]
    account.client.write("contact", [Change(id=person, fields={"phone": None})])
    assert account.held(person)["phones"] == [email("+819000000006", primary=True, label="mobile")]


def test_what_is_cleared_is_gone_from_its_list(account: Account) -> None:
    person = account.person(emails=[email("one@example.com", primary=True)])
    account.client.write("contact", [Change(id=person, fields={"email": None})])
    assert account.held(person)["emails"] == []


def test_a_company_and_an_owner_are_written_as_numbers(account: Account) -> None:
    company = account.pipedrive.enter("organization", {"name": "Takagi"})
    person = account.person()
    fields = {"company_ref": f"company:{company}", "owner": "hub@example.com"}
    (outcome,) = account.client.write("contact", [Change(id=person, fields=fields)])
    assert outcome.state == "written"
    assert (account.held(person)["org_id"], account.held(person)["owner_id"]) == (int(company), 880_100)
    (outcome,) = account.client.write("contact", [Change(id=person, fields={"company_ref": None})])
    assert outcome.state == "written" and account.held(person)["org_id"] is None


def test_a_record_that_has_changed_meanwhile_is_stale_and_left_alone(account: Account) -> None:
    person = account.person()
    (read,) = account.client.read("contact", [person])
    assert isinstance(read, RecordChangedData)
    account.clock.sleep(2)
    account.pipedrive.edit("person", person, {"name": "Aya Takagi"})
    (outcome,) = account.client.write("contact", [Change(id=person, fields={"name": "No"}, version=read.version)])
    assert (outcome.state, outcome.version) == ("stale", account.held(person)["update_time"])
    assert account.held(person)["name"] == "Aya Takagi"


def test_one_change_follows_another_by_the_version_given(account: Account) -> None:
    person, version = account.person(), None
    for name in ("Aya One", "Aya Two"):
        account.clock.sleep(2)
        (outcome,) = account.client.write("contact", [Change(id=person, fields={"name": name}, version=version)])
        assert outcome.state == "written"
        version = outcome.version
    assert account.held(person)["name"] == "Aya Two"


def test_outcomes_stand_in_the_order_of_the_changes(account: Account) -> None:
    person, deleted = account.person(), account.person()
    account.pipedrive.remove("person", deleted)
    ids = ["999", deleted, person]
    outcomes = account.client.write("contact", [Change(id=one, fields={"name": "Aya"}) for one in ids])
    assert [(one.state, one.id) for one in outcomes] == [("gone", "999"), ("gone", deleted), ("written", person)]


def test_a_refusal_names_our_field_and_no_value(account: Account) -> None:
    company = account.pipedrive.enter("organization", {"name": "Takagi"})
    account.pipedrive.remove("organization", company)
    fields = {"company_ref": f"company:{company}", "name": "Secret Name"}
    (outcome,) = account.client.write("contact", [Change(id=account.person(), fields=fields)])
    assert (outcome.state, outcome.fields) == ("refused", ("company_ref",))
    assert "Secret" not in outcome.reason and company not in outcome.reason


def test_a_new_person_carries_the_reference_and_is_made_once(account: Account) -> None:
    record = NewRecord(reference="customer-1", fields={"name": NAME, "email": "aya@example.com"})
    first, second = account.client.create("contact", record), account.client.create("contact", record)
    assert first.state == second.state == "written" and first.id == second.id
    assert list(account.held(first.id)["custom_fields"].values()) == ["customer-1"]
    assert len(account.pipedrive.records.rows("person")) == 1


def test_an_answer_that_is_lost_makes_no_second_person_even_while_the_index_lags(account: Account) -> None:
    account.pipedrive.misbehaviour.search_lag_s = 600
    record = NewRecord(reference="customer-1", fields={"name": NAME})
    lost = iter([LOST])

    def trouble(call: Call) -> str | None:
        return next(lost, None) if call.method == "POST" else None

    account.platforms.trouble = trouble
    with pytest.raises(Retry):
        account.client.create("contact", record)
    outcome = account.again().create("contact", record)
    assert outcome.state == "written" and len(account.pipedrive.records.rows("person")) == 1


def test_a_person_who_is_not_among_the_newest_is_found_by_the_index(account: Account) -> None:
    record = NewRecord(reference="customer-1", fields={"name": NAME})
    made = account.client.create("contact", record)
    account.clock.sleep(5)
    for number in range(501):
        account.person(name=f"Person {number}")
    assert account.client.create("contact", record).id == made.id
    assert "/api/v2/itemSearch/field" in account.paths()


def test_two_that_carry_the_reference_are_for_a_person_to_settle(account: Account) -> None:
    record = NewRecord(reference="customer-1", fields={"name": NAME})
    made = account.held(account.client.create("contact", record).id)
    account.person(custom_fields=made["custom_fields"])
    assert account.client.create("contact", record).state == "several"


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"first_name": "Aya", "last_name": "Kobayashi"}, "Aya Kobayashi"),
        ({"first_name": "彩", "last_name": "小林"}, "小林彩"),
        ({"email": "aya@example.com"}, "(no name)"),
    ],
)
def test_a_new_person_has_a_name_in_any_case(account: Account, fields: dict[str, str], name: str) -> None:
    made = account.client.create("contact", NewRecord(reference="customer-1", fields=fields))
    assert account.held(made.id)["name"] == name
    if name == "(no name)":
        assert claims(account.client.read("contact", [made.id])[0])["name"] is None


def test_nothing_is_created_where_our_field_is_missing() -> None:
    with pytest.raises(Reject, match="set the connection up"):
        Account().client.create("contact", NewRecord(reference="customer-1", fields={"name": NAME}))


def test_setting_up_says_what_it_does_and_does_it_once() -> None:
    account = Account()
    assert account.client.plan_set_up() == [
        "Create the text field renkei_id for organization records.",
        "Create the text field renkei_id for person records.",
    ]
    account.client.set_up()
    account.client.set_up()
    assert account.client.plan_set_up() == []
    assert len(account.sent("POST")) == 2


def test_people_are_found_by_exactly_their_e_mail_or_phone(account: Account) -> None:
    aya = account.person(emails=[email("Aya@example.com")], phones=[email("09000000006", label="mobile")])
    account.person(emails=[email("aya@example.com.jp")], phones=[email("+819000000007")])
    ben = account.person(phones=[email("+819000000008")])
    account.clock.sleep(1)
    assert account.client.find("contact", email="aya@example.com") == [aya]
    assert account.client.find("contact", phone="+819000000006") == [aya]
    assert account.client.find("contact", phone="+819000000008") == [ben]
    assert account.client.find("company", phone="+819000000008") == []


@pytest.mark.parametrize("since", [None, "2001-01-01T00:00:00.500Z"])
def test_every_record_is_listed_once_over_the_pages(account: Account, since: str | None) -> None:
    made = [account.person(name=f"Person {number}") for number in range(1_003)]
    found, cursor = [], None
    for _ in range(3):
        page = account.client.page("contact", since, cursor)
        assert page == account.client.page("contact", since, cursor)
        found += [one.record.id for one in page.found]
        cursor = page.next
    assert cursor is None and found == made


def test_a_page_since_a_time_holds_what_changed_in_that_second_and_later(account: Account) -> None:
    old = account.person()
    account.clock.sleep(10)
    new = account.person()
    since = account.held(new)["update_time"].replace("Z", ".900Z")
    assert [one.record.id for one in account.client.page("contact", since, None).found] == [new]
    account.clock.sleep(10)
    account.pipedrive.edit("person", old, {"name": "Aya Takagi"})
    assert [one.record.id for one in account.client.page("contact", since, None).found] == [new, old]


def test_a_call_is_a_done_activity_in_utc_and_is_logged_once(account: Account) -> None:
    person = account.person()
    call = CALL.model_copy(update={"contact_id": person})
    logged = account.client.log_call(call)
    assert account.client.log_call(call.model_copy(update={"title": "Call"})) == logged
    held = account.held(logged, "activity")
    assert (held["type"], held["done"], held["person_id"], held["subject"]) == ("call", True, int(person), "Call")
    assert (held["due_date"], held["due_time"], held["duration"]) == ("2026-11-20", "01:02:03", "01:01:05")
    assert "1 &lt; 2 &amp; 3" in held["note"] and "Outcome: answered" in held["note"]


def test_messages_and_notes_are_notes_each_with_its_own_reference(account: Account) -> None:
    person = account.person()
    message = LogMessage(
        reference="message-1", contact_id=person, channel="whatsapp", direction="inbound",
        sent_at="2026-11-20T01:02:03.000Z", body="<script>alert(1)</script>\nこんにちは",
    )  # fmt: skip
    note = AddNote(
        reference="note-1", contact_id=person, written_at="2026-11-20T01:02:03.000Z", text="Hm", author="Mai"
    )
    ids = [account.client.log_message(message), account.client.add_note(note)]
    assert [account.client.log_message(message), account.client.add_note(note)] == ids
    content = account.held(ids[0], "note")["content"]
    assert "<script>" not in content and "From the customer (WhatsApp):<br>&lt;script" in content
    assert account.held(ids[0], "note")["add_time"] == "2026-11-20 01:02:03"
    assert len(account.pipedrive.records.rows("note")) == 2


def test_a_lost_answer_logs_no_message_twice(account: Account) -> None:
    person = account.person()
    note = AddNote(reference="note-1", contact_id=person, written_at="2026-11-20T01:02:03.000Z", text="Hm")
    lost = iter([LOST])
    account.platforms.trouble = lambda call: next(lost, None) if call.method == "POST" else None
    with pytest.raises(Retry):
        account.client.add_note(note)
    account.client.add_note(note)
    assert len(account.pipedrive.records.rows("note")) == 1


def test_a_task_has_its_owner_and_says_that_it_is_urgent(account: Account) -> None:
    task = CreateTask(
        reference="task-1", contact_id=account.person(), subject="Call back", due_at="2026-11-21T09:00:00.000Z",
        owner="Mai@example.com", priority="high",
    )  # fmt: skip
    held = account.held(account.client.create_task(task), "activity")
    assert (held["type"], held["done"], held["owner_id"]) == ("task", False, int(MAI.id))
    assert held["due_time"] == "09:00:00" and "Priority: high" in held["note"]


def test_what_was_logged_is_moved_and_taken_back(account: Account) -> None:
    one, other = account.person(), account.person()
    call = account.client.log_call(CALL.model_copy(update={"contact_id": one}))
    note = account.client.add_note(AddNote(reference="n", contact_id=one, written_at=CALL.started_at, text="Hm"))
    for _ in range(2):
        account.client.move_log("call", call, one, other)
        account.client.move_log("note", note, one, other)
    assert account.held(call, "activity")["person_id"] == account.held(note, "note")["person_id"] == int(other)
    for _ in range(2):
        account.client.take_log("call", call)
        account.client.take_log("note", note)
    assert account.pipedrive.held("activity", call) is None and account.pipedrive.held("note", note) is None


def test_a_very_long_text_is_cut_and_keeps_its_reference(account: Account) -> None:
    note = AddNote(reference="n", contact_id=account.person(), written_at=CALL.started_at, text="&" * LONGEST)
    content = account.held(account.client.add_note(note), "note")["content"]
    assert len(content) < 65_536 and "[cut off]" in content and carries(content, "n")


def test_owners_are_the_users(account: Account) -> None:
    assert MAI in account.client.owners()
    account.client.owners()
    assert account.paths() == ["/v1/users"]


def test_fields_are_described_with_the_custom_ones(account: Account) -> None:
    fields = {one.label: one for one in account.client.describe("contact")}
    assert fields["name"].required and fields["name"].writable
    assert fields["renkei_id"].custom and len(fields["renkei_id"].name) == 40
    assert not fields["job_title"].writable
    assert not any(one.writable for one in account.client.describe("deal"))


def test_the_limit_of_two_seconds_is_waited_for_and_that_of_the_day_is_told() -> None:
    account = Account(most_in_window=2)
    with pytest.raises(Retry, match="two seconds"):
        for _ in range(3):
            account.client.describe("contact")
    account = Account(daily_tokens=15)
    account.client.describe("contact")
    with pytest.raises(Retry, match="tokens of today") as raised:
        account.client.describe("contact")
    assert raised.value.after_s == 3600


def test_a_token_that_is_refused_is_told_with_what_to_do() -> None:
    account = Account()
    client = build(connection(), {"api_token": "old"}, account.http, account.clock)
    with pytest.raises(Retry, match="store a new api_token") as raised:
        client.owners()
    assert raised.value.after_s == 900


def test_the_companys_own_host_is_asked_where_it_is_known() -> None:
    account = Account()
    account.platforms.standins = {"example.pipedrive.com": account.standin}
    assert account.again(company_domain="example").owners()
    with pytest.raises(Reject, match="company_domain"):
        account.again(company_domain="example.com/")


def test_kinds_that_there_are_not_are_refused_in_words(account: Account) -> None:
    with pytest.raises(Reject, match="ticket"):
        account.client.read("ticket", ["1"])
    with pytest.raises(Reject, match="deal"):
        account.client.write("deal", [Change(id="1", fields={})])


def test_every_change_is_announced_with_who_made_it(account: Account) -> None:
    person = account.person()
    account.client.write("contact", [Change(id=person, fields={"name": "Aya Takagi"})])
    by_hand, ours = (json.loads(hook.body)["meta"] for hook in account.pipedrive.hooks)
    assert (by_hand["action"], by_hand["change_source"]) == ("create", "app")
    assert (ours["action"], ours["change_source"], ours["user_id"]) == ("change", "api", "880100")
