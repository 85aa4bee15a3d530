"""Notes and tasks that people write about a customer: on the timeline, and on the customer's contact in every CRM, once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body
from pydantic import Field

from api.connection_models import Closed
from api.customers import customer, directory
from api.decided import OURS
from api.moments import moment
from api.resource import Resource
from hub import view
from hub.domain.events import ActivityData
from hub.domain.identity import RANK
from hub.timeline_store import Filing, TimelineStore

router = Resource()
EMAIL = r"^[^@\s]{1,200}@[^@\s]{1,100}$"


class Note(Closed):
    """What is to be remembered of the customer, plain text."""

    text: str = Field(min_length=1, max_length=30_000)


class Task(Closed):
    """What is to be done for the customer; `due_at` is RFC 3339, `owner` the e-mail address of whose task it is."""

    title: str = Field(min_length=1, max_length=255)
    text: Annotated[str, Field(max_length=30_000)] | None = None
    due_at: Annotated[str, Field(max_length=40)] | None = None
    owner: Annotated[str, Field(pattern=EMAIL)] | None = None


@router.post("/v1/customers/<customer_id>/notes", summary="Write a note", tags=["customers"])
def write_note(customer_id: str, note: Annotated[Note, Body()]) -> view.EntryView:
    """Notes it on the customer's timeline and, where the connection logs notes, on the contact in each CRM.

    Where a CRM has no contact of the customer yet the note waits for one.
    """
    return _written(customer_id, "note", {"text": note.text})


@router.post("/v1/customers/<customer_id>/tasks", summary="Create a task", tags=["customers"])
def create_task(customer_id: str, task: Annotated[Task, Body()]) -> view.EntryView:
    """As for a note: a task on the timeline and in each CRM that has tasks."""
    said = {"title": task.title, "text": task.text, "due_at": moment("due_at", task.due_at), "owner": task.owner}
    return _written(customer_id, "task", {name: value for name, value in said.items() if value})


def _written(customer_id: str, kind: str, said: Mapping[str, Any]) -> view.EntryView:
    """The entry; the same for the same Idempotency-Key."""
    hub, work = router.hub, router.work
    found, known = customer(hub, customer_id), directory(hub)
    data = ActivityData.model_validate({"activity_id": work.id, "kind": kind, "status": _STATUS[kind], **said})
    anchor = next(one for one in found.personas if one.id == found.anchor)
    event = {"id": work.id, "connection": OURS, "platform": OURS}
    fact = {
        "type": "activity.logged",
        "at": work.at,
        "timequality": "platform",
        "data": {**data.model_dump(mode="json", exclude_defaults=True), "action": "written", "by": work.by},
        "raw": "",
        "received": work.at,
    }
    filing = Filing(anchor.id, RANK[anchor.identifier.kind])
    entry = known.hashed(f"activity\n{work.id}")
    return view.entries([TimelineStore(hub.store).record(entry, "activity", event, fact, filing, fresh=True)])[0]


_STATUS: Mapping[str, str | None] = {"note": None, "task": "open"}
