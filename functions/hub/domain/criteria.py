"""What makes one claim better than another: a policy is a list of criteria, compared one after the other.

A claim is `{"value", "at", "precision", "source": {"connection", "platform", "object", "id"}}`, with `first` (a time)
where that decides. A claim is better where the first criterion that tells it from another one is greater. The last
two criteria are the same for every policy: later source time, then the stated order of ties (`_tie`), so that no two
different claims are equal and neither the order of records nor that of arrival is anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Claim = Mapping[str, Any]
Word = Literal["owner", "last_writer", "fill_empty", "union", "most_restrictive", "monotonic", "append"]
# What a chat profile says counts only where no record says anything.
FILL_EMPTY_OBJECTS = frozenset({"profile"})


@dataclass(frozen=True, slots=True)
class Policy:
    """How a field is decided.

    `order` states, by policy: owner: connections or platforms, the first wins; most_restrictive: values, the most
    restrictive first (what is not among them counts as "unknown"); monotonic: stages, the first comes first. Values are
    written in small letters and digits only.
    """

    word: Word
    order: tuple[str, ...] = ()


LAST_WRITER = Policy("last_writer")


@dataclass(frozen=True, slots=True)
class Criterion:
    """`of` a claim: the greater wins. `won` and `lost` may name the best claim's {platform}, {at} and {first}."""

    word: str
    of: Callable[[Policy, Claim], Any]
    won: str
    lost: str


def _from_record(_policy: Policy, claim: Claim) -> int:
    if claim["source"]["object"] not in FILL_EMPTY_OBJECTS:
        return 2
    return int(claim["value"] is not None)


def _says_something(_policy: Policy, claim: Claim) -> bool:
    return claim["value"] is not None


def _owner(policy: Policy, claim: Claim) -> int:
    source = claim["source"]
    named = {source["connection"], source["platform"]}
    return -next((place for place, one in enumerate(policy.order) if one in named), len(policy.order))


def _filled_first(_policy: Policy, claim: Claim) -> tuple[int, ...]:
    """The earlier the greater."""
    return (*(-ord(letter) for letter in claim.get("first", claim["at"])), 1)


def _restriction(policy: Policy, claim: Claim) -> int:
    places = {word: place for place, word in enumerate(policy.order)}
    return -places.get(_plain(claim["value"]), places.get("unknown", 0))


def _stage(policy: Policy, claim: Claim) -> int:
    return stage(policy, claim["value"])


def _at(_policy: Policy, claim: Claim) -> str:
    return str(claim["at"])


def _tie(_policy: Policy, claim: Claim) -> tuple[str, str, str, bool, bool, str]:
    """Of claims of one instant: the greater connection id, object, record id; of one record the field's own time and
    the greater value, which may only differ where a record says several things at once.
    """
    source, value = claim["source"], claim["value"]
    own = claim["precision"] == "field"
    return source["connection"], source["object"], source["id"], own, value is not None, value or ""


_FROM_RECORD = Criterion(
    "record",
    _from_record,
    "{platform} says so in a record; what a chat profile says only fills gaps.",
    "What a chat profile says only fills gaps, and there is a record that speaks of it.",
)
_SAID = Criterion(
    "said",
    _says_something,
    "{platform} says something, and whoever says nothing does not count here.",
    "Nothing is said here, which does not count where {platform} says something.",
)
_OWNER = Criterion(
    "owner",
    _owner,
    "{platform} comes first in the order stated for this field.",
    "{platform} comes before it in the order stated for this field.",
)
_FILLED = Criterion(
    "first",
    _filled_first,
    "{platform} filled it in first, at {first}, and others only fill gaps.",
    "{platform} had filled it in before, at {first}, and others only fill gaps.",
)
_RESTRICTIVE = Criterion(
    "most_restrictive",
    _restriction,
    "{platform} says what is most restrictive, and that counts here.",
    "{platform} says something more restrictive, and that counts here.",
)
_FURTHEST = Criterion(
    "furthest",
    _stage,
    "{platform} says the furthest stage, and stages never run backwards.",
    "{platform} says a further stage, and stages never run backwards.",
)
LATEST = Criterion(
    "latest",
    _at,
    "{platform} said so last, at {at}.",
    "{platform} said something else later, at {at}.",
)
TIE = Criterion(
    "tie",
    _tie,
    "Several were said at {at}; {platform} comes first in the order of ties.",
    "{platform} said something else at the same time, {at}, and comes first in the order of ties.",
)

PREFERENCES: Mapping[Word, tuple[Criterion, ...]] = {
    "owner": (_FROM_RECORD, _SAID, _OWNER),
    "last_writer": (_FROM_RECORD,),
    "fill_empty": (_FROM_RECORD, _SAID, _FILLED),
    "union": (_FROM_RECORD, _SAID),
    "most_restrictive": (_FROM_RECORD, _SAID, _RESTRICTIVE),
    "monotonic": (_FROM_RECORD, _SAID, _FURTHEST),
    "append": (_FROM_RECORD, _SAID),
}


def stage(policy: Policy, value: str | None) -> int:
    """The place of a value among a policy's stages, -1 for what is none of them."""
    plain = _plain(value)
    return policy.order.index(plain) if plain in policy.order else -1


def criteria_of(policy: Policy) -> tuple[Criterion, ...]:
    """All that tells claims apart, in order."""
    return (*PREFERENCES[policy.word], LATEST, TIE)


def _plain(value: str | None) -> str:
    """Small letters and digits only: platforms write one stage as `salesqualifiedlead` and `Sales Qualified Lead`."""
    return "".join(letter for letter in (value or "").casefold() if letter.isalnum())
