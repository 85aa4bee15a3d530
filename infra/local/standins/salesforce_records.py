"""Salesforce's records: rows by object and id, the recycle bin, external ids, merges, queries."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from infra.local.standins.salesforce_schema import PREFIXES, Schema, refuse
from infra.local.standins.salesforce_soql import MOST_ROWS, Query, read
from infra.local.standins.server import Answer

Row = dict[str, Any]
_CHECKSUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
WON, LOST = "Closed Won", "Closed Lost"
SET_UP = frozenset({"User", "PermissionSet"})  # not data of the business


@dataclass(slots=True)
class Rows:
    """All rows of the organization; `bin` holds the deleted ones."""

    by_object: dict[str, dict[str, Row]] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    schema: Schema = field(default_factory=Schema)
    bin: dict[str, dict[str, Row]] = field(default_factory=dict)
    set_up: dict[str, dict[str, Row]] = field(default_factory=dict)
    now: Callable[[], float] = time.time

    def of(self, sobject: str) -> dict[str, Row]:
        """The rows of one object by their 18-character id."""
        self.schema.fields_of(sobject)
        return (self.set_up if sobject in SET_UP else self.by_object).setdefault(sobject, {})

    def find(self, sobject: str, record_id: str) -> Row | None:
        """By id, 15 or 18 characters."""
        rows = self.of(sobject)
        short = (
            next((row for one, row in rows.items() if one[:15] == record_id), None) if len(record_id) == 15 else None
        )
        return rows.get(record_id) or short

    def insert(self, sobject: str, values: Mapping[str, Any], at: str | None = None) -> Row:
        """A new row, made at that time (as Salesforce writes times), else now."""
        stored = self.schema.check(sobject, values, creating=True)
        self._references(sobject, stored)
        now, record_id = at or timestamp(self.now()), full_id(f"{PREFIXES[sobject]}RK0000{next(self.numbers):06d}")
        row = {"Id": record_id, "CreatedDate": now} | self.schema.defaults(sobject) | _stamped(stored, now)
        self.of(sobject)[record_id] = _derived(sobject, row)
        return self.of(sobject)[record_id]

    def update(self, sobject: str, row: Row, values: Mapping[str, Any], at: str | None = None) -> None:
        """Changes a row."""
        stored = self.schema.check(sobject, values, creating=False)
        self._references(sobject, stored)
        row.update(_stamped(stored, at or timestamp(self.now())))
        _derived(sobject, row)

    def delete(self, sobject: str, record_id: str, master: str | None = None) -> Row | None:
        """Puts a row into the recycle bin; `master` is the row that it was merged into. None where there is none."""
        row = self.of(sobject).pop(record_id, None)
        if row is not None:
            now = timestamp(self.now())
            gone = {"IsDeleted": True, "MasterRecordId": master, "LastModifiedDate": now, "SystemModstamp": now}
            self.bin.setdefault(sobject, {})[record_id] = {**row, **gone}
        return row

    def restore(self, sobject: str, record_id: str) -> Row:
        """Takes a row out of the recycle bin."""
        now = timestamp(self.now())
        row = {**self.bin[sobject].pop(record_id), "IsDeleted": False, "SystemModstamp": now, "LastModifiedDate": now}
        self.of(sobject)[record_id] = row
        return row

    def carrying(self, sobject: str, external: str, value: str) -> list[Row]:
        """The rows with that value of an external id field; Refused with 404 where the field is none."""
        if not self.schema.fields_of(sobject).get(external, {}).get("external"):
            raise refuse(
                404, "NOT_FOUND", f"Provided external ID field does not exist or is not accessible: {external}"
            )
        return [row for row in self.of(sobject).values() if row.get(external) == value]

    def query(self, soql: str, *, everything: bool = False) -> Answer:
        """The answer to a query; `everything` with the recycle bin."""
        query = read(soql, self.schema.fields_of)
        self.schema.known(query.sobject, query.named)
        found = self._found(query, everything)
        if query.counts:
            return Answer(200, {"totalSize": len(found), "done": True, "records": []})
        found.sort(key=lambda row: tuple(str(row.get(name) or "") for name in query.order))
        some = found[: query.limit]
        shown = [show(query.sobject, row, query.fields) for row in some[:MOST_ROWS]]
        return Answer(200, {"totalSize": len(some), "done": len(some) <= MOST_ROWS, "records": shown})

    def all_of(self, soql: str, *, everything: bool = False) -> tuple[list[str], list[Row]]:
        """The fields and all rows of a query, as a query job gathers them; Refused where it counts."""
        query = read(soql, self.schema.fields_of)
        self.schema.known(query.sobject, query.named)
        if query.counts:
            raise refuse(400, "INVALIDJOB", "aggregates are not supported in a query job")
        return query.fields, [show(query.sobject, row, query.fields) for row in self._found(query, everything)]

    def _found(self, query: Query, everything: bool) -> list[Row]:
        gone = self.bin.get(query.sobject, {}).values() if everything else ()
        rows = [*self.of(query.sobject).values(), *gone]
        return [row for row in rows if query.test({"IsDeleted": False, **row})]

    def _references(self, sobject: str, values: Mapping[str, Any]) -> None:
        fields = self.schema.fields_of(sobject)
        for name, value in values.items():
            to = fields[name].get("to")
            if to and value is not None and not any(self.find(one, value) for one in to):
                raise refuse(400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", name)


def show(sobject: str, row: Mapping[str, Any], names: list[str]) -> Row:
    """A row as the API gives it; a person's Name is made of its parts."""
    attributes = {"type": sobject, "url": f"/services/data/v67.0/sobjects/{sobject}/{row['Id']}"}
    whole = " ".join(filter(None, (row.get("FirstName"), row.get("LastName"))))
    derived = {"Name": row.get("Name") or whole, "IsDeleted": bool(row.get("IsDeleted"))}
    return {"attributes": attributes} | {name: derived.get(name, row.get(name)) for name in names}


def full_id(short: str) -> str:
    """The 18-character id of a 15-character one."""
    chunks = (short[start : start + 5] for start in (0, 5, 10))
    bits = (sum(letter.isupper() << place for place, letter in enumerate(chunk)) for chunk in chunks)
    return short + "".join(_CHECKSUM[number] for number in bits)


def timestamp(now: float) -> str:
    """A time in Unix seconds as Salesforce writes it, to the second."""
    return datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def _stamped(values: Mapping[str, Any], now: str) -> Row:
    return {**values, "LastModifiedDate": now, "SystemModstamp": now}


def _derived(sobject: str, row: Row) -> Row:
    """What Salesforce works out by itself."""
    if sobject == "Opportunity":
        row |= {"IsWon": row["StageName"] == WON, "IsClosed": row["StageName"] in (WON, LOST)}
    if sobject == "Case":
        row |= {"IsClosed": row["Status"] == "Closed", "CaseNumber": row["Id"][9:15]}
    return row
