"""Differences written to HubSpot: one outcome per record, in batches, and nothing that it would not take."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.hubspot.client import build
from connectors.hubspot.refusals import DUPLICATE, problem
from hub.domain.sync import Change, NewRecord, Outcome
from hub.errors import Reject, Retry
from hub.memory import FakeClock, FakeHttp, HttpCall
from hub.ports import HttpResponse
from tests.unit.hubspot_account import TOKEN, Account

AYA = {"lastname": "Kobayashi", "email": "aya@example.com"}


def change(record_id: str, version: str | None = None, **fields: str | None) -> Change:
    return Change(id=record_id, fields=fields, version=version)


def test_only_the_given_fields_are_written_and_none_empties_one() -> None:
    account = Account()
    aya = account.crm.enter("contacts", AYA | {"jobtitle": "Manager", "city": "Kobe"})
    [outcome] = account.client.write("contact", [change(aya, title=None, phone="+819000000006")])
    assert outcome == Outcome(state="written", id=aya)
    assert account.crm.held("contacts", aya) == AYA | {"city": "Kobe", "phone": "+819000000006"}
    sent = account.calls[-1]["body"]["inputs"]
    assert sent == [{"id": aya, "properties": {"jobtitle": "", "phone": "+819000000006"}, "objectWriteTraceId": "0"}]


def test_a_company_is_written_too() -> None:
    account = Account()
    works = account.crm.enter("companies", {"name": "Kettle"})
    change_ = change(works, name="Kettle Works", employees="12", owner="Jon.Support@example.com")
    assert account.client.write("company", [change_])[0].state == "written"
    expected = {"name": "Kettle Works", "numberofemployees": "12", "hubspot_owner_id": "7700002"}
    assert account.crm.held("companies", works) == expected


def test_every_change_of_a_batch_has_its_own_outcome_in_order() -> None:
    account = Account()
    taken = account.crm.enter("contacts", AYA)
    people = [account.crm.enter("contacts", {"lastname": str(number)}) for number in range(4)]
    outcomes = account.client.write(
        "contact",
        [
            change(people[0], title="Manager"),
            change(people[1], email="AYA@example.com", title="Director"),
            change("999", title="Nobody"),
            change(people[2], email="no address"),
            change(people[3], language="klingon", title="Director"),
            change(taken, title="Manager"),
        ],
    )
    assert [one.state for one in outcomes] == ["written", "refused", "gone", "refused", "refused", "written"]
    assert [one.fields for one in outcomes[1:5]] == [("email",), (), ("email",), ("language",)]
    assert (outcomes[1].reason, outcomes[2].id) == (DUPLICATE, "999")
    assert account.crm.held("contacts", people[1]) == {"lastname": "1"}
    assert not any("aya" in one.reason.lower() or "klingon" in one.reason for one in outcomes)


def test_an_owner_whom_hubspot_does_not_know_is_refused_before_anything_is_sent() -> None:
    account = Account()
    aya = account.crm.enter("contacts", AYA)
    [outcome] = account.client.write("contact", [change(aya, owner="nobody@example.com", title="Manager")])
    assert (outcome.state, outcome.fields) == ("refused", ("owner",))
    assert "no user has that e-mail address" in outcome.reason
    assert account.crm.held("contacts", aya) == AYA


def test_a_record_that_changed_since_it_was_read_is_stale_and_the_others_are_written() -> None:
    account = Account()
    aya, mori = (account.crm.enter("contacts", {"lastname": name}) for name in ("Kobayashi", "Mori"))
    versions = {one: account.record("contact", one).version for one in (aya, mori)}
    account.clock.sleep(1)
    account.crm.edit("contacts", aya, {"jobtitle": "Director"})
    changes = [change(one, versions[one], title="Manager") for one in (aya, mori)]
    stale, written = account.client.write("contact", changes)
    assert (stale.state, stale.version) == ("stale", account.record("contact", aya).version)
    assert written.state == "written"
    assert (account.crm.held("contacts", aya) or {})["jobtitle"] == "Director"


def test_more_than_a_hundred_changes_go_in_several_batches_and_no_batch_names_a_record_twice() -> None:
    account = Account()
    people = [account.crm.enter("contacts", {"lastname": str(number)}) for number in range(101)]
    changes = [change(one, title="Manager") for one in people] + [change(people[100], title="Director")]
    assert {one.state for one in account.client.write("contact", changes)} == {"written"}
    assert (account.crm.held("contacts", people[100]) or {})["jobtitle"] == "Director"
    sizes = [len(call["body"]["inputs"]) for call in account.calls if call["path"].endswith("/batch/update")]
    assert sizes == [100, 1, 1]


def test_nothing_is_sent_where_nothing_is_to_be_written() -> None:
    account = Account()
    before = len(account.calls)
    assert (account.client.write("contact", []), len(account.calls)) == ([], before)


def test_a_change_of_fields_that_hubspot_has_no_property_for_is_done_without_asking() -> None:
    account = Account()
    aya = account.crm.enter("contacts", AYA)
    before = len(account.calls)
    assert account.client.write("contact", [change(aya, tags="vip")]) == [Outcome(state="written", id=aya)]
    assert len(account.calls) == before


def test_the_lifecycle_goes_forward_only() -> None:
    account = Account()
    aya = account.crm.enter("contacts", AYA | {"lifecyclestage": "customer"})
    assert account.client.write("contact", [change(aya, lifecycle="lead")])[0].state == "written"
    assert account.claims("contact", aya)["lifecycle"].value == "customer"
    for stage in (None, "lead"):
        account.client.write("contact", [change(aya, lifecycle=stage)])
    assert account.claims("contact", aya)["lifecycle"].value == "lead"


# Creating.


def test_a_new_record_is_created_once_for_its_reference_even_if_the_answer_was_lost() -> None:
    account = Account()
    lost = iter(["answer lost"])
    account.platforms.trouble = lambda call: next(lost, None) if call.path.endswith("upsert") else None
    record = NewRecord(reference="r1", fields={"last_name": "Mori", "phone": "+819000000006", "title": None})
    outcome = account.client.create("contact", record)
    assert list(account.crm.records.of("contacts")) == [outcome.id]
    held = {"lastname": "Mori", "phone": "+819000000006", "renkei_id": "r1"}
    assert account.crm.held("contacts", outcome.id) == held


def test_a_new_contact_with_an_address_that_is_taken_is_refused_by_that_field() -> None:
    account = Account()
    account.crm.enter("contacts", AYA)
    outcome = account.client.create("contact", NewRecord(reference="r1", fields={"email": "aya@example.com"}))
    assert (outcome.state, outcome.fields) == ("refused", ("email",))
    assert len(account.crm.records.of("contacts")) == 1


def test_an_owner_of_a_new_record_who_is_unknown_is_refused_too() -> None:
    outcome = Account().client.create("company", NewRecord(reference="r1", fields={"owner": "x@example.com"}))
    assert (outcome.state, outcome.fields) == ("refused", ("owner",))


@pytest.mark.parametrize("kind", ["deal", "lead"])
def test_kinds_that_are_not_written_are_rejected(kind: str) -> None:
    account = Account()
    with pytest.raises(Reject, match=f"{kind} records are not written"):
        account.client.write(kind, [change("1", name="x")])
    with pytest.raises(Reject, match=f"{kind} records are not written"):
        account.client.create(kind, NewRecord(reference="r", fields={}))


# Answers that no account of ours gives.


def answering(*bodies: tuple[int, Any]) -> tuple[Any, FakeHttp]:
    waiting = list(bodies)

    def answer(_call: HttpCall) -> HttpResponse:
        status, body = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return HttpResponse(status, {}, json.dumps(body).encode())

    http = FakeHttp(answer)
    return build(Account(set_up=False).connection, {"access_token": TOKEN}, http, FakeClock()), http


def told(name: str, code: str, **more: Any) -> dict[str, Any]:
    return {"category": "VALIDATION_ERROR", "errors": [{"code": code, "context": {"propertyName": [name]}}], **more}


def test_a_batch_that_is_refused_whole_is_sent_one_by_one() -> None:
    row = {"results": [{"id": "2", "objectWriteTraceId": "1"}]}
    client, http = answering(
        (400, {"category": "VALIDATION_ERROR"}), (400, told("jobtitle", "INVALID_STRING")), (200, row)
    )
    refused, written = client.write("contact", [change("1", title="x"), change("2", title="y")])
    assert (refused.state, refused.id, refused.fields) == ("refused", "1", ("title",))
    assert written == Outcome(state="written", id="2")
    assert [len(call.json["inputs"]) for call in http.calls] == [2, 1, 1]


def test_an_error_that_names_the_record_and_no_trace_is_that_records() -> None:
    missing = {"category": "OBJECT_NOT_FOUND", "context": {"ids": ["1"]}}
    row = {"id": "2", "objectWriteTraceId": "1"}
    client, _ = answering((207, {"results": [row], "errors": [missing]}))
    outcomes = client.write("contact", [change("1", title="x"), change("2", title="y")])
    assert [one.state for one in outcomes] == ["gone", "written"]


@pytest.mark.parametrize("category", ["INTERNAL_ERROR", "RATE_LIMITS"])
def test_a_part_that_failed_for_a_passing_reason_is_tried_again(category: str) -> None:
    error = {"category": category, "context": {"objectWriteTraceId": ["0"]}}
    client, _ = answering((207, {"results": [], "errors": [error]}))
    with pytest.raises(Retry, match=category):
        client.write("contact", [change("1", title="x")])


def test_rows_without_a_trace_are_told_apart_by_their_ids() -> None:
    client, _ = answering((200, {"results": [{"id": "2"}, {"id": "1"}]}))
    outcomes = client.write("contact", [change("1", title="x"), change("2", title="y")])
    assert [(one.state, one.id) for one in outcomes] == [("written", "1"), ("written", "2")]


def test_an_answer_that_leaves_a_record_out_is_tried_again() -> None:
    client, _ = answering((200, {"results": [{"id": "7"}, {}]}))
    with pytest.raises(Retry, match="did not say what became"):
        client.write("contact", [change("1", title="x"), change("2", title="y")])


def test_a_record_that_another_worker_creates_at_this_moment_is_tried_again() -> None:
    client, _ = answering((400, told("renkei_id", "CONFLICTING_UNIQUE_VALUE")))
    with pytest.raises(Retry, match="another worker"):
        client.create("contact", NewRecord(reference="r", fields={"title": "x"}))


def test_a_fault_that_stands_in_the_message_as_json_is_found_and_never_repeated() -> None:
    listed = json.dumps([{"isValid": False, "error": "INVALID_EMAIL", "name": "email", "message": "x@y is invalid"}])
    found = problem(400, {"category": "VALIDATION_ERROR", "message": f"Property values were not valid: {listed}"})
    assert found.faults == {"email": "INVALID_EMAIL"}
    outcome = found.outcome({"email": "email"})
    assert outcome.fields == ("email",)
    assert "x@y" not in outcome.reason


def test_an_unnamed_refusal_concerns_the_whole_change() -> None:
    client, _ = answering((400, {"category": "VALIDATION_ERROR", "message": "no"}))
    [outcome] = client.write("contact", [change("1", title="x")])
    assert (outcome.state, outcome.fields) == ("refused", ())
    assert "HubSpot answered 400 VALIDATION_ERROR" in outcome.reason
