"""Customers in the state table: personas, the evidence between them, and the records that claim their fields.

| item | pk | sk | body |
|---|---|---|---|
| persona | `P#<persona>` | `NODE` | kind, scope, value |
| evidence | `P#<persona>` | `EDGE#<other persona>` | kind, scope, object of the other; reason, event |
| record | `P#<persona>` | `REC#<connection>#<object>` | see hub.records |

A persona's id is the keyed hash of its identifier, so no phone or name is ever part of a key.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hub.domain.customers import choose_fields
from hub.domain.events import Identifier
from hub.domain.identity import MAX_PERSONAS, Persona, customer_id, in_order, object_of
from hub.errors import Conflict, Retry
from hub.ports import Item, Store

# Above this many holders an identifier is a switchboard's, whoever of them is left.
MOST_HOLDERS = 25


@dataclass(frozen=True)
class Customer:
    """The personas that hang together now, with everything stored under them."""

    personas: tuple[Persona, ...]
    records: tuple[Mapping[str, Any], ...] = ()
    candidates: tuple[str, ...] = field(default=())

    @property
    def id(self) -> str:
        """The customer's id now; every persona id of the customer finds the same customer."""
        return customer_id(self.personas)

    @property
    def fields(self) -> dict[str, dict[str, Any]]:
        """The customer's fields with their sources (see customers.choose_fields)."""
        return choose_fields(self.records)

    def records_on(self, connection_id: str, objects: frozenset[str]) -> list[Mapping[str, Any]]:
        """The live records of these objects on one connection."""
        return [
            one
            for one in self.records
            if one["connection"] == connection_id and one["object"] in objects and not one.get("deleted")
        ]


class Directory:
    """Finds and joins customers; every write is conditional and safe to repeat."""

    def __init__(self, store: Store, hash_key: bytes | Callable[[], bytes]) -> None:
        """`hash_key` may be a function that reads it when it is first needed, and remembers it."""
        self.store = store
        self._hash_key = hash_key

    def _key(self) -> bytes:
        # No cached_property: until Python 3.12 that holds one lock for all instances while it reads.
        if not isinstance(self._hash_key, bytes):
            self._hash_key = self._hash_key()
        return self._hash_key

    def hashed(self, text: str) -> str:
        """26 characters that stand for `text` in keys; useless without the deployment's hash key."""
        digest = hmac.digest(self._key(), text.encode("utf-8", "surrogatepass"), hashlib.sha256)
        return base64.b32encode(digest).decode("ascii")[:26].lower()

    def persona_id(self, identifier: Identifier) -> str:
        """The id that this identifier's persona has, whether or not it exists yet."""
        return self.hashed(identifier.key)

    def attach(self, identifiers: Sequence[Identifier], *, reason: str, event: str) -> str | None:
        """Records that these identifiers are one person; returns the persona to file under, None without any."""
        ordered = in_order(identifiers)
        if not ordered:
            return None
        first, rest = ordered[0], ordered[1:]
        if not rest:
            self._ensure_node(first)
        for other in rest:
            self._ensure_edge(first, other, reason, event)
        return self.persona_id(first)

    def _ensure_node(self, one: Identifier) -> None:
        pk = f"P#{self.persona_id(one)}"
        if self.store.get(pk, "NODE") is None:
            self._create([Item(pk, "NODE", {"kind": one.kind, "scope": one.scope, "value": one.value})])

    def _ensure_edge(self, one: Identifier, other: Identifier, reason: str, event: str) -> None:
        left, right = self.persona_id(one), self.persona_id(other)
        if self.store.get(f"P#{right}", f"EDGE#{left}") is not None:
            return
        self._ensure_node(one)
        self._ensure_node(other)
        evidence = {"reason": reason, "event": event}
        self._create(
            [
                Item(f"P#{left}", f"EDGE#{right}", _described(other) | evidence),
                Item(f"P#{right}", f"EDGE#{left}", _described(one) | evidence),
            ]
        )

    def _create(self, items: list[Item]) -> None:
        """Writes items that only ever come into being once; somebody else having done so is as good."""
        try:
            self.store.put_all(items) if len(items) > 1 else self.store.put(items[0])
        except Conflict:
            if any(self.store.get(item.pk, item.sk) is None for item in items):
                raise Retry("two writers met at one customer") from None

    def exists(self, persona: str) -> bool:
        """Whether anything is known under that persona id."""
        return bool(self.store.query(f"P#{persona}", limit=1).items)

    def known_record(self, identifier: Identifier) -> bool:
        """Whether the record has been connected with an identifier of a person."""
        page = self.store.query(f"P#{self.persona_id(identifier)}", prefix="EDGE#", limit=1)
        return bool(page.items)

    def customer(self, persona: str) -> Customer | None:
        """The customer that this persona belongs to, or None where there is no such persona."""
        loaded: dict[str, _Loaded] = {}
        start = self._load(persona, loaded)
        if start is None:
            return None
        if start.persona.passing:
            return self._of_passing_name(start, loaded)
        return self._reached_from(persona, loaded)

    def _of_passing_name(self, name: _Loaded, loaded: dict[str, _Loaded]) -> Customer:
        """The one customer who holds the name; where several have held it, nobody but the name itself."""
        holders = list(name.persona.neighbours)
        if len(holders) == 1 and self._load(holders[0], loaded):
            return self._reached_from(holders[0], loaded)
        return _assemble([name], sorted(holders))

    def _reached_from(self, persona: str, loaded: dict[str, _Loaded]) -> Customer:
        inside, apart, queue = [persona], set[str](), [persona]
        while queue and len(inside) < MAX_PERSONAS:
            here = loaded[queue.pop(0)].persona
            left_out = here.kept_apart
            apart |= left_out
            for other in self._neighbours(here, left_out, loaded):
                if other.id in inside:
                    continue
                if not here.reaches(other):
                    apart.add(other.id)
                    continue
                inside.append(other.id)
                if not other.passing:
                    queue.append(other.id)
        return _assemble([loaded[one] for one in inside], sorted(apart - set(inside)))

    def _neighbours(self, here: Persona, left_out: frozenset[str], loaded: dict[str, _Loaded]) -> list[Persona]:
        found = (self._load(one, loaded) for one in here.neighbours if one not in left_out)
        return [one.persona for one in found if one is not None]

    def _load(self, persona: str, loaded: dict[str, _Loaded]) -> _Loaded | None:
        if persona not in loaded:
            items = self._all_items(f"P#{persona}")
            found = _read_persona(persona, items)
            if found is None:
                return None
            loaded[persona] = found
            loaded[persona] = self._without_gone(found, loaded)
        return loaded[persona]

    def _without_gone(self, found: _Loaded, loaded: dict[str, _Loaded]) -> _Loaded:
        """A shared identifier without the records that were deleted: of several holders one may be left."""
        records = [one for one, (kind, _, _) in found.persona.neighbours.items() if kind == "record"]
        if "record" not in found.persona.crowded or len(records) > MOST_HOLDERS:
            return found
        gone = {one for one in records if (record := self._load(one, loaded)) and record.deleted}
        left = {one: what for one, what in found.persona.neighbours.items() if one not in gone}
        return replace(found, persona=replace(found.persona, neighbours=left))

    def _all_items(self, pk: str) -> list[Item]:
        items: list[Item] = []
        start: str | None = None
        while True:
            page = self.store.query(pk, start=start, limit=500)
            items.extend(page.items)
            start = page.next_key
            if start is None:
                return items


@dataclass(frozen=True)
class _Loaded:
    persona: Persona
    items: Sequence[Item]

    @property
    def deleted(self) -> bool:
        """True for a record that its platform has deleted."""
        records = [item.body for item in self.items if item.sk.startswith("REC#")]
        return bool(records) and all(body.get("deleted") for body in records)


def _described(one: Identifier) -> dict[str, str]:
    return {"kind": one.kind, "scope": one.scope, "object": object_of(one)}


def _read_persona(persona: str, items: Sequence[Item]) -> _Loaded | None:
    node = next((item for item in items if item.sk == "NODE"), None)
    if node is None:
        return None
    neighbours = {
        item.sk.removeprefix("EDGE#"): (item.body["kind"], item.body["scope"], item.body["object"])
        for item in items
        if item.sk.startswith("EDGE#")
    }
    return _Loaded(Persona(persona, Identifier.model_validate(node.body), neighbours), items)


def _assemble(loaded: Sequence[_Loaded], apart: Sequence[str]) -> Customer:
    items = [item for one in loaded for item in one.items]
    return Customer(
        personas=tuple(sorted((one.persona for one in loaded), key=lambda one: one.id)),
        records=tuple(item.body for item in items if item.sk.startswith("REC#")),
        candidates=tuple(apart),
    )
