"""A customer's fields: which claim won, when, from where and by which rule, what lost and why; pin another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any
from urllib.parse import unquote

from aws_lambda_powertools.event_handler.openapi.params import Body
from pydantic import BaseModel, Field

from api import etags
from api.customers import customer
from api.moments import Time, moment
from api.problems import not_found, unusable
from api.resource import Resource
from hub import pins
from hub.customer import Customer
from hub.domain.criteria import Policy
from hub.domain.customers import policy_of
from hub.history import fields_as_of, said_about
from hub.view import ClaimView, SourceView

router = Resource()
MOST_SHOWN = 100  # of a field's history, the latest


class RuleView(BaseModel):
    """Why a claim won or lost: a word for machines, a sentence for people."""

    word: str
    sentence: str


class JudgedClaim(ClaimView):
    """A claim, and why it won or lost."""

    rule: RuleView


class PinView(BaseModel):
    """What a person decided about a field: the value that counts, or null where its policy decides again."""

    id: str
    by: str
    at: str
    why: str
    value: str | None


class ExplainedField(BaseModel):
    """A field explained. `value` is that of `claim`, the one that won under the `policy` or by a pin; null for none.

    `values` are all there are where they add up, `others` the claims that lost, `pin` the person's decision in force.
    """

    field: str
    value: str | None
    policy: str
    claim: JudgedClaim | None
    values: list[str]
    others: list[JudgedClaim]
    pin: PinView | None


class ExplainedFields(BaseModel):
    """Every field of a customer."""

    fields: list[ExplainedField]


class ChoiceView(PinView):
    """What a person said the field is: a claim of theirs, unless it was `withdrawn`."""

    withdrawn: bool


class FieldWithHistory(ExplainedField):
    """With all that was ever said (the latest 100) and decided about it, newest first."""

    history: list[ClaimView]
    pins: list[PinView]
    choices: list[ChoiceView]


class Revert(BaseModel):
    """Which value is to count: one that somebody says or once said, or null to let the field's policy decide again.

    `at` tells which of several claims of that value is meant.
    """

    value: str | None = Field(max_length=10_000)
    why: str = Field(min_length=1, max_length=500)
    at: str | None = Field(default=None, max_length=40)


@router.get("/v1/customers/<customer_id>/fields", summary="Explain a customer's fields", tags=["customers"])
def explain_fields(customer_id: str, at: Time = None) -> ExplainedFields:
    """For every field: the claim that won, by which rule, and those that lost and why; now, or as of a time."""
    found, chosen = _read(customer_id, at)
    fields = [_explained(name, one, found.policies) for name, one in chosen.items()]
    return etags.shown(router, ExplainedFields(fields=fields), etags.turn_of(found))


@router.get("/v1/customers/<customer_id>/fields/<field>", summary="Explain one field", tags=["customers"])
def explain_field(customer_id: str, field: str, at: Time = None) -> FieldWithHistory:
    """As for all fields, with the history: all that was said, and what people decided."""
    found, chosen = _read(customer_id, at)
    shown = with_history(found, unquote(field), chosen, moment("at", at) or "~")
    return etags.shown(router, shown, etags.turn_of(found))


@router.post("/v1/customers/<customer_id>/fields/<field>/revert", summary="Pin a field's value", tags=["customers"])
def revert_field(customer_id: str, field: str, wanted: Annotated[Revert, Body()]) -> FieldWithHistory:
    """Pins a value that somebody says or once said, against every policy; null takes the pin away.

    The value must have been claimed for this field, else 422.
    """
    found, field = customer(router.hub, customer_id), unquote(field)
    shown = with_history(found, field, found.fields)
    claim = None if wanted.value is None else _claimed(found, field, wanted)
    etags.take_turn(router, found, shown)
    decision = router.work.decision(wanted.why)
    if claim is None:
        pins.release(router.hub.store, found, field, decision)
    else:
        pins.pin(router.hub.store, found, field, claim, decision)
    return decided(customer_id, field)


def decided(customer_id: str, field: str) -> FieldWithHistory:
    """The field after a decision."""
    after = customer(router.hub, customer_id)
    return etags.shown(router, with_history(after, field, after.fields), etags.turn_of(after))


def _read(customer_id: str, at: str | None) -> tuple[Customer, Mapping[str, Any]]:
    """The customer and its fields: now, or as of that time."""
    then = moment("at", at)
    if then is None:
        found = customer(router.hub, customer_id)
        return found, found.fields
    found = customer(router.hub, customer_id, then)
    return found, fields_as_of(router.hub.store, found, then)


def _claimed(found: Customer, field: str, wanted: Revert) -> Mapping[str, Any]:
    """The latest claim of the value; Problem 422 where nobody ever said it."""
    at = moment("at", wanted.at)
    known = [claim for claim in known_claims(found, field) if claim["value"] == wanted.value]
    meant = [claim for claim in known if at is None or claim["at"] == at]
    if not meant:
        raise unusable("value", "Nobody has ever said this of the field; give one of its claims.")
    return max(meant, key=lambda one: (one["at"], sorted(one["source"].items())))


def known_claims(found: Customer, field: str) -> Iterable[Mapping[str, Any]]:
    """Who says or ever said what of the field."""
    yield from said_about(router.hub.store, found).get(field, ())
    yield from found.fields.get(field, {"claims": ()})["claims"]
    yield from (one for one in _decisions(found.pins, field, "~") if one["source"])


def _decisions(decided: Iterable[Mapping[str, Any]], field: str, at: str) -> list[Mapping[str, Any]]:
    """What people decided about a field by that time, newest first, each once; `decided` are pins, or choices."""
    history = [one for about in decided if about["field"] == field for one in about["history"] if one["at"] <= at]
    return sorted({one["id"]: one for one in history}.values(), key=lambda one: (one["at"], one["id"]), reverse=True)


def with_history(found: Customer, field: str, chosen: Mapping[str, Any], at: str = "~") -> FieldWithHistory:
    """The field explained; Problem 404 where nobody ever said anything about it."""
    said = [one for one in said_about(router.hub.store, found).get(field, ()) if one["at"] <= at]
    pinned, claimed = _decisions(found.pins, field, at), _decisions(found.choices, field, at)
    if field not in chosen and not said and not pinned and not claimed:
        raise not_found("field")
    explained = _explained(field, chosen.get(field), found.policies)
    return FieldWithHistory(
        **explained.model_dump(),
        history=[ClaimView(**_shown(one)) for one in reversed(said[-MOST_SHOWN:])],
        pins=[_pin(one) for one in pinned],
        choices=[ChoiceView(**_pin(one).model_dump(), withdrawn=one["withdrawn"]) for one in claimed],
    )


def _explained(field: str, chosen: Mapping[str, Any] | None, policies: Mapping[str, Policy]) -> ExplainedField:
    if chosen is None:
        policy = policy_of(field, policies).word
        return ExplainedField(field=field, value=None, policy=policy, claim=None, values=[], others=[], pin=None)
    winner, *others = [JudgedClaim(**_shown(claim), rule=RuleView(**claim["rule"])) for claim in chosen["claims"]]
    return ExplainedField(
        field=field,
        value=winner.value,
        policy=chosen["policy"],
        claim=winner,
        values=chosen.get("values", []),
        others=others,
        pin=_pin(chosen["pin"]) if "pin" in chosen else None,
    )


def _shown(claim: Mapping[str, Any]) -> dict[str, Any]:
    source = claim["source"]
    record = SourceView(
        connection=source["connection"], platform=source["platform"], record=f"{source['object']}:{source['id']}"
    )
    return {"value": claim["value"], "at": claim["at"], "precision": claim["precision"], "source": record}


def _pin(said: Mapping[str, Any]) -> PinView:
    return PinView(**{name: said[name] for name in ("id", "by", "at", "why", "value")})
