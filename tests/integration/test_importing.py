"""An import of a fiftieth of the size, and that what goes wrong in one is noticed (`make soak` is the whole)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from hub.wiring import Hub
from tests.benchmarks.importing import missed
from tests.harness.importing import Mutant, run
from tests.harness.world import World

SEED = 7


def test_while_workers_die_and_people_work_everything_is_in_once_and_nobody_hears_of_it() -> None:
    found = run(SEED, 2000, 20)
    assert found.lost == []
    assert found.overwritten == []
    assert found.effects == []
    assert found.drift_after == 0
    assert found.unheard == found.repaired > 0
    assert missed(found.figures) == []
    assert found.writes - found.invocations <= found.pages + found.kills


class Forgetful:
    """A bus that says yes to everything and loses some."""

    def __init__(self, bus: Any) -> None:
        self._bus = bus
        self._told = 0

    def publish(self, events: Sequence[Mapping[str, Any]]) -> list[int]:
        self._told += 1
        return [] if self._told % 10 == 3 else list(self._bus.publish(events))


def forgetful(world: World) -> None:
    """Not everything that is said to be published is."""
    inner = world.handlers["import_records"]
    bus = Forgetful(world.bus)

    def working(event: Any, context: object, hub: Hub) -> Any:
        return inner(event, context, replace(hub, bus=bus))

    world.handlers["import_records"] = working


class Redating:
    """A bus onto which history comes as if it were told now."""

    def __init__(self, bus: Any) -> None:
        self._bus = bus

    def publish(self, events: Sequence[Mapping[str, Any]]) -> list[int]:
        return list(self._bus.publish([_as_now(event) for event in events]))


def _as_now(event: Mapping[str, Any]) -> dict[str, Any]:
    claims = [{**one, "at": event["received"]} for one in event["data"]["claims"]]
    return {**event, "time": event["received"], "data": {**event["data"], "claims": claims}}


def redated(world: World) -> None:
    """What is old is taken for new."""
    inner = world.handlers["import_records"]
    bus = Redating(world.bus)

    def working(event: Any, context: object, hub: Hub) -> Any:
        return inner(event, context, replace(hub, bus=bus))

    world.handlers["import_records"] = working


def deaf(world: World) -> None:
    """Nobody compares."""
    world.handlers["reconcile_records"] = lambda _event, _context, _hub: {}


@pytest.mark.parametrize(
    ("mistake", "figure"),
    [(forgetful, "import.lost"), (redated, "import.overwritten_live"), (deaf, "reconcile.drift_after")],
)
def test_a_seeded_mistake_is_noticed(mistake: Mutant, figure: str) -> None:
    found = run(SEED, 500, 5, mutant=mistake)
    assert found.figures[figure] > 0
    assert any(one.startswith(figure) for one in missed(found.figures, 5))


def test_the_same_seed_gives_the_same_run() -> None:
    first, second = (run(3, 300, 3) for _ in range(2))
    assert first.figures == second.figures
    assert first.writes == second.writes
