"""What changed of a customer, told to the CRMs that are written to: the differences of each record, in batches.

For every customer of the invocation the differences are planned (sync_crm.planning), sent in the platform's batch form,
and read back (sync_crm.outcomes). What turns out to have changed meanwhile is planned anew, a few times.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from hub.delivery import Connection
from hub.directory import Directory
from hub.errors import Conflict, Reject, Retry
from hub.sync_state import BOTH
from sync_crm.clients import Clients
from sync_crm.outcomes import Outcomes
from sync_crm.planning import Plan, Planner

ROUNDS = 5
# What is put off for longer than this is noted as due and taken up by the sweep, so that no message grows old.
LONGEST_WAIT_S = 900
Failure = Retry | Conflict | Reject


@dataclass(slots=True)
class Spreader:
    """Settles customers; one for each invocation, whose `personas` are settled together."""

    clients: Clients
    directory: Directory
    planner: Planner
    outcomes: Outcomes
    personas: Sequence[str]
    _failed: dict[str, Failure] = field(default_factory=dict)
    _done: set[str] = field(default_factory=set)

    def settle(self, persona: str) -> None:
        """Writes what differs of the persona's customer; raises Retry, Conflict or Reject where that failed."""
        targets = [one for one in self.clients.connections() if one.settings.get("sync") == BOTH]
        waiting = [one for one in dict.fromkeys([persona, *self.personas]) if one not in self._done]
        self._done.update(waiting)
        if targets:
            self._settle(waiting, targets)
        if persona in self._failed:
            raise self._failed.pop(persona)

    def _settle(self, personas: Sequence[str], targets: Sequence[Connection]) -> None:
        waiting = list(personas)
        for _ in range(ROUNDS):
            plans, again = self._plans(waiting, targets)
            again |= self._send_all(plans)
            waiting = [one for one in waiting if one in again and one not in self._failed]
            if not waiting:
                return
        for persona in waiting:
            self._failed[persona] = Retry("the record changed faster than it could be written")

    def _plans(self, personas: Iterable[str], targets: Sequence[Connection]) -> tuple[dict[str, list[Plan]], set[str]]:
        """The plans by persona, one persona for each customer; and for whom they must be made anew."""
        plans: dict[str, list[Plan]] = {}
        again, seen = set[str](), set[str]()
        for persona in personas:
            customer = self.directory.customer(persona)
            if customer is None or customer.id in seen:
                continue
            seen.add(customer.id)
            try:
                plans[persona] = self.planner.plans(customer, targets)
            except Conflict:
                again.add(persona)
            except (Retry, Reject) as error:
                self._failed[persona] = error
        return plans, again

    def _send_all(self, plans: Mapping[str, Sequence[Plan]]) -> set[str]:
        """For whom plans must be made anew."""
        groups: dict[tuple[str, str], list[tuple[str, Plan]]] = {}
        for persona, found in plans.items():
            for plan in found:
                groups.setdefault((plan.connection.id, plan.kind), []).append((persona, plan))
        return {persona for group in groups.values() for persona in self._send(group)}

    def _send(self, group: Sequence[tuple[str, Plan]]) -> set[str]:
        plans = [plan for _, plan in group]
        connection, kind = plans[0].connection, plans[0].kind
        try:
            answers = self.clients.of(connection).write(kind, [plan.change for plan in plans])
            anew = self.outcomes.take(connection, kind, list(zip(plans, answers, strict=True)))
        except (Retry, Conflict, Reject) as error:
            self._put_off(group, error)
            return set()
        return {persona for (persona, _), plan_anew in zip(group, anew, strict=True) if plan_anew}

    def _put_off(self, group: Sequence[tuple[str, Plan]], error: Failure) -> None:
        for persona, plan in group:
            if getattr(error, "after_s", 0) > LONGEST_WAIT_S:
                self.planner.put_off(plan)
            else:
                self._failed[persona] = error
