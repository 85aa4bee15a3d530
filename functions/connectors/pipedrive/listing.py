"""Reading rows by id and by time: lists of version 2, at most 500 rows a page, 100 ids."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.pipedrive.api import MOST_LISTED, Api, Refusal
from connectors.pipedrive.records import PATHS, gone, shown
from connectors.pipedrive.writing import GONE, is_id
from hub.delivery import Connection
from hub.domain.sync import Found, Owner, Slice
from hub.parsing import dict_at, id_at, list_at, text_at

MOST_IDS = 100


def read(api: Api, kind: str, ids: Sequence[str], connection: Connection, owners: Sequence[Owner]) -> list[Found]:
    """Each record once, in the order asked for; what the answers leave out is gone, or hidden from the token's user."""
    unique = list(dict.fromkeys(ids))
    known = [one for one in unique if is_id(one)]
    rows: dict[str, dict[str, object]] = {}
    for start in range(0, len(known), MOST_IDS):
        rows |= _rows(api, kind, known[start : start + MOST_IDS])
    return [shown(kind, rows[one], connection, owners) if one in rows else gone(kind, one) for one in unique]


def _rows(api: Api, kind: str, ids: Sequence[str]) -> dict[str, dict[str, object]]:
    if len(ids) == 1:  # 1 token where a list costs 10
        try:
            row = dict_at(api.get(f"{PATHS[kind]}/{ids[0]}"), "data")
        except Refusal as refusal:
            if refusal.status not in GONE:
                raise
            row = {}
        return {ids[0]: row} if row else {}
    answer = api.get(PATHS[kind], ids=",".join(ids), limit=MOST_LISTED)
    return {found: row for row in list_at(answer, "data") if (found := id_at(row, "id"))}


def page(
    api: Api, kind: str, since: str | None, cursor: str | None, connection: Connection, owners: Sequence[Owner]
) -> Slice:
    """A page by `id` where all are wanted, by `update_time` from `since` on, whose fractions of a second are dropped."""
    changed = {"updated_since": f"{since[:19]}Z", "sort_by": "update_time"} if since else {"sort_by": "id"}
    answer = api.get(PATHS[kind], limit=MOST_LISTED, cursor=cursor, sort_direction="asc", **changed)
    rows = [row for row in list_at(answer, "data") if id_at(row, "id")]
    return Slice(
        found=tuple(shown(kind, row, connection, owners) for row in rows if row.get("is_deleted") is not True),
        deleted=tuple(str(row["id"]) for row in rows if row.get("is_deleted") is True),
        next=text_at(answer, "additional_data", "next_cursor"),
    )
