"""The story's accounts on the stand-in platforms, as the people who work there have left them."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from hub.memory import FakeClock
from infra.local.standins.accounts import public_key
from infra.local.standins.hubspot import HubSpot
from infra.local.standins.salesforce import Salesforce
from tests.harness import story
from tests.harness.platforms import Platforms, Trouble, hubspot_account, no_trouble
from tests.harness.world import World

SHORT_KEY_BITS = 1024


@cache
def _keys() -> tuple[str, str]:
    """A private key and its public half; short, because each world loads it anew and it guards nothing."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=SHORT_KEY_BITS)
    kind = serialization.PrivateFormat.PKCS8
    private = key.private_bytes(serialization.Encoding.PEM, kind, serialization.NoEncryption()).decode()
    return private, public_key(private)


@dataclass(frozen=True, slots=True)
class Accounts:
    """Where the hub writes to, for assertions."""

    hubspot: HubSpot
    salesforce: Salesforce
    platforms: Platforms


def secrets() -> dict[str, dict[str, Any]]:
    """The secrets of the story's connections."""
    return {**story.SECRETS, story.SALESFORCE: {**story.SECRETS[story.SALESFORCE], "private_key": _keys()[0]}}


def accounts(clock: FakeClock, trouble: Trouble = no_trouble) -> Accounts:
    """HubSpot and Salesforce with the story's person in both."""
    hubspot = hubspot_account("hs-token")
    salesforce = Salesforce(
        "https://renkei.my.salesforce.com",
        "sf-client",
        "renkei@example.com",
        _keys()[1],
        story.ORGANIZATION,
        now=clock.now,
    )
    standins = {
        "api.hubapi.com": hubspot.standin(),
        "login.salesforce.com": (tokens := salesforce.standin()),
        "renkei.my.salesforce.com": tokens,
    }
    _people(hubspot, salesforce)
    return Accounts(hubspot, salesforce, Platforms(standins, trouble))


def _people(hubspot: HubSpot, salesforce: Salesforce) -> None:
    typed = {"phone": story.PHONE_AS_TYPED, "lastname": "高橋", "firstname": "美咲"}
    hubspot.records.create("contacts", typed, source="CRM_UI", at=moment(0))
    row = salesforce.rows.insert("Contact", {"LastName": "高橋", "FirstName": "美咲", "Phone": story.PHONE})
    salesforce.rows.of("Contact").pop(row["Id"])
    row |= {"Id": story.SALESFORCE_CONTACT, "Title": story.TITLE_AFTER}
    row |= {
        "CreatedDate": "2026-01-05T00:00:00.000+0000",
        "LastModifiedDate": moment(240),
        "SystemModstamp": moment(240),
    }
    salesforce.rows.of("Contact")[story.SALESFORCE_CONTACT] = row


def moment(seconds: float) -> str:
    """RFC 3339, that many seconds into the story."""
    return datetime.fromtimestamp(story.at_ms(seconds) / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def story_world(**options: Any) -> tuple[World, Accounts]:
    """A world with the story's accounts; `options` as of World, `trouble` of the platforms, `without` a connection."""
    clock = FakeClock(story.NOW)
    here = accounts(clock, options.pop("trouble", no_trouble))
    without = options.pop("without", "")
    connections = [one for one in story.CONNECTIONS if one.platform != without]
    world = World(connections, secrets(), platforms=here.platforms, clock=clock, **options)
    set_up(world)
    return world, here


def set_up(world: World) -> None:
    """Prepares the CRM accounts for our references, as an operator does once."""
    for connection in world.plain_hub.connections.all():
        if connection.platform == "hubspot":  # Salesforce is only looked at: an administrator prepares it
            client = importlib.import_module(f"connectors.{connection.platform}.client")
            read: Mapping[str, Any] = world.plain_hub.secrets.read(connection.id)
            client.build(connection, read, world.plain_hub.http, world.clock).set_up()
