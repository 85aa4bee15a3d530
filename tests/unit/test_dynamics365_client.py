"""Dynamics 365 both ways against an environment that enforces the documented contract, and against each refusal."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.dynamics365 import CONNECTOR
from connectors.dynamics365.client import build
from connectors.dynamics365.listing import Listing
from hub.delivery import Delivery
from hub.domain.commands import AddNote, CreateTask, LogCall, LogMessage
from hub.domain.events import DealData, RecordChangedData, TicketData, instant
from hub.domain.sync import Change, NewRecord, Outcome, Slice
from hub.errors import Reject, Retry
from hub.memory import FakeClock, FakeHttp
from infra.local.standins.dynamics_account import APPLICATION_USER, SOMEBODY
from tests.harness.platforms import LOST
from tests.unit.dynamics_environment import HOST, TOKEN, Environment, answer, answering, connection, error

CALL = LogCall(
    reference="call-1",
    contact_id="",
    direction="inbound",
    started_at="2026-11-20T23:30:00.000Z",
    outcome="voicemail",
    duration_s=61,
    customer_number="+819000000006",
    recording_url="https://api.phone.example/r/1",
    title="Inbound call",
)
MESSAGE = LogMessage(
    reference="message-1",
    contact_id="",
    channel="whatsapp",
    direction="outbound",
    sent_at="2026-11-20T01:02:03.000Z",
    body="<b>こんにちは</b>",
)
NOTE = AddNote(reference="note-1", contact_id="", written_at="2026-11-20T01:02:03.000Z", text="Likes tea\nAnd cake")
TASK = CreateTask(reference="task-1", contact_id="", subject="Call back", due_at="2026-11-22T08:00:00.000Z")
NOBODY = "5a1e5f00-0000-4000-8000-00000000dead"


def change(record_id: str, version: str | None = None, **fields: str | None) -> Change:
    return Change(id=record_id, fields=fields, version=version)


def everything(here: Environment, since: str | None = None, rows: int = 200, kind: str = "contact") -> list[Slice]:
    lists = Listing(here.client.api, here.connection, here.client.users, rows)
    slices = [lists.page(kind, since, None)]
    while slices[-1].next:
        slices.append(lists.page(kind, since, slices[-1].next))
    return slices


def ids(slices: list[Slice]) -> list[str]:
    return [one.record.id for page in slices for one in page.found]


# The connection.


@pytest.mark.parametrize("url", ["", "kobayashi", "http://kobayashi.crm7.dynamics.com", "https://a.example/x"])
def test_an_environment_without_a_usable_address_is_rejected(url: str) -> None:
    with pytest.raises(Reject, match="lacks environment_url"):
        build(connection(environment_url=url), {}, FakeHttp(), FakeClock())


@pytest.mark.parametrize("settings", [{"key_column": "x y"}, {"regarding_task": "a'b"}])
def test_a_name_that_cannot_be_part_of_an_address_is_rejected(settings: dict[str, str]) -> None:
    with pytest.raises(Reject, match=f"setting {next(iter(settings))} is no name"):
        answering(answer(204), **settings)[0].take_log("task", NOBODY)


def test_the_token_is_left_to_the_way_out_where_the_secrets_hold_none() -> None:
    http = FakeHttp(lambda _call: answer(200, {"value": []}))
    build(connection(), {"client_secret": "x"}, http, FakeClock()).owners()
    assert "authorization" not in http.calls[0].headers


def test_a_refused_token_is_retried_much_later_with_what_to_do() -> None:
    client, _ = answering(error(401, "0x80040220"))
    with pytest.raises(Retry, match="application user is enabled") as raised:
        client.owners()
    assert raised.value.after_s == 900


def test_too_many_requests_are_waited_for_as_long_as_the_platform_says() -> None:
    here = Environment()
    here.dynamics.requests_per_300_s = 1
    here.client.owners()
    with pytest.raises(Retry) as raised:
        here.client.owners()
    assert raised.value.after_s == 301


# Reading.


def test_a_contact_is_read_with_its_version_owner_and_account() -> None:
    here = Environment()
    account = here.dynamics.enter("account", {"name": "Kettle Works", "industrycode": 33, "numberofemployees": 12})
    contact = here.contact(
        firstname="彩",
        telephone1="03-0000-0001",
        donotbulkemail=True,
        **{"parentcustomerid_account@odata.bind": f"/accounts({account})"},
    )
    [found] = here.read("contact", contact)
    claims = {one.field: one.value for one in found.claims}
    told = {"first_name": "彩", "name": "彩 小林", "phone": "03-0000-0001", "mobile": None, "company": "Kettle Works"}
    owned = {"owner": "hanako.mori@example.com", "company_ref": f"company:{account}", "consent_email": "denied"}
    assert claims.items() >= {**told, **owned}.items()
    assert {(one.at, one.precision) for one in found.claims} == {(instant(round(here.clock.now() * 1000)), "row")}
    assert found.version and found.version.startswith('W/"')
    assert {one.value for one in found.identifiers} == {f"contact:{contact}", "+81300000001"}
    [company] = here.read("company", account)
    assert {one.field: one.value for one in company.claims}.items() >= {
        "industry": "Wholesale",
        "employees": "12",
    }.items()


def test_what_is_gone_is_deleted_and_a_merged_contact_brings_the_one_that_is_left() -> None:
    here = Environment()
    winner, loser = here.contact(), here.contact(telephone1="03-0000-0001")
    here.dynamics.environment.merge("contact", winner, loser)
    gone, merged, left = here.read("contact", NOBODY, loser)
    assert (gone.record.id, gone.change, len(gone.identifiers)) == (NOBODY, "deleted", 0)
    assert (merged.change, [one.value for one in merged.identifiers]) == ("deleted", [f"contact:{winner}"])
    assert (left.record.id, left.change) == (winner, "changed")


def test_an_id_that_is_none_is_of_nobody_and_never_becomes_part_of_a_query() -> None:
    client, http = answering(answer(200, {"value": []}))
    assert [one.change for one in client.read("contact", ["x') or (1 eq 1"])] == ["deleted"]
    assert http.calls == []


def test_opportunities_and_cases_are_read_as_the_steps_tell_them() -> None:
    here = Environment()
    contact = here.contact()
    bind = {"parentcontactid@odata.bind": f"/contacts({contact})"}
    sale = {"name": "Tea", "estimatedvalue": 1980, "estimatedclosedate": "2026-12-24", "closeprobability": 40}
    deal = here.dynamics.enter("opportunity", {**sale, **bind})
    ticket = here.dynamics.enter(
        "incident",
        {"title": "Broken", "description": "In two", "customerid_contact@odata.bind": f"/contacts({contact})"},
    )
    [one], [two] = here.client.read("deal", [deal]), here.client.read("ticket", [ticket])
    assert isinstance(one, DealData) and isinstance(two, TicketData)
    assert (one.title, one.status, one.amount, one.currency) == ("Tea", "open", "1980", "JPY")
    assert (one.close_date, one.contacts[0].id, one.owner) == ("2026-12-24", contact, "hanako.mori@example.com")
    assert (two.title, two.description, two.status, two.priority) == ("Broken", "In two", "open", "Normal")
    assert two.contacts[0].id == contact


def test_kinds_that_cannot_be_written_are_refused_in_a_sentence() -> None:
    client, http = answering(answer(204))
    with pytest.raises(Reject, match="deal records cannot be written: company, contact, lead can"):
        client.write("deal", [change(NOBODY, title="x")])
    assert http.calls == []


@pytest.mark.parametrize(
    "body", [{"value": [{"contactid": NOBODY}]}, {"value": [{"contactid": NOBODY, "modifiedon": 7}]}]
)
def test_a_row_without_its_times_is_retried(body: Any) -> None:
    client, _ = answering(answer(200, body))
    with pytest.raises(Retry, match="without modifiedon"):
        client.read("contact", [NOBODY])


def test_a_connections_own_lines_are_read_and_written() -> None:
    lines = {"x_reference": "renkei_id", "title": None}
    here = Environment(field_maps={"contact": {"version": 1, "lines": lines}})
    contact = here.contact(renkei_id="A-1", jobtitle="Head")
    assert {one.field: one.value for one in here.read("contact", contact)[0].claims}["x_reference"] == "A-1"
    here.client.write("contact", [change(contact, x_reference="A-2", title="x")])
    [row] = here.rows("contact")
    assert (row["renkei_id"], row["jobtitle"]) == ("A-2", "Head")


# Writing.


def test_differences_are_written_row_by_row_and_say_what_became_of_each() -> None:
    here = Environment()
    good, gone, long = here.contact(telephone1="1"), here.contact(), here.contact()
    here.dynamics.remove("contact", gone)
    changes = [change(good, title="部長", phone=None), change(gone, title="x"), change(long, title="x" * 101)]
    written, lost, refused = here.client.write("contact", changes)
    assert (written, lost.state) == (Outcome(state="written", id=good), "gone")
    assert (refused.state, refused.reason) == ("refused", "Dynamics: a text is longer than its column (0x80044331)")
    assert [(row["jobtitle"], row["telephone1"]) for row in here.rows("contact")[:1]] == [("部長", None)]
    assert NOBODY not in here.dynamics.rows.of("contact")


def test_a_row_that_changed_since_it_was_read_is_stale_and_left_as_it_is() -> None:
    here = Environment()
    contact = here.contact()
    [before] = here.read("contact", contact)
    here.dynamics.edit("contact", contact, {"telephone1": "03-0000-0001"})
    assert here.client.write("contact", [change(contact, before.version, title="x")])[0].state == "stale"
    assert here.rows("contact")[0].get("jobtitle") is None
    [after] = here.read("contact", contact)
    assert here.client.write("contact", [change(contact, after.version, title="x")])[0].state == "written"


def test_nothing_is_created_by_writing_a_difference() -> None:
    here = Environment()
    assert here.client.write("contact", [change(NOBODY, title="x"), change("1", title="x")])[0].state == "gone"
    assert here.rows("contact") == []


def test_a_reference_is_bound_emptied_and_refused_where_its_record_is_not_there() -> None:
    here = Environment()
    contact, account = here.contact(), here.dynamics.enter("account", {"name": "Kettle Works"})
    assert here.client.write("contact", [change(contact, company_ref=f"company:{account}")])[0].state == "written"
    assert here.rows("contact")[0]["parentcustomerid"] == {"table": "account", "id": account}
    [refused] = here.client.write("contact", [change(contact, company_ref=f"company:{NOBODY}", title="x")])
    assert (refused.state, refused.fields) == ("refused", ("company_ref",))
    assert here.client.write("contact", [change(NOBODY, company_ref=f"company:{account}")])[0].state == "gone"
    here.client.write("contact", [change(contact, company_ref=None)])
    assert here.rows("contact")[0]["parentcustomerid"] is None


def test_fields_that_dynamics_does_not_have_are_not_sent() -> None:
    here = Environment()
    assert here.client.write("contact", [change(here.contact(), language="ja")])[0].state == "written"
    assert here.calls == []


@pytest.mark.parametrize(
    ("status", "code", "state"),
    [
        (412, "0x80060882", "stale"),
        (412, "0x80060892", "refused"),
        (403, "0x80040220", "refused"),
        (400, "0x80048d19", "refused"),
        (404, "0x80040217", "gone"),
        (400, "no code at all", "refused"),
    ],
)
def test_every_refusal_of_a_row_is_its_outcome_and_repeats_no_value(status: int, code: str, state: str) -> None:
    client, _ = answering(error(status, code))
    [outcome] = client.write("contact", [change(NOBODY, title="x")])
    assert outcome.state == state
    assert "+81" not in outcome.reason and outcome.reason.startswith("Dynamics")


def test_a_contact_is_created_once_under_our_reference_and_then_changed() -> None:
    here = Environment()
    first = here.client.create(
        "contact", NewRecord(reference="r1", fields={"name": "小林彩", "phone": "+819000000006"})
    )
    again = here.client.create("contact", NewRecord(reference="r1", fields={"title": "部長", "phone": None}))
    [row] = here.rows("contact")
    assert [first.id, again.id] == [row["contactid"]] * 2
    expected = {"lastname": "小林彩", "telephone1": "+819000000006", "jobtitle": "部長", "renkei_id": "r1"}
    assert row.items() >= expected.items()


def test_a_reference_that_no_address_should_hold_is_hashed() -> None:
    here = Environment()
    for _ in range(2):
        here.client.create("lead", NewRecord(reference="a/b' or 1", fields={"last_name": "x"}))
    [row] = here.rows("lead")
    assert len(row["renkei_id"]) == 64


def test_without_the_key_nothing_is_created() -> None:
    here = Environment(key_column="missing_id")
    outcome = here.client.create("contact", NewRecord(reference="r1", fields={"last_name": "x"}))
    assert (outcome.state, here.rows("contact")) == ("refused", [])


def test_an_answer_that_does_not_name_the_row_is_retried() -> None:
    client, _ = answering(answer(200, {}))
    with pytest.raises(Retry, match="which row"):
        client.create("contact", NewRecord(reference="r1", fields={"last_name": "x"}))


def test_what_we_wrote_comes_back_as_ours_unless_it_is_announced_as_a_persons() -> None:
    here = Environment()
    contact = here.contact()
    here.client.write("contact", [change(contact, title="one")])
    here.dynamics.misbehaviour.echo_as = "user"
    here.client.write("contact", [change(contact, title="two")])
    here.dynamics.edit("contact", contact, {"jobtitle": "three"})
    told = [_told(here, hook.body) for hook in here.dynamics.hooks]
    titles = [{one.field: one.value for one in data.claims if one.precision == "field"}.get("title") for data in told]
    assert list(zip([data.ours for data in told], titles, strict=True)) == [
        (False, None),
        (True, "one"),
        (False, "two"),
        (False, "three"),
    ]


def _told(here: Environment, body: bytes) -> RecordChangedData:
    delivery = Delivery(here.connection.id, "dynamics365", "crm", "2026-11-23T00:00:00.000Z", body)
    data = CONNECTOR.map_delivery(delivery, here.connection).events[0].body()
    assert isinstance(data, RecordChangedData)
    return data


def test_what_a_plug_in_writes_upon_our_write_is_told_too() -> None:
    here = Environment()
    contact = here.contact()
    here.dynamics.misbehaviour.automations.append(
        lambda _table, _id, values: {"jobtitle": str(values["jobtitle"]) + "!"}
    )
    here.client.write("contact", [change(contact, title="one")])
    last = {one.field: one.value for one in _told(here, here.dynamics.hooks[-1].body).claims}
    assert (last["title"], here.rows("contact")[0]["jobtitle"]) == ("one!", "one!")


# Finding.


@pytest.mark.parametrize("typed", ["03-0000-0001", "+81 3 0000 0001", "0300000001", "03-0000-00-01", "03.0000.00.01"])
def test_a_phone_is_found_however_it_was_typed(typed: str) -> None:
    here = Environment()
    there = here.contact(mobilephone=typed)
    here.contact(telephone1="06-0000-0001")
    assert here.client.find("contact", phone="+81300000001") == [there]


def test_an_email_is_found_without_case_and_with_an_apostrophe() -> None:
    here = Environment()
    there = here.contact(emailaddress1="O'Neil@Example.com")
    here.contact(emailaddress1="other@example.com")
    assert here.client.find("contact", email="o'neil@example.com") == [there]


def test_a_deal_is_not_found_by_phone() -> None:
    with pytest.raises(Reject, match="deal of Dynamics"):
        Environment().client.find("deal", phone="+81300000001")


# Listing.


def test_all_rows_are_listed_with_what_changed_and_went_while_they_were() -> None:
    here = Environment()
    there = [here.contact() for _ in range(5)]
    lists = Listing(here.client.api, here.connection, here.client.users, rows=2)
    pages = [lists.page("contact", None, None)]
    here.dynamics.remove("contact", there[0])
    here.dynamics.edit("contact", there[1], {"jobtitle": "new"})
    late = here.contact()
    while pages[-1].next:
        pages.append(lists.page("contact", None, pages[-1].next))
    assert set(ids(pages)) == {*there, late}
    assert [one for page in pages for one in page.deleted] == [there[0]]
    assert [page.total for page in pages if page.total] == [5]
    *_, edited = (one for page in pages for one in page.found if one.record.id == there[1])
    assert isinstance(edited, RecordChangedData)
    assert {one.field: one.value for one in edited.claims}["title"] == "new"


def test_a_table_without_change_tracking_is_listed_in_the_order_of_change() -> None:
    here = Environment()
    there = []
    for number in range(5):
        there.append(here.dynamics.enter("opportunity", {"name": f"Deal {number}"}))
        here.clock.sleep(number % 2)
    pages = everything(here, rows=2, kind="deal")
    assert ids(pages) == there
    assert [len(page.found) for page in pages] == [2, 2, 1]


def test_what_changed_since_a_time_is_listed_with_merges_and_from_a_little_earlier() -> None:
    here = Environment()
    old = here.contact()
    here.clock.sleep(3600)
    before = here.contact()
    here.clock.sleep(200)
    since = instant(round(here.clock.now() * 1000))
    winner, loser = here.contact(), here.contact()
    here.dynamics.environment.merge("contact", winner, loser)
    pages = everything(here, since, rows=2)
    assert old not in ids(pages) and {before, winner, loser} == set(ids(pages))
    assert [one for page in pages for one in page.deleted] == [loser]


def test_a_row_that_changes_while_the_list_is_read_is_not_lost() -> None:
    here = Environment()
    there = [here.contact() for _ in range(5)]
    lists = Listing(here.client.api, here.connection, here.client.users, rows=2)
    pages = [lists.page("contact", "2026-01-01T00:00:00.000Z", None)]
    here.clock.sleep(5)
    here.dynamics.edit("contact", there[3], {"jobtitle": "x"})
    while pages[-1].next:
        pages.append(lists.page("contact", "2026-01-01T00:00:00.000Z", pages[-1].next))
    assert set(ids(pages)) == set(there)


@pytest.mark.parametrize(
    "cursor", ["", "x", "m accounts?$skiptoken=1", "t contacts/../x?1", "m contacts", "m contacts? "]
)
def test_a_place_that_is_none_is_rejected_and_never_asked_for(cursor: str) -> None:
    client, http = answering(answer(200, {"value": []}))
    with pytest.raises(Reject, match="begin it anew"):
        client.page("contact", None, cursor)
    assert http.calls == []


def test_a_link_that_leads_out_of_the_environment_is_not_followed() -> None:
    row = {"value": [], "@odata.nextLink": "https://evil.example/api/data/v9.2/contacts?x"}
    client, _ = answering(answer(200, row))
    with pytest.raises(Retry, match="leads out"):
        client.page("contact", "2026-01-01T00:00:00.000Z", None)


def test_a_time_that_is_none_is_rejected() -> None:
    client, _ = answering(answer(200, {"value": []}))
    with pytest.raises(Reject, match="RFC 3339"):
        client.page("contact", "yesterday", None)


def test_a_role_that_may_not_count_has_no_total() -> None:
    client, _ = answering(error(403, "0x80040220"), answer(200, {"value": []}))
    assert client.page("contact", None, None).total is None


# Logging.


def test_a_call_is_logged_in_minutes_with_its_party_and_is_completed() -> None:
    here = Environment()
    contact = here.contact()
    call = here.client.log_call(CALL.model_copy(update={"contact_id": contact}))
    [row] = here.rows("phonecall")
    assert row["activityid"] == call
    shown = {"actualdurationminutes": 2, "directioncode": False, "leftvoicemail": True, "phonenumber": "+819000000006"}
    assert row.items() >= {**shown, "statecode": 1, "statuscode": 4, "subject": "Inbound call"}.items()
    assert row["regardingobjectid"] == {"table": "contact", "id": contact}
    assert row["parties"] == [{"partyid_contact@odata.bind": f"/contacts({contact})", "participationtypemask": 1}]
    assert "Recording: https://api.phone.example/r/1" in row["description"]


@pytest.mark.parametrize("at", [1, 2])
def test_logging_again_after_a_lost_answer_makes_no_second_one(at: int) -> None:
    here = Environment()
    call = CALL.model_copy(update={"contact_id": here.contact(), "direction": "outbound"})
    here.trouble = lambda _call: LOST if len(here.calls) == at else None
    first = here.client.log_call(call)
    assert here.client.log_call(call.model_copy(update={"duration_s": 0})) == first
    assert here.platforms.met[LOST] == 1
    [row] = here.rows("phonecall")
    assert (row["actualdurationminutes"], row["statuscode"]) == (0, 2)


def test_messages_and_done_tasks_are_completed_tasks_and_notes_are_annotations() -> None:
    here = Environment()
    contact = here.contact()
    here.client.log_message(MESSAGE.model_copy(update={"contact_id": contact}))
    wanted = {"contact_id": contact, "owner": "hanako.mori@example.com", "priority": "high"}
    here.client.create_task(TASK.model_copy(update=wanted))
    here.client.create_task(TASK.model_copy(update={"contact_id": contact, "reference": "two", "done": True}))
    note = here.client.add_note(NOTE.model_copy(update={"contact_id": contact, "author": "Mori"}))
    message, task, done = here.rows("task")
    assert (message["subject"], message["statecode"]) == ("WhatsApp message to the customer", 1)
    assert message["description"].startswith("<b>こんにちは</b>\n")
    assert (task["statecode"], task["prioritycode"], task["scheduledend"]) == (0, 2, "2026-11-22T08:00:00.000Z")
    assert (task["ownerid"]["id"], done["ownerid"]["id"]) == (SOMEBODY, APPLICATION_USER)
    assert (done["statecode"], done["statuscode"]) == (1, 5)
    [row] = here.rows("annotation")
    assert (row["annotationid"], row["subject"], row["objectid"]["id"]) == (note, "Likes tea", contact)
    assert row["notetext"].endswith("By: Mori")


def test_a_long_text_is_cut_to_what_its_column_holds_and_keeps_the_facts() -> None:
    here = Environment()
    long = {"contact_id": here.contact(), "body": "長" * 5_000}
    here.client.log_message(MESSAGE.model_copy(update=long))
    text = here.rows("task")[0]["description"]
    assert len(text) <= 2_000 and text.endswith("[cut off]\nSent: 2026-11-20T01:02:03.000Z")


def test_what_is_about_a_lead_is_logged_on_the_lead() -> None:
    here = Environment()
    lead = here.dynamics.enter("lead", {"lastname": "小林"})
    here.client.log_call(CALL.model_copy(update={"contact_id": lead}))
    here.client.log_message(MESSAGE.model_copy(update={"contact_id": lead}))
    assert here.rows("phonecall")[0]["regardingobjectid"] == {"table": "lead", "id": lead}
    assert here.rows("task")[0]["regardingobjectid"] == {"table": "lead", "id": lead}


def test_nobody_is_logged_on_nobody() -> None:
    here = Environment()
    with pytest.raises(Reject, match="404"):
        here.client.log_call(CALL.model_copy(update={"contact_id": NOBODY}))
    with pytest.raises(Reject, match="contact's id"):
        here.client.log_call(CALL.model_copy(update={"contact_id": "1"}))
    assert here.rows("phonecall") == []


def test_logs_are_moved_and_taken_back_more_than_once_without_harm() -> None:
    here = Environment()
    one, other = here.contact(), here.contact()
    call = here.client.log_call(CALL.model_copy(update={"contact_id": one, "direction": "outbound"}))
    note = here.client.add_note(NOTE.model_copy(update={"contact_id": one}))
    for _ in range(2):
        here.client.move_log("call", call, one, other)
        here.client.move_log("note", note, one, other)
    [moved], [written] = here.rows("phonecall"), here.rows("annotation")
    assert moved["regardingobjectid"]["id"] == written["objectid"]["id"] == other
    assert moved["parties"] == [{"partyid_contact@odata.bind": f"/contacts({other})", "participationtypemask": 2}]
    for _ in range(2):
        here.client.take_log("call", call)
    assert here.rows("phonecall") == []


def test_what_is_not_logged_cannot_be_moved_or_taken() -> None:
    client, http = answering(answer(204))
    with pytest.raises(Reject, match="no fax"):
        client.move_log("fax", NOBODY, "2", NOBODY)
    with pytest.raises(Reject, match="none of Dynamics"):
        client.take_log("call", "../contacts")
    assert http.calls == []


@pytest.mark.parametrize(
    ("settings", "logs"), [({"log": []}, set()), ({"log": ["note", "fax"]}, {"note"}), ({"log": None}, set())]
)
def test_the_settings_say_what_is_logged(settings: dict[str, Any], logs: set[str]) -> None:
    assert answering(answer(204), **settings)[0].logs == logs


# Metadata.


def test_columns_are_described_with_what_is_custom_required_unique_and_listed() -> None:
    found = {one.name: one for one in Environment().client.describe("contact")}
    assert (found["lastname"].required, found["firstname"].required, found["fullname"].writable) == (True, False, False)
    assert (found["renkei_id"].unique, found["renkei_id"].custom) == (True, True)
    assert (found["statuscode"].type, found["statuscode"].options[0]) == ("picklist", ("1", "Active"))
    assert (found["donotphone"].type, found["parentcustomerid"].type) == ("boolean", "reference")


def test_owners_are_the_users_who_are_not_disabled() -> None:
    here = Environment()
    here.dynamics.rows.of("systemuser")[APPLICATION_USER]["isdisabled"] = True
    assert [(one.id, one.email) for one in here.client.owners()] == [(SOMEBODY, "hanako.mori@example.com")]


def test_with_consent_column_and_key_are_made_and_waited_for() -> None:
    here = Environment(key_column="kettle_ref", create_columns=True, create_companies=True)
    here.dynamics.key_building_s = 120
    assert here.client.plan_set_up() == [
        f"The table {table} has no active alternate key of kettle_ref: the hub creates column and key."
        for table in ("contact", "account")
    ]
    for _ in range(2):
        with pytest.raises(Retry, match="still building the alternate key of contact, account"):
            here.client.set_up()
    here.clock.sleep(121)
    here.client.set_up()
    assert here.client.plan_set_up() == []
    here.client.create("contact", NewRecord(reference="r1", fields={"last_name": "x"}))
    assert here.rows("contact")[0]["kettle_ref"] == "r1"


def test_without_consent_set_up_says_what_an_administrator_must_make() -> None:
    here = Environment(key_column="kettle_ref")
    with pytest.raises(
        Reject, match="contact has no active alternate key of kettle_ref: make a text column kettle_ref"
    ):
        here.client.set_up()
    assert {call.method for call in here.calls} == {"GET"}


def test_set_up_asks_for_nothing_where_nothing_is_created() -> None:
    here = Environment(create_contacts=False)
    here.client.set_up()
    assert here.calls == []


def test_every_request_says_which_odata_it_speaks() -> None:
    client, http = answering(answer(200, {"value": []}))
    client.owners()
    call = http.calls[0]
    assert call.url.startswith(f"https://{HOST}/api/data/v9.2/systemusers?$select=")
    assert call.headers.items() >= {"authorization": f"Bearer {TOKEN}", "odata-version": "4.0"}.items()
