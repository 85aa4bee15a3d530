"""The versions of a connection's own field map lines.

| item | pk | sk | body |
|---|---|---|---|
| version | `CONN#<id>` | `MAP#<native object>#<number>` | lines, saved, activated |

`lines` never change; `saved` and each of `activated` are `{by, at, why}`. The version in force is copied into the
connection's own item, as its setting `field_maps` (hub.field_overrides), in one transaction with the note of who did it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from hub.connections import CONNECTION, connection_of, item_of
from hub.decisions import Decision
from hub.delivery import Connection
from hub.errors import Conflict
from hub.field_overrides import Lines, with_lines
from hub.ports import Item, Store

MAP = "MAP"
MOST_ACTIVATIONS = 20  # remembered of one version
_ATTEMPTS = 4


@dataclass(frozen=True, slots=True)
class Version:
    """One saved version of a connection's own lines for a native object."""

    native: str
    number: int
    lines: Lines
    saved: Mapping[str, str]
    activated: tuple[Mapping[str, str], ...] = ()


class MapVersions:
    """The versions in the connections table."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def save(self, connection_id: str, native: str, lines: Lines, decision: Decision) -> Version:
        """Keeps a new version, not yet in force; Conflict where somebody else saves one at the same time."""
        latest = self._store.query(_pk(connection_id), prefix=f"{MAP}#{native}#", limit=1, newest_first=True).items
        number = _number(latest[0]) + 1 if latest else 1
        body = {"lines": dict(lines), "saved": _said(decision), "activated": []}
        item = Item(_pk(connection_id), _sk(native, number), body)
        self._store.put(item)
        return _version(item)

    def versions(self, connection_id: str, native: str, limit: int = 100) -> list[Version]:
        """The latest first."""
        page = self._store.query(_pk(connection_id), prefix=f"{MAP}#{native}#", limit=limit, newest_first=True)
        return [_version(item) for item in page.items]

    def get(self, connection_id: str, native: str, number: int) -> Version | None:
        """The version, or None."""
        item = self._store.get(_pk(connection_id), _sk(native, number))
        return _version(item) if item else None

    def activate(self, connection_id: str, native: str, number: int, decision: Decision) -> Connection:
        """Puts a version in force, an older one too; 0: the connector's map alone. LookupError where there is none."""
        for _attempt in range(_ATTEMPTS):
            place = self._store.get(_pk(connection_id), CONNECTION)
            version = self._store.get(_pk(connection_id), _sk(native, number)) if number else None
            if place is None or (number and version is None):
                raise LookupError("no such version")
            after = with_lines(connection_of(place), native, number, version.body["lines"] if version else None)
            try:
                self._store.put_all([item_of(after, place.version), *_activated(version, decision)])
            except Conflict:
                continue
            return after
        raise Conflict("changed meanwhile")


def _activated(version: Item | None, decision: Decision) -> list[Item]:
    if version is None:
        return []
    said = [*version.body["activated"], _said(decision)][-MOST_ACTIVATIONS:]
    return [replace(version, body={**version.body, "activated": said})]


def _said(decision: Decision) -> dict[str, str]:
    return {"by": decision.by, "at": decision.at, "why": decision.why}


def _version(item: Item) -> Version:
    native = item.sk.removeprefix(f"{MAP}#").rpartition("#")[0]
    body = item.body
    return Version(native, _number(item), body["lines"], body["saved"], tuple(body["activated"]))


def _number(item: Item) -> int:
    return int(item.sk.rpartition("#")[2])


def _pk(connection_id: str) -> str:
    return f"{CONNECTION}#{connection_id}"


def _sk(native: str, number: int) -> str:
    return f"{MAP}#{native}#{number:06d}"
