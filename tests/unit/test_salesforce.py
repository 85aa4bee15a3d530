"""Salesforce: what its deliveries become, beyond the examples in its folder."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.salesforce import ACK, CONNECTOR, without_session_id
from connectors.salesforce.ids import canonical, same_organization
from hub.connector import authenticate
from hub.delivery import Connection, Delivery, Request
from hub.domain.events import Mapped, RecordChangedData, RecordTouchedData
from hub.errors import Quarantine, Unauthorized
from hub.parsing import parse_xml

ORGANIZATION = "00DRK0000008xYz"
CONTACT = "003RK000005AbCdYAK"
SETTINGS = {"organization_id": ORGANIZATION, "default_region": "JP"}
CONNECTION = Connection("s" * 26, "salesforce", settings=SETTINGS)
RECEIVED = "2026-11-22T12:00:00.000Z"


def change(kind: str = "UPDATE", body: dict[str, Any] | None = None, **header: Any) -> dict[str, Any]:
    known = {
        "entityName": "Contact",
        "recordIds": [CONTACT],
        "changeType": kind,
        "changeOrigin": "",
        "transactionKey": "0000aaaa-0000-4000-8000-000000000001",
        "sequenceNumber": 1,
        "commitTimestamp": 1_795_348_000_000,
        "commitUser": "005RK000007Q9ZAYA0",
        "changedFields": [],
    }
    return {"ChangeEventHeader": known | header, **(body or {})}


def mapped(document: Any, **settings: Any) -> Mapped:
    body = document.encode() if isinstance(document, str) else json.dumps(document).encode()
    connection = Connection(CONNECTION.id, "salesforce", settings={**SETTINGS, **settings})
    return CONNECTOR.map_delivery(Delivery(CONNECTION.id, "salesforce", "crm", RECEIVED, body), connection)


def changed(document: Any) -> RecordChangedData:
    return RecordChangedData.model_validate(mapped(document).events[0].data)


def values(data: RecordChangedData) -> dict[str, str | None]:
    return {claim.field: claim.value for claim in data.claims}


# Ids.


@pytest.mark.parametrize(
    ("short", "full"),
    [
        # Three groups of five, one letter for the upper-case ones of each: none, all, first only, last only.
        ("000000000000000", "000000000000000AAA"),
        ("AAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAA555"),
        ("A0000a0000000000"[:15], "A0000a000000000BAA"),
        ("0000A0000A0000A", "0000A0000A0000AQQQ"),
        ("001RM000004UF9s", "001RM000004UF9sYAG"),
    ],
)
def test_an_id_of_15_characters_gets_the_checksum_of_its_letter_case(short: str, full: str) -> None:
    assert canonical(short) == full
    assert canonical(full) == full


@given(st.text("ABab01", min_size=15, max_size=15), st.integers(0, 14))
def test_two_ids_that_differ_in_letter_case_only_differ_in_their_checksum(short: str, place: int) -> None:
    other = short[:place] + short[place].swapcase() + short[place + 1 :]
    one, two = canonical(short), canonical(other)
    assert one is not None and two is not None
    assert (one[15:] == two[15:]) == (short == other)


@pytest.mark.parametrize(
    "text", ["", "001*", "0" * 14, "0" * 16, "0" * 19, "00000000000000-", "０" * 15, None, 15, ["0" * 15]]
)
def test_what_is_no_id_has_no_canonical_form(text: object) -> None:
    assert canonical(text) is None


def test_organizations_are_compared_in_either_form_and_by_case() -> None:
    assert same_organization(ORGANIZATION, canonical(ORGANIZATION))
    assert not same_organization(ORGANIZATION, ORGANIZATION.lower())
    assert not same_organization(None, None)
    assert not same_organization("", "")


# Change events.


def test_a_changed_field_that_is_absent_was_emptied_and_one_that_was_not_changed_is_not_claimed() -> None:
    data = changed(change(body={"Title": "課長", "Phone": "03-0000-0008"}, changedFields=["Title", "Email"]))
    assert values(data) == {"title": "課長", "email": None}
    assert set(data.changed) == {"title", "email"}


def test_a_field_named_only_as_nulled_was_emptied() -> None:
    assert values(changed(change(nulledFields=["Title"]))) == {"title": None}


@pytest.mark.parametrize(
    ("fields", "body", "expected"),
    [
        (["Name.LastName"], {"Name": {"LastName": "小林"}}, {"last_name": "小林"}),
        (["Name.FirstName"], {}, {"first_name": None}),
        (
            ["Name"],
            {"Name": {"FirstName": "彩", "LastName": "小林"}},
            {"first_name": "彩", "last_name": "小林", "name": "小林彩"},
        ),
        (["FirstName"], {"FirstName": "彩"}, {"first_name": "彩"}),
        (["MailingAddress.City", "LastModifiedDate"], {"MailingAddress": {"City": "横浜市"}}, {"city": "横浜市"}),
        (["MailingAddress"], {"MailingAddress": {"City": "横浜市", "Planet": "x"}}, {"city": "横浜市"}),
        (["OtherAddress.City"], {"OtherAddress": {"City": "横浜市"}}, {}),
    ],
)
def test_the_parts_of_a_name_are_read_where_they_are(fields: list[str], body: Any, expected: dict[str, Any]) -> None:
    assert values(changed(change(body=body, changedFields=fields))) == expected


def test_an_update_is_also_a_touch_that_says_the_change_came_along() -> None:
    found = mapped(change(changedFields=["Title"], body={"Title": "x"}))
    assert [event.type for event in found.events] == ["contact.changed", "record.touched"]
    touched = RecordTouchedData.model_validate(found.events[1].data)
    assert (touched.carried, touched.fields) == (True, ("Title",))


def test_an_account_is_a_company_and_its_update_is_no_touch() -> None:
    found = mapped(
        change(entityName="Account", recordIds=["001RK000003uT5aYAE"], changedFields=["Name"], body={"Name": "K"})
    )
    assert [event.type for event in found.events] == ["company.changed"]


def test_a_time_is_the_commits_in_milliseconds() -> None:
    event = mapped(change("DELETE")).events[0]
    assert (event.time, event.timequality) == ("2026-11-22T11:46:40.000Z", "platform")


def test_the_same_change_in_another_envelope_is_the_same_event() -> None:
    payload = change(changedFields=["Title"], body={"Title": "x"})
    envelope = {
        "detail-type": "ContactChangeEvent",
        "source": f"aws.partner/salesforce.com/{ORGANIZATION}/0YLRK000000A1B4",
    }
    ids = {
        tuple(event.id for event in mapped(document).events)
        for document in (
            payload,
            {"payload": payload},
            {**envelope, "detail": payload},
            {**envelope, "detail": {"payload": payload}},
        )
    }
    assert len(ids) == 1


@pytest.mark.parametrize(
    "header",
    [
        {"transactionKey": "0000aaaa-0000-4000-8000-000000000002"},
        {"sequenceNumber": 2},
        {"recordIds": ["003RK000005AbCeYAK"]},
    ],
)
def test_another_transaction_step_or_record_is_another_event(header: dict[str, Any]) -> None:
    assert mapped(change("DELETE")).events[0].id != mapped(change("DELETE", **header)).events[0].id


def test_one_record_in_both_forms_of_its_id_is_one_record() -> None:
    assert len(mapped(change("DELETE", recordIds=[CONTACT, CONTACT[:15], CONTACT])).events) == 1


def test_a_wildcard_beside_ids_is_set_aside_and_the_ids_go_on() -> None:
    found = mapped(change("DELETE", recordIds=[CONTACT, "003*"]))
    assert [event.subject for event in found.events] == [f"contact:{CONTACT}", "object:Contact"]
    assert [part.type for part in found.unmapped] == ["gap_overflow/Contact"]


@pytest.mark.parametrize(
    ("origin", "actor"),
    [
        ("com/salesforce/api/rest/67.0;client=renkei", "client:renkei"),
        ("com/salesforce/api/soap/60.0;client=SfdcInternalAPI/", "client:SfdcInternalAPI"),
        ("com/salesforce/api/rest/67.0", "user:005RK000007Q9ZAYA0"),
        (None, "user:005RK000007Q9ZAYA0"),
    ],
)
def test_the_actor_is_the_client_that_named_itself_else_the_user(origin: str | None, actor: str) -> None:
    assert changed(change("DELETE", changeOrigin=origin)).actor == actor


@pytest.mark.parametrize(
    "header",
    [
        {"entityName": None},
        {"changeType": 7},
        {"commitTimestamp": "soon"},
        {"commitTimestamp": 1_795_348_000},
        {"commitTimestamp": 10**40},
        {"transactionKey": ""},
        {"recordIds": []},
        {"recordIds": None},
        {"recordIds": "003"},
        {"recordIds": [7, None]},
        {"recordIds": [f"{number:015d}" for number in range(1001)]},
    ],
)
def test_a_header_that_is_not_as_documented_is_quarantined(header: dict[str, Any]) -> None:
    with pytest.raises(Quarantine):
        mapped(change("DELETE", **header))


@pytest.mark.parametrize("document", [7, None, [], {}, {"detail": 7}, {"payload": []}, {"ChangeEventHeader": []}])
def test_json_of_no_documented_shape_is_quarantined(document: Any) -> None:
    with pytest.raises(Quarantine):
        mapped(document)


def test_a_change_type_without_words_of_ours_is_set_aside() -> None:
    assert [part.type for part in mapped(change("SNAPSHOT")).unmapped] == ["Contact/SNAPSHOT"]


def test_a_detail_type_that_is_no_name_is_not_repeated() -> None:
    document = {
        "detail-type": "mail person@x.example",
        "source": "aws.partner/salesforce.com",
        "detail": {"payload": {}},
    }
    assert [part.type for part in mapped(document).unmapped] == ["unknown"]


# Outbound messages.

ENVELOPE = (
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>'
    '<notifications xmlns="http://soap.sforce.com/2005/09/outbound"><OrganizationId>{organization}</OrganizationId>'
    "<ActionId>04kRK0000000B2c</ActionId><SessionId>{session}</SessionId>{notifications}</notifications>"
    "</soapenv:Body></soapenv:Envelope>"
)


def notification(fields: str, number: int = 1, entity: str = "sf:Contact") -> str:
    return (
        f'<Notification><Id>04lRK{number:010d}</Id><sObject xsi:type="{entity}" '
        f'xmlns:sf="urn:sobject.enterprise.soap.sforce.com">{fields}</sObject></Notification>'
    )


def message(*notifications: str, organization: str = ORGANIZATION, session: str = "") -> str:
    return ENVELOPE.format(organization=organization, session=session, notifications="".join(notifications))


ROW = f"<sf:Id>{CONTACT}</sf:Id><sf:Title>課長</sf:Title>"


def test_a_row_says_what_was_selected_with_the_time_of_the_row() -> None:
    modified = "<sf:LastModifiedDate>2026-11-20T00:00:00.000Z</sf:LastModifiedDate>"
    data = changed(
        message(notification(ROW + modified + "<sf:SystemModstamp>2026-11-21T00:00:00.000Z</sf:SystemModstamp>"))
    )
    assert [(one.field, one.value, one.at, one.precision) for one in data.claims] == [
        ("title", "課長", "2026-11-21T00:00:00.000Z", "row")
    ]
    assert changed(message(notification(ROW + modified))).claims[0].at == "2026-11-20T00:00:00.000Z"


def test_a_truth_is_read_from_the_word_that_a_message_writes() -> None:
    data = changed(message(notification(ROW + "<sf:HasOptedOutOfEmail>true</sf:HasOptedOutOfEmail>")))
    assert values(data)["consent_email"] == "denied"


@pytest.mark.parametrize("time", ["", "<sf:SystemModstamp>yesterday</sf:SystemModstamp>"])
def test_a_row_without_a_readable_time_has_the_time_of_receipt_and_says_so(time: str) -> None:
    event = mapped(message(notification(ROW + time))).events[0]
    assert (event.time, event.timequality) == (RECEIVED, "received")
    assert event.data["claims"][0]["at"] == RECEIVED


def test_each_notification_is_one_event_and_a_repeated_one_the_same() -> None:
    first, second = notification(ROW, 1), notification(ROW, 2)
    ids = [event.id for event in mapped(message(first, second)).events]
    assert len(set(ids)) == 2
    assert [event.id for event in mapped(message(second)).events] == ids[1:]


@pytest.mark.parametrize(
    ("part", "word"),
    [
        (notification(ROW, entity="sf:Invoice__c"), "outbound/Invoice__c"),
        (notification(ROW, entity="sf:a person"), "outbound/unknown"),
        (notification("<sf:Title>x</sf:Title>"), "outbound/unreadable"),
        ("<Notification><Id>04lRK0000000001</Id></Notification>", "outbound/unreadable"),
        (notification(ROW).replace("<Id>04lRK0000000001</Id>", ""), "outbound/unreadable"),
    ],
)
def test_a_bad_notification_is_set_aside_and_its_neighbours_go_on(part: str, word: str) -> None:
    found = mapped(message(part, notification(ROW, 9)))
    assert [part.type for part in found.unmapped] == [word]
    assert len(found.events) == 1


def test_more_than_a_hundred_notifications_are_quarantined() -> None:
    parts = [notification(ROW, number) for number in range(101)]
    assert len(mapped(message(*parts[:100])).events) == 100
    with pytest.raises(Quarantine, match="more than 100"):
        mapped(message(*parts))


@pytest.mark.parametrize("organization", ["00DRK0000008xYy", ORGANIZATION.lower(), "", "x"])
def test_a_message_of_another_organization_is_quarantined(organization: str) -> None:
    with pytest.raises(Quarantine, match="another organization"):
        mapped(message(notification(ROW), organization=organization))


@pytest.mark.parametrize(
    "text",
    [
        "<a/>",
        "<",
        message(notification(ROW)).replace("outbound", "inbound"),
        '<!DOCTYPE a [<!ENTITY b "c">]>' + message(notification(ROW)),
        message(notification("<sf:Title>&b;</sf:Title>")),
    ],
)
def test_xml_that_is_no_outbound_message_is_quarantined(text: str) -> None:
    with pytest.raises(Quarantine):
        mapped(text)


def test_an_empty_message_becomes_nothing_and_is_counted() -> None:
    assert mapped(message()).ignored == 1


@pytest.mark.parametrize("prefix", ["", "sf:"])
def test_a_session_id_is_taken_out_before_anything_is_stored(prefix: str) -> None:
    text = message(notification(ROW), session="00D!AQ4AQFsecret.of_a_session").replace(
        "SessionId", f"{prefix}SessionId"
    )
    cleaned = CONNECTOR.without_credentials(text.encode())
    assert b"secret" not in cleaned
    assert cleaned == text.replace("00D!AQ4AQFsecret.of_a_session", "").encode()


@pytest.mark.parametrize(
    "body", [b"", b"{}", message(notification(ROW)).encode(), b"<SessionIdentity>x</SessionIdentity>"]
)
def test_a_body_without_a_session_id_is_stored_as_it_came(body: bytes) -> None:
    assert without_session_id(body) == body


# The edge.


def test_the_answer_is_the_acknowledgement_that_stops_the_retries() -> None:
    answer = CONNECTOR.acknowledge(Request("POST", "https://x.example", {}, b""), CONNECTION)
    assert (answer.status, answer.body, answer.content_type) == (200, ACK, "text/xml; charset=utf-8")
    ack = parse_xml(ACK.encode()).find(
        "{http://schemas.xmlsoap.org/soap/envelope/}Body/"
        "{http://soap.sforce.com/2005/09/outbound}notificationsResponse/{http://soap.sforce.com/2005/09/outbound}Ack"
    )
    assert ack is not None and ack.text == "true"


def test_only_the_token_at_the_end_of_the_url_opens_the_door() -> None:
    base = "https://hooks.renkei.test/webhooks/crm/" + "s" * 26
    genuine = Request("POST", f"{base}/token-of-the-url", {}, b"<a/>")
    authenticate(CONNECTOR, genuine, [b"older-token", b"token-of-the-url"], CONNECTION, 0.0)
    for url in (base, f"{base}/", f"{base}/token-of-the-ur", f"{base}/x/token", f"{base}?token-of-the-url"):
        with pytest.raises(Unauthorized):
            authenticate(CONNECTOR, Request("POST", url, {}, b"<a/>"), [b"token-of-the-url"], CONNECTION, 0.0)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"StageName": "Closed Won"}, "won"),
        ({"StageName": "Closed Lost"}, "lost"),
        ({"StageName": "Signed"}, None),
        ({"StageName": "Signed", "IsClosed": True, "IsWon": False}, "lost"),
        ({"StageName": "Signed", "IsWon": True}, "won"),
        ({"Amount": 5}, None),
    ],
)
def test_a_deal_is_won_or_lost_as_salesforce_says_it(body: dict[str, Any], expected: str | None) -> None:
    data = mapped(change(body=body, entityName="Opportunity", recordIds=["006RK000005AbCdYAK"])).events[0].data
    assert data.get("status") == expected


def test_a_stage_of_the_companys_own_is_open_where_the_closing_ones_are_declared() -> None:
    body = change(body={"StageName": "Signed"}, entityName="Opportunity", recordIds=["006RK000005AbCdYAK"])
    assert mapped(body, won_stages=["Paid"], lost_stages=["Gone"]).events[0].data["status"] == "open"


@pytest.mark.parametrize(("client", "count"), [("renkei", 0), ("renkei2", 1), ("Atelier", 1)])
def test_a_task_that_the_hub_logged_is_no_news(client: str, count: int) -> None:
    origin = f"com/salesforce/api/rest/67.0;client={client}"
    body = change(
        "CREATE", {"Subject": "Call"}, entityName="Task", recordIds=["00TRK000005AbCdYAK"], changeOrigin=origin
    )
    found = mapped(body)
    assert (len(found.events), found.ignored) == (count, 1 - count)
