"""Calls and tasks in modules of their own, found again by a unique field; messages and notes as notes on the contact.

A message becomes a note and not a task: it is nothing to be done, and a task would stand in every list of open work.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from hub.codecs_words import Owners, emails_of
from hub.domain.commands import AddNote, CreateTask, LogCall, LogMessage

LONGEST = 30_000
LONGEST_SUBJECT = 255
WHO = {"inbound": "From the customer", "outbound": "To the customer"}
CHANNELS = {"whatsapp": "WhatsApp", "sms": "SMS"}
CALL_TYPES = {"outbound": "Outbound"}
MISSED = frozenset({"no_answer", "abandoned", "busy", "rejected", "canceled", "failed"})
PRIORITIES = {"low": "Low", "normal": "Normal", "high": "High"}
# What is logged -> the module where it lies.
PLACES: Mapping[str, str] = {"call": "Calls", "task": "Tasks", "message": "Notes", "note": "Notes"}
_OURS = re.compile(r"renkei:(\S{1,200})\s*\Z")


def carries(text: object, reference: str | None = None) -> bool:
    """Whether a note's text ends in a reference of ours, or in that one."""
    found = _OURS.search(text) if isinstance(text, str) else None
    return bool(found) and reference in (None, found[1] if found else "")


def call_row(command: LogCall, field: str) -> dict[str, Any]:
    """A call; `field` is the unique field of our reference. Duration as `mm:ss`, hours as minutes."""
    facts = {
        "Outcome": command.outcome,
        "Customer": command.customer_number,
        "Business": command.business_number,
        "Recording": command.recording_url,
    }
    lines = [f"{name}: {value}" for name, value in facts.items() if value]
    return {
        "Subject": command.title[:LONGEST_SUBJECT],
        "Call_Type": _call_type(command),
        "Call_Start_Time": _moment(command.started_at),
        "Call_Duration": mm_ss(command.duration_s or 0),
        "Who_Id": {"id": command.contact_id},
        "Description": _cut("\n".join([*lines, command.body])),
        field: command.reference,
    }


def task_row(command: CreateTask, field: str, owners: Owners) -> dict[str, Any]:
    """A task; an owner who is no user of Zoho is left out, a due date has no time there."""
    wanted = (command.owner or "").lower()
    mine = [user for user, mail in (emails_of(owners) or {}).items() if wanted and mail.lower() == wanted]
    return {
        "Subject": command.subject[:LONGEST_SUBJECT],
        "Status": "Completed" if command.done else "Not Started",
        "Priority": PRIORITIES[command.priority],
        "Who_Id": {"id": command.contact_id},
        "Description": _cut(command.text),
        **({"Due_Date": command.due_at[:10]} if command.due_at else {}),
        **({"Owner": {"id": mine[0]}} if len(mine) == 1 else {}),
        field: command.reference,
    }


def message_note(command: LogMessage) -> dict[str, Any]:
    """A message as a note; its own time stands in the title, for a note's time is when it was written."""
    title = f"{WHO[command.direction]} ({CHANNELS[command.channel]}), {_minute(command.sent_at)}"
    return _note(command.contact_id, title, command.body, command.reference)


def plain_note(command: AddNote) -> dict[str, Any]:
    """A note, with its author and time in the title."""
    title = ", ".join(part for part in (command.author, _minute(command.written_at)) if part)
    return _note(command.contact_id, title, command.text, command.reference)


def mm_ss(seconds: int) -> str:
    """Minutes and seconds, as many minutes as it takes."""
    return f"{seconds // 60:02d}:{seconds % 60:02d}"


def _call_type(command: LogCall) -> str:
    if command.direction == "inbound" and command.outcome in MISSED:
        return "Missed"
    return CALL_TYPES.get(command.direction, "Inbound")


def _note(contact_id: str, title: str, text: str, reference: str) -> dict[str, Any]:
    parent = {"module": {"api_name": "Contacts"}, "id": contact_id}
    return {"Note_Title": title[:120], "Note_Content": f"{_cut(text)}\n\nrenkei:{reference}", "Parent_Id": parent}


def _moment(at: str) -> str:
    return f"{at[:19]}+00:00"


def _minute(at: str) -> str:
    return f"{at[:10]} {at[11:16]} UTC"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} [cut off]"
