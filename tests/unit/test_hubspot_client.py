"""HubSpot's client against an account that enforces the documented contract, and against each refusal."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from connectors.hubspot.activities import LONGEST_BODY, OUTCOMES, as_html, call_properties
from connectors.hubspot.client import HubSpotClient, build
from connectors.hubspot.reading import MOST_READ
from connectors.hubspot.writing import ID_PROPERTY
from hub.delivery import Connection
from hub.domain.commands import LogCall, LogMessage
from hub.domain.events import Claim, RecordChangedData
from hub.domain.sync import Found, NewRecord, Outcome, SyncClient
from hub.errors import Busy, Reject, Retry
from hub.http import HttpClient
from hub.memory import FakeClock, FakeHttp, HttpCall
from hub.ports import HttpResponse
from infra.local.standins.hubspot import HubSpot
from infra.local.standins.server import Call
from tests.harness.platforms import LOST, Platforms, hubspot_account

TOKEN = "pat-of-the-example"
CALL = LogCall(
    reference="call-1",
    contact_id="1",
    direction="inbound",
    started_at="2026-11-20T01:02:03.000Z",
    outcome="answered",
    duration_s=65,
    customer_number="+819000000006",
    business_number="+815000000007",
    recording_url="https://api.phone.example/r/1",
    title="Inbound call",
    body="1 < 2 & 3",
)
MESSAGE = LogMessage(
    reference="message-1",
    contact_id="1",
    channel="whatsapp",
    direction="inbound",
    sent_at="2026-11-20T01:02:03.000Z",
    body="<script>alert(1)</script>\nこんにちは",
)


def connection(**settings: Any) -> Connection:
    return Connection("h" * 26, "hubspot", settings={"portal_id": "480077", "default_region": "JP", **settings})


class Account:
    """A client on an account of the stand-in, reached through the real HTTP client."""

    def __init__(self, *, ready: bool = True) -> None:
        self.hubspot: HubSpot = hubspot_account(TOKEN)
        self.platforms = Platforms({"api.hubapi.com": self.hubspot.standin()})
        clock = FakeClock()
        http = HttpClient(clock=clock, exchange=self.platforms.exchange, uniform=lambda: 0.0)
        self.client: SyncClient = build(connection(), {"access_token": TOKEN}, http, clock)
        if ready:
            self.client.set_up()

    def rows(self, kind: str) -> list[dict[str, Any]]:
        rows = self.hubspot.standin()
        found = next(handler for _, path, handler in rows.admin if path == "/_standin/records")
        body: dict[str, list[dict[str, Any]]] = found(None).body  # type: ignore[arg-type]
        return body[kind]

    def contact(self, **properties: str) -> str:
        return self.hubspot.records.create("contacts", properties, source="CRM_UI").id


def answering(*answers: HttpResponse) -> tuple[HubSpotClient, FakeHttp]:
    """A client whose requests are answered in order, the last answer for ever."""
    waiting = list(answers)
    http = FakeHttp(lambda _call: waiting.pop(0) if len(waiting) > 1 else waiting[0])
    return build(connection(), {"access_token": TOKEN}, http, FakeClock()), http


def answer(status: int, body: Any = None, headers: Mapping[str, str] | None = None) -> HttpResponse:
    return HttpResponse(status, headers or {}, json.dumps(body).encode())


def error(category: str, **more: str) -> dict[str, Any]:
    secret = "Property values were not valid: +819000000006"
    return {"status": "error", "message": secret, "correlationId": "c", "category": category, **more}


# Reading.

SHOWN = {
    "id": "77",
    "archived": False,
    "createdAt": "2026-01-02T03:04:05.678Z",
    "updatedAt": "2026-11-20T00:00:00.000Z",
    "url": "https://app.hubspot.com/contacts/480077/record/0-1/77",
    "properties": {
        "firstname": "彩",
        "lastname": "小林",
        "email": "Aya@Example.co.jp",
        "phone": "090-0000-0006",
        "mobilephone": "",
        "jobtitle": "部長",
        "company": None,
        "lifecyclestage": "customer",
        "hs_additional_emails": "aya.k@example.co.jp;kobayashi@example.co.jp",
    },
    "propertiesWithHistory": {
        "firstname": [{"value": "彩", "timestamp": "2026-03-01T00:00:00Z", "sourceType": "CRM_UI"}],
        # Oldest first: the order is not relied on.
        "lastname": [
            {"value": "高木", "timestamp": "2026-02-01T00:00:00Z", "sourceType": "CRM_UI"},
            {"value": "小林", "timestamp": "2026-04-01T00:00:00.5Z", "sourceType": "CRM_UI"},
        ],
        "mobilephone": [{"value": "", "timestamp": "2026-05-01T00:00:00Z", "sourceType": "CRM_UI"}],
        "jobtitle": [{"value": "部長", "timestamp": "2026-06-01T09:00:00+09:00", "sourceType": "CRM_UI"}],
        "phone": [{"value": "090-0000-0006", "timestamp": "not a time", "sourceType": "CRM_UI"}],
        "company": [],
    },
}


def claims(found: RecordChangedData) -> dict[str, Claim]:
    return {claim.field: claim for claim in found.claims}


def records(found: Sequence[Found]) -> list[RecordChangedData]:
    return [one for one in found if isinstance(one, RecordChangedData)]


def read_one(shown: Any, *ids: str) -> list[RecordChangedData]:
    client, _ = answering(answer(200, {"status": "COMPLETE", "results": [shown]}))
    return records(client.read("contact", ids or ["77"]))


def test_each_field_is_claimed_since_its_own_last_change() -> None:
    found = claims(read_one(SHOWN)[0])
    assert found["first_name"] == Claim(field="first_name", value="彩", at="2026-03-01T00:00:00.000Z")
    assert found["last_name"] == Claim(field="last_name", value="小林", at="2026-04-01T00:00:00.500Z")
    assert found["title"] == Claim(field="title", value="部長", at="2026-06-01T00:00:00.000Z")


def test_the_whole_name_is_as_new_as_its_newer_part() -> None:
    assert claims(read_one(SHOWN)[0])["name"] == Claim(field="name", value="小林彩", at="2026-04-01T00:00:00.500Z")


def test_a_field_without_a_readable_history_is_claimed_since_the_rows_change() -> None:
    expected = Claim(field="phone", value="090-0000-0006", at="2026-11-20T00:00:00.000Z", precision="row")
    assert claims(read_one(SHOWN)[0])["phone"] == expected


def test_an_emptied_field_is_claimed_as_empty_and_one_that_never_had_a_value_is_not() -> None:
    found = claims(read_one(SHOWN)[0])
    assert found["mobile"] == Claim(field="mobile", value=None, at="2026-05-01T00:00:00.000Z")
    assert "company" not in found


def test_a_contact_is_identified_by_record_phones_and_every_email() -> None:
    found = read_one(SHOWN)[0]
    assert [(one.kind, one.value) for one in found.identifiers] == [
        ("record", "contact:77"),
        ("phone", "+819000000006"),
        ("email", "aya@example.co.jp"),
        ("email", "aya.k@example.co.jp"),
        ("email", "kobayashi@example.co.jp"),
    ]
    assert found.created_at == "2026-01-02T03:04:05.678Z"
    assert found.record.url == "https://app.hubspot.com/contacts/480077/record/0-1/77"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "http://app.hubspot.com/x", 7, None])
def test_a_link_that_is_not_https_is_left_out(url: Any) -> None:
    assert read_one({**SHOWN, "url": url})[0].record.url is None


def test_an_archived_contact_is_deleted() -> None:
    assert read_one({**SHOWN, "archived": True})[0].change == "deleted"


def test_a_contact_that_is_not_answered_for_is_deleted_and_a_merged_one_brings_the_survivor() -> None:
    found = {one.record.id: one.change for one in read_one(SHOWN, "76", "77", "76")}
    assert found == {"76": "deleted", "77": "changed"}


def test_missing_contacts_in_a_partial_answer_are_deleted() -> None:
    account = Account()
    there = account.contact(lastname="小林", phone="090-0000-0006")
    found = records(account.client.read("contact", [there, "9"]))
    assert [(one.record.id, one.change) for one in found] == [(there, "changed"), ("9", "deleted")]
    assert claims(found[0])["phone"].precision == "field"


@pytest.mark.parametrize(("category", "failure"), [("INTERNAL_ERROR", Retry), ("VALIDATION_ERROR", Reject)])
def test_another_error_in_a_partial_answer_never_deletes_a_contact(category: str, failure: type[Exception]) -> None:
    body = {"status": "COMPLETE", "results": [], "numErrors": 1, "errors": [error(category)]}
    client, _ = answering(answer(207, body))
    with pytest.raises(failure, match=category):
        client.read("contact", ["77"])


@pytest.mark.parametrize("body", [None, [], "x", {"results": None}, {"results": [None, {}, {"id": None}]}])
def test_an_answer_of_an_odd_shape_names_no_contact(body: Any) -> None:
    client, _ = answering(answer(200, body))
    assert [one.change for one in client.read("contact", ["77"])] == ["deleted"]


def test_many_contacts_are_read_in_parts_each_asked_for_once() -> None:
    client, http = answering(answer(200, {"results": []}))
    ids = [str(number) for number in range(2 * MOST_READ + 1)]
    assert len(client.read("contact", [*ids, *ids])) == len(ids)
    sizes = [len(call.json["inputs"]) for call in http.calls]
    assert sizes == [MOST_READ, MOST_READ, 1]
    assert {call.url for call in http.calls} == {"https://api.hubapi.com/crm/objects/2026-09/contacts/batch/read"}
    assert set(http.calls[0].json) == {"inputs", "properties", "propertiesWithHistory"}


def test_nothing_is_asked_where_no_contact_is_wanted() -> None:
    client, http = answering(answer(500))
    assert (client.read("contact", []), http.calls) == ([], [])


# Writing.


def test_a_contact_is_created_once_and_then_updated() -> None:
    account = Account()
    first = account.client.create(
        "contact", NewRecord(reference="r1", fields={"name": "小林彩", "phone": "+819000000006", "email": None})
    )
    again = account.client.create("contact", NewRecord(reference="r1", fields={"title": "部長"}))
    rows = account.rows("contacts")
    assert [first, again] == [Outcome(state="written", id=rows[0]["id"])] * 2
    written = {"renkei_id": "r1", "lastname": "小林彩", "phone": "+819000000006", "jobtitle": "部長"}
    assert rows[0]["properties"].items() >= written.items()
    assert len(rows) == 1


def test_a_call_is_logged_on_its_contact_in_hubspots_words_and_units() -> None:
    account = Account()
    contact = account.contact(lastname="小林")
    call_id = account.client.log_call(CALL.model_copy(update={"contact_id": contact}))
    row = account.rows("calls")[0]
    assert row["id"] == call_id
    assert row["associations"] == [{"object": "contacts", "id": contact}]
    assert (
        row["properties"].items()
        >= {
            "renkei_id": "call-1",
            "hs_timestamp": "2026-11-20T01:02:03.000Z",
            "hs_call_duration": "65000",
            "hs_call_direction": "INBOUND",
            "hs_call_status": "COMPLETED",
            "hs_call_disposition": "f240bbac-87c9-4f6e-bf70-924b57d47db7",
            "hs_call_from_number": "+819000000006",
            "hs_call_to_number": "+815000000007",
            "hs_call_recording_url": "https://api.phone.example/r/1",
            "hs_call_body": "1 &lt; 2 &amp; 3",
        }.items()
    )


@pytest.mark.parametrize(("channel", "theirs"), [("whatsapp", "WHATS_APP"), ("sms", "SMS")])
def test_a_message_is_logged_on_its_contact_with_its_text_escaped(channel: str, theirs: str) -> None:
    account = Account()
    contact = account.contact(lastname="小林")
    account.client.log_message(MESSAGE.model_copy(update={"contact_id": contact, "channel": channel}))
    row = account.rows("communications")[0]
    assert row["associations"] == [{"object": "contacts", "id": contact}]
    assert (
        row["properties"].items()
        >= {
            "hs_communication_channel_type": theirs,
            "hs_communication_logged_from": "CRM",
            "hs_communication_body": "From the customer:<br>&lt;script&gt;alert(1)&lt;/script&gt;<br>こんにちは",
        }.items()
    )


def test_logging_again_after_a_lost_answer_changes_nothing() -> None:
    account = Account()
    contact = account.contact(lastname="小林")
    call = CALL.model_copy(update={"contact_id": contact})
    lost: list[str] = []

    def trouble(request: Call) -> str | None:
        return LOST if lost and lost[-1] in request.path and lost.pop() else None

    account.platforms.trouble = trouble
    for path in ("batch/upsert", "associations"):
        lost.append(path)
        account.client.log_call(call)
    account.client.log_call(call)
    assert account.platforms.met[LOST] == 2
    rows = account.rows("calls")
    assert len(rows) == 1
    assert rows[0]["associations"] == [{"object": "contacts", "id": contact}]


def test_a_contact_that_is_gone_is_rejected() -> None:
    with pytest.raises(Reject, match="404 OBJECT_NOT_FOUND"):
        Account().client.log_call(CALL.model_copy(update={"contact_id": "999"}))


def test_every_outcome_has_words_that_hubspot_knows() -> None:
    account = Account()
    contact = account.contact(lastname="小林")
    outcomes = [*OUTCOMES, "unknown", None]
    for number, outcome in enumerate(outcomes):
        account.client.log_call(
            CALL.model_copy(update={"reference": str(number), "contact_id": contact, "outcome": outcome})
        )
    assert len(account.rows("calls")) == len(outcomes)


def test_what_is_unknown_about_a_call_is_left_out_and_zero_seconds_are_not() -> None:
    bare = LogCall(reference="r", contact_id="1", direction="unknown", started_at=CALL.started_at, title="Call")
    assert call_properties(bare) == {"hs_timestamp": CALL.started_at, "hs_call_title": "Call"}
    assert call_properties(bare.model_copy(update={"duration_s": 0}))["hs_call_duration"] == "0"


def test_an_outbound_call_goes_from_our_number_to_the_customers() -> None:
    properties = call_properties(CALL.model_copy(update={"direction": "outbound"}))
    assert (properties["hs_call_from_number"], properties["hs_call_to_number"]) == ("+815000000007", "+819000000006")


def test_a_recording_that_is_not_https_is_left_out() -> None:
    properties = call_properties(CALL.model_copy(update={"recording_url": "http://api.phone.example/r/1"}))
    assert "hs_call_recording_url" not in properties


@pytest.mark.parametrize("text", ["a" * 70_000, "<" * 70_000, "\n" * 70_000, "'" * 70_000])
def test_a_long_text_is_cut_to_what_a_body_holds_and_says_so(text: str) -> None:
    shown = as_html(text)
    assert len(shown) <= LONGEST_BODY
    assert shown.endswith("[cut off]")


def test_an_id_from_elsewhere_cannot_change_the_path() -> None:
    client, http = answering(answer(200, {"results": [{"id": "5"}]}))
    client.log_call(CALL.model_copy(update={"contact_id": "../../9?x=1"}))
    assert http.calls[-1].url.endswith("/calls/5/associations/default/contacts/..%2F..%2F9%3Fx%3D1")


@pytest.mark.parametrize(
    ("log", "logs"),
    [(None, {"call", "message", "note", "task"}), ([], set()), (["call"], {"call"}), (["message", "fax"], {"message"})],
)
def test_the_settings_say_what_is_logged(log: Sequence[str] | None, logs: set[str]) -> None:
    settings = {} if log is None else {"log": log}
    assert build(connection(**settings), {"access_token": TOKEN}, FakeHttp(), FakeClock()).logs == logs


# Setting up.


def test_set_up_creates_the_unique_property_everywhere_and_may_be_repeated() -> None:
    account = Account(ready=False)
    account.client.set_up()
    account.client.set_up()
    kinds = ("contacts", "companies", "calls", "communications", "notes", "tasks")
    assert all(account.hubspot.schema.is_unique(kind, ID_PROPERTY) for kind in kinds)


def test_set_up_puts_the_property_into_the_group_of_its_neighbour() -> None:
    created: list[Any] = []

    def answer_of(call: HttpCall) -> HttpResponse:
        if call.method == "POST":
            created.append(call.json)
            return answer(201, call.json)
        missing = call.url.endswith(ID_PROPERTY)
        return answer(404, error("OBJECT_NOT_FOUND")) if missing else answer(200, {"groupName": "their_group"})

    build(connection(), {"access_token": TOKEN}, FakeHttp(answer_of), FakeClock()).set_up()
    assert [one["groupName"] for one in created] == ["their_group"] * 6
    required = {"name", "label", "type", "fieldType", "groupName"}
    assert all(required <= one.keys() and one["hasUniqueValue"] is True for one in created)


def test_somebody_creating_the_property_at_the_same_moment_is_no_fault() -> None:
    answers = {"POST": answer(409, error("OBJECT_ALREADY_EXISTS")), "GET": answer(404)}
    http = FakeHttp(lambda call: answers[call.method])
    build(connection(), {"access_token": TOKEN}, http, FakeClock()).set_up()
    assert sum(call.method == "POST" for call in http.calls) == 6


def test_what_set_up_would_create_is_planned_and_nothing_once_it_is_there() -> None:
    account = Account(ready=False)
    assert "the unique property renkei_id on companies" in account.client.plan_set_up()
    account.client.set_up()
    assert account.client.plan_set_up() == []


def test_a_property_of_that_name_that_is_not_unique_is_rejected_with_what_to_do() -> None:
    client, _ = answering(answer(200, {"name": ID_PROPERTY, "hasUniqueValue": False}))
    with pytest.raises(Reject, match="renkei_id of contacts is not unique: delete it"):
        client.set_up()


def test_writing_before_set_up_is_rejected() -> None:
    with pytest.raises(Reject, match=r"VALIDATION_ERROR and named no field: set up"):
        Account(ready=False).client.create("contact", NewRecord(reference="r1", fields={"title": "x"}))


# Refusals.


@pytest.mark.parametrize(
    ("status", "category", "failure", "words"),
    [
        (401, "INVALID_AUTHENTICATION", Retry, "create a new one and store it as access_token"),
        (403, "MISSING_SCOPES", Reject, "lacks a scope"),
        (404, "OBJECT_NOT_FOUND", Reject, "no such record"),
        (409, "CONFLICT", Reject, "already has that e-mail"),
        (400, "VALIDATION_ERROR", Reject, "does not fit"),
        (302, "x", Reject, "302"),
    ],
)
def test_a_refusal_says_what_to_do_and_repeats_no_value(
    status: int, category: str, failure: type[Exception], words: str
) -> None:
    client, _ = answering(answer(status, error(category)))
    with pytest.raises(failure, match=words) as raised:
        client.log_call(CALL)
    assert "+81" not in str(raised.value)
    assert TOKEN not in str(raised.value)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"category": "a b\\n+819000000006"}', b'{"category": 7}'])
def test_a_refusal_without_a_readable_reason_is_still_a_refusal(body: bytes) -> None:
    client, _ = answering(HttpResponse(400, {}, body))
    with pytest.raises(Reject, match="400 unknown"):
        client.read("contact", ["1"])


@pytest.mark.parametrize(
    ("status", "body", "asked_s", "after_s", "words"),
    [
        (429, {"errorType": "RATE_LIMIT", "policyName": "DAILY"}, 10, 3600, "daily limit"),
        (429, {"errorType": "RATE_LIMIT", "policyName": "TEN_SECONDLY_ROLLING"}, 10, 10, "ten seconds"),
        (423, {}, 2, 2, "locked"),
        (477, {}, 7200, 7200, "moving the account"),
        (503, {}, 5, 5, "503"),
    ],
)
def test_a_platform_that_puts_us_off_is_asked_later(
    status: int, body: Any, asked_s: int, after_s: int, words: str
) -> None:
    class Off:
        def request(self, method: str, url: str, **_more: Any) -> HttpResponse:
            raise Busy(f"api.hubapi.com answered {status}", asked_s, status, json.dumps(body).encode())

    client = build(connection(), {"access_token": TOKEN}, Off(), FakeClock())
    with pytest.raises(Retry, match=words) as raised:
        client.read("contact", ["1"])
    assert raised.value.after_s == after_s


def test_without_a_token_of_its_own_the_request_is_left_to_the_one_that_authorizes() -> None:
    http = FakeHttp(lambda _call: answer(200, {"results": []}))
    bare = build(connection(), {"signing": []}, http, FakeClock())
    bare.read("contact", ["1"])
    assert "authorization" not in {name.lower() for name in http.calls[-1].headers or {}}


def test_a_proxys_page_in_place_of_the_api_is_retried() -> None:
    client, _ = answering(HttpResponse(200, {}, b"<html>Welcome</html>"))
    with pytest.raises(Retry, match="not JSON"):
        client.read("contact", ["1"])
