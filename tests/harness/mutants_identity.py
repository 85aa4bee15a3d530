"""Well-known mistakes with orders, copies, merges and periods, seeded one at a time: a property must notice each."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from hub.customer import Customer
from hub.decisions import Decision, Decisions
from hub.directory import Directory
from hub.domain.events import instant
from hub.domain.identity import ALWAYS
from hub.domain.marks import ENTRY_CHARS, STAMP_CHARS
from hub.linked import Verdict
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
        stamps = [marks[at : at + STAMP_CHARS] for at in range(0, len(marks), STAMP_CHARS + ENTRY_CHARS)]
        forgotten = [f"{stamp}{next(self._numbers):0{ENTRY_CHARS}d}" for stamp in stamps]
        return replace(item, body={**item.body, "marks": "".join(forgotten)})


class _LastWins(_Altering):
    """The last message to arrive is the last message."""

    def read(self, item: Item) -> Item:
        """Without what was said before."""
        if not item.sk.startswith("CONV#"):
            return item
        return replace(
            item, body={name: value for name, value in item.body.items() if not name.startswith(("in", "out"))}
        )


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


Decide = Callable[[Directory, tuple[str, str], Verdict, Decision], None]


def honestly(who: Directory, pair: tuple[str, str], verdict: Verdict, decision: Decision) -> None:
    """No mistake."""
    Decisions(who).decide(*pair, verdict, decision)


def _moving(who: Directory, pair: tuple[str, str], verdict: Verdict, decision: Decision) -> None:
    """A merge moves what was filed under the one to the other."""
    honestly(who, pair, verdict, decision)
    if verdict != "same":
        return
    for item in who.store.query_index(f"T#{pair[1]}", limit=100).items:
        moved = {**item.body, "persona": pair[0]}
        who.store.put(replace(item, body=moved, index=(f"T#{pair[0]}", item.index[1]) if item.index else None))


def _as_evidence(who: Directory, pair: tuple[str, str], verdict: Verdict, decision: Decision) -> None:
    """A merge is written down as one more piece of evidence, which nobody can take back."""
    if verdict != "same":
        return
    found = [who.customer(one) for one in pair]
    known = {one.id: one.identifier for customer in found if customer for one in customer.personas}
    who.attach([known[one] for one in pair], reason="merge", event=decision.id, at=decision.at, connection="renkei")


def _forgetting_one_side(who: Directory, pair: tuple[str, str], verdict: Verdict, decision: Decision) -> None:
    """Taking back is written on one side only."""
    honestly(who, pair, verdict, decision)
    item = who.store.get(f"P#{pair[1]}", f"PAIR#{pair[0]}")
    if verdict == "none" and item:
        who.store.put(replace(item, body={"decisions": item.body["decisions"][:-1]}))


def _sweeping_up(who: Directory, pair: tuple[str, str], verdict: Verdict, decision: Decision) -> None:
    """Taking back removes what connects the two, evidence too."""
    honestly(who, pair, verdict, decision)
    if verdict == "none":
        for one, other in (pair, pair[::-1]):
            who.store.delete(f"P#{one}", f"EDGE#{other}")
            who.store.delete(f"P#{one}", f"PAIR#{other}")


MERGE_MUTANTS: Mapping[str, Decide] = {
    "a merge that moves items": _moving,
    "a merge that is evidence": _as_evidence,
    "an unmerge that forgets one side": _forgetting_one_side,
    "an unmerge that removes evidence": _sweeping_up,
}

See = Callable[[Customer], Customer]


def as_it_is(customer: Customer) -> Customer:
    """No mistake."""
    return customer


def _whenever(customer: Customer) -> Customer:
    return replace(customer, personas=tuple(replace(one, periods=ALWAYS) for one in customer.personas))


def _only_now(customer: Customer) -> Customer:
    return replace(customer, personas=tuple(one for one in customer.personas if one.current))


SIGHT_MUTANTS: Mapping[str, See] = {"a period ignored": _whenever, "a past period forgotten": _only_now}
