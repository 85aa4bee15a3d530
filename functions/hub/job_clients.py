"""The client through which a job reads a connection's platform: its requests leave room for live work."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from hub import connector as registry
from hub.delivery import Connection
from hub.domain.sync import SyncClient
from hub.errors import Reject
from hub.outgoing import client_for
from hub.wiring import Hub

# A connection -> its client; tests give another one.
Clients = Callable[[Hub, Connection], SyncClient]


def client_of(hub: Hub, connection: Connection) -> SyncClient:
    """The connection's client; Reject where its platform has none."""
    found = _connector(connection)
    if found is None or not found.client or "crm" not in found.kinds:
        raise Reject("this platform's records cannot be listed")
    return cast(SyncClient, client_for(hub, connection, found, background=True))


def lists_records(connection: Connection) -> bool:
    """Whether the connection's connector has a client for records, by its manifest."""
    found = _connector(connection)
    return found is not None and bool(found.client) and "crm" in found.kinds


def active(hub: Hub, connection_id: str) -> Connection:
    """The connection; Reject where it is gone or switched off."""
    connection = hub.connections.get(connection_id)
    if connection is None or connection.status != "active":
        raise Reject("the connection is switched off")
    return connection


def _connector(connection: Connection) -> registry.Connector | None:
    try:
        return registry.load(connection.platform)
    except KeyError:  # a connector that is not shipped here
        return None
