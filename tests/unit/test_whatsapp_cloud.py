"""WhatsApp Cloud API: who is meant, what is the same, and what is not ours."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.whatsapp_cloud import CONNECTOR
from hub.delivery import Connection, Delivery
from hub.domain.events import Event, Mapped
from hub.errors import Quarantine

NUMBER = "710020030040050"
PHONE, USER = "12025550143", "US.7301946528817203945512"


def connection(name: str = "a", **settings: Any) -> Connection:
    return Connection(name * 26, "whatsapp_cloud", settings=settings)


def value(**parts: Any) -> dict[str, Any]:
    return {"metadata": {"display_phone_number": "12025550100", "phone_number_id": NUMBER}, **parts}


def message(**parts: Any) -> dict[str, Any]:
    common = {"id": "wamid.1", "timestamp": "1795000000", "type": "text", "text": {"body": "hi"}}
    return {**common, **parts}


def status(**parts: Any) -> dict[str, Any]:
    return {"id": "wamid.9", "status": "sent", "timestamp": "1795000000", "recipient_id": PHONE, **parts}


def delivered(*changes: tuple[str, Any], **extra: Any) -> bytes:
    written = [{"field": field, "value": content} for field, content in changes]
    return json.dumps(
        {"object": "whatsapp_business_account", "entry": [{"id": "8", "changes": written}], **extra}
    ).encode()


def mapped(*changes: tuple[str, Any], at: Connection | None = None) -> Mapped:
    to = at or connection()
    delivery = Delivery(to.id, "whatsapp_cloud", "whatsapp", "2026-11-22T12:00:00.000Z", delivered(*changes))
    return CONNECTOR.map_delivery(delivery, to)


def one(field: str, at: Connection | None = None, **parts: Any) -> Event:
    found = mapped((field, value(**parts)), at=at)
    assert (len(found.events), found.unmapped) == (1, ())
    return found.events[0]


def identifiers(event: Event) -> dict[str, str]:
    return {each["kind"]: each["value"] for each in event.data["customer"].get("identifiers", [])}


def test_a_person_seen_with_and_without_the_phone_shares_the_user_id() -> None:
    first = one("messages", messages=[message(**{"from": PHONE}, from_user_id=USER)])
    second = one("messages", messages=[message(id="wamid.2", from_user_id=USER)])
    assert identifiers(first) == {"phone": "+" + PHONE, "whatsapp_user_id": USER}
    assert identifiers(second) == {"whatsapp_user_id": USER}
    assert first.data["customer"]["identifiers"][1] == second.data["customer"]["identifiers"][0]


@pytest.mark.parametrize("name", ["@Mia.Okafor", "mia.okafor"])
def test_a_username_is_the_same_with_and_without_its_at_sign(name: str) -> None:
    people = [{"user_id": USER, "profile": {"username": name}}]
    assert (
        identifiers(one("messages", contacts=people, messages=[message(from_user_id=USER)]))["username"] == "mia.okafor"
    )


def test_a_user_id_means_the_same_person_inside_one_portfolio_only() -> None:
    def scope(at: Connection) -> str:
        event = one("messages", at, messages=[message(from_user_id=USER)])
        return str(event.data["customer"]["identifiers"][0]["scope"])

    shared = {"portfolio_id": "p1"}
    assert scope(connection("a", **shared)) == scope(connection("b", **shared)) == "p1"
    assert scope(connection("a")) != scope(connection("b"))


def test_a_contact_adds_no_phone_that_contradicts_the_message() -> None:
    people = [{"wa_id": "12025550199", "user_id": USER, "profile": {"name": "Mia"}}]
    event = one("messages", contacts=people, messages=[message(**{"from": PHONE}, from_user_id=USER)])
    assert identifiers(event)["phone"] == "+" + PHONE


def test_a_lone_contact_is_not_taken_for_the_sender_of_a_message_that_names_another() -> None:
    people = [{"wa_id": "12025550199", "user_id": "US.2", "profile": {"name": "Somebody"}}]
    event = one("messages", contacts=people, messages=[message(from_user_id=USER)])
    assert (identifiers(event), event.data["customer"].get("name")) == ({"whatsapp_user_id": USER}, None)


def test_a_parent_user_id_in_place_of_the_phone_is_a_parent_user_id() -> None:
    event = one("messages", messages=[message(**{"from": "US.ENT.44"}, from_user_id=USER)])
    assert identifiers(event) == {"whatsapp_user_id": USER, "whatsapp_parent_user_id": "US.ENT.44"}


def test_a_text_that_only_begins_like_a_user_id_is_none() -> None:
    event = one("messages", messages=[message(**{"from": "US.44 or so"})])
    assert (identifiers(event), event.data["customer"]["raw_phone"]) == ({}, "US.44 or so")


@pytest.mark.parametrize("field", ["messages", "statuses", "message_echoes", "history", "user_preferences"])
def test_a_list_that_is_none_is_set_aside_whole(field: str) -> None:
    assert [part.type for part in mapped(("messages", {field: "x"})).unmapped] == ["messages/unreadable"]


def test_a_mexican_mobile_is_the_same_person_under_the_old_and_the_new_plan() -> None:
    old, new = (one("messages", messages=[message(**{"from": digits})]) for digits in ("5215512345678", "525512345678"))
    assert identifiers(old) == identifiers(new) == {"phone": "+525512345678"}


def test_a_message_sent_again_in_another_delivery_has_the_same_id() -> None:
    alone = one("messages", messages=[message(**{"from": PHONE})])
    beside = mapped(("messages", value(messages=[message(id="wamid.0"), message(**{"from": PHONE})])))
    assert alone.id == beside.events[1].id != beside.events[0].id


def test_live_history_and_standby_copies_of_a_message_are_events_of_their_own() -> None:
    live = one("messages", messages=[message(**{"from": PHONE})])
    history = one("history", history=[{"threads": [{"id": PHONE, "messages": [message(**{"from": PHONE})]}]}])
    standby = one("standby", standby={"messages": [message(**{"from": PHONE})]})
    assert len({live.id, history.id, standby.id}) == 3
    assert [event.data.get("origin", "live") for event in (live, history, standby)] == ["live", "history", "standby"]


def test_each_status_and_each_participant_counts_once() -> None:
    items = [
        status(),
        status(timestamp="1795000009"),
        status(status="read"),
        status(status="read", recipient_participant_id="12025550144"),
        status(status="read", recipient_participant_id="12025550145"),
    ]
    ids = [one("messages", statuses=[item]).id for item in items]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 4


@pytest.mark.parametrize("key", ["recipient_parent_user_id", "parent_recipient_user_id", "parent_user_id"])
def test_every_spelling_of_the_parent_id_in_a_status_is_read(key: str) -> None:
    event = one("messages", statuses=[status(**{key: "US.ENT.44"})])
    assert identifiers(event) == {"phone": "+" + PHONE, "whatsapp_parent_user_id": "US.ENT.44"}


@pytest.mark.parametrize("named", [{"recipient_type": "group"}, {"participant_recipient_id": "12025550144"}])
def test_a_status_of_a_group_says_nothing_about_who_the_customer_is(named: dict[str, str]) -> None:
    event = one("messages", statuses=[status(recipient_user_id=USER, **named)])
    assert (event.data["customer"], event.data["group_id"]) == ({}, PHONE)


@pytest.mark.parametrize(
    ("given", "time"),
    [
        ("1795000000", "2026-11-18T11:06:40.000Z"),
        (1795000000, "2026-11-18T11:06:40.000Z"),
        *(
            (nonsense, None)
            for nonsense in ("", "soon", "-1", "1", None, True, 1.5, "1795000000000", "9" * 400, "٣" * 10)
        ),
    ],
)
def test_the_time_is_the_platforms_or_says_that_it_is_not(given: Any, time: str | None) -> None:
    event = one("messages", messages=[message(timestamp=given)])
    assert (event.time, event.timequality) == ((time, "platform") if time else (event.received, "received"))


@pytest.mark.parametrize("owned", [["1", NUMBER], f"1, {NUMBER}", [int(NUMBER)], int(NUMBER), None])
def test_a_number_of_ours_is_mapped_however_the_setting_is_written(owned: Any) -> None:
    assert one("messages", connection(phone_number_ids=owned), messages=[message()])


@pytest.mark.parametrize(
    "foreign",
    [
        ("messages", {"metadata": {"phone_number_id": "999000"}, "messages": [message()]}),
        ("messaging_handovers", {"recipient": {"phone_number_id": 999000}, "type": "control_passed"}),
        ("account_settings_update", {"phone_number_settings": {"phone_number_id": "999000"}}),
    ],
)
def test_a_number_of_another_account_quarantines_the_delivery_and_is_not_named(foreign: tuple[str, Any]) -> None:
    with pytest.raises(Quarantine) as refused:
        mapped(("messages", value(messages=[message()])), foreign, at=connection(phone_number_ids=[NUMBER]))
    assert "999000" not in refused.value.reason


def test_a_setting_that_names_no_number_owns_none() -> None:
    with pytest.raises(Quarantine):
        mapped(("messages", value(messages=[message()])), at=connection(phone_number_ids=[]))


def test_an_id_too_long_for_a_key_is_set_aside() -> None:
    found = mapped(("messages", value(messages=[message(id="w" * 513), message(id="w" * 512)])))
    assert [event.subject for event in found.events] == ["w" * 512]
    assert [part.type for part in found.unmapped] == ["messages/unreadable"]


@pytest.mark.parametrize("name", ["12025550143", "mia@example.org", "Mia Okafor", "x" * 65, "", None, 7, "US.73"])
def test_no_name_of_an_unmapped_part_can_be_personal(name: Any) -> None:
    odd = [("messages", value(messages=[message(type=name)])), (name, {})]
    odd += [("calls", value(calls=[{"id": "wacid.1", "event": name}]))]
    types = [part.type for part in mapped(*odd).unmapped]
    assert len(types) == 3
    assert not any(str(name) in kind for kind in types if name)


def test_an_identity_change_names_the_old_and_the_new_and_says_which_is_gone() -> None:
    system = {"type": "user_changed_number", "wa_id": "12025550188", "user_id": "US.99"}
    event = one("messages", messages=[message(**{"from": PHONE}, type="system", system=system)])
    assert [each["value"] for each in event.data["customer"]["identifiers"]] == ["+12025550188", "US.99", "+" + PHONE]
    assert [each["value"] for each in event.data["native"]["previous"]] == ["+" + PHONE]


def test_what_the_business_wrote_is_never_inbound() -> None:
    sent = message(**{"from": "12025550100"}, to=PHONE)
    imported = message(**{"from": "+1 202-555-0100"})
    events = [
        one("smb_message_echoes", message_echoes=[sent]),
        one("history", history=[{"threads": [{"id": PHONE, "messages": [sent]}]}]),
        one("history", history=[{"threads": [{"id": PHONE, "messages": [imported]}]}]),
        one("standby", standby={"message_echoes": [{"id": "wamid.1", "message": {"to": PHONE, "type": "text"}}]}),
    ]
    assert {(event.type, event.data["direction"]) for event in events} == {("message.echoed", "outbound")}
    assert all(identifiers(event) == {"phone": "+" + PHONE} for event in events)


def test_a_full_batch_of_a_thousand_updates_loses_none() -> None:
    messages = [message(id=f"wamid.{number}") for number in range(700)]
    statuses = [status(id=f"wamid.{number}") for number in range(300)]
    found = mapped(("messages", value(messages=messages, statuses=statuses)))
    assert (len(found.events), len({event.id for event in found.events})) == (1000, 1000)


def test_one_error_beside_two_messages_is_two_pieces_of_news_and_its_copy_is_none() -> None:
    error = {"code": 131000, "title": "Something went wrong"}
    first, second = (value(messages=[message(id=name)], errors=[error]) for name in ("wamid.1", "wamid.2"))

    def ids(*values: Any) -> list[str]:
        events = mapped(*(("messages", one) for one in values)).events
        return [event.id for event in events if event.type == "account.notice"]

    assert len(ids(first, second)) == 2
    assert ids(first, first) == ids(first)


def test_a_call_without_a_direction_names_the_side_that_has_a_user_id() -> None:
    step = {"id": "wacid.1", "event": "terminate", "from": "12025550100", "to": PHONE, "to_user_id": USER}
    event = one("calls", calls=[step])
    assert identifiers(event) == {"phone": "+" + PHONE, "whatsapp_user_id": USER}


def test_our_own_number_is_no_customer_of_a_call() -> None:
    event = one(
        "calls", calls=[{"id": "wacid.1", "event": "connect", "direction": "USER_INITIATED", "from": "12025550100"}]
    )
    assert not event.data.get("customer")


def test_the_description_of_a_calls_media_is_not_kept() -> None:
    event = one("calls", calls=[{"id": "wacid.1", "event": "connect", "session": {"sdp": "a=ice-pwd:secret"}}])
    assert "secret" not in event.model_dump_json()


def test_the_same_news_at_two_times_is_two_pieces_of_news() -> None:
    def at(time: int) -> str:
        body = {"field": "security", "value": {"event": "PIN_CHANGED"}}
        document = {"object": "whatsapp_business_account", "entry": [{"id": "8", "time": time, "changes": [body]}]}
        delivery = Delivery(
            "a" * 26, "whatsapp_cloud", "whatsapp", "2026-11-22T12:00:00.000Z", json.dumps(document).encode()
        )
        return CONNECTOR.map_delivery(delivery, connection()).events[0].id

    assert at(1795000000) == at(1795000000) != at(1795000001)
