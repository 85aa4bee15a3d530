"""What was refused at the door: counts by minute, connection and reason; never what was sent."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel

from api.paging import Cursor, Limit, Seal
from api.resource import Resource
from hub.ports import Item

router = Resource()


class Refusal(BaseModel):
    """How often, in the minute from `at`, deliveries to a connection (or "unknown") were refused for a reason."""

    at: str
    connection: str
    reason: str
    count: int


class Refusals(BaseModel):
    """Newest first; `next` is the cursor of the next page, null at the end."""

    refusals: list[Refusal]
    next: str | None


@router.get("/v1/refusals", summary="What was refused", tags=["operations"])
def list_refusals(limit: Limit = 25, cursor: Cursor = None) -> Refusals:
    """Unproven deliveries of the last 30 days, counted by minute, connection and reason."""
    hub = router.hub
    seal = Seal(hub.secrets.hash_key(), "refusals")
    page = hub.connection_items.query("REFUSED", limit=limit, start=seal.open(cursor), newest_first=True)
    now = hub.clock.now()
    live = [item for item in page.items if item.expires_at is None or item.expires_at > now]
    return Refusals(refusals=[_refusal(item) for item in live], next=seal.close(page.next_key))


def _refusal(item: Item) -> Refusal:
    minute, connection, reason = item.sk.split("#", 2)
    body: Mapping[str, int] = item.body
    return Refusal(at=f"{minute}:00Z", connection=connection, reason=reason, count=body["n"])
