"""Pipedrive's lists and searches: pages after a cursor's place, rows by id, exact and partial matches."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from infra.local.standins.pipedrive_schema import Row, refuse
from infra.local.standins.server import Answer, Call

MOST_LISTED, MOST_IDS = 500, 100
SORTS = frozenset({"id", "update_time", "add_time"})


def among(rows: list[Row], ids: list[str]) -> list[Row]:
    """The rows of these ids, at most 100."""
    if len(ids) > MOST_IDS or not all(one.isdigit() for one in ids):
        raise refuse("Validation failed: 'ids' must be at most 100 numbers")
    return [row for row in rows if str(row["id"]) in ids]


def paged(rows: list[Row], query: Mapping[str, str]) -> Answer:
    """A page after the cursor's place, which stays where it is when rows before or after it change."""
    limit, by, down = int(query.get("limit", "100")), query.get("sort_by", "id"), query.get("sort_direction") == "desc"
    if not 1 <= limit <= MOST_LISTED or by not in SORTS:
        raise refuse("Validation failed: 'limit' or 'sort_by' is not valid")
    if "id" in (rows[0] if rows else {}):
        rows = sorted(rows, key=lambda row: (row[by], row["id"]), reverse=down)
    if "cursor" in query:
        place = _place(query["cursor"])
        rows = [row for row in rows if ([row[by], row["id"]] < place if down else [row[by], row["id"]] > place)]
    page = rows[:limit]
    cursor = _cursor([page[-1][by], page[-1]["id"]]) if len(rows) > limit else None
    return Answer(200, {"success": True, "data": page, "additional_data": {"next_cursor": cursor}})


def _cursor(place: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def _place(cursor: str) -> list[Any]:
    try:
        place: list[Any] = json.loads(base64.urlsafe_b64decode(cursor))
    except ValueError as wrong:
        raise refuse("Validation failed: 'cursor' is not valid") from wrong
    return place


def has(entries: list[Row], term: str, call: Call) -> bool:
    """Whether an entry is the term (exact, not case-sensitive) or holds it."""
    values, wanted = [one["value"].lower() for one in entries], term.lower()
    return wanted in values if call.query.get("exact_match") == "true" else any(wanted in one for one in values)


def item(row: Row) -> Row:
    """A row as a search shows it."""
    lists = {name: [one["value"] for one in row[name]] for name in ("emails", "phones")}
    return {"id": row["id"], "type": "person", "name": row["name"], **lists}
