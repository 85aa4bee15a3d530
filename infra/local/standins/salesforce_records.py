"""Salesforce's records: rows by object and id, external ids, and the queries that the hub asks."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from infra.local.standins.salesforce_schema import PREFIXES, check, fields_of, refuse
from infra.local.standins.server import Answer

Row = dict[str, Any]
_SOQL = re.compile(
    r"SELECT\s+(?P<fields>[\w, ]+?)\s+FROM\s+(?P<sobject>\w+)"
    r"(?:\s+WHERE\s+(?P<field>\w+)\s*(?:=\s*(?P<one>'(?:[^'\\]|\\.)*')|IN\s*\((?P<many>[^)]*)\)))?"
    r"(?:\s+LIMIT\s+(?P<limit>\d+))?\s*",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'")
_CHECKSUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


@dataclass(slots=True)
class Rows:
    """All rows of the organization."""

    by_object: dict[str, dict[str, Row]] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def of(self, sobject: str) -> dict[str, Row]:
        """The rows of one object by their 18-character id."""
        fields_of(sobject)
        return self.by_object.setdefault(sobject, {})

    def find(self, sobject: str, record_id: str) -> Row | None:
        """By id, 15 or 18 characters."""
        return next((row for one, row in self.of(sobject).items() if record_id in (one, one[:15])), None)

    def insert(self, sobject: str, values: Mapping[str, Any], at: str | None = None) -> Row:
        """A new row, made at that time (as Salesforce writes times), else now."""
        check(sobject, values, creating=True)
        self._references(values)
        now, record_id = at or timestamp(), full_id(f"{PREFIXES[sobject]}RK0000{next(self.numbers):06d}")
        self.of(sobject)[record_id] = {"Id": record_id, "CreatedDate": now} | _stamped(values, now)
        return self.of(sobject)[record_id]

    def update(self, sobject: str, row: Row, values: Mapping[str, Any], at: str | None = None) -> None:
        """Changes a row."""
        check(sobject, values, creating=False)
        self._references(values)
        row.update(_stamped(values, at or timestamp()))

    def upsert(self, sobject: str, external: str, value: str, values: Mapping[str, Any]) -> Answer:
        """201 created, 200 updated, 300 where several match; 404 where the field is no external id."""
        if not fields_of(sobject).get(external, {}).get("external"):
            raise refuse(
                404, "NOT_FOUND", f"Provided external ID field does not exist or is not accessible: {external}"
            )
        if external in values:
            raise refuse(400, "INVALID_FIELD", f"The {external} field should not be specified in the sobject data.")
        found = [row for row in self.of(sobject).values() if row.get(external) == value]
        if len(found) > 1:
            return Answer(300, [f"/services/data/v67.0/sobjects/{sobject}/{row['Id']}" for row in found])
        if found:
            self.update(sobject, found[0], values)
        row = found[0] if found else self.insert(sobject, {**values, external: value})
        return Answer(200 if found else 201, {"id": row["Id"], "success": True, "errors": [], "created": not found})

    def query(self, soql: str) -> list[Row]:
        """The rows of a query with one object and at most one condition; Refused with 400 for any other text."""
        found = _SOQL.fullmatch(soql)
        if found is None:
            raise refuse(400, "MALFORMED_QUERY", "unexpected token")
        sobject = found["sobject"]
        names = [name.strip() for name in found["fields"].split(",")]
        unknown = [name for name in (*names, found["field"] or "Id") if name not in fields_of(sobject)]
        if unknown:
            raise refuse(400, "INVALID_FIELD", f"No such column '{unknown[0]}' on entity '{sobject}'.")
        wanted = [re.sub(r"\\(.)", r"\1", one) for one in _QUOTED.findall(found["one"] or found["many"] or "")]
        rows = [row for row in self.of(sobject).values() if not found["field"] or row.get(found["field"]) in wanted]
        return [show(sobject, row, names) for row in rows[: int(found["limit"] or 2000)]]

    def _references(self, values: Mapping[str, Any]) -> None:
        who = values.get("WhoId")
        if who is not None and not any(self.find(sobject, who) for sobject in ("Contact", "Lead")):
            raise refuse(400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", "WhoId")


def show(sobject: str, row: Mapping[str, Any], names: list[str]) -> Row:
    """A row as the API gives it; Name is made of its parts."""
    attributes = {"type": sobject, "url": f"/services/data/v67.0/sobjects/{sobject}/{row['Id']}"}
    whole = " ".join(filter(None, (row.get("FirstName"), row.get("LastName"))))
    return {"attributes": attributes} | {name: whole if name == "Name" else row.get(name) for name in names}


def full_id(short: str) -> str:
    """The 18-character id of a 15-character one."""
    chunks = (short[start : start + 5] for start in (0, 5, 10))
    bits = (sum(letter.isupper() << place for place, letter in enumerate(chunk)) for chunk in chunks)
    return short + "".join(_CHECKSUM[number] for number in bits)


def timestamp() -> str:
    """Now, as Salesforce writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def _stamped(values: Mapping[str, Any], now: str) -> Row:
    return {**values, "LastModifiedDate": now, "SystemModstamp": now}
