"""A record's fields as registers that only grow: joining them is associative, commutative and idempotent.

| register | keeps |
|---|---|
| `field` | the latest that the platform said about the field itself |
| `row` | the latest that was read with only the row's time |
| `highest` | policy monotonic: the furthest stage ever said, and when first |
| `first` | policy fill_empty: the first value ever said |
| `all` | policy append: each value with the last time it was said, the latest 50 |

`field` and `row` are last-writer registers; `held` decides between them when read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from hub.domain.criteria import Policy, Word, stage

Register = Mapping[str, Any]
Registers = Mapping[str, Register]
MOST_APPENDED = 50


def later(known: Register, new: Register) -> Register:
    """The later of two claims; of two at the same instant the greater value, so that the order of arrival is nothing."""
    return max(known, new, key=lambda one: (one["at"], one["value"] is not None, one["value"] or ""))


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
    return {precision: said, **kept}


def held(registers: Registers) -> dict[str, Any]:
    """What the platform holds now, since when, and how well that time is known."""
    field, row = registers.get("field"), registers.get("row")
    if field is None or (row is not None and row["at"] > field["at"] and row["value"] != field["value"]):
        return {**(row or {}), "precision": "row"}
    return {**field, "precision": "field"}


def claims_of(registers: Registers) -> list[dict[str, Any]]:
    """What a record says of a field: what it holds now, and what its policy keeps besides."""
    now = held(registers)
    if "first" in registers:
        now["first"] = registers["first"]["at"]
    kept = [dict(registers["highest"])] if "highest" in registers else []
    kept += [{"value": value, **said} for value, said in sorted(registers.get("all", {}).items())]
    values = {one["value"] for one in kept}
    return [*kept, now] if now["value"] not in values else kept


def until(registers: Registers, at: str) -> dict[str, Any]:
    """What of them is known to have been said by that time (RFC 3339 UTC)."""
    kept = {name: one for name, one in registers.items() if name != "all" and one["at"] <= at}
    said = {value: one for value, one in registers.get("all", {}).items() if one["at"] <= at}
    return {**kept, "all": said} if said else kept


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
}
