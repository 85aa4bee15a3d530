"""A function writes to the partitions that its role on AWS allows, and to no others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from hub.job_worker import start
from hub.jobs import Job
from hub.memory import FakeClock
from hub.sync_state import SyncState
from infra.keys import OWN_KEYS, may_write
from tests.benchmarks import work_events
from tests.harness import story
from tests.harness.accounts import accounts, secrets
from tests.harness.world import World


class Watched(World):
    """Remembers who wrote to which partition."""

    def attempt(self, function: str, event: Mapping[str, Any]) -> Any:
        """As World; every write until it returns is the function's."""
        before = len(self.store.changes)
        answer = super().attempt(function, event)
        self.written[function] |= {change.pk for change in self.store.changes[before:]}
        return answer

    @property
    def written(self) -> dict[str, set[str]]:
        """Partitions by function."""
        found: dict[str, set[str]] = self.__dict__.setdefault("_written", defaultdict(set))
        return found


@pytest.fixture(scope="module")
def written() -> dict[str, set[str]]:
    """Who wrote where: a contact was made, a text came, and one that could not be read; jobs ran, one was due."""
    clock = FakeClock(story.NOW)
    connections = [replace(one, settings={**one.settings, "sync": "both"}) for one in story.CONNECTIONS]
    world = Watched(connections, secrets(), platforms=accounts(clock).platforms, clock=clock)
    text = work_events.text()
    world.deliver(story.hubspot_batch(story.contact_created(story.HUBSPOT_CONTACT, 0)), text, replace(text, body=b"{"))
    world.run()
    start(world.plain_hub, Job("i" * 26, "import", story.HUBSPOT, "hubspot", by="someone"))
    SyncState(world.plain_hub.store).postpone(story.HUBSPOT, "p" * 26, "2026-11-22T00:00:00.000Z")
    world.run()
    clock.time += 7 * 3600
    world.sweep()
    world.run()
    return world.written


@pytest.mark.parametrize("function", ["map_whatsapp", "match_customers", "import_records", "reconcile_records"])
def test_a_function_writes_to_its_own_partitions_only(written: dict[str, set[str]], function: str) -> None:
    assert written[function]
    assert [pk for pk in written[function] if not may_write(function, pk)] == []


def test_the_table_of_keys_tells_functions_apart() -> None:
    assert not may_write("api", "S#somebody")
    assert not may_write("map_crm", "P#somebody")
    assert may_write("sync_customers", "P#somebody")
    assert set(OWN_KEYS) == {"map", "api", "match_customers", "import_records", "reconcile_records"}
