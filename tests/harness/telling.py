"""What the platforms tell of acts: played on their accounts, sent as they send it, mapped by the real connectors.

Webhooks become events by the connector's mapping; where they hold nothing but an id, `sync_crm` reads the record on the
stand-in, at once or when everything has happened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from hub import connector as registry
from hub.delivery import Delivery
from hub.directory import Directory
from hub.domain.events import Event, instant
from hub.http import HttpClient
from hub.memory import FakeClock, MemoryBus, MemoryConnections, MemorySecrets, MemoryStore, memory_hub
from sync_crm.clients import Clients
from sync_crm.records import Records
from tests.harness import story
from tests.harness.accounts import accounts, secrets
from tests.harness.lives import BY_ID, CONNECTIONS, LAST, STEP_S, Act, Stage
from tests.harness.lives_crm import CRM_TELLERS
from tests.harness.lives_talk import TALK_TELLERS, Teller

TELLERS: Mapping[str, Teller] = {**TALK_TELLERS, **CRM_TELLERS}
COPY_LATER_MS = 7_000


@dataclass(frozen=True, slots=True)
class Told:
    """What one delivery came to: events as JSON, and the same delivery's copy, which arrived later."""

    act: Act
    events: tuple[str, ...]
    copy: tuple[str, ...]


@cache
def _keys() -> dict[str, dict[str, Any]]:
    return secrets()


def _stage() -> Stage:
    clock = FakeClock(story.NOW)
    here, bus = accounts(clock), MemoryBus()
    here.hubspot.records.by_object.clear()
    here.salesforce.rows.by_object.clear()
    http = HttpClient(clock, uniform=lambda: 0.5, exchange=here.platforms.exchange)
    connections, known = MemoryConnections(CONNECTIONS), MemorySecrets(_keys())
    return Stage(here, memory_hub(connections=connections, secrets=known, bus=bus, http=http, clock=clock), bus)


def tell(acts: Sequence[Act]) -> list[Told]:
    """What the platforms tell of these acts, in the order in which they happened; the same for the same acts."""
    stage = _stage()
    told: list[Told] = []
    for act in sorted(dict.fromkeys(acts), key=lambda one: (one.at, one.what, one.who, one.other, one.n)):
        for number, delivery in enumerate(TELLERS[act.what](stage, act)):
            told.append(_told(stage, act, number, delivery))
    return told + [_read_later(stage, *one) for one in stage.later]


def _told(stage: Stage, act: Act, number: int, delivery: Delivery) -> Told:
    at = replace(delivery, received_at=_received(act, number), raw_ref=f"raw/{act.what}{act.key}#{number}")
    copied = replace(
        at, received_at=_received(act, number, COPY_LATER_MS), raw_ref=f"raw/copy-{act.what}{act.key}#{number}"
    )
    first, second = (_mapped(stage, one) for one in (at, copied))
    touched = [[one for one in events if one.type == "record.touched"] for events in (first, second)]
    if touched[0] and act.chosen(3):
        stage.later.append((act, *touched))  # type: ignore[arg-type]
        read: list[list[Event]] = [[], []]
    else:
        stage.hub.clock.time = (story.START_MS / 1000) + act.seconds + 2  # type: ignore[attr-defined]
        read = [_read(stage, events) for events in touched]
    return Told(act, *(_texts([*events, *more]) for events, more in zip((first, second), read, strict=True)))


def _read_later(stage: Stage, act: Act, touched: list[Event], again: list[Event]) -> Told:
    """The record was read when everything had happened."""
    stage.hub.clock.time = (story.START_MS / 1000) + (LAST + 1) * STEP_S  # type: ignore[attr-defined]
    return Told(act, _texts(_read(stage, touched)), _texts(_read(stage, again)))


def _mapped(_stage: Stage, delivery: Delivery) -> list[Event]:
    connection = BY_ID[delivery.connection_id]
    mapped = registry.load(connection.platform).map_delivery(delivery, connection)
    assert not mapped.unmapped, mapped.unmapped
    return list(mapped.events)


def _read(stage: Stage, touched: list[Event]) -> list[Event]:
    """What sync_crm makes of records that were announced, as they are now."""
    stage.bus.events.clear()
    for event in touched:
        stranger = Directory(MemoryStore(), b"k" * 32)  # nobody is known there, so that the record is read
        Records(stage.hub, Clients(stage.hub), stranger, [event]).touched(event)
    return [Event.model_validate(one) for one in stage.bus.events]


def _texts(events: list[Event]) -> tuple[str, ...]:
    return tuple(one.model_dump_json() for one in events if one.type != "record.touched")


def _received(act: Act, number: int, later_ms: int = 0) -> str:
    return instant(story.at_ms(act.seconds + 1) + number + later_ms)
