"""Reading rows by id, and listing them: COQL gives the ids by key, so no cap of pages and no shifting list matters.

https://www.zoho.com/crm/developer/docs/api/v8/COQL-Limitations.html and get-records.html (read November 2026)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from connectors.zoho.api import Api
from connectors.zoho.records import MODULES, gone, properties, shown
from hub.delivery import Connection
from hub.domain.sync import Found, Slice
from hub.errors import Reject
from hub.parsing import at, id_at, list_at, text_at
from hub.times import from_iso

MOST_IDS = 100
MOST_DELETED = 200
DELETED = "deleted"


def read(api: Api, kind: str, ids: Sequence[str], connection: Connection) -> list[Found]:
    """Each record once, in the order asked for; what the answers leave out is gone."""
    unique = list(dict.fromkeys(ids))
    rows = {id_at(row, "id"): row for row in _rows(api, kind, unique, properties(connection, kind))}
    return [shown(kind, rows[one], connection) if one in rows else gone(kind, one) for one in unique]


def modified(api: Api, kind: str, ids: Sequence[str]) -> dict[str, str]:
    """When each record that there is was changed last."""
    rows = _rows(api, kind, list(dict.fromkeys(ids)), ("id", "Modified_Time"))
    return {str(row["id"]): text_at(row, "Modified_Time") or "" for row in rows}


def _rows(api: Api, kind: str, ids: Sequence[str], names: Sequence[str]) -> Iterator[dict[str, Any]]:
    known = [one for one in ids if is_id(one)]
    for start in range(0, len(known), MOST_IDS):
        some = ",".join(known[start : start + MOST_IDS])
        answer = api.get(f"/{MODULES[kind]}", ids=some, fields=",".join(names), per_page=MOST_IDS)
        yield from (row for row in list_at(answer, "data") if id_at(row, "id"))


def page(api: Api, kind: str, since: str | None, cursor: str | None, connection: Connection) -> Slice:
    """The next 100 by id, or by time and id from `since` on; after these, with `since`, what was deleted since."""
    if since and cursor and cursor.startswith(DELETED):
        return _deleted(api, kind, since, int(cursor.partition(" ")[2] or 1))
    keys = api.ask(_query(MODULES[kind], since, cursor))
    records = read(api, kind, [str(row["id"]) for row in keys], connection)
    full = len(keys) == MOST_IDS
    return Slice(
        found=tuple(one for one in records if one.change != "deleted"),
        deleted=tuple(one.record.id for one in records if one.change == "deleted"),
        next=_key(keys[-1], since) if full else DELETED if since else None,
    )


def _query(module: str, since: str | None, cursor: str | None) -> str:
    """The query after the key in `cursor`: a time and an id, or an id alone, both checked before they get into it."""
    if since is None:
        after = f"id > {_id(cursor)}" if cursor else "id is not null"
        return f"select id from {module} where {after} order by id asc limit {MOST_IDS}"  # noqa: S608
    time, _, found = (cursor or "").partition(" ")
    if cursor:
        after = f"((Modified_Time > '{_time(time)}') or (Modified_Time = '{_time(time)}' and id > {_id(found)}))"
    else:
        after = f"Modified_Time >= '{since[:19]}+00:00'"
    order = "order by Modified_Time asc, id asc"
    return f"select id, Modified_Time from {module} where {after} {order} limit {MOST_IDS}"  # noqa: S608


def _key(row: Any, since: str | None) -> str:
    return f"{row['Modified_Time']} {row['id']}" if since else str(row["id"])


def is_id(text: str) -> bool:
    """Whether it can be a record's id: what is none is nobody's."""
    return text.isascii() and text.isdigit()


def _id(text: str) -> str:
    if not is_id(text):
        raise Reject("the place to go on at is none of this list")
    return text


def _time(text: str) -> str:
    if from_iso(text) is None:
        raise Reject("the place to go on at is none of this list")
    return text


def _deleted(api: Api, kind: str, since: str, number: int) -> Slice:
    changed = f"{since[:19]}+00:00"
    answer = api.get(f"/{MODULES[kind]}/deleted", since=changed, type="all", page=number, per_page=MOST_DELETED)
    more = at(answer, "info", "more_records") is True
    return Slice(
        deleted=tuple(found for row in list_at(answer, "data") if (found := id_at(row, "id"))),
        next=f"{DELETED} {number + 1}" if more else None,
    )
