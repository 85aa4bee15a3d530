"""Twilio: calls, recordings and messages to events; call instructions that cannot be injected into."""

from __future__ import annotations

import json
import random
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest

from connectors.twilio import CONNECTOR
from connectors.twilio.calls import DIRECTIONS, STATUSES
from hub.delivery import Connection, Delivery, Request, Response
from hub.domain.events import Event, Mapped
from hub.errors import Quarantine

ACCOUNT = "AC00000000000000000000000000000e01"
CALL, CHILD = "CA00000000000000000000000000000c01", "CA00000000000000000000000000000c02"
RECORDING = "RE00000000000000000000000000000d01"
MESSAGE = "SM00000000000000000000000000000a01"
CUSTOMER, OFFICE, AGENT = "+12025550123", "+442079460100", "+442079460155"
TIME = "Sun, 22 Nov 2026 09:00:00 +0000"
RECEIVED = "2026-11-22T10:00:00.000Z"
FORM = {"content-type": "application/x-www-form-urlencoded"}
URL = "https://hub.example/webhooks/telephony/" + "c" * 26


def connection(**settings: Any) -> Connection:
    return Connection("c" * 26, "twilio", settings={"account_sid": ACCOUNT, **settings})


def mapped(fields: dict[str, str], *, kind: str = "telephony", received_at: str = RECEIVED, **settings: Any) -> Mapped:
    delivery = Delivery("c" * 26, "twilio", kind, received_at, urlencode(fields).encode(), headers=FORM)
    return CONNECTOR.map_delivery(delivery, connection(**settings))


def only(fields: dict[str, str], **more: Any) -> Event:
    (event,) = mapped(fields, **more).events
    return event


def unmapped(fields: dict[str, str]) -> list[str]:
    found = mapped(fields)
    assert not found.events
    return [part.type for part in found.unmapped]


def call(**fields: str) -> dict[str, str]:
    sides = {"From": CUSTOMER, "To": OFFICE, "Direction": "inbound"}
    return {"AccountSid": ACCOUNT, "CallSid": CALL, "CallStatus": "ringing", **sides, **fields}


def progress(status: str, **fields: str) -> dict[str, str]:
    return call(CallStatus=status, SequenceNumber="2", Timestamp=TIME, CallbackSource="call-progress-events", **fields)


def message(**fields: str) -> dict[str, str]:
    return {
        "AccountSid": ACCOUNT,
        "MessageSid": MESSAGE,
        "SmsStatus": "received",
        "From": CUSTOMER,
        "To": OFFICE,
        **fields,
    }


def phones(event: Event) -> list[str]:
    return [one["value"] for one in event.data.get("customer", {}).get("identifiers", []) if one["kind"] == "phone"]


def user_ids(event: Event) -> list[tuple[str, str, str]]:
    found = event.data.get("customer", {}).get("identifiers", [])
    return [(one["kind"], one["value"], one["scope"]) for one in found if one["kind"] != "phone"]


# --- calls ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_of_a_callback_is_its_event_with_the_platforms_time(status: str) -> None:
    event = only(progress(status))
    event_type, outcome = STATUSES[status]
    assert (event.type, event.data.get("outcome"), event.data["native_status"]) == (event_type, outcome, status)
    assert (event.time, event.timequality) == ("2026-11-22T09:00:00.000Z", "platform")


def test_the_request_for_instructions_starts_the_call_and_the_same_word_in_a_callback_rings() -> None:
    assert only(call()).type == "call.started"
    assert only(progress("ringing")).type == "call.ringing"


def test_copies_have_one_id_and_other_facts_have_others() -> None:
    first = only(progress("completed"))
    assert only(progress("completed"), received_at="2026-11-23T10:00:00.000Z").id == first.id
    others = [
        only(progress("busy")),
        only(progress("completed") | {"SequenceNumber": "3"}),
        only(progress("completed") | {"CallSid": CHILD}),
        only(call()),
    ]
    assert len({first.id, *(event.id for event in others)}) == 5


@pytest.mark.parametrize(
    ("direction", "customer", "business", "ours"),
    [
        ("inbound", CUSTOMER, OFFICE, "inbound"),
        ("outbound-api", OFFICE, CUSTOMER, "outbound"),
        ("outbound-dial", OFFICE, CUSTOMER, "outbound"),
        ("trunking-originating", CUSTOMER, OFFICE, "inbound"),
        ("trunking-terminating", OFFICE, CUSTOMER, "outbound"),
    ],
)
def test_the_customer_is_on_the_other_side(direction: str, customer: str, business: str, ours: str) -> None:
    event = only(call(Direction=direction))
    assert (phones(event), event.data["business"], event.data["direction"]) == ([customer], business, ours)


def test_every_direction_is_covered() -> None:
    assert set(DIRECTIONS.values()) == {"inbound", "outbound"}
    event = only(call(Direction="sideways"))
    assert "direction" not in event.data
    assert "customer" not in event.data


def test_a_call_between_two_browsers_is_internal_and_has_no_customer() -> None:
    event = only(call(From="client:a", To="client:b"))
    assert (event.data["direction"], event.data["agent"]) == ("internal", "client:a")
    assert "customer" not in event.data


def test_a_call_to_an_agents_browser_has_no_customer() -> None:
    event = only(call(From=OFFICE, To="client:a", Direction="outbound-api"))
    assert (event.data["direction"], event.data["agent"]) == ("outbound", "client:a")
    assert "customer" not in event.data


def test_a_dialled_leg_names_the_customer_only_where_the_settings_say_so() -> None:
    fields = progress("completed") | {
        "CallSid": CHILD,
        "ParentCallSid": CALL,
        "Direction": "outbound-dial",
        "To": AGENT,
    }
    event = only(fields)
    assert (event.subject, event.data["call_id"], event.data["leg_id"], event.data["parent_leg_id"]) == (
        CALL,
        CALL,
        CHILD,
        CALL,
    )
    assert (phones(event), event.data["agent"]) == ([], AGENT)
    assert phones(only(fields, child_legs="customer")) == [AGENT]


@pytest.mark.parametrize(
    "caller", ["anonymous", "Restricted", "sip:1001@pbx.example", "1001", "+86282452253", "+7378742833"]
)
def test_a_caller_without_a_comparable_number_is_kept_as_he_came(caller: str) -> None:
    event = only(call(From=caller))
    assert event.data["customer"] == {"raw_phone": caller}


def test_a_national_number_is_completed_by_the_connections_region() -> None:
    assert phones(only(call(From="020 7946 0155"), default_region="GB")) == [AGENT]
    assert phones(only(call(From="020 7946 0155"))) == []


@pytest.mark.parametrize(
    "text",
    [
        *("", "yesterday", "2026-11-22T09:00:00Z", "Sun, 22 Nov 2026 09:00:00", "Sun, 31 Foo 2026 09:00:00 +0000"),
        *("Sun, 22 Nov 0001 09:00:00 +0000", "Sun, 22 Nov 9999 09:00:00 +0000", "Sun, 99 Nov 2026 99:99:99 +0000"),
        *("Sun, 22 Nov 2026 09:00:00 +9999", "Sun, ２２ Nov 2026 09:00:00 +0000", "1795338000"),
    ],
)
def test_a_time_that_is_none_is_the_time_of_receipt(text: str) -> None:
    event = only(progress("completed") | {"Timestamp": text})
    assert (event.time, event.timequality) == (RECEIVED, "received")


@pytest.mark.parametrize("text", ["", "-1", "1.5", "１２", "9" * 30, "x"])
def test_a_duration_that_is_none_is_unknown(text: str) -> None:
    assert "duration_s" not in only(progress("completed", CallDuration=text)).data


def test_credentials_of_the_call_are_not_passed_on() -> None:
    event = only(call(CallToken="canary-1", StirPassportToken="canary-2", StirVerstat="TN-Validation-Passed-A"))
    assert event.data["native"] == {"StirVerstat": "TN-Validation-Passed-A"}
    assert "canary" not in mapped(call(CallToken="canary-1", Digits="1")).model_dump_json()


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("answered", "answered"),
        ("completed", "answered"),
        ("busy", "busy"),
        ("no-answer", "no_answer"),
        ("failed", "failed"),
        ("canceled", "canceled"),
    ],
)
def test_the_end_of_a_dial_is_the_end_of_its_leg(status: str, outcome: str) -> None:
    fields = call(CallStatus="in-progress", DialCallSid=CHILD, DialCallStatus=status, DialCallDuration="7")
    event = only(fields)
    assert (event.type, event.subject) == ("call.ended", CALL)
    assert (event.data["leg_id"], event.data["parent_leg_id"], event.data["outcome"]) == (CHILD, CALL, outcome)
    assert event.data["duration_s"] == 7


def test_a_dial_that_was_recorded_is_two_facts() -> None:
    url = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Recordings/{RECORDING}"
    found = mapped(call(CallStatus="in-progress", DialCallSid=CHILD, DialCallStatus="completed", RecordingUrl=url))
    assert [event.type for event in found.events] == ["call.ended", "call.recorded"]
    assert found.events[1].data == {"call_id": CALL, "leg_id": CALL, "recording_id": RECORDING, "url": url} | {
        "native": found.events[1].data["native"]
    }


def test_a_dial_that_made_no_leg_is_unmapped() -> None:
    assert unmapped(call(CallStatus="in-progress", DialCallStatus="failed")) == ["dial/failed"]


# --- recordings -------------------------------------------------------------------------------------------------------


def recording(**fields: str) -> dict[str, str]:
    return {"AccountSid": ACCOUNT, "CallSid": CALL, "RecordingSid": RECORDING, "RecordingStatus": "completed", **fields}


@pytest.mark.parametrize(
    ("status", "ours"),
    [
        ("in-progress", "started"),
        ("completed", None),
        ("absent", "absent"),
        ("failed", "failed"),
        ("paused", "unknown"),
    ],
)
def test_every_status_of_a_recording_is_ours(status: str, ours: str | None) -> None:
    assert only(recording(RecordingStatus=status)).data.get("status") == ours  # "available" is the default


def test_a_recording_is_whole_at_its_end_and_begins_at_its_start() -> None:
    fields = {"RecordingStartTime": TIME, "RecordingDuration": "61"}
    assert only(recording(**fields)).time == "2026-11-22T09:01:01.000Z"
    assert only(recording(**fields, RecordingStatus="in-progress") | {}).time == "2026-11-22T09:00:00.000Z"
    assert only(recording(RecordingDuration="61")).timequality == "received"


def test_what_record_made_is_a_voicemail_and_nothing_else_is() -> None:
    assert only(recording(RecordingSource="RecordVerb")).data["voicemail"] is True
    for source in ("DialVerb", "StartCallRecordingAPI", "OutboundAPI", ""):
        assert "voicemail" not in only(recording(RecordingSource=source)).data


def test_the_two_callbacks_of_one_voicemail_are_one_fact() -> None:
    url = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Recordings/{RECORDING}"
    action = only(call(CallStatus="in-progress", RecordingUrl=url, RecordingSid=RECORDING, RecordingDuration="9"))
    status = only(recording(RecordingUrl=url, RecordingSource="RecordVerb", RecordingDuration="9"))
    assert action.id == status.id
    assert action.data["voicemail"] is status.data["voicemail"] is True


def test_a_recording_of_a_conference_is_unmapped() -> None:
    assert unmapped({"ConferenceSid": "CF1", "RecordingSid": RECORDING, "RecordingStatus": "completed"}) == [
        "recording/conference"
    ]


# --- messages ---------------------------------------------------------------------------------------------------------


def whatsapp(**fields: str) -> dict[str, str]:
    return message(**{"From": f"whatsapp:{CUSTOMER}", "To": f"whatsapp:{OFFICE}", "Body": "hello", **fields})


def test_phone_and_user_id_of_one_message_are_one_person() -> None:
    event = only(whatsapp(WaId=CUSTOMER[1:], ExternalUserId="whatsapp:US.481000"), portfolio_id="pf")
    assert phones(event) == [CUSTOMER]
    assert user_ids(event) == [("whatsapp_user_id", "US.481000", "pf")]


def test_the_user_id_has_two_names_and_may_be_the_address() -> None:
    assert user_ids(only(whatsapp(ExternalUserIdentifier="whatsapp:US.481000"))) == [
        ("whatsapp_user_id", "US.481000", "c" * 26)
    ]
    for more in ({}, {"ExternalUserId": "whatsapp:US.481000"}):
        event = only(whatsapp(From="whatsapp:US.481000", **more))
        assert (phones(event), user_ids(event)) == ([], [("whatsapp_user_id", "US.481000", "c" * 26)])
        assert "raw_phone" not in event.data["customer"]


def test_a_parent_user_id_is_another_kind() -> None:
    assert user_ids(only(whatsapp(ExternalUserId="whatsapp:US.ENT.481000"))) == [
        ("whatsapp_parent_user_id", "US.ENT.481000", "c" * 26)
    ]


@pytest.mark.parametrize(
    "odd", ["whatsapp:foo_bar", "US481000", "us.481000", "US.", "US.48 1000", "US." + "1" * 129, "x"]
)
def test_an_odd_user_id_names_nobody_and_is_kept(odd: str) -> None:
    event = only(whatsapp(ExternalUserId=odd))
    assert user_ids(event) == []
    assert event.data["native"]["ExternalUserId"] == odd


def test_wa_id_helps_where_the_address_is_no_phone_or_an_older_form_of_it() -> None:
    assert phones(only(whatsapp(From="whatsapp:US.481000", WaId=CUSTOMER[1:]))) == [CUSTOMER]
    assert phones(only(whatsapp(From="whatsapp:+5215512345678", WaId="5215512345678"))) == ["+525512345678"]
    without = whatsapp(WaId=CUSTOMER[1:])
    del without["From"]
    assert phones(only(without)) == [CUSTOMER]


@pytest.mark.parametrize(
    ("fields", "content"),
    [
        ({}, "text"),
        ({"MessageType": "interactive"}, "interactive"),
        ({"MessageType": "AUDIO"}, "audio"),
        ({"MessageType": "+12025550123"}, "unknown"),
        ({"Latitude": "1.0"}, "location"),
        ({"ButtonPayload": "x"}, "button"),
        ({"ListId": "x"}, "interactive"),
        ({"MediaUrl0": "https://x", "MediaContentType0": "audio/ogg"}, "audio"),
        ({"MediaUrl0": "https://x", "MediaContentType0": "application/pdf"}, "document"),
        ({"MediaUrl0": "https://x"}, "document"),
    ],
)
def test_the_content_is_what_the_message_shows(fields: dict[str, str], content: str) -> None:
    assert only(whatsapp(**fields)).data.get("content", "text") == content


def test_all_media_are_taken_whatever_their_number_says() -> None:
    files = {f"MediaUrl{n}": f"https://api.twilio.com/Media/ME{n}" for n in range(3)}
    event = only(message(NumMedia="1", **files, MediaContentType1="image/png"))
    assert [one["id"] for one in event.data["media"]] == ["ME0", "ME1", "ME2"]
    assert event.data["media"][1]["mime_type"] == "image/png"
    assert "native" not in event.data


@pytest.mark.parametrize(
    ("status", "ours"),
    [
        *(("accepted", "accepted"), ("scheduled", "accepted"), ("queued", "queued"), ("sending", "queued")),
        *(
            ("sent", "sent"),
            ("delivered", "delivered"),
            ("read", "read"),
            ("undelivered", "failed"),
            ("failed", "failed"),
        ),
        *(("canceled", "canceled"), ("partially_delivered", "partially_delivered")),
    ],
)
def test_every_status_of_a_message_is_ours_and_its_customer_is_the_recipient(status: str, ours: str) -> None:
    fields = message(MessageStatus=status, SmsStatus=status, From=OFFICE, To=CUSTOMER)
    event = only(fields)
    assert (event.type, event.subject, event.data["status"]) == ("message.status_changed", MESSAGE, ours)
    assert (phones(event), event.data["business"], event.data["channel"]) == ([CUSTOMER], OFFICE, "sms")


def test_two_statuses_that_are_one_word_of_ours_are_two_facts() -> None:
    assert only(message(MessageStatus="failed")).id != only(message(MessageStatus="undelivered")).id


@pytest.mark.parametrize(
    ("fields", "kind", "channel"),
    [
        ({}, "telephony", "sms"),
        ({}, "whatsapp", "whatsapp"),
        ({"ErrorCode": "63018"}, "telephony", "whatsapp"),
        ({"ErrorCode": "30007"}, "telephony", "sms"),
        ({"ChannelPrefix": "whatsapp"}, "telephony", "whatsapp"),
        ({"To": CUSTOMER}, "whatsapp", "sms"),
        ({"To": f"whatsapp:{CUSTOMER}"}, "telephony", "whatsapp"),
    ],
)
def test_the_channel_of_a_status_is_read_from_what_is_there(fields: dict[str, str], kind: str, channel: str) -> None:
    event = only({"MessageSid": MESSAGE, "MessageStatus": "failed", **fields}, kind=kind)
    assert event.data["channel"] == channel


def test_an_error_is_kept_and_the_zero_is_none() -> None:
    event = only(message(MessageStatus="failed", ErrorCode="30003", ErrorMessage="Unreachable"))
    assert event.data["errors"] == [{"code": "30003", "message": "Unreachable"}]
    assert "errors" not in only(message(MessageStatus="sent", ErrorCode="0")).data


# --- what we have no words for, and what is not ours --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"EventType": "task.created", "Sid": "EV1"}, "taskrouter/task.created"),
        ({"EventType": "+12025550123 called"}, "taskrouter/unknown"),
        ({"EventType": "call12025550123"}, "taskrouter/unknown"),
        ({"ReservationSid": "WR1", "TaskSid": "WT1"}, "taskrouter/assignment"),
        ({"ConversationSid": "CH1", "MessageSid": "IM1", "EventType": "onMessageAdded"}, "conversation/onMessageAdded"),
        (
            {"ConferenceSid": "CF1", "CallSid": CALL, "StatusCallbackEvent": "participant-join"},
            "conference/participant-join",
        ),
        (call(QueueSid="QU1", QueueResult="bridged"), "queue/bridged"),
        (call(SpeechResult="yes"), "gather"),
        (call(CallStatus="teleported"), "call/teleported"),
        ({"CallSid": CALL, "StreamEvent": "stream-started"}, "call/stream-started"),
        ({"CallSid": CALL, "TranscriptionEvent": "transcription-content"}, "transcription/transcription-content"),
        (message(MessageStatus="pondering"), "message/pondering"),
        ({"MessageSid": MESSAGE}, "message/unknown"),
        (message(From="messenger:1234567890123"), "message/messenger"),
        ({"AccountSid": ACCOUNT, "New": "1"}, "unknown"),
    ],
)
def test_what_we_have_no_words_for_is_unmapped_by_the_platforms_word(fields: dict[str, str], expected: str) -> None:
    assert unmapped(fields) == [expected]


def test_an_unmapped_part_keeps_what_twilio_sent() -> None:
    (part,) = mapped({"EventType": "task.created", "TaskAttributes": '{"a":1}', "CallToken": "secret"}).unmapped
    assert part.native == {"EventType": "task.created", "TaskAttributes": '{"a":1}'}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        (call() | {"AccountSid": "AC99"}, "another account"),
        (message(AccountSid="AC99"), "another account"),
        ({"CallSidC": "A1", "CallStatus": "ringing"}, "CallSid is missing"),
        ({"RecordingSid": RECORDING}, "CallSid is missing"),
        ({"DialCallStatus": "busy"}, "CallSid is missing"),
        ({"MessageStatus": "sent"}, "MessageSid is missing"),
        ({"foo": "bar"}, "no parameter"),
        ({"CallSid": "", "MessageSid": ""}, "no parameter"),
        ({}, "no parameter"),
    ],
)
def test_what_is_not_a_callback_of_this_account_is_quarantined(fields: dict[str, str], reason: str) -> None:
    with pytest.raises(Quarantine, match=reason):
        mapped(fields)


def test_without_an_account_in_the_settings_any_account_is_taken() -> None:
    assert only(call() | {"AccountSid": "AC99"}, account_sid=None).type == "call.started"


def from_json(body: bytes) -> Mapped:
    headers = {"content-type": "application/json"}
    return CONNECTOR.map_delivery(
        Delivery("c" * 26, "twilio", "telephony", RECEIVED, body, headers=headers), connection()
    )


def test_json_events_are_unmapped_each_by_its_type() -> None:
    body = json.dumps([{"type": "com.twilio.x"}, {"EventType": "y"}, {"type": 5}, None]).encode()
    assert [part.type for part in from_json(body).unmapped] == [
        "event/com.twilio.x",
        "event/y",
        "event/unknown",
        "event/unreadable",
    ]


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"5", b"null", b'[1,"x"]', b'{"a":1', b'[{"data":{"account_sid":"AC99"}}]', b'{"AccountSid":"AC99"}'],
)
def test_json_that_is_no_event_of_this_account_is_quarantined(body: bytes) -> None:
    with pytest.raises(Quarantine):
        from_json(body)


def test_a_body_larger_than_twilio_sends_is_quarantined() -> None:
    with pytest.raises(Quarantine, match="larger"):
        mapped(message(**{f"f{n}": "x" * 1000 for n in range(300)}))


def test_any_mixture_of_parameters_becomes_something_and_never_another_exception() -> None:
    rng = random.Random(17)
    names = sorted(
        {*call(), *progress("x"), *recording(), *whatsapp(), "DialCallSid", "DialCallStatus", "ParentCallSid"}
    )
    names += [
        "RecordingUrl",
        "Digits",
        "EventType",
        "ConferenceSid",
        "MessageStatus",
        "WaId",
        "ExternalUserId",
        "CallDuration",
    ]
    values = [
        "",
        "x",
        "7",
        "completed",
        "received",
        CUSTOMER,
        f"whatsapp:{CUSTOMER}",
        "client:a",
        TIME,
        "😀",
        "9" * 400,
    ]
    values += [
        "https://x/Recordings/RE1",
        "\x00",
        "US.1",
        "whatsapp:US.1",
        "inbound",
        "outbound-api",
        "ringing",
        "sip:a@b",
    ]
    kinds = set()
    for _ in range(3000):
        whole = rng.choice([call(), progress("completed"), recording(), whatsapp(), message(MessageStatus="sent")])
        fields = {name: value for name, value in whole.items() if rng.random() < 0.8}
        fields |= {name: rng.choice(values) for name in rng.sample(names, rng.randint(0, 5))}
        try:
            found = mapped(fields, account_sid=None)
        except Quarantine:
            kinds.add("quarantine")
            continue
        assert found.events or found.unmapped
        for event in found.events:
            event.body()
            kinds.add(event.type)
    assert {
        "quarantine",
        "call.started",
        "call.ended",
        "call.recorded",
        "message.received",
        "message.status_changed",
    } <= kinds


# --- answers ----------------------------------------------------------------------------------------------------------


def answered(fields: dict[str, str], **settings: Any) -> Response:
    request = Request("POST", URL, FORM, urlencode(fields).encode())
    return CONNECTOR.acknowledge(request, connection(**settings))


def verbs(response: Response) -> list[tuple[str, str | None]]:
    assert (response.status, response.content_type) == (200, "text/xml; charset=utf-8")
    return [(verb.tag, verb.text) for verb in ElementTree.fromstring(response.body)]


def test_a_caller_hears_a_greeting_and_is_connected() -> None:
    answer = answered(
        call(),
        voice_instructions={"say": "こんにちは", "dial": AGENT, "caller_id": OFFICE, "timeout_s": 20, "record": True},
    )
    say, dial = ElementTree.fromstring(answer.body)
    assert (say.tag, say.text, dial.tag) == ("Say", "こんにちは", "Dial")
    assert dial.attrib["callerId"] == OFFICE
    assert dial.attrib["timeout"] == "20"
    assert dial.attrib["record"] == "record-from-answer-dual"
    assert {dial.attrib["action"], dial.attrib["recordingStatusCallback"], dial[0].attrib["statusCallback"]} == {URL}
    assert (dial[0].tag, dial[0].text) == ("Number", AGENT)


@pytest.mark.parametrize(
    ("to", "noun", "text"),
    [
        ("client:agent_7", "Client", "agent_7"),
        ("sip:a@pbx.example", "Sip", "sip:a@pbx.example"),
        (AGENT, "Number", AGENT),
    ],
)
def test_what_is_dialled_has_its_own_noun(to: str, noun: str, text: str) -> None:
    (dial,) = ElementTree.fromstring(answered(call(), dial_number=to).body)
    assert (dial[0].tag, dial[0].text) == (noun, text)


def test_callbacks_point_to_the_url_without_its_parameters() -> None:
    request = Request("POST", URL + "?a=1&b=%22", FORM, urlencode(call()).encode())
    (dial,) = ElementTree.fromstring(CONNECTOR.acknowledge(request, connection(dial_number=AGENT)).body)
    assert dial.attrib["action"] == URL


INJECTIONS = [
    "</Say><Dial>+19005550100</Dial><Say>",
    '"/><Hangup/><Say x="',
    "]]>",
    "<!--",
    "&lt;Dial&gt;",
    "&xxe;",
    "a\x00b\x0b\ud800c\uffff",
]


@pytest.mark.parametrize("text", INJECTIONS)
def test_no_text_becomes_an_instruction(text: str) -> None:
    plan = {"say": text, "language": text, "voice": text, "dial": text, "caller_id": text, "timeout_s": text}
    answer = answered(call(), voice_instructions=plan)
    answer.body.encode("utf-8")
    response = ElementTree.fromstring(answer.body)
    assert [(verb.tag, len(verb)) for verb in response] == [("Say", 0), ("Dial", 1)]
    assert response[0].text == response[1][0].text == response[0].attrib["voice"]
    kept = "".join(sign for sign in text if sign not in "\x00\x0b\ud800\uffff")
    assert response[0].text == kept


@pytest.mark.parametrize(
    "settings",
    [
        None,
        5,
        "x",
        [],
        {"say": 5},
        {"say": "  "},
        {"dial": 5},
        {"dial": ""},
        {"record": "no"},
        {"voicemail": 1},
        {"dial": None},
    ],
)
def test_odd_settings_still_give_an_answer(settings: Any) -> None:
    assert verbs(answered(call(), voice_instructions=settings)) == [("Say", "Thank you for calling.")]


def test_a_message_can_be_left_where_nobody_is_dialled() -> None:
    assert [tag for tag, _ in verbs(answered(call(), voice_instructions={"record": True}))] == ["Say", "Record"]
    assert verbs(answered(call(), voice_instructions={"voicemail": True, "voicemail_say": "Beep"}))[0] == (
        "Say",
        "Beep",
    )


@pytest.mark.parametrize(
    ("status", "tags"),
    [
        ("no-answer", ["Say", "Record"]),
        ("busy", ["Say", "Record"]),
        ("completed", ["Hangup"]),
        ("answered", ["Hangup"]),
    ],
)
def test_after_a_dial_only_an_unanswered_caller_is_asked_for_a_message(status: str, tags: list[str]) -> None:
    fields = call(CallStatus="in-progress", DialCallSid=CHILD, DialCallStatus=status)
    assert [tag for tag, _ in verbs(answered(fields, voice_instructions={"dial": AGENT, "voicemail": True}))] == tags
    assert [tag for tag, _ in verbs(answered(fields, dial_number=AGENT))] == ["Hangup"]


def test_after_a_recording_or_a_queue_the_call_ends_and_does_not_begin_anew() -> None:
    for more in ({"RecordingUrl": "https://x/Recordings/RE1"}, {"QueueResult": "hangup"}):
        fields = call(CallStatus="in-progress", **more)
        assert [tag for tag, _ in verbs(answered(fields, voice_instructions={"record": True}))] == ["Hangup"]


def test_a_message_is_answered_with_an_empty_response() -> None:
    assert verbs(answered(message(Body="x"))) == []
    assert verbs(answered(whatsapp())) == []


@pytest.mark.parametrize(
    "fields",
    [
        *(progress("ringing"), progress("completed"), recording(), message(MessageStatus="sent", SmsStatus="sent")),
        *({"EventType": "task.created"}, {"ConferenceSid": "CF1", "CallStatus": "x"}, {}, {"foo": "bar"}),
        {"CallSid": CALL, "CallStatus": "completed", "CallDuration": "5"},
    ],
)
def test_callbacks_that_ask_for_nothing_hear_nothing(fields: dict[str, str]) -> None:
    assert (answered(fields).status, answered(fields).body) == (204, "")


@pytest.mark.parametrize("body", [b"\xff\xfe", b"a=1&" * 2000, b"%ff=%ff", b"{", b"CallSid=%ff"])
def test_an_unreadable_body_is_answered_too(body: bytes) -> None:
    for headers in (FORM, {"content-type": "application/json"}, {}):
        assert CONNECTOR.acknowledge(Request("POST", URL, headers, body), connection()).status == 204
