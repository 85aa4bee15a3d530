"""Salesforce both ways against an organization that enforces the documented contract: read, write, list, log, set up."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.salesforce import CONNECTOR
from connectors.salesforce.listing import Listing
from connectors.salesforce.records import FIELDS
from connectors.salesforce.refusals import refused
from hub.delivery import Delivery
from hub.domain.commands import AddNote, CreateTask
from hub.domain.events import DealData, RecordChangedData, TicketData, instant
from hub.domain.sync import Change, NewRecord, Outcome, Slice
from hub.errors import Reject, Retry
from infra.local.standins.salesforce_changes import Origin
from tests.unit.salesforce_organization import CALL, MESSAGE, Organization, answer, answering, connection, error

NOTE = AddNote(reference="note-1", contact_id="", written_at="2026-11-20T01:02:03.000Z", text="Likes tea\nAnd cake")
TASK = CreateTask(reference="task-1", contact_id="", subject="Call back", due_at="2026-11-22T08:00:00.000Z")


def change(record_id: str, version: str | None = None, **fields: str | None) -> Change:
    return Change(id=record_id, fields=fields, version=version)


def everything(organization: Organization, since: str | None = None, rows: int = 500) -> list[Slice]:
    client = organization.client
    lists = Listing(client.api, client.connection, client.users, rows)
    slices = [lists.page("contact", since, None)]
    while slices[-1].next:
        slices.append(lists.page("contact", since, slices[-1].next))
    return slices


def now(organization: Organization) -> str:
    return instant(round(organization.clock.now() * 1000))


# Reading.


def test_merged_contacts_are_gone_and_bring_the_one_that_is_left() -> None:
    organization = Organization()
    winner, loser = organization.contact(Email="aya@example.com"), organization.contact(Phone="03-0000-0001")
    organization.salesforce.organization.merge("Contact", winner, loser)
    gone, left = organization.read("contact", loser)
    assert (gone.change, [one.value for one in gone.identifiers]) == ("deleted", [f"contact:{winner}"])
    assert (left.record.id, left.change) == (winner, "changed")
    assert {"+81300000001", "aya@example.com"} <= {one.value for one in left.identifiers}


def test_a_chain_of_merges_is_followed_to_its_end() -> None:
    organization = Organization()
    first, second, third = (organization.contact() for _ in range(3))
    organization.salesforce.organization.merge("Contact", second, first)
    organization.salesforce.organization.merge("Contact", third, second)
    found = organization.read("contact", first)
    assert [(one.record.id, one.change) for one in found] == [
        (first, "deleted"),
        (second, "deleted"),
        (third, "changed"),
    ]


def test_an_account_and_its_contact_are_read_with_address_owner_consent_and_the_reference_between_them() -> None:
    organization = Organization()
    company = organization.salesforce.enter(
        "Account", {"Name": "Kettle Works", "NumberOfEmployees": 12, "BillingCity": "Kobe"}
    )
    person = organization.contact(AccountId=company, MailingCity="Osaka", HasOptedOutOfEmail=True)
    organization.salesforce.edit("Contact", person, {"OwnerId": "005RK0000000002AAA"})
    account = {one.field: one.value for one in organization.read("company", company)[0].claims}
    contact = {one.field: one.value for one in organization.read("contact", person)[0].claims}
    expected = {"name": "Kettle Works", "employees": "12", "city": "Kobe", "owner": "hanako.mori@example.com"}
    assert account.items() >= expected.items()
    told = {"company_ref": f"company:{company}", "city": "Osaka", "consent_email": "denied"}
    assert contact.items() >= {**told, "owner": "hanako.mori@example.com"}.items()


def test_users_are_asked_for_once_and_only_where_a_record_has_an_owner() -> None:
    organization = Organization()
    without = organization.contact()
    organization.read("contact", without)
    assert not [call for call in organization.calls if "FROM User" in call.query.get("q", "")]
    owned = [organization.salesforce.enter("Contact", {"LastName": name}) for name in ("A", "B")]
    organization.read("contact", owned[0])
    organization.read("contact", owned[1])
    assert len([call for call in organization.calls if "FROM User" in call.query.get("q", "")]) == 1


def test_opportunities_and_cases_are_read_as_the_change_events_tell_them() -> None:
    organization = Organization(currency="JPY")
    person = organization.contact()
    deal = organization.salesforce.enter(
        "Opportunity",
        {"Name": "Tea", "StageName": "Closed Won", "CloseDate": "2026-12-24", "Amount": 1980, "ContactId": person},
    )
    ticket = organization.salesforce.enter("Case", {"Subject": "Broken", "Description": "In two", "ContactId": person})
    [sale], [case] = organization.client.read("deal", [deal]), organization.client.read("ticket", [ticket])
    assert isinstance(sale, DealData) and isinstance(case, TicketData)
    assert (sale.title, sale.status, sale.amount, sale.currency) == ("Tea", "won", "1980", "JPY")
    assert (sale.owner, sale.close_date, sale.contacts[0].id) == ("hanako.mori@example.com", "2026-12-24", person)
    assert (case.title, case.status, case.description, case.contacts[0].id) == ("Broken", "new", "In two", person)


def test_only_an_organization_with_several_currencies_is_asked_for_one() -> None:
    client, http = answering(answer(200, []))
    client.read("deal", ["006RK0000000001"])
    assert "CurrencyIsoCode" not in http.calls[1].json["fields"]
    with pytest.raises(Reject, match="400 INVALID_FIELD"):
        Organization(multi_currency=True).client.read("deal", ["006RK0000000001"])


@pytest.mark.parametrize("asked", ["order", "user", "deal"])
def test_kinds_that_cannot_be_written_are_refused_in_a_sentence(asked: str) -> None:
    client, http = answering(answer(200, []))
    with pytest.raises(Reject, match=f"{asked} records cannot be written: company, contact, lead can"):
        client.write(asked, [change("003RK0000000001", phone="1")])
    assert http.calls == []


def test_a_connections_own_lines_are_read_written_and_told_of() -> None:
    lines = {"x_tier": "Tier__c", "title": None}
    organization = Organization(field_maps={"Contact": {"version": 1, "lines": lines}})
    contact = organization.contact(Tier__c="Gold", Title="Head")
    assert {one.field: one.value for one in organization.read("contact", contact)[0].claims}["x_tier"] == "Gold"
    wrong, _ = (organization.client.write("contact", [change(contact, x_tier=tier)])[0] for tier in ("Tin", "Silver"))
    assert (wrong.state, wrong.fields) == ("refused", ("x_tier",))
    [row] = organization.rows("Contact")
    assert (row["Tier__c"], row["Title"]) == ("Silver", "Head")


# Writing.


def test_differences_are_written_in_one_request_for_200_and_say_what_became_of_each() -> None:
    organization = Organization()
    ids = [organization.contact(Title="old") for _ in range(201)]
    outcomes = organization.client.write("contact", [change(one, title="new", phone=None) for one in ids])
    assert outcomes == [Outcome(state="written", id=one) for one in ids]
    assert {row["Title"] for row in organization.rows("Contact")} == {"new"}
    assert sum(call.method == "PATCH" for call in organization.calls) == 2


def test_a_record_that_changed_since_it_was_read_is_stale_and_left_as_it_is() -> None:
    organization = Organization()
    contact = organization.contact(Title="old")
    version = organization.read("contact", contact)[0].version
    organization.clock.sleep(1)
    organization.salesforce.edit("Contact", contact, {"Phone": "03-0000-0001"})
    [outcome] = organization.client.write("contact", [change(contact, version, title="new")])
    assert (outcome.state, outcome.version) == ("stale", organization.read("contact", contact)[0].version)
    assert organization.rows("Contact")[0]["Title"] == "old"
    [again] = organization.client.write("contact", [change(contact, outcome.version, title="new")])
    assert (again.state, organization.rows("Contact")[0]["Title"]) == ("written", "new")


@pytest.mark.parametrize("versioned", [True, False])
def test_deleted_records_are_gone(versioned: bool) -> None:
    organization = Organization()
    contact = organization.contact()
    version = organization.read("contact", contact)[0].version if versioned else None
    organization.salesforce.remove("Contact", contact)
    never = "003RK00000ZZZZZAAA"
    changes = [change(contact, version, title="x"), change(never, version, title="x")]
    assert [one.state for one in organization.client.write("contact", changes)] == ["gone", "gone"]


def test_one_record_that_is_refused_stops_no_other_and_names_our_field() -> None:
    organization = Organization()
    good, bad, empty = (organization.contact() for _ in range(3))
    changes = [change(bad, email="no address"), change(good, title="new"), change(empty, company_ref="company:001x")]
    wrong, written, missing = organization.client.write("contact", changes)
    assert (wrong.state, wrong.fields) == ("refused", ("email",))
    assert wrong.reason == "Salesforce: it is no e-mail address to Salesforce (INVALID_EMAIL_ADDRESS)"
    assert written.state == "written"
    assert (missing.state, missing.fields) == ("refused", ("company_ref",))


def test_fields_that_salesforce_does_not_have_are_not_sent() -> None:
    organization = Organization()
    contact = organization.contact()
    assert organization.client.write("contact", [change(contact, language="ja")])[0].state == "written"
    assert organization.calls == []


def test_an_emptied_last_name_becomes_the_placeholder_that_is_read_as_empty() -> None:
    organization = Organization()
    contact = organization.contact()
    organization.client.write("contact", [change(contact, last_name=None)])
    assert organization.rows("Contact")[0]["LastName"] == "(unknown)"
    assert [one.value for one in organization.read("contact", contact)[0].claims if one.field == "last_name"] == [None]


def test_a_locked_record_is_tried_once_more_and_then_to_be_read_again() -> None:
    locked = {"success": False, "errors": [{"statusCode": "UNABLE_TO_LOCK_ROW", "message": "x", "fields": []}]}
    done = {"success": True, "id": "003RK0000000002AAA", "errors": []}
    client, http = answering(answer(200, [locked, done]), answer(200, [locked]))
    changes = [change("003RK0000000001AAA", title="x"), change("003RK0000000002AAA", title="x")]
    assert [one.state for one in client.write("contact", changes)] == ["stale", "written"]
    assert [len(call.json["records"]) for call in http.calls[1:]] == [2, 1]


@pytest.mark.parametrize(
    ("code", "fields", "state", "ours"),
    [
        ("DUPLICATES_DETECTED", (), "refused", ()),
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", ("Title",), "refused", ("title",)),
        ("REQUIRED_FIELD_MISSING", ("LastName",), "refused", ("last_name",)),
        ("ENTITY_IS_DELETED", (), "gone", ()),
        ("INVALID_CROSS_REFERENCE_KEY", (), "gone", ()),
        ("INVALID_CROSS_REFERENCE_KEY", ("AccountId",), "refused", ("company_ref",)),
        ("UNABLE_TO_LOCK_ROW", (), "stale", ()),
        ("DUPLICATE_EXTERNAL_ID", (), "several", ()),
        ("SOMETHING_NEW", ("Tier__c",), "refused", ()),
        ("a value <b>", (), "refused", ()),
    ],
)
def test_error_words_say_what_became_of_a_record(
    code: str, fields: tuple[str, ...], state: str, ours: tuple[str, ...]
) -> None:
    outcome = refused(code, fields, "1", FIELDS["Contact"])
    assert (outcome.state, outcome.fields) == (state, ours)
    assert "<b>" not in outcome.reason and outcome.reason.startswith("Salesforce")


def test_a_field_that_is_not_there_refuses_all_and_says_where_to_look() -> None:
    client, _ = answering(answer(400, error("INVALID_FIELD")))
    [outcome] = client.write("contact", [change("003RK0000000001AAA", title="x")])
    assert outcome.state == "refused" and "field map" in outcome.reason and "+81" not in outcome.reason


def test_an_answer_that_is_too_short_is_retried() -> None:
    client, _ = answering(answer(200, []))
    with pytest.raises(Retry, match="each record"):
        client.write("contact", [change("003RK0000000001AAA", title="x")])


def test_leads_and_accounts_are_created_under_our_reference_once() -> None:
    organization = Organization()
    for _ in range(2):
        lead = organization.client.create("lead", NewRecord(reference="l1", fields={"phone": "+819000000006"}))
        account = organization.client.create("company", NewRecord(reference="a1", fields={"name": "Kettle"}))
    assert [row["Id"] for row in organization.rows("Lead")] == [lead.id]
    assert (organization.rows("Lead")[0]["LastName"], organization.rows("Lead")[0]["Company"]) == ("(unknown)",) * 2
    assert [(row["Id"], row["Name"]) for row in organization.rows("Account")] == [(account.id, "Kettle")]
    nameless = organization.client.create("company", NewRecord(reference="a2", fields={"phone": "+819000000006"}))
    assert (nameless.state, nameless.fields) == ("refused", ("name",))


def test_two_records_under_one_reference_are_told() -> None:
    organization = Organization()
    for _ in range(2):
        organization.contact(Renkei_Id__c="r1")
    outcome = organization.client.create("contact", NewRecord(reference="r1", fields={"title": "x"}))
    assert (outcome.state, "remove copies" in outcome.reason) == ("several", True)


def test_what_we_wrote_comes_back_as_ours_unless_it_is_announced_as_a_persons() -> None:
    organization = Organization()
    contact = organization.contact()
    organization.client.write("contact", [change(contact, title="one", city="Kobe")])
    organization.salesforce.misbehaviour.echo_as = "user"
    organization.client.write("contact", [change(contact, title="two")])
    organization.salesforce.edit("Contact", contact, {"Title": "three"})
    told = [_told(hook.envelope) for hook in organization.salesforce.hooks]
    assert [(one.ours, {claim.field: claim.value for claim in one.claims}) for one in told] == [
        (True, {"title": "one", "city": "Kobe"}),
        (False, {"title": "two"}),
        (False, {"title": "three"}),
    ]


def _told(envelope: Any) -> RecordChangedData:
    here = connection(organization_id=envelope["source"].split("/")[2])
    delivery = Delivery(here.id, "salesforce", "crm", "2026-11-23T00:00:00.000Z", json.dumps(envelope).encode())
    body = CONNECTOR.map_delivery(delivery, here).events[0].body()
    assert isinstance(body, RecordChangedData)
    return body


def test_an_organization_that_formats_phones_is_read_back_in_its_own_form() -> None:
    organization = Organization()
    organization.salesforce.organization.formats_phones = True
    contact = organization.contact()
    organization.client.write("contact", [change(contact, phone="+12025550100")])
    held = {one.field: one.value for one in organization.read("contact", contact)[0].claims}
    assert held["phone"] == "(202) 555-0100"
    assert FIELDS["Contact"].same("phone", "+12025550100", held["phone"], region="US")


def test_what_a_flow_writes_upon_our_write_is_told_too() -> None:
    organization = Organization()
    contact = organization.contact()
    flow = organization.salesforce.misbehaviour.automations
    flow.append(lambda _object, _id, values: {"Title": f"{values['Title']}!"})
    organization.client.write("contact", [change(contact, title="one")])
    told = [_told(hook.envelope) for hook in organization.salesforce.hooks]
    assert [{one.field: one.value for one in data.claims}["title"] for data in told] == ["one", "one!"]


def test_a_record_that_was_deleted_and_taken_back_is_told_so_and_read_again() -> None:
    organization = Organization()
    contact = organization.contact(Title="Head")
    organization.salesforce.remove("Contact", contact)
    organization.salesforce.organization.restore("Contact", contact, Origin())
    assert [_told(hook.envelope).change for hook in organization.salesforce.hooks] == ["deleted", "restored"]
    assert organization.read("contact", contact)[0].change == "changed"


# Finding.


def test_a_phone_that_was_written_just_now_may_not_be_found_yet() -> None:
    organization = Organization()
    organization.salesforce.misbehaviour.search_lag_s = 60
    there = organization.contact(Phone="03-0000-0001")
    assert organization.client.find("contact", phone="+81300000001") == []
    organization.clock.sleep(61)
    assert organization.client.find("contact", phone="+81300000001") == [there]


@pytest.mark.parametrize("typed", ["03-0000-0001", "+81 3 0000 0001", "(03) 0000 0001", "0300000001"])
def test_a_phone_is_found_however_it_was_typed(typed: str) -> None:
    organization = Organization()
    there = organization.contact(Phone=typed)
    organization.contact(MobilePhone="03-0000-0002")
    assert organization.client.find("contact", phone="+81300000001") == [there]


def test_a_phone_with_the_same_digits_in_another_country_is_nobodys() -> None:
    organization = Organization()
    organization.contact(Phone="+1 300 000 0010")
    assert organization.client.find("contact", phone="+81300000010") == []


def test_an_email_is_found_without_case_and_with_an_apostrophe() -> None:
    organization = Organization()
    there = organization.contact(Email="O'Neil@Example.com")
    organization.contact(Email="other@example.com")
    assert organization.client.find("contact", email="o'neil@example.com") == [there]


def test_a_deal_is_not_found_by_phone() -> None:
    with pytest.raises(Reject, match="deal of Salesforce"):
        Organization().client.find("deal", phone="+81300000001")


# Listing.


def test_all_records_are_listed_in_pages_each_once_with_their_number() -> None:
    organization = Organization()
    ids = [organization.contact() for _ in range(8)]
    slices = everything(organization, rows=3)
    assert [one.record.id for page in slices for one in page.found if isinstance(one, RecordChangedData)] == ids
    assert [page.total for page in slices] == [8, None, None]


def test_what_changed_since_a_time_is_listed_with_deletions_and_merges() -> None:
    organization = Organization()
    old, edited, deleted, loser = (organization.contact() for _ in range(4))
    organization.clock.sleep(3600)
    since = now(organization)
    organization.salesforce.edit("Contact", edited, {"Title": "x"})
    organization.salesforce.remove("Contact", deleted)
    organization.salesforce.organization.merge("Contact", edited, loser)
    [page] = everything(organization, since)
    found = {one.record.id: one for one in page.found if isinstance(one, RecordChangedData)}
    assert old not in found and found[edited].change == "changed"
    assert set(page.deleted) == {deleted, loser}
    assert [one.value for one in found[loser].identifiers] == [f"contact:{edited}"]


def test_a_list_begins_a_little_earlier_for_what_was_stamped_before_it_was_seen() -> None:
    organization = Organization()
    contact = organization.contact()
    organization.clock.sleep(240)
    [page] = everything(organization, now(organization))
    assert [one.record.id for one in page.found if isinstance(one, RecordChangedData)] == [contact]


def test_a_record_that_changes_while_the_list_is_read_is_not_lost() -> None:
    organization = Organization()
    ids = [organization.contact() for _ in range(5)]
    lists = Listing(organization.client.api, organization.client.connection, organization.client.users, rows=2)
    first = lists.page("contact", None, None)
    organization.clock.sleep(5)
    organization.salesforce.edit("Contact", ids[3], {"Title": "x"})
    found, place = list(first.found), first.next
    while place:
        page = lists.page("contact", None, place)
        found, place = [*found, *page.found], page.next
    assert {one.record.id for one in found if isinstance(one, RecordChangedData)} == set(ids)


@pytest.mark.parametrize("cursor", ["", "x", "2026-01-01T00:00:00Z|003' OR Id != '", "2026-01-01|003RK0000000001AAA"])
def test_a_place_that_is_none_is_rejected_and_never_becomes_part_of_a_query(cursor: str) -> None:
    client, http = answering(answer(200, {}))
    with pytest.raises(Reject, match="begin it anew"):
        client.page("contact", None, cursor)
    assert http.calls == []


def test_a_time_that_is_none_is_rejected() -> None:
    client, _ = answering(answer(200, {}))
    with pytest.raises(Reject, match="RFC 3339"):
        client.page("contact", "yesterday", None)


# Logging.


def test_notes_and_tasks_are_tasks_under_our_reference_and_are_moved_and_taken_back() -> None:
    organization = Organization(log=["call", "message", "note", "task"])
    one, other = organization.contact(), organization.contact()
    note = organization.client.add_note(NOTE.model_copy(update={"contact_id": one}))
    wanted = {"contact_id": one, "owner": "hanako.mori@example.com", "priority": "high"}
    task = organization.client.create_task(TASK.model_copy(update=wanted))
    rows = {row["Id"]: row for row in organization.rows("Task")}
    assert rows[note]["Subject"] == "Note: Likes tea" and rows[note]["Status"] == "Completed"
    assert rows[note]["Description"].startswith("Likes tea\nAnd cake\n")
    expected = {"Status": "Not Started", "Priority": "High", "ActivityDate": "2026-11-22"}
    assert rows[task].items() >= {**expected, "OwnerId": "005RK0000000002AAA"}.items()
    organization.client.move_log("note", note, one, other)
    assert organization.rows("Task")[0]["WhoId"] == other
    for _ in range(2):
        organization.client.take_log("task", task)
    assert [row["Id"] for row in organization.rows("Task")] == [note]


def test_a_task_of_nobody_we_know_is_the_integration_users_and_doing_it_completes_it() -> None:
    organization = Organization()
    contact = organization.contact()
    task = TASK.model_copy(update={"contact_id": contact, "owner": "nobody@example.com"})
    first = organization.client.create_task(task)
    assert organization.client.create_task(task.model_copy(update={"done": True, "due_at": None})) == first
    [row] = organization.rows("Task")
    assert (row["OwnerId"], row["Status"]) == ("005RK0000000001AAA", "Completed")


def test_what_is_not_logged_cannot_be_moved_or_taken() -> None:
    client, http = answering(answer(204))
    with pytest.raises(Reject, match="no fax"):
        client.move_log("fax", "1", "2", "3")
    with pytest.raises(Reject, match="no fax"):
        client.take_log("fax", "1")
    assert http.calls == []


# Metadata.


def test_fields_are_described_with_what_is_custom_required_unique_and_listed() -> None:
    found = {one.name: one for one in Organization().client.describe("contact")}
    assert (found["LastName"].required, found["FirstName"].required) == (True, False)
    assert (found["Renkei_Id__c"].unique, found["Renkei_Id__c"].custom) == (True, True)
    assert (found["Tier__c"].type, found["Tier__c"].options[0]) == ("picklist", ("Gold", "Gold"))
    assert (found["Name"].writable, found["AccountId"].type, found["Email"].type) == (False, "reference", "email")


def test_owners_are_the_active_users() -> None:
    organization = Organization()
    organization.salesforce.rows.of("User")["005RK0000000002AAA"]["IsActive"] = False
    assert [(one.id, one.email) for one in organization.client.owners()] == [
        ("005RK0000000001AAA", "integration@example.com")
    ]


def test_with_consent_the_field_is_created_and_shown_to_the_permission_set() -> None:
    organization = Organization(external_id_field="Hub__c", create_fields=True, permission_set="Renkei")
    organization.salesforce.rows.insert("PermissionSet", {"Name": "Renkei"})
    assert organization.client.plan_set_up() == [
        "Activity has no external id field Hub__c: the hub creates it.",
        "Contact has no external id field Hub__c: the hub creates it.",
    ]
    organization.client.set_up()
    assert organization.client.plan_set_up() == []
    organization.client.set_up()
    contact = organization.client.create("contact", NewRecord(reference="r1", fields={"last_name": "x"}))
    assert organization.rows("Contact")[0]["Hub__c"] == "r1"
    assert organization.client.log_call(CALL.model_copy(update={"contact_id": contact.id}))


def test_a_created_field_that_nobody_sees_is_told_and_creating_it_again_does_no_harm() -> None:
    organization = Organization(external_id_field="Hub__c", create_fields=True)
    for _ in range(2):
        with pytest.raises(Reject, match=r"Activity\.Hub__c was created, but the integration user does not see it"):
            organization.client.set_up()


def test_without_consent_the_plan_says_what_an_administrator_must_do() -> None:
    [plan] = Organization(external_id_field="Hub__c", create_contacts=False).client.plan_set_up()
    assert plan == (
        "Activity has no external id field Hub__c: an administrator must create it: type Text(64), External ID, "
        "Unique (case-sensitive)."
    )


def test_fields_of_the_map_that_the_user_does_not_see_are_named() -> None:
    organization = Organization(log=[])
    organization.salesforce.rows.schema.hidden.add("Contact.Title")
    with pytest.raises(Reject, match="does not see these fields of Contact: Title"):
        organization.client.set_up()


def test_messages_and_notes_are_logged_only_where_the_settings_say_so() -> None:
    assert Organization(log=["note", "task"]).client.logs == {"note", "task"}
    organization = Organization(log_messages=True)
    contact = organization.contact()
    assert organization.client.log_message(MESSAGE.model_copy(update={"contact_id": contact}))


def test_the_day_used_up_is_put_off() -> None:
    organization = Organization()
    organization.salesforce.requests_per_day = 1
    organization.client.describe("contact")
    with pytest.raises(Retry, match="REQUEST_LIMIT_EXCEEDED"):
        organization.client.describe("contact")
