"""Five hundred WhatsApp conversations of twenty deliveries each, in bursts that mix up their order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from hub import connector as registry
from hub.delivery import Delivery
from hub.domain.events import Identifier, instant
from tests.harness import story
from tests.harness.filing import directory, everything, filing_hub
from tests.harness.lives import BY_ID, delivered
from tests.harness.mutants_identity import Files, plainly
from tests.harness.seen import customer_seen
from tests.harness.snapshot import differences

CONVERSATIONS, LENGTH, BURST, AT_ONCE = 500, 20, 10, 25
COPIES = 0.15
STATUSES = ("sent", "delivered", "read")
PORTFOLIO = "pf1"
COPY_LATER_MS, LONGEST_PAUSE_S = 7_000, 30


@dataclass(frozen=True, slots=True)
class Said:
    """One event of a conversation, at its place in it, and its copy, which was received later."""

    conversation: int
    place: int
    body: str
    copy: str


@dataclass(slots=True)
class Order:
    """How the mixed-up run compares with the sorted one: `wrong` says of some conversations what is different."""

    conversations: int
    events: int
    equal: int = 0
    inversions: int = 0
    wrong: list[str] = field(default_factory=list)


def compare(seed: int, conversations: int = CONVERSATIONS, files: Files = plainly) -> Order:
    """Files the conversations sorted, and mixed up with copies by `files`, and compares each of them."""
    random = Random(seed)
    talks = [list(_mapped(number, random)) for number in range(conversations)]
    mixed = list(_mixed(random, talks))
    expected, actual = filing_hub(), filing_hub()
    plainly(expected, [said.body for talk in talks for said in talk])
    files(actual, list(_bodies(mixed)))
    order = Order(conversations, sum(map(len, talks)), inversions=_inversions(mixed))
    for number in range(conversations):
        found = list(differences(_end(expected.store, number), _end(actual.store, number)))
        order.equal += not found
        order.wrong += [f"conversation {number}: {found[0]}"] if found else []
    if not order.wrong and _others(expected.store) != _others(actual.store):
        order.wrong.append("what is not part of a conversation differs")
    return order


def _others(store: Any) -> list[tuple[str, str]]:
    """Which items there are at all."""
    return [(item.pk, item.sk) for item in everything(store) if not item.pk.startswith("H#")]


def _end(store: Any, number: int) -> Any:
    who = directory(store)
    user = Identifier(kind="whatsapp_user_id", value=_user(number), scope=PORTFOLIO)
    customer = who.customer(who.persona_id(user))
    return customer_seen(who, customer) if customer else None


def _user(number: int) -> str:
    return f"JP.{80_000_000_000 + number}"


def _mapped(number: int, random: Random) -> Iterator[Said]:
    for place, delivery in enumerate(_deliveries(number, random)):
        yield Said(number, place, _event(delivery, place), _event(delivery, place, COPY_LATER_MS))


def _event(delivery: Delivery, place: int, later_ms: int = 0) -> str:
    received = instant(story.at_ms(LENGTH * LONGEST_PAUSE_S + place) + later_ms)
    arrived = replace(delivery, received_at=received, raw_ref=f"raw/{later_ms}")
    (event,) = registry.load("whatsapp_cloud").map_delivery(arrived, BY_ID[story.WHATSAPP]).events
    return event.model_dump_json()


def _deliveries(number: int, random: Random) -> Iterator[Delivery]:
    """What the customer writes and changes, what we answer, and what becomes of it; some of it in the same second."""
    talk = _Talk(number, random)
    for place in range(LENGTH):
        yield talk.next(place)


@dataclass
class _Talk:
    number: int
    random: Random
    second: int = 0
    written: list[str] = field(default_factory=list)
    waiting: list[tuple[str, str]] = field(default_factory=list)  # statuses to come: message, word

    def next(self, place: int) -> Delivery:
        self.second += self.random.choice((0, 1, 1, LONGEST_PAUSE_S))
        name = f"{self.number:05d}.{place:02d}"
        if place and self.waiting and self.random.random() < 0.4:
            return self._status(*self.waiting.pop(0))
        if place and self.random.random() < 0.25:
            return self._ours(name)
        if self.written and self.random.random() < 0.25:
            return self._change(name)
        return self._theirs(name)

    def _theirs(self, name: str) -> Delivery:
        self.written.append(f"wamid.IN{name}")
        phone = {"from": self._phone} if self.random.random() < 0.5 else {}
        who = {**phone, "from_user_id": _user(self.number)}
        one = story.message(f"wamid.IN{name}", self.second, "text", {"body": f"words {name}"}, **who)
        profile = {"profile": {"name": f"Name {name}"}, "user_id": _user(self.number)}
        return delivered(story.whatsapp("text", contacts=[profile], messages=[one]))

    def _change(self, name: str) -> Delivery:
        target = self.random.choice(self.written)
        better = {"type": "text", "text": {"body": f"better {name}"}}
        contents: list[tuple[str, dict[str, Any]]] = [
            ("edit", {"original_message_id": target, "message": better}),
            ("revoke", {"original_message_id": target}),
            ("reaction", {"message_id": target, "emoji": self.random.choice(("👍", "🙏", ""))}),
        ]
        kind, content = self.random.choice(contents)
        one = story.message(f"wamid.CH{name}", self.second, kind, content, from_user_id=_user(self.number))
        return delivered(story.whatsapp(kind, messages=[one]))

    def _ours(self, name: str) -> Delivery:
        message = f"wamid.OUT{name}"
        self.waiting += [(message, word) for word in STATUSES]
        return delivered(story.echo(message, self.second, self._phone, f"answer {name}", _user(self.number)))

    def _status(self, message: str, word: str) -> Delivery:
        one = story.status(message, word, self.second, self._phone) | {"recipient_user_id": _user(self.number)}
        return delivered(story.whatsapp("status", statuses=[one]))

    @property
    def _phone(self) -> str:
        return str(819_070_000_000 + self.number)


def _mixed(random: Random, talks: Sequence[list[Said]]) -> Iterator[Said]:
    """Bursts of ten of each conversation, shuffled together with those of others, some sent twice."""
    for first in range(0, len(talks), AT_ONCE):
        for start in range(0, LENGTH, BURST):
            burst = [said for talk in talks[first : first + AT_ONCE] for said in talk[start : start + BURST]]
            burst += random.sample(burst, round(len(burst) * COPIES))
            random.shuffle(burst)
            yield from burst


def _bodies(mixed: Sequence[Said]) -> Iterator[str]:
    """The first time as it was sent first, or as a copy; then the other."""
    seen = set[tuple[int, int]]()
    for said in mixed:
        known = (said.conversation, said.place) in seen
        seen.add((said.conversation, said.place))
        yield said.copy if known == bool(said.place % 2) else said.body


def _inversions(mixed: Sequence[Said]) -> int:
    """How often an event came after a later one of its own conversation; a copy counts when it is the first to come."""
    furthest: dict[int, int] = {}
    seen = set[Said]()
    count = 0
    for said in mixed:
        if said not in seen:
            count += said.place < furthest.get(said.conversation, -1)
            furthest[said.conversation] = max(said.place, furthest.get(said.conversation, -1))
        seen.add(said)
    return count
