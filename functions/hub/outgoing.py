"""The way out to a connection's platform: its access token on every request, within its limits."""

from __future__ import annotations

import importlib
from typing import Any

from hub.authorized import Authorized, Notes, Watched
from hub.connector import Connector
from hub.delivery import Connection
from hub.limits import limited
from hub.oauth import Tokens
from hub.oauth_grant import INSTANCE, flow_of
from hub.oauth_notices import Announcer
from hub.oauth_requests import TokenEndpoint
from hub.oauth_state import Lease
from hub.outbound import OAuth
from hub.ports import Http
from hub.wiring import Hub


def http_for(hub: Hub, connection: Connection, connector: Connector, *, background: bool = False) -> Http:
    """`hub.http` for one worker's requests to one connection; `background` (imports, reconciling) lets live work go first.

    Within the platform's limits, with the access token where the connection has one by OAuth. Built anew for each
    invocation.
    """
    http = limited(hub.http, connection, connector, hub.connection_items, hub.clock, background=background)
    notes = Notes(connector.title, _lease(hub, connection), _announcer(hub, connection))
    if connector.oauth is None or not flow_of(connector.oauth, connection, hub.secrets.read(connection.id)):
        return Watched(http, notes)
    return Authorized(http, tokens_of(hub, connection, connector, connector.oauth), connector.oauth, notes)


def client_for(hub: Hub, connection: Connection, connector: Connector, *, background: bool = False) -> Any:
    """The connector's client over `http_for`, with the secrets as they are once the account's host is known."""
    http = http_for(hub, connection, connector, background=background)
    secrets = hub.secrets.read(connection.id)
    if isinstance(http, Authorized) and http.oauth.instance and not secrets.get(INSTANCE):
        http.tokens.current()
        secrets = hub.secrets.read(connection.id)
    return importlib.import_module(connector.client).build(connection, secrets, http, hub.clock)


def tokens_of(hub: Hub, connection: Connection, connector: Connector, oauth: OAuth) -> Tokens:
    """The connection's tokens, shared by all workers."""
    local = bool(hub.settings.allow_private_hosts)
    endpoint = TokenEndpoint(hub.http, hub.clock, connection, connector, oauth, local)
    return Tokens(endpoint, hub.secrets, hub.clock, _lease(hub, connection), _announcer(hub, connection))


def _lease(hub: Hub, connection: Connection) -> Lease:
    return Lease(hub.connection_items, hub.clock, connection.id)


def _announcer(hub: Hub, connection: Connection) -> Announcer:
    return Announcer(connection, hub.bus, hub.clock, hub.telemetry)
