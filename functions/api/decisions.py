"""Who is who, as people decide it: merge, unmerge, not the same; each with a preview, each taken back at any time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body, Query
from pydantic import BaseModel, Field

from api import decided, etags, previews
from api.connection_models import Closed
from api.customers import customer, directory, shown
from api.decided import Pair, Why
from api.judging import forgettable, joined, keeping_apart, parted, taking_back
from api.previews import MergePreview, PartPreview, TwoCustomers
from api.problems import Problem
from api.resource import Resource
from hub import view
from hub.customer import Customer
from hub.evidence_view import DecisionView, decision
from hub.linked import Verdict

router = Resource()
PERSONA = "^[a-z2-7]{26}$"
OtherId = Annotated[str, Field(pattern=PERSONA, description="Any id that the other customer ever had.")]


class Merge(Closed):
    """With whom, and why."""

    with_: OtherId = Field(alias="with")
    why: Why


class Unmerge(Closed):
    """From whom, by an id that belonged to the other side before the merge, and why."""

    from_: OtherId = Field(alias="from")
    why: Why


class NotTheSame(Closed):
    """As whom, and why."""

    as_: OtherId = Field(alias="as")
    why: Why


class DecisionAbout(DecisionView):
    """A decision with what it is about: `persona` is the customer's, `other` the one it was compared with, if any."""

    persona: str
    other: str | None
    in_force: bool


class DecisionList(BaseModel):
    """The newest first; `customer` is the customer's id now."""

    customer: str
    decisions: list[DecisionAbout]


@router.get("/v1/customers/<customer_id>/decisions", summary="What people decided", tags=["identity"])
def list_decisions(customer_id: str) -> DecisionList:
    """Who decided what about the customer's identifiers, when and why; also what was taken back since."""
    found = customer(router.hub, customer_id)
    listed = [_listed(about, said) for about in decided.decisions_of(found) for said in about.history]
    ordered = sorted(listed, key=lambda one: (one.at, one.id), reverse=True)
    return etags.shown(router, DecisionList(customer=found.id, decisions=ordered), etags.turn_of(found))


@router.get("/v1/customers/<customer_id>/merge/preview", summary="What a merge would change", tags=["identity"])
def preview_merge(customer_id: str, with_: Annotated[str, Query(alias="with", pattern=PERSONA)]) -> MergePreview:
    """The customer that there would be, the fields that would change, the conflicts that would stand.

    Its ETag, as If-Match of the merge, makes sure that nothing of it has changed since.
    """
    mine, theirs = _both(customer_id, with_)
    after = joined(directory(router.hub), mine, theirs)
    return etags.shown(router, previews.merged(mine, theirs, after), etags.turn_of(mine))


@router.post("/v1/customers/<customer_id>/merge", summary="Merge two customers", tags=["identity"])
def merge(customer_id: str, wanted: Annotated[Merge, Body()]) -> view.CustomerView:
    """Joins two customers into one; no data moves, both ids go on finding it, and unmerge takes it back."""
    mine, theirs = _both(customer_id, wanted.with_)
    said = Said((customer_id, wanted.with_), "same", wanted.why)
    pairs = decided.written_by(router.work, (mine, theirs))
    if pairs:
        _write(said, mine, pairs)
        return _now(customer_id)
    after = joined(directory(router.hub), mine, theirs)
    _take_turn(mine, lambda: previews.merged(mine, theirs, after))
    _write(said, mine, [(mine.anchor, theirs.anchor)])
    return _now(customer_id)


@router.get("/v1/customers/<customer_id>/unmerge/preview", summary="What an unmerge would change", tags=["identity"])
def preview_unmerge(customer_id: str, from_: Annotated[str, Query(alias="from", pattern=PERSONA)]) -> PartPreview:
    """The two customers that there would be, and the fields that would change; its ETag is as that of the merge's."""
    mine, _theirs = _both(customer_id, from_)
    pairs = taking_back(directory(router.hub), mine, customer_id, from_)
    return _previewed(mine, pairs, Said((customer_id, from_), "none"))


@router.post("/v1/customers/<customer_id>/unmerge", summary="Take a merge back", tags=["identity"])
def unmerge(customer_id: str, wanted: Annotated[Unmerge, Body()]) -> TwoCustomers:
    """Takes back the merge that joins the two sides: each has its timeline, fields and conversations, old and new."""
    mine, theirs = _both(customer_id, wanted.from_)
    said = Said((customer_id, wanted.from_), "none", wanted.why)
    begun = decided.written_by(router.work, (mine, theirs))
    pairs = begun
    if mine.has(wanted.from_) or not begun:
        pairs = taking_back(directory(router.hub), mine, *said.ids)
    return _part(said, mine, pairs, begun=bool(begun))


@router.get(
    "/v1/customers/<customer_id>/not-the-same/preview", summary="What keeping apart would change", tags=["identity"]
)
def preview_not_the_same(customer_id: str, as_: Annotated[str, Query(alias="as", pattern=PERSONA)]) -> PartPreview:
    """The two customers that there would be, and the fields that would change; its ETag is as that of the merge's."""
    mine, theirs = _both(customer_id, as_)
    pair = keeping_apart(directory(router.hub), mine, theirs, (customer_id, as_))
    return _previewed(mine, [pair], Said((customer_id, as_), "apart"))


@router.post("/v1/customers/<customer_id>/not-the-same", summary="Keep two apart", tags=["identity"])
def not_the_same(customer_id: str, wanted: Annotated[NotTheSame, Body()]) -> TwoCustomers:
    """Remembers that the two are not the same person, whatever evidence comes later."""
    mine, theirs = _both(customer_id, wanted.as_)
    said = Said((customer_id, wanted.as_), "apart", wanted.why)
    begun = decided.written_by(router.work, (mine, theirs))
    pairs = begun or [keeping_apart(directory(router.hub), mine, theirs, said.ids)]
    return _part(said, mine, pairs, begun=bool(begun))


@router.post("/v1/customers/<customer_id>/not-the-same/forget", summary="Forget a not-the-same", tags=["identity"])
def forget_not_the_same(customer_id: str, wanted: Annotated[NotTheSame, Body()]) -> TwoCustomers:
    """Takes back that two are not the same person: from then on evidence decides again."""
    mine, theirs = _both(customer_id, wanted.as_)
    said = Said((customer_id, wanted.as_), "none", wanted.why)
    begun = decided.written_by(router.work, (mine, theirs))
    pairs = forgettable([*begun, *decided.kept_apart(mine, theirs)])
    if not begun:
        _take_turn(mine)
    _write(said, mine, pairs)
    return _two(said.ids)


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says of two customers, by the path's id and the other's."""

    ids: Pair
    verdict: Verdict
    why: str = ""


def _both(customer_id: str, other_id: str) -> tuple[Customer, Customer]:
    """The path's customer and the other one, or Problem 404."""
    both = customer(router.hub, customer_id), customer(router.hub, other_id, what="other customer")
    if any(one.rest for one in both):
        raise Problem(
            409, "This is a past that is nobody's: decide about the customers who may have held the identifier."
        )
    return both


def _previewed(mine: Customer, pairs: Sequence[Pair], said: Said) -> PartPreview:
    return etags.shown(router, _parting(mine, pairs, said), etags.turn_of(mine))


def _parting(mine: Customer, pairs: Sequence[Pair], said: Said) -> PartPreview:
    return previews.parted(mine, *parted(directory(router.hub), pairs, said.verdict, said.ids))


def _part(said: Said, mine: Customer, pairs: Sequence[Pair], *, begun: bool) -> TwoCustomers:
    """Parts the two, once it is sure that the decision does; work that was `begun` before only goes on."""
    if not begun:
        preview = _parting(mine, pairs, said)
        _take_turn(mine, lambda: preview)
    _write(said, mine, pairs)
    return _two(said.ids)


def _take_turn(mine: Customer, preview: etags.Preview | None = None) -> None:
    etags.take_turn(router, mine, view.customer(mine), preview)


def _write(said: Said, mine: Customer, pairs: Sequence[Pair]) -> None:
    """Writes the decision about each pair, then the timeline of the path's customer; each step may be repeated."""
    hub, known = router.hub, directory(router.hub)
    (written, *_rest) = [decided.decide(known, pair, said.verdict, router.work, said.why) for pair in pairs]
    alone = known.supposing({frozenset(pair): "apart" for pair in pairs}).customer(said.ids[0])
    decided.tell(known, alone or mine, {"verdict": said.verdict, "with": said.ids[1]}, written)
    hub.telemetry.count("api.decided", verdict=said.verdict)


def _now(customer_id: str) -> view.CustomerView:
    after = shown(router.hub, customer(router.hub, customer_id))
    router.exchange.etag = after.etag
    return after


def _two(ids: Pair) -> TwoCustomers:
    return TwoCustomers(customer=_now(ids[0]), other=shown(router.hub, customer(router.hub, ids[1])))


def _listed(about: decided.About, said: Mapping[str, Any]) -> DecisionAbout:
    now = about.in_force
    return DecisionAbout(
        **decision(said).model_dump(),
        persona=about.persona,
        other=about.other or None,
        in_force=now is not None and now["id"] == said["id"],
    )
