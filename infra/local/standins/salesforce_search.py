"""SOSL in phone fields, as far as the hub asks it: digits that are a whole number, whatever stands between them.

SOQL and SOSL reference (FIND … IN PHONE FIELDS RETURNING), read November 2026.
"""

from __future__ import annotations

import re
from datetime import datetime

from infra.local.standins.salesforce_account import PHONES, Organization
from infra.local.standins.salesforce_records import Row, show
from infra.local.standins.salesforce_schema import refuse
from infra.local.standins.server import Answer, Call

MOST_FOUND = 2000
_SOSL = re.compile(
    r"FIND \{(?P<terms>[0-9]+(?: OR [0-9]+)*)\} IN PHONE FIELDS RETURNING (?P<sobject>\w+)"
    r"\((?P<fields>\w+(?:, \w+)*)(?: LIMIT (?P<limit>\d+))?\)"
)


def search(organization: Organization, call: Call) -> Answer:
    """The rows whose phones hold one of the terms, a change being seen only after the index's lag."""
    found = _SOSL.fullmatch(call.query.get("q", ""))
    if found is None:
        raise refuse(400, "MALFORMED_SEARCH", "unexpected token")
    sobject, names, terms = found["sobject"], found["fields"].split(", "), set(found["terms"].split(" OR "))
    organization.rows.schema.known(sobject, names)
    seen = organization.now() - organization.misbehaviour.search_lag_s
    everyone = organization.rows.of(sobject).values()
    rows = [row for row in everyone if _changed_s(row) <= seen and _digits(row) & terms]
    limit = min(int(found["limit"] or MOST_FOUND), MOST_FOUND)
    return Answer(200, {"searchRecords": [show(sobject, row, names) for row in rows[:limit]]})


def _digits(row: Row) -> set[str]:
    return {re.sub(r"[^0-9]", "", str(row.get(name) or "")) for name in PHONES}


def _changed_s(row: Row) -> float:
    return datetime.fromisoformat(row["SystemModstamp"].replace("+0000", "+00:00")).timestamp()
