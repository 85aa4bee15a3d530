"""Calls, messages, notes and tasks as tasks: seconds, plain text, at most 32,000 characters.

A note is a completed task too and no ContentNote: only a task can carry our reference (an external id), so that a note
written twice is one note; it stands on the same timeline, and moving it is one change. A ContentNote would also need
the feature Notes switched on, text in escaped HTML, and a link of its own per contact.

https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_task.htm
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.domain.commands import AddNote, CreateTask, LogCall, LogMessage

LONGEST_TEXT, LONGEST_LINE = 32_000, 255
CALL_TYPES = {"inbound": "Inbound", "outbound": "Outbound", "internal": "Internal"}
CHANNELS = {"whatsapp": "WhatsApp message", "sms": "Text message"}
PRIORITIES = {"low": "Low", "normal": "Normal", "high": "High"}
DONE, OPEN = "Completed", "Not Started"
WHO = {"inbound": "from the customer", "outbound": "to the customer"}


def call_task(command: LogCall) -> dict[str, Any]:
    """The fields of a completed call task; what is unknown is left out."""
    numbers = {"Customer's number": command.customer_number, "Our number": command.business_number}
    outcome = (command.outcome or "").replace("_", " ").capitalize()
    task = {
        **_completed(command.title, command.started_at, command.contact_id),
        "TaskSubtype": "Call",
        "CallType": CALL_TYPES.get(command.direction),
        "CallDurationInSeconds": command.duration_s,
        "CallDisposition": outcome or None,
        "Description": _text(
            command.body, {"Started": command.started_at, **numbers, "Recording": command.recording_url}
        ),
    }
    return {name: value for name, value in task.items() if value is not None}


def message_task(command: LogMessage) -> dict[str, Any]:
    """The fields of a completed task that holds a message."""
    subject = f"{CHANNELS[command.channel]} {WHO[command.direction]}"
    shown = _completed(subject, command.sent_at, command.contact_id)
    return {**shown, "Description": _text(command.body, {"Sent": command.sent_at})}


def note_task(command: AddNote) -> dict[str, Any]:
    """The fields of a completed task that holds a note; its subject is the note's first line."""
    subject = command.text.strip().partition("\n")[0].strip() or "Note"
    shown = _completed(f"Note: {subject}", command.written_at, command.contact_id)
    return {**shown, "Description": _text(command.text, {"Written": command.written_at, "By": command.author})}


def task(command: CreateTask, owner_id: str | None) -> dict[str, Any]:
    """The fields of a task; without a due time it has no date, without an owner's id it is the integration user's."""
    said = {
        "Subject": command.subject[:LONGEST_LINE],
        "Status": DONE if command.done else OPEN,
        "Priority": PRIORITIES[command.priority],
        "WhoId": command.contact_id,
        "ActivityDate": command.due_at[:10] if command.due_at else None,
        "OwnerId": owner_id,
        "Description": _text(command.text, {"Due": command.due_at}),
    }
    return {name: value for name, value in said.items() if value is not None}


def _completed(subject: str, at: str, who: str) -> dict[str, Any]:
    # A task has a date and no time; the date is the one in UTC, the time stands in the text.
    return {"Subject": subject[:LONGEST_LINE], "Status": DONE, "ActivityDate": at[:10], "WhoId": who}


def _text(body: str, facts: Mapping[str, str | None]) -> str:
    lines = [f"{name}: {value}" for name, value in facts.items() if value]
    room = LONGEST_TEXT - sum(len(line) + 1 for line in lines)
    cut = body if len(body) <= room else body[: room - 10] + " [cut off]"
    return "\n".join([cut, *lines] if cut else lines)
