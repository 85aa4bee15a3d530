"""Sets of rows: filtered, in order, page by page, and by change tracking with deletions.

https://learn.microsoft.com/en-us/power-apps/developer/data-platform/use-change-tracking-synchronize-data-external-systems
(read November 2026)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from infra.local.standins.dynamics_query import condition, malformed, ordered, selected
from infra.local.standins.dynamics_records import Rows, annotated, etag, flat
from infra.local.standins.dynamics_schema import BAD_VALUE, Table, refuse
from infra.local.standins.server import Answer

LARGEST_PAGE = 5000
_TOKEN = re.compile(r"(?P<version>\d+)!(?P<rest>.*)")


@dataclass(frozen=True, slots=True)
class Asked:
    """A query of a set: its options, what `Prefer` says, and the address that all links begin with."""

    table: Table
    query: Mapping[str, str]
    prefer: str
    root: str

    @property
    def size(self) -> int:
        """Rows on one page."""
        found = re.search(r"odata\.maxpagesize=(\d+)", self.prefer)
        return min(int(found[1]) if found else LARGEST_PAGE, LARGEST_PAGE)

    def link(self, name: str, token: str) -> str:
        """The same query with a token."""
        rest = {key: value for key, value in self.query.items() if key not in ("$skiptoken", "$deltatoken")}
        options = "&".join(f"{key}={quote(value, safe='$,()')}" for key, value in {**rest, name: token}.items())
        return f"{self.root}{self.table.plural}?{options}"


def page(rows: Rows, asked: Asked) -> Answer:
    """One page of a set."""
    names = selected(asked.query, asked.table)
    body = _tracked(rows, asked, names) if "odata.track-changes" in asked.prefer else _plain(rows, asked, names)
    return Answer(200, body)


def _plain(rows: Rows, asked: Asked, names: list[str]) -> dict[str, Any]:
    table, test = asked.table, condition(asked.query.get("$filter"), asked.table)
    order = [*ordered(asked.query.get("$orderby"), table), table.id]

    def place(row: Mapping[str, Any]) -> str:
        return "\t".join(str(row.get(name) or "") for name in order)

    found = sorted((flat(table, row) for row in rows.of(table.name).values()), key=place)
    after = asked.query.get("$skiptoken", "")
    found = [row for row in found if test(row) and place(row) > after]
    if "$top" in asked.query:
        found = found[: int(asked.query["$top"])]
    some, body = found[: asked.size], _body(asked, names)
    body["value"] = [_shown(rows, asked, row[table.id], names) for row in some]
    if len(found) > asked.size:
        body["@odata.nextLink"] = asked.link("$skiptoken", place(some[-1]))
    return body


def _tracked(rows: Rows, asked: Asked, names: list[str]) -> dict[str, Any]:
    """All rows and then a delta link, or what changed since one was given."""
    if not asked.table.tracked:
        raise refuse(400, BAD_VALUE, f"Change tracking is not enabled for {asked.table.name}")
    if asked.query.keys() & {"$filter", "$orderby", "$top"}:
        raise malformed("Change tracking takes no filter, order or top")
    first = f"{_version(asked.query.get('$deltatoken'))}!{rows.latest}!"
    since, until, last = asked.query.get("$skiptoken", first).split("!", 2)
    entries = sorted(_entries(rows, asked.table, int(since)))
    left = [one for one in entries if one[0] > last]
    some, body = left[: asked.size], _body(asked, names, "/$delta")
    body["value"] = [each(asked, rows, names) for _, each in some]
    if len(left) > asked.size:
        body["@odata.nextLink"] = asked.link("$skiptoken", f"{since}!{until}!{some[-1][0]}")
    else:
        body["@odata.deltaLink"] = asked.link("$deltatoken", f"{until}!11/23/2026 00:00:00")
    return body


Each = Callable[[Asked, Rows, list[str]], dict[str, Any]]


def _entries(rows: Rows, table: Table, since: int) -> list[tuple[str, Each]]:
    """What there is to tell, in an order that stays: rows by id, behind them deletions by version."""
    changed = [one for one, row in rows.of(table.name).items() if row["versionnumber"] > since]
    gone = [(at, one) for at, named, one in rows.deleted if named == table.name and at > since > 0]
    found: dict[str, Each] = {f"r{one}": _telling(one) for one in changed}
    found |= {f"s{at:012d}": _lost(one) for at, one in gone}
    return list(found.items())


def _telling(row_id: str) -> Each:
    return lambda asked, rows, names: _shown(rows, asked, row_id, names)


def _lost(row_id: str) -> Each:
    def told(asked: Asked, _rows: Rows, _names: list[str]) -> dict[str, Any]:
        context = f"{asked.root}$metadata#{asked.table.plural}/$deletedEntity"
        return {"@odata.context": context, "id": row_id, "reason": "deleted"}

    return told


def _version(token: str | None) -> int:
    if token is None:
        return 0
    found = _TOKEN.fullmatch(token)
    if found is None:
        raise malformed("The delta token is not valid")
    return int(found["version"])


def _body(asked: Asked, names: list[str], kind: str = "") -> dict[str, Any]:
    return {"@odata.context": f"{asked.root}$metadata#{asked.table.plural}({','.join(names)}){kind}"}


def _shown(rows: Rows, asked: Asked, row_id: str, names: list[str]) -> dict[str, Any]:
    return show(rows, asked.table, row_id, names, asked.prefer)


def show(rows: Rows, table: Table, row_id: str, names: list[str], prefer: str) -> dict[str, Any]:
    """A row as the API gives it, with annotations where they are asked for, and always with its id and version."""
    row = rows.of(table.name)[row_id]
    wanted = list(dict.fromkeys([*names, table.id]))

    def label(named: str, other: str) -> str | None:
        found = rows.of(named).get(other, {})
        return found.get("fullname") or found.get("name")

    values = flat(table, row)
    asked = "FormattedValue" in prefer
    shown = annotated(table, row, wanted, label) if asked else {name: values[name] for name in wanted}
    return {"@odata.etag": etag(row), **shown}
