"""Connections in their table: conditional writes, and the item that finds a connection by its event source."""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from api.problems import Problem, not_found, unusable
from hub.connections import CONNECTION, SOURCE, connection_of, event_sources, item_of, source_item
from hub.delivery import Connection
from hub.errors import Conflict
from hub.ports import Item, Store

ATTEMPTS = 4
_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"


@dataclass(frozen=True, slots=True)
class Stored:
    """A connection with the version at which it was read."""

    connection: Connection
    version: int


def new_id(now: float) -> str:
    """A ULID in lower case: 26 characters that sort by time."""
    number = int(now * 1000) << 80 | secrets.randbits(80)
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))


def repeatable_id(hash_key: bytes, idempotency_key: str) -> str:
    """The id that this idempotency key always gives: 26 characters of the same alphabet's size."""
    digest = hmac.digest(hash_key, b"connection\n" + idempotency_key.encode(), "sha256")
    return base64.b32encode(digest).decode("ascii")[:26].lower()


def find(store: Store, connection_id: str) -> Stored | None:
    """The connection as it is now, or None."""
    item = store.get(f"{CONNECTION}#{connection_id}", CONNECTION)
    return Stored(connection_of(item), item.version) if item else None


def get(store: Store, connection_id: str) -> Stored:
    """The connection as it is now, or Problem 404."""
    found = find(store, connection_id)
    if found is None:
        raise not_found("connection")
    return found


def create(store: Store, connection: Connection) -> None:
    """Writes a new connection; Conflict where the id is taken, Problem 422 where its event source is."""
    store.put_all([item_of(connection), *claim_source(store, connection)])


def change(
    store: Store, connection_id: str, step: Callable[[Connection], Connection], version: int | None = None
) -> Stored:
    """Brings `step`'s result into the connection; with `version`, Conflict unless it is still at that."""
    for _attempt in range(ATTEMPTS):
        before = get(store, connection_id)
        if version is not None and before.version != version:
            raise Conflict("changed meanwhile")
        after = step(before.connection)
        if after == before.connection:
            return before
        try:
            store.put_all([item_of(after, before.version), *claim_source(store, after)])
        except Conflict:
            continue
        _release_source(store, before.connection, after)
        return Stored(after, before.version + 1)
    raise Conflict("changed meanwhile")


def touch(store: Store, found: Stored) -> Stored:
    """Raises the version of a connection that stays as it is; Conflict where it is no longer as it was read."""
    store.put(item_of(found.connection, found.version))
    return Stored(found.connection, found.version + 1)


def claim_source(store: Store, connection: Connection) -> list[Item]:
    """The writes that make the connection's event sources its own: none for those that are; Problem 422 where one is another's."""
    claims = (_claim(store, connection, source) for source in event_sources(connection))
    return [claim for claim in claims if claim]


def _claim(store: Store, connection: Connection, source: str) -> Item | None:
    held = store.get(f"{SOURCE}#{source}", SOURCE)
    if held and held.body["connection"] == connection.id:
        return None
    holder = find(store, held.body["connection"]) if held else None
    if holder and source in event_sources(holder.connection):
        raise unusable("settings.event_source", "Another connection has this event source.")
    return source_item(source, connection.id, held.version if held else 0)


def _release_source(store: Store, before: Connection, after: Connection) -> None:
    for source in sorted(set(event_sources(before)) - set(event_sources(after))):
        held = store.get(f"{SOURCE}#{source}", SOURCE)
        if held and held.body["connection"] == before.id:
            store.delete(held.pk, held.sk)


def require_same(found: Stored, wanted: Connection) -> Stored:
    """What an earlier request with the same idempotency key created; Problem 409 where that asked for another."""
    if (found.connection.platform, found.connection.name) != (wanted.platform, wanted.name):
        raise Problem(409, "This Idempotency-Key has created another connection.")
    return found
