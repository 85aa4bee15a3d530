"""Notes on contacts, and tasks as tickets. Neither has a place for our reference, so the text's last line holds it.

A note can be neither changed nor moved nor deleted over the API; a ticket keeps its contact for ever.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from typing import Any

from connectors.intercom.api import Api, next_of, rows
from connectors.intercom.notification import record_id
from hub.domain.commands import AddNote, CreateTask
from hub.domain.sync import Owner
from hub.errors import Reject, Retry
from hub.parsing import dict_at, text_at

LONGEST = 60_000
TITLE, DESCRIPTION = "_default_title_", "_default_description_"


def mark_of(reference: str) -> str:
    """What the last line says; people see it, and nobody would write it by chance."""
    return f"[renkei {reference}]"


def add_note(api: Api, command: AddNote, admin_id: str) -> str:
    """The note's id; one with our mark is left as it is."""
    mark = mark_of(command.reference)
    held = next((one for one in _notes(api, command.contact_id) if mark in (text_at(one, "body") or "")), None)
    if held is None:
        signed = f"{command.text}\n({command.author})" if command.author else command.text
        body = {"body": _html(f"{signed[:LONGEST]}\n{mark}")} | ({"admin_id": admin_id} if admin_id else {})
        held = api.add(body, "contacts", command.contact_id, "notes")
    return _id_of(held)


def create_task(api: Api, command: CreateTask, ticket_type: str, owners: tuple[Owner, ...]) -> str:
    """The ticket's id; one with our mark is brought to what the command says."""
    attributes = {TITLE: command.subject, DESCRIPTION: _described(command)}
    held = next(_tickets(api, command), None)
    if held is not None:
        return _brought(api, held, command, attributes)
    assignee = _admin(owners, command.owner)
    body: dict[str, Any] = {
        "ticket_type_id": ticket_type,
        "contacts": [{"id": command.contact_id}],
        "ticket_attributes": attributes,
        "skip_notifications": True,
    }
    made = api.add(body | ({"assignment": {"admin_assignee_id": assignee}} if assignee else {}), "tickets")
    if command.done:
        api.put({"open": False, "skip_notifications": True}, "tickets", _id_of(made))
    return _id_of(made)


def _brought(api: Api, held: Mapping[str, Any], command: CreateTask, attributes: Mapping[str, str]) -> str:
    shown = dict_at(dict(held), "ticket_attributes")
    changed = {name: value for name, value in attributes.items() if shown.get(name) != value}
    body: dict[str, Any] = {"ticket_attributes": changed} if changed else {}
    body |= {"open": not command.done} if held.get("open") is command.done else {}
    if body:
        api.put({**body, "skip_notifications": True}, "tickets", _id_of(held))
    return _id_of(held)


def _described(command: CreateTask) -> str:
    due = [f"Due: {command.due_at}"] if command.due_at else []
    priority = [f"Priority: {command.priority}"] if command.priority != "normal" else []
    return "\n".join([*([command.text] if command.text else []), *due, *priority, mark_of(command.reference)])


def _tickets(api: Api, command: CreateTask) -> Iterator[dict[str, Any]]:
    """The contact's tickets with our mark; a search finds a new one after some minutes only."""
    query = {"field": "contact_ids", "operator": "=", "value": command.contact_id}
    after: str | None = None
    while True:
        answer = api.search("tickets", query, after)
        for row in rows(answer, "tickets"):
            if mark_of(command.reference) in (text_at(row, "ticket_attributes", DESCRIPTION) or ""):
                yield row
        after = next_of(answer)
        if after is None:
            return


def _notes(api: Api, contact_id: str) -> Iterator[dict[str, Any]]:
    page = 1
    while True:
        answer = api.get("contacts", contact_id, "notes", page=page)
        yield from rows(answer)
        if page >= int(dict_at(answer, "pages").get("total_pages") or 1):
            return
        page += 1


def _admin(owners: tuple[Owner, ...], email: str | None) -> str:
    return next((one.id for one in owners if email and (one.email or "").casefold() == email.casefold()), "")


def _html(text: str) -> str:
    return "<br>".join(html.escape(line) for line in text.splitlines())


def _id_of(answer: Mapping[str, Any]) -> str:
    found = record_id(answer, "id")
    if found is None:
        raise Retry("Intercom did not say what it created")
    return found


def refuse_moving(what: str) -> None:
    """Reject with what a person can do instead."""
    reasons = {
        "note": "Intercom's notes can be neither moved nor deleted over the API: delete it in the inbox, write it anew",
        "task": "Intercom's tickets keep their contact: the ticket must be closed in the inbox and made anew",
    }
    raise Reject(reasons.get(what, "Intercom keeps nothing of this kind"))
