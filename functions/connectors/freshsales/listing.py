"""History and what changed since, by the views: Freshsales has no other list.

All records are listed by their creation, what changed by the latest change: whatever moves meanwhile moves to a page that
is still to come, or is given twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.freshsales.api import MOST_LISTED, Api
from connectors.freshsales.records import INCLUDED, PATHS, Reader
from connectors.freshsales.template import record_id
from hub.domain.events import unix_ms
from hub.domain.sync import Found, Slice
from hub.errors import Reject
from hub.parsing import int_at, list_at, text_at, whole
from hub.times import any_time


def page(api: Api, reader: Reader, kind: str, since: str | None, cursor: str | None) -> Slice:
    """The page that the cursor (`<view>|<page>`) begins, or the first."""
    view, _, given = (cursor or f"{_view(api, reader, kind)}|1").partition("|")
    number = whole(given) or 1
    order = {"sort": "created_at", "sort_type": "asc"} if since is None else {"sort": "updated_at", "sort_type": "desc"}
    path = f"/{PATHS[kind]}/view/{view}"
    answer = api.get(path, page=number, per_page=MOST_LISTED, include=INCLUDED[kind], **order)
    rows = [row for row in list_at(answer, PATHS[kind]) if isinstance(row, dict)]
    new = [row for row in rows if _is_new(row, since)]
    found: list[Found] = [one for row in new if (one := reader.found(kind, row, answer))]
    goes_on = number < (int_at(answer, "meta", "total_pages") or 0) and len(new) == len(rows)
    total = int_at(answer, "meta", "total") if since is None else None
    return Slice(found=tuple(found), next=f"{view}|{number + 1}" if goes_on else None, total=total)


def _view(api: Api, reader: Reader, kind: str) -> str:
    """The view with all records: the one of the setting, else the first whose name begins with `All `."""
    given = reader.connection.settings.get(f"{kind}_view")
    if given:
        return str(given)
    views = [one for one in list_at(api.get(f"/{PATHS[kind]}/filters"), "filters") if isinstance(one, dict)]
    named = next((one for one in views if (text_at(one, "name") or "").lower().startswith("all ")), {})
    found = record_id(named)
    if found is None:
        raise Reject(f"Freshsales has no view of all records: name its number in the setting {kind}_view")
    return found


def _is_new(row: Mapping[str, Any], since: str | None) -> bool:
    updated = any_time(row.get("updated_at"))
    return since is None or updated is None or unix_ms(updated) >= unix_ms(since) // 1000 * 1000
