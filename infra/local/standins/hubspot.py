"""A stand-in for HubSpot's CRM API (date version 2026-09): contacts, calls, communications, properties, associations.

https://developers.hubspot.com/docs/api-reference (objects, properties, associations; read November 2026)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.local.standins.hubspot_records import Record, Records, timestamp
from infra.local.standins.hubspot_schema import OBJECTS, Schema, error
from infra.local.standins.server import Answer, Call, Refused, Standin

MOST_INPUTS = 100
API = "/crm/objects/{version}/{object}"
PROPERTIES = "/crm/properties/{version}/{object}"
VERSIONS = frozenset({"2026-03", "2026-09"})
TOO_MANY = {"errorType": "RATE_LIMIT", "policyName": "TEN_SECONDLY_ROLLING"}
FAULTS = {
    429: error(429, "You have reached your ten_secondly_rolling limit.", "RATE_LIMITS", **TOO_MANY),
    500: error(500, "internal error", "INTERNAL_ERROR"),
    502: Answer(502, "<html><body>Bad Gateway</body></html>", {"content-type": "text/html"}),
}


@dataclass(slots=True)
class HubSpot:
    """One account, whose private app has the access token `token`."""

    token: str
    schema: Schema = field(default_factory=Schema)
    records: Records = field(default_factory=Records)

    def standin(self) -> Standin:
        """The API, and for tests `GET /_standin/records`, `POST /_standin/people` and `/people/{id}` (entered by hand)."""
        routes = (
            ("POST", f"{API}/batch/read", self._read_many),
            ("POST", f"{API}/batch/upsert", self._upsert_many),
            ("POST", f"{API}/search", self._search),
            ("POST", API, self._create),
            ("GET", f"{API}/{{id}}", self._read),
            ("PATCH", f"{API}/{{id}}", self._update),
            ("PUT", f"{API}/{{id}}/associations/default/{{to_object}}/{{to_id}}", self._associate),
            ("POST", PROPERTIES, lambda call: self.schema.create(_object(call), call.json())),
            ("GET", f"{PROPERTIES}/{{name}}", lambda call: self.schema.show(_object(call), call.parts["name"])),
        )
        admin = (
            ("GET", "/_standin/records", self._everything),
            ("POST", "/_standin/people", self._person),
            ("POST", "/_standin/people/{id}", self._change_person),
        )
        return Standin(routes, self._guard, error(404, "Not found", "OBJECT_NOT_FOUND"), FAULTS, admin)

    def _guard(self, call: Call) -> None:
        if call.bearer != self.token:
            raise Refused(error(401, "Authentication credentials not found or not valid.", "INVALID_AUTHENTICATION"))
        if call.method in ("POST", "PATCH") and "json" not in call.headers.get("content-type", ""):
            raise Refused(error(415, "Unsupported Media Type", "INVALID_CONTENT_TYPE"))

    def _read_many(self, call: Call) -> Answer:
        body = call.json()
        inputs, id_property = _inputs(body), body.get("idProperty")
        self._must_be_unique(_object(call), id_property)
        found = [(one["id"], self.records.find(_object(call), id_property, str(one["id"]))) for one in inputs]
        wanted = (body.get("properties") or (), body.get("propertiesWithHistory") or ())
        missing = [str(record_id) for record_id, record in found if record is None]
        return _batch([record.show(*wanted) for _, record in found if record], missing)

    def _upsert_many(self, call: Call) -> Answer:
        kind = _object(call)
        checked = [self._checked(kind, one) for one in _inputs(call.json())]
        return _batch([self._upsert(kind, *one) for one in checked])

    def _checked(self, kind: str, one: Mapping[str, Any]) -> tuple[str, str, dict[str, str]]:
        name, value = one.get("idProperty"), str(one["id"])
        if not name or not self.schema.is_unique(kind, name):
            raise Refused(error(400, f"idProperty {name} is not a unique property of {kind}"))
        properties = one.get("properties")
        if not isinstance(properties, dict):
            raise Refused(error(400, "Invalid input JSON: properties is required"))
        creating = self.records.find(kind, name, value) is None
        return name, value, self.schema.check(kind, properties | {name: value}, creating=creating)

    def _upsert(self, kind: str, name: str, value: str, properties: Mapping[str, str]) -> dict[str, Any]:
        record = self.records.find(kind, name, value)
        new = record is None
        if record is None:
            record = self.records.create(kind, properties, source="INTEGRATION")
        else:
            self.records.update(record, properties, source="INTEGRATION")
        return record.show(list(properties)) | {"new": new}

    def _search(self, call: Call) -> Answer:
        body = call.json()
        groups = body.get("filterGroups", [])
        if len(groups) > 5 or any(len(group["filters"]) > 6 for group in groups) or body.get("limit", 10) > 200:
            return error(400, "too many filterGroups, filters or results asked for")
        hits = [one for one in self.records.of(_object(call)).values() if _matches(one, groups)]
        shown = [record.show(body.get("properties", ())) for record in hits[: body.get("limit", 10)]]
        return Answer(200, {"total": len(hits), "results": shown})

    def _create(self, call: Call) -> Answer:
        kind, body = _object(call), call.json()
        properties = self.schema.check(kind, body.get("properties", {}), creating=True)
        for name in self.schema.unique.get(kind, ()):
            if name in properties and (there := self.records.find(kind, name, properties[name])):
                return error(409, f"Contact already exists. Existing ID: {there.id}", "CONFLICT")
        return Answer(201, self.records.create(kind, properties, source="INTEGRATION").show(list(properties)))

    def _read(self, call: Call) -> Answer:
        names = [
            list(filter(None, call.query.get(key, "").split(","))) for key in ("properties", "propertiesWithHistory")
        ]
        return Answer(200, self._one(call).show(*names))

    def _update(self, call: Call) -> Answer:
        record = self._one(call)
        properties = self.schema.check(_object(call), call.json().get("properties", {}), creating=False)
        self.records.update(record, properties, source="INTEGRATION")
        return Answer(200, record.show(list(properties)))

    def _associate(self, call: Call) -> Answer:
        one, other = (_object(call), call.parts["id"]), (call.parts["to_object"], call.parts["to_id"])
        type_id = self.records.associate(one, other)
        if type_id is None:
            return error(404, f"One of {one} and {other} does not exist", "OBJECT_NOT_FOUND")
        spec = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}
        return _batch([{"from": {"id": one[1]}, "to": {"id": other[1]}, "associationSpec": spec}])

    def _one(self, call: Call) -> Record:
        id_property = call.query.get("idProperty")
        self._must_be_unique(_object(call), id_property)
        record = self.records.find(_object(call), id_property, call.parts["id"])
        if record is None:
            raise Refused(error(404, "resource not found", "OBJECT_NOT_FOUND"))
        return record

    def _must_be_unique(self, kind: str, id_property: str | None) -> None:
        if id_property and not self.schema.is_unique(kind, id_property):
            raise Refused(error(400, f"Property {id_property} is not a unique property of {kind}"))

    def _person(self, call: Call) -> Answer:
        body = call.json()
        properties = self.schema.check("contacts", body["properties"], creating=True)
        record = self.records.create("contacts", properties, source="CRM_UI", at=body.get("at"))
        return Answer(201, record.show(list(properties)))

    def _change_person(self, call: Call) -> Answer:
        body = call.json()
        record = self.records.find("contacts", None, call.parts["id"])
        if record is None:
            return error(404, "Object not found", "OBJECT_NOT_FOUND")
        self.records.update(record, body["properties"], source="CRM_UI", at=body.get("at"))
        return Answer(200, record.show(list(body["properties"])))

    def _everything(self, _call: Call) -> Answer:
        return Answer(200, {kind: [self._row(kind, one) for one in self.records.of(kind).values()] for kind in OBJECTS})

    def _row(self, kind: str, record: Record) -> dict[str, Any]:
        return record.show(list(record.history)) | {"associations": self.records.associated(kind, record.id)}


def _object(call: Call) -> str:
    kind = call.parts["object"]
    names = {type_id: name for name, type_id in OBJECTS.items()}
    name = names.get(kind, kind if kind.endswith("s") else kind.removesuffix("y") + "s")
    if name not in OBJECTS or call.parts["version"] not in VERSIONS:
        raise Refused(error(400, f"Unable to infer object type from: {kind}"))
    return name


def _inputs(body: Any) -> list[Mapping[str, Any]]:
    inputs = body.get("inputs") if isinstance(body, dict) else None
    if not isinstance(inputs, list) or not inputs or not all(isinstance(one, dict) and "id" in one for one in inputs):
        raise Refused(error(400, "Invalid input JSON: inputs is required"))
    if len(inputs) > MOST_INPUTS:
        raise Refused(error(400, f"Batch size of {len(inputs)} exceeds the maximum of {MOST_INPUTS}"))
    if len({str(one["id"]) for one in inputs}) < len(inputs):
        raise Refused(error(400, "Duplicate IDs found in batch input"))
    return inputs


def _batch(results: list[dict[str, Any]], missing: list[str] | None = None) -> Answer:
    now = timestamp()
    body: dict[str, Any] = {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}
    if not missing:
        return Answer(200, body)
    why = {"status": "error", "category": "OBJECT_NOT_FOUND", "message": "Could not get some objects", "links": {}}
    return Answer(207, body | {"numErrors": 1, "errors": [why | {"context": {"ids": missing}, "errors": []}]})


def _matches(record: Record, groups: list[Mapping[str, Any]]) -> bool:
    return any(all(_holds(record, one) for one in group["filters"]) for group in groups) if groups else True


def _holds(record: Record, one: Mapping[str, Any]) -> bool:
    tests: dict[str, Callable[[str | None], bool]] = {
        "EQ": lambda value: value == one.get("value"),
        "IN": lambda value: value in one.get("values", ()),
        "HAS_PROPERTY": lambda value: value is not None,
    }
    test = tests.get(one.get("operator", ""))
    if test is None:
        raise Refused(error(400, f"operator {one.get('operator')} is not one that this stand-in knows"))
    return test(record.value(one["propertyName"]))
