"""HubSpot's object endpoints: pages, single records and batches with their partial failures.

Published descriptions: CRM objects, 2026-09; multi-status answers:
https://developers.hubspot.com/docs/api-reference/latest/error-handling (read November 2026)
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from infra.local.standins.hubspot_account import Account
from infra.local.standins.hubspot_records import Record, timestamp
from infra.local.standins.hubspot_schema import OBJECTS, error
from infra.local.standins.server import Answer, Call, Handler, Refused

MOST_INPUTS = 100
MOST_WITH_HISTORY = 50
API = "/crm/objects/{version}/{object}"
VERSIONS = frozenset({"2026-03", "2026-09"})
TRACE = "objectWriteTraceId"
LIST_QUERY = frozenset({"limit", "after", "archived", "properties", "propertiesWithHistory", "associations"})
Input = Mapping[str, Any]


@dataclass(slots=True)
class Objects:
    """The endpoints of one account's records."""

    account: Account

    def routes(self) -> Iterator[tuple[str, str, Handler]]:
        """Every endpoint but the search."""
        yield "POST", f"{API}/batch/read", self._read_many
        yield "POST", f"{API}/batch/upsert", lambda call: self._write_many(call, self._upsert)
        yield "POST", f"{API}/batch/update", lambda call: self._write_many(call, self._update)
        yield "POST", f"{API}/batch/archive", self._archive_many
        yield "POST", f"{API}/merge", self._merge
        yield "GET", API, self._list
        yield "POST", API, self._create
        yield "GET", f"{API}/{{id}}", self._read
        yield "PATCH", f"{API}/{{id}}", self._patch
        yield "DELETE", f"{API}/{{id}}", self._archive

    def _list(self, call: Call) -> Answer:
        kind, limit, after = object_of(call), int(call.query.get("limit", 10)), int(call.query.get("after", 0))
        names, with_history = _names(call, "properties"), _names(call, "propertiesWithHistory")
        most = MOST_WITH_HISTORY if with_history else MOST_INPUTS
        if not 0 < limit <= most or not call.query.keys() <= LIST_QUERY:
            return error(400, f"limit must be between 1 and {most}")
        records = self.account.records
        rows = records.bin.setdefault(kind, {}) if call.query.get("archived") == "true" else records.of(kind)
        numbers = records.numbered(rows)
        first = bisect_right(numbers, after)
        found = [rows[str(number)] for number in numbers[first : first + limit]]
        body: dict[str, Any] = {"results": [one.show(names, with_history) for one in found]}
        if len(numbers) > first + limit:
            body["paging"] = {"next": {"after": found[-1].id, "link": ""}}
        return Answer(200, body)

    def _read_many(self, call: Call) -> Answer:
        kind, body = object_of(call), call.json()
        inputs, id_property = inputs_of(body), body.get("idProperty")
        wanted = (body.get("properties"), body.get("propertiesWithHistory"))
        if not all(isinstance(names, list) for names in wanted):
            return error(400, "Invalid input JSON: properties and propertiesWithHistory are required")
        if wanted[1] and len(inputs) > MOST_WITH_HISTORY:
            return error(400, f"At most {MOST_WITH_HISTORY} inputs with property histories")
        self._must_be_unique(kind, id_property)
        found = [(one["id"], self._find(kind, id_property, str(one["id"]))) for one in inputs]
        rows = {record.id: record.show(*wanted) for _, record in found if record}
        missing = [str(record_id) for record_id, record in found if record is None]
        return batch(list(rows.values()), [_missing(missing)] if missing else [], self._now())

    def _write_many(self, call: Call, write: Callable[[str, Input, bool], dict[str, Any]]) -> Answer:
        """With a trace id on every input, each is refused on its own; without, one refusal refuses the whole batch."""
        kind, inputs = object_of(call), inputs_of(call.json())
        for one in inputs:
            if not isinstance(one.get("properties"), dict):
                return error(400, "Invalid input JSON: properties is required")
            if unknown := one.keys() - {"id", "idProperty", "properties", TRACE}:
                return error(400, f"Invalid input JSON: unknown fields {sorted(unknown)}")
        if not all(one.get(TRACE) for one in inputs):
            for one in inputs:
                write(kind, one, True)  # refuses before anything is written
            return batch([write(kind, one, False) for one in inputs], [], self._now())
        return self._each(kind, inputs, write)

    def _each(self, kind: str, inputs: list[Input], write: Callable[[str, Input, bool], dict[str, Any]]) -> Answer:
        results, errors = [], []
        for one in inputs:
            try:
                results.append(write(kind, one, False) | {TRACE: one[TRACE]})
            except Refused as refused:
                errors.append(_partial(refused.answer.body, one))
        return batch(results, errors, self._now())

    def _upsert(self, kind: str, one: Input, only_check: bool) -> dict[str, Any]:
        name, value = one.get("idProperty"), str(one["id"])
        if not name or not self.account.schema.is_unique(kind, name):
            raise Refused(error(400, f"Unable to perform update/upsert by non-unique {OBJECTS[kind]} property"))
        record, properties = self._find(kind, name, value), {**one["properties"], name: value}
        if only_check:
            self._check(kind, properties, record)
            return {}
        new = record is None
        if record is None:
            record = self.account.create(kind, properties, self.account.author())
        else:
            self.account.update(record, properties, self.account.author())
        return record.show(list(properties)) | {"new": new}

    def _update(self, kind: str, one: Input, only_check: bool) -> dict[str, Any]:
        self._must_be_unique(kind, one.get("idProperty"))
        record = self._find(kind, one.get("idProperty"), str(one["id"]))
        if record is None:
            raise Refused(error(404, "resource not found", "OBJECT_NOT_FOUND"))
        if only_check:
            self._check(kind, one["properties"], record)
        else:
            self.account.update(record, one["properties"], self.account.author())
        return record.show(list(one["properties"]))

    def _check(self, kind: str, properties: Mapping[str, Any], record: Record | None) -> None:
        values = self.account.schema.check(kind, properties, creating=record is None)
        self.account.must_be_free(kind, values, record)

    def _create(self, call: Call) -> Answer:
        body = call.json()
        record = self.account.create(object_of(call), body.get("properties", {}), self.account.author())
        return Answer(201, record.show(list(body.get("properties", {}))))

    def _read(self, call: Call) -> Answer:
        return Answer(200, self._one(call).show(_names(call, "properties"), _names(call, "propertiesWithHistory")))

    def _patch(self, call: Call) -> Answer:
        record, properties = self._one(call), call.json().get("properties", {})
        self.account.update(record, properties, self.account.author())
        return Answer(200, record.show(list(properties)))

    def _archive(self, call: Call) -> Answer:
        record = self.account.records.of(object_of(call)).get(call.parts["id"])
        if record is not None:  # deleting what is gone is answered in the same way
            self.account.archive(record, self.account.author())
        return Answer(204)

    def _archive_many(self, call: Call) -> Answer:
        kind = object_of(call)
        for one in inputs_of(call.json()):
            if record := self.account.records.of(kind).get(str(one["id"])):
                self.account.archive(record, self.account.author())
        return Answer(204)

    def _merge(self, call: Call) -> Answer:
        kind, body = object_of(call), call.json()
        pair = [self._find(kind, None, str(body.get(name))) for name in ("primaryObjectId", "objectIdToMerge")]
        if pair[0] is None or pair[1] is None or pair[0] is pair[1]:
            return error(404, "resource not found", "OBJECT_NOT_FOUND")
        return Answer(200, self.account.merge(pair[0], pair[1], self.account.author()).show())

    def _one(self, call: Call) -> Record:
        kind, id_property = object_of(call), call.query.get("idProperty")
        self._must_be_unique(kind, id_property)
        record = self._find(kind, id_property, call.parts["id"])
        if record is None:
            raise Refused(error(404, "resource not found", "OBJECT_NOT_FOUND"))
        return record

    def _find(self, kind: str, name: str | None, value: str) -> Record | None:
        return self.account.records.find(kind, name, value.lower() if name == "email" else value)

    def _must_be_unique(self, kind: str, id_property: str | None) -> None:
        if id_property and not self.account.schema.is_unique(kind, id_property):
            raise Refused(error(400, f"Property {id_property} is not a unique property of {kind}"))

    def _now(self) -> str:
        return timestamp(self.account.records.now())


def object_of(call: Call, part: str = "object") -> str:
    """The object that a path names, by its name in either number or its type id; Refused with 400."""
    kind = call.parts[part]
    names = {type_id: name for name, type_id in OBJECTS.items()} | {"company": "companies"}
    name = names.get(kind, kind if kind.endswith("s") else f"{kind}s")
    if name not in OBJECTS or call.parts["version"] not in VERSIONS:
        raise Refused(error(400, f"Unable to infer object type from: {kind}"))
    return name


def inputs_of(body: Any) -> list[Input]:
    """The inputs of a batch: 1 to 100, each with an id of its own; Refused with 400."""
    inputs = body.get("inputs") if isinstance(body, dict) else None
    if not isinstance(inputs, list) or not inputs or not all(isinstance(one, dict) and "id" in one for one in inputs):
        raise Refused(error(400, "Invalid input JSON: inputs is required"))
    if len(inputs) > MOST_INPUTS:
        raise Refused(error(400, f"Batch size of {len(inputs)} exceeds the maximum of {MOST_INPUTS}"))
    if not all(isinstance(one["id"], str) for one in inputs):
        raise Refused(error(400, "Invalid input JSON: id is a string"))
    if len({one["id"] for one in inputs}) < len(inputs):
        raise Refused(error(400, "Duplicate IDs found in batch input"))
    return inputs


def batch(results: list[Any], errors: list[dict[str, Any]], now: str) -> Answer:
    """A batch's answer: 207 where a part was refused."""
    body: dict[str, Any] = {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}
    if not errors:
        return Answer(200, body)
    return Answer(207, body | {"numErrors": len(errors), "errors": errors})


def _missing(ids: list[str]) -> dict[str, Any]:
    why = {"status": "error", "category": "OBJECT_NOT_FOUND", "message": "Could not get some objects", "links": {}}
    return why | {"context": {"ids": ids}, "errors": []}


def _partial(body: Mapping[str, Any], one: Input) -> dict[str, Any]:
    """A refusal as a part of a 207: it names the input by its trace id."""
    said = {name: body[name] for name in ("status", "category", "message")}
    context = {TRACE: [one[TRACE]], **({"ids": [one["id"]]} if body["category"] == "OBJECT_NOT_FOUND" else {})}
    return said | {"context": context, "errors": body.get("errors", []), "links": {}}


def _names(call: Call, parameter: str) -> list[str]:
    return [name for name in call.query.get(parameter, "").split(",") if name]
