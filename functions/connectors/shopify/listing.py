"""Customers and orders page by page, by the API's cursors.

Not by a bulk operation: that gives everything in one file that another host serves and that cannot be resumed, runs once
in a shop at a time, and must be asked about until it is done; a cursor goes on wherever a page ended. All records come
in the order of their ids. Changed ones come in the order of their change, so whoever changes meanwhile only moves to
the end.
"""

from __future__ import annotations

from connectors.shopify import queries
from connectors.shopify.api import Api
from connectors.shopify.rows import found_record
from hub.delivery import Connection
from hub.domain.events import instant, unix_ms
from hub.domain.sync import Slice
from hub.parsing import bool_at, dict_at, int_at, list_at, text_at


def page(api: Api, connection: Connection, kind: str, since: str | None, cursor: str | None) -> Slice:
    """One page; of a search's result, what is older than asked for is left out."""
    name = f"{queries.NAMES[kind]}s"
    shown = dict_at(api.ask(queries.page(kind), _variables(kind, since, cursor)), name)
    goes_on = bool_at(shown, "pageInfo", "hasNextPage") is True
    return Slice(
        found=tuple(one for node in list_at(shown, "nodes") if (one := found_record(kind, node, connection))),
        next=text_at(shown, "pageInfo", "endCursor") if goes_on else None,
        total=_total(api, kind) if cursor is None and not since else None,
    )


def _variables(kind: str, since: str | None, cursor: str | None) -> dict[str, object]:
    # Shopify's times are whole seconds.
    changed = f"updated_at:>='{instant(unix_ms(since))[:19]}Z'" if since else None
    sort = "UPDATED_AT" if since else "ID"
    return {"first": queries.LISTED[kind], "after": cursor, "query": changed, "sort": sort}


def _total(api: Api, kind: str) -> int | None:
    return int_at(api.ask(queries.count(kind)), f"{queries.NAMES[kind]}sCount", "count")
