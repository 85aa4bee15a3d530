"""Any order, any number of copies, any two workers at once: the same end."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.memory import MemoryStore
from hub.ports import Item
from tests.harness import story
from tests.harness.accounts import story_world
from tests.harness.interleave import work_at_once
from tests.harness.sending import Sending
from tests.harness.snapshot import differences, snapshot
from tests.harness.world import World

pytestmark = pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
patient = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
# None stands for the event from Salesforce, which comes over the event bus.
DELIVERIES: tuple[Sending | None, ...] = (*{one.body: one for one in story.GENUINE}.values(), story.UNREADABLE, None)


def end_of(world: World, accounts: Any) -> dict[str, Any]:
    world.run()
    assert not world.raised
    return snapshot(world, accounts)


def deliver(world: World, deliveries: list[Sending | None]) -> None:
    for one in deliveries:
        if one is None:
            world.from_event_bus(story.TITLE)
        else:
            world.deliver(one)


@cache
def sorted_end() -> dict[str, Any]:
    world, accounts = story_world()
    deliver(world, list(DELIVERIES))
    return end_of(world, accounts)


def with_copies() -> st.SearchStrategy[list[Sending | None]]:
    copies = st.lists(st.sampled_from(DELIVERIES), max_size=6)
    return copies.flatmap(lambda more: st.permutations([*DELIVERIES, *more]))


@patient
@given(with_copies())
def test_any_order_and_any_copies_of_the_deliveries_come_to_the_same_end(deliveries: list[Sending | None]) -> None:
    world, accounts = story_world()
    for one in deliveries:
        deliver(world, [one])
        world.run()
    assert list(differences(sorted_end(), end_of(world, accounts))) == []


@patient
@given(with_copies(), st.integers(0, 2**32))
def test_any_order_and_any_copies_on_the_queues_between_the_stages_come_to_the_same_end(
    deliveries: list[Sending | None], seed: int
) -> None:
    world, accounts = story_world(shuffle=Random(seed), copies=0.3)
    deliver(world, deliveries)
    assert list(differences(sorted_end(), end_of(world, accounts))) == []


def test_the_queues_do_disturb_the_order() -> None:
    """The harness itself: without disorder the test above would prove nothing."""
    orders = set()
    for seed in range(20):
        world, _accounts = story_world(shuffle=Random(seed), copies=0.3)
        deliver(world, list(DELIVERIES))
        world.run()
        orders.add(tuple(event["id"] for event in world.bus.events))
    assert len(orders) == 20


def end_of_working_at_once(seed: int, workers: int, *, careless: bool = False) -> list[str]:
    """What differs from one worker, after several have worked each stage at the same time."""
    random = Random(seed)
    world, accounts = story_world()
    if careless:
        world.plain_hub = replace(world.plain_hub, store=Careless(world.store))
    world.paused = frozenset({"sync_customers", "publish_changes", "sync_crm"})
    deliver(world, list(DELIVERIES))
    world.run()
    switches = 0
    for queue, paused in STAGES:
        switches += work_at_once(world, queue, workers, random).switches
        world.paused = frozenset(paused)
        world.run()
    assert switches > 3 * workers  # they really took turns
    return list(differences(sorted_end(), end_of(world, accounts)))


# Queue, and what is not run while the world goes on after it was worked.
STAGES = (
    ("sync-crm", {"sync_customers", "publish_changes", "sync_crm"}),
    ("sync-customers", {"sync_customers", "sync_crm"}),
    ("sync-crm", set[str]()),
)


class Careless:
    """A store that writes whatever the version: the last writer wins."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def put(self, item: Item) -> None:
        stored = self._store.get(item.pk, item.sk)
        self._store.put(replace(item, version=stored.version if stored else 0))


@patient
@given(st.integers(0, 2**32), st.integers(2, 3))
def test_workers_at_once_on_one_customer_come_to_the_same_end_as_one_after_the_other(seed: int, workers: int) -> None:
    assert end_of_working_at_once(seed, workers) == []


def test_working_at_once_shows_a_store_that_ignores_versions() -> None:
    """The harness itself: without a real race the test above would prove nothing."""
    assert any(end_of_working_at_once(seed, 2, careless=True) for seed in range(10))
