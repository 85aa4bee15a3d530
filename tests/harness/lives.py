"""A few people on five platforms who share numbers, hand them on, get deleted, restored and merged; as told to the hub.

An act is a few small numbers, so that hypothesis can draw, shrink and print it. `tell` plays acts on the platforms'
accounts in the order of their time, and maps what the platforms then send with the real connectors: webhooks, and
what `sync_crm` reads after those that hold nothing but an id.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from hub import connector as registry
from hub.delivery import Connection, Delivery
from hub.directory import Directory
from hub.domain.events import Event, instant
from hub.http import HttpClient
from hub.memory import FakeClock, MemoryBus, MemoryConnections, MemorySecrets, MemoryStore, memory_hub
from hub.wiring import Hub
from tests.harness import story
from tests.harness.accounts import Accounts, accounts, secrets
from tests.harness.sending import Sending

SHOP = "shopify".ljust(26, "0")
SHOP_DOMAIN = "kettles.myshopify.com"
CONNECTIONS = (
    *story.CONNECTIONS,
    Connection(SHOP, "shopify", settings={"shop_domain": SHOP_DOMAIN, "default_region": "JP"}),
)
BY_ID = {one.id: one for one in CONNECTIONS}
OUR_NUMBER = "+815012345678"
# The last one is our own side's, which people type into CRMs too.
PHONES = ("+819012340000", "+819012340001", "+819012340002", "+819012340003", OUR_NUMBER)
MAILS = ("aya@example.com", "family@example.com", "Ren@Example.com", "office@example.com")
PEOPLE = 4
STEP_S = 30
COPY_LATER_MS = 7_000


@dataclass(frozen=True, slots=True)
class Act:
    """Something that somebody did `at` steps into the story: `who` and `other` choose from the pool, `n` a variant."""

    what: str
    at: int
    who: int = 0
    other: int = 0
    n: int = 0

    @property
    def seconds(self) -> int:
        """Seconds into the story."""
        return self.at * STEP_S

    @property
    def key(self) -> str:
        """Digits that no other act has: for the ids that platforms give."""
        return f"{self.at:03d}{self.who}{self.other}{self.n:02d}"

    @property
    def phone(self) -> str:
        """The number it is about."""
        return PHONES[self.other % len(PHONES)]

    def chosen(self, bit: int) -> bool:
        """Whether that bit of the variant is set."""
        return bool(self.n >> bit & 1)


@dataclass(frozen=True, slots=True)
class Told:
    """What one delivery came to: events as JSON, and the same delivery's copy, which arrived later."""

    act: Act
    events: tuple[str, ...]
    copy: tuple[str, ...]


@dataclass
class Stage:
    """The platforms' accounts while acts are played, and what is remembered between acts."""

    here: Accounts
    hub: Hub
    bus: MemoryBus
    fields: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    buried: dict[tuple[str, int], Any] = field(default_factory=dict)
    messages: dict[int, list[str]] = field(default_factory=dict)
    later: list[tuple[Act, list[Event], list[Event]]] = field(default_factory=list)


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
    from tests.harness.lives_crm import CRM_TELLERS
    from tests.harness.lives_talk import TALK_TELLERS

    stage, tellers = _stage(), {**CRM_TELLERS, **TALK_TELLERS}
    told: list[Told] = []
    for act in sorted(dict.fromkeys(acts), key=lambda one: (one.at, one.what, one.who, one.other, one.n)):
        for number, delivery in enumerate(tellers[act.what](stage, act)):
            told.append(_told(stage, act, number, delivery))
    return told + [_read_later(stage, *one) for one in stage.later]


def _told(stage: Stage, act: Act, number: int, delivery: Delivery) -> Told:
    at = replace(delivery, received_at=_received(act, number), raw_ref=f"raw/{act.what}{act.key}#{number}")
    copied = replace(at, received_at=_received(act, number, COPY_LATER_MS), raw_ref=f"raw/copy-{act.what}{act.key}#{number}")
    first, second = (_mapped(stage, one) for one in (at, copied))
    touched = [[one for one in events if one.type == "record.touched"] for events in (first, second)]
    if touched[0] and act.chosen(3):
        stage.later.append((act, *touched))  # type: ignore[arg-type]
        read: list[list[Event]] = [[], []]
    else:
        read = [_read(stage, events) for events in touched]
    return Told(act, *(_texts([*events, *more]) for events, more in zip((first, second), read, strict=True)))


def _read_later(stage: Stage, act: Act, touched: list[Event], again: list[Event]) -> Told:
    """The record was read when everything had happened."""
    return Told(act, _texts(_read(stage, touched)), _texts(_read(stage, again)))


def _mapped(_stage: Stage, delivery: Delivery) -> list[Event]:
    connection = BY_ID[delivery.connection_id]
    mapped = registry.load(connection.platform).map_delivery(delivery, connection)
    assert not mapped.unmapped, mapped.unmapped
    return list(mapped.events)


def _read(stage: Stage, touched: list[Event]) -> list[Event]:
    """What sync_crm makes of records that were announced, as they are now."""
    from sync_crm.clients import Clients
    from sync_crm.records import Records

    stage.bus.events.clear()
    for event in touched:
        stranger = Directory(MemoryStore(), b"k" * 32)  # nobody is known there, so that the record is read
        Records(stage.hub, Clients(stage.hub), stranger, [event]).touched(event)
    return [Event.model_validate(one) for one in stage.bus.events]


def _texts(events: list[Event]) -> tuple[str, ...]:
    return tuple(one.model_dump_json() for one in events if one.type != "record.touched")


def _received(act: Act, number: int, later_ms: int = 0) -> str:
    return instant(story.at_ms(act.seconds + 1) + number + later_ms)


def delivered(sending: Sending) -> Delivery:
    """The delivery of a webhook as the mapping stage gets it."""
    connection = BY_ID[sending.connection]
    kept = registry.load(connection.platform).keep_headers
    headers = {name: value for name, value in sending.headers.items() if name in kept}
    return Delivery(connection.id, connection.platform, sending.kind, "", sending.body, headers=headers)


def moment(act: Act) -> str:
    """RFC 3339."""
    return instant(story.at_ms(act.seconds))


def bodies(told: Sequence[Told]) -> Iterator[str]:
    """Every event once."""
    for one in told:
        yield from one.events
