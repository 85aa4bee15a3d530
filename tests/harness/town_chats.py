"""The town's people on WhatsApp, on the phone and at a shop's till without an account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from tests.harness import town_names as names
from tests.harness.town_people import DAY, END, Person, Population

ON_WHATSAPP, PHONELESS, HIDES_LATER, ANNOUNCES, CALLS, GUEST = 0.6, 0.18, 0.2, 0.6, 0.5, 0.04


@dataclass(frozen=True, slots=True)
class Chat:
    """One message: the user id and, where it is shown, the phone."""

    at: int
    user: str
    phone: str


@dataclass(frozen=True, slots=True)
class Move:
    """A change that WhatsApp announces: a number and, with it, the user id."""

    at: int
    old_phone: str
    new_phone: str
    old_user: str
    new_user: str


@dataclass(frozen=True, slots=True)
class Account:
    """A person's WhatsApp account, with its user ids one after the other."""

    person: int
    profile: str
    style: str
    username: str
    chats: tuple[Chat, ...]
    moves: tuple[Move, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """A phone call from or to a number."""

    at: int
    number: str
    inbound: bool


@dataclass(frozen=True, slots=True)
class Guest:
    """An order without an account: one person gives a phone and a mailbox."""

    at: int
    person: int
    phone: str
    mail: str


@dataclass
class Lines:
    """Who writes, who calls, who buys as a guest."""

    random: Random
    town: Population
    count: int = 0

    def accounts(self, person: Person) -> Iterator[Account]:
        """The person's WhatsApp accounts: none, one, or two where they began anew with another number."""
        if person.lent or self.random.random() >= ON_WHATSAPP:
            return
        phoneless = self.random.random() < PHONELESS
        if person.changed_at is None or phoneless:
            yield self._account(person, self._chats(person.arrives, END, "" if phoneless else person.mobiles[-1][0]))
            return
        before = self._chats(person.arrives, person.changed_at, person.mobiles[0][0])
        after = self._chats(person.changed_at + DAY, END, person.mobiles[1][0])
        if self.random.random() < ANNOUNCES:
            yield self._account(person, before + after, (self._move(person, before, after),))
        else:
            yield self._account(person, before)
            yield self._account(person, after)

    def _move(self, person: Person, before: list[Chat], after: list[Chat]) -> Move:
        (old, _, _), (new, at, _) = person.mobiles
        return Move(at, old, new, before[0].user, after[0].user)

    def _account(self, person: Person, chats: list[Chat], moves: tuple[Move, ...] = ()) -> Account:
        # Who lends their phone is told from who borrows it by nothing but the name.
        open_ = not {chat.phone for chat in chats} & self.town.shared.keys()
        style = names.style_of(self.random, names.PROFILES)
        style = style if open_ or style in names.WHOLE else "kanji"
        hidden = not any(chat.phone for chat in chats) or not all(chat.phone for chat in chats)
        username = "".join(person.name.latin()).lower() + str(self.random.randrange(1000)) if hidden else ""
        return Account(
            person.number, names.profile(self.random, person.name, style), style, username, tuple(chats), moves
        )

    def _chats(self, since: int, until: int, phone: str) -> list[Chat]:
        self.count += 1
        user = f"JP.{80_000_000_000 + self.count}"
        hides = len(phone) > 0 and self.random.random() < HIDES_LATER
        times = sorted(self.random.randrange(since, until) for _ in range(self.random.randint(1, 3)))
        return [Chat(at, user, "" if hides and place else phone) for place, at in enumerate(times)]

    def calls(self, person: Person) -> Iterator[Call]:
        """Calls from the mobile, from home, from work."""
        if self.random.random() >= CALLS:
            return
        at = self.random.randrange(person.arrives, END)
        work = person.company.switchboard if person.company else ""
        number = self.random.choice([one for one in (person.family_phone, work) if one] + [person.mobile_at(at)] * 3)
        yield Call(at, number, self.random.random() < 0.8)

    def guest_orders(self, person: Person) -> Iterator[Guest]:
        """An order at the till, with the mobile of that day."""
        if self.random.random() < GUEST and not person.lent:
            at = self.random.randrange(person.arrives, END)
            yield Guest(at, person.number, person.mobile_at(at), person.mails[0])
