"""A persona as stored, with what connects it: read once, in one query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from hub.domain.events import Identifier
from hub.domain.identity import END, EXCLUSIVE, MOST_HOLDERS, SHAREABLE, START, Slot, is_role, slot_of
from hub.ports import Item

Verdict = Literal["same", "apart", "none"]


@dataclass(frozen=True, slots=True)
class Edge:
    """Evidence: why two identifiers are one person's.

    `reasons` are `{"connection", "reason", "at", "event"}`, the first of each connection and reason; `moves` tells when
    a platform announced that the one took the place of the other ("to": this one gave way, "from": it took over).
    """

    other: str
    kind: str
    scope: str
    object: str
    reasons: tuple[Mapping[str, str], ...]
    moves: tuple[tuple[str, str], ...] = ()

    @property
    def at(self) -> str:
        """Since when it is known."""
        return min([one["at"] for one in self.reasons] + [at for at, _ in self.moves])

    @property
    def slot(self) -> Slot | None:
        """The slot that the other fills."""
        return (self.kind, self.scope, self.object) if self.kind in EXCLUSIVE else None


@dataclass(frozen=True, slots=True)
class Decided:
    """What a person decided last about a pair, and the whole history (`{"id", "verdict", "by", "at", "why"}`)."""

    other: str
    verdict: Verdict
    at: str
    history: tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True)
class Linked:
    """One persona: its identifier, evidence, decisions, and the items stored beside them."""

    id: str
    identifier: Identifier
    edges: Mapping[str, Edge]
    pairs: Mapping[str, Decided]
    joins_nobody: bool
    items: Sequence[Item]
    at: str = END

    @property
    def shareable(self) -> bool:
        """Whether several people may hold it."""
        return self.identifier.kind in SHAREABLE

    @property
    def overrun(self) -> bool:
        """Whether it has so many neighbours that it cannot be one person's."""
        return not self.shareable and len(self.edges) > MOST_HOLDERS

    @property
    def slot(self) -> Slot | None:
        """The slot that it fills; a deleted record fills none."""
        return None if self.deleted else slot_of(self.identifier)

    @property
    def records(self) -> list[Mapping[str, Any]]:
        """What platforms claim, record by record; deleted or not as it was at the time."""
        bodies = (item.body for item in self.items if item.sk.startswith("REC#"))
        return [_as_of(body, self.at) for body in bodies if body.get("since", START) <= self.at]

    @property
    def deleted(self) -> bool:
        """True for a record that its platform has deleted."""
        lives = [bool(body["deleted"]) for body in self.records if body["object"] != "profile"]
        return bool(lives) and all(lives)

    @property
    def left_at(self) -> str:
        """When a platform announced that another identifier took this one's place."""
        return min((at for edge in self.edges.values() for at, way in edge.moves if way == "to"), default=END)

    def tenure(self, persona: str) -> tuple[str, str] | None:
        """From when to when the record holds that identifier in a field; None where no field says so."""
        spans = [
            span
            for body in self.records
            for held in body.get("holds", {}).values()
            if (span := _span(held, persona, self.at))
        ]
        return (min(since for since, _ in spans), max(until for _, until in spans)) if spans else None


def _as_of(body: Mapping[str, Any], at: str) -> Mapping[str, Any]:
    if at == END:
        return body
    lives = [value for when, value in sorted(body.get("lives", {}).items()) if when <= at]
    return {**body, "deleted": bool(lives) and lives[-1] == "deleted"}


def _span(held: Mapping[str, Sequence[str]], persona: str, at: str) -> tuple[str, str] | None:
    """One field's time with the identifier: until another value came that was seen last."""
    known = {one: (first, min(last, at)) for one, (first, last) in held.items() if first <= at}
    if persona not in known:
        return None
    first, last = known[persona]
    if max(known, key=lambda one: (known[one][1], known[one][0], one)) == persona:
        return first, END
    return first, min((since for one, (since, _) in known.items() if one != persona and since > last), default=last)


def parse(persona: str, items: Sequence[Item], at: str, supposed: Mapping[str, Verdict]) -> Linked | None:
    """The persona out of its partition, as known at `at`; None where there is none. `supposed` overrides decisions."""
    node = next((item for item in items if item.sk == "NODE"), None)
    if node is None:
        return None
    identifier = Identifier.model_validate({name: node.body[name] for name in ("kind", "scope", "value")})
    edges = [_edge(item, at) for item in items if item.sk.startswith("EDGE#")]
    pairs = {one.other: one for item in items if item.sk.startswith("PAIR#") and (one := _pair(item, at))}
    pairs |= {other: Decided(other, verdict, END, ()) for other, verdict in supposed.items()}
    mark = next((item for item in items if item.sk == "MARK"), None)
    if at != END and not _known(items, at):
        return None
    return Linked(
        persona,
        identifier,
        {edge.other: edge for edge in edges if edge},
        pairs,
        _joins_nobody(identifier, mark, at),
        items,
        at,
    )


def _known(items: Sequence[Item], at: str) -> bool:
    """Whether anything told of it by then; what only messages named is as old as they are, which is not looked up."""
    edges = [
        said[0] for item in items for said in item.body.get("evidence", {}).values() if item.sk.startswith("EDGE#")
    ]
    told = edges + [item.body["since"] for item in items if item.sk.startswith("REC#") and "since" in item.body]
    return not told or min(told) <= at


def _edge(item: Item, at: str) -> Edge | None:
    body = item.body
    reasons = [{**_named(key), "at": said[0], "event": said[1]} for key, said in body.get("evidence", {}).items()]
    known = [one for one in reasons if one["at"] <= at]
    moves = tuple((when, way) for when, way in sorted(body.get("moves", {}).items()) if when <= at)
    if not known and not moves:
        return None
    ordered = tuple(sorted(known, key=lambda one: (one["at"], one["connection"], one["reason"])))
    return Edge(item.sk.removeprefix("EDGE#"), body["kind"], body["scope"], body["object"], ordered, moves)


def _named(key: str) -> dict[str, str]:
    connection, _, reason = key.partition("#")
    return {"connection": connection, "reason": reason}


def _pair(item: Item, at: str) -> Decided | None:
    history = tuple(one for one in item.body["decisions"] if one["at"] <= at)
    if not history:
        return None
    last = max(history, key=lambda one: (one["at"], one["id"]))
    return Decided(item.sk.removeprefix("PAIR#"), last["verdict"], last["at"], history)


def _joins_nobody(identifier: Identifier, mark: Item | None, at: str) -> bool:
    """Whether it joins nobody: as a person said last, else because it is our own side's, or a role's mailbox."""
    body = mark.body if mark else {}
    said = [one for one in body.get("decisions", ()) if one["at"] <= at]
    if said:
        return bool(max(said, key=lambda one: (one["at"], one["id"]))["shared"])
    return bool(body.get("own")) or is_role(identifier)
