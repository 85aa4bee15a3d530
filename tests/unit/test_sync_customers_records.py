"""Deals, tickets, orders, activities, forms, consent and notices find their customer, or the list of notices."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from hub.domain.events import EVENT_TYPES
from hub.domain.routing import consumers
from hub.domain.timeline import MAX_FACTS
from hub.timeline_store import Entry, TimelineStore, read
from hub.wiring import Hub
from tests.unit.test_sync_customers import PHONE, customer, entries, event, run

EMAIL = {"kind": "email", "value": "hanako@mail.example"}
PERSON = {"customer": {"identifiers": [PHONE], "name": "Hanako"}}
CONTACT = {"object": "contact", "id": "11"}
OTHER = {"object": "contact", "id": "12"}
AS_RECORD = {"kind": "record", "scope": "hs", "value": "contact:11"}
NOBODY = {"kind": "record", "scope": "hs", "value": "contact:12"}


def happened(event_type: str, number: int, at: str, data: dict[str, Any], **more: str) -> dict[str, Any]:
    return event(event_type, number, at, data, "hs", **more)


def order(number: int, at: str, **data: Any) -> dict[str, Any]:
    return happened("order.changed", number, at, {"record": {"object": "order", "id": "5"}, **PERSON, **data})


def notices(hub: Hub) -> list[Entry]:
    return [read(item) for item in TimelineStore(hub.store).notices(limit=99).items]


STORY = [
    happened("form.submitted", 1, "08:00:00", {
        "submission_id": "S", "form_id": "F", **PERSON,
        "answers": [{"name": "b", "value": "2"}, {"name": "a", "value": "1"}]}),
    happened("deal.changed", 2, "08:10:00", {
        "record": {"object": "deal", "id": "3"}, "change": "created", **PERSON, "title": "Tea", "amount": "240000",
        "currency": "JPY", "status": "open"}),
    happened("deal.changed", 3, "08:20:00", {
        "record": {"object": "deal", "id": "3"}, **PERSON, "status": "won", "changed": ["stage"]}),
    order(4, "09:00:00", event="orders/create", change="created", total="1980", currency="JPY"),
    order(5, "09:00:00", event="orders/paid", status="paid", total="1980", currency="JPY"),
    order(6, "09:30:00", event="orders/fulfilled", status="fulfilled"),
    happened("ticket.changed", 7, "10:00:00", {
        "record": {"object": "ticket", "id": "8"}, **PERSON, "status": "open", "comment": {"text": "Broken"}}),
    happened("activity.logged", 8, "11:00:00", {
        "activity_id": "9", "kind": "task", "title": "Call back", "status": "open", **PERSON}),
    happened("activity.logged", 9, "11:30:00", {
        "activity_id": "9", "kind": "task", "change": "changed", "status": "done", "action": "completed", **PERSON}),
    happened("consent.changed", 10, "12:00:00", {
        "channel": "email", "purpose": "news", "state": "denied", "status": "unsubscribed", **PERSON}),
    happened("template.changed", 11, "12:30:00", {"subject": "T1", "name": "sent", "state": "paused"}),
    happened("account.notice", 12, "13:00:00", {"topic": "quality", "severity": "warning"}),
    happened("agent.status_changed", 13, "13:10:00", {"agent_id": "7", "status": "available"}),
    happened("agent.status_changed", 14, "13:20:00", {"agent_id": "7", "status": "offline"}),
    happened("privacy.data_requested", 15, "14:00:00", {**PERSON, "request_id": "P"}),
]  # fmt: skip


def seen(hub: Hub) -> Any:
    return [(one.kind, one.at, one.shown) for one in [*entries(hub, PHONE), *notices(hub)]]


def test_everything_that_names_the_customer_is_on_the_timeline_and_the_rest_is_a_notice() -> None:
    hub = run(STORY)
    kinds = [one.kind for one in entries(hub, PHONE)]
    assert kinds == ["form", "record", "record", "order", "order", "ticket", "activity", "consent"]
    assert [one.shown["notice"] for one in notices(hub)] == [
        "privacy.data_requested",
        "agent.status_changed",
        "account.notice",
        "template.changed",
    ]


@pytest.mark.parametrize("seed", range(40))
def test_any_order_and_any_copies_end_the_same(seed: int) -> None:
    again = [*STORY, *Random(seed).choices(STORY, k=8)]
    Random(seed).shuffle(again)
    assert seen(run(again)) == seen(run(STORY))


def test_running_it_all_again_writes_nothing() -> None:
    hub = run(STORY)
    before = len(hub.store.changes)  # type: ignore[attr-defined]
    run(STORY, hub)
    assert len(hub.store.changes) == before  # type: ignore[attr-defined]


def test_two_announcements_of_one_version_of_an_order_are_one_entry_and_the_next_version_another() -> None:
    first, second = [one.shown for one in entries(run(STORY), PHONE) if one.kind == "order"]
    assert (first["change"], first["events"]) == ("created", ["orders/create", "orders/paid"])
    assert first["fields"] == {"currency": "JPY", "status": "paid", "total": "1980"}
    assert (second["change"], second["fields"]) == ("changed", {"status": "fulfilled"})


def test_the_platforms_own_version_decides_where_it_gives_one() -> None:
    hub = run([order(1, "09:00:00", version="7"), order(2, "09:00:01", version="7"), order(3, "09:00:01", version="8")])
    assert [one.at[11:19] for one in entries(hub, PHONE)] == ["09:00:00", "09:00:01"]


def test_without_a_time_of_the_platforms_the_event_itself_tells_versions_apart() -> None:
    sent = order(1, "09:00:00") | {"timequality": "received"}
    again = sent | {"time": "2026-11-20T09:05:00.000Z", "received": "2026-11-20T09:05:00.000Z"}
    assert seen(run([sent, again])) == seen(run([again, sent]))
    assert len(entries(run([sent, again, sent]), PHONE)) == 1


def test_a_task_that_was_done_is_one_entry_as_it_is_now_where_it_was_made() -> None:
    [task] = [one for one in entries(run(STORY), PHONE) if one.kind == "activity"]
    assert task.at == "2026-11-20T11:00:00.000Z"
    assert (task.shown["status"], task.shown["title"], task.shown["deleted"]) == ("done", "Call back", False)
    assert task.shown["actions"] == [{"action": "completed", "at": "2026-11-20T11:30:00.000Z"}]


def test_an_agent_is_one_notice_with_the_state_of_now() -> None:
    [agent] = [one for one in notices(run(STORY[::-1])) if one.shown["notice"] == "agent.status_changed"]
    assert (agent.shown["status"], agent.at) == ("offline", "2026-11-20T13:20:00.000Z")
    changes = [
        happened("agent.status_changed", 100 + n, f"13:{n // 60:02}:{n % 60:02}", {"agent_id": "7", "status": "busy"})
        for n in range(MAX_FACTS + 5)
    ]
    [agent] = notices(run(changes))
    assert (len(agent.facts), agent.at[11:19]) == (1, "13:05:04")


def test_a_deal_goes_to_its_first_contact_and_its_contacts_stay_different_people() -> None:
    deal = {"record": {"object": "deal", "id": "3"}, "contacts": [CONTACT, OTHER], "amount": "10"}
    hub = run([happened("deal.changed", 1, "09:00:00", deal)])
    assert [one.shown["fields"] for one in entries(hub, AS_RECORD)] == [{"amount": "10"}]
    run([happened("deal.changed", 2, "09:00:00", deal | {"contacts": [OTHER]})], hub)
    assert len(customer(hub, AS_RECORD).personas) == 1


def test_a_deal_of_nobody_is_a_notice_until_an_announcement_names_its_customer() -> None:
    deal = {"record": {"object": "deal", "id": "3"}, "version": "1"}
    hub = run([happened("deal.changed", 1, "09:00:00", deal)])
    assert [one.kind for one in notices(hub)] == ["record"]
    run([happened("deal.changed", 2, "09:00:00", deal | PERSON)], hub)
    assert notices(hub) == []
    assert [one.kind for one in entries(hub, PHONE)] == ["record"]


def test_a_deleted_record_says_so_whatever_else_was_said_of_that_version() -> None:
    record = {"record": {"object": "ticket", "id": "8"}, **PERSON, "version": "3"}
    changes = [
        happened("ticket.deleted", 1, "09:00:00", record),
        happened("ticket.changed", 2, "09:00:01", record | {"change": "restored"}),
    ]
    for found in (run(changes), run(changes[::-1])):
        assert [one.shown["change"] for one in entries(found, PHONE)] == ["deleted"]


def test_all_identifiers_of_a_forms_sender_are_one_person_with_the_name_given() -> None:
    data = {"submission_id": "S", "form_id": "F", "customer": {"identifiers": [PHONE, EMAIL], "name": "Hanako"}}
    found = customer(run([happened("form.submitted", 1, "09:00:00", data)]), EMAIL)
    assert len(found.personas) == 2
    assert found.fields["name"]["value"] == "Hanako"


def test_answers_keep_the_forms_order() -> None:
    [form] = [one for one in entries(run(STORY), PHONE) if one.kind == "form"]
    assert [one["name"] for one in form.shown["answers"]] == ["b", "a"]


def test_a_request_for_a_persons_data_names_the_person_and_is_on_no_timeline() -> None:
    [request] = [one for one in notices(run(STORY)) if one.shown["notice"].startswith("privacy.")]
    assert request.shown["customer"]["identifiers"] == [PHONE]
    assert request.persona is None


def test_calls_and_messages_of_nobody_are_no_notices_for_their_customer_may_yet_come() -> None:
    hub = run([event("call.started", 1, "09:00:00", {"call_id": "c", "leg_id": "c"}, "tw")])
    assert notices(hub) == []


def test_what_the_platform_holds_in_its_own_words_is_not_stored_where_it_is_large() -> None:
    [kept, dropped] = [
        next(iter(entries(run([order(1, "09:00:00", native={"note": "x" * size})]), PHONE)[0].facts.values()))["data"]
        for size in (8_000, 9_000)
    ]
    assert len(kept["native"]["note"]) == 8_000
    assert dropped["native"] == {"native_dropped": True}


@pytest.mark.parametrize("event_type", sorted(one for one in EVENT_TYPES if "sync-customers" in consumers(one)))
def test_every_event_that_comes_here_leaves_a_trace(event_type: str) -> None:
    from hub.asyncapi import example

    hub = run([example(event_type)])
    assert [one for one in hub.store.everything() if one.sk == "ENTRY" or one.sk.startswith("REC#")]  # type: ignore[attr-defined]
