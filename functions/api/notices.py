"""What concerns no customer: accounts, templates, agents, requests about data, records that name nobody."""

from __future__ import annotations

from pydantic import BaseModel

from api.paging import Cursor, Limit, Seal
from api.resource import Resource
from hub import view
from hub.timeline_store import TimelineStore, read

router = Resource()


class Notices(BaseModel):
    """Newest first; `next` is the cursor of the next page, null at the end."""

    entries: list[view.EntryView]
    next: str | None


@router.get("/v1/notices", summary="What concerns no customer", tags=["operations"])
def list_notices(limit: Limit = 25, cursor: Cursor = None) -> Notices:
    """News about accounts, templates and agents, requests about a person's data, and what names no customer."""
    hub = router.hub
    seal = Seal(hub.secrets.hash_key(), "notices")
    page = TimelineStore(hub.store).notices(limit=limit, start=seal.open(cursor))
    return Notices(entries=view.entries([read(item) for item in page.items]), next=seal.close(page.next_key))
