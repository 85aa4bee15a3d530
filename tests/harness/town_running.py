"""The town through the real mapping, reading and filing; then every identity is asked whose it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from random import Random
from typing import cast

from hub.connector import load
from hub.delivery import Delivery
from hub.directory import Customer, Directory
from hub.domain.events import Event, unix_ms
from hub.domain.routing import consumers
from hub.memory import MemoryBus, MemoryConnections, MemoryStore, memory_hub
from hub.wiring import Hub
from sync_crm.clients import Clients
from sync_crm.records import Records
from sync_customers import handler as sync_customers
from tests.harness.shapes import Context
from tests.harness.town import Town, identifier
from tests.harness.town_reading import Readers
from tests.harness.town_truth import Truth
from tests.harness.town_wire import CONNECTIONS

BATCH = 500
LATEST_READING = 3_600_000  # ms after the change
Progress = Callable[[str, int, int], None]


def silent(_what: str, _done: int, _of: int) -> None:
    """No progress is shown."""


@dataclass
class Settled:
    """A town that has been filed: `customer_of` maps an identity to its customer's id."""

    town: Town
    truth: Truth
    hub: Hub
    directory: Directory
    customer_of: dict[str, str]
    customers: dict[str, Customer]
    deliveries: int


def file(town: Town, progress: Progress = silent) -> tuple[Hub, int]:
    """A hub to which every delivery came, in an order of the seed's; how many there were."""
    random = Random(town.seed)
    bus = MemoryBus()
    store = MemoryStore()
    hub = memory_hub(store=store, bus=bus, connections=MemoryConnections(list(CONNECTIONS.values())))
    readers = Readers(town.records)
    sent = town.deliveries(random)
    for start in range(0, len(sent), BATCH):
        events = [event for delivery in sent[start : start + BATCH] for event in _events(delivery)]
        read = _read(hub, bus, readers, [one for one in events if "sync-crm" in consumers(one.type)], random)
        _file(hub, [one.model_dump_json() for one in [*events, *read] if "sync-customers" in consumers(one.type)])
        store.changes.clear()  # nobody listens to the stream here, and it would hold the town several times over
        progress("deliveries", min(start + BATCH, len(sent)), len(sent))
    return hub, len(sent)


def _events(delivery: Delivery) -> tuple[Event, ...]:
    mapped = load(delivery.platform).map_delivery(delivery, CONNECTIONS[delivery.platform])
    if mapped.unmapped:
        raise AssertionError(f"the town speaks as {delivery.platform} does not: {mapped.unmapped[0].type}")
    return mapped.events


def _read(hub: Hub, bus: MemoryBus, readers: Readers, touched: Iterable[Event], random: Random) -> list[Event]:
    """What reading the touched records publishes; each is read some time after it changed."""
    for event in touched:
        readers.now = unix_ms(event.time) + random.randrange(LATEST_READING)
        directory = Directory(hub.store, hub.secrets.hash_key)
        Records(hub, cast(Clients, readers), directory, [event]).touched(event)
    published, bus.events = bus.events, []
    return [Event.model_validate(one) for one in published]


def _file(hub: Hub, bodies: list[str]) -> None:
    records = [{"messageId": str(number), "body": body, "attributes": {}} for number, body in enumerate(bodies)]
    answer = sync_customers.handler({"Records": records}, Context(), hub)
    if answer["batchItemFailures"]:
        raise AssertionError(f"{len(answer['batchItemFailures'])} events were not filed")


def settle(town: Town, progress: Progress = silent) -> Settled:
    """Files the town and asks for every identity."""
    hub, deliveries = file(town, progress)
    return ask(town, hub, Directory(hub.store, hub.secrets.hash_key), deliveries, progress)


def ask(town: Town, hub: Hub, directory: Directory, deliveries: int = 0, progress: Progress = silent) -> Settled:
    """Asks a directory whose each identity of a town that was filed is."""
    truth = town.truth()
    settled = Settled(town, truth, hub, directory, {}, {}, deliveries)
    ids = {directory.persona_id(identifier(one.key)): one.key for one in truth.identities if one.slot}
    for done, (persona, key) in enumerate(ids.items(), 1):
        if key not in settled.customer_of:
            _ask(settled, ids, persona, key)
        if done % BATCH == 0 or done == len(ids):
            progress("identities", done, len(ids))
    return settled


def _ask(settled: Settled, ids: Mapping[str, str], persona: str, key: str) -> None:
    found = settled.directory.customer(persona)
    if found is None:
        raise AssertionError(f"nobody knows {key}")
    inside = {ids[one.id] for one in found.personas if one.id in ids}
    if key not in inside or inside & settled.customer_of.keys():
        raise AssertionError(f"{key} is in a customer that does not say so")
    settled.customer_of |= dict.fromkeys(inside, found.id)
    settled.customers[found.id] = found
