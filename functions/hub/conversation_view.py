"""Conversations as people see them: the shapes of the API."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from hub.conversations import Conversation
from hub.domain import conversations as domain
from hub.domain.conversations import Handler, Standing, State
from hub.domain.marks import MOST_UNREAD


class SaidView(BaseModel):
    """A message: its timeline entry and the beginning of its text, null where it was revoked."""

    at: str
    entry: str
    text: str | None


class ConversationView(BaseModel):
    """What was said with a customer on one channel of one connection, and who takes care of it.

    `unread` counts what the customer wrote since it was read, up to 25; `unread_more` tells that there is more.
    `waiting_since` is the first message that nobody has answered. Until `window_until` the business may answer freely.
    """

    id: str = Field(description="Any id that it ever had finds it.")
    customer: str
    connection: str
    channel: str
    state: Standing
    last_activity_at: str
    last_inbound: SaidView | None
    last_outbound: SaidView | None
    unread: int
    unread_more: bool
    waiting_since: str | None
    window_until: str | None
    assignee: str | None
    handled_by: Handler
    name: str | None = Field(description="As the platform last gave it.")


def conversation(found: Conversation) -> ConversationView:
    """The conversation as people see it."""
    state = found.state
    unread = domain.unread(state)
    return ConversationView(
        id=found.id,
        customer=found.customer.id,
        connection=found.connection,
        channel=found.channel,
        state=domain.standing(state),
        last_activity_at=domain.last_activity(state),
        last_inbound=_said(state, "in"),
        last_outbound=_said(state, "out"),
        unread=min(unread, MOST_UNREAD),
        unread_more=unread > MOST_UNREAD,
        waiting_since=domain.waiting_since(state),
        window_until=domain.window_until(state, found.channel),
        assignee=domain.assignee(state),
        handled_by=domain.handled_by(state),
        name=state["name"][1] if "name" in state else None,
    )


def _said(state: State, way: Literal["in", "out"]) -> SaidView | None:
    found = domain.last_said(state, way)
    return None if found is None else SaidView(**found)
