"""The shared state of a connection's limits: one item, changed by conditional writes, so that all workers count together.

| item | pk | sk | body |
|---|---|---|---|
| limits of a connection, or of a platform for all its connections | `LIMIT#<connection>`, `LIMIT#platform#<platform>` | `LIMIT` | rules: name -> use (`hub.limits_window`), closed, breaker |

It lies in the connections table, which has no stream: counting wakes nobody. A worker that is alone writes without
reading, because it knows the version that it wrote last.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from hub.breaker import Breaker
from hub.errors import Conflict
from hub.limits_window import Rule, Tally
from hub.ports import Clock, Item, Store

LIMIT = "LIMIT"
ATTEMPTS = 8
KEPT_S = 2 * 86_400  # longer than the longest window
T = TypeVar("T")


@dataclass(slots=True)
class State:
    """What the item says: `tallies` by rule, nobody asks before `closed` (Unix milliseconds), and the breaker."""

    tallies: dict[str, Tally] = field(default_factory=dict)
    closed: int = 0
    breaker: Breaker = field(default_factory=Breaker)

    @classmethod
    def of(cls, body: Any) -> State:
        """From the item's body."""
        tallies = {str(name): Tally.of(one) for name, one in body.get("rules", {}).items()}
        return cls(tallies, int(body.get("closed", 0)), Breaker.of(body.get("breaker", {})))

    def body(self) -> dict[str, Any]:
        """The item's body."""
        rules = {name: body for name, tally in self.tallies.items() if (body := tally.body())}
        return {"rules": rules, "closed": self.closed, "breaker": self.breaker.body()}

    def tally(self, rule: Rule) -> Tally:
        """The rule's use, made where there was none."""
        return self.tallies.setdefault(rule.name, Tally())


@dataclass(slots=True)
class Ledger:
    """The item `key` as one worker knows it; `state` is as of `seen_ms` (Unix milliseconds, 0: never)."""

    store: Store
    clock: Clock
    key: str
    state: State = field(default_factory=State)
    seen_ms: int = 0
    _item: Item | None = None

    def now_ms(self) -> int:
        """Unix milliseconds."""
        return int(self.clock.now() * 1000)

    def look(self) -> State:
        """The state as it is now; one read."""
        item = self.store.get(self.key, LIMIT) or Item(self.key, LIMIT)
        self._know(item)
        return self.state

    def change(self, step: Callable[[State], tuple[T, bool]], crowded: T) -> T:
        """Brings a step's change into the item and returns what it says; `crowded` where too many others wrote.

        `step` changes the state that it is given and says whether that is worth a write; on what was not just read,
        only a write is trusted.
        """
        certain = self._item is None
        for _attempt in range(ATTEMPTS):
            if certain:
                self.look()
            item = self._item or Item(self.key, LIMIT)
            state = State.of(item.body)
            said, worth = step(state)
            if not worth and certain:
                return said
            if worth and self._written(item, state):
                return said
            certain = True
        return crowded

    def _written(self, item: Item, state: State) -> bool:
        changed = replace(item, body=state.body(), expires_at=int(self.clock.now()) + KEPT_S)
        try:
            self.store.put(changed)
        except Conflict:
            return False
        self._know(replace(changed, version=item.version + 1))
        return True

    def _know(self, item: Item) -> None:
        self._item, self.state, self.seen_ms = item, State.of(item.body), self.now_ms()
