"""History and what changed since, by the incremental exports: 10 requests a minute, nothing of the last minute.

Users and tickets page by cursor; organizations by time, where the answer's `next_page` says from when to go on.
https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/ (read November 2026)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.zendesk.api import Api, Pair
from connectors.zendesk.news import record_id
from connectors.zendesk.people import OUR_SIDE
from connectors.zendesk.records import LISTS, found_record, is_gone, is_log
from hub.delivery import Connection
from hub.domain.events import unix_ms
from hub.domain.sync import Found, Slice
from hub.parsing import int_at, list_at, text_at

MOST_LISTED = 500
NEWEST_S = 61
FIRST = 1
BY_CURSOR = frozenset({"contact", "ticket"})


def page(api: Api, connection: Connection, kind: str, since: str | None, cursor: str | None, now: float) -> Slice:
    """The page that the cursor begins, or the first of what changed since; agents and what we filed are left out."""
    answer = _asked(api, kind, since, cursor, now)
    rows = [row for row in list_at(answer, LISTS[kind]) if isinstance(row, dict) and record_id(row, "id")]
    there = [row for row in rows if not is_gone(kind, row) and not is_log(row)]
    found: list[Found] = [one for row in there if (one := found_record(kind, row, connection))]
    deleted = tuple(str(row["id"]) for row in rows if is_gone(kind, row) and not _is_ours(row))
    return Slice(found=tuple(found), deleted=deleted, next=_next(kind, answer))


def _asked(api: Api, kind: str, since: str | None, cursor: str | None, now: float) -> dict[str, Any]:
    start: Pair = ("start_time", _start(since, now))
    if kind not in BY_CURSOR:
        return api.get(f"/incremental/{LISTS[kind]}", ("start_time", cursor) if cursor else start)
    first = ("cursor", cursor) if cursor else start
    return api.get(f"/incremental/{LISTS[kind]}/cursor", first, ("per_page", MOST_LISTED))


def _start(since: str | None, now: float) -> int:
    """Unix seconds, at least a minute ago: a later start is refused."""
    return min(unix_ms(since) // 1000 if since else FIRST, int(now) - NEWEST_S)


def _next(kind: str, answer: Mapping[str, Any]) -> str | None:
    if answer.get("end_of_stream") is not False:
        return None
    if kind in BY_CURSOR:
        return text_at(answer, "after_cursor")
    end = int_at(answer, "end_time")
    return str(end) if end is not None else None


def _is_ours(row: Mapping[str, Any]) -> bool:
    return (text_at(row, "role") or "") in OUR_SIDE
