"""Refresh tokens of quiet connections are used before they end; where use does not prolong them, people hear of the end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors.pipedrive import CONNECTOR
from hub.delivery import Connection
from hub.http import HttpClient
from hub.memory import FakeClock, MemoryConnections, MemorySecrets, memory_hub
from hub.oauth_grant import Grant
from hub.oauth_state import Lease
from hub.oauth_tending import EVERY_S, is_due, tend
from hub.outgoing import tokens_of
from infra.local.standins.oauth_server import OAuthServer
from tests.harness.platforms import UNREACHABLE, Platforms

DAY_S = 86_400
HOST = "oauth.pipedrive.com"


class Quiet:
    """A connection to Pipedrive of which nobody makes any use, looked after every five minutes of the days that pass."""

    def __init__(self, *, status: Any = "active") -> None:
        self.clock = FakeClock()
        self.server = OAuthServer("app", "secret", basic=True, rotates=False, now=self.clock.now, lasts_s=3600)
        self.server.extra = {"api_domain": "https://example.pipedrive.com"}
        self.trouble: Any = None
        platforms = Platforms({HOST: self.server.standin()}, lambda _call: self.trouble)
        now = int(self.clock.now())
        ends_at = now + 60 * DAY_S
        self.connection = Connection("c1", "pipedrive", status=status, settings={"client_id": "app"})
        grant = Grant("old", "authorization_code", now, now + 3600, self.server.refresh_token(), ends_at)
        self.secrets = MemorySecrets({"c1": grant.within({"client_secret": "secret"})})
        self.hub = memory_hub(
            clock=self.clock,
            connections=MemoryConnections([self.connection]),
            secrets=self.secrets,
            http=HttpClient(self.clock, exchange=platforms.exchange, uniform=lambda: 0.0),
        )

    def pass_days(self, days: float) -> int:
        """How many renewals were tried."""
        tried = 0
        for _ in range(round(days * DAY_S / 300)):
            self.clock.sleep(300)
            tried += tend(self.hub)
        return tried

    @property
    def grant(self) -> Grant:
        found = Grant.of(self.secrets.stored["c1"])
        assert found is not None
        return found


def test_a_refresh_token_that_ends_after_60_idle_days_lives_as_long_as_the_hub() -> None:
    quiet = Quiet()
    assert CONNECTOR.oauth and CONNECTOR.oauth.refresh_lasts_s == 60 * DAY_S
    assert quiet.pass_days(14) == 0
    assert quiet.pass_days(76) in (5, 6)
    assert (quiet.grant.refresh_ends_at or 0) > quiet.clock.now() + 40 * DAY_S
    assert quiet.server.requests == {"refresh_token": 5} or quiet.server.requests == {"refresh_token": 6}
    assert quiet.hub.bus.events == []  # type: ignore[attr-defined]


def test_a_token_in_use_costs_nothing_and_a_connection_that_is_switched_off_is_left_alone() -> None:
    assert Quiet(status="disabled").pass_days(30) == 0
    used = Quiet()
    for _ in range(30):
        now = int(used.clock.now())
        grant = Grant("new", "authorization_code", now, now + 3600, used.grant.refresh_token, now + 60 * DAY_S)
        used.secrets.stored["c1"] = grant.within(used.secrets.stored["c1"])
        assert used.pass_days(1) == 0


@pytest.mark.parametrize("trouble", [UNREACHABLE, 503])
def test_a_platform_that_is_away_is_tried_again_and_stops_nothing(trouble: Any) -> None:
    quiet = Quiet()
    quiet.trouble = trouble
    assert quiet.pass_days(16) >= 1
    quiet.trouble = None
    quiet.pass_days(1)
    assert (quiet.grant.refresh_ends_at or 0) > quiet.clock.now() + 58 * DAY_S


def test_a_dead_refresh_token_is_noticed_though_nobody_uses_the_connection_and_asked_for_no_more() -> None:
    quiet = Quiet()
    quiet.server.refresh_tokens.clear()
    quiet.pass_days(20)
    state = Lease(quiet.hub.connection_items, quiet.clock, "c1").read()
    assert (state.state, "authorize the connection again" in state.reason) == ("needs_reauth", True)
    assert quiet.server.requests == {"refresh_token": 1}
    [event] = quiet.hub.bus.events  # type: ignore[attr-defined]
    assert event["data"]["severity"] == "critical"


def test_a_renewal_is_due_after_a_quarter_of_the_life_a_day_at_least() -> None:
    def due_after(life_s: int) -> int:
        grant = Grant("a", "authorization_code", 0, 3600, "r", life_s)
        return next(now for now in range(0, life_s + 60, 60) if is_due(grant, now))

    assert [due_after(days * DAY_S) for days in (60, 8, 2, 1)] == [15 * DAY_S, 2 * DAY_S, DAY_S, DAY_S // 2]
    assert not is_due(Grant("a", "authorization_code", 0, 3600, "r", None), 10**9)
    assert not is_due(Grant("a", "authorization_code", 0, 3600, "", 10), 10**9)
    assert not is_due(None, 10**9)


def test_a_refresh_token_whose_end_no_use_moves_is_told_of_days_before() -> None:
    quiet, oauth = Quiet(), CONNECTOR.oauth
    assert oauth is not None
    fixed = replace(oauth, refresh_lasts_s=0)
    connector, ends_at = replace(CONNECTOR, oauth=fixed), quiet.grant.refresh_ends_at or 0
    told: list[Any] = quiet.hub.bus.events  # type: ignore[attr-defined]
    while not told and quiet.clock.now() < ends_at:
        quiet.clock.sleep(EVERY_S)
        if is_due(quiet.grant, quiet.clock.now()):
            tokens_of(quiet.hub, quiet.connection, connector, fixed).keep_alive(quiet.grant)
            assert quiet.grant.refresh_ends_at == ends_at
    assert [event["data"]["severity"] for event in told] == ["warning"]
    assert 4 * DAY_S < ends_at - quiet.clock.now() <= 7 * DAY_S
