"""Who may be the same person: suggestions with their reasons, for a person to accept or to refuse for good."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body
from pydantic import BaseModel

from api import decided, decisions
from api.connection_models import Closed
from api.customers import customer, directory, shown
from api.decided import Why
from api.previews import TwoCustomers
from api.problems import not_found
from api.resource import Resource
from hub import view
from hub.suggestions import suggestions, was_suggested

router = Resource()


class ReasonView(BaseModel):
    """Why the two are alike, and how much it says, from 0 to 1."""

    why: str
    weight: float


class SuggestionView(BaseModel):
    """A customer who may be the same person: `score` from 0 to 1, and since when it is suggested."""

    customer: view.CustomerView
    score: float
    reasons: list[ReasonView]
    at: str


class SuggestionList(BaseModel):
    """The likeliest first, at most 25; `customer` is the customer's id now."""

    customer: str
    suggestions: list[SuggestionView]


class Judged(Closed):
    """Why it is so."""

    why: Why


Answer = Annotated[Judged, Body()]


@router.get("/v1/customers/<customer_id>/suggestions", summary="Who may be the same person", tags=["identity"])
def list_suggestions(customer_id: str) -> SuggestionList:
    """Customers whom nothing joins with this one, and who are like it; nobody is ever joined by likeness."""
    hub = router.hub
    found = customer(hub, customer_id)
    listed = [
        SuggestionView(
            customer=shown(hub, one.customer),
            score=one.score,
            reasons=[ReasonView(why=why, weight=weight) for why, weight in one.reasons],
            at=one.at,
        )
        for one in suggestions(directory(hub), found)
    ]
    return SuggestionList(customer=found.id, suggestions=listed)


@router.post(
    "/v1/customers/<customer_id>/suggestions/<other_id>/accept", summary="Accept a suggestion", tags=["identity"]
)
def accept_suggestion(customer_id: str, other_id: str, answer: Answer) -> view.CustomerView:
    """Merges the two, as a person's decision; 404 where they were not suggested. Unmerge takes it back."""
    _require_suggested(customer_id, other_id)
    return decisions.merge(customer_id, decisions.Merge.model_validate({"with": other_id, "why": answer.why}))


@router.post(
    "/v1/customers/<customer_id>/suggestions/<other_id>/not-the-same", summary="Refuse a suggestion", tags=["identity"]
)
def refuse_suggestion(customer_id: str, other_id: str, answer: Answer) -> TwoCustomers:
    """Remembers that the two are not the same person, whatever evidence comes later; 404 where not suggested."""
    _require_suggested(customer_id, other_id)
    wanted = decisions.NotTheSame.model_validate({"as": other_id, "why": answer.why})
    return decisions.not_the_same(customer_id, wanted)


def _require_suggested(customer_id: str, other_id: str) -> None:
    """Problem 404 where the other was not suggested; work that was begun before may go on."""
    mine, theirs = customer(router.hub, customer_id), customer(router.hub, other_id, what="other customer")
    begun = decided.written_by(router.work, (mine, theirs))
    if not begun and not was_suggested(router.hub.store, mine, theirs):
        raise not_found("suggestion")
