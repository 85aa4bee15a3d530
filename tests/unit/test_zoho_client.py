"""Zoho's client against an organization that enforces the documented contract."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.zoho.client import ZohoClient, build
from connectors.zoho.listing import page
from connectors.zoho.logs import LONGEST, carries, mm_ss
from connectors.zoho.watching import MODULES
from hub.delivery import Connection
from hub.domain.commands import AddNote, CreateTask, LogCall, LogMessage
from hub.domain.events import DealData, RecordChangedData, TicketData
from hub.domain.sync import Change, NewRecord, Owner, SyncClient
from hub.errors import Reject, Retry
from hub.http import HttpClient
from hub.memory import FakeClock
from infra.local.standins.server import Call
from infra.local.standins.zoho import Zoho
from tests.harness.platforms import LOST, Platforms

TOKEN = "token-of-the-example"
HOST = "www.zohoapis.com"
MAI = Owner(id="5800000000000000011", email="mai@example.com", name="Mai Mori")
AT = "2026-11-20T01:02:03.000Z"
CALL = LogCall(
    reference="call-1", contact_id="1", direction="inbound", started_at=AT, outcome="answered", duration_s=3665,
    customer_number="+819000000006", title="Inbound call", body="1 < 2",
)  # fmt: skip


def connection(**settings: Any) -> Connection:
    return Connection("z" * 26, "zoho", settings={"channel_ids": ["1000000068100"], "default_region": "JP", **settings})


class Account:
    """A client on an organization of the stand-in, reached through the real HTTP client."""

    def __init__(self, **more: Any) -> None:
        self.clock = FakeClock()
        self.zoho = Zoho(TOKEN, now=self.clock.now, **more)
        self.standin = self.zoho.standin()
        self.platforms = Platforms({HOST: self.standin})
        self.http = HttpClient(clock=self.clock, exchange=self.platforms.exchange, uniform=lambda: 0.0)
        self.client = self.again()

    def again(self, secrets: dict[str, Any] | None = None, **settings: Any) -> ZohoClient:
        return build(connection(**settings), {"access_token": TOKEN, **(secrets or {})}, self.http, self.clock)

    def contact(self, **values: Any) -> str:
        return self.zoho.enter("Contacts", {"Last_Name": "Kobayashi", **values})

    def held(self, record_id: str, module: str = "Contacts") -> dict[str, Any]:
        found = self.zoho.held(module, record_id)
        assert found is not None
        return dict(found)

    def sent(self, method: str) -> list[dict[str, Any]]:
        return [call for call in self.standin.journal.calls if call["method"] == method]


@pytest.fixture
def account() -> Account:
    made = Account()
    made.client.set_up()
    made.standin.journal.calls.clear()
    return made


def claims(data: object) -> dict[str, str | None]:
    assert isinstance(data, RecordChangedData)
    return {claim.field: claim.value for claim in data.claims}


def version(account: Account, record_id: str) -> str:
    (found,) = account.client.read("contact", [record_id])
    assert isinstance(found, RecordChangedData) and found.version
    return found.version


def test_the_client_is_one(account: Account) -> None:
    client: SyncClient = account.client
    assert client.writes == {"contact", "lead", "company"}


def test_a_contact_is_read_with_its_company_and_its_owner(account: Account) -> None:
    company = account.zoho.enter("Accounts", {"Account_Name": "Takagi"})
    contact = account.contact(
        First_Name="Aya", Email="Aya@example.com", Mobile="090-0000-0006", Account_Name={"id": company},
        Email_Opt_Out=True, Secondary_Email="other@example.com", Home_Phone="03-0000-0001",
    )  # fmt: skip
    (found,) = account.client.read("contact", [contact])
    held = claims(found)
    assert (held["name"], held["email"], held["company"]) == ("Aya Kobayashi", "aya@example.com", "Takagi")
    assert (held["company_ref"], held["owner"]) == (f"company:{company}", "mai@example.com")
    assert (held["consent_email"], held["title"]) == ("denied", None)
    assert isinstance(found, RecordChangedData)
    assert {one.value for one in found.identifiers} >= {"other@example.com", "+81300000001", "+819000000006"}
    assert account.sent("GET")[0]["query"]["ids"] == contact


def test_not_to_have_opted_out_is_no_consent(account: Account) -> None:
    (found,) = account.client.read("contact", [account.contact()])
    assert "consent_email" not in claims(found)


def test_records_are_read_a_hundred_at_a_time_and_missing_ones_are_gone(account: Account) -> None:
    ids = [account.contact() for _ in range(150)]
    account.zoho.remove("Contacts", ids[3])
    found = account.client.read("contact", [*reversed(ids), ids[0]])
    assert [one.record.id for one in found] == list(reversed(ids))
    assert [one.record.id for one in found if one.change == "deleted"] == [ids[3]]
    assert len(account.sent("GET")) == 2


def test_who_wrote_last_is_told_as_a_hint(account: Account) -> None:
    client = account.again(api_user_id="5800000000000000012")
    contact = account.contact()
    assert not _ours(client, contact)
    client.write("contact", [Change(id=contact, fields={"title": "CEO"})])
    assert _ours(client, contact)


def _ours(client: ZohoClient, record_id: str) -> bool | None:
    (found,) = client.read("contact", [record_id])
    assert isinstance(found, RecordChangedData)
    return found.ours


def test_deals_and_cases_are_read(account: Account) -> None:
    contact = account.contact()
    deal = account.zoho.enter(
        "Deals", {"Deal_Name": "Roof", "Stage": "Closed Won", "Contact_Name": {"id": contact}, "Amount": 12.5}
    )
    case = account.zoho.enter("Cases", {"Subject": "Leak", "Status": "New", "Email": "aya@example.com"})
    (found,) = account.client.read("deal", [deal])
    assert isinstance(found, DealData)
    assert (found.title, found.status, found.amount, found.contacts[0].id) == ("Roof", "won", "12.5", contact)
    (ticket,) = account.client.read("ticket", [case])
    assert isinstance(ticket, TicketData)
    assert (ticket.title, ticket.status, ticket.version) == (
        "Leak",
        "new",
        account.held(case, "Cases")["Modified_Time"],
    )


def test_lookups_are_written_as_records_and_emptied_as_null(account: Account) -> None:
    company, contact = account.zoho.enter("Accounts", {"Account_Name": "Takagi"}), account.contact(Title="CEO")
    fields = {"company_ref": f"company:{company}", "owner": "Hub@example.com", "title": None}
    (outcome,) = account.client.write("contact", [Change(id=contact, fields=fields)])
    assert (outcome.state, outcome.version) == ("written", account.held(contact)["Modified_Time"])
    held = account.held(contact)
    assert (held["Account_Name"]["id"], held["Owner"]["email"], held["Title"]) == (company, "hub@example.com", None)
    account.client.write("contact", [Change(id=contact, fields={"company_ref": None})])
    assert account.held(contact)["Account_Name"] is None


def test_one_change_is_guarded_by_the_time_of_the_record(account: Account) -> None:
    contact = account.contact()
    read = version(account, contact)
    account.clock.sleep(2)
    account.zoho.edit("Contacts", contact, {"Title": "CEO"})
    (outcome,) = account.client.write("contact", [Change(id=contact, fields={"title": "CTO"}, version=read)])
    assert outcome.state == "stale" and account.held(contact)["Title"] == "CEO"
    fresh = Change(id=contact, fields={"title": "CTO"}, version=version(account, contact))
    assert account.client.write("contact", [fresh])[0].state == "written"


def test_several_changes_go_in_one_request_and_each_has_its_outcome(account: Account) -> None:
    late, deleted, plain, wrong, fresh = (account.contact() for _ in range(5))
    changes = [
        Change(id=late, fields={"title": "A"}, version=version(account, late)),
        Change(id=deleted, fields={"title": "B"}),
        Change(id=plain, fields={"title": "C"}),
        Change(id=wrong, fields={"email": "nobody", "title": "D"}),
        Change(id=fresh, fields={"title": "E"}, version=version(account, fresh)),
        Change(id=plain, fields={}),
    ]
    account.clock.sleep(2)
    account.zoho.edit("Contacts", late, {"Title": "X"})
    account.zoho.remove("Contacts", deleted)
    account.standin.journal.calls.clear()
    outcomes = account.client.write("contact", changes)
    assert [one.state for one in outcomes] == ["stale", "gone", "written", "refused", "written", "written"]
    assert outcomes[3].fields == ("email",) and "nobody" not in outcomes[3].reason
    assert [len(call["body"]["data"]) for call in account.sent("PUT")] == [3]
    assert account.held(late)["Title"] == "X" and account.held(fresh)["Title"] == "E"


def test_a_record_that_is_gone_is_said_to_be(account: Account) -> None:
    contact = account.contact()
    account.zoho.remove("Contacts", contact)
    assert account.client.write("contact", [Change(id=contact, fields={"title": "A"})])[0].state == "gone"


def test_more_than_a_hundred_changes_are_several_requests(account: Account) -> None:
    changes = [Change(id=account.contact(), fields={"title": "CEO"}) for _ in range(205)]
    assert {one.state for one in account.client.write("contact", changes)} == {"written"}
    assert [len(call["body"]["data"]) for call in account.sent("PUT")] == [100, 100, 5]


@pytest.mark.parametrize(("triggers", "sent"), [(None, None), ([], []), (["workflow"], ["workflow"])])
def test_what_a_write_sets_off_is_a_setting(account: Account, triggers: Any, sent: Any) -> None:
    client = account.again(triggers=triggers)
    client.write("contact", [Change(id=account.contact(), fields={"title": "CEO"})])
    assert account.sent("PUT")[0]["body"].get("trigger") == sent


def test_a_new_contact_is_made_once_whatever_happens(account: Account) -> None:
    record = NewRecord(reference="customer-1", fields={"first_name": "Aya", "last_name": "Kobayashi"})
    lost = iter([LOST])
    account.platforms.trouble = lambda call: next(lost, None) if call.method == "POST" else None
    first, second = account.client.create("contact", record), account.client.create("contact", record)
    assert first.state == second.state == "written" and first.id == second.id
    assert len(account.zoho.records.of("Contacts")) == 1
    assert account.held(first.id)["renkei_id"] == "customer-1"


@pytest.mark.parametrize(
    ("kind", "module", "fields", "held"),
    [
        ("contact", "Contacts", {"email": "aya@example.com"}, {"Last_Name": "(unknown)"}),
        ("contact", "Contacts", {"name": "小林彩"}, {"Last_Name": "小林彩"}),
        ("lead", "Leads", {"last_name": "Kobayashi"}, {"Last_Name": "Kobayashi", "Company": "(unknown)"}),
        ("company", "Accounts", {"phone": "+81300000001"}, {"Account_Name": "(unknown)"}),
    ],
)
def test_a_name_that_zoho_insists_on_is_a_placeholder_that_is_never_read_back(
    account: Account, kind: str, module: str, fields: dict[str, str], held: dict[str, str]
) -> None:
    account.zoho.schema.insisted = {"Leads": ("Company",)}
    made = account.client.create(kind, NewRecord(reference="customer-1", fields=fields))
    row = account.held(made.id, module)
    assert {name: row[name] for name in held} == held
    (found,) = account.client.read(kind, [made.id])
    assert "(unknown)" not in claims(found).values()


def test_a_new_record_that_zoho_refuses_says_which_field(account: Account) -> None:
    outcome = account.client.create("contact", NewRecord(reference="c", fields={"last_name": "A", "phone": "anon"}))
    assert (outcome.state, outcome.fields) == ("refused", ("phone",)) and "anon" not in outcome.reason


def test_setting_up_says_what_it_does_and_does_it_once() -> None:
    account = Account()
    planned = account.client.plan_set_up()
    assert planned[0] == "Create the unique text field renkei_id in Contacts." and len(planned) == 5
    account.client.set_up()
    account.client.set_up()
    assert account.client.plan_set_up() == [] and len(account.sent("POST")) == 5


def test_a_field_that_is_there_and_not_unique_is_told() -> None:
    account = Account()
    account.zoho.schema.custom = {"Contacts": {"renkei_id": {"length": 9, "unique": None}}}
    with pytest.raises(Reject, match="not unique"):
        account.client.plan_set_up()


def test_the_channel_is_made_to_last_a_week_where_the_setting_asks(account: Account) -> None:
    secrets = {"signing": [{"id": "1", "value": "t0ken of the channel", "not_after": None}]}
    client = account.again(secrets, watch=True, public_url="https://hooks.example.com")
    assert client.plan_set_up()[-1].startswith("Have changes of Contacts, Leads")
    client.set_up()
    account.clock.sleep(6 * 86_400)
    client.set_up()
    account.clock.sleep(6 * 86_400)
    account.contact()
    told = json.loads(account.zoho.hooks[-1].body)
    assert (told["module"], told["operation"], told["channel_id"]) == ("Contacts", "insert", "1000000068100")
    assert told["token"] == "t0ken of the channel"
    assert told["affected_values"][0]["values"] == {"Last_Name": "Kobayashi"}
    url = account.sent("POST")[-1]["body"]["watch"][0]["notify_url"]
    assert url == f"https://hooks.example.com/webhooks/crm/{'z' * 26}"


def test_a_channel_that_nobody_renews_falls_silent(account: Account) -> None:
    account.zoho.channels.open("1000000068100", "t0ken", MODULES)
    account.clock.sleep(8 * 86_400)
    account.contact()
    assert account.zoho.hooks == []


def test_a_channel_without_what_it_needs_is_told(account: Account) -> None:
    with pytest.raises(Reject, match="public_url"):
        account.again(watch=True)


def test_people_are_found_by_exactly_their_e_mail_or_phone(account: Account) -> None:
    aya = account.contact(Secondary_Email="Aya@example.com", Other_Phone="09000000006")
    account.contact(Email="aya@example.com.jp", Mobile="+819000000007")
    account.clock.sleep(1)
    assert account.client.find("contact", email="aya@example.com") == [aya]
    assert account.client.find("contact", phone="+819000000006") == [aya]
    assert account.client.find("contact", phone="+819000000009") == []
    assert account.client.find("company", email="aya@example.com") == []


def test_what_the_index_does_not_know_yet_is_not_found(account: Account) -> None:
    account.zoho.misbehaviour.search_lag_s = 60
    aya = account.contact(Email="aya@example.com")
    assert account.client.find("contact", email="aya@example.com") == []
    account.clock.sleep(61)
    assert account.client.find("contact", email="aya@example.com") == [aya]


@pytest.mark.parametrize("since", [None, "2001-01-01T00:00:00.500Z"])
def test_every_record_is_listed_once_over_the_pages(account: Account, since: str | None) -> None:
    made = []
    for number in range(230):
        made.append(account.contact())
        account.clock.sleep(number % 3)
    found, cursor, rounds = [], None, 0
    while rounds == 0 or cursor:
        page = account.client.page("contact", since, cursor)
        assert page == account.client.page("contact", since, cursor)
        found += [one.record.id for one in page.found]
        cursor, rounds = page.next, rounds + 1
    assert found == made


def test_one_that_changes_while_the_list_is_read_is_given_again(account: Account) -> None:
    made = [account.contact() for _ in range(120)]
    first = account.client.page("contact", "2001-01-01T00:00:00.000Z", None)
    account.clock.sleep(5)
    account.zoho.edit("Contacts", made[0], {"Title": "CEO"})
    rest = account.client.page("contact", "2001-01-01T00:00:00.000Z", first.next)
    assert [one.record.id for one in rest.found] == [*made[100:], made[0]]


def test_what_was_deleted_since_is_listed_after_what_changed(account: Account) -> None:
    old, gone = account.contact(), account.contact()
    account.clock.sleep(10)
    since = "2001-01-01T00:00:00.000Z"
    account.zoho.remove("Contacts", gone)
    first = account.client.page("contact", since, None)
    assert [one.record.id for one in first.found] == [old] and first.next
    assert account.client.page("contact", since, first.next).deleted == (gone,)
    assert account.client.page("contact", None, None).next is None


def test_a_place_in_the_list_that_is_none_never_gets_into_a_query(account: Account) -> None:
    for since, cursor in ((None, "1 or id is not null"), (AT, "x' or id > 1"), (AT, "2026-11-20T01:02:03+00:00 1)")):
        with pytest.raises(Reject, match="none of this list"):
            page(account.client.api, "contact", since, cursor, connection())


@pytest.mark.parametrize(("seconds", "text"), [(0, "00:00"), (65, "01:05"), (3665, "61:05"), (360_000, "6000:00")])
def test_durations_are_minutes_and_seconds(seconds: int, text: str) -> None:
    assert mm_ss(seconds) == text


@pytest.mark.parametrize(
    ("direction", "outcome", "kind"),
    [("inbound", "answered", "Inbound"), ("inbound", "no_answer", "Missed"), ("outbound", "no_answer", "Outbound")],
)
def test_a_call_is_logged_once_with_its_kind(account: Account, direction: Any, outcome: str, kind: str) -> None:
    contact = account.contact()
    call = CALL.model_copy(update={"contact_id": contact, "direction": direction, "outcome": outcome})
    logged = account.client.log_call(call)
    assert account.client.log_call(call.model_copy(update={"title": "Call"})) == logged
    held = account.held(logged, "Calls")
    assert (held["Call_Type"], held["Subject"], held["Call_Duration"]) == (kind, "Call", "61:05")
    assert (held["Call_Start_Time"], held["Who_Id"]["id"]) == ("2026-11-20T01:02:03+00:00", contact)
    assert f"Outcome: {outcome}" in held["Description"] and "1 < 2" in held["Description"]


def test_an_answer_that_is_lost_logs_no_call_and_no_message_twice(account: Account) -> None:
    contact = account.contact()
    lost = iter([LOST, None, LOST])

    def trouble(call: Call) -> str | None:
        return next(lost, None) if call.method == "POST" else None

    account.platforms.trouble = trouble
    account.client.log_call(CALL.model_copy(update={"contact_id": contact}))
    message = LogMessage(
        reference="m", contact_id=contact, channel="sms", direction="inbound", sent_at=AT, body="こんにちは"
    )
    with pytest.raises(Retry):
        account.client.log_message(message)
    account.client.log_message(message)
    assert len(account.zoho.records.of("Calls")) == len(account.zoho.records.of("Notes")) == 1


def test_messages_and_notes_stand_on_the_contact_with_their_own_time(account: Account) -> None:
    contact = account.contact()
    message = LogMessage(
        reference="m", contact_id=contact, channel="whatsapp", direction="outbound", sent_at=AT, body="Hello"
    )
    note = AddNote(reference="n", contact_id=contact, written_at=AT, text="Hm", author="Mai")
    ids = [account.client.log_message(message), account.client.add_note(note)]
    assert [account.client.log_message(message), account.client.add_note(note)] == ids
    held = [account.held(one, "Notes") for one in ids]
    assert held[0]["Note_Title"] == "To the customer (WhatsApp), 2026-11-20 01:02 UTC"
    assert held[1]["Note_Title"] == "Mai, 2026-11-20 01:02 UTC"
    assert held[0]["Note_Content"] == "Hello\n\nrenkei:m" and held[0]["Parent_Id"]["id"] == contact


def test_a_very_long_text_is_cut_and_keeps_its_reference(account: Account) -> None:
    note = AddNote(reference="n", contact_id=account.contact(), written_at=AT, text="x" * (LONGEST + 1))
    content = account.held(account.client.add_note(note), "Notes")["Note_Content"]
    assert "[cut off]" in content and carries(content, "n") and not carries(content, "other")


def test_a_task_has_its_owner_its_day_and_its_priority(account: Account) -> None:
    task = CreateTask(
        reference="t", contact_id=account.contact(), subject="Call back", due_at="2026-11-21T09:00:00.000Z",
        owner="Mai@example.com", priority="high",
    )  # fmt: skip
    logged = account.client.create_task(task)
    assert account.client.create_task(task.model_copy(update={"done": True})) == logged
    held = account.held(logged, "Tasks")
    assert (held["Status"], held["Priority"], held["Due_Date"]) == ("Completed", "High", "2026-11-21")
    assert held["Owner"]["email"] == "mai@example.com"


def test_what_was_logged_is_moved_and_taken_back(account: Account) -> None:
    one, other = account.contact(), account.contact()
    call = account.client.log_call(CALL.model_copy(update={"contact_id": one}))
    note = account.client.add_note(AddNote(reference="n", contact_id=one, written_at=AT, text="Hm"))
    for _ in range(2):
        account.client.move_log("call", call, one, other)
        account.client.move_log("note", note, one, other)
    assert account.held(call, "Calls")["Who_Id"]["id"] == account.held(note, "Notes")["Parent_Id"]["id"] == other
    for _ in range(2):
        account.client.take_log("call", call)
        account.client.take_log("note", note)
    assert account.zoho.held("Calls", call) is None and account.zoho.held("Notes", note) is None


def test_a_call_of_a_contact_that_is_gone_is_rejected_in_words(account: Account) -> None:
    with pytest.raises(Reject, match="no such contact"):
        account.client.log_call(CALL.model_copy(update={"contact_id": "999"}))


def test_owners_and_fields_are_described(account: Account) -> None:
    assert MAI in account.client.owners()
    fields = {one.name: one for one in account.client.describe("contact")}
    assert fields["Last_Name"].required and fields["renkei_id"].unique and fields["renkei_id"].custom
    assert fields["Account_Name"].type == "reference" and not fields["Created_Time"].writable


def test_a_token_that_is_refused_and_credits_that_are_used_up_are_told() -> None:
    account = Account(credits=1)
    account.client.owners()
    with pytest.raises(Retry, match="credits"):
        account.client.describe("contact")
    with pytest.raises(Retry, match="connect the account again") as raised:
        build(connection(), {"access_token": "old"}, account.http, account.clock).owners()
    assert raised.value.after_s == 900


def test_the_data_centre_is_a_setting_and_the_token_says_it_best() -> None:
    account = Account()
    account.platforms.standins = {"www.zohoapis.jp": account.standin}
    assert account.again(data_centre="jp").owners()
    assert account.again({"instance_url": "https://www.zohoapis.jp"}).owners()
    with pytest.raises(Reject, match="data_centre"):
        account.again(data_centre="moon")


def test_kinds_that_there_are_not_are_refused_in_words(account: Account) -> None:
    with pytest.raises(Reject, match="order"):
        account.client.read("order", ["1"])
    with pytest.raises(Reject, match="deal"):
        account.client.write("deal", [Change(id="1", fields={})])
