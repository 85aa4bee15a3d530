"""Reading facts: what every way of showing an entry needs.

A fact is `{"type", "at", "timequality", "data", "raw", "received"}`, keyed by its event id. `timequality` says whose
time `at` is: the `platform`'s, that of receipt where the platform gives none (`received`) or one that cannot be
(`clamped`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Fact = Mapping[str, Any]
Facts = Mapping[str, Fact]


def of(facts: Iterable[Fact], *event_types: str) -> list[Fact]:
    """The facts of these types, in the order given."""
    return [fact for fact in facts if fact["type"] in event_types]


def first(facts: Iterable[Fact], key: str) -> Any:
    """The first value that says something."""
    return next((fact["data"][key] for fact in facts if fact["data"].get(key) not in (None, "unknown")), None)


def merged(facts: Iterable[Fact], *without: str) -> dict[str, Any]:
    """What the facts say together, a later one over an earlier one; without what is left out of what people see."""
    together: dict[str, Any] = {}
    for fact in facts:
        together.update({key: value for key, value in fact["data"].items() if value is not None})
    return {key: value for key, value in together.items() if key not in without}


def clock_of(facts: Iterable[Fact], at: str) -> str:
    """Whose time `at` is: the platform's where one of the facts has it so."""
    found = {fact["timequality"] for fact in facts if fact["at"] == at}
    return next((one for one in ("platform", "clamped", "received") if one in found), "platform")


def time_of(facts: list[Fact], choose: Any) -> str | None:
    """The platform's times where there are any; times of receipt only where there is nothing better."""
    exact = [fact["at"] for fact in facts if fact["timequality"] == "platform"]
    return choose(exact or [fact["at"] for fact in facts], default=None)  # type: ignore[no-any-return]
