"""A search by an identifier finds everybody who holds it, whatever keeps them apart."""

from __future__ import annotations

import pytest

from hub.directory import Directory
from hub.domain.events import Identifier
from hub.memory import FakeClock
from tests.harness import story
from tests.harness.accounts import accounts, secrets
from tests.harness.world import World
from tests.unit.api_client import Client

OTHER_NAME, SAME_NAME = "John Smith", story.NAME


def found_by_phone(profile: str) -> list[set[str]]:
    """The kinds of what each customer is known by who is found by the phone of a contact that somebody writes from."""
    clock = FakeClock(story.NOW)
    world = World(story.CONNECTIONS, secrets(), platforms=accounts(clock).platforms, clock=clock)
    contacts = [{"profile": {"name": profile}, "wa_id": story.PHONE[1:], "user_id": story.USER_ID}]
    who = {"from": story.PHONE[1:], "from_user_id": story.USER_ID}
    text = story.message("wamid.1", 60, "text", {"body": "Hello"}, **who)
    world.deliver(story.hubspot_batch(story.contact_created(story.HUBSPOT_CONTACT, 0)))
    world.deliver(story.whatsapp("text", contacts=contacts, messages=[text]))
    world.run()
    found = Client(world.plain_hub).get("/v1/customers", phone=story.PHONE).json["customers"]
    return [{one["kind"] for one in customer["identifiers"]} for customer in found]


@pytest.mark.parametrize("name", [SAME_NAME, OTHER_NAME])
def test_whoever_holds_a_number_is_found_by_it_though_their_names_keep_them_apart(name: str) -> None:
    found = found_by_phone(name)
    assert {"record", "whatsapp_user_id"} <= set().union(*found)
    assert any({"record", "whatsapp_user_id"} <= kinds for kinds in found) == (name == SAME_NAME)


def test_a_number_that_somebody_gave_up_still_finds_them_after_whoever_has_it_now() -> None:
    client = Client()
    known = Directory(client.hub.store, client.hub.secrets.hash_key())
    old, new = (Identifier(kind="phone", value=value) for value in (story.PHONE, "+819012340000"))
    chat = Identifier(kind="whatsapp_user_id", scope="pf1", value=story.USER_ID)
    for number in (old, new):
        known.attach([chat, number], reason="message.received", event="e1", at="2026-09-01T00:00:00.000Z")
    known.move(old, new, at="2026-09-02T00:00:00.000Z")
    now, before = client.get("/v1/customers", phone=story.PHONE).json["customers"]
    assert [one["value"] for one in now["identifiers"]] == [story.PHONE]
    assert {one["value"] for one in before["identifiers"]} >= {story.USER_ID, new.value}
