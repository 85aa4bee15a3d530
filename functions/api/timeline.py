"""The timeline of a customer: the entries of all its personas, merged in the platforms' own order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import BaseModel

from api.customers import customer
from api.moments import Time, moment
from api.paging import Cursor, Limit, Seal, mark_of, sealed
from api.resource import Resource
from hub import view
from hub.domain.timeline import Channel, Kind
from hub.ports import Item
from hub.timeline_pages import Paging, Wanted, read_page
from hub.timeline_store import TimelineStore, read

router = Resource()

Connections = Annotated[list[str] | None, Query(max_length=50, description="Only of these connections.")]
AT_END = "$~"  # behind the places of one time


class Timeline(BaseModel):
    """Entries in order. `next` and `previous` are cursors of the pages after and before it, null where nothing is.

    Where a filter leaves out most of what is there, a page may be short, or empty, and `next` lead on all the same.
    """

    entries: list[view.EntryView]
    next: str | None
    previous: str | None


@router.get("/v1/customers/<customer_id>/timeline", summary="A customer's timeline", tags=["customers"])
def read_timeline(
    customer_id: str,
    limit: Limit = 25,
    cursor: Cursor = None,
    order: Literal["newest", "oldest"] = "newest",
    channel: Annotated[list[Channel] | None, Query(description="Only what was said on these channels.")] = None,
    kind: Annotated[list[Kind] | None, Query(description="Only entries of these kinds.")] = None,
    connection: Connections = None,
    since: Time = None,
    until: Time = None,
    at: Time = None,
) -> Timeline:
    """All that happened with the customer on every channel, ordered by the platforms' own time.

    From `since` (included) until `until` (excluded); `at` shows it as it was at that time.
    """
    hub = router.hub
    then = moment("at", at)
    found = customer(hub, customer_id, then)
    ends = [moment("until", until), then and f"{then}{AT_END}"]
    wanted = Wanted(
        frozenset(channel or ()),
        frozenset(kind or ()),
        frozenset(connection or ()),
        moment("since", since) or "",
        min((end for end in ends if end), default="~"),
    )
    seal = Seal(hub.secrets.hash_key(), f"timeline {customer_id} {order} {_named(wanted)}")
    paging = Paging(limit, order == "newest", mark_of(seal, cursor))
    page = read_page(TimelineStore(hub.store), found.personas, wanted, paging)
    entries = _entries(page.items, then)
    return Timeline(entries=entries, next=sealed(seal, page.next), previous=sealed(seal, page.previous))


def _entries(items: Sequence[Item], at: str | None) -> list[view.EntryView]:
    found = [read(item) for item in items]
    return view.entries(found if at is None else [one.known_at(at) for one in found])


def _named(wanted: Wanted) -> str:
    """What is asked for, the same for any order of it."""
    lists = (wanted.channels, wanted.kinds, wanted.connections)
    return " ".join([*(",".join(sorted(one)) for one in lists), wanted.since, wanted.until])
