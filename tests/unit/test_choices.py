"""What people choose is a claim: the same whatever the order and the copies in which it was noted, on whichever persona."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import permutations
from types import SimpleNamespace
from typing import Any

import pytest

from hub.choices import choose, withdraw
from hub.decisions import Decision
from hub.domain.customers import choose_fields
from hub.memory import MemoryStore

PERSONAS = ("first", "second")
BUYER = {
    "connection": "crm-1",
    "platform": "hubspot",
    "object": "contact",
    "id": "7",
    "deleted": False,
    "fields": {"title": {"field": {"value": "Buyer", "at": "2026-01-02T00:00:00.000Z"}}},
}


class Desk:
    """One customer of two personas, about whom people decide."""

    def __init__(self) -> None:
        self.store = MemoryStore()

    def customer(self, anchor: str) -> Any:
        return SimpleNamespace(anchor=anchor, choices=self.choices())

    def choices(self) -> list[Any]:
        found = (self.store.get(f"P#{persona}", "CHOICE#title") for persona in PERSONAS)
        return [one.body for one in found if one]

    def choose(self, anchor: str, value: str | None, day: int) -> None:
        choose(self.store, self.customer(anchor), "title", {"value": value}, decision(day))

    def withdraw(self, day: int) -> None:
        withdraw(self.store, self.customer(PERSONAS[0]), "title", decision(day))

    def title(self) -> Any:
        return choose_fields([BUYER], (), choices=self.choices()).get("title")


def decision(day: int) -> Decision:
    return Decision(f"decision-{day}", "someone", f"2026-01-0{day}T00:00:00.000Z", "She told us")


CHOICES: tuple[tuple[str, str | None, int], ...] = (("first", "Head", 3), ("second", "Director", 5), ("first", None, 4))


@pytest.mark.parametrize("order", list(permutations(CHOICES)))
def test_any_order_and_number_of_copies_agree(order: tuple[tuple[str, str | None, int], ...]) -> None:
    desk = Desk()
    for one in (*order, *order):
        desk.choose(*one)
    title = desk.title()
    assert (title["value"], title["at"]) == ("Director", "2026-01-05T00:00:00.000Z")
    assert sum(len(one["history"]) for one in desk.choices()) == len(CHOICES)


@pytest.mark.parametrize(("day", "value"), [(1, "Buyer"), (3, "Head")])
def test_a_choice_counts_by_its_time_among_what_platforms_say(day: int, value: str) -> None:
    desk = Desk()
    desk.choose("first", "Head", day)
    assert desk.title()["value"] == value


def test_withdrawn_the_platforms_decide_and_a_choice_made_earlier_does_not_come_back() -> None:
    desk = Desk()
    desk.choose("first", "Head", 3)
    desk.choose("second", "Director", 5)
    for _ in range(2):
        desk.withdraw(6)
    assert desk.title()["value"] == "Buyer"
    assert len(desk.choices()[1]["history"]) == 2


@pytest.mark.parametrize("late", [0, 1])
def test_a_choice_noted_late_does_not_undo_the_withdrawal_that_came_after_it(late: int) -> None:
    desk = Desk()
    desk.choose("second", "Director", 5)
    steps: list[Callable[[], None]] = [partial(desk.choose, "first", "Head", 4), partial(desk.withdraw, 6)]
    for step in (steps[late], steps[1 - late]):
        step()
    assert desk.title()["value"] == "Buyer"
