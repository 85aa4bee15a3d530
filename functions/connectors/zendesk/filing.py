"""Notes, calls, messages and tasks as tickets of their own, private to the agents.

A comment on a customer's ticket has no key of ours, cannot be moved and cannot be taken back; a ticket can do all
three. What has happened already is imported as solved: no trigger runs, nobody is told. A task is a ticket to do.
https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_import/ (read November 2026)
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.zendesk.api import CONFLICT_S, Api, Refusal
from connectors.zendesk.news import record_id
from connectors.zendesk.tickets import LOGGED
from hub.domain.commands import CreateTask
from hub.errors import Reject, Retry
from hub.parsing import dict_at, list_at, text_at

TASK = "renkei-task-"
LONGEST_SUBJECT = 150
STAFF = ("agent", "admin")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to be filed: `subject` is what a list shows, `text` the private comment."""

    reference: str
    contact_id: str
    at: str
    subject: str
    text: str
    tags: tuple[str, ...]


def file(api: Api, entry: Entry, agent_id: str) -> str:
    """The ticket of the entry, imported as solved; where it is there already, with a further comment if it differs."""
    held = ticket_of(api, LOGGED + entry.reference)
    if held is not None:
        return _amended(api, held, entry.text)
    comment = {"value": entry.text, "public": False, "created_at": entry.at} | _numbered("author_id", agent_id)
    ticket = {
        "external_id": LOGGED + entry.reference,
        "subject": entry.subject[:LONGEST_SUBJECT],
        "status": "solved",
        "created_at": entry.at,
        "solved_at": entry.at,
        "tags": list(entry.tags),
        "comments": [comment],
    }
    people = _numbered("requester_id", entry.contact_id) | _numbered("assignee_id", agent_id)
    return _id_of(api.add("/imports/tickets", {"ticket": ticket | people}))


def task(api: Api, command: CreateTask, tags: tuple[str, ...]) -> str:
    """The task's ticket; where it is there already, brought to what the command says."""
    wanted = {
        "subject": command.subject[:LONGEST_SUBJECT],
        "priority": command.priority,
        "status": "solved" if command.done else "open",
        "type": "task",
        "due_at": command.due_at,
        **_numbered("assignee_id", _agent(api, command.owner)),
    }
    held = ticket_of(api, TASK + command.reference)
    if held is not None:
        return _brought(api, held, wanted, command.text)
    comment = {"body": command.text or command.subject, "public": False}
    ticket = wanted | {"external_id": TASK + command.reference, "comment": comment, "tags": list(tags)}
    body = {"ticket": ticket | _numbered("requester_id", command.contact_id)}
    # The same key with another body is refused, so the body is part of it.
    key = hashlib.sha256(repr(body).encode()).hexdigest()
    return _id_of(api.keyed("/tickets", body, key))


def move(api: Api, ticket_id: str, old_contact: str, new_contact: str) -> None:
    """Gives the ticket to another requester, unless a person has given it to a third."""
    held = _shown(api, ticket_id)
    if held is not None and record_id(held, "requester_id") == old_contact:
        _change(api, held, _numbered("requester_id", new_contact))


def take(api: Api, ticket_id: str) -> None:
    """Deletes the ticket (Zendesk keeps it for 30 days); one that is gone already is as good."""
    api.remove(f"/tickets/{ticket_id}")


def ticket_of(api: Api, external_id: str) -> dict[str, Any] | None:
    """The oldest ticket with that external id, which Zendesk does not keep unique."""
    rows = list_at(api.get("/tickets", ("external_id", external_id)), "tickets")
    there = [row for row in rows if record_id(row, "id") and row.get("status") != "deleted"]
    return min(there, key=lambda row: int(row["id"]), default=None)


def _amended(api: Api, held: Mapping[str, Any], text: str) -> str:
    comments = list(api.all(f"/tickets/{_number(held)}/comments", "comments"))
    if text.strip() not in {str(one.get("plain_body") or one.get("body") or "").strip() for one in comments}:
        _change(api, held, {"comment": {"body": text, "public": False}})
    return _number(held)


def _brought(api: Api, held: Mapping[str, Any], wanted: Mapping[str, Any], text: str) -> str:
    differing = {name: value for name, value in wanted.items() if value is not None and held.get(name) != value}
    if differing:
        _change(api, held, differing)
    return _amended(api, held, text) if text and not differing else _number(held)


def _change(api: Api, held: Mapping[str, Any], fields: Mapping[str, Any]) -> None:
    """Changes the ticket as it was read: `safe_update` refuses where somebody was faster."""
    lock = {"safe_update": True, "updated_stamp": held.get("updated_at")}
    try:
        api.put(f"/tickets/{_number(held)}", {"ticket": {**fields, **lock}})
    except Refusal as error:
        if error.status == 409:
            raise Retry("the ticket was changed at the same moment", CONFLICT_S) from error
        if error.status == 422 and held.get("status") == "closed":
            raise Reject("Zendesk has closed the ticket, and a closed one cannot be changed any more") from error
        raise


def _shown(api: Api, ticket_id: str) -> dict[str, Any] | None:
    try:
        return dict_at(api.get(f"/tickets/{ticket_id}"), "ticket") or None
    except Refusal as error:
        if error.status == 404:
            return None
        raise


def _agent(api: Api, email: str | None) -> str:
    """The agent or administrator with that e-mail address; "" where there is none."""
    rows = list_at(api.get("/users/search", ("query", f'email:"{email}"')), "users") if email else []
    same = (row for row in rows if (text_at(row, "email") or "").casefold() == str(email).casefold())
    return next((str(row["id"]) for row in same if row.get("role") in STAFF), "")


def _numbered(name: str, found: str) -> dict[str, int]:
    return {name: int(found)} if found.isascii() and found.isdigit() else {}


def _id_of(answer: Mapping[str, Any]) -> str:
    found = record_id(answer, "ticket", "id")
    if found is None:
        raise Retry("Zendesk did not say which ticket it created")
    return found


def _number(held: Mapping[str, Any]) -> str:
    return str(held["id"])
