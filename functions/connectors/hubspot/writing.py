"""Differences -> HubSpot: batches of at most 100, in which every record has its own outcome."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.hubspot import records
from connectors.hubspot.api import MOST_INPUTS, TRACE, Api, Input, Written
from connectors.hubspot.reading import MOST_READ, Reader
from connectors.hubspot.records import OBJECTS
from connectors.hubspot.refusals import TAKEN, Problem
from hub.domain.sync import Change, NewRecord, Outcome
from hub.errors import Reject, Retry
from hub.fields import FieldMap
from hub.parsing import id_at

ID_PROPERTY = "renkei_id"
WRITES = frozenset({"contact", "company"})
OWNER = "owner"
STALE = "the record has changed in HubSpot since it was read"


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes contacts and companies of one account."""

    api: Api
    reader: Reader

    def write(self, kind: str, changes: Sequence[Change]) -> list[Outcome]:
        """One outcome per change, in order. HubSpot has no lock: a `version` is compared just before writing."""
        outcomes: dict[int, Outcome] = dict(self._held_back(kind, changes))
        outcomes |= self._stale(kind, [(place, one) for place, one in enumerate(changes) if place not in outcomes])
        left = [(place, one) for place, one in enumerate(changes) if place not in outcomes]
        for batch in _batches(left):
            inputs = {place: self._input(kind, one, place) for place, one in batch}
            outcomes |= self._sent(kind, "update", {place: one for place, one in inputs.items() if one["properties"]})
        return [outcomes.get(place, Outcome(state="written", id=one.id)) for place, one in enumerate(changes)]

    def create(self, kind: str, record: NewRecord) -> Outcome:
        """Creates, or changes the record that carries the reference: an upsert by our unique property. Class A."""
        given = {name: value for name, value in record.fields.items() if value is not None}
        held = next(self._held_back(kind, [Change(id="", fields=given)]), None)
        if held is not None:
            return held[1]
        properties = self._theirs(kind, given) | {ID_PROPERTY: record.reference}
        one = {"id": record.reference, "idProperty": ID_PROPERTY, "properties": properties, TRACE: "0"}
        return self._sent(kind, "upsert", {0: one})[0]

    def _sent(self, kind: str, verb: str, inputs: Mapping[int, Input]) -> dict[int, Outcome]:
        """Sends a batch; where HubSpot refuses it whole, each input alone."""
        if not inputs:
            return {}
        fields = self.reader.maps[kind]
        written = self.api.write(OBJECTS[kind], verb, list(inputs.values()))
        if written.whole is None:
            return {place: _outcome(fields, one, written) for place, one in inputs.items()}
        if len(inputs) == 1:
            return {place: _refused(fields, one, written.whole) for place, one in inputs.items()}
        return {place: self._sent(kind, verb, {place: one})[place] for place, one in inputs.items()}

    def _input(self, kind: str, change: Change, place: int) -> Input:
        return {"id": change.id, "properties": self._theirs(kind, change.fields), TRACE: str(place)}

    def _theirs(self, kind: str, fields: Mapping[str, str | None]) -> dict[str, Any]:
        return self.reader.maps[kind].theirs(fields, owners=self._owners(fields))

    def _owners(self, fields: Mapping[str, str | None]) -> Mapping[str, str]:
        return self.reader.emails() if fields.get(OWNER) else {}

    def _held_back(self, kind: str, changes: Sequence[Change]) -> Iterator[tuple[int, Outcome]]:
        """Changes with a value that the map has no word for: nothing of them is sent."""
        for place, one in enumerate(changes):
            fields = self.reader.maps[kind]
            if held := fields.held_back(one.fields, writing=True, owners=self._owners(one.fields)):
                reason = " ".join(sorted({field.why for field in held}))
                named = tuple(field.field for field in held)
                yield place, Outcome(state="refused", id=one.id, reason=reason, fields=named)

    def _stale(self, kind: str, changes: Sequence[tuple[int, Change]]) -> dict[int, Outcome]:
        named = {place: one for place, one in changes if one.version is not None}
        now = dict(self._versions(kind, list(dict.fromkeys(one.id for one in named.values()))))
        return {
            place: Outcome(state="stale", id=one.id, version=now[one.id], reason=STALE)
            for place, one in named.items()
            if one.id in now and now[one.id] != one.version
        }

    def _versions(self, kind: str, ids: Sequence[str]) -> Iterator[tuple[str, str | None]]:
        names = self.reader.maps[kind].properties
        for start in range(0, len(ids), MOST_READ):
            for row in self.api.read(OBJECTS[kind], ids[start : start + MOST_READ], (), names):
                yield id_at(row, "id") or "", records.version(self.reader.maps[kind], row)


def _outcome(fields: FieldMap, one: Input, written: Written) -> Outcome:
    row, problem = written.rows.get(str(one[TRACE])), written.problems.get(str(one[TRACE]))
    if problem is not None:
        return _refused(fields, one, problem)
    record_id = id_at(row, "id")
    if record_id is None:
        raise Retry("HubSpot did not say what became of a record that was written")
    return Outcome(state="written", id=record_id)


def _refused(fields: FieldMap, one: Input, problem: Problem) -> Outcome:
    if problem.faults.get(ID_PROPERTY) == TAKEN:
        raise Retry("the record is being created by another worker")
    if "idProperty" in one and problem.unexplained:
        said = f"HubSpot answered {problem.category} and named no field"
        raise Reject(f"{said}: set up the connection, which creates the property {ID_PROPERTY}")
    ours = {their: our for our, their in fields.to_theirs.items()}
    return problem.outcome(ours, "" if "idProperty" in one else str(one["id"]))


def _batches(changes: Sequence[tuple[int, Change]]) -> Iterator[list[tuple[int, Change]]]:
    """At most 100 at once and no record twice, in order: HubSpot refuses a batch that names a record again."""
    batch: list[tuple[int, Change]] = []
    named: set[str] = set()
    for place, one in changes:
        if len(batch) == MOST_INPUTS or one.id in named:
            yield batch
            batch, named = [], set()
        batch.append((place, one))
        named.add(one.id)
    if batch:
        yield batch
