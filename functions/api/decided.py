"""Decisions of people about who is who: written down, found again, told on the timeline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from api.exchange import Work
from hub.customer import Customer
from hub.decisions import Decision, Decisions
from hub.directory import Directory
from hub.domain.events import instant, unix_ms
from hub.domain.identity import RANK
from hub.evidence_view import latest
from hub.linked import Verdict
from hub.ports import Item
from hub.timeline_store import Filing, TimelineStore

Why = Annotated[str, Field(min_length=1, max_length=500, description="For whoever asks later.")]
Pair = tuple[str, str]  # personas
OURS = "renkei"


@dataclass(frozen=True, slots=True)
class About:
    """What people decided about a pair of personas (`other` is "" for one about `persona` alone)."""

    persona: str
    other: str
    history: tuple[Mapping[str, Any], ...]

    @property
    def in_force(self) -> Mapping[str, Any] | None:
        """The decision that counts."""
        return latest(self.history)


def decisions_of(found: Customer) -> Iterator[About]:
    """What people decided about the customer's personas, in force or not; of a pair inside, one of its two sides."""
    for item in found.items:
        persona, other = item.pk.removeprefix("P#"), item.sk.removeprefix("PAIR#")
        history = tuple(item.body.get("decisions", ()))
        if item.sk == "MARK" and history:
            yield About(persona, "", history)
        elif item.sk.startswith("PAIR#") and not (found.has(other) and other < persona):
            yield About(persona, other, history)


def kept_apart(one: Customer, other: Customer) -> list[Pair]:
    """The pairs between the two of which a person said that they are not the same."""
    return [pair for about in decisions_of(one) if (pair := _apart(about)) and other.has(pair[1])]


def _apart(about: About) -> Pair | None:
    last = about.in_force
    return (about.persona, about.other) if last and last.get("verdict") == "apart" else None


def written_by(work: Work, customers: Iterable[Customer]) -> list[Pair]:
    """The pairs that this very work has decided already: it was begun before, and is done again."""
    known = (about for found in customers for about in decisions_of(found) if about.other)
    pairs = [(one.persona, one.other) for one in known if any(said["id"] == work.id for said in one.history)]
    return list({frozenset(pair): pair for pair in pairs}.values())


def decide(known: Directory, pair: Pair, verdict: Verdict, work: Work, why: str) -> Decision:
    """Writes the decision down, later than every other about the pair; idempotent by the work's id."""
    decision = _later(work, why, known.store.get(f"P#{pair[0]}", f"PAIR#{pair[1]}"))
    Decisions(known).decide(*pair, verdict, decision)
    return decision


def mark(known: Directory, persona: str, shared: bool, work: Work, why: str) -> Decision:
    """The same about one identifier."""
    decision = _later(work, why, known.store.get(f"P#{persona}", "MARK"))
    Decisions(known).mark(persona, shared=shared, decision=decision)
    return decision


def tell(known: Directory, found: Customer, said: Mapping[str, Any], decision: Decision) -> None:
    """Puts the decision on the timeline of the customer; `said` is `{"verdict", "with"}`. Safe to repeat."""
    anchor = next(one for one in found.personas if one.id == found.anchor)
    data = {**said, "decision": decision.id, "by": decision.by, "why": decision.why}
    fact = {
        "type": "customer.decided",
        "at": decision.at,
        "timequality": "platform",
        "data": data,
        "raw": "",
        "received": decision.at,
    }
    event = {"id": decision.id, "connection": OURS, "platform": OURS}
    filing = Filing(anchor.id, RANK[anchor.identifier.kind])
    entry = known.hashed(f"decision\n{decision.id}")
    TimelineStore(known.store).record(entry, "merge", event, fact, filing, fresh=True)


def _later(work: Work, why: str, item: Item | None) -> Decision:
    """The work as a decision: at its own time, or a moment after the last one of a faster clock."""
    history = item.body.get("decisions", ()) if item else ()
    own = next((one["at"] for one in history if one["id"] == work.id), None)
    last = latest(history)
    if own or not last or last["at"] < work.at:
        return work.decision(why, own)
    return work.decision(why, instant(unix_ms(last["at"]) + 1))
