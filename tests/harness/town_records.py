"""The records that clerks and shops keep of the town's people, version by version, with all that goes wrong in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random

from tests.harness import town_names as names
from tests.harness import town_typing as typing
from tests.harness.town_people import DAY, END, Person, Population

SHARE = {"hubspot": 0.45, "salesforce": 0.40, "shopify": 0.40}
DOUBLES = {"hubspot": 0.06, "salesforce": 0.05, "shopify": 0.03}
LEADS, DELETED, MERGED, UPDATED, CORRECTED = 0.2, 0.03, 0.5, 0.6, 0.3
AGENTS_NUMBER, ANOTHERS_NUMBER = 0.01, 0.001
PHONES, MAILS = ("phone", "mobile"), ("email",)


@dataclass(frozen=True, slots=True)
class Version:
    """What a record holds since `at`: `fields` as typed, `means` the number or mailbox that each stands for."""

    at: int
    fields: Mapping[str, str]
    means: Mapping[str, str]


@dataclass(slots=True)
class Record:
    """One record of one person; deleted and restored, or merged into another, at those times."""

    platform: str
    object: str
    id: str
    person: int
    style: str
    versions: list[Version]
    deleted_at: int | None = None
    restored_at: int | None = None
    merged: Record | None = field(default=None, repr=False)
    merged_at: int | None = None

    @property
    def key(self) -> str:
        """The identity's name in the truth."""
        return f"{self.platform}:{self.object}:{self.id}"

    @property
    def gone(self) -> bool:
        """Whether it was deleted for good, with nothing in its place."""
        return self.deleted_at is not None and self.restored_at is None

    def at(self, time: int) -> Version:
        """The version of that time; before the first one the first."""
        return [self.versions[0], *(one for one in self.versions if one.at <= time)][-1]


@dataclass
class Clerks:
    """Types records; a shop takes each number and mailbox once."""

    random: Random
    town: Population
    used: set[str] = field(default_factory=set)
    count: int = 0

    def records(self, person: Person) -> Iterator[Record]:
        """The person's records on the three platforms that keep some."""
        for platform, share in SHARE.items():
            if self.random.random() < share:
                yield from self._on(platform, person)

    def _on(self, platform: str, person: Person) -> Iterator[Record]:
        first = self._record(platform, person)
        yield first
        if self.random.random() >= DOUBLES[platform]:
            yield from self._perhaps_deleted(first)
            return
        second = self._record(platform, person)
        yield second
        if platform != "salesforce" and second.object == first.object and self.random.random() < MERGED:
            latest = max(first.versions[-1].at, second.versions[-1].at)
            second.merged, second.merged_at = first, latest + 5 * DAY

    def _perhaps_deleted(self, record: Record) -> Iterator[Record]:
        if self.random.random() < DELETED:
            record.deleted_at = record.versions[-1].at + self.random.randrange(DAY, 20 * DAY)
            if self.random.random() < 0.5:
                record.restored_at = record.deleted_at + self.random.randrange(DAY, 10 * DAY)
        return
        yield

    def _record(self, platform: str, person: Person) -> Record:
        self.count += 1
        style = names.style_of(self.random, names.TYPED[platform])
        at = self.random.randrange(person.arrives, END - 40 * DAY)
        lead = platform == "salesforce" and self.random.random() < LEADS
        first = self._version(platform, person, at, style)
        record = Record(
            platform, "lead" if lead else "contact", _id(platform, self.count, lead), person.number, style, [first]
        )
        record.versions += self._later(platform, person, first)
        if {value for one in record.versions for value in one.means.values()} & self.town.shared.keys():
            self._in_full(record, person)
        return record

    def _in_full(self, record: Record, person: Person) -> None:
        """Who shares a number gives the whole name: else nothing in the world tells them from the others."""
        if record.style in names.WHOLE:
            return
        record.style = "kanji"
        full = self._name(person, record.style)
        record.versions = [Version(one.at, {**one.fields, **full}, one.means) for one in record.versions]

    def _name(self, person: Person, style: str) -> dict[str, str]:
        family, given = names.typed(self.random, person.name, style)
        return {"last_name": family, "first_name": given}

    def _version(self, platform: str, person: Person, at: int, style: str) -> Version:
        means = {name: value for name, value in self._contacts(person, at).items() if value}
        if platform == "shopify":
            means = self._of_a_shop(means)
        written = {name: self._typed(name, value) for name, value in means.items()}
        fields = {name: text for name, (text, _) in written.items()}
        return Version(at, self._name(person, style) | fields, {name: meant for name, (_, meant) in written.items()})

    def _typed(self, name: str, value: str) -> tuple[str, str]:
        """(text, what it stands for)."""
        if name in MAILS:
            slip = self.random.random() < typing.MISTYPED_MAIL
            value = typing.slipped_mail(self.random, value) if slip else value
            return typing.mail(self.random, value), value
        if self.random.random() < ANOTHERS_NUMBER:
            value = self.random.choice(self.town.people).mobiles[-1][0]
        elif self.random.random() < typing.WRONG_DIGIT:
            value = typing.slipped_number(self.random, value)
        return typing.phone(self.random, value), value

    def _contacts(self, person: Person, at: int) -> dict[str, str]:
        chance = self.random.random
        mobile = (person.lent or person.mobile_at(at)) if chance() < 0.72 or person.lent else ""
        other = self._other_phone(person)
        mails = [person.mails[0]] * 7 + person.mails + [person.family_mail] * 3
        if person.company and chance() < 0.1:
            mails = [person.company.desk]
        mail = self.random.choice([one for one in mails if one]) if chance() < 0.7 else ""
        if chance() < 0.5:
            return {"phone": other or mobile, "mobile": mobile if other else "", "email": mail}
        return {"phone": other, "mobile": mobile, "email": mail}

    def _other_phone(self, person: Person) -> str:
        if self.random.random() < AGENTS_NUMBER:
            return self.random.choice([*self.town.agents, *self.town.own])
        if person.company and self.random.random() < 0.5:
            return person.company.switchboard
        return person.family_phone if self.random.random() < 0.4 else ""

    def _of_a_shop(self, means: dict[str, str]) -> dict[str, str]:
        """One phone and one mailbox, which no other customer of the shop has."""
        phone = means.get("mobile") or means.get("phone") or ""
        taken = {"phone": phone, "email": means.get("email", "")}
        free = {name: value for name, value in taken.items() if value and value not in self.used}
        self.used |= set(free.values())
        return free

    def _later(self, platform: str, person: Person, first: Version) -> Iterator[Version]:
        """What changes: the new mobile in place of the old one, a slip put right."""
        if person.changed_at and first.at < person.changed_at and self.random.random() < UPDATED:
            old, new = person.mobiles[0][0], person.mobiles[1][0]
            held = [name for name, value in first.means.items() if value == old]
            at = person.changed_at + self.random.randrange(DAY, 60 * DAY)
            yield from (self._changed(first, at, name, new) for name in held[:1])
        elif self.random.random() < CORRECTED:
            right = self._slips(person, first)
            at = first.at + self.random.randrange(DAY, 30 * DAY)
            yield from (self._changed(first, at, name, value) for name, value in right[:1])

    def _slips(self, person: Person, version: Version) -> list[tuple[str, str]]:
        """The fields that hold nobody's number, with what belongs there."""
        mine = [number for number, _, _ in person.mobiles] + person.mails
        phone = [one for one in mine if one[0] == "+"]
        known = {*self.town.shared, *mine}
        wrong = [name for name, value in version.means.items() if value not in known]
        return [(name, person.mails[0] if name in MAILS else phone[-1]) for name in wrong]

    def _changed(self, version: Version, at: int, name: str, value: str) -> Version:
        text = typing.mail(self.random, value) if name in MAILS else typing.phone(self.random, value)
        return Version(at, {**version.fields, name: text}, {**version.means, name: value})


def _id(platform: str, count: int, lead: bool) -> str:
    if platform == "salesforce":
        return f"{'00Q' if lead else '003'}A{count:08d}TwnAAA"
    return str({"hubspot": 51_000_000, "shopify": 7_000_000_000_000}[platform] + count)
