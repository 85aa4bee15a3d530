"""Differences and new records -> Salesforce, up to 200 in one request, each record for itself.

Salesforce takes no If-Match for collections: what was read is compared once more right before writing. Between the two
a change can still slip in; it is written over only in the fields that we write.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.salesforce import refusals
from connectors.salesforce.api import MOST_RECORDS, Api, chunks
from connectors.salesforce.business import NATIVE
from connectors.salesforce.ids import canonical
from connectors.salesforce.records import map_of
from connectors.salesforce.rows import version
from connectors.salesforce.session import Refusal
from hub.delivery import Connection
from hub.domain.sync import Change, NewRecord, Outcome
from hub.fields import FieldMap
from hub.parsing import list_at, text_at, texts

# What must be there for a record to be created, beside the last name; the placeholder is never read back.
ALSO_REQUIRED: Mapping[str, tuple[str, ...]] = {"Lead": ("Company",)}
OF_THE_WHOLE = frozenset({"INVALID_FIELD", "JSON_PARSER_ERROR"})


@dataclass(frozen=True, slots=True)
class Writing:
    """Writes to one organization; `external_id` is the field for our reference."""

    api: Api
    connection: Connection
    external_id: str

    def write(self, kind: str, changes: Sequence[Change]) -> list[Outcome]:
        """One outcome per change, in order."""
        entity = NATIVE[kind]
        return [outcome for some in chunks(changes, MOST_RECORDS) for outcome in self._some(entity, some)]

    def _some(self, entity: str, changes: list[Change]) -> list[Outcome]:
        field_map = map_of(entity, self.connection)
        settled = self._compared(entity, changes)
        bodies = {n: _body(field_map, one) for n, one in enumerate(changes) if n not in settled}
        nothing = {n: Outcome(state="written", id=changes[n].id) for n, body in bodies.items() if len(body) == 1}
        todo = {n: body for n, body in bodies.items() if n not in nothing}
        found = {**settled, **nothing, **self._sent(entity, todo)}
        locked = {n: todo[n] for n in todo if refusals.LOCKED in found[n].reason}
        found |= self._sent(entity, locked)
        return [found[n] for n in range(len(changes))]

    def _compared(self, entity: str, changes: list[Change]) -> dict[int, Outcome]:
        """What needs no writing, because the record is gone or has changed since it was read."""
        numbered = {n: one for n, one in enumerate(changes) if one.version is not None}
        if not numbered:
            return {}
        rows = self.api.rows(entity, [one.id for one in numbered.values()], ("Id", "SystemModstamp"))
        settled: dict[int, Outcome] = {}
        for n, one in numbered.items():
            row = rows.get(canonical(one.id) or "")
            if row is None:
                settled[n] = Outcome(state="gone", id=one.id)
            elif version(row) != one.version:
                settled[n] = Outcome(state="stale", id=one.id, version=version(row))
        return settled

    def _sent(self, entity: str, bodies: Mapping[int, Mapping[str, Any]]) -> dict[int, Outcome]:
        field_map = map_of(entity, self.connection)
        try:
            results = self.api.update(entity, list(bodies.values())) if bodies else []
        except Refusal as refusal:
            if refusal.code not in OF_THE_WHOLE:
                raise
            return {n: refusals.refused(refusal.code, (), str(body["id"]), field_map) for n, body in bodies.items()}
        pairs = zip(bodies.items(), results, strict=True)
        return {n: refusals.outcome(result, str(body["id"]), field_map) for (n, body), result in pairs}

    def create(self, kind: str, record: NewRecord) -> Outcome:
        """Creates, or changes the record that carries the reference. A name that is required gets a placeholder."""
        entity, field_map = NATIVE[kind], map_of(NATIVE[kind], self.connection)
        fields = {name: value for name, value in field_map.theirs(_given(record.fields)).items() if value is not None}
        body = {self.external_id: record.reference, **fields}
        [result] = self.api.upsert(entity, self.external_id, [body])
        filled = _placeholders(field_map, result, body) if field_map.placeholder else {}
        if filled:
            [result] = self.api.upsert(entity, self.external_id, [{**body, **filled}])
        return refusals.outcome(result, "", field_map)


def _body(field_map: FieldMap, change: Change) -> dict[str, Any]:
    return {"id": change.id, **field_map.theirs(change.fields)}


def _given(fields: Mapping[str, str | None]) -> dict[str, str]:
    return {our: value for our, value in fields.items() if value is not None}


def _placeholders(field_map: FieldMap, result: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, str]:
    """Values for the names that Salesforce misses; only a new record can miss one that we did not send."""
    error = next(iter(list_at(dict(result), "errors")), None)
    if text_at(error, "statusCode") != "REQUIRED_FIELD_MISSING":
        return {}
    names = {field_map.whole_name, *ALSO_REQUIRED.get(field_map.native_object, ())} & set(
        texts(list_at(error, "fields"))
    )
    return dict.fromkeys(names - body.keys(), field_map.placeholder)
