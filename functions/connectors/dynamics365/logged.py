"""Calls, messages, notes and tasks as rows: phone calls in minutes, messages as completed tasks, notes as annotations.

A message is a task and no `socialactivity`: that is for posts on social networks, needs Customer Service and a social
profile, and shows nobody more than a completed task with the text does.

https://learn.microsoft.com/en-us/power-apps/developer/data-platform/reference/entities/phonecall (read November 2026)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.domain.commands import AddNote, CreateTask, LogCall, LogMessage

LONGEST_TEXT, LONGEST_NOTE, LONGEST_LINE, LONGEST_PHONE = 2_000, 100_000, 200, 200
CHANNELS = {"whatsapp": "WhatsApp message", "sms": "Text message"}
WHO = {"inbound": "from the customer", "outbound": "to the customer"}
PRIORITIES = {"low": 0, "normal": 1, "high": 2}
# statecode, statuscode: an open task, a completed one, a call that was made, one that was received.
OPEN, DONE, MADE, RECEIVED = (0, 2), (1, 5), (1, 2), (1, 4)
SENDER, RECIPIENT = 1, 2


@dataclass(frozen=True, slots=True)
class Log:
    """A row to be written: its table, its columns, its state (None where it has none), and whose it is.

    `outgoing` says of a call which side the contact is on.
    """

    table: str
    columns: Mapping[str, Any]
    state: tuple[int, int] | None
    outgoing: bool | None = None


def call(command: LogCall) -> Log:
    """A phone call; a part of a minute counts as one."""
    outgoing = command.direction == "outbound"
    numbers = {"Customer's number": command.customer_number, "Our number": command.business_number}
    facts = {"Started": command.started_at, **numbers, "Recording": command.recording_url}
    columns = {
        "subject": command.title[:LONGEST_LINE],
        "description": text(command.body, facts, LONGEST_TEXT),
        "phonenumber": (command.customer_number or "")[:LONGEST_PHONE] or None,
        "directioncode": outgoing,
        "actualstart": command.started_at,
        "actualdurationminutes": None if command.duration_s is None else -(-command.duration_s // 60),
        "leftvoicemail": command.outcome == "voicemail",
    }
    return Log("phonecall", _known(columns), MADE if outgoing else RECEIVED, outgoing)


def message(command: LogMessage) -> Log:
    """A completed task that holds a message."""
    columns = {
        "subject": f"{CHANNELS[command.channel]} {WHO[command.direction]}",
        "description": text(command.body, {"Sent": command.sent_at}, LONGEST_TEXT),
        "actualend": command.sent_at,
    }
    return Log("task", columns, DONE)


def note(command: AddNote) -> Log:
    """An annotation; its subject is the note's first line."""
    subject = command.text.strip().partition("\n")[0].strip() or "Note"
    facts = {"Written": command.written_at, "By": command.author}
    return Log(
        "annotation", {"subject": subject[:LONGEST_LINE], "notetext": text(command.text, facts, LONGEST_NOTE)}, None
    )


def task(command: CreateTask) -> Log:
    """A task, completed where it is done."""
    columns = {
        "subject": command.subject[:LONGEST_LINE],
        "description": text(command.text, {}, LONGEST_TEXT),
        "scheduledend": command.due_at,
        "prioritycode": PRIORITIES[command.priority],
    }
    return Log("task", _known(columns), DONE if command.done else OPEN)


def _known(columns: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in columns.items() if value is not None}


def text(body: str, facts: Mapping[str, str | None], longest: int) -> str:
    """The text with facts below it, cut to what the column holds."""
    lines = [f"{name}: {value}" for name, value in facts.items() if value]
    room = longest - sum(len(line) + 1 for line in lines)
    cut = body if len(body) <= room else body[: max(0, room - 10)] + " [cut off]"
    return "\n".join([cut, *lines] if cut else lines)
