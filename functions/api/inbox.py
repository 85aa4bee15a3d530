"""The inbox: conversations of all customers by their last activity."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import BaseModel

from api.caller import caller_of
from api.conversations import ME
from api.customers import directory
from api.moments import Time, moment
from api.paging import Cursor, Limit, Seal, mark_of, sealed
from api.resource import Resource
from hub import conversation_view, view
from hub.conversations import Conversation, ConversationStore
from hub.domain.conversations import Standing
from hub.domain.events import instant
from hub.inbox import Inbox, Wanted

router = Resource()
NOBODY = "none"


class InboxRow(BaseModel):
    """A conversation with whom it is; `customer` is the customer's id, `name` the best known."""

    customer: str
    name: str | None
    conversation: conversation_view.ConversationView


class InboxPage(BaseModel):
    """The last active first; those last active in one minute may be parted by a page's end, in any order.

    `next` and `previous` are cursors of the pages around it, null where nothing is.
    Where a filter leaves out most of what is there, a page may be short, or empty, and `next` lead on all the same.
    """

    rows: list[InboxRow]
    next: str | None
    previous: str | None


@router.get("/v1/inbox", summary="The inbox", tags=["conversations"])
def read_inbox(
    limit: Limit = 25,
    cursor: Cursor = None,
    state: Standing | None = None,
    assignee: Annotated[str | None, Query(max_length=256, description="A person, `me`, or `none`.")] = None,
    channel: Annotated[str | None, Query(pattern="^[a-z]{1,16}$")] = None,
    connection: Annotated[str | None, Query(pattern="^[a-z0-9]{26}$")] = None,
    waiting_since: Time = None,
    waiting_longer_than_s: Annotated[int | None, Query(ge=0, le=10**8)] = None,
) -> InboxPage:
    """Conversations by last activity: of a state, a person, a channel, or whose customers wait.

    `waiting_since` finds those who wait since then or longer, `waiting_longer_than_s` the same in seconds from now.
    """
    hub = router.hub
    person = _person(assignee)
    asked = [state, person, channel, connection, waiting_since, waiting_longer_than_s]
    seal = Seal(hub.secrets.hash_key(), f"inbox {asked}")
    waits = [moment("waiting_since", waiting_since), _ago(waiting_longer_than_s)]
    wanted = Wanted(state, person, channel, connection, min((one for one in waits if one), default=None))
    inbox = Inbox(ConversationStore(hub.store), directory(hub), wanted)
    page = inbox.page(limit, mark_of(seal, cursor))
    rows = [_row(one) for one in inbox.on(page)]
    return InboxPage(rows=rows, next=sealed(seal, page.next), previous=sealed(seal, page.previous))


def _row(found: Conversation) -> InboxRow:
    shown = conversation_view.conversation(found)
    named = view.customer(found.customer).fields.get("name")
    return InboxRow(customer=shown.customer, name=(named and named.value) or shown.name, conversation=shown)


def _ago(seconds: int | None) -> str | None:
    return None if seconds is None else instant(round(router.hub.clock.now() * 1000) - seconds * 1000)


def _person(text: str | None) -> str | None:
    return caller_of(router.exchange.jwt) if text == ME else "" if text == NOBODY else text
