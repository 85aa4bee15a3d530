"""A day's traffic of many customers, as the platforms send it, and what must have become of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from tests.harness import story
from tests.harness.sending import Sending

DUPLICATED = 0.05
REORDERED = 0.05
POISON = 0.02
PER_CUSTOMER = 19
MESSAGES = 6
SENT_BY_US = 2
STATUSES = ("sent", "delivered", "read")
FURTHEST = 5  # a delivery is moved behind at most this many of its conversation


@dataclass(frozen=True, slots=True)
class Person:
    """One customer and what must be known of them in the end."""

    number: int
    contact: str

    @property
    def phone(self) -> str:
        """E.164."""
        return f"+8190{10_000_000 + self.number}"

    @property
    def user_id(self) -> str:
        """Business-scoped WhatsApp user id."""
        return f"JP.{70_000_000_000 + self.number}"

    @property
    def call(self) -> str:
        """The id of their call."""
        return f"CA{self.number:032x}"

    def message(self, index: int) -> str:
        """The id of a message they sent."""
        return f"wamid.IN{self.number:06d}{index:02d}"

    def sent(self, index: int) -> str:
        """The id of a message they were sent."""
        return f"wamid.OUT{self.number:06d}{index:02d}"

    def words(self, index: int) -> str:
        """What they wrote."""
        return f"message {index} of customer {self.number}"

    def seconds(self, step: float) -> float:
        """When their step happened, in seconds of the story's clock; no two of one customer at once."""
        return self.number % 60 + step * 10


@dataclass(frozen=True, slots=True)
class Step:
    """One delivery of a conversation; `poison` says that nobody can read it."""

    person: int
    place: int
    sending: Sending
    poison: bool = False


@dataclass(slots=True)
class Traffic:
    """Deliveries in the order in which the platforms first send them."""

    people: list[Person]
    steps: list[Step]
    duplicated: int = 0
    moved: int = 0
    inversions: int = field(default=0)

    @property
    def poison(self) -> list[Step]:
        """The distinct unreadable ones."""
        return list({step.sending.body: step for step in self.steps if step.poison}.values())


def traffic(random: Random, deliveries: int, contacts: list[str]) -> Traffic:
    """At least `deliveries` steps of len(contacts) customers, with duplicates, disorder and poison."""
    people = [Person(number, contact) for number, contact in enumerate(contacts)]
    conversations = [list(_conversation(person)) for person in people]
    moved = sum(_disturb(random, conversation) for conversation in conversations)
    merged = list(_merge(random, conversations))
    poison = [_poison(number) for number in range(max(3, round(deliveries * POISON)))]
    for step in poison:
        merged.insert(random.randrange(len(merged)), step)
    copies = random.sample(merged, round(len(merged) * DUPLICATED))
    for step in copies:
        merged.insert(random.randrange(merged.index(step), len(merged)) + 1, step)
    return Traffic(people, merged, len(copies), moved, _inversions(merged))


def people_needed(deliveries: int) -> int:
    """How many customers make about that many deliveries."""
    return max(2, round(deliveries / (PER_CUSTOMER * (1 + DUPLICATED) * (1 + POISON))))


def _conversation(person: Person) -> Iterator[Step]:
    for place, sending in enumerate(_sendings(person)):
        yield Step(person.number, place, sending)


def _sendings(person: Person) -> Iterator[Sending]:
    yield story.hubspot_batch(story.contact_created(person.contact, person.seconds(0)))
    for index in range(MESSAGES):
        yield _message(person, index)
    for index in range(SENT_BY_US):
        for rank, word in enumerate(STATUSES):
            at = person.seconds(20 + index * 3 + rank)
            yield story.whatsapp("status", statuses=[story.status(person.sent(index), word, at, person.phone[1:])])
    yield from _call(person)
    yield story.hubspot_batch(story.property_changed(person.contact, 3, "jobtitle", "Buyer", person.seconds(50)))


def _message(person: Person, index: int) -> Sending:
    """Every third message comes without a phone number."""
    phone = {} if index % 3 == 2 else {"from": person.phone[1:]}
    who = {**({"wa_id": person.phone[1:]} if phone else {}), "user_id": person.user_id}
    content = {"body": person.words(index)}
    sent = story.message(
        person.message(index), person.seconds(1 + index), "text", content, from_user_id=person.user_id, **phone
    )
    return story.whatsapp("message", contacts=[{"profile": {"name": "Someone"}, **who}], messages=[sent])


def _call(person: Person) -> Iterator[Sending]:
    about = {"CallSid": person.call, "From": person.phone}
    yield story.twilio("call incoming", CallStatus="ringing", **about)
    yield story.call_status("ringing", 1, person.seconds(40), **about)
    yield story.call_status("in-progress", 2, person.seconds(41), **about)
    yield story.call_status("completed", 3, person.seconds(42), CallDuration="9", Duration="1", **about)
    yield story.recording(person.call)


def _disturb(random: Random, conversation: list[Step]) -> int:
    """Moves some deliveries behind later ones of the same conversation."""
    chosen = [step for step in conversation if random.random() < REORDERED]
    for step in chosen:
        place = conversation.index(step)
        conversation.remove(step)
        conversation.insert(place + random.randint(1, FURTHEST), step)
    return len(chosen)


def _merge(random: Random, conversations: list[list[Step]]) -> Iterator[Step]:
    """The conversations woven into each other, some dozens at a time."""
    waiting = [list(reversed(conversation)) for conversation in reversed(conversations)]
    active = [waiting.pop() for _ in range(min(40, len(waiting)))]
    while active:
        chosen = random.randrange(len(active))
        yield active[chosen].pop()
        if not active[chosen]:
            active[chosen : chosen + 1] = [waiting.pop()] if waiting else []


def _inversions(steps: list[Step]) -> int:
    """How often a delivery came after a later one of its conversation."""
    furthest: dict[int, int] = {}
    count = 0
    for step in steps:
        count += not step.poison and step.place < furthest.get(step.person, -1)
        furthest[step.person] = max(step.place, furthest.get(step.person, -1))
    return count


def _poison(number: int) -> Step:
    """Signed, and unreadable in a way of its own."""
    bodies = (
        Sending(
            "poison", "whatsapp", story.WHATSAPP, b'{"object":"whatsapp_business_account","n":%d,"entry":[{' % number
        ),
        Sending("poison", "crm", story.HUBSPOT, b'{"not":"a batch","n":%d}' % number),
        Sending("poison", "whatsapp", story.WHATSAPP, b'[%d,"no object"]' % number),
        Sending("poison", "crm", story.HUBSPOT, b'[{"eventId":%d},' % number),
    )
    return Step(-1 - number, 0, bodies[number % len(bodies)], poison=True)
