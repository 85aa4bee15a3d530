"""Which fields of which records are to be written: computed, noted in the ledger, or put off with the reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from hub.customer import Customer
from hub.delivery import Connection
from hub.directory import Directory
from hub.domain.events import Identifier, instant
from hub.domain.sync import Change
from hub.domain.told import told
from hub.doubts import Doubt, Doubts
from hub.errors import Conflict, Retry
from hub.fields import FieldMap
from hub.ports import Item
from hub.sync_state import SyncState
from hub.wiring import Hub
from sync_crm import ledger
from sync_crm.clients import Clients
from sync_crm.differences import Difference, differences
from sync_crm.outcomes import Outcomes

KINDS = frozenset({"contact", "lead", "company"})
COMPANIES = frozenset({"company"})
# Another worker needs a second or two; only one that has died leaves its note open for longer.
LOOK_AGAIN_S = 5
LOOPING = (
    "the field {field} of a {kind} was changed back {times} times within 10 minutes: an automation there rewrites what "
    "is written; let one of the two have the last word, then resume"
)


@dataclass(slots=True)
class Plan:
    """Fields to be written on one record; `at` is when it was noted in the ledger."""

    connection: Connection
    record: Item
    wanted: tuple[Difference, ...]
    at: str = ""

    @property
    def kind(self) -> str:
        """The record's kind."""
        return str(self.record.body["object"])

    @property
    def persona(self) -> str:
        """The record's persona."""
        return self.record.pk.removeprefix("P#")

    @property
    def change(self) -> Change:
        """What is sent."""
        version = self.record.body.get("version")
        values = {one.field: one.value for one in self.wanted}
        return Change(id=self.record.body["id"], fields=values, version=version[1] if version else None)


@dataclass(slots=True)
class Planner:
    """Plans one customer after the other; holds what it has read again in this invocation."""

    hub: Hub
    clients: Clients
    directory: Directory
    outcomes: Outcomes
    _looked: set[tuple[str, str]] = field(default_factory=set)
    _paused: dict[str, bool] = field(default_factory=dict)

    def plans(self, customer: Customer, targets: Sequence[Connection]) -> list[Plan]:
        """The differences of the customer's records, noted in the ledger.

        Raises Conflict where a record has changed meanwhile, Retry where another worker is at it.
        """
        chosen, doubts, plans = customer.fields, list[Doubt](), list[Plan]()
        for connection in targets:
            for record in _records(customer, connection):
                wanted = self._wanted(customer, connection, record, chosen, doubts)
                if wanted:
                    plans.append(Plan(connection, record, wanted))
        Doubts(self.hub.store).keep(customer, doubts, self._now())
        return [plan for plan in plans if self._noted(plan)]

    def put_off(self, plan: Plan) -> None:
        """Notes that the plan is still to be carried out, for the sweep."""
        SyncState(self.hub.store).postpone(plan.connection.id, plan.persona, self._now())

    def _wanted(
        self,
        customer: Customer,
        connection: Connection,
        record: Item,
        chosen: Mapping[str, Any],
        doubts: list[Doubt],
    ) -> tuple[Difference, ...]:
        kind = str(record.body["object"])
        fields = self.clients.map_of(connection, kind)
        if fields is None or kind not in self.clients.of(connection).writes:
            return ()
        here = self._local(chosen, connection, fields)
        found = differences(customer, here, record.body, fields, connection)
        doubts += found.doubts
        kept = []
        for one in found.wanted:
            doubt = _refused(one, record, connection) or _unmapped(one, fields, connection)
            if doubt is None:
                kept.append(one)
            else:
                doubts.append(doubt)
        return tuple(kept)

    def _local(self, chosen: Mapping[str, Any], connection: Connection, fields: FieldMap) -> Mapping[str, Any]:
        """The fields as they are called on the connection: a reference to a company there; owners only where asked."""
        local = dict(chosen)
        for name, rule in fields.rules.items():
            if rule.codec == "owner" and connection.settings.get("sync_owners") is not True:
                local.pop(name, None)
            elif rule.codec == "reference" and name in chosen:
                local.pop(name)
                claims = [said for one in chosen[name]["claims"] if (said := self._referred(one, connection))]
                if claims and claims[0]["source"] == chosen[name]["claims"][0]["source"]:
                    local[name] = {**chosen[name], "value": claims[0]["value"], "claims": claims}
        return local

    def _referred(self, claim: Mapping[str, Any], connection: Connection) -> Mapping[str, Any] | None:
        """The claim with the same company on the connection; None where there is none, or there are several."""
        origin = claim.get("of") or claim["source"]
        if claim["value"] is None or origin["connection"] == connection.id:
            return claim
        record = Identifier(kind="record", scope=origin["connection"], value=claim["value"])
        company = self.directory.customer(self.directory.persona_id(record))
        found = company.records_on(connection.id, COMPANIES) if company else []
        return {**claim, "value": f"company:{found[0]['id']}"} if len(found) == 1 else None

    def _noted(self, plan: Plan) -> bool:
        """Notes the plan; False where it must not be carried out now."""
        if self._stopped(plan):
            self.put_off(plan)
            return False
        if self._unseen(plan):
            self._look(plan)
        waits = self._in_flight(plan)
        if waits:
            raise Retry("another worker is writing to that record", min(int(waits) + 1, LOOK_AGAIN_S))
        if waits is not None:
            self._look(plan)  # whoever was at it has died: what became of it, the platform knows
        plan.at = ledger.time_of(plan.record, plan.wanted, self._now())
        plan.record = ledger.reserve(self.hub.store, plan.record, plan.wanted, plan.at)
        return True

    def _unseen(self, plan: Plan) -> bool:
        """Whether nobody knows what stands in a field that would be written over."""
        if (plan.record.pk, plan.connection.id) in self._looked:
            return False
        return any(told(_registers(plan.record, one.field)).held is None for one in plan.wanted)

    def _look(self, plan: Plan) -> NoReturn:
        """Reads the record; the differences are to be computed anew."""
        self._looked.add((plan.record.pk, plan.connection.id))
        self.outcomes.look(plan)
        raise Conflict("the record was read again")

    def _stopped(self, plan: Plan) -> bool:
        state, connection = SyncState(self.hub.store), plan.connection
        if connection.id not in self._paused:
            self._paused[connection.id] = state.paused(connection.id) is not None
        if self._paused[connection.id]:
            return True
        for one in plan.wanted:
            if ledger.loops(_registers(plan.record, one.field), self.hub.clock.now()):
                why = LOOPING.format(field=one.field, kind=plan.kind, times=ledger.MOST_FLIPS)
                state.pause(connection.id, why, self._now())
                self._paused[connection.id] = True
                self.hub.telemetry.count("sync.paused", platform=connection.platform)
        return self._paused[connection.id]

    def _in_flight(self, plan: Plan) -> float | None:
        """The longest that others may be at it; 0 where they died, None where nobody is."""
        if (plan.record.pk, plan.connection.id) in self._looked:
            return None
        now, found = self.hub.clock.now(), list[float]()
        for one in plan.wanted:
            waits = ledger.in_flight(_registers(plan.record, one.field), now)
            found += [] if waits is None else [waits]
        return max(found, default=None)

    def _now(self) -> str:
        return instant(round(self.hub.clock.now() * 1000))


def _records(customer: Customer, connection: Connection) -> list[Item]:
    """The customer's live records on the connection, of each kind the only one; of several none is written to."""
    live = {
        (one["object"], one["id"])
        for one in customer.records
        if one["connection"] == connection.id and one["object"] in KINDS and not one.get("deleted")
    }
    prefix = f"REC#{connection.id}#"
    items = [item for item in customer.items if item.sk.startswith(prefix)]
    found = [item for item in items if (item.body["object"], item.body["id"]) in live]
    kinds = [item.body["object"] for item in found]
    return [item for item in found if kinds.count(item.body["object"]) == 1]


def _registers(record: Item, name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = record.body["fields"].get(name, {})
    return found


def _refused(wanted: Difference, record: Item, connection: Connection) -> Doubt | None:
    """What the platform does not take is shown to people, with its reason."""
    reason = ledger.refused(_registers(record, wanted.field), wanted.value)
    return _told(wanted, f"refused: {reason}", connection) if reason is not None else None


def _unmapped(wanted: Difference, fields: FieldMap, connection: Connection) -> Doubt | None:
    """What cannot be said there, a word without a counterpart or a text where a number stands, is held and told.

    Owners are the client's to find: whom the platform does not know it refuses.
    """
    if wanted.value is None or fields.rules[wanted.field].codec == "owner":
        return None
    held = fields.held_back({wanted.field: wanted.value}, writing=True)
    return _told(wanted, f"held: {held[0].why}", connection) if held else None


def _told(wanted: Difference, why: str, connection: Connection) -> Doubt:
    return Doubt(wanted.field, why, ({**wanted.claim, "value": wanted.value, "refused_by": connection.id},))
