"""HubSpot's search: filters, one sort, caps, and an index that lags behind.

https://developers.hubspot.com/docs/api-reference/latest/crm/search-the-crm (read November 2026)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import phonenumbers

from infra.local.standins.hubspot_account import Account
from infra.local.standins.hubspot_objects import object_of
from infra.local.standins.hubspot_records import Record, timestamp
from infra.local.standins.hubspot_schema import error
from infra.local.standins.server import Answer, Call, Refused

MOST_GROUPS, MOST_FILTERS, MOST_FILTERS_IN_ALL = 5, 6, 18
MOST_PER_PAGE, MOST_RESULTS, LONGEST_BODY = 200, 10_000, 3000
FIELDS = frozenset({"filterGroups", "sorts", "properties", "limit", "after", "query"})
# What the index makes of phone numbers: digits without the country code.
PHONES = {
    "hs_searchable_calculated_phone_number": "phone",
    "hs_searchable_calculated_mobile_number": "mobilephone",
}
Body = Mapping[str, Any]


@dataclass(slots=True)
class Search:
    """The search endpoint of one account."""

    account: Account

    def answer(self, call: Call) -> Answer:
        """POST …/search."""
        kind, body = object_of(call), call.json()
        _check(body, len(call.body))
        limit, after = body.get("limit", 10), int(body.get("after") or 0)
        seen_at = timestamp(self.account.records.now() - self.account.misbehaviour().search_lag_s)
        rows = [one for one in self.account.records.of(kind).values() if one.created <= seen_at]
        groups = body.get("filterGroups", [])
        hits = _sorted([one for one in rows if _matches(one, groups, seen_at)], body.get("sorts", []), seen_at)
        shown = [_shown(one, body.get("properties", ()), seen_at) for one in hits[after : after + limit]]
        found: dict[str, Any] = {"total": len(hits), "results": shown}
        if after + limit < len(hits):
            found["paging"] = {"next": {"after": str(after + limit)}}
        return Answer(200, found)


def _check(body: Body, size: int) -> None:
    """Refused with 400 for a request that HubSpot would not answer."""
    groups = body.get("filterGroups", [])
    filters = [len(group["filters"]) for group in groups]
    limit, after = body.get("limit", 10), int(body.get("after") or 0)
    faults = {
        "unknown fields": not body.keys() <= FIELDS,
        "too long": size > LONGEST_BODY,
        "too many filters": len(groups) > MOST_GROUPS
        or max(filters, default=0) > MOST_FILTERS
        or sum(filters) > MOST_FILTERS_IN_ALL,
        "more than one sort": len(body.get("sorts", [])) > 1,
        "limit is out of range": not 0 < limit <= MOST_PER_PAGE,
        "paging ends at 10000 results": after + limit > MOST_RESULTS,
    }
    if found := [fault for fault, is_so in faults.items() if is_so]:
        raise Refused(error(400, f"There was a problem with the request: {found}"))


def _matches(record: Record, groups: list[Body], at: str) -> bool:
    return any(all(_holds(record, one, at) for one in group["filters"]) for group in groups) if groups else True


def _holds(record: Record, one: Body, at: str) -> bool:
    test = _TESTS.get(one.get("operator", ""))
    if test is None:
        raise Refused(error(400, f"unknown operator {one.get('operator')}"))
    return test(_value(record, str(one["propertyName"]), at), one)


def _value(record: Record, name: str, at: str) -> str:
    if name in PHONES:
        return _local_digits(record.value(PHONES[name], at) or "")
    if name.endswith("lastmodifieddate"):
        if record.updated <= at:
            return record.updated
        times = [entry["timestamp"] for entries in record.history.values() for entry in entries]
        return max([record.created, *(str(one) for one in times if one <= at)])
    return record.value(name, at) or ""


@cache
def _local_digits(text: str) -> str:
    if text.startswith("+"):
        try:
            number = phonenumbers.parse(text)
            return str(phonenumbers.national_significant_number(number))
        except phonenumbers.NumberParseException:
            pass
    return re.sub(r"\D", "", text)


@cache
def _order(value: str) -> tuple[int, float, str]:
    """Numbers as numbers (times in milliseconds among them), then texts without regard to case."""
    if re.fullmatch(r"-?\d+(\.\d+)?", value):
        return (0, float(value), "")
    if re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", value):
        return (0, _ms(value), "")
    return (1, 0.0, value.lower())


def _ms(text: str) -> float:
    return round(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


def _one_of(value: str, one: Body) -> bool:
    return value.lower() in [str(item).lower() for item in one.get("values", ())]


def _than(test: Callable[[tuple[int, float, str], tuple[int, float, str]], bool]) -> Callable[[str, Body], bool]:
    return lambda value, one: value != "" and test(_order(value), _order(str(one["value"])))


_TESTS: Mapping[str, Callable[[str, Body], bool]] = {
    "EQ": lambda value, one: value.lower() == str(one["value"]).lower(),
    "NEQ": lambda value, one: value.lower() != str(one["value"]).lower(),
    "IN": _one_of,
    "NOT_IN": lambda value, one: value != "" and not _one_of(value, one),
    "GT": _than(lambda a, b: a > b),
    "GTE": _than(lambda a, b: a >= b),
    "LT": _than(lambda a, b: a < b),
    "LTE": _than(lambda a, b: a <= b),
    "BETWEEN": lambda value, one: (
        value != "" and _order(str(one["value"])) <= _order(value) <= _order(str(one["highValue"]))
    ),
    "HAS_PROPERTY": lambda value, _one: value != "",
    "NOT_HAS_PROPERTY": lambda value, _one: value == "",
    "CONTAINS_TOKEN": lambda value, one: str(one["value"]).lower().strip("*") in re.split(r"[;\s]+", value.lower()),
}


def _sorted(rows: list[Record], sorts: list[Any], at: str) -> list[Record]:
    if not sorts:
        return rows
    named = sorts[0]
    name = named["propertyName"] if isinstance(named, dict) else str(named).removeprefix("-")
    down = named.get("direction") == "DESCENDING" if isinstance(named, dict) else str(named).startswith("-")
    return sorted(rows, key=lambda one: _order(_value(one, name, at)), reverse=down)


def _shown(record: Record, names: list[str], at: str) -> dict[str, Any]:
    shown = record.show(names)
    seen = {name: record.value(name, at) for name in names}
    return shown | {"properties": shown["properties"] | seen}
