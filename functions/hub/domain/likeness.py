"""How likely two customers are one person, and why: a suggestion for a person to decide, never a reason to join.

Pure, over plain descriptions. Each reason has a weight; together they are the chance that not all of them are
accidents. A name counts for less the more customers bear it: two 佐藤 are no news, one rare name twice is.

Likeness of texts is rapidfuzz 3.14.6's (MIT, in C++, 5 MB, maintained since 2020; it counts a swapped pair as one slip).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from rapidfuzz.distance import OSA

from hub.domain.addresses_alike import alike_emails, alike_phones
from hub.domain.names import Name, Parts, orders

# From here on it is shown to people.
THRESHOLD = 0.5
# How many customers of one full name are few enough that each counts fully.
FEW_BEARERS = 3
SHORTEST_WITH_A_SLIP = 5  # letters of a part of a name in which one may be wrong
COMPANY = 0.35
SHARED = 0.4
TWO_RECORDS = 0.85  # what is left where both have a record of their own on one platform
OTHER_NAMES = 0.4  # what is left of other reasons where the names are two people's
SWAPPED, VOICED = "names with two letters swapped", "names that differ in a voiced sound"
ONE_LETTER = "names one letter apart"
_SLIPS: Mapping[str, float] = {SWAPPED: 0.6, VOICED: 0.55, ONE_LETTER: 0.35}
_VOICELESS = str.maketrans("gzdbp", "ksthh")
LONE_NAME = 0.25  # what is left where one of the names is a given name or a surname alone


@dataclass(frozen=True, slots=True)
class Described:
    """What is known of a customer: names, e-mail addresses, phones (E.164 or as typed), companies (folded).

    `linked` are personas that it shares with others or held once, and its own; `slots` what a person has one of.
    """

    names: tuple[Name, ...] = ()
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    companies: frozenset[str] = frozenset()
    personas: frozenset[str] = frozenset()
    linked: frozenset[str] = frozenset()
    slots: frozenset[tuple[str, str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why two may be one person, and how much it says (0 to 1)."""

    why: str
    weight: float


@dataclass(frozen=True, slots=True)
class Likeness:
    """The score from 0 to 1 and the reasons, the strongest first."""

    score: float
    reasons: tuple[Reason, ...]


# How many customers bear the name that both have.
Bearers = Callable[[Name], int]


def likeness(a: Described, b: Described, bearers: Bearers) -> Likeness:
    """How alike two customers are."""
    named = _by_name(a, b, bearers)
    others = [*_by_address(a, b), *_by_circumstance(a, b)]
    if named is None and _differ(a, b):
        others = [Reason(one.why, one.weight * OTHER_NAMES) for one in others]
    # A company, or a number that several share, says something only beside a name.
    told = [one for one in others if named or one.why not in _WEAK]
    reasons = sorted([*([named] if named else []), *told], key=lambda one: -one.weight)
    missing = 1.0
    for one in reasons:
        missing *= 1 - one.weight
    score = (1 - missing) * (TWO_RECORDS if a.slots & b.slots else 1.0)
    return Likeness(round(score, 2), tuple(reasons))


def _by_name(a: Described, b: Described, bearers: Bearers) -> Reason | None:
    """The best match of the names of both."""
    found = [
        Reason(why, weight * _rarity(bearers(one)))
        for one, other in product(a.names, b.names)
        for why, weight in compare(one, other)
    ]
    return max(found, key=lambda one: one.weight, default=None)


def _rarity(bearers: int) -> float:
    return min(1.0, FEW_BEARERS / max(bearers, 1))


def compare(one: Name, other: Name) -> Iterator[tuple[str, float]]:
    """What two names have in common, with its weight; nothing where they are two people's."""
    alone = LONE_NAME if min(_length(one), _length(other)) < 2 else 1.0
    if one.same_as(other):
        yield "same name", 0.75 * alone
        return
    if _same_sound(one, other):
        in_kanji = not one.reads_itself and not other.reads_itself
        yield ("same reading, other characters", 0.3 * alone) if in_kanji else ("same reading", 0.7 * alone)
        return
    if alone == 1.0:
        yield from _nearly(one, other)


def _nearly(one: Name, other: Name) -> Iterator[tuple[str, float]]:
    slips = set(_slips(one, other))
    if slips:
        # Haruka and Haruna are two people; letters that changed places, or a k that is voiced, are a slip.
        yield from [(why, weight) for why, weight in _SLIPS.items() if why in slips][:1]
    elif _initial(one, other):
        yield "same surname and initial", 0.3


def _length(name: Name) -> int:
    """How many parts the name has, as well as is known; a long one in kanji without a space has two."""
    return max([len(one) for one in (name.parts, *name.sounds)] + [2 if _undivided(name) else 1])


def _undivided(name: Name) -> bool:
    return len(name.parts) == 1 and not name.parts[0].isascii() and len(name.parts[0]) >= 4


def _same_sound(one: Name, other: Name) -> bool:
    return bool(spoken(one) & spoken(other))


def spoken(name: Name) -> set[str]:
    """The name as it may sound, in both orders, without spaces."""
    return {text for sounds in name.sounds for text in orders(sounds)}


def _slips(one: Name, other: Name) -> Iterator[str]:
    """How one part differs where the other is the same, in writing or in sound."""
    divided = product((one.parts, *one.sounds), (other.parts, *other.sounds))
    for a, b in ((a, b) for a, b in divided if len(a) == len(b) == 2):
        for c in (b, b[::-1]):
            differing = [pair for pair in zip(a, c, strict=True) if pair[0] != pair[1]]
            if len(differing) == 1 and (slip := _slip(*differing[0])):
                yield slip


def _slip(one: str, other: str) -> str:
    if not one.isascii() or not other.isascii():
        return ""
    if one.translate(_VOICELESS) == other.translate(_VOICELESS):
        return VOICED
    if OSA.distance(one, other, score_cutoff=1) > 1:
        return ""
    if sorted(one) == sorted(other):
        return SWAPPED
    return ONE_LETTER if min(len(one), len(other)) >= SHORTEST_WITH_A_SLIP else ""


def _initial(one: Name, other: Name) -> bool:
    pairs = ((a, c) for a in one.sounds for b in other.sounds if len(a) == len(b) == 2 for c in (b, b[::-1]))
    return any(_is_initial(a, b) or _is_initial(b, a) for a, b in pairs)


def _is_initial(short: Parts, long: Parts) -> bool:
    """T. Yamada beside Taro Yamada, in either place."""
    return any(
        short[1 - at] == long[1 - at] and len(short[at]) == 1 and long[at].startswith(short[at]) for at in (0, 1)
    )


def _differ(a: Described, b: Described) -> bool:
    """Whether both have full names, all of them readable, and no two of them are alike."""
    ours, theirs = ([one for one in who.names if _length(one) > 1 and one.sounds] for who in (a, b))
    return bool(ours) and bool(theirs)


def _by_address(a: Described, b: Described) -> Iterable[Reason]:
    emails = [Reason(*found) for one, other in product(a.emails, b.emails) if (found := alike_emails(one, other))]
    phones = [Reason(*found) for one, other in product(a.phones, b.phones) if (found := alike_phones(one, other))]
    return [max(found, key=lambda one: one.weight) for found in (emails, phones) if found]


def _by_circumstance(a: Described, b: Described) -> Iterator[Reason]:
    if a.linked & (b.linked | b.personas) or b.linked & a.personas:
        yield Reason("an identifier that both hold or held", SHARED)
    if a.companies & b.companies:
        yield Reason("same company", COMPANY)


_WEAK = frozenset({"an identifier that both hold or held", "same company"})
