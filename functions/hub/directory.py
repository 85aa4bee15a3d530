"""Customers in the state table: personas, the evidence between them, and the records that claim their fields.

| item | pk | sk | body |
|---|---|---|---|
| persona | `P#<persona>` | `NODE` | kind, scope, value |
| evidence | `P#<persona>` | `EDGE#<other persona>` | kind, scope, object of the other; evidence, moves |
| decision | `P#<persona>` | `PAIR#<other persona>` | see hub.decisions |
| mark | `P#<persona>` | `MARK` | own: our own side's; decisions: whether a person said that it is shared |
| record | `P#<persona>` | `REC#<connection>#<object>` | see hub.records |

`evidence` maps `<connection>#<reason>` to the first `[time, event]` that attested the pair, `moves` the time of an
announced succession to its direction. A persona's id is the keyed hash of its identifier, so no phone or name is ever
part of a key.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from hub.customer import REST, Customer, Link, assemble, of_passing_name, rest_of
from hub.domain.criteria import Policy
from hub.domain.customers import POLICY
from hub.domain.events import Identifier
from hub.domain.identity import END, MOST_HOLDERS, PASSING, in_order, object_of
from hub.errors import Conflict, Retry
from hub.graph import Graph, Supposed
from hub.ports import Item, Store

__all__ = ["MOST_HOLDERS", "Customer", "Directory", "Link"]

ATTEMPTS = 8
PERSONA_CHARS = 26
# Of how many connections and reasons an edge remembers the first time; more add nothing.
MOST_REASONS = 20


Policies = Mapping[str, Policy]
_Step = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class Directory:
    """Finds and joins customers; every write is conditional and safe to repeat."""

    def __init__(
        self,
        store: Store,
        hash_key: bytes | Callable[[], bytes],
        supposed: Supposed | None = None,
        *,
        policies: Callable[[], Policies] = lambda: POLICY,
    ) -> None:
        """`hash_key` may be a function that reads it when it is first needed, and remembers it.

        `policies` are those that customers' fields are decided by (hub.field_policies).
        """
        self.store = store
        self._policies = policies
        self._hash_key = hash_key
        self._supposed = supposed or {}
        self._own = set[str]()

    def supposing(self, decisions: Supposed) -> Directory:
        """A directory that reads as if people had decided so about these pairs."""
        return Directory(self.store, self._hash_key, {**self._supposed, **decisions}, policies=self._policies)

    def _key(self) -> bytes:
        # No cached_property: until Python 3.12 that holds one lock for all instances while it reads.
        if not isinstance(self._hash_key, bytes):
            self._hash_key = self._hash_key()
        return self._hash_key

    def hashed(self, text: str) -> str:
        """26 characters that stand for `text` in keys; useless without the deployment's hash key."""
        digest = hmac.digest(self._key(), text.encode("utf-8", "surrogatepass"), hashlib.sha256)
        return base64.b32encode(digest).decode("ascii")[:PERSONA_CHARS].lower()

    def persona_id(self, identifier: Identifier) -> str:
        """The id that this identifier's persona has, whether or not it exists yet."""
        return self.hashed(identifier.key)

    def attach(
        self, identifiers: Sequence[Identifier], *, reason: str, event: str, at: str = "", connection: str = ""
    ) -> str | None:
        """Records that these identifiers are one person; returns the persona to file under, None without any.

        `at` is the platform's time (RFC 3339 UTC) of what attests it on `connection`.
        """
        ordered = in_order(identifiers)
        if not ordered:
            return None
        first, rest = ordered[0], ordered[1:]
        if not rest:
            self._ensure_node(first)
        for other in rest:
            self._attest(first, other, f"{connection}#{reason}", [at, event])
        return self.persona_id(first)

    def move(self, old: Identifier, new: Identifier, *, at: str) -> None:
        """Records that a platform announced that `new` took the place of `old` at that time."""
        ways = ("to", "from") if self.persona_id(old) < self.persona_id(new) else ("from", "to")
        gave_way, took_over = partial(_with_move, at=at, way="to"), partial(_with_move, at=at, way="from")
        self._fold_edge(old, new, partial(gave_way, both=ways[0]), partial(took_over, both=ways[1]))

    def own(self, identifier: Identifier) -> None:
        """Records that an identifier is our own side's: it joins nobody unless a person says otherwise."""
        persona = self.persona_id(identifier)
        if persona in self._own:
            return
        if self.store.get(f"P#{persona}", "MARK") is None:
            self._create([Item(f"P#{persona}", "MARK", {"own": True})])
        self._own.add(persona)

    def _ensure_node(self, one: Identifier) -> None:
        pk = f"P#{self.persona_id(one)}"
        if self.store.get(pk, "NODE") is None:
            self._create([Item(pk, "NODE", {"kind": one.kind, "scope": one.scope, "value": one.value})])

    def _attest(self, one: Identifier, other: Identifier, source: str, said: list[str]) -> None:
        def step(body: Mapping[str, Any]) -> Mapping[str, Any]:
            return _with_evidence(body, source, said)

        known = self.store.get(f"P#{self.persona_id(other)}", f"EDGE#{self.persona_id(one)}")
        if known is None or step(known.body) != known.body:
            self._fold_edge(one, other, step, step)

    def _fold_edge(self, one: Identifier, other: Identifier, step: _Step, turned: _Step) -> None:
        """Brings the steps' results into both sides of an edge, in one transaction; raises Retry when crowded."""
        self._ensure_node(one)
        self._ensure_node(other)
        left, right = self.persona_id(one), self.persona_id(other)
        for _ in range(ATTEMPTS):
            here = self._edge_item(left, right, other)
            there = self._edge_item(right, left, one)
            after = [replace(here, body=step(here.body)), replace(there, body=turned(there.body))]
            if after == [here, there]:
                return
            try:
                self.store.put_all(after)
            except Conflict:
                continue
            return
        raise Retry("two writers met at one customer")

    def _edge_item(self, persona: str, other: str, described: Identifier) -> Item:
        pk, sk = f"P#{persona}", f"EDGE#{other}"
        return self.store.get(pk, sk) or Item(pk, sk, _described(described))

    def _create(self, items: list[Item]) -> None:
        """Writes items that only ever come into being once; somebody else having done so is as good."""
        try:
            self.store.put_all(items)
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

    def customer(self, persona: str, at: str | None = None, moment: str | None = None) -> Customer | None:
        """The customer that this persona belongs to, or None where there is no such persona.

        `at` shows it as known at that time. `moment` asks whose the identifier was at that time, by all that is known
        today: a phone number may have been somebody else's.
        """
        found = self._customer(persona, at or END, moment or END)
        return replace(found, policies=self._policies()) if found else None

    def _customer(self, persona: str, at: str, moment: str) -> Customer | None:
        graph = Graph(self.store, at, self._supposed)
        if persona.startswith(REST) and len(persona) > PERSONA_CHARS:
            rest = persona.removeprefix(REST)
            return rest_of(graph, rest) if graph.load(rest) else None
        start = graph.load(persona)
        if start is None:
            return None
        if start.identifier.kind in PASSING:
            return of_passing_name(graph, start)
        return assemble(graph, graph.node(persona, (moment, False)))


def _described(one: Identifier) -> dict[str, str]:
    return {"kind": one.kind, "scope": one.scope, "object": object_of(one)}


def _with_evidence(body: Mapping[str, Any], source: str, said: list[str]) -> dict[str, Any]:
    """The first time of each source; of too many sources the earliest."""
    evidence = dict(body.get("evidence", {}))
    evidence[source] = min(evidence.get(source, said), said)
    kept = sorted(evidence, key=lambda one: (evidence[one], one))[:MOST_REASONS]
    return {**body, "evidence": {one: evidence[one] for one in sorted(kept)}}


def _with_move(body: Mapping[str, Any], *, at: str, way: str, both: str) -> dict[str, Any]:
    """The direction of a move; `both` where one the other way was announced for the same time."""
    moves = body.get("moves", {})
    return {**body, "moves": {**moves, at: way if moves.get(at, way) == way else both}}
