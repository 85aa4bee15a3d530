"""Mailchimp: the look whether the URL is there, and bounces of different people at one moment."""

from __future__ import annotations

from urllib.parse import urlencode

from connectors.mailchimp import CONNECTOR
from hub.delivery import Connection, Delivery, Request
from hub.domain.events import Mapped

SETTINGS = {"list_ids": ["l1"]}


def mapped(**fields: str) -> Mapped:
    form = {name if name in ("type", "fired_at") else f"data[{name}]": value for name, value in fields.items()}
    delivery = Delivery("c" * 26, "mailchimp", "crm", "2026-11-22T10:00:00.000Z", urlencode(form).encode())
    return CONNECTOR.map_delivery(delivery, Connection("c" * 26, "mailchimp", settings=SETTINGS))


def test_a_get_is_answered_whatever_it_asks_and_a_post_is_not() -> None:
    assert CONNECTOR.handshake(Request("GET", "https://hub.example/x", {}, b""), {}) is not None
    assert CONNECTOR.handshake(Request("POST", "https://hub.example/x", {}, b""), {}) is None


def test_two_people_whose_addresses_bounce_in_one_second_are_two_entries() -> None:
    fired = "2026-11-22 10:00:00"
    first, second = (
        mapped(type="cleaned", fired_at=fired, list_id="l1", reason="hard", email=email).events[-1]
        for email in ("a@osei.example", "b@osei.example")
    )
    assert first.data["activity_id"] != second.data["activity_id"]
    assert first.id != second.id


def test_an_empty_merge_field_clears_nothing() -> None:
    events = mapped(type="profile", list_id="l1", id="m1", email="a@osei.example", **{"merges][FNAME": ""}).events
    assert [claim["field"] for claim in events[0].data["claims"]] == ["email"]


def test_another_address_is_another_member_and_the_old_one_is_gone() -> None:
    events = mapped(type="upemail", list_id="l1", new_email="new@osei.example", old_email="a@osei.example").events
    assert [event.type for event in events] == ["contact.changed", "contact.deleted"]
    assert len({event.subject for event in events}) == 2


def test_a_member_has_the_id_that_the_api_gives_them_in_whatever_case_the_address_is_written() -> None:
    subjects = {
        mapped(type="profile", list_id="l1", email=email).events[0].subject
        for email in ("A@Osei.example", "a@osei.example")
    }
    assert subjects == {"contact:l1/ab105d353f3aa797026ddb1b8c9f5fd8"}
