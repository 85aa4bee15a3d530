"""A few people on five platforms who share numbers, hand them on, get deleted, restored and merged; as told to the hub.

An act is a few small numbers, so that hypothesis can draw, shrink and print it; `tests.harness.telling` plays them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hub import connector as registry
from hub.delivery import Connection, Delivery
from hub.domain.events import Event, instant
from hub.memory import MemoryBus
from hub.wiring import Hub
from tests.harness import story
from tests.harness.accounts import Accounts
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
LAST = 119  # step


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


def delivered(sending: Sending) -> Delivery:
    """The delivery of a webhook as the mapping stage gets it."""
    connection = BY_ID[sending.connection]
    kept = registry.load(connection.platform).keep_headers
    headers = {name: value for name, value in sending.headers.items() if name in kept}
    return Delivery(connection.id, connection.platform, sending.kind, "", sending.body, headers=headers)


def moment(act: Act) -> str:
    """RFC 3339."""
    return instant(story.at_ms(act.seconds))
