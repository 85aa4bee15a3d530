"""What a person has to decide: evidence that contradicts itself, and identifiers that several hold."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from api.customers import directory, shown
from api.paging import Cursor, Limit, Seal
from api.resource import Resource
from hub import suggestions, view

router = Resource()
MOST_SHOWN = 10  # customers of one conflict


class ConflictCase(BaseModel):
    """`clash`: evidence between two identifiers (`personas`) that does not count, because of other evidence.

    `shared`: one identifier that several hold at once. `why` says it in words; `customers` are those concerned, at
    most 10 of `customers_count`.
    """

    kind: Literal["clash", "shared"]
    why: str
    at: str
    personas: list[str]
    customers: list[view.CustomerView]
    customers_count: int


class ConflictPage(BaseModel):
    """Newest first. A page may be short where conflicts were settled meanwhile, and `next` lead on all the same."""

    conflicts: list[ConflictCase]
    next: str | None


@router.get("/v1/conflicts", summary="What a person has to decide", tags=["identity"])
def list_conflicts(limit: Limit = 25, cursor: Cursor = None) -> ConflictPage:
    """Open conflicts: merge, not-the-same or a mark as shared settles them; none is ever settled by itself."""
    hub = router.hub
    seal = Seal(hub.secrets.hash_key(), "conflicts")
    found, start = suggestions.conflicts(directory(hub), limit, seal.open(cursor))
    return ConflictPage(conflicts=[_case(one) for one in found], next=seal.close(start))


def _case(one: suggestions.Conflict) -> ConflictCase:
    return ConflictCase(
        kind="clash" if len(one.personas) > 1 else "shared",
        why=one.why,
        at=one.at,
        personas=list(one.personas),
        customers=[shown(router.hub, each) for each in one.customers[:MOST_SHOWN]],
        customers_count=len(one.customers),
    )
