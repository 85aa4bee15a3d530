"""One worker's way through a connection's limits: small leases of units, taken and given back in the shared ledger."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hub.delivery import Connection
from hub.limits_headers import Seen, seen
from hub.limits_ledger import Ledger, State
from hub.limits_window import SLOT_MS, Rule
from hub.ports import Clock, Store

FRESH_MS = 1000  # for how long a worker goes by what it knows of the others
CROWDED_MS = 200
LONGEST_REQUEST_MS = 10_000  # hub.http.TOTAL_S


@dataclass(frozen=True, slots=True)
class Turn:
    """Whether a request may be made now (`wait_ms` 0), else after how long it may ask again, and why."""

    wait_ms: int = 0
    reason: str = ""


@dataclass(slots=True)
class Lease:
    """Units granted under the slice `number`, to be used until `until_ms` (Unix milliseconds)."""

    number: int
    units: int
    until_ms: int


@dataclass(slots=True)
class Gate:
    """Asks for one request after the other, on behalf of one worker."""

    connection: Connection
    title: str
    rules: tuple[Rule, ...]
    store: Store
    clock: Clock
    background: bool = False
    worker: str = field(default_factory=lambda: secrets.token_hex(4))
    _ledgers: dict[str, Ledger] = field(default_factory=dict)
    _leases: dict[str, Lease] = field(default_factory=dict)
    _unused: list[tuple[Rule, int, int]] = field(default_factory=list)
    _told: dict[str, Seen] = field(default_factory=dict)
    _batch: int = 1

    def ask(self, request: str) -> Turn:
        """Takes what a request (`METHOD path`) costs, from the lease or the ledger."""
        rules = self._rules_for(request)
        if not self._covered(rules):
            for scope in dict.fromkeys(["connection", *(rule.declared.scope for rule in rules)]):
                turn = self._take(scope, [rule for rule in rules if rule.declared.scope == scope])
                if turn.wait_ms:
                    return turn
        for rule in rules:
            self._leases[rule.name].units -= rule.units if rule.per_ms else 0
        return Turn()

    def answered(self, request: str, headers: Mapping[str, str], *, broken: bool = False, pause_s: int = 0) -> None:
        """Tells the others what concerns them: a pause that was asked for, a failure, the end of failures, no units."""
        own, now_ms = self._ledger("connection"), self._ledger("connection").now_ms()
        for rule in self._rules_for(request):
            if told := seen(rule, headers, now_ms):
                self._note(rule, told)
        was = own.state.breaker
        if broken or pause_s or was.fails or not was.closed:
            own.change(lambda state: self._judge(state, broken=broken, closed=now_ms + pause_s * 1000), None)

    def leave(self) -> None:
        """After a request: a place among the requests at one time is given up where others are near the limit."""
        for rule in self.rules:
            if not rule.per_ms and rule.name in self._leases:
                slots = self._ledger(rule.declared.scope).state.tally(rule).slots
                if len(slots) * 2 > rule.most:
                    self._end(rule)

    def give_back(self) -> None:
        """Gives everything back that was granted and not used."""
        for rule in self.rules:
            if not rule.per_ms and rule.name in self._leases:
                self._end(rule)
        self._drop_leases()
        for scope in {rule.declared.scope for rule, _number, _units in self._unused}:
            self._pay_back(scope)
        self._unused = []

    def _rules_for(self, request: str) -> list[Rule]:
        """Of several rules of one name, which share one budget, the first that holds."""
        found: dict[str, Rule] = {}
        for rule in self.rules:
            if rule.name not in found and rule.holds_for(request):
                found[rule.name] = rule
        return list(found.values())

    def _covered(self, rules: Sequence[Rule]) -> bool:
        """Whether the worker knows enough to go on without the table."""
        own = self._ledger("connection")
        now_ms = own.now_ms()
        if now_ms - own.seen_ms >= FRESH_MS or own.state.closed > now_ms or not own.state.breaker.closed:
            return False
        return all(self._holds(rule, now_ms) for rule in rules)

    def _holds(self, rule: Rule, now_ms: int) -> bool:
        lease = self._leases.get(rule.name)
        if lease is None:
            return False
        needed_ms = 0 if rule.per_ms else LONGEST_REQUEST_MS
        return lease.units >= rule.units and now_ms + needed_ms <= lease.until_ms

    def _take(self, scope: str, rules: Sequence[Rule]) -> Turn:
        ledger = self._ledger(scope)
        now_ms = ledger.now_ms()
        missing = [rule for rule in rules if not self._holds(rule, now_ms)]
        self._batch = self._next_batch(missing)
        for rule in missing:
            self._lay_aside(rule)
        granted: dict[str, Lease] = {}
        turn = ledger.change(lambda state: self._step(state, scope, missing, granted), Turn(CROWDED_MS, "many workers"))
        if not turn.wait_ms:
            self._leases |= granted
            self._unused = [one for one in self._unused if one[0].declared.scope != scope]
            self._told = {name: told for name, told in self._told.items() if name not in ledger.state.tallies}
        return turn

    def _step(self, state: State, scope: str, rules: Sequence[Rule], granted: dict[str, Lease]) -> tuple[Turn, bool]:
        now_ms = self._ledger(scope).now_ms()
        if turn := self._shut(state, now_ms):
            return turn, False
        self._return(state, scope)
        for rule in self.rules:
            if rule.declared.scope == scope:
                self._refresh(state, rule, now_ms)
        refused = self._refused(state, rules, 1, now_ms)
        if refused:
            return refused, self.background and self._wanted(state, rules, refused.wait_ms, now_ms)
        probing, state.breaker = not state.breaker.closed, state.breaker.probing(now_ms)
        batch = 1 if probing or self._refused(state, rules, self._batch, now_ms) else self._batch
        for rule in rules:
            granted[rule.name] = self._granted(state, rule, batch, now_ms)
        return Turn(), bool(rules) or probing

    def _shut(self, state: State, now_ms: int) -> Turn | None:
        if state.closed > now_ms:
            return Turn(state.closed - now_ms, f"{self.title} asked for a pause")
        if wait_ms := state.breaker.wait_ms(now_ms):
            return Turn(wait_ms, f"{self.title} fails at present; it is asked again from time to time")
        return None

    def _refresh(self, state: State, rule: Rule, now_ms: int) -> None:
        tally = state.tally(rule)
        tally.forget(rule, now_ms)
        told = self._told.get(rule.name)
        if told and told.until_ms > now_ms:
            tally.left, tally.left_until = told.left, told.until_ms

    def _refused(self, state: State, rules: Sequence[Rule], requests: int, now_ms: int) -> Turn | None:
        waits = [
            (
                state.tally(rule).wait_ms(rule, requests * rule.units, self.worker, now_ms, background=self.background),
                rule,
            )
            for rule in rules
        ]
        wait_ms, rule = max(waits, key=lambda one: one[0], default=(0, None))
        return Turn(wait_ms, f"the limit {rule.name} of {self.title} is used up") if wait_ms and rule else None

    def _wanted(self, state: State, rules: Sequence[Rule], wait_ms: int, now_ms: int) -> bool:
        news = [state.tally(rule).want(rule, wait_ms, now_ms) for rule in rules]
        return any(news)

    def _granted(self, state: State, rule: Rule, requests: int, now_ms: int) -> Lease:
        units = requests * rule.units
        number = state.tally(rule).grant(rule, units, self.worker, now_ms, background=self.background)
        return Lease(number, units, now_ms + (rule.life_ms if rule.per_ms else SLOT_MS))

    def _next_batch(self, missing: Sequence[Rule]) -> int:
        """Twice as many as last time where all of those were used, else one."""
        leases = [(rule, self._leases.get(rule.name)) for rule in missing if rule.per_ms]
        used_up = leases and all(lease and lease.units < rule.units for rule, lease in leases)
        most = min((rule.most_at_once for rule in missing if rule.per_ms), default=1)
        return min(self._batch * 2 if used_up else 1, most)

    def _lay_aside(self, rule: Rule) -> None:
        lease = self._leases.pop(rule.name, None)
        if lease and rule.per_ms and lease.units:
            self._unused.append((rule, lease.number, lease.units))

    def _drop_leases(self) -> None:
        for rule in self.rules:
            self._lay_aside(rule)

    def _return(self, state: State, scope: str) -> None:
        for rule, number, units in self._unused:
            if rule.declared.scope == scope:
                state.tally(rule).give_back(number, units)

    def _pay_back(self, scope: str) -> None:
        def step(state: State) -> tuple[None, bool]:
            self._return(state, scope)
            return None, True

        self._ledger(scope).change(step, None)

    def _end(self, rule: Rule) -> None:
        def step(state: State) -> tuple[None, bool]:
            return None, state.tally(rule).slots.pop(self.worker, None) is not None

        self._ledger(rule.declared.scope).change(step, None)
        del self._leases[rule.name]

    def _judge(self, state: State, *, broken: bool, closed: int) -> tuple[None, bool]:
        before = (state.closed, state.breaker)
        state.closed = max(state.closed, closed)
        now_ms = self._ledger("connection").now_ms()
        state.breaker = state.breaker.failed(now_ms) if broken else state.breaker.succeeded()
        return None, (state.closed, state.breaker) != before

    def _note(self, rule: Rule, told: Seen) -> None:
        """Remembers what the platform says where it is less than we think; the others hear of the end at once."""
        ledger = self._ledger(rule.declared.scope)
        free = rule.most - sum(ledger.state.tally(rule).slices.values())
        if told.left >= free:
            return
        self._told[rule.name] = told
        if told.left < rule.units:
            self._lay_aside(rule)
            self._announce(rule, ledger)

    def _announce(self, rule: Rule, ledger: Ledger) -> None:
        def step(state: State) -> tuple[None, bool]:
            self._refresh(state, rule, ledger.now_ms())
            return None, True

        ledger.change(step, None)

    def _ledger(self, scope: str) -> Ledger:
        name = f"platform#{self.connection.platform}" if scope == "platform" else self.connection.id
        return self._ledgers.setdefault(scope, Ledger(self.store, self.clock, f"LIMIT#{name}"))
