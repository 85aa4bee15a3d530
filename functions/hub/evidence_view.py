"""Why a customer is one person, as people see it: identifiers with their periods, the evidence, what is in doubt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pydantic import BaseModel

from hub.customer import Customer, Link
from hub.domain.components import ANNOUNCED, DECIDED, HELD, KEPT_APART, NAMED, TOO_MANY, TWO_NAMES, TWO_OF_A_KIND
from hub.domain.identity import END, SHAREABLE, START, Persona
from hub.ports import Item

Strength = Literal["announced", "decided", "held", "named"]
Doubt = Literal["shared", "held at another time", "two of a kind", "two names", "kept apart", "too many"]

_STRENGTH: Mapping[int, Strength] = {ANNOUNCED: "announced", DECIDED: "decided", HELD: "held", NAMED: "named"}
_CLASHES: Mapping[str, Doubt] = {
    TWO_OF_A_KIND: "two of a kind",
    TWO_NAMES: "two names",
    KEPT_APART: "kept apart",
    TOO_MANY: "too many",
}


class PeriodView(BaseModel):
    """From `since` (included) until `until` (excluded), RFC 3339; null where there is no such end."""

    since: str | None
    until: str | None


class IdentifierView(BaseModel):
    """One thing the customer is known by; `scope` is the connection or portfolio inside which it is unique.

    `persona` is its id, and one of the customer's. `periods` are the times during which it was the customer's;
    `current` says that it still is. A `shared` one is held by several, or was marked as shared, and joins nobody.
    """

    kind: str
    value: str
    scope: str
    persona: str
    periods: list[PeriodView]
    current: bool
    shared: bool


class AttestedView(BaseModel):
    """What attested a link first on a connection: the event (its id) of that kind at the platform's time `at`."""

    connection: str
    reason: str
    at: str
    event: str


class DecisionView(BaseModel):
    """What a person decided: the same person, apart (not the same), none (taken back), shared, or not shared."""

    id: str
    verdict: Literal["same", "apart", "none", "shared", "not shared"]
    by: str
    at: str
    why: str


class LinkView(BaseModel):
    """Why two of the customer's identifiers (`a` and `b`, their personas) are one person.

    `strength`, from the strongest: announced by a platform, decided by a person, held by a record or a platform's own
    id, only named together.
    """

    a: str
    b: str
    strength: Strength
    evidence: list[AttestedView]
    decision: DecisionView | None


class IdentifierEvidence(IdentifierView):
    """With what links it to the customer's other identifiers, and whether a person marked it as shared."""

    links: list[LinkView]
    mark: DecisionView | None


class CandidateView(BaseModel):
    """Somebody who may be the same person: `id` finds them. `through` is the customer's persona that leads there."""

    id: str
    through: str | None
    why: Doubt


class ConflictView(BaseModel):
    """Evidence between `a` (the customer's) and `b` (somebody else's) that does not count, and why."""

    a: str
    b: str
    why: Doubt


def identifiers(found: Customer) -> list[IdentifierView]:
    """What the customer is known by."""
    closed = _closed(found)
    return [_identifier(one, closed) for one in _ordered(found.personas)]


def identifiers_with_evidence(found: Customer) -> list[IdentifierEvidence]:
    """What the customer is known by, and why."""
    shown, marked = links(found), {item.pk: item for item in found.items if item.sk == "MARK"}
    return [
        IdentifierEvidence(
            **one.model_dump(),
            links=[link for link in shown if one.persona in (link.a, link.b)],
            mark=_mark(marked.get(f"P#{one.persona}")),
        )
        for one in identifiers(found)
    ]


def links(found: Customer) -> list[LinkView]:
    """The evidence inside the customer."""
    return [_link(one) for one in sorted(found.links, key=lambda one: (one.a, one.b))]


def conflicts(found: Customer) -> list[ConflictView]:
    """Evidence that does not count, for a person to decide."""
    return [ConflictView(a=one.a, b=one.b, why=_CLASHES[one.why]) for one in found.conflicts]


def candidates(found: Customer) -> list[CandidateView]:
    """Who may be the same person, and why."""
    clashing = {one.b: (one.a, _CLASHES[one.why]) for one in found.conflicts}
    near = _near(found.personas)
    return [_candidate(one, clashing, near) for one in found.candidates]


def _near(personas: Iterable[Persona]) -> dict[str, tuple[str, Doubt]]:
    """Each neighbour with the identifier through which it may be the same person, a shared one before any other."""
    near: dict[str, tuple[str, Doubt]] = {}
    for persona in personas:
        shared = persona.kept_apart
        past: Doubt = "held at another time" if persona.identifier.kind in SHAREABLE else "shared"
        for one in persona.neighbours:
            if one in shared:
                near[one] = (persona.id, "shared") if near.get(one, ("", past))[1] != "shared" else near[one]
            else:
                near.setdefault(one, (persona.id, past))
    return near


def decision(said: Mapping[str, Any]) -> DecisionView:
    """A decision as it is stored, about a pair or about one identifier."""
    verdict = said["verdict"] if "verdict" in said else "shared" if said["shared"] else "not shared"
    return DecisionView(verdict=verdict, **{name: said[name] for name in ("id", "by", "at", "why")})


def latest(decisions: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The decision that counts."""
    return max(decisions, key=lambda one: (one["at"], one["id"]), default=None)


def _ordered(personas: Iterable[Persona]) -> list[Persona]:
    return sorted(personas, key=lambda one: (one.identifier.kind, one.identifier.key))


def _identifier(one: Persona, closed: set[str]) -> IdentifierView:
    return IdentifierView(
        kind=one.identifier.kind,
        value=one.identifier.value,
        scope=one.identifier.scope,
        persona=one.id,
        periods=[
            PeriodView(since=since if since != START else None, until=_end(until)) for since, until in one.periods
        ],
        current=one.current,
        shared=bool(one.crowded) or one.id in closed,
    )


def _end(until: str) -> str | None:
    return None if until == END else until


def _closed(found: Customer) -> set[str]:
    """The personas that join nobody because they are our own side's, or a person said so."""
    marks = [item for item in found.items if item.sk == "MARK"]
    return {item.pk.removeprefix("P#") for item in marks if _joins_nobody(item)}


def _joins_nobody(mark: Item) -> bool:
    last = latest(mark.body.get("decisions", ()))
    return bool(mark.body.get("own") if last is None else last["shared"])


def _mark(item: Item | None) -> DecisionView | None:
    last = latest(item.body.get("decisions", ())) if item else None
    return decision(last) if last else None


def _link(one: Link) -> LinkView:
    said = latest(one.decision.history) if one.decision else None
    return LinkView(
        a=one.a,
        b=one.b,
        strength=_STRENGTH[one.strength],
        evidence=[AttestedView(**reason) for reason in one.reasons],
        decision=decision(said) if said else None,
    )


def _candidate(
    one: str, clashing: Mapping[str, tuple[str, Doubt]], near: Mapping[str, tuple[str, Doubt]]
) -> CandidateView:
    through, why = clashing.get(one) or near.get(one) or (None, "shared")
    return CandidateView(id=one, through=through, why=why)
