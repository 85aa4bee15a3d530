"""A HubSpot account for tests: the stand-in at a time of the test's own, reached through the real HTTP client."""

from __future__ import annotations

from typing import Any

from connectors.hubspot.client import HubSpotClient, build
from hub.delivery import Connection
from hub.domain.events import Claim, RecordChangedData
from hub.http import HttpClient
from hub.memory import FakeClock
from infra.local.standins.hubspot import HubSpot
from tests.harness.platforms import Platforms

TOKEN = "token-of-the-example"
APP_ID = 7_100_042


class Account:
    """`client` on `crm`; `clock` is the time of both. Options are the stand-in's."""

    def __init__(self, *, set_up: bool = True, settings: dict[str, Any] | None = None, **options: Any) -> None:
        self.clock = FakeClock()
        self.crm = HubSpot(TOKEN, now=self.clock.now, **options)
        self.platforms = Platforms({"api.hubapi.com": self.crm.standin()})
        self.http = HttpClient(clock=self.clock, exchange=self.platforms.exchange, uniform=lambda: 0.0)
        said = {"portal_id": "48000117", "app_id": str(APP_ID), "default_region": "JP", **(settings or {})}
        self.connection = Connection("h" * 26, "hubspot", settings=said)
        self.client: HubSpotClient = build(self.connection, {"access_token": TOKEN}, self.http, self.clock)
        if set_up:
            self.client.set_up()

    @property
    def calls(self) -> list[dict[str, Any]]:
        """The calls that the stand-in received."""
        return self.platforms.standins["api.hubapi.com"].journal.calls

    def record(self, kind: str, record_id: str) -> RecordChangedData:
        """The contact or company as the client reads it."""
        found = self.client.read(kind, [record_id])[0]
        assert isinstance(found, RecordChangedData)
        return found

    def claims(self, kind: str, record_id: str) -> dict[str, Claim]:
        """Its claims by field."""
        return {claim.field: claim for claim in self.record(kind, record_id).claims}
