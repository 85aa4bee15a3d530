"""Customers described for comparison, and compared: two of them, or a whole town at once. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from hub.customer import Customer
from hub.domain.blocks import blocks, email_blocks, phone_blocks
from hub.domain.called import is_person, names_of, value
from hub.domain.identity import slot_of
from hub.domain.likeness import THRESHOLD, Described, Likeness, likeness, spoken
from hub.domain.names import Name, Reader, fold, name_of, orders

# More under one key are like one another by accident.
MOST_ALIKE = 60
PHONE_FIELDS = ("phone", "mobile")
# What is appended to a company's name and left out as often as not.
_FORMS_JP = ("株式会社", "有限会社", "合同会社")
_FORMS = frozenset({"kk", "co", "ltd", "inc", "llc", "corp", "gmbh", "company", "corporation", "limited"})


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Two who may be one person; `a` < `b`."""

    a: str
    b: str
    likeness: Likeness


def describe(customer: Customer, read: Reader | None = None) -> Described:
    """The customer as it is compared; `read` offers readings of names in kanji."""
    people = [one for one in customer.records if is_person(one)]
    names = (name_of(text, read) for text in names_of(people))
    identifiers = [one.identifier for one in customer.personas]
    return Described(
        names=tuple({one.written: one for one in names if one}.values()),
        emails=_distinct(
            [one.value for one in identifiers if one.kind == "email"], [value(one["fields"], "email") for one in people]
        ),
        phones=_distinct(
            [one.value for one in identifiers if one.kind == "phone"],
            [value(one["fields"], name) for one in people for name in PHONE_FIELDS],
        ),
        companies=frozenset(company for one in people if (company := company_of(value(one["fields"], "company")))),
        personas=frozenset(one.id for one in customer.personas),
        linked=frozenset(customer.candidates),
        slots=frozenset(slot for one in identifiers if (slot := slot_of(one))),
    )


def _distinct(known: Iterable[str], typed: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in (*known, *(one.strip().lower() for one in typed)) if text))


def company_of(text: str) -> str:
    """A company's name, folded, without its legal form."""
    folded = fold(text)
    for form in _FORMS_JP:
        folded = folded.replace(form, " ")
    return " ".join(word for word in folded.split() if word not in _FORMS)


def keys_of(described: Described) -> frozenset[str]:
    """The keys under which those like this one are found."""
    keys = {key for one in described.names for key in blocks(one)}
    keys |= {key for one in described.phones for key in phone_blocks(one)}
    return frozenset(keys | {key for one in described.emails for key in email_blocks(one)})


class Census:
    """How many bear a name, among those counted."""

    def __init__(self, people: Iterable[Described]) -> None:
        self._bearers = Counter(form for one in people for form in _forms(one.names))

    def __call__(self, name: Name) -> int:
        """The bearers of a name that sounds, or is written, like this one."""
        return max((self._bearers[form] for form in _forms([name])), default=0)


def _forms(names: Iterable[Name]) -> frozenset[str]:
    return frozenset(form for one in names for form in (spoken(one) or {min(orders(one.parts))}))


def suggest(people: Mapping[str, Described], threshold: float = THRESHOLD) -> list[Suggestion]:
    """All pairs that are like one another, of many customers by id; the likeliest first."""
    bearers = Census(people.values())
    found = []
    for a, b in _pairs(people):
        alike = likeness(people[a], people[b], bearers)
        if alike.score >= threshold:
            found.append(Suggestion(a, b, alike))
    return sorted(found, key=lambda one: (-one.likeness.score, one.a, one.b))


def _pairs(people: Mapping[str, Described]) -> Iterator[tuple[str, str]]:
    filed: dict[str, list[str]] = defaultdict(list)
    for one, described in people.items():
        for key in keys_of(described) | _links(described):
            filed[key].append(one)
    pairs = {pair for those in filed.values() if len(those) <= MOST_ALIKE for pair in combinations(sorted(those), 2)}
    yield from sorted(pairs)


def _links(described: Described) -> frozenset[str]:
    return frozenset(f"linked\n{persona}" for persona in described.linked | described.personas)
