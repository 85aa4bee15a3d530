"""What a customer is known by and why; identifiers that several people hold."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body
from pydantic import BaseModel, Field

from api import decided, etags
from api.access import ADMIN, granted
from api.connection_models import Closed
from api.customers import customer, directory
from api.customers import shown as shown_customer
from api.decided import Why
from api.moments import Time, moment
from api.problems import Problem
from api.resource import Resource
from hub import view
from hub.customer import Customer
from hub.evidence_view import IdentifierEvidence, identifiers_with_evidence

router = Resource()


class Identifiers(BaseModel):
    """What a customer is known by, each with its evidence; `customer` is the customer's id now."""

    customer: str
    identifiers: list[IdentifierEvidence]


class SharedMark(Closed):
    """Whether several people hold the identifier (a switchboard, a family's phone, an agent's own number), and why."""

    shared: bool
    why: Why = Field(description="For whoever asks later.")


@router.get("/v1/customers/<customer_id>/identifiers", summary="Identifiers with evidence", tags=["identity"])
def list_identifiers(customer_id: str, at: Time = None) -> Identifiers:
    """Each identifier with its periods and with what attested that it is this customer's: event, connection, time."""
    found = customer(router.hub, customer_id, moment("at", at))
    listed = Identifiers(customer=found.id, identifiers=identifiers_with_evidence(found))
    return etags.shown(router, listed, etags.turn_of(found))


@router.post("/v1/identifiers/<persona>/shared", summary="Mark an identifier as shared", tags=["identity"])
def mark_shared(persona: str, mark: Annotated[SharedMark, Body()]) -> view.CustomerView:
    """A shared identifier joins nobody from then on, whatever the evidence; `shared: false` takes that back.

    Of an identifier that is our own side's, only an administrator says so.
    """
    hub = router.hub
    found, known = customer(hub, persona), directory(hub)
    _require_right(found, persona)
    etags.take_turn(router, found, view.customer(found))
    decision = decided.mark(known, persona, mark.shared, router.work, mark.why)
    here = known.customer(persona) or found
    decided.tell(known, here, {"verdict": "shared" if mark.shared else "not shared", "with": persona}, decision)
    hub.telemetry.count("api.decided", verdict="shared" if mark.shared else "not shared")
    after = shown_customer(hub, customer(hub, persona))
    router.exchange.etag = after.etag
    return after


def _require_right(found: Customer, persona: str) -> None:
    """Problem 403 for an agent where the identifier is our own side's: everybody who called us would become one."""
    own = any(item.pk == f"P#{persona}" and item.sk == "MARK" and item.body.get("own") for item in found.items)
    if own and ADMIN not in granted(router.exchange.jwt, router.hub.settings.scope_prefix):
        raise Problem(403, "This identifier is our own side's; only an administrator decides whether it is shared.")
