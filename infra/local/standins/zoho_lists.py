"""Zoho CRM's queries: COQL as far as the hub speaks it, searches, what was deleted; 204 where there is nothing.

https://www.zoho.com/crm/developer/docs/api/v8/COQL-Overview.html and get-records.html (read November 2026)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from infra.local.standins.server import Answer
from infra.local.standins.zoho_schema import Row, error, refuse

MOST_ROWS, MOST_FIELDS, MOST_IDS, MOST_QUERIED = 200, 50, 100, 2_000
_QUERY = re.compile(
    r"select (?P<names>[\w, ]+) from (?P<module>\w+) where (?P<where>.+) order by (?P<order>[\w, ]+) limit (?P<limit>\d+)"
)
_WHERE = (
    re.compile(r"id is not null"),
    re.compile(r"id > (?P<id>\d+)"),
    re.compile(r"Modified_Time >= '(?P<from>[^']+)'"),
    re.compile(
        r"\(\(Modified_Time > '(?P<after>[^']+)'\) or \(Modified_Time = '(?P=after)' and id > (?P<then>\d+)\)\)"
    ),
)


def nothing() -> Answer:
    """No content."""
    return Answer(204)


def told(rows: list[Row], **info: Any) -> Answer:
    """A page of rows."""
    return Answer(200, {"data": rows, "info": info}) if rows else nothing()


def coql(query: str, rows_of: Any) -> Answer:
    """The rows of a query; 400 with the documented code where it is none that Zoho, or this stand-in, knows."""
    found = _QUERY.fullmatch(query)
    if found is None:
        return error(400, "SYNTAX_ERROR", "error occurred while parsing the query", clause="select")
    where = next((match for one in _WHERE if (match := one.fullmatch(found["where"]))), None)
    if where is None:
        return error(400, "INVALID_QUERY", "invalid query formed", operator="where")
    limit, names = int(found["limit"]), found["names"].split(", ")
    if limit > MOST_QUERIED or len(names) > MOST_FIELDS:
        return error(400, "LIMIT_EXCEEDED", "limit exceeded", limit=MOST_QUERIED)
    chosen = sorted(
        (row for row in rows_of(found["module"]) if _meets(row, where.groupdict())), key=_key(found["order"])
    )
    shown = [{name: row[name] for name in names} for row in chosen[:limit]]
    return told(shown, count=len(shown), more_records=len(chosen) > limit)


def _key(order: str) -> Any:
    by_time = order.startswith("Modified_Time")
    return lambda row: (unix(row["Modified_Time"]) if by_time else 0, int(row["id"]))


def _meets(row: Row, where: Mapping[str, str | None]) -> bool:
    at, number = unix(row["Modified_Time"]), int(row["id"])
    if where.get("id"):
        return number > int(where["id"] or 0)
    if where.get("from"):
        return at >= unix(where["from"])
    if where.get("after"):
        return (at, number) > (unix(where["after"]), int(where["then"] or 0))
    return True


def unix(text: str | None) -> float:
    """Unix seconds of a written time; Refused where it is none."""
    try:
        return datetime.fromisoformat(text or "").timestamp()
    except ValueError as bad:
        raise refuse(400, "INVALID_QUERY", "invalid query formed", operator="where") from bad


def chosen(rows: list[Row], query: Mapping[str, str]) -> Answer:
    """GET of a module: rows by `ids` (at most 100), or pages of 200; `fields` is asked for."""
    names = [name for name in query.get("fields", "").split(",") if name]
    if not names:
        return error(400, "REQUIRED_PARAM_MISSING", "One of the expected parameter is missing", param_name="fields")
    if len(names) > MOST_FIELDS:
        return error(400, "LIMIT_EXCEEDED", "Max field limit exceeded", limit=MOST_FIELDS)
    ids = query.get("ids", "").split(",") if "ids" in query else None
    if ids is not None and len(ids) > MOST_IDS:
        return error(400, "LIMIT_EXCEEDED", "limit exceeded", limit=MOST_IDS)
    found = [row for row in rows if ids is None or row["id"] in ids]
    size = min(int(query.get("per_page", MOST_ROWS)), MOST_ROWS)
    start = (int(query.get("page", 1)) - 1) * size
    page = [{name: row.get(name) for name in ("id", *names)} for row in found[start : start + size]]
    return told(page, page=start // size + 1, per_page=size, count=len(page), more_records=len(found) > start + size)


def searched(rows: list[Row], names: Mapping[str, str], query: Mapping[str, str]) -> Answer:
    """Rows that hold exactly that phone or e-mail in any field of that type."""
    kind = next((one for one in ("email", "phone") if one in query), None)
    if kind is None:
        return error(400, "REQUIRED_PARAM_MISSING", "One of the expected parameter is missing", param_name="criteria")
    held = [name for name, type_ in names.items() if type_ == kind]
    hits = [row for row in rows if query[kind].lower() in (str(row.get(name) or "").lower() for name in held)]
    return chosen(hits, {"fields": query.get("fields", "id"), "per_page": query.get("per_page", "200")})


def deleted(rows: list[Row], query: Mapping[str, str], since: str | None) -> Answer:
    """What was deleted since a time, newest first."""
    later = [row for row in reversed(rows) if since is None or unix(row["deleted_time"]) >= unix(since)]
    size = min(int(query.get("per_page", MOST_ROWS)), MOST_ROWS)
    start = (int(query.get("page", 1)) - 1) * size
    page = later[start : start + size]
    return told(page, page=start // size + 1, per_page=size, count=len(page), more_records=len(later) > start + size)
