"""What a person must decide about fields before it is written to the platforms, and the decision: a claim like any other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import unquote

from aws_lambda_powertools.event_handler.openapi.params import Body, Query
from pydantic import BaseModel, Field

from api import etags
from api.connection_models import Closed
from api.customers import customer, directory
from api.fields import FieldWithHistory, decided, known_claims, with_history
from api.paging import Cursor, Limit, Seal
from api.resource import Resource
from hub import choices
from hub.customer import Customer
from hub.doubts import Doubts, Open, has_part, inbox
from hub.view import SourceView

router = Resource()
Part = Annotated[str | None, Query(max_length=100, description="Only those in which this connection has a part.")]
Kind = Literal["before_link", "refused", "held"]
# What the matter is -> what to do about it.
SENTENCES: Mapping[str, str] = {
    "before_link": "The records said different things before they were known to be one person's. Choose one, or another.",
    "refused": "A platform does not take the value: {reason}. Choose another, or mend it there.",
    "held": "The value has no counterpart on a platform: {reason}. Choose another, or map the word.",
}


class ConflictingClaim(BaseModel):
    """A value, who says so since when; `refused_by` is the connection that does not take it, if that is the matter."""

    value: str | None
    at: str
    source: SourceView
    refused_by: str | None


class FieldConflict(BaseModel):
    """A field of a customer that waits for a person, open since `at`; `why` says what the matter is and what to do."""

    customer: str
    name: str | None
    field: str
    kind: Kind
    why: str
    claims: list[ConflictingClaim]
    at: str


class FieldConflictPage(BaseModel):
    """Newest first. A page may be short where some were settled meanwhile, or are of another connection; `next` leads on."""

    conflicts: list[FieldConflict]
    next: str | None


class Choice(Closed):
    """What the field is: the value of a claim, another one, or null for none."""

    value: Annotated[str, Field(min_length=1, max_length=10_000)] | None
    why: str = Field(min_length=1, max_length=500)


class Withdrawal(Closed):
    """Why what was chosen shall not count any more."""

    why: str = Field(min_length=1, max_length=500)


@router.get("/v1/field-conflicts", summary="Fields that wait for a person", tags=["customers"])
def list_field_conflicts(limit: Limit = 25, cursor: Cursor = None, connection: Part = None) -> FieldConflictPage:
    """What contradicts itself since before a link, what a platform refuses, and words without a counterpart.

    Nothing else waits with them. A choice, a pin or a change on a platform settles them.
    """
    hub = router.hub
    seal = Seal(hub.secrets.hash_key(), f"field-conflicts {connection or ''}")
    found, start = inbox(directory(hub), limit, seal.open(cursor))
    wanted = [one for one in found if connection is None or has_part(one.doubt.claims, connection)]
    return FieldConflictPage(conflicts=[_conflict(one) for one in wanted], next=seal.close(start))


@router.post("/v1/customers/<customer_id>/fields/<field>/choose", summary="Say what a field is", tags=["customers"])
def choose_field(customer_id: str, field: str, wanted: Annotated[Choice, Body()]) -> FieldWithHistory:
    """A claim of yours, made now: it settles a conflict, is written to the platforms, and yields to what is said later.

    To have a value count whatever anybody says, pin it (`revert`).
    """
    found, field = customer(router.hub, customer_id), unquote(field)
    etags.take_turn(router, found, with_history(found, field, found.fields))
    claim = {"value": wanted.value, "source": _source_of(found, field, wanted.value)}
    choices.choose(router.hub.store, found, field, claim, router.work.decision(wanted.why))
    Doubts(router.hub.store).settled(found, field)
    return decided(customer_id, field)


@router.post(
    "/v1/customers/<customer_id>/fields/<field>/choose/withdraw", summary="Take back a choice", tags=["customers"]
)
def withdraw_choice(customer_id: str, field: str, wanted: Annotated[Withdrawal, Body()]) -> FieldWithHistory:
    """As if nobody had chosen: the field's policy decides among what the platforms say."""
    found, field = customer(router.hub, customer_id), unquote(field)
    etags.take_turn(router, found, with_history(found, field, found.fields))
    choices.withdraw(router.hub.store, found, field, router.work.decision(wanted.why))
    return decided(customer_id, field)


def _source_of(found: Customer, field: str, value: str | None) -> Mapping[str, Any] | None:
    """The latest platform that says so, where one does."""
    claims = [claim for claim in known_claims(found, field) if claim["value"] == value and value is not None]
    return max(claims, key=lambda one: str(one["at"]))["source"] if claims else None


def _conflict(one: Open) -> FieldConflict:
    kind, _, reason = one.doubt.why.partition(": ")
    name = one.customer.fields.get("name", {}).get("value")
    return FieldConflict(
        customer=one.customer.id,
        name=name,
        field=one.doubt.field,
        kind=kind,
        why=SENTENCES[kind].format(reason=reason.rstrip(".")),
        claims=[_claim(each) for each in one.doubt.claims],
        at=one.at,
    )


def _claim(said: Mapping[str, Any]) -> ConflictingClaim:
    source = said["source"]
    record = f"{source['object']}:{source['id']}"
    where = SourceView(connection=source["connection"], platform=source["platform"], record=record)
    return ConflictingClaim(value=said["value"], at=said["at"], source=where, refused_by=said.get("refused_by"))
