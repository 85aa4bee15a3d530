"""The configured connections in their table, and the signing secrets that are valid now.

| item | pk | sk | index | body |
|---|---|---|---|---|
| connection | `CONN#<id>` | `CONN` | `CONN`, id | platform, name, status, settings, created_at |
| event source | `SOURCE#<event source>` | `SOURCE` | | connection |
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from hub.delivery import Connection
from hub.ports import Clock, Item, Store
from hub.remembered import Remembered

CONNECTION = "CONN"
SOURCE = "SOURCE"
FRESH_S = 60.0
ABSENT_FRESH_S = 5.0  # a connection just created is found soon
MAX_SIGNING_SECRETS = 5


def item_of(connection: Connection, version: int = 0) -> Item:
    """The connection as it is stored; `version` is the one that was read (0: new)."""
    body = {
        "platform": connection.platform,
        "name": connection.name,
        "status": connection.status,
        "settings": dict(connection.settings),
        "created_at": connection.created_at,
    }
    return Item(f"{CONNECTION}#{connection.id}", CONNECTION, body, version, index=(CONNECTION, connection.id))


def connection_of(item: Item) -> Connection:
    """The inverse of `item_of`."""
    return Connection(id=item.pk.removeprefix(f"{CONNECTION}#"), **item.body)


def source_item(source: str, connection_id: str, version: int = 0) -> Item:
    """Says that events of that EventBridge source belong to that connection."""
    return Item(f"{SOURCE}#{source}", SOURCE, {"connection": connection_id}, version)


def event_sources(connection: Connection) -> tuple[str, ...]:
    """What the setting `event_source` names, one or several: EventBridge sources, ARNs of streams and resources."""
    named = connection.settings.get("event_source")
    return tuple(dict.fromkeys(str(one) for one in (named if isinstance(named, (list, tuple)) else [named]) if one))


def signing_secrets(secrets: Mapping[str, Any], now: float) -> list[bytes]:
    """The signing secrets valid at `now` (Unix seconds): those without an end first, at most 5; [] where none is."""
    present = [(_ends_at(one), str(one["value"])) for one in secrets.get("signing", ()) if one.get("value")]
    valid = [one for one in present if one[0] > now]
    valid.sort(key=itemgetter(0), reverse=True)
    return [value.encode() for _ends, value in valid[:MAX_SIGNING_SECRETS]]


def named_secrets(secrets: Mapping[str, Any]) -> dict[str, str]:
    """The secrets by name, without the signing secrets."""
    return {name: value for name, value in secrets.items() if name != "signing" and isinstance(value, str)}


def _ends_at(secret: Mapping[str, Any]) -> float:
    """Unix seconds; an end that cannot be read has passed, so that a spoilt secret is never used."""
    end = secret.get("not_after")
    if end is None:
        return float("inf")
    try:
        moment = datetime.fromisoformat(str(end).replace("Z", "+00:00"))
    except ValueError:
        return float("-inf")
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


class StoredConnections:
    """Connections over their table: a minute fresh, up to 15 minutes old while the table cannot be read."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._connections: Remembered[Connection | None] = Remembered(clock, _fresh_s)
        self._sources: Remembered[str | None] = Remembered(clock, _fresh_s)

    def get(self, connection_id: str) -> Connection | None:
        """The connection, or None; raises the store's error where nothing is remembered."""
        return self._connections.get(connection_id, self._read)

    def by_event_source(self, source: str) -> Connection | None:
        """The connection to which that EventBridge source belongs, or None."""
        connection_id = self._sources.get(source, self._read_source) if source else None
        return self.get(connection_id) if connection_id else None

    def all(self) -> list[Connection]:
        """Every connection by id, read now."""
        found: list[Connection] = []
        start: str | None = None
        while True:
            page = self._store.query_index(CONNECTION, start=start, newest_first=False)
            found += [connection_of(item) for item in page.items]
            start = page.next_key
            if start is None:
                return found

    def _read(self, connection_id: str) -> Connection | None:
        item = self._store.get(f"{CONNECTION}#{connection_id}", CONNECTION)
        return connection_of(item) if item else None

    def _read_source(self, source: str) -> str | None:
        item = self._store.get(f"{SOURCE}#{source}", SOURCE)
        return str(item.body["connection"]) if item else None


def _fresh_s(value: object) -> float:
    return ABSENT_FRESH_S if value is None else FRESH_S
