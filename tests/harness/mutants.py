"""Well-known mistakes, seeded one at a time: the soak must notice each, else it proves nothing."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from hub.ports import HttpResponse, Item
from hub.wiring import Hub
from tests.harness.faults import Crash
from tests.harness.world import World

Change = Callable[[Mapping[str, Any], Hub], tuple[Mapping[str, Any], Hub]]
MAPPERS = ("map_crm", "map_whatsapp", "map_telephony")


def ack_before_commit(world: World) -> None:
    """Messages are deleted whether or not their work was done."""
    _acknowledge_all(world, "sync_customers")


def batch_acknowledged_on_failure(world: World) -> None:
    """The mappers name no failed record."""
    for function in MAPPERS:
        _acknowledge_all(world, function)


def ignored_failed_entry_count(world: World) -> None:
    """The mappers take a 200 of the bus for a yes to every entry."""
    for function in MAPPERS:
        _wrap(world, function, lambda event, hub: (event, replace(hub, bus=_Believer(hub.bus))))


def announcements_not_checked(world: World) -> None:
    """The same mistake in publish_changes."""
    _wrap(world, "publish_changes", lambda event, hub: (event, replace(hub, bus=_Believer(hub.bus))))


def marker_before_work(world: World) -> None:
    """An event is marked as processed before it is."""
    seen: set[str] = set()

    def unseen(event: Mapping[str, Any], hub: Hub) -> tuple[Mapping[str, Any], Hub]:
        records = [record for record in event["Records"] if record["body"] not in seen]
        seen.update(record["body"] for record in records)
        return {"Records": records}, hub

    _wrap(world, "sync_customers", unseen)


def order_by_arrival(world: World) -> None:
    """What happened is dated by when it was worked."""
    ticks = itertools.count()

    def redated(event: Mapping[str, Any], hub: Hub) -> tuple[Mapping[str, Any], Hub]:
        records = [{**record, "body": _redated(record["body"], next(ticks))} for record in event["Records"]]
        return {"Records": records}, hub

    _wrap(world, "sync_customers", redated)


def blind_resend(world: World) -> None:
    """What is sent to the CRM again carries a new reference each time."""
    numbers = itertools.count()
    exchange = world.platforms.exchange

    def forgetful(method: str, url: str, headers: Mapping[str, str], content: bytes | None, end: float) -> HttpResponse:
        return exchange(method, url, headers, _forgotten(url, content, next(numbers)), end)

    world.plain_hub.http.exchange = forgetful  # type: ignore[attr-defined]


def poison_dropped(world: World) -> None:
    """What cannot be read is thrown away."""
    for function in MAPPERS:
        _wrap(world, function, lambda event, hub: (event, replace(hub, store=_Careless(hub.store))))


MUTANTS: Mapping[str, Callable[[World], None]] = {
    "ack before commit": ack_before_commit,
    "batch acknowledged on failure": batch_acknowledged_on_failure,
    "ignored FailedEntryCount": ignored_failed_entry_count,
    "announcements not checked": announcements_not_checked,
    "marker before work": marker_before_work,
    "order by arrival": order_by_arrival,
    "blind resend": blind_resend,
    "poison dropped": poison_dropped,
}


def _wrap(world: World, function: str, change: Change) -> None:
    handler = world.handler(function)

    def wrapped(event: Mapping[str, Any], context: object, hub: Hub) -> Any:
        changed, with_hub = change(event, hub)
        return handler(changed, context, with_hub)

    world.handlers[function] = wrapped


def _acknowledge_all(world: World, function: str) -> None:
    handler = world.handler(function)

    def acknowledged(event: Mapping[str, Any], context: object, hub: Hub) -> Any:
        try:
            handler(event, context, hub)
        except (Crash, Exception):
            return {"batchItemFailures": []}
        return {"batchItemFailures": []}

    world.handlers[function] = acknowledged


class _Believer:
    """A bus adapter that never looks into the answer."""

    def __init__(self, bus: Any) -> None:
        self._bus = bus

    def publish(self, events: Sequence[Mapping[str, Any]]) -> list[int]:
        self._bus.publish(events)
        return []


class _Careless:
    """A store that never gets to see what is set aside."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def put(self, item: Item) -> None:
        if not item.pk.startswith("ASIDE#"):
            self._store.put(item)

    def put_all(self, items: Sequence[Item]) -> None:
        rest = [item for item in items if not item.pk.startswith("ASIDE#")]
        if rest:
            self._store.put_all(rest)


def _redated(body: str, tick: int) -> str:
    event = json.loads(body)
    event["time"] = (
        f"2026-09-22T{tick // 3_600_000 % 24:02d}:{tick // 60_000 % 60:02d}:{tick // 1000 % 60:02d}.{tick % 1000:03d}Z"
    )
    return json.dumps(event)


def _forgotten(url: str, content: bytes | None, number: int) -> bytes | None:
    if content is None or not url.endswith("/batch/upsert"):
        return content
    body = json.loads(content)
    for one in body["inputs"]:
        one["id"] = f"again-{number}-{one['id']}"[:64]
        one.get("properties", {}).pop(one.get("idProperty", ""), None)
    return json.dumps(body).encode()
