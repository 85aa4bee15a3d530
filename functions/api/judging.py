"""Whether a decision can be taken, and what there would be then; every refusal says what to do instead."""

from __future__ import annotations

from collections.abc import Sequence

from api.decided import Pair, kept_apart
from api.problems import Problem, unusable
from hub.customer import Customer
from hub.decisions import Decisions
from hub.directory import Directory
from hub.domain.identity import MAX_PERSONAS, PASSING
from hub.evidence_view import latest
from hub.linked import Verdict


def joined(known: Directory, mine: Customer, theirs: Customer) -> Customer:
    """The customer that the two would be; Problem 409 where they cannot be one, or are."""
    if mine.has(theirs.anchor) or theirs.has(mine.anchor):
        raise Problem(409, "These two are one customer already: there is nothing to merge.")
    if kept_apart(mine, theirs):
        raise Problem(409, "A person said that these two are not the same: forget that first, then merge them.")
    if _is_name(mine) or _is_name(theirs):
        raise Problem(409, "A username may be somebody else's tomorrow: merge the customer who has it now.")
    after = known.supposing({frozenset({mine.anchor, theirs.anchor}): "same"}).customer(mine.anchor)
    if after is None or not all(after.has(one.id) for one in (*mine.personas, *theirs.personas)):
        raise _not_joinable(mine, theirs)
    return after


def _is_name(found: Customer) -> bool:
    return all(one.identifier.kind in PASSING for one in found.personas)


def _not_joinable(mine: Customer, theirs: Customer) -> Problem:
    if len(mine.personas) + len(theirs.personas) > MAX_PERSONAS:
        return Problem(
            409,
            f"Together they would have more than {MAX_PERSONAS} identifiers: mark the ones that several people hold as "
            "shared, or correct the records that hold them, then merge.",
        )
    return Problem(409, "The merge would part identifiers that are together now: look at the conflicts first.")


def taking_back(known: Directory, found: Customer, one: str, other: str) -> list[Pair]:
    """The merges that join two personas of the customer; Problem 409 where none does."""
    if one == other:
        raise unusable("from", "Give an id that belonged to the other side before the merge.")
    pairs = Decisions(known).undoing(found, one, other) if found.has(other) else []
    pairs = pairs or _in_force(found, other)
    if not pairs and not found.has(other):
        raise Problem(409, "These are two customers already: there is nothing to take back.")
    if not pairs:
        raise Problem(
            409,
            "No merge by a person joins these two: evidence does. If it is wrong, say that they are not the same "
            "(not-the-same), or mark the identifier that several people hold as shared.",
        )
    return pairs


def _in_force(found: Customer, other: str) -> list[Pair]:
    """The merges with that very persona: taken back also where evidence says the same, or something stands against them."""
    said = [(item, item.sk.removeprefix("PAIR#")) for item in found.items if item.sk.startswith("PAIR#")]
    pairs = {(item.pk.removeprefix("P#"), one): latest(item.body["decisions"]) for item, one in said}
    standing = [pair for pair, last in pairs.items() if last and last["verdict"] == "same" and other in pair]
    return sorted({(min(pair), max(pair)) for pair in standing})


def keeping_apart(known: Directory, mine: Customer, theirs: Customer, ids: Pair) -> Pair:
    """The pair to keep apart; Problem 409 where a person joined the two, or said before that they are not the same."""
    one, other = ids
    if not mine.has(other):
        if kept_apart(mine, theirs):
            raise Problem(409, "A person has said already that these two are not the same.")
        return mine.anchor, theirs.anchor
    if one == other:
        raise unusable("as", "Give an id of somebody else.")
    if Decisions(known).undoing(mine, one, other):
        raise Problem(409, "A person merged these two: take that back first (unmerge), then keep them apart.")
    return one, other


def forgettable(pairs: Sequence[Pair]) -> list[Pair]:
    """The pairs of which a person said that they are not the same; Problem 409 where there are none."""
    if not pairs:
        raise Problem(409, "Nobody says that these two are not the same: there is nothing to forget.")
    return list(pairs)


def parted(known: Directory, pairs: Sequence[Pair], verdict: Verdict, ids: Pair) -> tuple[Customer, Customer]:
    """The two customers that there would be; Problem 409 where keeping apart would not part them.

    A merge can always be taken back: what evidence joins as well stays one customer.
    """
    supposed = known.supposing({frozenset(pair): verdict for pair in pairs})
    one, other = (supposed.customer(persona) for persona in ids)
    if one is None or other is None or (verdict == "apart" and one.has(other.anchor)):
        raise Problem(409, "This would not part them: say which of their identifiers are not the same person's.")
    return one, other
