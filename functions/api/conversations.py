"""Conversations of a customer: read them, and say who takes care, what was read, what is done."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body
from pydantic import BaseModel, ConfigDict, Field

from api import etags
from api.customers import customer, directory
from api.exchange import Work
from api.problems import not_found, unusable
from api.resource import Resource
from hub import conversation_view as view
from hub.conversations import Conversation, ConversationStore, conversation_of, conversations_of
from hub.domain import conversations as domain
from hub.domain.conversations import Handler, Standing, State
from hub.domain.events import instant, unix_ms
from hub.errors import Conflict
from hub.times import from_iso
from hub.wiring import Hub

router = Resource()
ME = "me"
ATTEMPTS = 5
_ID = re.compile(r"(r?[a-z2-7]{26})-([a-z0-9]{26})-([a-z]{1,16})")
# What a field of a change is called in the state.
REGISTERS = {"assignee": "assignee", "handled_by": "handled_by", "state": "standing"}


class Conversations(BaseModel):
    """The customer's conversations, the last active first."""

    conversations: list[view.ConversationView]


class ConversationChange(BaseModel):
    """What is to be different; what is left out stays as it is, and saying it again changes nothing."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"assignee": "me", "state": "open"}]})

    state: Standing = Field(default="open", description="A later message of the customer's opens it again.")
    assignee: Annotated[str, Field(min_length=1, max_length=256)] | None = Field(
        default=None, description="The `sub` of a person; `me` is the caller, null nobody."
    )
    handled_by: Handler = "nobody"
    read_until: str = Field(default="", max_length=40, description="RFC 3339: the time of the last message seen.")


@router.get("/v1/customers/<customer_id>/conversations", summary="A customer's conversations", tags=["conversations"])
def list_conversations(customer_id: str) -> Conversations:
    """One for each channel and connection that the customer was talked with on."""
    found = conversations_of(customer(router.hub, customer_id))
    return Conversations(conversations=[view.conversation(one) for one in found])


@router.get("/v1/conversations/<conversation_id>", summary="Read one conversation", tags=["conversations"])
def read_conversation(conversation_id: str) -> view.ConversationView:
    """Where a conversation stands."""
    return etags.shown(router, view.conversation(load(router.hub, conversation_id)))


@router.patch("/v1/conversations/<conversation_id>", summary="Change a conversation", tags=["conversations"])
def change_conversation(conversation_id: str, change: Annotated[ConversationChange, Body()]) -> view.ConversationView:
    """Assigns, closes, opens, marks as read, says who handles it; with If-Match only what the caller has seen."""
    hub, work = router.hub, router.work
    wanted = _wanted(change, work)
    for _ in range(ATTEMPTS):
        found = load(hub, conversation_id)
        etags.require(router, view.conversation(found))
        try:
            ConversationStore(hub.store).decide(found, _said(found.state, wanted, work))
        except Conflict:
            continue
        return etags.shown(router, view.conversation(load(hub, conversation_id)))
    raise Conflict("many people at one conversation")


def load(hub: Hub, conversation_id: str) -> Conversation:
    """The conversation of that id, or Problem 404."""
    parts = _ID.fullmatch(conversation_id)
    customer = directory(hub).customer(parts[1]) if parts else None
    found = conversation_of(customer, parts[2], parts[3]) if parts and customer else None
    if found is None:
        raise not_found("conversation")
    return found


def _wanted(change: ConversationChange, work: Work) -> dict[str, Any]:
    """What was said, with "me" and the time understood; Problem 422 where that is no time."""
    said = {name: getattr(change, name) for name in change.model_fields_set}
    if said.get("assignee") == ME:
        said["assignee"] = work.by
    if "read_until" in said:
        said["read_until"] = from_iso(said["read_until"])
        if said["read_until"] is None:
            raise unusable("read_until", "This is no time; write it as 2026-11-22T09:00:00Z.")
    return said


def _said(state: State, wanted: dict[str, Any], work: Work) -> State:
    """The state that the change adds; nothing where all of it is so already."""
    said: State = {}
    for one in _changes(state, wanted, work):
        said = domain.join(said, one)
    return said


def _changes(state: State, wanted: dict[str, Any], work: Work) -> Iterator[State]:
    now = {"assignee": domain.assignee(state), "handled_by": domain.handled_by(state), "state": domain.standing(state)}
    about = domain.last_activity(state)
    for name, register in REGISTERS.items():
        if name in wanted and wanted[name] != now[name]:
            at = _after(domain.decided_at(state, register), work.at)
            yield domain.act(register, at, work.id, wanted[name], about)
    last = domain.last_said(state, "in")
    if last and wanted.get("state") == "closed" and now["state"] == "open":
        yield domain.seen_until(last["at"])
    if last and "read_until" in wanted:
        yield domain.read_until(min(last["at"], wanted["read_until"]))


def _after(before: str, now: str) -> str:
    """Now, or a moment after what was decided before by a faster clock."""
    return max(now, instant(unix_ms(before) + 1)) if before else now
