"""What people choose where platforms contradict each other: a claim like any other, made now, by a person.

| item | pk | sk | body |
|---|---|---|---|
| choice | `P#<persona>` | `CHOICE#<field>` | field, persona, history: id, by, at, why, value, of (whose value it was), withdrawn |

Unlike a pin (hub.pins), which counts until it is released, a choice counts as what somebody says counts: whoever says
something later is heard. Withdrawn, it is as if nobody had chosen; the history keeps it. It lies with the persona where
it was made and stays there; the latest over all personas of a customer counts (hub.domain.customers.chosen).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hub.customer import Customer
from hub.decisions import Decision
from hub.domain.customers import chosen_by_people
from hub.folding import fold
from hub.ports import Item, Store

CHOICE = "CHOICE#"
MOST_CHOICES = 100  # about one field of one persona


def choose(store: Store, customer: Customer, field: str, claim: Mapping[str, Any], decision: Decision) -> None:
    """A person says what the field is: the value of a claim (`value`, `source`); null: nothing. Safe to repeat."""
    said = decision.said(value=claim["value"], of=claim.get("source"), withdrawn=False)
    _add(store, customer.anchor, field, said)


def withdraw(store: Store, customer: Customer, field: str, decision: Decision) -> None:
    """Takes the choice that counts back, where there is one."""
    known = [one for one in customer.choices if one["field"] == field]
    now = chosen_by_people(known).get(field)
    if now is not None and not now["withdrawn"]:
        holder = next(one["persona"] for one in known if now in one["history"])
        _add(store, holder, field, decision.said(value=None, of=None, withdrawn=True))


def _add(store: Store, persona: str, field: str, said: Mapping[str, Any]) -> None:
    def step(item: Item) -> Item:
        history = list(item.body.get("history", ()))
        if any(one["id"] == said["id"] for one in history):
            return item
        kept = sorted([*history, said], key=lambda one: (one["at"], one["id"]))[-MOST_CHOICES:]
        return replace(item, body={"field": field, "persona": persona, "history": kept})

    fold(store, f"P#{persona}", f"{CHOICE}{field}", step)
