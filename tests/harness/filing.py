"""Events filed by the consumer's own handler into a store of either adapter, and all that can be seen of them then."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from hub.directory import Directory
from hub.memory import MemoryConnections, MemorySecrets, MemoryStore, memory_hub
from hub.ports import Item, Store
from hub.wiring import Hub
from tests.harness.lives import CONNECTIONS
from tests.harness.shapes import Context, sqs_event

BATCH = 10
HASH_KEY = b"k" * 32


def filing_hub(store: Store | None = None) -> Hub:
    """A hub with the connections of `lives`; its hash key is HASH_KEY."""
    known = MemoryConnections(CONNECTIONS)
    return memory_hub(store=store or MemoryStore(), connections=known, secrets=MemorySecrets(hash_key=HASH_KEY))


def directory(store: Store) -> Directory:
    """The directory over that store."""
    return Directory(store, HASH_KEY)


def file(hub: Hub, bodies: Sequence[str]) -> None:
    """Files events in this order, in batches; AssertionError where one is refused or fails."""
    from sync_customers.handler import handler

    for start in range(0, len(bodies), BATCH):
        batch = bodies[start : start + BATCH]
        messages = [(str(number), body, 1, hub.clock.now()) for number, body in enumerate(batch)]
        answer = handler(sqs_event("sync-customers", messages), Context(), hub)
        assert answer == {"batchItemFailures": []}, answer
    assert not getattr(hub.queue, "messages", {}), "an event was refused"


def bare(items: Iterable[Item]) -> list[Item]:
    """The items without what counts writes: what must be equal for the state to be equal."""
    return [replace(item, version=0) for item in items]


def everything(store: Any) -> list[Item]:
    """All items of a store of either adapter, in key order."""
    return bare(store.everything()) if isinstance(store, MemoryStore) else bare(store.scan())
