"""What people pin: a value of a field that counts whatever any platform says, until it is released.

| item | pk | sk | body |
|---|---|---|---|
| pin | `P#<persona>` | `PIN#<field>` | field, persona, history: id, by, at, why, value (null: released), source |

A pin lies with the persona where it was set and stays there, whatever is merged or unmerged; the latest decision over
all personas of a customer counts (hub.domain.customers.pinned).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hub.customer import Customer
from hub.decisions import Decision
from hub.domain.customers import pinned
from hub.errors import Reject
from hub.folding import fold
from hub.ports import Item, Store

MOST_DECISIONS = 100  # about one field of one persona


def pin(store: Store, customer: Customer, field: str, claim: Mapping[str, Any], decision: Decision) -> None:
    """Pins the value of a claim (`value`, `source`); idempotent by the decision's id, Retry when crowded.

    Raises Reject for a claim without a value: that would be a release.
    """
    if claim["value"] is None:
        raise Reject("an empty value cannot be pinned")
    _add(store, customer.anchor, field, decision.said(value=claim["value"], source=dict(claim["source"])))


def release(store: Store, customer: Customer, field: str, decision: Decision) -> None:
    """Lets the field's policy decide again, at the persona whose pin counts now; nothing where none does."""
    known = [one for one in customer.pins if one["field"] == field]
    now = pinned(known).get(field)
    if now is not None and now["value"] is not None:
        holder = next(one["persona"] for one in known if now in one["history"])
        _add(store, holder, field, decision.said(value=None, source=None))


def _add(store: Store, persona: str, field: str, said: Mapping[str, Any]) -> None:
    def step(item: Item) -> Item:
        history = list(item.body.get("history", ()))
        if any(one["id"] == said["id"] for one in history):
            return item
        kept = sorted([*history, said], key=lambda one: (one["at"], one["id"]))[-MOST_DECISIONS:]
        return replace(item, body={"field": field, "persona": persona, "history": kept})

    fold(store, f"P#{persona}", f"PIN#{field}", step)
