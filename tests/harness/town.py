"""A generated town: its people on five platforms, all that the platforms send, and who is who in truth.

HubSpot, Salesforce and Shopify keep records; WhatsApp has user ids; Twilio has callers, who are known by a number only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from hub.delivery import Delivery
from hub.domain.events import Identifier
from tests.harness import town_wire as wire
from tests.harness.town_chats import Account, Call, Guest, Lines
from tests.harness.town_names import WHOLE
from tests.harness.town_people import END, Population, populate
from tests.harness.town_records import Clerks, Record
from tests.harness.town_truth import Hold, Identity, Truth

WHATSAPP = ("whatsapp", "user")
COPIES = 0.05
# What of a profile's name is the surname too.
SHOWN = {**dict.fromkeys(WHOLE, "whole"), "family": "family"}


@dataclass(frozen=True, slots=True)
class Town:
    """The people, what the platforms keep of them, and what happens."""

    seed: int
    population: Population
    records: list[Record]
    accounts: list[Account]
    calls: list[Call]
    guests: list[Guest]

    def deliveries(self, random: Random) -> list[Delivery]:
        """All that the platforms send, in any order, some of it twice."""
        sent = list(self._sent(random))
        sent += random.sample(sent, round(len(sent) * COPIES))
        random.shuffle(sent)
        return sent

    def _sent(self, random: Random) -> Iterator[Delivery]:
        for record in self.records:
            yield from wire.of_record(record)
        for account in self.accounts:
            yield from wire.of_account(account)
        for number, call in enumerate(self.calls):
            yield wire.of_call(call, number, random.choice(self.population.own))
        yield from map(wire.of_guest, self.guests)

    def truth(self) -> Truth:
        """Who is who."""
        records = [_of_record(one) for one in self.records]
        chats = [one for account in self.accounts for one in _of_account(account)]
        guests = [_of_guest(number, one) for number, one in enumerate(self.guests)]
        return Truth(self.population, [*records, *chats, *guests])


def build(seed: int, size: int) -> Town:
    """The town of that many people; the same seed gives the same one."""
    random = Random(seed)
    population = populate(random, size)
    clerks, lines = Clerks(random, population), Lines(random, population)
    records = [one for person in population.people for one in clerks.records(person)]
    accounts = [one for person in population.people for one in lines.accounts(person)]
    calls = [one for person in population.people for one in lines.calls(person)]
    guests = [one for person in population.people for one in lines.guest_orders(person)]
    return Town(seed, population, records, accounts, calls, guests)


def identifier(key: str) -> Identifier:
    """The identity as the hub names it."""
    platform, kind, value = key.split(":")
    if (platform, kind) == WHATSAPP:
        portfolio = str(wire.CONNECTIONS["whatsapp_cloud"].settings["portfolio_id"])
        return Identifier(kind="whatsapp_user_id", scope=portfolio, value=value)
    return Identifier(kind="record", scope=wire.CONNECTIONS[platform].id, value=f"{kind}:{value}")


def _of_record(record: Record) -> Identity:
    end = (record.deleted_at if record.gone else record.merged_at) or END
    until = [*(one.at for one in record.versions[1:]), end]
    holds = [
        Hold(value, version.at, ends)
        for version, ends in zip(record.versions, until, strict=True)
        for value in set(version.means.values())
    ]
    heir = record.merged.key if record.merged else ""
    slot = (record.platform, record.object)
    return Identity(record.key, record.person, slot, SHOWN.get(record.style, ""), holds, record.gone, heir)


def _of_account(account: Account) -> Iterator[Identity]:
    name = SHOWN.get(account.style, "")
    users = list(dict.fromkeys(chat.user for chat in account.chats))
    for user in users:
        shown = [Hold(chat.phone, chat.at, END) for chat in account.chats if chat.user == user and chat.phone]
        shown += [Hold(move.new_phone, move.at, END) for move in account.moves if move.new_user == user]
        holds = [Hold(one.value, one.since, _given_up(account, one)) for one in shown]
        heir = next((f"whatsapp:user:{move.new_user}" for move in account.moves if move.old_user == user), "")
        yield Identity(f"whatsapp:user:{user}", account.person, WHATSAPP, name, holds, heir=heir)


def _given_up(account: Account, hold: Hold) -> int:
    return next((move.at for move in account.moves if move.old_phone == hold.value), hold.until)


def _of_guest(number: int, order: Guest) -> Identity:
    holds = [Hold(value, order.at, order.at + 1) for value in (order.phone, order.mail)]
    return Identity(f"guest:order:{number}", order.person, None, "", holds)
