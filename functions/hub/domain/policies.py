"""Which of several claims wins, and why: the criteria of the field's policy (hub.domain.criteria) in order.

Every claim is explained by a rule `{"word", "sentence"}`: the word for machines, the sentence for people. A sentence
names platforms and times, never a value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hub.domain.criteria import (
    FILL_EMPTY_OBJECTS,
    PREFERENCES,
    TIE,
    Claim,
    Criterion,
    Policy,
    criteria_of,
)

# Several claims may agree with the best one: who said it of the field itself, and first, is the source then.
_AGREES = {"word": "agrees", "sentence": "The same is said here."}
_ONLY = {"word": "only", "sentence": "Nobody else says anything about it."}


@dataclass(frozen=True, slots=True)
class Decided:
    """The winner, all claims with it first and each with its `rule`, and the values where they add up."""

    winner: Claim
    claims: tuple[Claim, ...]
    values: tuple[str, ...] | None


def decide(policy: Policy, claims: Sequence[Claim]) -> Decided:
    """The decision about one field; `claims` are not empty."""
    ordered = _ordered(policy, claims)
    best = ordered[0]
    winner = min(_agreeing(policy, ordered) or [best], key=lambda one: (one["precision"] != "field", one["at"]))
    won = {**winner, "rule": _why_won(policy, winner, ordered)}
    lost = [{**one, "rule": _why_lost(policy, one, best)} for one in ordered if one is not winner]
    return Decided(won, (won, *lost), _values(policy, ordered))


def _ordered(policy: Policy, claims: Sequence[Claim]) -> list[Claim]:
    """The best first, each once."""
    criteria = criteria_of(policy)
    ordered = sorted(claims, key=lambda one: [criterion.of(policy, one) for criterion in criteria], reverse=True)
    return [one for place, one in enumerate(ordered) if place == 0 or one != ordered[place - 1]]


def _agreeing(policy: Policy, ordered: Sequence[Claim]) -> list[Claim]:
    """The claims of the best one's value that this policy prefers as much; a chat profile is nobody's witness."""
    best, wanted = ordered[0], PREFERENCES[policy.word]
    return [
        one
        for one in ordered
        if one["value"] == best["value"]
        and one["source"]["object"] not in FILL_EMPTY_OBJECTS
        and all(criterion.of(policy, one) == criterion.of(policy, best) for criterion in wanted)
    ]


def _why_won(policy: Policy, winner: Claim, ordered: Sequence[Claim]) -> dict[str, str]:
    best = ordered[0]
    rival = next((one for one in ordered if one["value"] != best["value"]), None)
    if rival is None:
        return _agreed(winner) if len(ordered) > 1 else _ONLY
    told = _first_difference(policy, best, rival)
    also = "" if winner is best else f" {winner['source']['platform']} was the first to say so, at {_time(winner)}."
    return {"word": told.word, "sentence": _filled_in(told.won, best) + also}


def _agreed(winner: Claim) -> dict[str, str]:
    platform = winner["source"]["platform"]
    return {"word": "agreed", "sentence": f"All say the same; {platform} is the source, since {_time(winner)}."}


def _why_lost(policy: Policy, claim: Claim, best: Claim) -> dict[str, str]:
    if claim["value"] == best["value"]:
        return _AGREES
    told = _first_difference(policy, best, claim)
    return {"word": told.word, "sentence": _filled_in(told.lost, best)}


def _first_difference(policy: Policy, best: Claim, other: Claim) -> Criterion:
    return next((one for one in criteria_of(policy) if one.of(policy, best) != one.of(policy, other)), TIE)


def _filled_in(sentence: str, best: Claim) -> str:
    first = best.get("first", best["at"]) or "an unknown time"
    return sentence.format(platform=best["source"]["platform"], at=_time(best), first=first)


def _time(claim: Claim) -> str:
    return str(claim["at"] or "an unknown time")


def _values(policy: Policy, ordered: Sequence[Claim]) -> tuple[str, ...] | None:
    """All there are where they add up: the best first, or in the order in which they were said last."""
    if policy.word not in ("union", "append"):
        return None
    said = [one for one in ordered if one["value"]]
    if policy.word == "append":
        said = sorted(said, key=lambda one: (one["at"], one["value"]))
    return tuple(dict.fromkeys(one["value"] for one in said))
