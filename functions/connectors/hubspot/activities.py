"""Calls, messages, notes and tasks as HubSpot's properties: milliseconds, fixed words, HTML bodies.

https://developers.hubspot.com/docs/api-reference/latest/crm/activities/calls/guide, likewise for communications, notes
and tasks (read November 2026)
"""

from __future__ import annotations

import html
from collections.abc import Mapping

from hub.domain.commands import AddNote, CreateTask, LogCall, LogMessage

LONGEST_BODY = 65_536
DIRECTIONS = {"inbound": "INBOUND", "outbound": "OUTBOUND"}
CHANNELS = {"whatsapp": "WHATS_APP", "sms": "SMS"}
CONNECTED = "f240bbac-87c9-4f6e-bf70-924b57d47db7"
NO_ANSWER = "73a0d17f-1163-4015-bdd5-ec830791da20"
BUSY = "9d9162e7-6cf3-4944-bf63-4dff82258764"
LEFT_VOICEMAIL = "b2cf5968-551e-4856-9783-52b3da59a7d0"
# our outcome -> hs_call_status, hs_call_disposition (HubSpot's own outcomes have these ids in every account)
OUTCOMES: Mapping[str, tuple[str, str]] = {
    "answered": ("COMPLETED", CONNECTED),
    "voicemail": ("COMPLETED", LEFT_VOICEMAIL),
    "no_answer": ("NO_ANSWER", NO_ANSWER),
    "abandoned": ("NO_ANSWER", NO_ANSWER),
    "busy": ("BUSY", BUSY),
    "rejected": ("BUSY", BUSY),
    "canceled": ("CANCELED", ""),
    "failed": ("FAILED", ""),
}
PRIORITIES = {"low": "LOW", "normal": "MEDIUM", "high": "HIGH"}
WHO = {"inbound": "From the customer", "outbound": "To the customer"}


def call_properties(command: LogCall) -> dict[str, str]:
    """The properties of a call; what is unknown is left out."""
    status, disposition = OUTCOMES.get(command.outcome or "", ("", ""))
    customer, business = command.customer_number or "", command.business_number or ""
    caller, called = (business, customer) if command.direction == "outbound" else (customer, business)
    duration_ms = "" if command.duration_s is None else str(command.duration_s * 1000)
    properties = {
        "hs_timestamp": command.started_at,
        "hs_call_title": command.title,
        "hs_call_body": as_html(command.body),
        "hs_call_direction": DIRECTIONS.get(command.direction, ""),
        "hs_call_duration": duration_ms,
        "hs_call_from_number": caller,
        "hs_call_to_number": called,
        "hs_call_status": status,
        "hs_call_disposition": disposition,
        "hs_call_recording_url": _https(command.recording_url),
    }
    return {name: value for name, value in properties.items() if value}


def message_properties(command: LogMessage) -> dict[str, str]:
    """The properties of a communication; HubSpot has no field for its direction, so the body's first line says it."""
    return {
        "hs_timestamp": command.sent_at,
        "hs_communication_channel_type": CHANNELS[command.channel],
        "hs_communication_logged_from": "CRM",
        "hs_communication_body": as_html(f"{WHO[command.direction]}:\n{command.body}"),
    }


def note_properties(command: AddNote) -> dict[str, str]:
    """The properties of a note; its author, whom HubSpot cannot be told, stands in the last line."""
    text = f"{command.text}\n— {command.author}" if command.author else command.text
    return {"hs_timestamp": command.written_at, "hs_note_body": as_html(text)}


def task_properties(command: CreateTask, owner_id: str, due_at: str) -> dict[str, str]:
    """The properties of a task; HubSpot's time of a task is when it is due."""
    properties = {
        "hs_timestamp": due_at,
        "hs_task_subject": command.subject,
        "hs_task_body": as_html(command.text),
        "hs_task_status": "COMPLETED" if command.done else "NOT_STARTED",
        "hs_task_priority": PRIORITIES[command.priority],
        "hs_task_type": "TODO",
        "hubspot_owner_id": owner_id,
    }
    return {name: value for name, value in properties.items() if value}


def as_html(text: str) -> str:
    """Plain text as HTML that shows it as it is, cut to what a body may hold."""
    escaped = html.escape(text).replace("\r\n", "\n").replace("\n", "<br>")
    if len(escaped) <= LONGEST_BODY:
        return escaped
    return html.escape(text[: LONGEST_BODY // 8]).replace("\n", "<br>") + " [cut off]"


def _https(url: str | None) -> str:
    # HubSpot takes https only.
    return url if url and url.startswith("https://") else ""
