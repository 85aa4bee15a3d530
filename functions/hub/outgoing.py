"""The way out to a connection's platform: its access token on every request, within its limits."""

from __future__ import annotations

from hub.connector import Connector
from hub.delivery import Connection
from hub.limits import limited
from hub.ports import Http
from hub.wiring import Hub


def http_for(hub: Hub, connection: Connection, connector: Connector, *, background: bool = False) -> Http:
    """`hub.http` for one worker's requests to one connection; `background` (imports, reconciling) lets live work go first.

    Built anew for each invocation.
    """
    return limited(hub.http, connection, connector, hub.connection_items, hub.clock, background=background)
