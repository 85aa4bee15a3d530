"""Calls and messages reach the right contact once, also when the contact comes later, changes, or is not certain."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from hub.delivery import Connection
from hub.domain.timeline import Kind
from hub.field_overrides import with_lines
from hub.ports import Item
from hub.timeline_store import Entry
from sync_crm.clients import our_fields
from sync_crm.wording import command_for
from tests.harness import story
from tests.harness.accounts import Accounts, moment, story_world
from tests.harness.sending import Sending
from tests.harness.snapshot import snapshot
from tests.harness.world import World

BOTH = frozenset({"call", "message"})
TEXT = story.whatsapp(
    "text",
    messages=[story.message("wamid.one", 60, "text", {"body": "Is it in stock?"}, **{"from": story.PHONE[1:]})],
)


def created(contact: str = story.HUBSPOT_CONTACT) -> Sending:
    return story.hubspot_batch(story.contact_created(contact, 0))


def logged(accounts: Accounts, kind: str) -> list[tuple[str | None, str | None]]:
    """(text, contact) of each activity in HubSpot."""
    records = accounts.hubspot.records
    associated = {activity: contact for (_, activity), (_, contact) in records.associations}
    return [
        (one.value("hs_communication_body") or one.value("hs_call_title"), associated.get(one.id))
        for one in records.of(kind).values()
    ]


def pending(world: World) -> list[Item]:
    """What waits for a contact."""
    waiting = {change.pk for change in world.store.changes if change.pk.startswith("W#")}
    return [item for pk in sorted(waiting) for item in world.store.query(pk).items]


def run(*sendings: Sending, world: World) -> World:
    for sending in sendings:
        world.deliver(sending)
        world.run()
    assert world.dead() == {}
    return world


def test_a_message_that_comes_before_its_contact_is_logged_when_the_contact_comes() -> None:
    world, accounts = story_world()
    run(TEXT, world=world)
    assert logged(accounts, "communications") == []
    assert pending(world) != []
    run(created(), world=world)
    assert [contact for _, contact in logged(accounts, "communications")] == [story.HUBSPOT_CONTACT]
    assert "Is it in stock?" in str(logged(accounts, "communications"))
    assert [mark for mark in pending(world) if story.HUBSPOT in mark.sk] == []


def test_a_number_that_two_contacts_hold_is_logged_on_neither() -> None:
    world, accounts = story_world()
    twin = accounts.hubspot.records.create("contacts", {"phone": story.PHONE}, source="CRM_UI")
    run(created(), created(twin.id), TEXT, world=world)
    assert logged(accounts, "communications") == []
    assert any(story.HUBSPOT in mark.sk for mark in pending(world))


def test_what_was_logged_is_not_sent_again_for_a_copy() -> None:
    world, accounts = story_world()
    run(created(), TEXT, world=world)
    before = [len(one.history) for one in accounts.hubspot.records.of("communications").values()]
    run(TEXT, created(), world=world)
    assert [len(one.history) for one in accounts.hubspot.records.of("communications").values()] == before
    assert len(logged(accounts, "communications")) == 1


def with_settings(world: World, **settings: Any) -> None:
    stored = world.plain_hub.connections.stored  # type: ignore[attr-defined]
    connection: Connection = stored[story.HUBSPOT]
    stored[story.HUBSPOT] = replace(connection, settings={**connection.settings, **settings})


def test_a_customer_whom_the_crm_does_not_know_is_created_only_where_the_setting_says_so() -> None:
    stranger = story.whatsapp(
        "stranger",
        contacts=[{"wa_id": "819099998888", "profile": {"name": "Mori"}}],
        messages=[story.message("wamid.two", 70, "text", {"body": "Hello"}, **{"from": "819099998888"})],
    )
    world, accounts = story_world()
    people = len(accounts.hubspot.records.of("contacts"))
    run(stranger, world=world)
    assert len(accounts.hubspot.records.of("contacts")) == people

    world, accounts = story_world()
    with_settings(world, create_contacts=True)
    run(stranger, stranger, world=world)
    new = [one for one in accounts.hubspot.records.of("contacts").values() if one.value("phone") == "+819099998888"]
    assert [(one.value("lastname")) for one in new] == ["Mori"]
    assert [contact for _, contact in logged(accounts, "communications")] == [new[0].id]


def test_a_disabled_connection_is_neither_read_nor_written() -> None:
    world, accounts = story_world()
    stored = world.plain_hub.connections.stored  # type: ignore[attr-defined]
    stored[story.HUBSPOT] = replace(stored[story.HUBSPOT], status="disabled")
    run(TEXT, world=world)
    assert logged(accounts, "communications") == []


CALL = (
    story.call_status("in-progress", 1, 100),
    story.call_status("completed", 2, 160, CallDuration="60"),
)


def tasks(accounts: Accounts) -> int:
    return len(accounts.salesforce.rows.of("Task"))


@pytest.mark.parametrize("status", [400, 503])
def test_what_one_crm_refuses_or_puts_off_is_logged_on_the_other_all_the_same(status: int) -> None:
    world, accounts = story_world(
        trouble=lambda call: status if "objects" in call.path and "/calls" in call.path else None
    )
    world.from_event_bus(story.salesforce_title(story.TITLE_AFTER, 240))
    world.deliver(created(), *CALL)
    world.work()
    assert logged(accounts, "calls") == []
    assert tasks(accounts) == 1


def test_an_activity_that_a_crm_refuses_does_not_hold_up_those_that_wait_with_it() -> None:
    texts = [
        story.whatsapp(
            f"text {number}",
            messages=[
                story.message(f"wamid.{number}", 60 + number, "text", {"body": body}, **{"from": story.PHONE[1:]})
            ],
        )
        for number, body in enumerate(["refused", "fine", "refused", "fine as well"])
    ]
    world, accounts = story_world(trouble=lambda call: 400 if b"refused" in call.body else None)
    run(*texts, world=world)
    world.deliver(created())
    world.run()
    said = sorted(str(text) for text, _ in logged(accounts, "communications"))
    assert len(said) == 2
    assert all("fine" in text for text in said)
    assert len({mark.sk for mark in pending(world) if story.HUBSPOT in mark.sk}) == 2


def test_a_mark_is_taken_away_where_it_was_made_when_the_entry_has_moved_to_another_persona() -> None:
    named = story.whatsapp(
        "text",
        contacts=[{"wa_id": story.PHONE[1:], "user_id": story.USER_ID, "profile": {"name": story.NAME}}],
        messages=[
            story.message(
                "wamid.one",
                60,
                "text",
                {"body": "Is it in stock?"},
                **{"from": story.PHONE[1:], "from_user_id": story.USER_ID},
            )
        ],
    )
    world, accounts = story_world()
    run(TEXT, named, created(), world=world)
    assert [contact for _, contact in logged(accounts, "communications")] == [story.HUBSPOT_CONTACT]
    assert [mark for mark in pending(world) if story.HUBSPOT in mark.sk] == []


def test_an_announcement_that_cannot_be_read_fails_alone() -> None:
    world, accounts = story_world()
    run(TEXT, world=world)
    world.paused = frozenset({"sync_crm"})
    world.deliver(created())
    world.work()
    [announced] = [json.loads(one.body) for one in world.queues["sync-crm"].waiting]
    world.queues["sync-crm"].send(json.dumps({**announced, "data": {"record": {"object": "contact"}}}), 0.0)
    world.paused = frozenset()
    world.run()
    assert world.raised == []
    assert len(world.dead()["sync-crm"]) == 1
    assert [contact for _, contact in logged(accounts, "communications")] == [story.HUBSPOT_CONTACT]


def entry(kind: Kind, *facts: dict[str, Any]) -> Entry:
    made = {
        str(number): {"timequality": "platform", "raw": "", "received": "", **one} for number, one in enumerate(facts)
    }
    return Entry("e1", kind, "c", "twilio", "2026-11-20T10:00:00.000Z", "p", made)


def test_a_call_is_logged_when_it_has_ended_and_with_what_is_known_of_it() -> None:
    who = {"identifiers": [{"kind": "phone", "value": "+819012340001"}]}
    started = {"type": "call.started", "at": "2026-11-20T10:00:00.000Z"}
    started["data"] = {"call_id": "c", "leg_id": "c", "direction": "inbound", "customer": who}  # type: ignore[assignment]
    ended = {"type": "call.ended", "at": "2026-11-20T10:01:00.000Z"}
    ended["data"] = {"call_id": "c", "leg_id": "c", "outcome": "no_answer", "duration_s": 0}  # type: ignore[assignment]
    assert command_for(entry("call", started), "7", BOTH) is None
    command = command_for(entry("call", started, ended), "7", BOTH)
    assert command is not None
    assert json.loads(command.model_dump_json(exclude_none=True)) == {
        "reference": "e1",
        "contact_id": "7",
        "direction": "inbound",
        "started_at": "2026-11-20T10:00:00.000Z",
        "outcome": "no_answer",
        "duration_s": 0,
        "customer_number": "+819012340001",
        "title": "Inbound call",
        "body": "Outcome: no answer",
    }


def test_what_a_platform_cannot_log_and_what_has_not_been_seen_yet_is_no_command() -> None:
    status = {
        "type": "message.status_changed",
        "at": "2026-11-20T10:00:00.000Z",
        "data": {"message_id": "w", "status": "read"},
    }
    assert command_for(entry("message", status), "7", BOTH) is None
    body = {"message_id": "w", "channel": "sms", "direction": "inbound", "text": "Hi"}
    received = {"type": "message.received", "at": "2026-11-20T10:00:00.000Z", "data": body}
    assert command_for(entry("message", received), "7", frozenset({"call"})) is None
    assert command_for(entry("message", received), "7", BOTH) is not None


def test_the_platforms_words_for_changed_fields_become_ours() -> None:
    portal, organization = Connection("h" * 26, "hubspot"), Connection("f" * 26, "salesforce")
    assert our_fields(portal, "contact", ("jobtitle", "lastname", "unheard_of")) == ("last_name", "name", "title")
    assert our_fields(organization, "lead", ("Company",)) == ("company",)


def test_a_field_of_the_connections_own_map_is_one_of_ours_on_that_connection_alone() -> None:
    plain = Connection("h" * 26, "hubspot")
    own = with_lines(plain, "contacts", 1, {"x_tier": "tier", "title": None})
    assert our_fields(own, "contact", ("tier", "jobtitle")) == ("x_tier",)
    assert our_fields(plain, "contact", ("tier", "jobtitle")) == ("title",)


def test_when_one_of_two_holders_of_a_number_is_deleted_what_waited_is_logged_on_the_one_that_is_left() -> None:
    world, accounts = story_world()
    twin = accounts.hubspot.records.create("contacts", {"phone": story.PHONE}, source="CRM_UI")
    run(created(), created(twin.id), TEXT, world=world)
    assert logged(accounts, "communications") == []
    accounts.hubspot.records.of("contacts").pop(twin.id)
    gone = story.contact_created(twin.id, 90) | {"subscriptionType": "contact.deletion", "eventId": 77}
    run(story.hubspot_batch(gone), world=world)
    assert [contact for _, contact in logged(accounts, "communications")] == [story.HUBSPOT_CONTACT]
    assert [mark for mark in pending(world) if story.HUBSPOT in mark.sk] == []


def test_what_was_changed_between_an_announcement_and_its_reading_keeps_its_own_time() -> None:
    """Not that of the announcement: its delivery was received before."""
    world, accounts = story_world()
    world.paused = frozenset({"sync_crm"})
    run(created(), world=world)
    contact = accounts.hubspot.records.of("contacts")[story.HUBSPOT_CONTACT]
    accounts.hubspot.records.update(contact, {"jobtitle": "Owner"}, source="CRM_UI", at=moment(7_200))
    world.clock.sleep(7_200)
    world.paused = frozenset()
    run(world=world)
    world.run()
    (customer,) = snapshot(world, accounts)["customers"]
    assert (customer["fields"]["title"]["value"], customer["fields"]["title"]["at"]) == ("Owner", moment(7_200))
