"""A customer, put together from the personas that hang together now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.domain.components import DECIDED, Clash, Node
from hub.domain.criteria import Policy
from hub.domain.customers import POLICY, choose_fields
from hub.domain.identity import END, PASSING, Period, Persona, customer_id, most_durable
from hub.graph import Graph, strength
from hub.linked import Decided, Edge, Linked
from hub.pasts import last, nobodys
from hub.ports import Item

# Before a persona's id: what happened under it in times that are nobody's, and are over.
REST = "r"


@dataclass(frozen=True, slots=True)
class Link:
    """Why two personas of a customer are one person: what attested it, when and where, and what a person decided.

    `strength` is that of `hub.domain.components`: the smaller, the stronger.
    """

    a: str
    b: str
    reasons: tuple[Mapping[str, str], ...]
    strength: int
    decision: Decided | None = None


@dataclass(frozen=True)
class Customer:
    """The personas that hang together, with everything stored under them.

    `candidates` may be the same person, `conflicts` are evidence that does not count because of other evidence: both
    for a person to decide. `links` say why the personas are one person. `rests` are the ids under which that part of
    an identifier's past is found that is nobody's; a `rest` is such a part.
    """

    personas: tuple[Persona, ...]
    records: tuple[Mapping[str, Any], ...] = ()
    candidates: tuple[str, ...] = ()
    pins: tuple[Mapping[str, Any], ...] = ()
    choices: tuple[Mapping[str, Any], ...] = ()
    links: tuple[Link, ...] = ()
    conflicts: tuple[Clash, ...] = ()
    rests: tuple[str, ...] = ()
    rest: bool = False
    policies: Mapping[str, Policy] = field(default_factory=lambda: POLICY, repr=False)
    items: tuple[Item, ...] = field(default=(), repr=False)

    @property
    def id(self) -> str:
        """The customer's id now; every persona id of the customer finds the same customer."""
        return f"{REST if self.rest else ''}{customer_id(self.personas)}"

    @property
    def anchor(self) -> str:
        """The persona that what people decide about the customer is attached to."""
        return most_durable(self.personas)

    def anchor_beside(self, persona: str) -> str | None:
        """The same among the others, or None where there is no other."""
        others = [one for one in self.personas if one.id != persona]
        return most_durable(others) if others else None

    def has(self, persona: str) -> bool:
        """Whether that persona is one of the customer's."""
        return any(one.id == persona for one in self.personas)

    @property
    def fields(self) -> dict[str, dict[str, Any]]:
        """The customer's fields with their sources (see customers.choose_fields)."""
        return choose_fields(self.records, self.pins, self.policies, self.choices)

    def records_on(self, connection_id: str, objects: frozenset[str]) -> list[Mapping[str, Any]]:
        """The live records of these objects on one connection."""
        return [
            one
            for one in self.records
            if one["connection"] == connection_id and one["object"] in objects and not one.get("deleted")
        ]


def of_passing_name(graph: Graph, name: Linked) -> Customer:
    """The one customer who holds the name; where several have held it, nobody but the name itself."""
    holders = sorted(name.edges)
    if len(holders) == 1 and graph.load(holders[0]):
        return assemble(graph, graph.node(holders[0], (END, False)))
    return _customer(graph, {(name.id, 0)}, holders, ())


def assemble(graph: Graph, start: Node) -> Customer:
    """The customer that a persona belongs to in one of its stretches of time."""
    nodes, clashes = graph.cluster(start)
    if not any(node == last(graph, node[0]) for node in nodes):
        return _rest(graph, nobodys(graph, start[0]))
    past = nobodys(graph, start[0]) if len(nodes) == 1 else frozenset[Node]()
    if past and min(persona for persona, _ in past) == start[0]:
        nodes |= past
    inside = {persona for persona, _ in nodes}
    names = {name for persona in inside for name in _passing_names(graph, persona)}
    apart = {other for node in nodes for other in _apart(graph, node)} | {clash.b for clash in clashes}
    candidates = sorted(apart - inside - names - _strangers(graph, inside))
    return _customer(graph, {*nodes, *((name, 0) for name in names)}, candidates, clashes)


def rest_of(graph: Graph, persona: str) -> Customer | None:
    """What of a persona's past is nobody's; with what its owner is now where that is nobody's either; None for nothing."""
    nodes = nobodys(graph, persona)
    return _rest(graph, nodes) if nodes else assemble(graph, last(graph, persona))


def _rest(graph: Graph, nodes: frozenset[Node]) -> Customer:
    owner = min(persona for persona, _ in nodes)
    if len(graph.cluster(last(graph, owner))[0]) == 1:
        return assemble(graph, last(graph, owner))
    apart = {other for node in nodes for other in _apart(graph, node)}
    return _customer(graph, set(nodes), sorted(apart - {persona for persona, _ in nodes}), (), rest=True)


def _strangers(graph: Graph, inside: Iterable[str]) -> set[str]:
    """Whom a person said that the customer is not."""
    return {other for persona in inside for pair in graph.strangers(persona) for other in pair}


def _passing_names(graph: Graph, persona: str) -> list[str]:
    here = graph.load(persona)
    return [edge.other for edge in here.edges.values() if edge.kind in PASSING] if here else []


def _apart(graph: Graph, node: Node) -> set[str]:
    """Whom the node is connected with without being one with them: sharers, and who held it before or after."""
    persona, n = node
    here = graph.load(persona)
    if here is None:
        return set()
    if not here.shareable:
        return {one for one in here.edges if _is_shared(graph, one)}
    segment = graph.segments(persona)[n]
    last = n == len(graph.segments(persona)) - 1
    return set(segment.apart) | ({one for one in here.edges if one not in segment.joined} if last else set())


def _is_shared(graph: Graph, persona: str) -> bool:
    other = graph.load(persona)
    return other is not None and other.identifier.kind not in PASSING


def _customer(
    graph: Graph, nodes: set[Node], candidates: Sequence[str], clashes: Sequence[Clash], *, rest: bool = False
) -> Customer:
    found = [one for persona in sorted({one for one, _ in nodes}) if (one := graph.load(persona))]
    items = tuple(item for one in found for item in one.items)
    return Customer(
        personas=tuple(_persona(graph, one, nodes) for one in found),
        records=tuple(record for one in found if last(graph, one.id) in nodes for record in one.records),
        candidates=tuple(candidates),
        pins=tuple(item.body for item in items if item.sk.startswith("PIN#")),
        choices=tuple(item.body for item in items if item.sk.startswith("CHOICE#")),
        links=tuple(_links(found)),
        conflicts=tuple(clashes),
        rests=() if rest else _rests(graph, found, nodes),
        rest=rest,
        items=items,
    )


def _rests(graph: Graph, found: Sequence[Linked], nodes: set[Node]) -> tuple[str, ...]:
    """Of the identifiers that it holds, held or may hold, those with a past that is nobody's."""
    near = {other for one in found for other in one.edges} | {one.id for one in found}
    shared = [one for persona in sorted(near) if (one := graph.known(persona)) and one.shareable]
    pasts = {nobodys(graph, one.id) for one in shared}
    return tuple(sorted(f"{REST}{min(persona for persona, _ in past)}" for past in pasts if past - nodes))


def _persona(graph: Graph, one: Linked, nodes: set[Node]) -> Persona:
    stretches = graph.segments(one.id)
    mine = [stretches[n] for persona, n in sorted(nodes) if persona == one.id]
    neighbours = {edge.other: (edge.kind, edge.scope, edge.object) for edge in one.edges.values()}
    crowded = {neighbours[other][0] for other in stretches[-1].apart if other in neighbours}
    return Persona(
        one.id, one.identifier, neighbours, _merged([(each.since, each.until) for each in mine]), frozenset(crowded)
    )


def _merged(periods: Sequence[Period]) -> tuple[Period, ...]:
    """Stretches that follow each other as one."""
    merged: list[Period] = []
    for since, until in periods:
        if merged and merged[-1][1] == since:
            merged[-1] = (merged[-1][0], until)
        else:
            merged.append((since, until))
    return tuple(merged)


def _links(found: Sequence[Linked]) -> list[Link]:
    inside = {one.id for one in found}
    links = []
    for one in found:
        for other in sorted((one.edges.keys() | one.pairs.keys()) & inside):
            if one.id < other and (link := _link(one, other)):
                links.append(link)
    return links


def _link(one: Linked, other: str) -> Link | None:
    edge: Edge | None = one.edges.get(other)
    decided = one.pairs.get(other)
    decided = decided if decided and decided.verdict == "same" else None
    if edge is None and decided is None:
        return None
    return Link(one.id, other, edge.reasons if edge else (), strength(one, edge) if edge else DECIDED, decided)
