"""Requests, good and bad, through the deployed path, and what became of them."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hub.delivery import Connection
from hub.memory import MemoryTelemetry
from tests.harness import story
from tests.harness.accounts import story_world
from tests.harness.sending import PUBLIC_URL, Sending
from tests.harness.world import World

META_SECRET = b"meta-app-secret"
REFUSED_BODY = "no"
OTHER = "other".ljust(26, "0")
EMPTY = "empty".ljust(26, "0")
OFF = "off".ljust(26, "0")

Event = dict[str, Any]
Change = Callable[[Event], None]


@dataclass
class Outcome:
    """What became of one request."""

    status: int
    body: str
    queued: int
    aside: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


def world_of() -> World:
    """The story's connections, and one each of another tenant, without a secret, and switched off."""
    world, _accounts = story_world(without="salesforce-client")
    connections: dict[str, Connection] = world.plain_hub.connections.stored  # type: ignore[attr-defined]
    known = connections[story.WHATSAPP]
    for other, secret, status in ((OTHER, "another-secret", "active"), (EMPTY, "", "active"), (OFF, "x", "disabled")):
        connections[other] = replace(known, id=other, status=status)
        signing = [{"id": "1", "value": secret, "not_after": None}] if secret else []
        world.plain_hub.secrets.write(other, {"signing": signing})
    return world


def send(event: Event, kind: str, world: World | None = None) -> Outcome:
    """One request through the handlers, and what is left when all is quiet."""
    world = world or world_of()
    assert isinstance(world.telemetry, MemoryTelemetry)
    answer: Mapping[str, Any] = world.attempt(f"ingest_{kind}", event)
    queued = len(world.queues[f"inbound-{kind}"].waiting)
    world.run()
    aside = [
        str(item.body.get("reason") or item.body.get("type"))
        for item in world.store.everything()
        if item.pk.startswith("ASIDE#") and item.pk != "ASIDE#counts"
    ]
    broken = [f"{function}: {error!r}" for function, error in world.raised]
    broken += [f"{queue}: {letter.reason}" for queue, letters in world.dead().items() for letter in letters]
    broken += [name for name in ("ingest.failed", "map.broken", "records.failed") if world.telemetry.counters[name]]
    return Outcome(int(answer["statusCode"]), str(answer.get("body", "")), queued, aside, broken)


def signed(sending: Sending, change: Change = lambda _event: None) -> Event:
    """The event of a genuine request, and then changed."""
    event = world_of().request_event(sending)
    change(event)
    return event


def header(name: str, value: str | None) -> Change:
    """Sets a header, or takes it away."""

    def change(event: Event) -> None:
        event["headers"].pop(name, None)
        if value is not None:
            event["headers"][name] = value

    return change


def body_of(event: Event) -> bytes:
    return base64.b64decode(event["body"])


def new_body(make: Callable[[bytes], bytes]) -> Change:
    """Another body under the signature of the first."""

    def change(event: Event) -> None:
        event["body"] = base64.b64encode(make(body_of(event))).decode()

    return change


def path(make: Callable[[str], str]) -> Change:
    """Another path."""

    def change(event: Event) -> None:
        event["rawPath"] = event["requestContext"]["http"]["path"] = make(event["rawPath"])

    return change


def method(name: str) -> Change:
    """Another method."""

    def change(event: Event) -> None:
        event["requestContext"]["http"]["method"] = name

    return change


META_HEADER = "x-hub-signature-256"
HUBSPOT_HEADER = "x-hubspot-signature-v3"
HUBSPOT_TIME = "x-hubspot-request-timestamp"
TWILIO_HEADER = "x-twilio-signature"
RIGHT = hmac.new(META_SECRET, story.TEXT.body, hashlib.sha256).hexdigest()


def hubspot_at(text: str) -> Change:
    """A timestamp header as given, signed as if it were right."""

    def change(event: Event) -> None:
        content = f"POST{story.CREATED.url(PUBLIC_URL)}".encode() + story.CREATED.body + text.encode()
        digest = hmac.new(b"hubspot-client-secret", content, hashlib.sha256).digest()
        event["headers"] |= {HUBSPOT_TIME: text, HUBSPOT_HEADER: base64.b64encode(digest).decode()}

    return change


def at_ms(seconds: float) -> str:
    return str(round((story.NOW + seconds) * 1000))
