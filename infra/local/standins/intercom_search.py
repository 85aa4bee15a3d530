"""Intercom's searches and lists: by cursor, dates by the calendar day, and minutes behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from infra.local.standins.intercom_rows import Row, errors
from infra.local.standins.server import Answer, Call, Refused

DAY_S = 86_400
MOST_LISTED = 150
MOST_FILTERS = 15
DATES = frozenset({"created_at", "updated_at", "last_seen_at", "signed_up_at"})
FIELDS: Mapping[str, frozenset[str]] = {
    "contact": DATES | {"id", "role", "name", "email", "phone", "formatted_phone", "external_id", "owner_id"},
    "ticket": DATES | {"id", "title", "ticket_type_id", "contact_ids", "open", "state"},
    "conversation": DATES | {"id", "state", "contact_ids", "open"},
}
NAMES = {"contact": "data", "ticket": "tickets", "conversation": "conversations"}
Test = Callable[[Row], bool]


def searched(call: Call, kind: str, rows: Sequence[Row], offset_s: int) -> Answer:
    """A page of what fits the query; `offset_s` is how far the workspace's midnight is from that of UTC."""
    body = call.json()
    if not isinstance(body, dict) or "query" not in body or set(body) - {"query", "pagination", "sort"}:
        raise Refused(Answer(400, errors("parameter_not_found", "query")))
    test = _test(kind, body["query"], offset_s, depth=0)
    pagination = body.get("pagination") or {}
    if set(pagination) - {"per_page", "starting_after"} or pagination.get("per_page", 1) > MOST_LISTED:
        raise Refused(Answer(400, errors("parameter_invalid", "per_page")))
    found = _sorted([row for row in rows if test(row)], body.get("sort"), kind)
    return _page(NAMES[kind], found, pagination.get("per_page", 50), pagination.get("starting_after"))


def listed(call: Call, name: str, rows: Sequence[Row]) -> Answer:
    """A page of all rows."""
    size = int(call.query.get("per_page", "50"))
    if size > MOST_LISTED:
        raise Refused(Answer(400, errors("parameter_invalid", "per_page")))
    return _page(name, sorted(rows, key=lambda row: str(row["id"])), size, call.query.get("starting_after"))


def numbered(call: Call, rows: Sequence[Row], default: int) -> Answer:
    """A page by its number."""
    size, page = int(call.query.get("per_page", default)), int(call.query.get("page", "1"))
    pages = {"type": "pages", "page": page, "per_page": size, "total_pages": -(-len(rows) // size)}
    shown = list(rows[(page - 1) * size : page * size])
    return Answer(200, {"type": "list", "data": shown, "pages": pages, "total_count": len(rows)})


def _page(name: str, rows: Sequence[Row], size: int, after: str | None) -> Answer:
    """The cursor is the id after which to go on: rows before it do not matter any more."""
    ids = [str(row["id"]) for row in rows]
    if after is not None and after not in ids:
        raise Refused(Answer(400, errors("parameter_invalid", "starting_after")))
    start = ids.index(after) + 1 if after else 0
    shown = rows[start : start + size]
    more = {"per_page": size, "starting_after": ids[start + size - 1]} if start + size < len(rows) else None
    pages = {"type": "pages", "page": 1, "per_page": size, "total_pages": 1} | ({"next": more} if more else {})
    return Answer(200, {"type": "list", name: list(shown), "pages": pages, "total_count": len(rows)})


def _sorted(rows: list[Row], sort: Any, kind: str) -> list[Row]:
    if sort is None:
        return sorted(rows, key=lambda row: str(row["id"]))
    if (
        kind != "contact"
        or set(sort) - {"field", "order"}
        or sort.get("order") not in (None, "ascending", "descending")
    ):
        raise Refused(Answer(400, errors("invalid_sort_order", "sort")))
    return sorted(rows, key=lambda row: (row[sort["field"]], row["id"]), reverse=sort.get("order") != "ascending")


def _test(kind: str, query: Any, offset_s: int, depth: int) -> Test:
    if depth > 2 or not isinstance(query, dict):
        raise Refused(Answer(400, errors("parameter_invalid", "query")))
    if query.get("operator") in ("AND", "OR"):
        parts = query.get("value")
        if not isinstance(parts, list) or not 0 < len(parts) <= MOST_FILTERS:
            raise Refused(Answer(400, errors("parameter_invalid", "value")))
        tests = [_test(kind, part, offset_s, depth + 1) for part in parts]
        quantifier = all if query["operator"] == "AND" else any
        return lambda row: quantifier(test(row) for test in tests)
    return _filter(kind, query, offset_s)


def _filter(kind: str, query: Row, offset_s: int) -> Test:
    name, operator, value = query.get("field"), query.get("operator"), query.get("value")
    if set(query) != {"field", "operator", "value"} or name not in FIELDS[kind]:
        raise Refused(Answer(400, errors("parameter_invalid", "field")))
    if name in DATES:
        return _dated(str(name), operator, value, offset_s)
    if operator != "=":
        raise Refused(Answer(400, errors("parameter_invalid", "operator")))
    if name == "contact_ids":
        return lambda row: value in {one["id"] for one in row["contacts"]["contacts"]}
    if name == "phone":
        return lambda row: bool(row["phone"]) and _digits(row["phone"]) == _digits(str(value))
    return lambda row: str(row.get(str(name)) or "").casefold() == str(value).casefold()


def _dated(name: str, operator: Any, value: Any, offset_s: int) -> Test:
    """Only days count: `>` begins with the next one."""
    if operator not in ("=", "<", ">") or not isinstance(value, int):
        raise Refused(Answer(400, errors("parameter_invalid", name)))
    day = (value + offset_s) // DAY_S
    tests: Mapping[str, Callable[[int], bool]] = {
        "=": lambda of: of == day,
        "<": lambda of: of < day,
        ">": lambda of: of > day,
    }
    return lambda row: tests[operator]((row[name] + offset_s) // DAY_S)


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isdigit())
