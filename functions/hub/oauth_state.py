"""Who fetches a connection's tokens now, and whether they are dead: one item, so that of many workers one asks.

| item | pk | sk | body |
|---|---|---|---|
| tokens of a connection (no secret is in it) | `AUTH#<connection>` | `AUTH` | generation, holder, until, flight, state, reason, since, announced |

Whoever changes the connection's secret holds the lease, because a secret is read, changed and written as a whole.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal

from hub.errors import Conflict, Retry
from hub.folding import fold
from hub.ports import Clock, Item, Store

AUTH = "AUTH"
LEASE_S = 30  # longer than one request for a token and the secret's writing
REFUSED_S = 3600
OPERATOR_S = 900
PATIENCE_S, POLL_S = 5.0, 0.25


@dataclass(frozen=True, slots=True)
class State:
    """`generation` counts the tokens; `holder` may change them until `until` (Unix seconds).

    `flight`: the holder's request for tokens may have been answered, and they are not kept yet. `state` needs_reauth:
    nobody asks until a person has acted; refused: the platform refused a token that should be good, at `since`.
    """

    generation: int = 0
    holder: str = ""
    until: int = 0
    flight: bool = False
    state: Literal["ok", "refused", "needs_reauth"] = "ok"
    reason: str = ""
    since: int = 0
    announced: int = 0

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> State:
        """From the item's body."""
        return cls(**{one.name: body[one.name] for one in fields(cls) if one.name in body})

    def shown(self, now: float) -> State:
        """What people are shown: a refusal is news for an hour."""
        over = self.state == "refused" and self.since + REFUSED_S < now
        return replace(self, state="ok", reason="") if over else self


@dataclass(slots=True)
class Lease:
    """One connection's item, as one worker changes it."""

    store: Store
    clock: Clock
    connection_id: str
    worker: str = field(default_factory=lambda: secrets.token_hex(8))

    def read(self) -> State:
        """The state now; one read."""
        item = self.store.get(f"{AUTH}#{self.connection_id}", AUTH)
        return State.of(item.body if item else {})

    def claim(self, *, by_person: bool = False) -> State | None:
        """Makes this worker the holder and returns the state before, None while another one is.

        Retry where a person must act first, unless it is a person who claims.
        """
        pk, now = f"{AUTH}#{self.connection_id}", int(self.clock.now())
        item = self.store.get(pk, AUTH) or Item(pk, AUTH)
        before = State.of(item.body)
        if before.state == "needs_reauth" and not by_person:
            raise Retry(before.reason, OPERATOR_S)
        if before.holder and before.until > now:
            return None
        claimed = replace(before, holder=self.worker, until=now + LEASE_S)
        try:
            self.store.put(replace(item, body=asdict(claimed)))
        except Conflict:
            return None
        return before

    def settle(self, step: Callable[[State], State] = lambda state: state) -> State:
        """Brings a change in and gives the lease up, if it is still this worker's."""

        def release(state: State) -> State:
            changed = step(state)
            return replace(changed, holder="", until=0) if state.holder == self.worker else changed

        return self.change(release)

    def change(self, step: Callable[[State], State]) -> State:
        """Brings a change in, whoever holds the lease."""
        item = fold(
            self.store,
            f"{AUTH}#{self.connection_id}",
            AUTH,
            lambda item: replace(item, body=asdict(step(State.of(item.body)))),
        )
        return State.of(item.body)

    @contextmanager
    def held(self) -> Iterator[None]:
        """While a person changes the connection's secret; Retry where a worker fetches tokens for too long.

        What they enter may mend what was dead: it is tried again.
        """
        ends = self.clock.now() + PATIENCE_S
        while self.claim(by_person=True) is None:
            if self.clock.now() >= ends:
                raise Retry("the connection's token is being renewed at this moment", 2)
            self.clock.sleep(POLL_S)
        try:
            yield
        except BaseException:
            self.settle()
            raise
        self.settle(mended)


def mended(state: State) -> State:
    """After new tokens or secrets came: as if nothing had been, and known to be new."""
    return replace(state, generation=state.generation + 1, state="ok", reason="", since=0, flight=False)


def landed(state: State) -> State:
    """After the platform answered without giving tokens: nothing is on its way."""
    return replace(state, flight=False)


def dead(reason: str, now: float) -> Callable[[State], State]:
    """After the platform said that it will give no more tokens."""
    return lambda state: replace(state, state="needs_reauth", reason=reason, since=int(now), flight=False)


def refused(reason: str, now: float) -> Callable[[State], State]:
    """After the platform refused a token that should be good; what is dead stays dead."""

    def step(state: State) -> State:
        if state.state == "needs_reauth":
            return state
        return replace(state, state="refused", reason=reason, since=int(now))

    return step
