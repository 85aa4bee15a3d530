"""The identifiers around one persona and how they hang together; everything that is read is read once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import combinations

from hub.domain.components import ANNOUNCED, DECIDED, HELD, KEPT_APART, NAMED, Clash, Node, Standing, Tie, cluster
from hub.domain.holding import Holder, Moment, Segment, place, segments
from hub.domain.identity import END, EXCLUSIVE, MOST_HOLDERS, PASSING, SHAREABLE, START
from hub.domain.namesakes import Called
from hub.linked import Edge, Linked, Verdict, parse
from hub.namesakes import differ, names_of
from hub.ports import Item, Store

# Reading ends here, whatever the evidence.
MOST_READ = 200
# Edges of one identifier that are read: with so many it is a switchboard's, whoever else holds it.
MOST_EDGES = 200
Supposed = Mapping[frozenset[str], Verdict]


class Graph:
    """Reads personas when they are asked for; `at` shows them as known at that time, `supposed` as if so decided."""

    def __init__(self, store: Store, at: str, supposed: Supposed) -> None:
        self._store, self._at, self._supposed = store, at, supposed
        self._loaded: dict[str, Linked | None] = {}
        self._segments: dict[str, tuple[Segment, ...]] = {}
        self._groups: dict[str, str] = {}
        self._names: dict[str, list[Called]] = {}

    def load(self, persona: str) -> Linked | None:
        """The persona, or None."""
        if persona not in self._loaded:
            items = _some_items(self._store, f"P#{persona}")
            self._loaded[persona] = parse(persona, items, self._at, self._decided(persona))
        return self._loaded[persona]

    def known(self, persona: str) -> Linked | None:
        """The persona where it has been read already."""
        return self._loaded.get(persona)

    def _decided(self, persona: str) -> dict[str, Verdict]:
        return {
            other: verdict for pair, verdict in self._supposed.items() if persona in pair for other in pair - {persona}
        }

    def segments(self, persona: str) -> tuple[Segment, ...]:
        """The persona's stretches of time; one where it never changes hands."""
        if persona not in self._segments:
            here = self.load(persona)
            shared = here is not None and here.shareable
            self._segments[persona] = (
                self._held(here) if here and shared else (Segment(START, END, frozenset(), frozenset()),)
            )
        return self._segments[persona]

    def _held(self, here: Linked) -> tuple[Segment, ...]:
        many = _kinds_in_plenty(here.edges.values())
        found = [self._holder(here, edge) for edge in here.edges.values() if edge.kind not in many | PASSING]
        holders = [one for one in found if one is not None]
        cuts = {at for edge in here.edges.values() for at, _ in edge.moves}
        known = segments(holders, cuts, self._strangers_among(holders), joins_nobody=here.joins_nobody)
        crowd = frozenset(edge.other for edge in here.edges.values() if edge.kind in many)
        return tuple(replace(one, apart=one.apart | crowd, crowded=one.crowded | many) for one in known)

    def _holder(self, here: Linked, edge: Edge) -> Holder | None:
        other = self.load(edge.other)
        if other is None or other.overrun:
            return None
        if edge.slot is None:
            several = edge.kind in SHAREABLE and not edge.moves
            return Holder(edge.other, edge.kind, edge.other, moments=_moments(edge), shareable=several)
        since, until = other.tenure(here.id) or (edge.at, other.left_at)
        return Holder(edge.other, edge.kind, self.group(edge.other), edge.slot, since, until, dead=other.deleted)

    def _strangers_among(self, holders: Iterable[Holder]) -> frozenset[frozenset[str]]:
        pairs = (self.strangers(one.persona) for one in holders)
        groups = (frozenset(self.group(persona) for persona in pair) for those in pairs for pair in those)
        return frozenset(pair for pair in groups if len(pair) > 1) | self._namesakes_not(holders)

    def _namesakes_not(self, holders: Iterable[Holder]) -> frozenset[frozenset[str]]:
        """The pairs of groups whose names are plainly two people's."""
        named: dict[str, set[Called]] = {}
        for one in holders:
            if one.slot is not None:
                named.setdefault(one.group, set()).update(self._called(one.persona))
        pairs = combinations(sorted(named), 2)
        return frozenset(frozenset(pair) for pair in pairs if differ(*(named[group] for group in pair)))

    def _foreign(self, one: str, other: str) -> bool:
        """Whether two personas of two groups are called by names that are plainly two people's."""
        if self.group(one) == self.group(other):
            return False
        return differ(self._called(one), self._called(other))

    def _called(self, persona: str) -> list[Called]:
        if persona not in self._names:
            here = self.load(persona)
            # A name that came along with a number may be anybody's: only what has an owner tells who that is.
            owned = here is not None and here.identifier.kind in EXCLUSIVE
            self._names[persona] = names_of(here.records) if here and owned else []
        return self._names[persona]

    def strangers(self, persona: str) -> set[frozenset[str]]:
        """The pairs that a person keeps apart, with this persona in them."""
        here = self.load(persona)
        decided = here.pairs.values() if here else ()
        return {frozenset({persona, one.other}) for one in decided if one.verdict == "apart"}

    def _strange_nodes(self, persona: str) -> Iterator[frozenset[Node]]:
        """The same, of a number or mailbox only in the stretch of time in which it was decided."""
        here = self.load(persona)
        for one in here.pairs.values() if here else ():
            if one.verdict == "apart" and self.load(one.other):
                moment = (one.at, False)
                yield frozenset({self.node(persona, moment), self.node(one.other, moment)})

    def group(self, persona: str) -> str:
        """The smallest of the personas that platforms or people declared to be one with this one."""
        if persona not in self._groups:
            inside, waiting = {persona}, [persona]
            while waiting and len(inside) < MOST_READ:
                new = set(self._declared(waiting.pop())) - inside
                inside |= new
                waiting += sorted(new)
            self._groups |= dict.fromkeys(inside, min(inside))
        return self._groups[persona]

    def _declared(self, persona: str) -> Iterator[str]:
        here = self.load(persona)
        if here is None or here.shareable:
            return
        for edge in here.edges.values():
            if is_alias(here, edge):
                yield edge.other
        decided = (self.load(one.other) for one in here.pairs.values() if one.verdict == "same")
        yield from (other.id for other in decided if other is not None and not other.shareable)

    def ties(self, persona: str) -> Iterator[Tie]:
        """The reasons why this persona is one with others; each found from either side."""
        here = self.load(persona)
        if here is None or here.identifier.kind in PASSING:
            return
        for edge in here.edges.values():
            if edge.kind not in PASSING and not here.overrun:
                yield from self._evident(here, edge)
        for one in here.pairs.values():
            if one.verdict == "same" and self.load(one.other):
                moment = (one.at, False)
                yield _tie(self.node(persona, moment), self.node(one.other, moment), DECIDED, one.at)

    def _evident(self, here: Linked, edge: Edge) -> Iterator[Tie]:
        if here.shareable:
            for n, segment in enumerate(self.segments(here.id)):
                if edge.other in segment.joined:
                    yield from self._facing((here.id, n), here, edge)
            return
        other = self.load(edge.other)
        if other is None or other.overrun:
            return
        if not other.shareable:
            yield _tie(
                (here.id, 0), (other.id, 0), ANNOUNCED if is_alias(here, edge) else strength(here, edge), edge.at
            )
            return
        for n, segment in enumerate(self.segments(other.id)):
            if here.id in segment.joined:
                yield _tie((here.id, 0), (other.id, n), strength(here, edge), edge.at)

    def _facing(self, node: Node, here: Linked, edge: Edge) -> Iterator[Tie]:
        """From a stretch of one shareable identifier to its neighbour, which may be another such identifier."""
        other = self.load(edge.other)
        if other is None:
            return
        if not other.shareable:
            yield _tie(node, (other.id, 0), strength(here, edge), edge.at)
            return
        for moment in _moments(edge):
            facing = self.node(other.id, _turned(moment, edge))
            joins = here.id in self.segments(other.id)[facing[1]].joined
            if joins and self.node(here.id, moment) == node:
                yield _tie(node, facing, ANNOUNCED if edge.moves else NAMED, moment[0])

    def node(self, persona: str, moment: Moment) -> Node:
        """The persona in the stretch of time that holds the moment."""
        return persona, place(self.segments(persona), moment)

    def standing(self, persona: str) -> Standing:
        """What the persona's nodes stand for."""
        here = self.load(persona)
        return Standing(here.slot if here else None, self.group(persona))

    def cluster(self, start: Node) -> tuple[frozenset[Node], list[Clash]]:
        """The nodes that are one person with `start`, and the clashes that a person may decide."""
        nodes, ties, waiting = {start}, set[Tie](), [start[0]]
        read = {start[0]}
        while waiting and len(read) < MOST_READ:
            for tie in self.ties(waiting.pop(0)):
                ties.add(tie)
                nodes |= {tie.a, tie.b}
                new = {tie.a[0], tie.b[0]} - read
                read |= new
                waiting += sorted(new)
        standing = {node: self.standing(node[0]) for node in nodes}
        strangers = frozenset(pair for persona in read for pair in self._strange_nodes(persona))
        inside, clashes = cluster(start, ties, standing, strangers, self._foreign)
        return inside, [one for one in clashes if one.why != KEPT_APART]


def is_alias(here: Linked, edge: Edge) -> bool:
    """Whether a platform declared two of a kind to be one: a record merged into another, a user id replaced."""
    return here.identifier.kind in EXCLUSIVE and (here.identifier.kind, here.identifier.scope) == (
        edge.kind,
        edge.scope,
    )


def strength(here: Linked, edge: Edge) -> int:
    """What a record holds, or a platform's own id comes with, counts more than two things named together."""
    return HELD if {here.identifier.kind, edge.kind} & EXCLUSIVE else NAMED


def _some_items(store: Store, pk: str) -> list[Item]:
    """A persona's items; of a switchboard's thousands of edges the first few hundred, and all that comes after them."""
    first = store.query(pk, limit=MOST_EDGES)
    if first.next_key is None:
        return list(first.items)
    last: list[Item] = []
    start: str | None = None
    while not any(item.sk.startswith("EDGE#") for item in last):
        page = store.query(pk, limit=50, start=start, newest_first=True)
        last += page.items
        start = page.next_key
        if start is None:
            break
    known = {item.sk for item in first.items}
    return [*first.items, *(item for item in reversed(last) if item.sk not in known)]


def all_items(store: Store, pk: str) -> list[Item]:
    """Every item of a partition."""
    items: list[Item] = []
    start: str | None = None
    while True:
        page = store.query(pk, start=start, limit=500)
        items.extend(page.items)
        start = page.next_key
        if start is None:
            return items


def _kinds_in_plenty(edges: Iterable[Edge]) -> frozenset[str]:
    kinds = [edge.kind for edge in edges]
    return frozenset(kind for kind in set(kinds) if kinds.count(kind) > MOST_HOLDERS)


def _moments(edge: Edge) -> tuple[Moment, ...]:
    """When the pair was attested; a move connects what was just before it with what is since."""
    return tuple((one["at"], False) for one in edge.reasons) + tuple((at, way == "to") for at, way in edge.moves)


def _turned(moment: Moment, edge: Edge) -> Moment:
    at, _ = moment
    return next(((at, way == "from") for when, way in edge.moves if when == at), moment)


def _tie(a: Node, b: Node, how: int, at: str) -> Tie:
    return Tie(min(a, b), max(a, b), how, at)
