"""One stack for the session, on ports and in a directory of its own, so that a running `make up` is not disturbed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext

import pytest

from infra.local.place import BUILD, free_place
from infra.local.processes import Started
from infra.local.running import bring_up
from infra.local.story import outcome
from infra.local.story.outcome import Outcome
from infra.local.story.stage import Stage, open_stage
from infra.local.story.telling import Telling, new_telling


def _silently(_what: str) -> AbstractContextManager[Callable[[str], None]]:
    return nullcontext(lambda _line: None)


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    """Everything up, a connection to each platform; whatever keeps it from coming up fails the tests."""
    place, started = free_place(BUILD / f"e2e-{os.getpid()}"), Started()
    try:
        yield open_stage(place, bring_up(place, started, _silently))
    finally:
        started.stop()
        for large in ("cdk.out", "tmp"):  # the logs stay
            shutil.rmtree(place.directory / large, ignore_errors=True)


@pytest.fixture(scope="session")
def told(stage: Stage) -> Outcome:
    """The story, told once to its end, and all that there is to see of it."""
    return tell(stage, 0)


def tell(stage: Stage, number: int) -> Outcome:
    """Tells the story about one person and waits until nothing moves any more."""
    telling: Telling = new_telling(stage, number)
    for _title, lines in telling.steps():
        list(lines)
    outcome.settle(stage.place)
    return outcome.read(telling)
