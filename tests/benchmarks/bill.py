"""What a known customer's WhatsApp text costs on AWS, from the delivery to its announcement: counted, then priced.

The path: ingest, map, sync_customers, publish_changes, in batches of ten. us-east-1 list prices, arm64, no free tier.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from hub.aws_store import attributes_of
from hub.memory import FakeClock
from hub.ports import Item, Page
from hub.telemetry import EmfTelemetry
from tests.benchmarks import work_events
from tests.harness import story
from tests.harness.accounts import accounts, secrets
from tests.harness.world import World

TEXTS = 100
BATCH = 10
# Dollars per million, or per million units.
PRICES: Mapping[str, float] = {
    "API Gateway, HTTP API requests": 1.00,
    "Lambda requests": 0.20,
    "Lambda GB-seconds": 13.3334,
    "SQS requests": 0.40,
    "EventBridge events": 1.00,
    "DynamoDB write units": 0.625,
    "DynamoDB read units": 0.125,
    "S3 PUT requests": 5.00,
    "Logs, GB": 0.50e6,
}
# Assumed, mostly waiting: seconds and GB of one invocation; nothing was run on AWS.
DURATIONS: Mapping[str, tuple[float, float]] = {
    "ingest_whatsapp": (0.012, 0.5),
    "map_whatsapp": (0.060, 0.5),
    "sync_customers": (0.300, 0.5),
    "publish_changes": (0.040, 0.25),
}
# What Lambda's own START, END and REPORT lines have, per invocation.
PLATFORM_LOG_BYTES = 310


@dataclass(slots=True)
class Bill:
    """Units per webhook by line, and the figures that follow."""

    units: Counter[str] = field(default_factory=Counter)
    requests: float = 0.0
    reads: float = 0.0
    writes: float = 0.0
    log_bytes: float = 0.0
    own_log_bytes: float = 0.0

    @property
    def usd_per_million(self) -> float:
        """Dollars for a million webhooks."""
        return sum(self.lines().values())

    def lines(self) -> dict[str, float]:
        """Dollars for a million webhooks, by line."""
        return {name: self.units[name] * price for name, price in PRICES.items()}


class Metered:
    """A store that counts what DynamoDB would charge for each call."""

    def __init__(self, store: Any) -> None:
        self.units: Counter[str] = Counter()
        self.requests: Counter[str] = Counter()
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def get(self, pk: str, sk: str) -> Item | None:
        """A consistent read: a unit for each 4 KB begun."""
        item: Item | None = self._store.get(pk, sk)
        self._charge("DynamoDB read units", max(1, ceil(size_of(item) / 4096)) if item else 1)
        return item

    def query(self, pk: str, **options: Any) -> Page:
        """As get, over all items found together."""
        page: Page = self._store.query(pk, **options)
        self._charge("DynamoDB read units", max(1, ceil(sum(map(size_of, page.items)) / 4096)))
        return page

    def put(self, item: Item) -> None:
        """A unit for each KB begun, and the same again for the copy in the index, twice where that moves."""
        self._charge("DynamoDB write units", _kb(item) + self._index_units(item))
        self._store.put(item)

    def put_all(self, items: Sequence[Item]) -> None:
        """As put, twice the price in a transaction; the index is not part of it."""
        times = 2 if len(items) > 1 else 1
        self._charge("DynamoDB write units", sum(times * _kb(item) + self._index_units(item) for item in items))
        self._store.put_all(items)

    def _index_units(self, item: Item) -> int:
        """One that has another place now is removed from the old one: a write of its own (DynamoDB guide, indexes)."""
        before = self._store.get(item.pk, item.sk)
        removed = _kb(before) if before and before.index and before.index != item.index else 0
        return removed + (_kb(item) if item.index else 0)

    def _charge(self, unit: str, count: int) -> None:
        self.units[unit] += count
        self.requests["write" if unit == "DynamoDB write units" else "read"] += 1


def size_of(item: Item) -> int:
    """Bytes as DynamoDB counts them: names and values."""
    return sum(len(name) + len(str(next(iter(value.values()))).encode()) for name, value in attributes_of(item).items())


def _kb(item: Item) -> int:
    return ceil(size_of(item) / 1024)


def bill() -> Bill:
    """The bill of one text, from a hundred of them."""
    log = io.StringIO()
    with redirect_stdout(log):
        world, meter = _known_customer()
        before = len(world.invocations)
        start = log.tell()
        meter.units.clear()
        meter.requests.clear()
        counted = _send(world)
    invocations = Counter(world.invocations[before:])
    return _priced(counted, meter, invocations, len(log.getvalue().encode()) - start)


def _known_customer() -> tuple[World, Metered]:
    """A world without a CRM to write to, in which the customer has written before."""
    clock = FakeClock(story.NOW)
    connections = [one for one in story.CONNECTIONS if one.id == story.WHATSAPP]
    world = World(
        connections, secrets(), platforms=accounts(clock).platforms, clock=clock, telemetry=EmfTelemetry(clock)
    )
    world.paused = frozenset({"sync_crm"})
    world.deliver(work_events.text(0))
    world.run()
    meter = Metered(world.store)
    world.hub = world.injector.watch(_with_store(world, meter))
    world.injector.calls.clear()
    return world, meter


def _with_store(world: World, store: Any) -> Any:
    from dataclasses import replace

    return replace(world.plain_hub, store=store)


def _send(world: World) -> Counter[str]:
    """Port calls and events of the texts, sent in tens, so that every batch is full."""
    events = len(world.bus.events)
    for start in range(1, TEXTS + 1, BATCH):
        world.deliver(*(work_events.text(number) for number in range(start, start + BATCH)))
        world.run()
    counted = Counter(call.operation for call in world.injector.calls)
    counted["events"] = len(world.bus.events) - events
    counted["routed"] = sum(len(world.routed(event["type"], event["data"])) for event in world.bus.events[events:])
    return counted


def _priced(counted: Counter[str], meter: Metered, invocations: Counter[str], own_log_bytes: int) -> Bill:
    polls = sum(count for function, count in invocations.items() if function in ("map_whatsapp", "sync_customers"))
    log_bytes = own_log_bytes + PLATFORM_LOG_BYTES * invocations.total()
    seconds = sum(count * DURATIONS[function][0] * DURATIONS[function][1] for function, count in invocations.items())
    totals = {
        "API Gateway, HTTP API requests": invocations["ingest_whatsapp"],
        "Lambda requests": invocations.total(),
        "Lambda GB-seconds": seconds,
        # The inbound message, the rules' deliveries; each batch is received and deleted once.
        "SQS requests": counted["queue.send"] + counted["routed"] + 2 * polls,
        "EventBridge events": counted["events"],
        "S3 PUT requests": counted["blobs.put"],
        "Logs, GB": log_bytes / 1e9,
        **meter.units,
    }
    requests = (
        counted["queue.send"] + counted["bus.publish"] + counted["blobs.put"] + meter.requests.total() + 2 * polls
    )
    units: Counter[str] = Counter()
    for name, total in totals.items():
        units[name] = total / TEXTS  # type: ignore[assignment]
    return Bill(
        units,
        requests / TEXTS,
        meter.requests["read"] / TEXTS,
        meter.requests["write"] / TEXTS,
        log_bytes / TEXTS,
        own_log_bytes / TEXTS,
    )
