"""Who held a shared kind of identifier, and when: a phone number or mailbox is somebody's for a time.

Pure, and the same for any order of what is known. Holders that overlap in one slot (two contacts of one CRM, two chat
users of one portfolio) are two people who share the identifier: it joins neither, not before either. Holders that
follow each other each have it for their time; what lies before the first, or between two, is the next one's, for a
number is called from before anybody types it into a CRM.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from hub.domain.identity import END, MOST_HOLDERS, START, Slot

Moment = tuple[str, bool]  # a time; True: just before it


@dataclass(frozen=True, slots=True)
class Holder:
    """A neighbour of the identifier.

    With a `slot` it holds the identifier from `since` to `until`; without, it was attested with it at `moments`.
    `group` is the same for those known to be one person; a `shareable` one is of a kind
    that several may hold; `dead` is a record that its platform deleted.
    """

    persona: str
    kind: str
    group: str
    slot: Slot | None = None
    since: str = START
    until: str = END
    moments: tuple[Moment, ...] = ()
    shareable: bool = False
    dead: bool = False


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of time with the neighbours that the identifier joins in it, and those it keeps apart."""

    since: str
    until: str
    joined: frozenset[str]
    apart: frozenset[str]
    crowded: frozenset[str] = frozenset()


def segments(
    holders: Iterable[Holder],
    cuts: Iterable[str] = (),
    strangers: frozenset[frozenset[str]] = frozenset(),
    *,
    joins_nobody: bool = False,
) -> tuple[Segment, ...]:
    """The identifier's stretches of time in order, from START to END; at least one.

    `cuts` are times at which the identifier itself changed hands, as a platform announced; `strangers` are pairs of
    groups that are not one person, by a person's word or by their names.
    """
    everybody = list(holders)
    at = sorted(set(cuts))
    several = [one for one in everybody if one.slot is not None]
    living = [_cut(one, at) for one in several if not (one.dead and _rivalled(one, several))]
    stretched = [replace(one, since=_begin(one, living, at)) for one in living]
    bounds = sorted({START, *at, *(one.since for one in stretched), *(one.until for one in stretched)} - {END})
    ends = [*bounds[1:], END]
    active = [[one for one in stretched if one.since <= start < one.until] for start in bounds]
    crowded = _tainted(active, [_crowded(those) for those in active])
    outcast = _outcast(stretched, strangers)
    found = [_segment(*one, outcast) for one in zip(bounds, ends, active, crowded, strict=True)]
    whole = _with_moments(found, [one for one in everybody if one.slot is None])
    left_out = {one.persona for one in several} - {one.persona for one in living}
    return tuple(_closed(one, left_out, joins_nobody) for one in whole)


def place(found: Sequence[Segment], moment: Moment) -> int:
    """Which segment that moment lies in."""
    time, before = moment
    last = max(n for n, one in enumerate(found) if one.since <= time)
    return last - 1 if before and last and found[last].since == time else last


def _cut(one: Holder, cuts: Sequence[str]) -> Holder:
    later = [cut for cut in cuts if cut > one.since]
    return replace(one, until=min([one.until, *later]))


def _rivalled(one: Holder, others: Iterable[Holder]) -> bool:
    return any(o.slot == one.slot and o.group != one.group and not o.dead for o in others)


def _begin(one: Holder, others: Iterable[Holder], cuts: Sequence[str]) -> str:
    """Where somebody before gave it up, or the identifier changed hands; else the beginning of time."""
    ended = [o.until for o in others if o.group != one.group and o.until <= one.since]
    return max([START, *ended, *(cut for cut in cuts if cut <= one.since)])


def _crowded(active: Sequence[Holder]) -> frozenset[str]:
    """The kinds of which several people hold the identifier at once."""
    groups: dict[Slot | None, set[str]] = {}
    for one in active:
        groups.setdefault(one.slot, set()).add(one.group)
    kinds = frozenset(slot[0] for slot, those in groups.items() if slot and len(those) > 1)
    many = {kind for kind in {one.kind for one in active} if sum(o.kind == kind for o in active) > MOST_HOLDERS}
    return kinds | many


def _tainted(active: Sequence[Sequence[Holder]], crowded: Sequence[frozenset[str]]) -> list[frozenset[str]]:
    """What is shared later was shared already, as far back as one of the sharers held it."""
    known = list(crowded)
    for n in range(len(known) - 2, -1, -1):
        still = {one.kind for one in active[n] if any(o.persona == one.persona for o in active[n + 1])}
        known[n] |= known[n + 1] & still
    return known


def _outcast(holders: Sequence[Holder], strangers: frozenset[frozenset[str]]) -> frozenset[str]:
    """Of two who are not one and hold the identifier at once, neither can be told by it, but a living one by a dead."""
    pairs = [
        (a, b) for a in holders for b in holders if frozenset({a.group, b.group}) in strangers and b.dead <= a.dead
    ]
    return frozenset(a.persona for a, b in pairs if a.since < b.until and b.since < a.until)


def _segment(
    since: str, until: str, active: Sequence[Holder], crowded: frozenset[str], outcast: frozenset[str]
) -> Segment:
    here = frozenset(one.persona for one in active)
    apart = frozenset(one.persona for one in active if one.kind in crowded) | (here & outcast)
    return Segment(since, until, here - apart, apart, crowded)


def _with_moments(found: list[Segment], others: Sequence[Holder]) -> list[Segment]:
    """With what was named together: two mailboxes behind one number, or two numbers behind a mailbox, are two people's."""
    named: dict[int, set[Holder]] = {}
    for one in others:
        for n in {place(found, moment) for moment in one.moments}:
            named.setdefault(n, set()).add(one)
    for n, those in named.items():
        kinds = [one.kind for one in those if one.shareable]
        crowded = frozenset(kind for kind in kinds if kinds.count(kind) > 1)
        apart = frozenset(one.persona for one in those if one.shareable and one.kind in crowded)
        joined = frozenset(one.persona for one in those) - apart
        before = found[n]
        found[n] = replace(
            before, joined=before.joined | joined, apart=before.apart | apart, crowded=before.crowded | crowded
        )
    return found


def _closed(one: Segment, left_out: set[str], joins_nobody: bool) -> Segment:
    apart = one.apart | left_out
    return replace(one, joined=frozenset(), apart=apart | one.joined) if joins_nobody else replace(one, apart=apart)
