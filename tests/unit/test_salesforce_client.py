"""Salesforce's client against an organization that enforces the documented contract, and against each refusal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest

from connectors.salesforce import CONNECTOR
from connectors.salesforce.activities import LONGEST_TEXT, call_task, message_task
from connectors.salesforce.api import MOST_RECORDS
from connectors.salesforce.client import build
from connectors.salesforce.ids import canonical
from hub.domain.commands import LogCall
from hub.domain.sync import NewRecord
from hub.errors import Reject, Retry
from hub.memory import FakeClock, FakeHttp, MemorySecrets, memory_hub
from hub.outgoing import client_for
from hub.ports import HttpResponse
from infra.local.standins.accounts import public_key
from tests.harness.platforms import LOST
from tests.unit.salesforce_organization import (
    CALL,
    GRANTED,
    INSTANCE,
    MESSAGE,
    TOKEN_PATH,
    USER,
    Organization,
    answer,
    answering,
    connection,
    error,
    private_key,
)

# The session.


def test_the_assertion_is_signed_for_the_login_host_and_short_lived() -> None:
    organization = Organization()
    organization.client.read("contact", ["003RK0000000001"])
    form = parse_qs(organization.calls[0].body.decode())
    assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
    audience = "https://login.salesforce.com"
    claims = jwt.decode(
        form["assertion"][0],
        public_key(private_key()),
        algorithms=["RS256"],
        audience=audience,
        options={"verify_exp": False},
    )
    expected = {"iss": "app-1", "sub": USER, "aud": audience, "exp": int(organization.clock.now()) + 180}
    assert claims == expected


def test_every_request_carries_the_token_and_names_the_client() -> None:
    client, http = answering(answer(200, []))
    client.read("contact", ["003RK0000000001"])
    call = http.calls[1]
    assert call.headers["authorization"] == "Bearer token-1"
    assert call.headers["sforce-call-options"] == "client=renkei"
    assert call.url == f"{INSTANCE}/services/data/v67.0/composite/sobjects/Contact"


def test_one_token_serves_every_invocation_until_it_is_old() -> None:
    organization = Organization()
    secrets = MemorySecrets({connection().id: {"private_key": private_key()}})
    hub = memory_hub(secrets=secrets, http=organization.http, clock=organization.clock)
    for _ in range(3):
        client_for(hub, connection(), CONNECTOR).read("contact", ["003RK0000000001"])
    assert organization.tokens_asked == 1
    organization.clock.sleep(2701)
    client_for(hub, connection(), CONNECTOR).read("contact", ["003RK0000000001"])
    assert organization.tokens_asked == 2


def test_a_session_that_ended_early_is_replaced_once_and_the_request_repeated() -> None:
    organization = Organization()
    contact = organization.contact()
    organization.client.read("contact", [contact])
    organization.salesforce.tokens.clear()
    assert organization.client.read("contact", [contact])[0].change == "changed"
    assert organization.tokens_asked == 2


def test_a_fresh_token_that_is_refused_too_is_retried_much_later_with_what_to_do() -> None:
    client, http = answering(answer(401, error("INVALID_SESSION_ID")))
    with pytest.raises(Retry, match="may use the API") as raised:
        client.read("contact", ["003RK0000000001"])
    assert raised.value.after_s == 900
    assert [call.url.endswith(TOKEN_PATH) for call in http.calls] == [True, False, True, False]


@pytest.mark.parametrize(
    "granted",
    [
        answer(400, {"error": "invalid_grant", "error_description": f"user {USER} is not allowed"}),
        answer(200, {"access_token": "token-1"}),
        answer(200, {}),
        HttpResponse(400, {}, b"<html>"),
    ],
)
def test_no_token_is_retried_much_later_and_names_nobody(granted: HttpResponse) -> None:
    client, _ = answering(answer(200, []), granted=granted)
    with pytest.raises(Retry, match="no access token") as raised:
        client.read("contact", ["003RK0000000001"])
    assert raised.value.after_s == 900
    assert USER not in str(raised.value)


def test_a_key_of_another_organization_is_rejected() -> None:
    foreign = {**GRANTED, "id": "https://login.salesforce.com/id/00DRK0000009ZZZMAA/005"}
    client, http = answering(answer(200, []), granted=foreign)
    with pytest.raises(Retry, match="another organization"):
        client.read("contact", ["003RK0000000001"])
    assert len(http.calls) == 1


@pytest.mark.parametrize("instance", ["https://evil.example", "https://kobayashi.my.salesforce.com.evil.example"])
def test_a_token_is_never_sent_to_a_host_that_is_not_salesforces(instance: str) -> None:
    client, http = answering(answer(200, []), granted={**GRANTED, "instance_url": instance})
    with pytest.raises(Reject):
        client.read("contact", ["003RK0000000001"])
    assert [call.url for call in http.calls] == [f"https://login.salesforce.com{TOKEN_PATH}"]


@pytest.mark.parametrize("name", ["client_id", "username"])
def test_a_missing_setting_is_rejected_by_name(name: str) -> None:
    with pytest.raises(Reject, match=f"lacks {name}"):
        build(connection(**{name: ""}), {"private_key": private_key()}, FakeHttp(), FakeClock())


def test_a_missing_key_and_one_that_is_none_are_rejected_without_showing_it() -> None:
    with pytest.raises(Reject, match="lacks private_key"):
        build(connection(), {}, FakeHttp(), FakeClock())
    client = build(connection(), {"private_key": "no-key-at-all"}, FakeHttp(), FakeClock())
    with pytest.raises(Reject, match="RSA key in PEM") as raised:
        client.read("contact", ["003RK0000000001"])
    assert "no-key-at-all" not in str(raised.value)


# Reading.


def test_a_contact_is_read_with_the_time_of_its_row_and_says_what_is_empty() -> None:
    organization = Organization()
    contact = organization.contact(FirstName="彩", Phone="090-0000-0006", Email="Aya@Example.co.jp")
    found = organization.read("contact", contact)[0]
    at = organization.rows("Contact")[0]["LastModifiedDate"].replace("+0000", "Z")
    held = {"first_name": "彩", "last_name": "小林", "name": "小林彩", "phone": "090-0000-0006"}
    assert {one.field: one.value for one in found.claims}.items() >= {**held, "mobile": None, "title": None}.items()
    assert {(one.at, one.precision) for one in found.claims} == {(at, "row")}
    assert found.version == at
    assert [(one.kind, one.value) for one in found.identifiers] == [
        ("record", f"contact:{contact}"),
        ("phone", "+819000000006"),
        ("email", "aya@example.co.jp"),
    ]


def test_a_contact_that_is_gone_is_deleted_and_its_neighbours_are_read() -> None:
    organization = Organization()
    there = organization.contact()
    gone = canonical("003RK00000ZZZZZ") or ""
    found = organization.client.read("contact", [gone, there, gone])
    assert [(one.record.id, one.change) for one in found] == [(gone, "deleted"), (there, "changed")]


def test_many_contacts_are_read_in_parts_each_asked_for_once() -> None:
    client, http = answering(answer(200, []))
    ids = [f"003RK{number:010d}" for number in range(MOST_RECORDS + 1)]
    assert len(client.read("contact", [*ids, *ids])) == len(ids)
    asked = [call.json["ids"] for call in http.calls if call.url.endswith("/composite/sobjects/Contact")]
    assert [len(some) for some in asked] == [MOST_RECORDS, 1]


def test_a_row_without_its_time_is_retried() -> None:
    row = {"Id": "003RK0000000001", "LastName": "x", "CreatedDate": "2026-01-01T00:00:00.000+0000"}
    client, _ = answering(answer(200, [row]))
    with pytest.raises(Retry, match="without LastModifiedDate"):
        client.read("contact", ["003RK0000000001"])


# Writing.


def test_a_contact_is_created_once_and_then_updated() -> None:
    organization = Organization()
    new = NewRecord(reference="r1", fields={"name": "小林彩", "phone": "+819000000006", "title": None})
    first = organization.client.create("contact", new)
    again = organization.client.create("contact", NewRecord(reference="r1", fields={"title": "部長"}))
    rows = organization.rows("Contact")
    assert [first.id, again.id] == [rows[0]["Id"]] * 2
    assert (len(rows), first.state) == (1, "written")
    expected = {"LastName": "小林彩", "Phone": "+819000000006", "Title": "部長", "Renkei_Id__c": "r1"}
    assert rows[0].items() >= expected.items()


def test_a_new_contact_without_a_name_gets_a_placeholder_that_is_never_read_back_or_written_over_a_name() -> None:
    organization = Organization()
    contact = organization.client.create("contact", NewRecord(reference="r1", fields={"phone": "+819000000006"})).id
    assert organization.rows("Contact")[0]["LastName"] == "(unknown)"
    claims = organization.read("contact", contact)[0].claims
    assert {one.field for one in claims if one.value} == {"phone", "owner"}
    organization.rows("Contact")[0]["LastName"] = "小林"
    organization.client.create("contact", NewRecord(reference="r1", fields={"phone": "+819000000009"}))
    assert organization.rows("Contact")[0]["LastName"] == "小林"


def test_a_call_is_logged_as_a_completed_task_in_salesforces_words_and_units() -> None:
    organization = Organization()
    contact = organization.contact()
    task = organization.client.log_call(CALL.model_copy(update={"contact_id": contact, "duration_s": 65}))
    row = organization.rows("Task")[0]
    assert row["Id"] == task
    assert (
        row.items()
        >= {
            "Renkei_Id__c": "call-1",
            "WhoId": contact,
            "Subject": "Inbound call",
            "Status": "Completed",
            "TaskSubtype": "Call",
            "CallType": "Inbound",
            "CallDurationInSeconds": 65,
            "CallDisposition": "No answer",
            "ActivityDate": "2026-11-20",
        }.items()
    )
    for fact in ("お問い合わせ", "2026-11-20T23:30:00.000Z", "+819000000006", "https://api.phone.example/r/1"):
        assert fact in row["Description"]


def test_logging_again_after_a_lost_answer_changes_nothing_though_a_subtype_cannot_be_changed() -> None:
    organization = Organization()
    call = CALL.model_copy(update={"contact_id": organization.contact()})
    lost = ["/Task/"]
    organization.trouble = lambda request: LOST if lost and lost[0] in request.path and lost.pop() else None
    first = organization.client.log_call(call)
    assert organization.client.log_call(call) == first
    assert organization.platforms.met[LOST] == 1
    rows = organization.rows("Task")
    assert [(row["Id"], row["TaskSubtype"]) for row in rows] == [(first, "Call")]


def test_a_message_is_logged_as_a_completed_task_with_its_text_as_it_is() -> None:
    organization = Organization(log_messages=True)
    contact = organization.contact()
    organization.client.log_message(MESSAGE.model_copy(update={"contact_id": contact}))
    row = organization.rows("Task")[0]
    assert (row["WhoId"], row["Subject"]) == (contact, "WhatsApp message from the customer")
    assert row["Description"].startswith("<b>こんにちは</b>\n")


def test_zero_seconds_are_logged_and_unknown_ones_are_not() -> None:
    assert call_task(CALL)["CallDurationInSeconds"] == 0
    bare = LogCall(reference="r", contact_id="1", direction="unknown", started_at=CALL.started_at, title="x" * 300)
    task = call_task(bare)
    assert {"CallDurationInSeconds", "CallType", "CallDisposition"} & task.keys() == set()
    assert len(task["Subject"]) == 255


def test_a_long_text_is_cut_to_what_a_description_holds_and_keeps_the_facts() -> None:
    text = message_task(MESSAGE.model_copy(update={"body": "長" * 40_000}))["Description"]
    assert len(text) <= LONGEST_TEXT
    assert text.endswith("[cut off]\nSent: 2026-11-20T01:02:03.000Z")


@pytest.mark.parametrize(
    ("settings", "logs"),
    [
        ({}, {"call", "note", "task"}),
        ({"log_messages": True}, {"call", "message", "note", "task"}),
        ({"log_messages": "yes"}, {"call", "note", "task"}),
        ({"log": []}, set()),
        ({"log": ["message", "fax"]}, {"message"}),
    ],
)
def test_the_settings_say_what_is_logged(settings: dict[str, Any], logs: set[str]) -> None:
    assert build(connection(**settings), {"private_key": private_key()}, FakeHttp(), FakeClock()).logs == logs


# Setting up.


def test_set_up_is_content_where_the_fields_are_there() -> None:
    organization = Organization()
    organization.client.set_up()
    described = [call.path for call in organization.calls if call.path.endswith("describe")]
    assert [path.split("/")[-2] for path in described] == ["Task", "Contact"]


@pytest.mark.parametrize(("settings", "label"), [({}, "Activity"), ({"log": []}, "Contact")])
def test_set_up_says_what_an_administrator_must_create(settings: dict[str, Any], label: str) -> None:
    organization = Organization(external_id_field="Missing__c", **settings)
    with pytest.raises(Reject, match=f"{label} has no external id field Missing__c: an administrator must create it"):
        organization.client.set_up()


def test_set_up_asks_for_nothing_where_nothing_is_written() -> None:
    organization = Organization(log=[], create_contacts=False, external_id_field="Missing__c")
    organization.client.set_up()
    assert organization.calls == []


def test_writing_without_the_external_id_field_is_rejected() -> None:
    with pytest.raises(Reject, match="404 NOT_FOUND"):
        Organization(external_id_field="Missing__c").client.log_call(CALL)


# Refusals.


def test_several_tasks_under_one_external_id_are_rejected_with_what_to_do() -> None:
    client, _ = answering(answer(300, ["/a", "/b"]))
    with pytest.raises(Reject, match="several records of Task have one Renkei_Id__c: make the field unique"):
        client.log_call(CALL)


@pytest.mark.parametrize(
    ("status", "code", "after_s"),
    [(403, "REQUEST_LIMIT_EXCEEDED", 900), (400, "UNABLE_TO_LOCK_ROW", 5), (409, "SERVER_UNAVAILABLE", 30)],
)
def test_what_passes_by_itself_is_retried_later(status: int, code: str, after_s: int) -> None:
    client, _ = answering(answer(status, error(code)))
    with pytest.raises(Retry, match=code) as raised:
        client.log_call(CALL)
    assert raised.value.after_s == after_s


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, "INVALID_FIELD"), (403, "INSUFFICIENT_ACCESS"), (404, "NOT_FOUND"), (400, "REQUIRED_FIELD_MISSING")],
)
def test_any_other_refusal_is_rejected_by_its_code_and_repeats_no_value(status: int, code: str) -> None:
    client, _ = answering(answer(status, error(code)))
    commands: list[Callable[[], object]] = [
        lambda: client.log_call(CALL),
        lambda: client.read("contact", ["003RK0000000001"]),
    ]
    for command in commands:
        with pytest.raises(Reject, match=f"{status} {code}") as raised:
            command()
        assert "+81" not in str(raised.value)


def test_a_reference_from_elsewhere_cannot_change_the_path() -> None:
    client, http = answering(answer(200, {"id": "00TRK0000000001"}))
    client.log_call(CALL.model_copy(update={"reference": "../Contact?x=1"}))
    assert http.calls[-1].url.endswith("/sobjects/Task/Renkei_Id__c/..%2FContact%3Fx%3D1")


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b"[]", b'[{"errorCode": "a b +81"}]', b'[{"errorCode": 7}]'])
def test_a_refusal_without_a_readable_reason_is_still_a_refusal(body: bytes) -> None:
    client, _ = answering(HttpResponse(400, {}, body))
    with pytest.raises(Reject, match="400 unknown"):
        client.read("contact", ["003RK0000000001"])


def test_an_answer_that_does_not_say_what_was_written_is_retried() -> None:
    client, _ = answering(answer(200, {"success": True}))
    with pytest.raises(Retry, match="which record"):
        client.log_call(CALL)
