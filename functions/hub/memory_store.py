"""The table in memory: the same promises as on AWS (`tests/contracts/test_ports.py`), and a log of its changes."""

from __future__ import annotations

import json
import marshal
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from hub.errors import Conflict, Reject
from hub.ports import Item, Page
from hub.publishing import encode

MAX_ITEM_BYTES = 400_000
MAX_TRANSACTION = 25
_AFTER = "\x1f"  # between the parts of a place in the index; sorts before everything printable
_BEYOND = "\x20"  # sorts after the places of one index sort key, before those of a longer one

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """One record of the table's stream: the item before and after (None: absent)."""

    pk: str
    sk: str
    old: Item | None
    new: Item | None


class MemoryStore:
    """A Store in a dictionary; `changes` holds every write in order, as the table's stream would tell it."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self._partitions: dict[str, dict[str, Item]] = {}
        self._index: dict[str, dict[str, Key]] = {}

    def get(self, pk: str, sk: str) -> Item | None:
        """A copy of the item, or None."""
        item = self._stored(pk, sk)
        return _copy(item) if item else None

    def put(self, item: Item) -> None:
        """Writes as version + 1, or Conflict."""
        self.put_all([item])

    def put_all(self, items: Sequence[Item]) -> None:
        """All or none; Reject for what DynamoDB refuses (more than 25, twice the same, too large), ValueError for a float."""
        keys = {(item.pk, item.sk) for item in items}
        if len(keys) != len(items) or len(items) > MAX_TRANSACTION:
            raise Reject("a transaction takes at most 25 items, each once")
        accepted = [_checked(item) for item in items]
        for item in accepted:
            self._require_version(item)
        for item in accepted:
            self._write(replace(item, version=item.version + 1))

    def query(
        self, pk: str, *, prefix: str = "", limit: int = 100, start: str | None = None, newest_first: bool = False
    ) -> Page:
        """Items of the partition in the order of their sort keys."""
        partition = self._partitions.get(pk, {})
        keys = sorted(sk for sk in partition if sk.startswith(prefix))
        chosen, next_key = _page(keys, limit, start, newest_first)
        return Page(tuple(_copy(partition[sk]) for sk in chosen), next_key)

    def query_index(
        self,
        partition: str,
        *,
        limit: int = 100,
        start: str | None = None,
        newest_first: bool = True,
        between: tuple[str, str] | None = None,
    ) -> Page:
        """Items placed in the index partition, and within the bounds, in the order of their index sort keys."""
        places = self._index.get(partition, {})
        chosen, next_key = _page(_within(sorted(places), between), limit, start, newest_first)
        found = [self._partitions[pk][sk] for pk, sk in (places[place] for place in chosen)]
        return Page(tuple(_copy(item) for item in found), next_key)

    def delete(self, pk: str, sk: str) -> None:
        """Removes the item if it is there."""
        old = self._stored(pk, sk)
        if old:
            self._unplace(old)
            del self._partitions[pk][sk]
            self.changes.append(Change(pk, sk, old, None))

    def count(self, pk: str, sk: str, add: int, last: Mapping[str, Any], expires_at: int | None = None) -> None:
        """Adds to `n` and keeps `last` beside it, creating the item."""
        old = self._stored(pk, sk) or Item(pk, sk)
        body = {**last, "n": old.body.get("n", 0) + add}
        expires = old.expires_at if expires_at is None else expires_at
        self._write(_checked(replace(old, body=body, version=old.version + 1, expires_at=expires)))

    def everything(self) -> list[Item]:
        """Copies of all items in key order (for snapshots in tests)."""
        return [_copy(items[sk]) for _pk, items in sorted(self._partitions.items()) for sk in sorted(items)]

    def _stored(self, pk: str, sk: str) -> Item | None:
        return self._partitions.get(pk, {}).get(sk)

    def _require_version(self, item: Item) -> None:
        stored = self._stored(item.pk, item.sk)
        if (stored.version if stored else 0) != item.version:
            raise Conflict("not at the version that was read")

    def _write(self, item: Item) -> None:
        old = self._stored(item.pk, item.sk)
        if old:
            self._unplace(old)
        self._partitions.setdefault(item.pk, {})[item.sk] = item
        if item.index:
            self._index.setdefault(item.index[0], {})[_place(item)] = (item.pk, item.sk)
        self.changes.append(Change(item.pk, item.sk, old, item))

    def _unplace(self, item: Item) -> None:
        if item.index:
            del self._index[item.index[0]][_place(item)]


def _page(keys: list[str], limit: int, start: str | None, newest_first: bool) -> tuple[list[str], str | None]:
    if newest_first:
        rest = [key for key in reversed(keys) if start is None or key < start]
    else:
        rest = keys[bisect_right(keys, start) :] if start is not None else keys
    return rest[:limit], rest[limit - 1] if len(rest) > limit else None


def _within(places: list[str], between: tuple[str, str] | None) -> list[str]:
    """The places whose index sort key lies in the bounds, both included."""
    if between is None:
        return places
    low, high = between
    return places[bisect_left(places, low) : bisect_left(places, high + _BEYOND)]


def _place(item: Item) -> str:
    return _AFTER.join((item.index[1], item.pk, item.sk)) if item.index else ""


def _copy(item: Item) -> Item:
    body = marshal.loads(marshal.dumps(dict(item.body)))  # noqa: S302 - our own bytes, and twice as fast as JSON
    return Item(item.pk, item.sk, body, item.version, item.index, item.expires_at)


def _checked(item: Item) -> Item:
    text = encode(item.body)
    if not item.pk or not item.sk or len(text.encode()) > MAX_ITEM_BYTES:
        raise Reject("DynamoDB takes no empty key and no item over 400 KB")
    return replace(item, body=json.loads(text, parse_float=_no_float, parse_constant=_no_float))


def _no_float(_text: str) -> NoReturn:
    raise ValueError("an item holds no floats")
