"""How Zendesk pages: lists by cursor, searches by number up to 1,000 results, exports by time and cursor."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from infra.local.standins.server import Answer, Call, Refused
from infra.local.standins.zendesk_rows import Row, Rows, alive, invalid

MOST_LISTED = 100
MOST_EXPORTED = 1000
MOST_FOUND = 1000
_QUERY = re.compile(r'(email|phone|external_id|name):"?([^"]+)"?')


def listed(call: Call, name: str, rows: Sequence[Row]) -> Answer:
    """One page of a list; `page[after]` is where the last one ended."""
    size = _number(call, "page[size]", MOST_LISTED, MOST_LISTED)
    start = _number(call, "page[after]", 0, len(rows))
    shown = rows[start : start + size]
    more = start + size < len(rows)
    meta = {"has_more": more, "after_cursor": str(start + size) if shown else None, "before_cursor": None}
    return Answer(200, {name: list(shown), "meta": meta, "links": {"next": None, "prev": None}})


def many(call: Call, name: str, kind: str, rows: Rows) -> Answer:
    """`show_many`: at most 100 ids, in no promised order; those that are not there are left out."""
    ids = [one for one in call.query.get("ids", "").split(",") if one]
    if not ids or len(ids) > MOST_LISTED:
        raise Refused(invalid("ids must name 1 to 100 records"))
    found = [row for row in (rows.find(kind, one) for one in dict.fromkeys(reversed(ids))) if row is not None]
    shown = [row for row in found if alive(kind, row) or kind == "user"]
    return Answer(200, {name: shown, "count": len(shown), "next_page": None})


def searched(call: Call, rows: Rows, lag_s: float) -> Answer:
    """Users by one field; what changed less than `lag_s` ago is not found yet."""
    match = _QUERY.fullmatch(call.query.get("query", ""))
    if match is None:
        raise Refused(invalid("the query is not one that this stand-in knows"))
    known = (row for row in rows.by_kind["user"].values() if _is_indexed(rows, row, lag_s))
    found = [row for row in known if alive("user", row) and _found(rows, row, match[1], match[2])]
    return Answer(200, {"users": found[:MOST_LISTED], "count": min(len(found), MOST_FOUND), "next_page": None})


def exported(call: Call, name: str, kind: str, rows: Rows, lag_s: float) -> Answer:
    """One page of the incremental export by cursor, in the order of the changes."""
    size = _number(call, "per_page", MOST_EXPORTED, MOST_EXPORTED)
    mark = _mark(call) if "cursor" in call.query else (_start(call, rows), 0)
    ordered = [one for one in _settled(kind, rows, lag_s) if one > mark]
    shown = ordered[:size]
    last = shown[-1] if shown else mark
    body = {"after_cursor": f"{last[0]}|{last[1]}", "end_of_stream": len(ordered) <= size}
    return Answer(200, {name: [rows.by_kind[kind][number] for _, number in shown], **body})


def exported_by_time(call: Call, name: str, kind: str, rows: Rows, lag_s: float) -> Answer:
    """One page of the export by time: it ends with all rows of its last second."""
    start = _start(call, rows)
    ordered = [one for one in _settled(kind, rows, lag_s) if one[0] >= start]
    end = ordered[:MOST_EXPORTED][-1][0] if ordered else None
    shown = [one for one in ordered if end is not None and one[0] <= end]
    body = {"count": len(shown), "end_time": end, "end_of_stream": len(ordered) <= len(shown)}
    return Answer(200, {name: [rows.by_kind[kind][number] for _, number in shown], **body})


def _settled(kind: str, rows: Rows, lag_s: float) -> list[tuple[int, int]]:
    """(changed at, id) of the rows old enough to be exported."""
    limit = rows.now() - lag_s
    changes: Iterable[tuple[tuple[str, int], float]] = rows.changed.items()
    return sorted((int(at), number) for (one, number), at in changes if one == kind and (at <= limit or lag_s == 0))


def _start(call: Call, rows: Rows) -> int:
    start = call.query.get("start_time", "")
    if not start.isdigit():
        raise Refused(Answer(400, {"error": "InvalidParameter", "description": "start_time is required"}))
    if int(start) > rows.now() - 60:
        raise Refused(
            Answer(
                422,
                {
                    "error": "InvalidValue",
                    "description": "Too recent start_time. Use a start_time older than 60 seconds",
                },
            )
        )
    return int(start)


def _mark(call: Call) -> tuple[int, int]:
    at, _, number = call.query["cursor"].partition("|")
    if not (at.isdigit() and number.isdigit()):
        raise Refused(Answer(400, {"error": "InvalidParameter", "description": "cursor is not valid"}))
    return int(at), int(number)


def _number(call: Call, name: str, default: int, most: int) -> int:
    text = call.query.get(name, str(default))
    if not text.isdigit() or int(text) > most:
        raise Refused(invalid(f"{name} must be at most {most}"))
    return int(text)


def _is_indexed(rows: Rows, row: Row, lag_s: float) -> bool:
    return not lag_s or rows.changed.get(("user", row["id"]), 0) <= rows.now() - lag_s


def _found(rows: Rows, row: Row, name: str, value: str) -> bool:
    wanted = value.casefold()
    if name in ("external_id", "name"):
        return str(row.get(name) or "").casefold() == wanted
    kind = "email" if name == "email" else "phone_number"
    held: list[Any] = [
        row.get(name),
        *(one["value"] for one in rows.identities.get(row["id"], []) if one["type"] == kind),
    ]
    if name == "email":
        return wanted in {str(one).casefold() for one in held if one}
    digits = re.sub(r"\D", "", wanted)[-9:]
    return any(re.sub(r"\D", "", str(one)).endswith(digits) for one in held if one)
