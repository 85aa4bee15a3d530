"""Which operations each function may call: recorded, committed, and compared (`python -m tests.harness.trace` writes)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from hub.errors import Retry
from infra.local.standins.server import Call as Request
from tests.harness import story
from tests.harness.accounts import Accounts, moment, story_world
from tests.harness.deciding import STEPS, decide
from tests.harness.faults import READS, At, Call, Injector, faults_of
from tests.harness.snapshot import snapshot
from tests.harness.world import CONSUMERS, World

PATH = Path(__file__).with_name("trace.json")

Operations = dict[str, list[str]]


def the_story(world: World) -> None:
    """A message waits for its contact; then everything else, with what nobody can read and what nobody sent."""
    world.deliver(story.TEXT)
    world.run()
    world.deliver(*story.GENUINE, *story.SET_ASIDE, story.NEWS, *story.REFUSED)
    world.from_event_bus(story.TITLE)
    world.enqueue("sync-crm", json.dumps({"type": "timeline.changed"}))  # a broken event: a dead letter with a reason
    world.enqueue("sync-customers", "no event at all")
    world.run()


def a_stranger(world: World) -> None:
    """Somebody whom no CRM knows writes; HubSpot is to have a contact made of them."""
    connections = world.plain_hub.connections.stored  # type: ignore[attr-defined]
    known = connections[story.HUBSPOT]
    connections[story.HUBSPOT] = replace(known, settings={**known.settings, "create_contacts": True})
    world.deliver(story.STRANGER)
    world.run()


def both_ways(world: World) -> None:
    """The same person in both CRMs, which are written to: a title and a mobile phone, each told to the other CRM."""
    connections = world.plain_hub.connections.stored  # type: ignore[attr-defined]
    for name in (story.HUBSPOT, story.SALESFORCE):
        connections[name] = replace(connections[name], settings={**connections[name].settings, "sync": "both"})
    world.deliver(story.CREATED)
    world.run()
    world.clock.time += 600
    world.from_event_bus(story.TITLE)
    world.run()
    world.clock.time += 600
    a_person_enters(world, {"mobilephone": story.MOBILE}, 900)
    world.deliver(story.MOBILE_ENTERED)
    world.run()


def a_person_enters(world: World, properties: Mapping[str, str], seconds: float) -> None:
    """Somebody changes the story's contact at HubSpot's screen."""
    path, at = "/_standin/people/{id}", moment(seconds)
    (enter,) = (one for _, where, one in world.platforms.standins["api.hubapi.com"].admin if where == path)
    body = json.dumps({"properties": properties, "at": at}).encode()
    enter(Request("POST", path, body, parts={"id": story.HUBSPOT_CONTACT}))


def an_outage(world: World) -> None:
    """Every consumer meets a table that does not answer the first time, and puts its message off."""
    hub = world.plain_hub
    stumbling: dict[str, Any] = {
        name: Stumbling(getattr(hub, name), world.injector) for name in ("connections", "store")
    }
    world.hub = world.injector.watch(replace(hub, **stumbling))
    world.deliver(story.CREATED, story.TEXT, story.RECORDING)
    world.run()


class Stumbling:
    """A port of which the first `get` by each consumer finds nobody in."""

    def __init__(self, port: Any, injector: Injector) -> None:
        self._port, self._injector = port, injector
        self._met = set[str]()

    def __getattr__(self, method: str) -> Any:
        """The port's own."""
        return getattr(self._port, method)

    def get(self, *key: str) -> Any:
        """As the port's, or Retry."""
        function = self._injector.function
        if function not in self._met and function in CONSUMERS.values():
            self._met.add(function)
            raise Retry("throttled", 20)
        return self._port.get(*key)


SCENARIOS: Mapping[str, Callable[[World], None]] = {
    "the story": the_story,
    "a stranger": a_stranger,
    "an outage": an_outage,
    "both ways": both_ways,
    **{step: partial(decide, step=step) for step in STEPS},
}


def play(scenario: str, injector: Injector, **options: Any) -> tuple[World, Accounts]:
    """A world after that scenario, at rest."""
    world, accounts = story_world(injector=injector, **options)
    SCENARIOS[scenario](world)
    return world, accounts


def reference(scenario: str) -> tuple[list[Call], dict[str, Any]]:
    """The calls of a scenario without any fault, and what is left of it."""
    injector = Injector()
    world, accounts = play(scenario, injector)
    return injector.calls, snapshot(world, accounts)


def cases(calls: Iterable[Call]) -> list[At]:
    """Every way in which each of the calls can fail."""
    return [At(c.number, c.invocation, c.operation, fault) for c in calls for fault in faults_of(c.operation)]


def telling(calls: Iterable[Call]) -> list[Call]:
    """All writes, and of the reads between two writes the first of each kind: there the state is still the same."""
    told: list[Call] = []
    seen = set[str]()
    for call in calls:
        reads = call.operation.partition(".")[2] in READS
        if not reads:
            seen.clear()
        if not reads or call.operation not in seen:
            told.append(call)
            seen.add(call.operation)
    return told


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
    every_call = [call for scenario in SCENARIOS for call in reference(scenario)[0]]
    PATH.write_text(json.dumps(operations(every_call), indent=1) + "\n")
