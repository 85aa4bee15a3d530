"""The CRM connections that are switched on, with their clients."""

from __future__ import annotations

import importlib
from pathlib import Path

import connectors
from hub import connector as registry
from hub import fields
from hub.delivery import Connection
from hub.domain.sync import SyncClient
from hub.errors import Reject
from hub.field_overrides import effective
from hub.fields import FieldMap
from hub.outgoing import http_for
from hub.wiring import Hub


class Clients:
    """Builds each connection's client once per invocation."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._built: dict[str, SyncClient] = {}
        self._listed: list[Connection] | None = None

    def connections(self) -> list[Connection]:
        """Active connections whose connector can log on a CRM, by id."""
        if self._listed is None:
            everyone = self._hub.connections.all()
            self._listed = [one for one in everyone if self._usable(one)]
        return self._listed

    def connection(self, connection_id: str) -> Connection | None:
        """An active connection that can be read from and written to, or None."""
        found = self._hub.connections.get(connection_id)
        return found if found and self._usable(found) else None

    def _usable(self, connection: Connection) -> bool:
        """Whether it is on and can be asked; one that only sends webhooks has no token, and that is no failure."""
        if connection.status != "active" or not _writes(connection.platform):
            return False
        try:
            self.of(connection)
        except Reject:
            self._hub.telemetry.count("connections.not_asked", platform=connection.platform)
            return False
        return True

    def of(self, connection: Connection) -> SyncClient:
        """The connection's client."""
        if connection.id not in self._built:
            connector = registry.load(connection.platform)
            secrets, http = self._hub.secrets.read(connection.id), http_for(self._hub, connection, connector)
            module = importlib.import_module(connector.client)
            self._built[connection.id] = module.build(connection, secrets, http, self._hub.clock)
        return self._built[connection.id]

    def map_of(self, connection: Connection, kind: str) -> FieldMap | None:
        """How a kind's fields are called on the connection's platform; None where it knows no such kind."""
        found = next((one for one in _maps(connection.platform) if one.our_object == kind), None)
        return effective(connection, found) if found else None


def _writes(platform: str) -> bool:
    try:
        found = registry.load(platform)
    except KeyError:  # a platform of another kind: its connector is not shipped with this function
        return False
    return bool(found.client) and "crm" in found.kinds


def our_fields(connection: Connection, target: str, theirs: tuple[str, ...]) -> tuple[str, ...]:
    """Our names of a platform's fields by the connection's map, for an object in our words; unmapped ones left out."""
    maps = [effective(connection, one) for one in _maps(connection.platform) if one.our_object == target]
    ours = {our for one in maps for our, their in one.to_theirs.items() if their in theirs}
    return tuple(sorted(ours | ({"name"} if ours & {"first_name", "last_name"} else set())))


def _maps(platform: str) -> list[FieldMap]:
    path = Path(next(iter(connectors.__path__))) / platform / "fields.toml"
    return list(fields.load(path).values()) if path.exists() else []
