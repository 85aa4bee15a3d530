"""Well-known mistakes of synchronizing, seeded one at a time: lives in the office must notice each.

They sit where the functions meet the world (events, items, what is announced), never in their code. A mistake that only
makes everything fall over would prove nothing: `caught_by` lets a life end, and looks at what came of it.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from hub.domain.events import Event
from hub.ports import Item
from hub.wiring import Hub
from tests.harness.faults import Crash
from tests.harness.office import Office
from tests.harness.office_life import Mutant, Plan, live

Body = dict[str, Any]
SEEDS = range(500, 506)


@dataclass(frozen=True, slots=True)
class Caught:
    """By which seed a mistake was noticed, and how."""

    seed: int
    how: str


def caught_by(name: str) -> Caught | None:
    """The first life that shows the mistake; None where none of them does."""
    mutant, plan = MUTANTS[name]
    for seed in SEEDS:
        try:
            life = live(seed, plan, mutant)
        except AssertionError as error:
            if "does not come to rest" not in str(error):
                raise
            return Caught(seed, "never rests")
        if life.wrong or life.late or life.drift or (life.echoes > 1 and not plan.lost):
            return Caught(seed, f"{life.wrong[:1]} {life.late[:1]} {life.echoes}")
    return None


def _around(office: Office, function: str, change: Callable[[Mapping[str, Any], Hub], tuple[Any, Hub]]) -> None:
    world = office.world
    handler = world.handler(function)

    def changed(event: Mapping[str, Any], context: object, hub: Hub) -> Any:
        seen, with_hub = change(event, hub)
        return handler(seen, context, with_hub)

    world.handlers[function] = changed


def _events(rewrite: Callable[[Body], Body | None]) -> Callable[[Mapping[str, Any], Hub], tuple[Any, Hub]]:
    """Each message rewritten, or dropped for None."""

    def change(event: Mapping[str, Any], hub: Hub) -> tuple[Any, Hub]:
        return {"Records": list(_rewritten(event["Records"], rewrite))}, hub

    return change


def _rewritten(records: Any, rewrite: Callable[[Body], Body | None]) -> Iterator[Any]:
    for record in records:
        body = rewrite(json.loads(record["body"]))
        if body is not None:
            yield {**record, "body": json.dumps(body)}


class _Store:
    """A store through which records are written otherwise than they should be."""

    def __init__(self, store: Any, rewrite: Callable[[Body, Body], Body]) -> None:
        self._store, self._rewrite = store, rewrite

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def put(self, item: Item) -> None:
        """Each field's registers as `rewrite` (what is stored, what is written) wants them."""
        if item.sk.startswith("REC#"):
            stored = self._store.get(item.pk, item.sk)
            before = stored.body["fields"] if stored else {}
            fields = {name: self._rewrite(before.get(name, {}), dict(one)) for name, one in item.body["fields"].items()}
            item = replace(item, body={**item.body, "fields": fields})
        self._store.put(item)


def _writing(rewrite: Callable[[Body, Body], Body]) -> Mutant:
    def mutant(office: Office) -> None:
        _around(office, "sync_crm", lambda event, hub: (event, replace(hub, store=_Store(hub.store, rewrite))))

    return mutant


def _hearing(function: str, rewrite: Callable[[Body], Body | None]) -> Mutant:
    return lambda office: _around(office, function, _events(rewrite))


def _no_ledger(_before: Body, after: Body) -> Body:
    """What we write is noted nowhere."""
    return {name: one for name, one in after.items() if name != "wrote"}


def _never_settled(_before: Body, after: Body) -> Body:
    """Notes stay open, whatever became of them."""
    wrote = {at: {k: v for k, v in one.items() if k not in ("as", "f", "r")} for at, one in after["wrote"].items()}
    return {**after, "wrote": wrote}


def _noted_long_ago(_before: Body, after: Body) -> Body:
    """Notes are dated an hour back, so that no echo is known."""
    wrote = {_hour_before(at): {**one, "known": []} for at, one in after.get("wrote", {}).items() if "f" not in one}
    return {**after, "wrote": wrote} if "wrote" in after else after


def _hour_before(at: str) -> str:
    return f"{at[:11]}{(int(at[11:13]) - 1) % 24:02d}{at[13:]}"


def _claims(event: Body, change: Callable[[Body, Event], Body]) -> Body:
    """A record's event with each claim changed."""
    if not event.get("data", {}).get("claims"):
        return event
    read = Event.model_validate(event)
    return {**event, "data": {**event["data"], "claims": [change(one, read) for one in event["data"]["claims"]]}}


def _by_arrival(event: Body) -> Body:
    return _claims(event, lambda claim, read: {**claim, "at": read.received})


def _by_the_minute(event: Body) -> Body:
    return _claims(event, lambda claim, _read: {**claim, "at": f"{claim['at'][:16]}:00.000Z"})


def _values_cut(event: Body) -> Body:
    return _claims(event, lambda claim, _read: {**claim, "value": claim["value"] and claim["value"][:9]})


def _rows_as_fields(event: Body) -> Body:
    return _claims(event, lambda claim, _read: {**claim, "precision": "field"})


def _rows_empty(event: Body) -> Body:
    return _claims(event, lambda claim, _read: claim if claim.get("precision", "field") == "field" else _emptied(claim))


def _emptied(claim: Body) -> Body:
    return {**claim, "value": None}


def _copies_as_changes(office: Office) -> None:
    """Each copy of a change is dated anew."""
    numbers = itertools.count(1)

    def later(event: Body) -> Body:
        number = next(numbers)
        return _claims(event, lambda claim, read: {**claim, "at": f"{read.received[:20]}{number % 1000:03d}Z"})

    _around(office, "sync_customers", _events(later))


def _every_sixth_only(office: Office) -> None:
    numbers = itertools.count(1)
    _around(office, "map_crm", _events(lambda body: None if next(numbers) % 6 else body))


def _author_decides(event: Body) -> Body | None:
    """Whatever is said to be by our app is an echo, everything else is not."""
    return None if event.get("data", {}).get("ours") else event


def _no(*types: str) -> Callable[[Body], Body | None]:
    return lambda event: None if event.get("type") in types else event


def _acknowledging(office: Office) -> None:
    """What failed is not tried again."""
    handler = office.world.handler("sync_crm")

    def acknowledged(event: Mapping[str, Any], context: object, hub: Hub) -> Any:
        try:
            handler(event, context, hub)
        except (Crash, Exception):
            return {"batchItemFailures": []}
        return {"batchItemFailures": []}

    office.world.handlers["sync_crm"] = acknowledged


def _both(first: Mutant, second: Mutant) -> Mutant:
    def mutant(office: Office) -> None:
        first(office)
        second(office)

    return mutant


QUIET, CRASHING = Plan(), Plan(faulted=0.02)
# Shown by tests.harness.office_scenes.an_echo_and_a_later_edit; lives show it seldom.
NOTES_TOO_OLD = _writing(_noted_long_ago)
# Name -> the mistake, and the life that shall show it.
MUTANTS: Mapping[str, tuple[Mutant, Plan]] = {
    "what we write is noted nowhere": (_writing(_no_ledger), QUIET),
    "a writing is never settled": (_writing(_never_settled), QUIET),
    "the author decides what is an echo": (
        _both(_hearing("sync_customers", _author_decides), _writing(_no_ledger)),
        Plan(echo_as="user"),
    ),
    "claims are dated by arrival": (_hearing("sync_customers", _by_arrival), QUIET),
    "claims are dated by the minute": (_hearing("sync_customers", _by_the_minute), QUIET),
    "values are cut": (_hearing("sync_customers", _values_cut), QUIET),
    "rows pass for fields": (_hearing("sync_customers", _rows_as_fields), QUIET),
    "what a row does not say is empty": (_hearing("sync_customers", _rows_empty), QUIET),
    "a copy is another change": (_copies_as_changes, QUIET),
    "changes wake nobody": (_hearing("sync_crm", _no("customer.changed", "customer.linked")), QUIET),
    "five of six deliveries are thrown away": (_every_sixth_only, QUIET),
    "what failed is not tried again": (_acknowledging, CRASHING),
    "comparisons mend nothing": (_hearing("reconcile_records", lambda _body: None), Plan(edits=3, lost=1.0)),
}
