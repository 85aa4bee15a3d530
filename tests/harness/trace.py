"""Which operations each function may call: recorded, committed, and compared (`python -m tests.harness.trace` writes)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.harness import story
from tests.harness.accounts import Accounts, story_world
from tests.harness.faults import At, Call, Injector, faults_of
from tests.harness.snapshot import snapshot
from tests.harness.world import World

PATH = Path(__file__).with_name("trace.json")

Operations = dict[str, list[str]]


def play(injector: Injector, **options: Any) -> tuple[World, Accounts]:
    """The story played through a world until it is quiet, with what nobody can read and what nobody sent."""
    world, accounts = story_world(injector=injector, **options)
    world.deliver(*story.GENUINE, story.UNREADABLE, story.NEWS, story.FORGED)
    world.from_event_bus(story.TITLE)
    world.enqueue("sync-crm", json.dumps({"type": "timeline.changed"}))  # a broken event: a dead letter with a reason
    world.run()
    return world, accounts


def reference() -> tuple[list[Call], dict[str, Any]]:
    """The calls of the story without any fault, and what is left of it."""
    injector = Injector()
    world, accounts = play(injector)
    return injector.calls, snapshot(world, accounts)


def cases(calls: Iterable[Call]) -> list[At]:
    """Every way in which each of the calls can fail."""
    return [At(c.number, c.invocation, c.operation, fault) for c in calls for fault in faults_of(c.operation)]


def operations(calls: Iterable[Call]) -> Operations:
    """Function -> its operations, sorted."""
    found: dict[str, set[str]] = defaultdict(set)
    for call in calls:
        found[call.function].add(call.operation)
    return {function: sorted(found[function]) for function in sorted(found)}


def committed() -> Operations:
    """The operations that the sweep is known to cover."""
    known: Operations = json.loads(PATH.read_text())
    return known


if __name__ == "__main__":
    PATH.write_text(json.dumps(operations(reference()[0]), indent=1) + "\n")
