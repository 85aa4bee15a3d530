"""Mailchimp's client against an audience that enforces the documented contract, and against each refusal."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.mailchimp import CONNECTOR, listing
from connectors.mailchimp.client import KINDS, MailchimpClient, build
from connectors.mailchimp.members import member_hash
from hub.delivery import Connection, Delivery
from hub.domain.commands import AddNote, CreateTask, LogCall, LogMessage
from hub.domain.events import RecordChangedData
from hub.domain.sync import Change, NewRecord, Outcome, Slice, SyncClient
from hub.errors import Reject, Retry
from hub.http import HttpClient
from hub.memory import FakeClock
from infra.local.standins.mailchimp import Mailchimp
from infra.local.standins.server import Call
from tests.harness.platforms import LOST, Platforms

KEY = "key0of0the0example-us21"
LIST = "l1st0fexmp"
HOST = "us21.api.mailchimp.com"
ADDRESS = {"street": "1 Kettle Street", "city": "Leeds", "region": "Yorkshire", "postal_code": "LS1 0XX"}
NOTE = AddNote(reference="n1", contact_id="", written_at="2026-09-20T01:02:03.000Z", text="Likes green tea.")


def connection(**settings: Any) -> Connection:
    return Connection("m" * 26, "mailchimp", settings={"list_ids": [LIST], "default_region": "GB", **settings})


class Account:
    """A client on an audience of the stand-in, reached through the real HTTP client."""

    def __init__(self, **settings: Any) -> None:
        self.clock = FakeClock()
        self.mailchimp = Mailchimp(KEY, now=self.clock.now)
        self.standin = self.mailchimp.standin()
        self.platforms = Platforms({HOST: self.standin})
        self.connection = connection(**settings)
        self.client = self.built(api_key=KEY, signing=[{"id": "1", "value": "secret-of-the-url"}])

    def built(self, **secrets: Any) -> MailchimpClient:
        http = HttpClient(clock=self.clock, exchange=self.platforms.exchange, uniform=lambda: 0.0)
        return build(self.connection, secrets, http, self.clock)

    def member(self, email: str = "aya@example.com", **more: Any) -> str:
        merges = {"FNAME": "Aya", "LNAME": "Kobayashi", "PHONE": "+44 7700 900123"}
        return self.mailchimp.enter("list_member", {"email_address": email, "merge_fields": merges, **more})

    def read(self, found: str) -> RecordChangedData:
        (one,) = self.client.read("contact", [found])
        assert isinstance(one, RecordChangedData)
        return one

    def fields(self, found: str) -> dict[str, str | None]:
        return {claim.field: claim.value for claim in self.read(found).claims}

    def status(self, found: str) -> str:
        row = self.mailchimp.held("list_member", found)
        assert row is not None
        return str(row["status"])

    def write(self, found: str, **fields: str | None) -> Outcome:
        (outcome,) = self.client.write("contact", [Change(id=found, fields=fields)])
        return outcome

    def bodies(self, method: str) -> list[Any]:
        return [call["body"] for call in self.standin.journal.calls if call["method"] == method]

    def everyone(self, since: str | None = None) -> list[Slice]:
        pages = [self.client.page("contact", since, None)]
        while pages[-1].next:
            pages.append(self.client.page("contact", since, pages[-1].next))
        return pages


def test_the_client_is_a_sync_client_and_says_what_it_can() -> None:
    client: SyncClient = Account().client
    assert (client.reads, client.writes, client.lists) == (KINDS, KINDS, KINDS)
    assert client.logs == {"note"}
    assert Account(log=["call"]).client.logs == frozenset()


def test_a_member_is_read_with_every_field_of_the_row_also_the_empty_ones() -> None:
    account = Account(merge_fields={"BIRTHDAY": "title"})
    found = account.member(merge_fields={"FNAME": "Aya", "LNAME": "", "PHONE": "07700 900123", "BIRTHDAY": "01/02"})
    read = account.read(found)
    assert account.fields(found) == {
        "first_name": "Aya",
        "last_name": None,
        "name": "Aya",
        "phone": "07700 900123",
        "title": "01/02",
        "email": "aya@example.com",
        "tags": None,
        "language": None,
        "consent_email": "granted",
    }
    assert {one.value for one in read.identifiers} == {f"contact:{found}", "+447700900123", "aya@example.com"}
    assert {claim.precision for claim in read.claims} == {"row"}
    assert read.version == read.claims[0].at


def test_who_is_archived_deleted_or_was_never_there_is_gone() -> None:
    account = Account()
    archived = account.member()
    account.mailchimp.remove("list_member", archived)
    found = account.client.read("contact", [archived, f"{LIST}/{member_hash('no@example.com')}", "of another platform"])
    assert [one.change for one in found] == ["deleted"] * 3


def test_only_what_is_given_is_written_and_never_a_status() -> None:
    account = Account()
    found = account.member()
    outcome = account.write(found, first_name="Ai", last_name=None, phone="+441134960000")
    assert (outcome.state, outcome.version) == ("written", account.read(found).version)
    assert account.bodies("PATCH") == [{"merge_fields": {"FNAME": "Ai", "LNAME": "", "PHONE": "+441134960000"}}]
    assert account.fields(found)["last_name"] is None


def test_what_is_there_already_sends_nothing() -> None:
    account = Account()
    found = account.member()
    assert account.write(found, consent_email="granted").state == "written"
    assert [account.bodies(method) for method in ("PATCH", "PUT", "POST")] == [[], [], []]


def test_a_member_who_changed_since_is_not_written_to() -> None:
    account = Account()
    found = account.member()
    version = account.read(found).version
    account.clock.sleep(5)
    account.mailchimp.edit("list_member", found, {"merge_fields": {"FNAME": "Ai"}})
    (outcome,) = account.client.write("contact", [Change(id=found, fields={"first_name": "A"}, version=version)])
    assert (outcome.state, account.bodies("PATCH")) == ("stale", [])


def test_a_change_of_a_member_who_is_gone_says_so() -> None:
    account = Account()
    assert account.write(f"{LIST}/{member_hash('no@example.com')}", first_name="Aya").state == "gone"


@pytest.mark.parametrize(
    ("status", "consent", "becomes"),
    [
        ("subscribed", "denied", "unsubscribed"),
        ("pending", "denied", "unsubscribed"),
        ("transactional", "denied", "unsubscribed"),
        ("transactional", "granted", "subscribed"),
        ("subscribed", "unknown", "subscribed"),
        ("unsubscribed", "denied", "unsubscribed"),
        ("cleaned", "denied", "cleaned"),
    ],
)
def test_consent_that_may_be_written_becomes_a_status(status: str, consent: str, becomes: str) -> None:
    account = Account()
    found = account.member(status=status)
    assert account.write(found, consent_email=consent).state == "written"
    assert account.status(found) == becomes


@pytest.mark.parametrize("status", ["unsubscribed", "cleaned", "pending"])
def test_nobody_is_subscribed_again_but_by_their_own_act(status: str) -> None:
    account = Account()
    found = account.member(status=status)
    outcome = account.write(found, consent_email="granted", first_name="Ai")
    assert (outcome.state, outcome.fields, account.status(found)) == ("refused", ("consent_email",), status)
    assert account.bodies("PATCH") == []


def test_who_unsubscribed_is_asked_where_the_setting_says_so() -> None:
    account = Account(resubscribe="pending")
    found = account.member(status="unsubscribed")
    assert account.write(found, consent_email="granted").state == "written"
    assert (account.status(found), account.fields(found)["consent_email"]) == ("pending", "unknown")


def test_an_address_that_was_given_up_is_not_even_asked() -> None:
    account = Account(resubscribe="pending")
    found = account.member(status="cleaned")
    assert account.write(found, consent_email="granted").state == "refused"


def test_several_who_leave_go_in_one_batch_and_others_by_themselves() -> None:
    account = Account()
    ids = [account.member(f"person{number}@example.com") for number in range(4)]
    changes = [Change(id=one, fields={"consent_email": "denied", "first_name": "A"}) for one in ids[:3]]
    outcomes = account.client.write("contact", [*changes, Change(id=ids[3], fields={"first_name": "B"})])
    assert [one.state for one in outcomes] == ["written"] * 4
    assert [account.status(one) for one in ids] == ["unsubscribed"] * 3 + ["subscribed"]
    (batch,) = account.bodies("POST")
    assert {one["status"] for one in batch["members"]} == {"unsubscribed"} and batch["update_existing"] is True
    assert len(account.bodies("PATCH")) == 1


def test_a_batch_says_which_of_its_members_was_refused() -> None:
    account = Account()
    ids = [account.member(f"person{number}@example.com") for number in range(2)]
    changes = [
        Change(id=ids[0], fields={"consent_email": "denied", "title": "Director"}),
        Change(id=ids[1], fields={"consent_email": "denied"}),
    ]
    first, second = account.client.write("contact", changes)
    assert (first.state, first.fields, second.state) == ("refused", ("title",), "written")


def test_a_merge_field_that_the_audience_lacks_is_refused_by_our_name_without_the_value() -> None:
    account = Account()
    outcome = account.write(account.member(), lifecycle="customer-of-gold")
    assert (outcome.state, outcome.fields) == ("refused", ("lifecycle",))
    assert "gold" not in outcome.reason


def test_the_setting_says_which_merge_field_is_meant() -> None:
    account = Account(merge_fields={"COMPANY": "title"})
    found = account.member()
    assert account.write(found, title="Director").state == "written"
    assert account.bodies("PATCH") == [{"merge_fields": {"COMPANY": "Director"}}]
    assert account.fields(found)["title"] == "Director"


def test_an_address_is_written_as_a_whole_with_the_parts_that_were_there() -> None:
    account = Account()
    found = account.member()
    assert account.write(found, **ADDRESS).state == "written"
    assert account.write(found, city="York").state == "written"
    assert {name: account.fields(found)[name] for name in ADDRESS} == {**ADDRESS, "city": "York"}
    assert account.fields(found)["country"] == "US"


def test_half_an_address_is_refused_before_it_is_sent() -> None:
    account = Account()
    outcome = account.write(account.member(), street="1 Kettle Street", city="Leeds")
    assert (outcome.state, outcome.fields) == ("refused", ("city", "street"))
    assert account.bodies("PATCH") == []


def test_an_address_whose_parts_are_all_cleared_is_emptied() -> None:
    account = Account()
    found = account.member()
    account.write(found, **ADDRESS)
    assert account.write(found, **dict.fromkeys(ADDRESS, None), country=None).state == "written"
    assert account.fields(found)["street"] is None


def test_tags_are_added_and_never_taken_away() -> None:
    account = Account()
    found = account.member()
    assert account.write(found, tags="kettle; vip").state == "written"
    assert account.write(found, tags="tea").state == "written"
    assert account.fields(found)["tags"] == "kettle; vip; tea"


@pytest.mark.parametrize(
    ("consent", "settings", "status"),
    [
        ("granted", {}, "subscribed"),
        ("granted", {"double_opt_in": True}, "pending"),
        ("denied", {}, "unsubscribed"),
        ("unknown", {}, "transactional"),
        (None, {}, "transactional"),
    ],
)
def test_nobody_new_is_subscribed_without_consent(consent: str | None, settings: dict[str, Any], status: str) -> None:
    account = Account(**settings)
    new = NewRecord(
        reference="p1", fields={"email": "Aya@Example.com", "name": "Aya Kobayashi", "consent_email": consent}
    )
    outcome = account.client.create("contact", new)
    assert (outcome.state, account.status(outcome.id)) == ("written", status)
    assert account.fields(outcome.id)["first_name"] == "Aya Kobayashi"


def test_creating_is_safe_to_repeat_also_where_the_answer_was_lost() -> None:
    account = Account()
    lost = iter([LOST])
    account.platforms.trouble = lambda call: next(lost, None) if call.method == "PUT" else None
    new = NewRecord(reference="p1", fields={"email": "aya@example.com", "first_name": "Aya", "tags": "vip"})
    first, second = account.client.create("contact", new), account.client.create("contact", new)
    assert first.id == second.id and len(account.mailchimp.members.rows) == 1
    assert account.fields(first.id)["tags"] == "vip"


@pytest.mark.parametrize("fields", [{"first_name": "Aya"}, {"email": None, "phone": "+441134960000"}])
def test_nobody_is_created_without_an_address(fields: dict[str, str | None]) -> None:
    outcome = Account().client.create("contact", NewRecord(reference="p1", fields=fields))
    assert (outcome.state, outcome.fields) == ("refused", ("email",))


def test_who_was_archived_or_deleted_for_good_is_not_brought_back() -> None:
    account = Account()
    archived, forgotten = account.member(), account.member("ai@example.com")
    account.mailchimp.remove("list_member", archived)
    account.mailchimp.members.forget(member_hash("ai@example.com"))
    for email in ("aya@example.com", "ai@example.com"):
        new = NewRecord(reference="p1", fields={"email": email, "consent_email": "granted"})
        outcome = account.client.create("contact", new)
        assert (outcome.state, outcome.fields) == ("refused", ("email",))
    assert account.mailchimp.held("list_member", forgotten) is None


def test_what_we_write_is_not_announced_and_what_people_do_is_mapped() -> None:
    account = Account()
    found = account.member()
    account.write(found, first_name="Ai")
    account.clock.sleep(1)
    account.mailchimp.edit("list_member", found, {"status": "unsubscribed"})
    delivered = [
        CONNECTOR.map_delivery(
            Delivery(account.connection.id, "mailchimp", "crm", "2026-09-22T00:00:00.000Z", hook.body),
            account.connection,
        )
        for hook in account.mailchimp.hooks
    ]
    assert [len(one.events) for one in delivered] == [2, 2]
    claims = {claim["field"]: claim["value"] for claim in delivered[-1].events[-1].data["claims"]}
    assert claims["consent_email"] == "denied" and delivered[-1].events[-1].subject == f"contact:{found}"


def test_everybody_is_listed_once_and_who_was_archived_as_deleted() -> None:
    account = Account()
    ids = []
    for number in range(7):
        ids.append(account.member(f"person{number}@example.com"))
        account.clock.sleep(2)
    account.mailchimp.remove("list_member", ids.pop())
    pages = account.everyone()
    assert [one.record.id for page in pages for one in page.found] == ids
    assert [one for page in pages for one in page.deleted] == [f"{LIST}/{member_hash('person6@example.com')}"]
    assert pages[0].total == 6


def filled(account: Account, number: int, apart_s: float) -> list[str]:
    ids = []
    for one in range(number):
        ids.append(account.member(f"person{one}@example.com"))
        account.clock.sleep(apart_s)
    return ids


@pytest.mark.parametrize("apart_s", [0.0, 0.4, 3.0])
def test_nobody_is_missed_who_is_there_throughout_whoever_changes_or_leaves_meanwhile(apart_s: float) -> None:
    account = Account()
    ids = filled(account, 2 * listing.PAGE + 40, apart_s)
    first = account.client.page("contact", None, None)
    account.clock.sleep(60)
    for one in ids[:30]:
        account.mailchimp.edit("list_member", one, {"merge_fields": {"FNAME": "Other"}})
    for one in ids[30:50]:
        account.mailchimp.remove("list_member", one)
    pages = [first]
    while pages[-1].next:
        pages.append(account.client.page("contact", None, pages[-1].next))
    listed = {one.record.id for page in pages for one in page.found}
    assert set(ids[50:]) <= listed
    assert set(ids[30:50]) == {one for page in pages for one in page.deleted}


def test_only_who_changed_since_is_listed_the_moment_itself_included() -> None:
    account = Account()
    ids = filled(account, 3, 10)
    since = account.read(ids[1]).version
    assert [one.record.id for page in account.everyone(since) for one in page.found] == ids[1:]


def test_a_page_may_be_asked_for_again() -> None:
    account = Account()
    filled(account, 3, 1)
    first = account.client.page("contact", None, None)
    assert account.client.page("contact", None, first.next) == account.client.page("contact", None, first.next)
    with pytest.raises(Reject, match="none of Mailchimp's"):
        account.client.page("contact", None, "42")


def test_members_are_found_by_address_alone() -> None:
    account = Account()
    found = account.member("Aya@example.com")
    assert account.client.find("contact", email="aya@Example.com") == [found]
    account.mailchimp.remove("list_member", found)
    assert account.client.find("contact", email="aya@example.com") == []
    assert account.client.find("contact", phone="+447700900123") == []
    assert account.client.find("company", email="aya@example.com") == []


def test_a_note_is_written_once_and_changed_by_the_next_of_the_same_reference() -> None:
    account = Account()
    note = NOTE.model_copy(update={"contact_id": account.member(), "author": "Mai"})
    lost = iter([LOST])
    account.platforms.trouble = lambda call: next(lost, None) if call.method == "POST" else None
    with pytest.raises(Retry):
        account.client.add_note(note)
    native = account.client.add_note(note)
    assert account.client.add_note(note.model_copy(update={"text": "Likes black tea."})) == native
    (held,) = account.mailchimp.notes.by_member[note.contact_id.partition("/")[2]]
    assert held["note"] == "2026-09-20 01:02 UTC, Mai:\nLikes black tea.\n[renkei n1]"


def test_a_long_note_is_cut_and_keeps_its_reference() -> None:
    account = Account()
    note = NOTE.model_copy(update={"contact_id": account.member(), "text": "あ" * 2000})
    account.client.add_note(note)
    account.client.add_note(note)
    (held,) = account.mailchimp.notes.by_member[note.contact_id.partition("/")[2]]
    assert len(held["note"]) == 1000 and held["note"].endswith("…\n[renkei n1]")


def test_a_note_moves_to_another_member_and_is_taken_back_from_there() -> None:
    account = Account()
    first, second = account.member(), account.member("ai@example.com")
    native = account.client.add_note(NOTE.model_copy(update={"contact_id": first}))
    for _ in range(2):
        account.client.move_log("note", native, first, second)
    there = account.mailchimp.notes.by_member[second.partition("/")[2]]
    assert [one["note"] for one in there] == ["2026-09-20 01:02 UTC:\nLikes green tea.\n[renkei n1]"]
    for _ in range(2):
        account.client.take_log("note", native)
    assert list(account.mailchimp.notes.by_member.values()) == [[], []]


def test_what_mailchimp_has_no_place_for_is_refused_in_a_sentence() -> None:
    client, asked = Account().client, {"reference": "r", "contact_id": "c", "started_at": "2026-09-20T01:02:03.000Z"}
    call = LogCall(direction="inbound", title="Call", **asked)
    with pytest.raises(Reject, match="keeps no calls"):
        client.log_call(call)
    with pytest.raises(Reject, match="keeps no messages"):
        message = {"channel": "sms", "direction": "inbound", "sent_at": call.started_at, "body": "x"}
        client.log_message(LogMessage.model_validate({"reference": "r", "contact_id": "c", **message}))
    with pytest.raises(Reject, match="keeps no tasks"):
        client.create_task(CreateTask(reference="r", contact_id="c", subject="s"))
    with pytest.raises(Reject, match="company records"):
        client.read("company", ["1"])
    assert client.owners() == []


def test_the_audience_describes_its_fields() -> None:
    names = {one.name: one for one in Account().client.describe("contact")}
    assert {"email_address", "FNAME", "ADDRESS.city", "BIRTHDAY"} <= set(names)
    assert names["ADDRESS.city"].type == "address" and not names["email_address"].writable


def test_the_webhook_is_created_once_and_silent_about_us() -> None:
    account = Account(create_webhook=True, public_url="https://hooks.example.com/")
    assert len(account.client.plan_set_up()) == 1
    for _ in range(2):
        account.client.set_up()
    (webhook,) = account.mailchimp.webhooks
    assert webhook["url"] == f"https://hooks.example.com/webhooks/crm/{account.connection.id}/secret-of-the-url"
    assert webhook["sources"] == {"user": True, "admin": True, "api": False}
    webhook["sources"] = {"user": True, "admin": True, "api": True}
    assert len(account.client.plan_set_up()) == 1
    account.client.set_up()
    assert webhook["sources"]["api"] is False and account.client.plan_set_up() == []


def test_nothing_is_set_up_unasked_and_not_without_the_hubs_address() -> None:
    account = Account()
    account.client.set_up()
    assert (account.client.plan_set_up(), account.mailchimp.webhooks) == ([], [])
    with pytest.raises(Reject, match="public_url"):
        Account(create_webhook=True).client.set_up()


def test_several_audiences_need_one_that_members_are_kept_in() -> None:
    account = Account(list_ids=[LIST, "an0ther"])
    with pytest.raises(Reject, match="list_id"):
        account.client.page("contact", None, None)
    assert Account(list_ids=[LIST, "an0ther"], list_id=LIST).everyone()[0].found == ()


def test_a_key_without_its_server_is_refused() -> None:
    with pytest.raises(Reject, match="api_key"):
        Account().built(api_key="key-without")
    with pytest.raises(Reject, match="api_key"):
        Account().built()
    assert Account(server="us21").built(api_key=KEY).find("contact", email="a@example.com") == []


def test_a_refused_key_waits_for_a_person() -> None:
    with pytest.raises(Retry, match="store it as api_key") as refused:
        Account().built(api_key="wrong-us21").read("contact", [f"{LIST}/{'0' * 32}"])
    assert refused.value.after_s == 900


@pytest.mark.parametrize(("status", "says"), [(429, "10 requests at the same time"), (500, "500")])
def test_what_is_not_now_is_tried_later(status: int, says: str) -> None:
    account = Account()

    def trouble(_call: Call) -> int:
        return status

    account.platforms.trouble = trouble
    with pytest.raises(Retry, match=says):
        account.client.read("contact", [f"{LIST}/{'0' * 32}"])


def test_no_sentence_holds_what_the_platform_says_freely() -> None:
    account = Account()
    found = account.member()
    outcome = account.write(found, birthday="x", phone="+441134960000", lifecycle="x" * 300)
    assert json.dumps(outcome.model_dump()).count("xxx") == 0
