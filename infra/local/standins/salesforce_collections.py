"""sObject Collections and upsert: up to 200 records of one request, each with its own result.

https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections.htm
(read November 2026)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from infra.local.standins.salesforce_account import Organization
from infra.local.standins.salesforce_changes import Origin
from infra.local.standins.salesforce_records import Row
from infra.local.standins.salesforce_schema import refuse
from infra.local.standins.server import Answer, Call, Refused

MOST_RECORDS = 200
Write = Callable[[str, Mapping[str, Any]], dict[str, Any]]


def records_of(call: Call) -> list[dict[str, Any]]:
    """The records of a request; Refused with 400 where it is not as documented."""
    body = call.json()
    if (
        not isinstance(body, dict)
        or body.keys() - {"allOrNone", "records"}
        or not isinstance(body.get("records"), list)
    ):
        raise refuse(400, "JSON_PARSER_ERROR", "allOrNone and records were expected")
    if body.get("allOrNone") is not False:
        raise refuse(400, "INVALID_FIELD", "this stand-in knows allOrNone false only")
    if len(body["records"]) > MOST_RECORDS:
        raise refuse(400, "EXCEEDED_ID_LIMIT", f"record limit reached. cannot submit more than {MOST_RECORDS} records")
    ids = [one["id"] for one in body["records"] if "id" in one]
    if len(set(ids)) < len(ids):
        raise refuse(400, "INVALID_ID_FIELD", "duplicate id specified")
    return [_typed(one) for one in body["records"]]


def each(records: list[dict[str, Any]], write: Write) -> Answer:
    """One result per record, in order."""
    return Answer(200, [_result(record, write) for record in records])


def update(organization: Organization, origin: Origin) -> Write:
    """Changes the row that the record names by its `id`."""

    def write(sobject: str, record: Mapping[str, Any]) -> dict[str, Any]:
        row = _row(organization, sobject, record.get("id"))
        organization.change(sobject, row, {name: record[name] for name in record if name != "id"}, origin)
        return {"id": row["Id"], "success": True, "errors": []}

    return write


def upsert(organization: Organization, external: str, origin: Origin) -> Write:
    """Changes the row with that value of the external id field, or makes one."""

    def write(sobject: str, record: Mapping[str, Any]) -> dict[str, Any]:
        value = record.get(external)
        if not value:
            raise refuse(400, "MISSING_ARGUMENT", f"{external} not specified")
        found = organization.rows.carrying(sobject, external, value)
        if len(found) > 1:
            raise refuse(400, "DUPLICATE_EXTERNAL_ID", f"{external}: more than one record found")
        row = found[0] if found else organization.create(sobject, record, origin)
        if found:
            rest = {name: record[name] for name in record if name != external}
            organization.change(sobject, row, rest, origin)
        return {"id": row["Id"], "success": True, "errors": [], "created": not found}

    return write


def upsert_one(organization: Organization, call: Call, origin: Origin) -> Answer:
    """Upsert of a single record: 201 created, 200 updated, 300 where several match."""
    sobject, external, value = (call.parts[name] for name in ("sobject", "external", "value"))
    values, found = fields_in(call), organization.rows.carrying(sobject, external, value)
    if external in values:
        raise refuse(400, "INVALID_FIELD", f"The {external} field should not be specified in the sobject data.")
    if len(found) > 1:
        return Answer(300, [f"/services/data/v67.0/sobjects/{sobject}/{row['Id']}" for row in found])
    result = upsert(organization, external, origin)(sobject, {**values, external: value})
    return Answer(201 if result["created"] else 200, result)


def fields_in(call: Call) -> dict[str, Any]:
    """The fields of a single record's body."""
    body = call.json()
    if not isinstance(body, dict):
        raise refuse(400, "JSON_PARSER_ERROR", "an object was expected")
    return {name: value for name, value in body.items() if name != "attributes"}


def _typed(record: Any) -> dict[str, Any]:
    if (
        not isinstance(record, dict)
        or not isinstance(record.get("attributes"), dict)
        or "type" not in record["attributes"]
    ):
        raise refuse(400, "INVALID_INPUT", "every record needs attributes with its type")
    return dict(record)


def _row(organization: Organization, sobject: str, record_id: Any) -> Row:
    found = organization.rows.find(sobject, str(record_id or ""))
    if found is None and record_id in organization.rows.bin.get(sobject, {}):
        raise refuse(400, "ENTITY_IS_DELETED", "entity is deleted")
    if found is None:
        raise refuse(400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    return found


def _result(record: dict[str, Any], write: Write) -> dict[str, Any]:
    values = {name: value for name, value in record.items() if name != "attributes"}
    try:
        return write(str(record["attributes"]["type"]), values)
    except Refused as refused:
        [wrong] = refused.answer.body
        said = {"statusCode": wrong["errorCode"], "message": wrong["message"], "fields": wrong.get("fields", [])}
        return {"success": False, "errors": [said]}
