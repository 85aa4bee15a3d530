"""Well-known mistakes with orders, copies, merges and periods, seeded one at a time: a property must notice each."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from hub.domain.conversations import _ENTRY_CHARS, _STAMP_CHARS
from hub.domain.events import instant
from hub.ports import Item
from hub.wiring import Hub
from tests.harness import story
from tests.harness.filing import file

Files = Callable[[Hub, Sequence[str]], None]
Rewrite = Callable[[int, dict[str, Any]], dict[str, Any]]


def plainly(hub: Hub, bodies: Sequence[str]) -> None:
    """No mistake."""
    file(hub, bodies)


def _rewriting(rewrite: Rewrite) -> Files:
    def files(hub: Hub, bodies: Sequence[str]) -> None:
        file(hub, [json.dumps(rewrite(number, json.loads(body))) for number, body in enumerate(bodies)])

    return files


def _through(store: Callable[[Any], Any]) -> Files:
    def files(hub: Hub, bodies: Sequence[str]) -> None:
        file(replace(hub, store=store(hub.store)), bodies)

    return files


def _by_arrival(*types: str) -> Rewrite:
    """Events of these types are dated by when they arrived."""

    def rewrite(number: int, event: dict[str, Any]) -> dict[str, Any]:
        return {**event, "time": instant(story.START_MS + number)} if event["type"] in types else event

    return rewrite


def _one_more(number: int, event: dict[str, Any]) -> dict[str, Any]:
    """Every delivery is taken for another message."""
    data = {**event["data"], "message_id": f"{event['data']['message_id']}-{number}"}
    return {**event, "data": data} if event["type"] == "message.received" else event


class _Altering:
    """A store that changes items on their way."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def get(self, pk: str, sk: str) -> Item | None:
        """As the store's."""
        found: Item | None = self._store.get(pk, sk)
        return found and self.read(found)

    def put(self, item: Item) -> None:
        """As the store's."""
        self._store.put(self.written(item))

    def put_all(self, items: Sequence[Item]) -> None:
        """As the store's."""
        self._store.put_all([self.written(item) for item in items])

    def read(self, item: Item) -> Item:
        """The item as it is read."""
        return item

    def written(self, item: Item) -> Item:
        """The item as it is written."""
        return item


class _Counting(_Altering):
    """What is unread is counted without remembering which messages were."""

    _numbers = itertools.count()

    def read(self, item: Item) -> Item:
        """Forgets what the marks stand for."""
        marks = item.body.get("marks") if item.sk.startswith("CONV#") else None
        if not marks:
            return item
        stamps = [marks[at : at + _STAMP_CHARS] for at in range(0, len(marks), _STAMP_CHARS + _ENTRY_CHARS)]
        forgotten = [f"{stamp}{next(self._numbers):0{_ENTRY_CHARS}d}" for stamp in stamps]
        return replace(item, body={**item.body, "marks": "".join(forgotten)})


class _LastWins(_Altering):
    """The last message to arrive is the last message."""

    def read(self, item: Item) -> Item:
        """Without what was said before."""
        if not item.sk.startswith("CONV#"):
            return item
        return replace(item, body={name: value for name, value in item.body.items() if name not in ("in", "out")})


class _LastStatus(_Altering):
    """The last status to arrive is the status."""

    def written(self, item: Item) -> Item:
        """Only the last of the statuses."""
        if item.sk != "ENTRY":
            return item
        facts = item.body["facts"]
        statuses = [name for name, fact in facts.items() if fact["type"] == "message.status_changed"]
        kept = {name: fact for name, fact in facts.items() if name not in statuses[:-1]}
        return replace(item, body={**item.body, "facts": kept})


ORDER_MUTANTS: Mapping[str, Files] = {
    "statuses dated by arrival": _rewriting(_by_arrival("message.status_changed")),
    "messages dated by arrival": _rewriting(_by_arrival("message.received", "message.echoed")),
    "corrections by arrival": _rewriting(_by_arrival("message.edited", "message.revoked")),
    "the last status to arrive wins": _through(_LastStatus),
    "the last message to arrive is the last message": _through(_LastWins),
    "copies counted as unread": _through(_Counting),
    "copies taken for other messages": _rewriting(_one_more),
}
