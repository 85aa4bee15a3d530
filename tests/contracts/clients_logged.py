"""Calls, messages, notes and tasks for the client suite: the commands, and how many of them each stand-in holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hub.domain.commands import AddNote, CreateTask, LogCall, LogMessage
from hub.domain.sync import SyncClient
from infra.local.standins.zendesk_rows import alive

AT = "2026-09-21T13:00:00.000Z"
TEXT = "Wants the red kettle & two cups"
# What the platform's API cannot move, and of that what it cannot take back either.
UNMOVED = frozenset({("intercom", "note"), ("intercom", "task")})
UNTAKEN = frozenset({("intercom", "note")})
# Platforms where a contact that was deleted is only put away, and can be written upon all the same.
PUT_AWAY = frozenset({"mailchimp", "zendesk"})

Log = Callable[[SyncClient, str, str], str]


def _call(client: SyncClient, reference: str, contact: str) -> str:
    return client.log_call(
        LogCall(
            reference=reference, contact_id=contact, direction="inbound", started_at=AT, outcome="answered",
            duration_s=65, customer_number="+819000000001", business_number="+81300000009", title="Inbound call", body=TEXT,
        )
    )  # fmt: skip


def _message(client: SyncClient, reference: str, contact: str) -> str:
    command = LogMessage(
        reference=reference, contact_id=contact, channel="whatsapp", direction="inbound", sent_at=AT, body=TEXT
    )
    return client.log_message(command)


def _note(client: SyncClient, reference: str, contact: str) -> str:
    return client.add_note(AddNote(reference=reference, contact_id=contact, written_at=AT, text=TEXT, author="Mai"))


def _task(client: SyncClient, reference: str, contact: str) -> str:
    due = "2026-09-25T09:00:00.000Z"
    command = CreateTask(reference=reference, contact_id=contact, subject="Call back", text=TEXT, due_at=due)
    return client.create_task(command)


LOGS: Mapping[str, Log] = {"call": _call, "message": _message, "note": _note, "task": _task}
COMMANDS: Mapping[str, str] = {"call": "LogCall", "message": "LogMessage", "note": "AddNote", "task": "CreateTask"}


def _mailchimp(crm: Any) -> int:
    return sum("red kettle" in one["note"] for notes in crm.notes.by_member.values() for one in notes)


def _zendesk(crm: Any) -> int:
    return sum(alive("ticket", row) for row in crm.rows.by_kind["ticket"].values())


def _intercom(crm: Any) -> int:
    return sum(map(len, crm.rows.notes.values())) + len(crm.rows.by_kind["ticket"])


# How many activities the stand-in holds, whoever wrote them.
HELD: Mapping[str, Callable[[Any], int]] = {
    "hubspot": lambda crm: sum(len(crm.records.of(one)) for one in ("calls", "communications", "notes", "tasks")),
    "salesforce": lambda crm: len(crm.rows.of("Task")),
    "dynamics365": lambda crm: sum(len(crm.rows.of(one)) for one in ("phonecall", "task", "annotation")),
    "pipedrive": lambda crm: sum(len(crm.records.rows(one)) for one in ("activity", "note")),
    "zoho": lambda crm: sum(len(crm.records.of(one)) for one in ("Calls", "Tasks", "Notes")),
    "zendesk": _zendesk,
    "intercom": _intercom,
    "freshsales": lambda crm: sum(len(crm.rows.by_kind[one]) for one in ("note", "task")),
    "mailchimp": _mailchimp,
}
