"""Times of an identifier that are over and were nobody's: several held it, or nobody did."""

from __future__ import annotations

from hub.domain.components import Node
from hub.graph import Graph


def last(graph: Graph, persona: str) -> Node:
    """The persona as it is now."""
    return persona, len(graph.segments(persona)) - 1


def nobodys(graph: Graph, persona: str) -> frozenset[Node]:
    """The stretches of its past that are tied to nobody who is still somebody, with all that hangs together with them."""
    nodes, waiting, seen = set[Node](), [persona], {persona}
    while waiting:
        nodes |= _own(graph, waiting.pop())
        new = {other for other, _ in nodes} - seen
        seen |= new
        waiting += sorted(new)
    return frozenset(nodes)


def _own(graph: Graph, persona: str) -> set[Node]:
    nodes = set[Node]()
    for n in range(last(graph, persona)[1]):
        if (persona, n) in nodes:
            continue
        here, _ = graph.cluster((persona, n))
        if not any(node == last(graph, node[0]) for node in here):
            nodes |= here
    return nodes
