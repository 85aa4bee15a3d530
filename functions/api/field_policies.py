"""Which claim wins, field by field: the policies in force, chosen by administrators over the hub's own."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import unquote

from aws_lambda_powertools.event_handler.openapi.params import Body
from pydantic import BaseModel, Field

from api.connection_models import Closed
from api.paging import Cursor, Limit, Seal
from api.problems import unusable
from api.resource import Resource
from hub import field_policies
from hub.connector import names
from hub.domain.criteria import Policy, Word
from hub.domain.customers import POLICY, policy_of

router = Resource()


class PolicyView(BaseModel):
    """How a field is decided; `<word>_*` stands for all fields that begin so.

    `order` are, by policy: owner: connections or platforms, the first wins; most_restrictive: values, the most
    restrictive first; monotonic: stages, the first comes first. `chosen`: by an administrator, else it is the hub's own.
    """

    field: str
    policy: Word
    order: list[str]
    chosen: bool


class PolicyList(BaseModel):
    """The policies in force; a field that is not listed has its last writer's value. `version` counts the changes."""

    version: int
    policies: list[PolicyView]


class PolicyChoice(Closed):
    """The policy to be in force, null for the hub's own; `order` as in PolicyView."""

    policy: Word | None
    order: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=64)]], Field(max_length=50, default_factory=list)
    ]
    why: Annotated[str, Field(max_length=1000)] = ""


class PolicyChangeView(BaseModel):
    """One change of a field's policy; `policy` null says that the hub's own counted again."""

    version: int
    field: str
    policy: Word | None
    order: list[str]
    by: str
    at: str
    why: str


class PolicyChanges(BaseModel):
    """The changes, the latest first; `next` is the cursor of the next page, null at the end."""

    changes: list[PolicyChangeView]
    next: str | None


@router.get("/v1/field-policies", summary="How fields are decided", tags=["field policies"])
def list_policies() -> PolicyList:
    """The policies in force, the hub's own among them."""
    version, policies = field_policies.chosen(router.hub.connection_items)
    return PolicyList(version=version, policies=[_view(name, one) for name, one in sorted(policies.items())])


@router.get("/v1/field-policies/<field>", summary="How one field is decided", tags=["field policies"])
def read_policy(field: str) -> PolicyView:
    """The policy of any field, whether or not it is listed."""
    name = unquote(field)
    _version, policies = field_policies.chosen(router.hub.connection_items)
    return _view(name, policy_of(name, policies))


@router.put("/v1/field-policies/<field>", summary="Choose how a field is decided", tags=["field policies"])
def choose_policy(field: str, choice: Annotated[PolicyChoice, Body()]) -> PolicyView:
    """Puts a policy in force for a field, everywhere within a minute; what was said before is decided by it as well."""
    hub, name = router.hub, unquote(field)
    policy = Policy(choice.policy, tuple(choice.order)) if choice.policy else None
    places = {*names(), *(one.id for one in hub.connections.all())} if choice.policy == "owner" else set[str]()
    checked = policy or Policy("last_writer", tuple(choice.order))
    if wrong := field_policies.wrong_policy(name, checked, places):
        raise unusable("policy", wrong)
    field_policies.choose(hub.connection_items, name, policy, router.work.decision(choice.why))
    hub.telemetry.count("api.field_policy_chosen", policy=choice.policy or "own")
    _version, policies = field_policies.chosen(hub.connection_items)
    return _view(name, policy_of(name, policies))


@router.get("/v1/field-policy-changes", summary="How it came to the policies", tags=["field policies"])
def list_policy_changes(limit: Limit = 25, cursor: Cursor = None) -> PolicyChanges:
    """Every change of a policy, with who made it and why."""
    hub = router.hub
    seal = Seal(hub.secrets.hash_key(), "field-policy-changes")
    found, following = field_policies.changes(hub.connection_items, limit, seal.open(cursor))
    return PolicyChanges(changes=[_change(one) for one in found], next=seal.close(following))


def _view(name: str, policy: Policy) -> PolicyView:
    chosen = policy != policy_of(name, POLICY)
    return PolicyView(field=name, policy=policy.word, order=list(policy.order), chosen=chosen)


def _change(one: field_policies.PolicyChange) -> PolicyChangeView:
    policy = one.policy
    return PolicyChangeView(
        version=one.number,
        field=one.field,
        policy=policy.word if policy else None,
        order=list(policy.order) if policy else [],
        **one.said,
    )
