"""The index entries of one persona: what its records call somebody, and its phone or address; the same for any order."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hub.customer import Customer
from hub.domain.blocks import blocks, email_blocks, phone_blocks, search_keys
from hub.domain.called import is_person, names_of, value
from hub.domain.identity import Persona
from hub.domain.likeness import Described
from hub.domain.names import Name, name_of
from hub.matching import PHONE_FIELDS, company_of
from hub.names import names_in
from hub.ports import Item
from hub.readings import read

MOST_KEYS = 80

Bodies = dict[str, dict[str, Any]]  # key -> body


@dataclass(frozen=True, slots=True)
class Entries:
    """What is to be filed for a persona, by key; `said` stands for all of it and for what else is compared."""

    bodies: Bodies
    said: str


def entries_of(customer: Customer, persona: Persona) -> Entries:
    """The persona's own entries: of its records' names, of itself, of what its records hold that nobody could read."""
    records = [item.body for item in customer.items if item.pk == f"P#{persona.id}" and item.sk.startswith("REC#")]
    people = [one for one in records if is_person(one)]
    companies = sorted({company for one in people if (company := company_of(value(one["fields"], "company")))})
    bodies: Bodies = {}
    for name in filter(None, (name_of(text, read) for text in names_of(people))):
        _add_name(bodies, name, companies)
    known = {one.identifier.value for one in customer.personas}
    for field, texts in _addresses(persona, people):
        for text in texts:
            if text == persona.identifier.value or text not in known:
                _add(bodies, (email_blocks if field == "emails" else phone_blocks)(text), field, text)
    kept = {key: bodies[key] for key in sorted(bodies)[:MOST_KEYS]}
    return Entries(kept, json.dumps([kept, companies], sort_keys=True))


def _addresses(persona: Persona, people: Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, set[str]]]:
    own = {persona.identifier.value}
    kind = persona.identifier.kind
    typed = [(name, value(one["fields"], name).strip().lower()) for one in people for name in ("email", *PHONE_FIELDS)]
    yield "emails", {text for name, text in typed if text and name == "email"} | (own if kind == "email" else set())
    yield "phones", {text for name, text in typed if text and name != "email"} | (own if kind == "phone" else set())


def _add_name(bodies: Bodies, name: Name, companies: list[str]) -> None:
    for key in search_keys(name) | blocks(name):
        body = bodies.setdefault(key, {"names": {}})
        body["names"][name.written] = [list(name.parts), [list(one) for one in name.sounds]]
        if companies:
            body["companies"] = companies


def _add(bodies: Bodies, keys: Iterable[str], field: str, text: str) -> None:
    for key in keys:
        body = bodies.setdefault(key, {})
        body[field] = sorted({*body.get(field, ()), text})


def described_by(items: Iterable[Item]) -> Described:
    """What index entries of one persona say of somebody, before the customer is read."""
    found = list(items)
    return Described(
        names=tuple({name.written: name for item in found for name in names_in(item)}.values()),
        emails=tuple({text: None for item in found for text in item.body.get("emails", ())}),
        phones=tuple({text: None for item in found for text in item.body.get("phones", ())}),
        companies=frozenset(one for item in found for one in item.body.get("companies", ())),
        personas=frozenset(item.sk for item in found),
    )
