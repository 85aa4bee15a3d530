"""What people decide about who is who: remembered for ever, taken back at any time.

| item | pk | sk | body |
|---|---|---|---|
| about a pair (stored from both sides, in one transaction) | `P#<persona>` | `PAIR#<persona>` | decisions: id, verdict, by, at, why |
| about an identifier | `P#<persona>` | `MARK` | own, decisions: id, shared, by, at, why |

The latest decision about a pair counts, by its time and then its id. No data moves: the decision is evidence like any
other, read when the customer is read, so taking it back leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from hub.customer import Customer
from hub.directory import Directory
from hub.errors import Conflict, Reject, Retry
from hub.folding import fold
from hub.linked import Verdict
from hub.ports import Item

ATTEMPTS = 8
MOST_DECISIONS = 100  # about one pair; nobody changes their mind that often


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decided when and why; `id` makes repeating it change nothing; `at` is RFC 3339 UTC with milliseconds."""

    id: str
    by: str
    at: str
    why: str

    def said(self, **what: Any) -> dict[str, Any]:
        """The decision as it is stored."""
        return {"id": self.id, **what, "by": self.by, "at": self.at, "why": self.why}


class Decisions:
    """Writes decisions; every write is conditional and safe to repeat."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._store = directory.store

    def decide(self, a: str, b: str, verdict: Verdict, decision: Decision) -> None:
        """Remembers that personas `a` and `b` are the same, are not, or that nobody knows (any more).

        Raises Reject where they are one persona or one of them does not exist, Retry when crowded.
        """
        if a == b or not (self._exists(a) and self._exists(b)):
            raise Reject("a decision is about two identifiers that are known")
        said = decision.said(verdict=verdict)
        for _ in range(ATTEMPTS):
            before = [self._pair(a, b), self._pair(b, a)]
            after = [_with(item, said) for item in before]
            if after == before:
                return
            try:
                self._store.put_all(after)
            except Conflict:
                continue
            return
        raise Retry("two people decided about one customer at once")

    def mark(self, persona: str, *, shared: bool, decision: Decision) -> None:
        """Remembers that an identifier is shared, so that it joins nobody, or that it is not."""
        if not self._exists(persona):
            raise Reject("a decision is about an identifier that is known")
        fold(self._store, f"P#{persona}", "MARK", lambda item: _with(item, decision.said(shared=shared)))

    def undoing(self, customer: Customer, a: str, b: str) -> list[tuple[str, str]]:
        """The decided pairs without which personas `a` and `b` of the customer are apart; none where evidence joins them.

        One pair where one is enough, the latest of those; else no pair more than is needed, the earlier ones kept.
        """
        same = [link for link in customer.links if link.decision and link.decision.verdict == "same"]
        latest = sorted(same, key=lambda one: (one.decision.at if one.decision else "", one.a, one.b), reverse=True)
        pairs = [(one.a, one.b) for one in latest]
        alone = next(([pair] for pair in pairs if self._apart_without([pair], a, b)), [])
        return alone or (self._least(pairs, a, b) if pairs and self._apart_without(pairs, a, b) else [])

    def _least(self, pairs: list[tuple[str, str]], a: str, b: str) -> list[tuple[str, str]]:
        needed = list(pairs)
        for pair in reversed(pairs):
            others = [one for one in needed if one != pair]
            if self._apart_without(others, a, b):
                needed = others
        return needed

    def _apart_without(self, pairs: list[tuple[str, str]], a: str, b: str) -> bool:
        without = self._directory.supposing({frozenset(pair): "none" for pair in pairs})
        found = without.customer(a)
        return found is not None and not found.has(b)

    def _exists(self, persona: str) -> bool:
        return self._store.get(f"P#{persona}", "NODE") is not None

    def _pair(self, persona: str, other: str) -> Item:
        pk, sk = f"P#{persona}", f"PAIR#{other}"
        return self._store.get(pk, sk) or Item(pk, sk)


def _with(item: Item, said: Mapping[str, Any]) -> Item:
    known = list(item.body.get("decisions", ()))
    if any(one["id"] == said["id"] for one in known):
        return item
    kept = sorted([*known, said], key=lambda one: (one["at"], one["id"]))[-MOST_DECISIONS:]
    return replace(item, body={**item.body, "decisions": kept})
