"""How fields are decided in this deployment: the policies that administrators chose, over the hub's own.

| item | pk | sk | body |
|---|---|---|---|
| what is in force (connections table) | `POLICIES` | `POLICIES` | number, fields: {name: {word, order}} |
| how it came to that | `POLICIES` | `POLICIES#<number>` | field, policy, by, at, why |

What a policy keeps of the past besides the last word (the furthest stage, the first value, all values) it keeps from
what is said after it was chosen.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args
from weakref import WeakKeyDictionary

from hub.decisions import Decision
from hub.domain.criteria import Policy, Word
from hub.domain.customers import POLICY
from hub.errors import Conflict
from hub.ports import Clock, Item, Store
from hub.remembered import Remembered

POLICIES = "POLICIES"
FRESH_S = 60.0
MOST_FIELDS = 500
MOST_ORDERED = 50
WORDS: tuple[Word, ...] = get_args(Word)
# What `order` holds of the policies that have one.
ORDERED: Mapping[str, str] = {
    "owner": "connections or platforms, the first of which wins",
    "most_restrictive": "values, the most restrictive first",
    "monotonic": "stages, the first comes first",
}
_FIELD = re.compile(r"[a-z][a-z0-9_]{0,127}(?:_\*)?", re.ASCII)
_PLAIN = re.compile(r"[^\W_]{1,64}")
_ATTEMPTS = 4


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """One change: `policy` None says that the hub's own counts again."""

    number: int
    field: str
    policy: Policy | None
    said: Mapping[str, str]


def field_policies(store: Store, clock: Clock) -> Mapping[str, Policy]:
    """The policies by field, the hub's own (POLICY) where nobody chose another; read once a minute.

    While the table cannot be read: those of the last quarter of an hour.
    """
    return _memory(store, clock).get(POLICIES, lambda _key: chosen(store)[1])


def chosen(store: Store) -> tuple[int, Mapping[str, Policy]]:
    """The number of the last change, 0 without any, and the policies as they are now."""
    item = store.get(POLICIES, POLICIES)
    if item is None:
        return 0, POLICY
    own = {name: _policy(said) for name, said in item.body["fields"].items()}
    return int(item.body["number"]), {**POLICY, **own}


def wrong_policy(field: str, policy: Policy, places: Collection[str]) -> str | None:
    """What is wrong with a policy for a field, in a sentence; `places` are the known connections and platforms."""
    if not _FIELD.fullmatch(field):
        return "This is no name of a field."
    if (policy.word in ORDERED) != bool(policy.order):
        return _about_order(policy.word)
    if len(policy.order) > MOST_ORDERED or len(set(policy.order)) != len(policy.order):
        return f"An order names at most {MOST_ORDERED}, each once."
    if policy.word == "owner":
        return None if set(policy.order) <= set(places) else "The order names no connection or platform that is known."
    plain = all(_PLAIN.fullmatch(one) and one == one.casefold() for one in policy.order)
    return None if plain else "The order is written in small letters and digits only."


def _about_order(word: str) -> str:
    if word in ORDERED:
        return f"The policy {word} needs an order: {ORDERED[word]}."
    return f"The policy {word} has no order."


def choose(store: Store, field: str, policy: Policy | None, decision: Decision) -> int:
    """Puts a policy in force for a field, None for the hub's own; returns the number of the change.

    Within a minute everywhere. Asked for again with the same decision, it changes nothing.
    """
    for _attempt in range(_ATTEMPTS):
        item = store.get(POLICIES, POLICIES) or Item(POLICIES, POLICIES, {"number": 0, "fields": {}, "by": ""})
        if item.body["by"] == decision.id:
            return int(item.body["number"])
        number = int(item.body["number"]) + 1
        fields = {name: said for name, said in item.body["fields"].items() if name != field}
        if policy is not None:
            fields[field] = _stored(policy)
        if len(fields) > MOST_FIELDS:
            raise ValueError("too many fields have a policy of their own")
        after = replace(item, body={"number": number, "fields": fields, "by": decision.id})
        try:
            store.put_all([after, _note(number, field, policy, decision)])
        except Conflict:
            continue
        return number
    raise Conflict("changed meanwhile")


def changes(store: Store, limit: int, start: str | None) -> tuple[list[PolicyChange], str | None]:
    """The changes, the latest first, and where to go on."""
    page = store.query(POLICIES, prefix=f"{POLICIES}#", limit=limit, start=start, newest_first=True)
    return [_change(item) for item in page.items], page.next_key


def _note(number: int, field: str, policy: Policy | None, decision: Decision) -> Item:
    body = {"field": field, "policy": _stored(policy) if policy else None}
    return Item(POLICIES, f"{POLICIES}#{number:08d}", decision.said(**body))


def _change(item: Item) -> PolicyChange:
    said, body = item.body["policy"], item.body
    who = {name: body[name] for name in ("by", "at", "why")}
    return PolicyChange(int(item.sk.rpartition("#")[2]), body["field"], _policy(said) if said else None, who)


def _stored(policy: Policy) -> dict[str, Any]:
    return {"word": policy.word, "order": list(policy.order)}


def _policy(said: Mapping[str, Any]) -> Policy:
    return Policy(said["word"], tuple(said["order"]))


# One memory for each table: handlers are called anew, containers live on.
_MEMORIES: WeakKeyDictionary[Any, Remembered[Mapping[str, Policy]]] = WeakKeyDictionary()


def _memory(store: Store, clock: Clock) -> Remembered[Mapping[str, Policy]]:
    if store not in _MEMORIES:
        _MEMORIES[store] = Remembered(clock, lambda _policies: FRESH_S)
    return _MEMORIES[store]
