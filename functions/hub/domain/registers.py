"""A record's fields as registers that only grow: joining them is associative, commutative and idempotent.

| register | keeps |
|---|---|
| `field` | the latest that the platform said about the field itself |
| `row` | the latest that was read with only the row's time |
| `highest` | policy monotonic: the furthest stage ever said, and when first |
| `first` | policy fill_empty: the first value ever said |
| `all` | policy append: each value with the last time it was said, the latest 50 |
| `seen` | what was seen when, the latest 12 sights (hub.domain.told) |
| `wrote` | what we wrote there ourselves, the latest 6 times |

`field` and `row` are last-writer registers. What of it all is a claim, and what is held, is decided when it is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from hub.domain.criteria import Policy, Word, stage
from hub.domain.told import Told, join_seen, join_wrote, seen, told

Register = Mapping[str, Any]
Registers = Mapping[str, Register]
MOST_APPENDED = 50


def later(known: Register, new: Register) -> Register:
    """The later of two claims; of two at the same instant the greater value, so that the order of arrival is nothing."""
    return max(known, new, key=_lateness)


def _lateness(one: Register) -> tuple[Any, ...]:
    """The same said live outweighs what was imported."""
    return one["at"], one["value"] is not None, one["value"] or "", "imported" not in one


def latest(known: Registers, claims: Iterable[Register]) -> dict[str, Any]:
    """The one register of what has only a latest word, such as whether a record lives, with more claims."""
    said = [{"value": one["value"], "at": one["at"]} for one in claims]
    found: Register | None = known.get("field")
    for one in said:
        found = one if found is None else later(found, one)
    return {"field": dict(found)} if found is not None else {}


def joined(policy: Policy, known: Registers, new: Registers) -> dict[str, Any]:
    """What both sets of registers of one field know together."""
    both = {name: _JOIN[name](policy, known[name], new[name]) for name in known.keys() & new.keys()}
    return {**known, **new, **both}


def registers_of(policy: Policy, claim: Mapping[str, Any]) -> dict[str, Any]:
    """The registers of one claim (`value`, `at`, `precision`)."""
    precision, value = str(claim.get("precision", "field")), claim["value"]
    said = {"value": value, "at": claim["at"]}
    also = _ALSO.get(policy.word)
    kept = also(policy, {**said, "precision": precision}) if also and value is not None else {}
    return {precision: _marked(said, claim), "seen": seen(claim), **kept}


def _marked(said: dict[str, Any], claim: Mapping[str, Any]) -> dict[str, Any]:
    """With the mark of what came as history only."""
    return {**said, "imported": True} if claim.get("imported") else said


def held(registers: Registers) -> dict[str, Any]:
    """What the platform holds now, since when, and how well that time is known."""
    now = told(registers).held
    if now is None:
        return {"value": None, "at": "", "precision": "row"}
    return {"value": now.value, "at": now.at, "precision": "field" if now.own else "row"}


def claims_of(registers: Registers) -> list[dict[str, Any]]:
    """What a record says of a field: what was last said there, what its policy keeps besides, and what we wrote.

    What we wrote is `written`: where from, as of then. It counts only as long as nothing else speaks for it (see
    hub.domain.customers).
    """
    known = told(registers)
    kept = [dict(registers["highest"])] if "highest" in registers else []
    kept += [{"value": value, **said} for value, said in sorted(registers.get("all", {}).items())]
    values = {one["value"] for one in kept}
    said = [one for one in _last_said(known, registers) if one["value"] not in values]
    return [*kept, *said]


def _last_said(known: Told, registers: Registers) -> Iterator[dict[str, Any]]:
    if known.claim is not None:
        precision = "field" if known.claim.own else "row"
        now: dict[str, Any] = {"value": known.claim.value, "at": known.claim.at, "precision": precision}
        if "first" in registers:
            now["first"] = registers["first"]["at"]
        yield {**now, "imported": True} if known.claim.imported else now
    if known.ours is not None:
        yield {"value": known.ours["value"], "at": known.ours["of"], "precision": "row", "written": known.ours["from"]}


def until(registers: Registers, at: str) -> dict[str, Any]:
    """What of them is known to have been said by that time (RFC 3339 UTC)."""
    kept = {name: one for name, one in registers.items() if name not in _SETS and one["at"] <= at}
    said = {value: one for value, one in registers.get("all", {}).items() if one["at"] <= at}
    sights = {key: one for key, one in registers.get("seen", {}).items() if key.partition("|")[0] <= at}
    wrote = {time: one for time, one in registers.get("wrote", {}).items() if time <= at}
    sets = {"all": said, "seen": sights, "wrote": wrote}
    return {**kept, **{name: one for name, one in sets.items() if one}}


_SETS = frozenset({"all", "seen", "wrote"})


def _highest(policy: Policy, said: Register) -> dict[str, Any]:
    return {"highest": said} if stage(policy, said["value"]) >= 0 else {}


def _first(_policy: Policy, said: Register) -> dict[str, Any]:
    return {"first": {"value": said["value"], "at": said["at"]}}


def _all(_policy: Policy, said: Register) -> dict[str, Any]:
    return {"all": {said["value"]: {"at": said["at"], "precision": said["precision"]}}}


# What a field's policy keeps beside what is held now.
_ALSO: Mapping[Word, Callable[[Policy, Register], dict[str, Any]]] = {
    "monotonic": _highest,
    "fill_empty": _first,
    "append": _all,
}


def _join_later(_policy: Policy, known: Register, new: Register) -> Register:
    return later(known, new)


def _join_highest(policy: Policy, known: Register, new: Register) -> Register:
    return min(
        known, new, key=lambda one: (-stage(policy, one["value"]), one["precision"] != "field", one["at"], one["value"])
    )


def _join_first(_policy: Policy, known: Register, new: Register) -> Register:
    return min(known, new, key=lambda one: (one["at"], one["value"]))


def _join_all(_policy: Policy, known: Register, new: Register) -> Register:
    return _latest([*known.items(), *new.items()])


def _latest(said: Iterable[tuple[str, Mapping[str, str]]]) -> dict[str, Any]:
    """Each value once, and of those the latest."""
    latest: dict[str, Mapping[str, str]] = {}
    for value, one in said:
        latest[value] = max(latest.get(value, one), one, key=_when)
    kept = sorted(latest, key=lambda value: (*_when(latest[value]), value))[-MOST_APPENDED:]
    return {value: latest[value] for value in sorted(kept)}


def _when(said: Mapping[str, str]) -> tuple[str, bool]:
    return said["at"], said["precision"] == "field"


_JOIN: Mapping[str, Callable[[Policy, Register, Register], Register]] = {
    "field": _join_later,
    "row": _join_later,
    "highest": _join_highest,
    "first": _join_first,
    "all": _join_all,
    "seen": lambda _policy, known, new: join_seen(known, new),
    "wrote": lambda _policy, known, new: join_wrote(known, new),
}
