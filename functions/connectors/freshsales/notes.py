"""Calls, messages and notes as notes on the contact, tasks as tasks. Their last line holds our reference.

`POST /phone_calls` is not used: a call made there has no key of ours, cannot be listed and cannot be changed, so a call
whose outcome comes later would be logged twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.freshsales.api import Api, Refusal
from connectors.freshsales.template import record_id
from hub.domain.commands import AddNote, CreateTask, LogCall, LogMessage
from hub.domain.sync import Owner
from hub.errors import Retry
from hub.parsing import dict_at, text_at

CONTACT = "Contact"
CHANNELS = {"whatsapp": "WhatsApp", "sms": "Text message"}
FROM = {"inbound": "from the customer", "outbound": "to the customer"}
FILTERS = ("open", "completed")
DONE, OPEN = 1, 0


def mark_of(reference: str) -> str:
    """What the last line says; people see it, and nobody would write it by chance."""
    return f"[renkei {reference}]"


def call_text(command: LogCall) -> str:
    """A call: its facts line by line, then what is said of it."""
    facts = {
        "Started": command.started_at,
        "Direction": command.direction,
        "Outcome": command.outcome,
        "Duration": None if command.duration_s is None else f"{command.duration_s} s",
        "Customer": command.customer_number,
        "Business": command.business_number,
        "Recording": command.recording_url,
    }
    lines = [f"{name}: {value}" for name, value in facts.items() if value]
    return "\n".join([command.title, *lines, *([command.body] if command.body else [])])


def message_text(command: LogMessage) -> str:
    """A message: the channel, who wrote and when, then the body."""
    return f"{CHANNELS[command.channel]} {FROM[command.direction]}, {command.sent_at}:\n{command.body}"


def note_text(command: AddNote) -> str:
    """A note and who wrote it."""
    return f"{command.text}\n({command.author})" if command.author else command.text


def put_note(api: Api, contact_id: str, reference: str, text: str) -> str:
    """The id of the note with our reference, brought to that text."""
    mark = mark_of(reference)
    described = f"{text}\n{mark}"
    held = next((one for one in _notes(api, contact_id) if _has(one, mark)), None)
    if held is None:
        note = {"description": described, "targetable_type": CONTACT, "targetable_id": contact_id}
        return _id_of(api.add("/notes", {"note": note}), "note")
    found = record_id(held) or ""
    if text_at(held, "description") != described:
        api.put(f"/notes/{found}", {"note": {"description": described}})
    return found


def put_task(api: Api, command: CreateTask, owners: tuple[Owner, ...], today: str) -> str:
    """The id of the task with our reference, brought to what the command says; due today where no time is given."""
    owner = next((one.id for one in owners if command.owner and (one.email or "") == command.owner.lower()), None)
    wanted: dict[str, Any] = {
        "title": command.subject,
        "description": "\n".join([*([command.text] if command.text else []), mark_of(command.reference)]),
        "status": DONE if command.done else OPEN,
    }
    wanted |= {"owner_id": int(owner)} if owner else {}
    held = next(_tasks(api, mark_of(command.reference)), None)
    if held is None:
        more = {"due_date": command.due_at or today, "targetable_type": CONTACT, "targetable_id": command.contact_id}
        return _id_of(api.add("/tasks", {"task": {**wanted, **more}}), "task")
    wanted |= {"due_date": command.due_at} if command.due_at else {}
    found = record_id(held) or ""
    differing = {name: value for name, value in wanted.items() if held.get(name) != value}
    if differing:
        api.put(f"/tasks/{found}", {"task": differing})
    return found


def move(api: Api, what: str, native_id: str, new_contact: str) -> None:
    """Gives the note or task to another contact; one that is gone is left."""
    key = "task" if what == "task" else "note"
    try:
        api.put(f"/{key}s/{native_id}", {key: {"targetable_type": CONTACT, "targetable_id": new_contact}})
    except Refusal as error:
        if error.status != 404:
            raise


def _notes(api: Api, contact_id: str) -> Iterator[dict[str, Any]]:
    return api.all(f"/contacts/{contact_id}/notes", "notes")


def _tasks(api: Api, mark: str) -> Iterator[dict[str, Any]]:
    for which in FILTERS:
        yield from (one for one in api.all("/tasks", "tasks", filter=which) if _has(one, mark))


def _has(row: Mapping[str, Any], mark: str) -> bool:
    return mark in (text_at(dict(row), "description") or "")


def _id_of(answer: Mapping[str, Any], name: str) -> str:
    found = record_id(dict_at(dict(answer), name))
    if found is None:
        raise Retry("Freshsales did not say what it created")
    return found
