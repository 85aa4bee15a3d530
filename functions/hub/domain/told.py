"""What was said of one field on one platform, what the platform holds, and what of it we wrote ourselves.

A record is seen again and again: with the field's own time (`f`), or as a whole row of which only the record's time is
known (`r`). Both are kept in the register `seen`, what we wrote in `wrote`. From the two sets it follows, whatever
their order of arrival, what is a claim of somebody there:

- a row that shows what was held already says nothing, it is no difference; nor does one that is empty from the start;
- the first sight of a value that we wrote, at about the time of our writing and before anything else was seen, is our
  echo; each writing answers for one sight of each kind only, so that whoever writes the same value again is heard;
- everything else is a claim, of the time at which the value was first seen without a break.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

Register = Mapping[str, Any]
MOST_SEEN = 12
MOST_WRITTEN = 6
# Clocks differ, and some platforms give whole seconds; how long after our request a platform may date the change.
BEFORE_S, AFTER_S = 5.0, 600.0
FEWEST_DIGITS = 7


@dataclass(frozen=True, slots=True)
class Sight:
    """A value that was seen; `own` that the time is the field's own, `imported` that it came as history only."""

    at: str
    own: bool
    value: str | None
    imported: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """`held` is what the platform holds now (None: nothing was ever seen), `claim` what somebody there said last.

    `ours` is what we wrote where that is what it holds, as in `wrote`. `flips` are the times at which somebody changed
    what we had written.
    """

    held: Sight | None = None
    claim: Sight | None = None
    ours: Register | None = None
    flips: tuple[str, ...] = ()


def told(registers: Mapping[str, Any]) -> Told:
    """What follows from a field's registers."""
    last = deque(_tellings(registers), maxlen=1)
    if not last:
        return Told()
    overwritten = {one["over"] for one in registers.get("wrote", {}).values() if "over" in one}
    return replace(last[0], flips=tuple(sorted({*last[0].flips, *overwritten})))


def is_ours(registers: Mapping[str, Any], claim: Mapping[str, Any]) -> bool:
    """Whether what a claim that is among the registers shows is what we wrote."""
    key = next(iter(seen(claim)))
    sights = (_key(one) for one in sights_of(registers))
    return any(one == key and known.ours is not None for one, known in zip(sights, _tellings(registers), strict=True))


def _tellings(registers: Mapping[str, Any]) -> Iterator[Told]:
    """What was known after each sight, in their order."""
    sights = sights_of(registers)
    echoes = _echoes(sights, registers.get("wrote", {}))
    known = Told()
    for number, sight in enumerate(sights):
        if not sight.own and sight.value == (sights[number - 1].value if number else None):
            known = replace(known, held=known.held or sight)
        elif number in echoes:
            known = replace(known, held=sight, ours=echoes[number])
        else:
            flipped = known.ours is not None and not alike(known.ours.get("as", known.ours["value"]), sight.value)
            known = Told(sight, sight, None, (*known.flips, *([sight.at] if flipped else [])))
        yield known


def sights_of(registers: Mapping[str, Any]) -> list[Sight]:
    """All that is known to have been seen, by time; of one instant the field's own time comes last.

    A row that was read back after a writing comes after it, though its platform cuts its time to the second before.
    """
    seen = {**_latest(registers), **registers.get("seen", {})}
    wrote = registers.get("wrote", {})
    found = (_sight(key, value) for key, value in seen.items())
    return sorted(found, key=lambda one: (_since(one, wrote), one.own))


def _since(sight: Sight, wrote: Mapping[str, Register]) -> str:
    settled_by = [
        at for at, one in wrote.items() if not sight.own and one.get("r") == sight.at and alike(one["as"], sight.value)
    ]
    return max([sight.at, *settled_by])


def seen(claim: Mapping[str, Any]) -> dict[str, Any]:
    """The register of one sight."""
    key = f"{claim['at']}|{'f' if claim.get('precision', 'field') == 'field' else 'r'}"
    return {key: {"value": claim["value"], "imported": True} if claim.get("imported") else claim["value"]}


def join_seen(known: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Both together; of more than 12 sights rows that show nothing new go first, then the oldest."""
    both = {**known, **new}
    for key in known.keys() & new.keys():
        both[key] = max(known[key], new[key], key=_weight)
    return _bounded(both)


def join_wrote(known: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Both together by the time of writing, the latest 6; of one writing what says more."""
    both = {at: {**known.get(at, {}), **new.get(at, {})} for at in known.keys() | new.keys()}
    return {at: both[at] for at in sorted(both)[-MOST_WRITTEN:]}


def alike(one: str | None, other: str | None) -> bool:
    """Whether a platform may have made one of the other by writing it its own way: case, spaces, punctuation of numbers."""
    if one is None or other is None:
        return (one or "") == (other or "")
    return one == other or _plain(one) == _plain(other) or (_digits(one) == _digits(other) != "")


def seconds(at: str) -> float:
    """Unix seconds of an RFC 3339 time."""
    return datetime.fromisoformat(at.replace("Z", "+00:00")).timestamp()


def _echoes(sights: Sequence[Sight], wrote: Mapping[str, Register]) -> dict[int, Register]:
    """Which of the sights is the echo of which writing."""
    echoes: dict[int, Register] = {}
    for at in sorted(wrote):
        for own in (True, False):
            number = _echo(sights, echoes, seconds(at), wrote[at], own=own)
            if number is not None:
                echoes[number] = wrote[at]
    return echoes


def _echo(
    sights: Sequence[Sight], taken: Mapping[int, Register], wrote_s: float, written: Register, *, own: bool
) -> int | None:
    known = written.get(_HOW[own])
    for number, sight in enumerate(sights):
        if number in taken or _key(sight) in written.get("known", ()):
            continue
        if known is not None:
            if sight.own == own and sight.at == known and _shows(written, sight) and not _repeats(sights, number):
                return number
            continue
        at_s = seconds(sight.at)
        if at_s < wrote_s - BEFORE_S:
            continue
        if at_s > wrote_s + AFTER_S:
            return None
        if _shows(written, sight) and sight.own == own and not _repeats(sights, number):
            return number
        # A row's time may be cut to the second before; it says nothing of what came first.
        if not _shows(written, sight) and at_s > wrote_s and sight.own >= own:
            return None
    return None


def _shows(written: Register, sight: Sight) -> bool:
    return alike(written.get("as", written["value"]), sight.value) or alike(written["value"], sight.value)


_HOW = {True: "f", False: "r"}


def _key(sight: Sight) -> str:
    return f"{sight.at}|{_HOW[sight.own]}"


def note(registers: Mapping[str, Any], value: str | None) -> dict[str, Any]:
    """What of a note in `wrote` comes from the field: the sights that are no echo, because they are known already."""
    shown = [_key(one) for one in sights_of(registers) if alike(one.value, value)]
    return {"known": shown} if shown else {}


def settled(claim: Mapping[str, Any]) -> dict[str, Any]:
    """What a note gains from what was read back: the platform's form of the value, and its time of the change."""
    return {"as": claim["value"], _HOW[claim.get("precision", "field") == "field"]: claim["at"]}


def _repeats(sights: Sequence[Sight], number: int) -> bool:
    """Whether a row shows what was held before it."""
    return number > 0 and not sights[number].own and sights[number - 1].value == sights[number].value


def _latest(registers: Mapping[str, Any]) -> dict[str, Any]:
    """The last-writer registers as sights: what was kept before there was `seen`, or fell out of it."""
    found: dict[str, Any] = {}
    for precision in ("field", "row"):
        if precision in registers:
            found |= seen({**registers[precision], "precision": precision})
    return found


def _sight(key: str, value: Any) -> Sight:
    at, _, how = key.partition("|")
    if isinstance(value, Mapping):
        return Sight(at, how == "f", value["value"], imported=True)
    return Sight(at, how == "f", value)


def _weight(value: Any) -> tuple[bool, bool, str]:
    """Of two things seen at one instant the greater one counts; the same seen live outweighs what was imported."""
    plain = value["value"] if isinstance(value, Mapping) else value
    return plain is not None, not isinstance(value, Mapping), plain or ""


def _bounded(seen_: dict[str, Any]) -> dict[str, Any]:
    """Beyond 12, rows in the midst of one value go first, then the oldest."""
    keys = sorted(seen_, key=lambda key: (key.partition("|")[0], key.endswith("f")))
    while len(keys) > MOST_SEEN:
        keys.remove(next(_between(keys, seen_), keys[0]))
    return {key: seen_[key] for key in keys}


def _between(keys: Sequence[str], seen_: Mapping[str, Any]) -> Iterator[str]:
    return iter(
        [
            keys[place]
            for place in range(1, len(keys) - 1)
            if keys[place].endswith("r") and seen_[keys[place - 1]] == seen_[keys[place]] == seen_[keys[place + 1]]
        ]
    )


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _digits(text: str) -> str:
    """The digits of what looks like a phone number, else ""."""
    digits = "".join(letter for letter in text if letter.isdigit())
    letters = any(letter.isalpha() for letter in text)
    return digits if len(digits) >= FEWEST_DIGITS and not letters else ""
