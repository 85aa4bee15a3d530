"""Refresh tokens of connections that nobody uses: renewed before they end, so that a quiet connection does not die.

Pipedrive's ends after 60 days without use, Shopify's and Zendesk's say in the answer when. Where a renewal does not
prolong it, the renewal is what notices that the end is near, and people hear of it days before (`hub.oauth`).
"""

from __future__ import annotations

from hub import connector as registry
from hub.delivery import Connection
from hub.oauth_grant import Grant, flow_of
from hub.outgoing import tokens_of
from hub.wiring import Hub

EVERY_S = 6 * 3600
# Who calls does so every five minutes; one call that comes late must not be all of six hours' calls.
WINDOW_S = 600
DAY_S = 86_400


def tend(hub: Hub) -> int:
    """Renews what is due, once in six hours; returns how many connections were tried. Never raises for one of them."""
    if hub.clock.now() % EVERY_S >= WINDOW_S:
        return 0
    return sum(_tended(hub, one) for one in hub.connections.all() if one.status == "active")


def is_due(grant: Grant | None, now: float) -> bool:
    """Whether a quarter of the refresh token's life is over, a day at least; half of a life of less than two days."""
    if grant is None or not grant.refresh_token or not grant.refresh_ends_at:
        return False
    life_s = grant.refresh_ends_at - grant.granted_at
    return now >= grant.granted_at + max(life_s // 4, min(DAY_S, life_s // 2))


def _tended(hub: Hub, connection: Connection) -> bool:
    try:
        connector = registry.load(connection.platform)
    except KeyError:  # a connector that is not shipped here
        return False
    if connector.oauth is None or "authorization_code" not in connector.oauth.flows:
        return False
    secrets = hub.secrets.read(connection.id)
    if flow_of(connector.oauth, connection, secrets) != "authorization_code":
        return False
    grant = Grant.of(secrets)
    if grant is None or not is_due(grant, hub.clock.now()):
        return False
    tokens_of(hub, connection, connector, connector.oauth).keep_alive(grant)
    hub.telemetry.count("oauth.kept_alive", platform=connection.platform)
    return True
