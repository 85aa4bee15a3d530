"""What must be true after the traffic: nothing lost, nothing twice, all poison set aside with a reason."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.directory import Customer, Directory
from hub.domain.events import Identifier
from hub.timeline_store import Entry, read
from infra.local.standins.hubspot import HubSpot
from tests.harness import story
from tests.harness.traffic import MESSAGES, SENT_BY_US, STATUSES, Person, Traffic
from tests.harness.world import World


@dataclass(slots=True)
class Verdict:
    """What is wrong, each with a word on it."""

    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    poison_not_set_aside: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Nothing is wrong."""
        return not (self.lost or self.duplicated or self.wrong or self.poison_not_set_aside)


def judge(world: World, hubspot: HubSpot, traffic: Traffic) -> Verdict:
    """The verdict on a world at rest."""
    verdict = Verdict()
    state = _State(world)
    for person in traffic.people:
        _judge_person(verdict, state, person)
    _judge_effects(verdict, hubspot, traffic.people)
    _judge_poison(verdict, world, traffic)
    return verdict


class _State:
    """The timeline and customers as stored."""

    def __init__(self, world: World) -> None:
        self.directory = Directory(world.store, world.plain_hub.secrets.hash_key())
        entries = [read(item) for item in world.store.everything() if item.sk == "ENTRY"]
        self.by_native: dict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            self.by_native[_native_id(entry)].append(entry)

    def customer(self, person: Person) -> Customer | None:
        """Whom the person's phone number leads to."""
        phone = Identifier(kind="phone", value=person.phone)
        return self.directory.customer(self.directory.persona_id(phone))


def _native_id(entry: Entry) -> str:
    data: Mapping[str, Any] = next(iter(entry.facts.values()))["data"]
    return str(data.get("message_id") or data.get("call_id") or entry.id)


def _judge_person(verdict: Verdict, state: _State, person: Person) -> None:
    customer = state.customer(person)
    if customer is None:
        verdict.lost.append(f"customer {person.number}")
        return
    personas = {one.id for one in customer.personas}
    for native, shown in _expected(person).items():
        found = state.by_native.get(native, [])
        if len(found) != 1:
            (verdict.duplicated if found else verdict.lost).append(f"entry {native}")
        else:
            verdict.wrong += [f"{native}: {why}" for why in _differences(found[0], shown, personas)]
    if customer.fields.get("title", {}).get("value") != "Buyer":
        verdict.lost.append(f"title of customer {person.number}")
    if len(customer.records_on(story.HUBSPOT, frozenset({"contact"}))) != 1:
        verdict.wrong.append(f"customer {person.number} has not exactly one contact")


def _expected(person: Person) -> dict[str, dict[str, Any]]:
    """Native id -> what must be shown; `at` in seconds of the story."""
    received = {
        person.message(index): {"text": person.words(index), "at": person.seconds(1 + index)}
        for index in range(MESSAGES)
    }
    sent = {
        person.sent(index): {"status": STATUSES[-1], "at": person.seconds(20 + index * 3)}
        for index in range(SENT_BY_US)
    }
    call = {"state": "ended", "outcome": "answered", "duration_s": 9, "recording": True}
    return {**received, **sent, person.call: call}


def _differences(entry: Entry, expected: Mapping[str, Any], personas: set[str]) -> Iterator[str]:
    shown = entry.shown
    if entry.persona not in personas:
        yield "filed under somebody else"
    for name, value in expected.items():
        actual = {"at": entry.at, "recording": bool(shown.get("recordings"))}.get(name, shown.get(name))
        if actual != (moment_of(value) if name == "at" else value):
            yield f"{name} is {actual!r}"


def moment_of(seconds: float) -> str:
    """RFC 3339 with milliseconds, whole seconds as WhatsApp gives them."""
    from hub.domain.events import instant

    return instant(story.at_ms(seconds) // 1000 * 1000)


def _judge_effects(verdict: Verdict, hubspot: HubSpot, people: list[Person]) -> None:
    logged = Counter(_logged(hubspot))
    expected = {(person.contact, person.words(index)) for person in people for index in range(MESSAGES)}
    expected |= {(person.contact, "call") for person in people}
    verdict.lost += [f"log of {what} on {contact}" for contact, what in expected - set(logged)]
    verdict.duplicated += [f"log of {what} on {contact}" for (contact, what), n in logged.items() if n > 1]
    verdict.wrong += [f"log of {what} on {contact}" for contact, what in set(logged) - expected]


def _logged(hubspot: HubSpot) -> Iterator[tuple[str, str]]:
    """(contact, what) of every activity in the account."""
    contacts = {one: other[1] for one, other in hubspot.records.associations if other[0] == "contacts"}
    for record in hubspot.records.of("communications").values():
        text = str(record.value("hs_communication_body")).rpartition("<br>")[2]
        yield contacts.get(("communications", record.id), "nobody"), text
    for record in hubspot.records.of("calls").values():
        yield contacts.get(("calls", record.id), "nobody"), "call"


def _judge_poison(verdict: Verdict, world: World, traffic: Traffic) -> None:
    aside = [item for item in world.store.everything() if item.pk.startswith("ASIDE#") and item.sk == "quarantine"]
    reasons = [item for item in aside if item.body.get("reason")]
    missing = len(traffic.poison) - len(reasons)
    verdict.poison_not_set_aside += [f"{missing} of {len(traffic.poison)}"] * max(0, missing)
    if len(aside) > len(traffic.poison):
        verdict.wrong.append(f"{len(aside)} set aside of {len(traffic.poison)} unreadable")
    for queue, letters in world.dead().items():
        verdict.lost += [f"dead letter on {queue}: {_type(letter.body)} {letter.reason}" for letter in letters]


def _type(body: str) -> str:
    message: Mapping[str, Any] = json.loads(body)
    return str(message.get("type") or message.get("platform"))
