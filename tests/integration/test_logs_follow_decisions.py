"""A message of an ambiguous sender is logged nowhere until a person decides, and moves when the decision changes."""

from __future__ import annotations

import pytest

from hub.directory import Directory
from hub.domain.events import Identifier
from hub.memory import MemorySecrets, MemoryStore
from tests.harness import story
from tests.harness.accounts import Accounts, story_world
from tests.harness.sending import Sending
from tests.harness.world import World

pytestmark = pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
TEXT = story.whatsapp(
    "text",
    messages=[story.message("wamid.one", 60, "text", {"body": "Is it in stock?"}, **{"from": story.PHONE[1:]})],
)


def persona(identifier: Identifier) -> str:
    return Directory(MemoryStore(), MemorySecrets().hash_key()).persona_id(identifier)


class Case:
    """Two contacts in HubSpot with one number, and a message from it."""

    def __init__(self) -> None:
        self.world: World
        self.accounts: Accounts
        self.world, self.accounts = story_world()
        self.one = story.HUBSPOT_CONTACT
        self.other = self.accounts.hubspot.records.create("contacts", {"phone": story.PHONE}, source="CRM_UI").id
        self.send(story.hubspot_batch(story.contact_created(self.one, 0)))
        self.send(story.hubspot_batch(story.contact_created(self.other, 0)))
        self.send(TEXT)

    def send(self, sending: Sending) -> None:
        self.world.deliver(sending)
        self.world.run()

    def decide(self, verdict: str, word: str, contact: str) -> None:
        """A person says whose the number is, or is not."""
        phone = persona(Identifier(kind="phone", value=story.PHONE))
        record = persona(Identifier(kind="record", scope=story.HUBSPOT, value=f"contact:{contact}"))
        self.world.clock.sleep(60)
        self.world.people.ask("POST", f"/v1/customers/{phone}/{verdict}", {word: record, "why": "they said so"})
        self.world.run()
        assert self.world.people.refused == []
        assert self.world.dead() == {}

    def on(self) -> list[str]:
        """The contacts on which the message is logged."""
        records = self.accounts.hubspot.records
        logs = records.of("communications")
        return [contact for (_, log), (_, contact) in records.associations if log in logs]


@pytest.fixture
def case() -> Case:
    return Case()


def test_it_is_logged_nowhere_before_and_once_on_the_one_that_is_decided_for(case: Case) -> None:
    assert case.on() == []
    case.decide("merge", "with", case.other)
    assert case.on() == [case.other]
    case.send(TEXT)
    assert case.on() == [case.other]


def test_it_moves_when_the_decision_changes(case: Case) -> None:
    case.decide("merge", "with", case.other)
    case.decide("unmerge", "from", case.other)
    case.decide("merge", "with", case.one)
    assert case.on() == [case.one]


def test_it_is_taken_back_when_the_decision_is(case: Case) -> None:
    case.decide("merge", "with", case.other)
    case.decide("unmerge", "from", case.other)
    assert case.on() == []
