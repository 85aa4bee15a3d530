"""Calls and tasks as activities, messages and notes as notes; our reference is a line of their text.

An activity of the type call and not a call log: call logs need a scope of their own, cannot be changed nor listed by
person, and have no room for our reference; an activity is all of that, and shows in the calendar and reports.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any

from hub.domain.commands import AddNote, CreateTask, LogCall, LogMessage
from hub.domain.sync import Owner

LONGEST = 60_000
WHO = {"inbound": "From the customer", "outbound": "To the customer"}
CHANNELS = {"whatsapp": "WhatsApp", "sms": "SMS"}
DIRECTIONS = {"inbound": "Inbound", "outbound": "Outbound", "internal": "Internal", "unknown": ""}
# What is logged -> the path where it lies.
PLACES: Mapping[str, str] = {
    "call": "/api/v2/activities",
    "task": "/api/v2/activities",
    "message": "/v1/notes",
    "note": "/v1/notes",
}
_OURS = re.compile(r"renkei:([^\s<>]{1,200})")


def carries(text: object, reference: str | None = None) -> bool:
    """Whether a note's or an activity's text is of ours, or is the one with that reference."""
    found = _OURS.findall(text) if isinstance(text, str) else []
    return bool(found) if reference is None else html.escape(reference) in found


def call_activity(command: LogCall) -> dict[str, Any]:
    """A call as a done activity: day and time in UTC, duration as `HH:MM:SS`."""
    facts = {
        "Direction": DIRECTIONS[command.direction],
        "Outcome": command.outcome,
        "Customer": command.customer_number,
        "Business": command.business_number,
        "Recording": command.recording_url,
    }
    lines = [f"{name}: {value}" for name, value in facts.items() if value]
    duration = {} if command.duration_s is None else {"duration": _clock(command.duration_s)}
    return {
        "subject": command.title,
        "type": "call",
        "done": True,
        **_due(command.started_at),
        **duration,
        **participant(command.contact_id),
        "note": _html("\n".join([*lines, command.body]), command.reference),
    }


def task_activity(command: CreateTask, owners: Sequence[Owner]) -> dict[str, Any]:
    """A task as an activity; its priority is said in words, for the numbers of priorities are each company's own."""
    urgent = [] if command.priority == "normal" else [f"Priority: {command.priority}"]
    mine = [one.id for one in owners if one.email and command.owner and one.email.lower() == command.owner.lower()]
    return {
        "subject": command.subject,
        "type": "task",
        "done": command.done,
        **({"owner_id": int(mine[0])} if mine else {}),
        **(_due(command.due_at) if command.due_at else {}),
        **participant(command.contact_id),
        "note": _html("\n".join([*urgent, command.text]), command.reference),
    }


def message_note(command: LogMessage) -> dict[str, Any]:
    """A message as a note that says who wrote, by what, and when it was."""
    first = f"{WHO[command.direction]} ({CHANNELS[command.channel]}):"
    return _note(command.contact_id, command.sent_at, f"{first}\n{command.body}", command.reference)


def plain_note(command: AddNote) -> dict[str, Any]:
    """A note, with its author's name where there is one."""
    text = f"{command.author}:\n{command.text}" if command.author else command.text
    return _note(command.contact_id, command.written_at, text, command.reference)


def participant(contact_id: str) -> dict[str, Any]:
    """What sets an activity's person: `person_id` itself is read-only in version 2."""
    return {"participants": [{"person_id": int(contact_id), "primary": True}]}


def _note(contact_id: str, at: str, text: str, reference: str) -> dict[str, Any]:
    added = f"{at[:10]} {at[11:19]}"
    return {"content": _html(text, reference), "person_id": int(contact_id), "add_time": added}


def _due(at: str) -> dict[str, str]:
    return {"due_date": at[:10], "due_time": at[11:19]}


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _html(text: str, reference: str) -> str:
    """The text as HTML that shows it as it is, and our reference below it: notes have no field for it."""
    escaped = html.escape(text.strip())
    if len(escaped) > LONGEST:
        escaped = html.escape(text.strip()[: LONGEST // 8]) + " [cut off]"
    shown = escaped.replace("\r\n", "\n").replace("\n", "<br>")
    return f"<p>{shown}</p><p>renkei:{html.escape(reference)}</p>"
