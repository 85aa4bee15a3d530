"""What became of what was written: read back and kept as what the platform holds, refused, gone, or to be done anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from hub.delivery import Connection
from hub.domain.events import RecordChangedData, RecordRef, instant, unix_ms
from hub.domain.reading import as_read
from hub.domain.sync import Outcome
from hub.domain.told import alike
from hub.history import History
from hub.ports import Item
from hub.records import held_of
from hub.wiring import Hub
from sync_crm import ledger
from sync_crm.clients import Clients
from sync_crm.differences import Difference

if TYPE_CHECKING:
    from sync_crm.planning import Plan

Publish = Callable[[Connection, RecordChangedData], None]


@dataclass(slots=True)
class Outcomes:
    """Takes what the platform answered; `publish` announces a record that was read, on the bus."""

    hub: Hub
    clients: Clients
    history: History
    publish: Publish
    told: Callable[[Plan, Mapping[str, str | None]], None]

    def take(self, connection: Connection, kind: str, pairs: Sequence[tuple[Plan, Outcome]]) -> list[bool]:
        """For each plan whether it must be made anew; raises Retry where the platform cannot be read back."""
        read = self._read_back(connection, kind, pairs)
        return [self._take(plan, outcome, read.get(plan.change.id)) for plan, outcome in pairs]

    def look(self, plan: Plan) -> None:
        """Reads a record and keeps what it holds; what had been written there, by whoever died, is told."""
        for found in self._read(plan.connection, plan.kind, [plan.change.id]).values():
            if found.change == "deleted":
                self.publish(plan.connection, found)
                continue
            claims, version = self._claims(plan.connection, plan.record, found)
            for at, before, wanted in _landed(plan, claims):
                self.told(replace(plan, wanted=wanted, at=at), before)
            ledger.look(self.hub.store, plan.record, claims, version)

    def _take(self, plan: Plan, outcome: Outcome, found: RecordChangedData | None) -> bool:
        if outcome.state == "refused":
            refused = outcome.fields or tuple(plan.change.fields)
            ledger.refuse(self.hub.store, plan.record, refused, outcome.reason)
            self.hub.telemetry.count("sync.refused", platform=plan.connection.platform)
            return True
        if found is None or found.change == "deleted":
            self.publish(plan.connection, _gone(plan))
            return False
        written = plan.change.fields if outcome.state == "written" else {}
        if written:
            self.told(plan, {field: _held(plan.record, field) for field in written})
        self._see(plan.connection, plan.record, found, tuple(written))
        if written:
            self.hub.telemetry.count("sync.written", platform=plan.connection.platform)
        return outcome.state != "written"

    def _read_back(
        self, connection: Connection, kind: str, pairs: Sequence[tuple[Plan, Outcome]]
    ) -> dict[str, RecordChangedData]:
        ids = [plan.change.id for plan, outcome in pairs if outcome.state in ("written", "stale")]
        return self._read(connection, kind, ids) if ids else {}

    def _read(self, connection: Connection, kind: str, ids: Iterable[str]) -> dict[str, RecordChangedData]:
        read = self.clients.of(connection).read(kind, list(dict.fromkeys(ids)))
        now = instant(round(self.hub.clock.now() * 1000))
        found = [as_read(one, now) for one in read]
        return {one.record.id: one for one in found if isinstance(one, RecordChangedData)}

    def _see(self, connection: Connection, record: Item, found: RecordChangedData, written: tuple[str, ...]) -> None:
        """Keeps what was read; a record that is gone, or whose fields changed under other hands, is announced."""
        if found.change == "deleted":
            self.publish(connection, found)
            return
        claims, version = self._claims(connection, record, found, written)
        is_form = partial(self._is_form, connection, str(record.body["object"]))
        ledger.settle(self.hub.store, record, claims, written, version, is_form)

    def _is_form(self, connection: Connection, kind: str, field: str, written: str | None, shown: str | None) -> bool:
        """Whether a platform may have made one of the other: its own way of writing it, or as much as it keeps."""
        if alike(written, shown) or (written and shown and written.startswith(shown)):
            return True
        fields = self.clients.map_of(connection, kind)
        if fields is None or field not in fields.rules:
            return False
        same = fields.same(field, written, shown, region=connection.default_region)
        return same or bool(fields.rules[field].lossy)

    def _claims(
        self, connection: Connection, record: Item, found: RecordChangedData, written: tuple[str, ...] = ()
    ) -> tuple[list[dict[str, Any]], tuple[str, str] | None]:
        """What was read, as claims, and the version; what changed under other hands goes into the history, and is announced."""
        now = instant(round(self.hub.clock.now() * 1000))
        claims = [{**claim.model_dump(), "at": _clamped(claim.at, now)} for claim in found.claims]
        others = [claim for claim in claims if claim["field"] not in written and _is_news(record, claim)]
        if others:
            source = {name: record.body[name] for name in ("connection", "platform", "object", "id")}
            self.history.keep(record, {**source, "at": now, "claims": others})
            self.publish(connection, found)
        return claims, (now, found.version) if found.version else None


def _landed(
    plan: Plan, claims: Iterable[Mapping[str, Any]]
) -> Iterator[tuple[str, dict[str, str | None], tuple[Difference, ...]]]:
    """Of each writing that reached the record: when it was noted, what stood there before, and what was written."""
    by_time: dict[str, dict[str, Mapping[str, Any]]] = {}
    for field, (at, noted) in ledger.landed(plan.record, claims).items():
        by_time.setdefault(at, {})[field] = noted
    for at, notes in by_time.items():
        wanted = [
            Difference(field, one["value"], {"at": one["of"], "source": one["from"], "rule": one.get("rule", {})})
            for field, one in sorted(notes.items())
        ]
        yield at, {field: one.get("was") for field, one in notes.items()}, tuple(wanted)


def _gone(plan: Plan) -> RecordChangedData:
    return RecordChangedData(record=RecordRef(object=plan.kind, id=plan.change.id), change="deleted")


def _held(record: Item, field: str) -> str | None:
    return held_of(record.body).get(field)


def _is_news(record: Item, claim: Mapping[str, Any]) -> bool:
    return bool(claim["value"] != _held(record, claim["field"]))


def _clamped(at: str, now: str) -> str:
    """A platform's clock that runs ahead must not outweigh whatever is said until then."""
    return now if unix_ms(at) > unix_ms(now) else at
