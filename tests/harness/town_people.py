"""The people of the town: who lives and works with whom, who holds which number and mailbox, and since when.

All numbers begin with a 0 after the prefix, which no operator assigns; mailboxes are under reserved names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from tests.harness import town_names as names
from tests.harness.town_names import Name

DAY = 86_400_000
START = 1_730_419_200_000  # 2024-11-01, Unix ms
END = START + 730 * DAY

HOUSEHOLDS = {1: 40, 2: 27, 3: 15, 4: 13, 5: 5}  # members -> how many of a hundred
FAMILY_PHONE, FAMILY_MAIL, BORROWED = 0.45, 0.12, 0.03
EMPLOYED, PER_COMPANY = 0.35, 25
CHANGED, GIVEN_ON = 0.12, 0.05
AGENTS, OWN_NUMBERS = 12, 2
QUARANTINE = 90 * DAY  # how long an operator keeps a number that was given up
DOMAINS = ("mail.example", "post.example.jp", "example.com", "example.net", "example.org", "letters.example")


@dataclass(frozen=True, slots=True)
class Company:
    """Where people work: one number that all of them give, and a mailbox that some of them give."""

    domain: str
    switchboard: str
    desk: str


@dataclass(slots=True)
class Person:
    """One person; `mobiles` are (number, since, until), `lent` is a relative's mobile that they give as their own."""

    number: int
    name: Name
    sex: str
    household: int
    mobiles: list[tuple[str, int, int]]
    mails: list[str]
    family_phone: str = ""
    family_mail: str = ""
    lent: str = ""
    company: Company | None = None
    arrives: int = START

    def mobile_at(self, at: int) -> str:
        """The mobile that they hold then."""
        return next(number for number, since, until in self.mobiles if since <= at < until)

    @property
    def changed_at(self) -> int | None:
        """When they got another number."""
        return self.mobiles[1][1] if len(self.mobiles) > 1 else None


@dataclass(slots=True)
class Population:
    """The people; `shared` says of a number or mailbox that several have why they do."""

    people: list[Person]
    agents: list[str]
    own: list[str]
    shared: dict[str, str] = field(default_factory=dict)

    def owners(self) -> dict[str, list[tuple[int, int, int]]]:
        """Of each mobile and mailbox of a person's own: (person, since, until)."""
        found: dict[str, list[tuple[int, int, int]]] = {}
        for one in self.people:
            for number, since, until in one.mobiles:
                found.setdefault(number, []).append((one.number, since, until))
            for mail in one.mails:
                found.setdefault(mail, []).append((one.number, 0, END))
        return found


@dataclass
class Registry:
    """Hands out numbers and mailboxes, each once."""

    random: Random
    taken: set[str] = field(default_factory=set)

    def mobile(self) -> str:
        """E.164."""
        return self._new(lambda: f"+81{self.random.choice('789')}00{self.random.randrange(10_000_000):07d}")

    def landline(self) -> str:
        """E.164."""
        return self._new(lambda: f"+8130{self.random.randrange(10_000_000):07d}")

    def mail(self, name: Name, domain: str) -> str:
        """An address made of the name."""
        family, given = (part.lower().replace(" ", "") for part in name.latin())
        forms = (
            f"{given}.{family}",
            f"{family}.{given}",
            f"{given[:1]}.{family}",
            f"{given}{family[:1]}",
            f"{family}-{given}",
        )
        form = self.random.choice(forms).translate(_PLAIN)
        taken = f"{form}@{domain}" in self.taken
        number = str(self.random.randrange(10_000)) if taken or self.random.random() < 0.5 else ""
        return (
            self._new(lambda: f"{form}{number or self.random.randrange(10_000)}@{domain}")
            if number
            else self.once(f"{form}@{domain}")
        )

    def once(self, text: str) -> str:
        """The text, taken from now on."""
        self.taken.add(text)
        return text

    def _new(self, draw: object) -> str:
        while True:
            text = str(draw())  # type: ignore[operator]
            if text not in self.taken:
                return self.once(text)


_PLAIN = str.maketrans("üáéíóñ", "uaeion")


def populate(random: Random, size: int) -> Population:
    """That many people; the same seed gives the same town."""
    registry = Registry(random)
    people: list[Person] = []
    town = Population(
        people, [registry.mobile() for _ in range(AGENTS)], [registry.landline() for _ in range(OWN_NUMBERS)]
    )
    household = 0
    while len(people) < size:
        people += _household(random, registry, town, household, len(people), size - len(people))
        household += 1
    _employ(random, registry, town)
    _change_numbers(random, registry, people)
    _give_on(random, people)
    _lend(random, town)
    town.shared |= dict.fromkeys(town.agents, "an agent's number") | dict.fromkeys(town.own, "our own number")
    return town


def _household(
    random: Random, registry: Registry, town: Population, number: int, first: int, most: int
) -> Iterator[Person]:
    western = random.random() < names.WESTERN
    family = names.western_family(random) if western else names.family_name(random)
    count = min(most, random.choices(list(HOUSEHOLDS), list(HOUSEHOLDS.values()))[0])
    phone = registry.landline() if random.random() < FAMILY_PHONE else ""
    mail = registry.mail(Name(family[0], "family", family[1], "いえ" if family[1] else ""), random.choice(DOMAINS))
    mail = mail if count > 1 and random.random() < FAMILY_MAIL else ""
    if count > 1:
        town.shared |= {one: why for one, why in ((phone, "family phone"), (mail, "family e-mail")) if one}
    given = _given_names(random, count, western=western)
    for place, (sex, own, reading) in enumerate(given):
        name = Name(family[0], own, family[1], reading)
        mails = [registry.mail(name, random.choice(DOMAINS)) for _ in range(1 + (random.random() < 0.15))]
        yield Person(first + place, name, sex, number, [(registry.mobile(), 0, END)], mails, phone, mail)


def _given_names(random: Random, count: int, *, western: bool) -> list[tuple[str, str, str]]:
    """(sex, name, reading) of the members; nobody calls two of their children the same."""
    found: list[tuple[str, str, str]] = []
    while len(found) < count:
        sex = "fm"[len(found)] if count > 1 and len(found) < 2 else random.choice("fm")
        name, reading = names.western_given(random, sex) if western else names.given_name(random, sex)
        if all(name != other and (not reading or reading != read) for _, other, read in found):
            found.append((sex, name, reading))
    return found


def _employ(random: Random, registry: Registry, town: Population) -> None:
    count = max(1, round(len(town.people) * EMPLOYED / PER_COMPANY))
    domains = [f"company{number}.example" for number in range(count)]
    companies = [Company(one, registry.landline(), registry.once(f"info@{one}")) for one in domains]
    weights = [1 / (rank + 1) ** 0.6 for rank in range(count)]
    for one in companies:
        town.shared |= {one.switchboard: "switchboard", one.desk: "shared mailbox"}
    for person in town.people:
        if random.random() < EMPLOYED:
            person.company = random.choices(companies, weights)[0]
            person.mails.append(registry.mail(person.name, person.company.domain))


def _change_numbers(random: Random, registry: Registry, people: list[Person]) -> None:
    for person in people:
        if random.random() < CHANGED:
            at = START + random.randrange(100 * DAY, 560 * DAY)
            person.mobiles = [(person.mobiles[0][0], 0, at), (registry.mobile(), at, END)]


def _give_on(random: Random, people: list[Person]) -> None:
    """Some of the numbers that were given up are a newcomer's after a while."""
    settled = [one for one in people if one.changed_at is None]
    for old in [one for one in people if one.changed_at is not None]:
        at = (old.changed_at or 0) + QUARANTINE + random.randrange(60 * DAY)
        if random.random() < GIVEN_ON and at < END - 60 * DAY and settled:
            new = settled.pop(random.randrange(len(settled)))
            new.mobiles, new.arrives = [(old.mobiles[0][0], at, END)], at


def _lend(random: Random, town: Population) -> None:
    """Some give the mobile of somebody they live with."""
    homes: dict[int, list[Person]] = {}
    for one in town.people:
        homes.setdefault(one.household, []).append(one)
    for person in town.people:
        others = [one for one in homes[person.household] if one is not person and not one.lent and one.arrives == START]
        lenders = [one for one in others if one.changed_at is None]
        if lenders and person.arrives == START and random.random() < BORROWED:
            person.lent = random.choice(lenders).mobiles[0][0]
            town.shared[person.lent] = "a relative's mobile"
