"""Calls and messages as HubSpot's properties: milliseconds, fixed words, HTML bodies.

https://developers.hubspot.com/docs/api-reference/latest/crm/activities/calls/guide (read November 2026)
"""

from __future__ import annotations

import html
from collections.abc import Mapping

from hub.domain.commands import LogCall, LogMessage

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


def as_html(text: str) -> str:
    """Plain text as HTML that shows it as it is, cut to what a body may hold."""
    escaped = html.escape(text).replace("\r\n", "\n").replace("\n", "<br>")
    if len(escaped) <= LONGEST_BODY:
        return escaped
    return html.escape(text[: LONGEST_BODY // 8]).replace("\n", "<br>") + " [cut off]"


def _https(url: str | None) -> str:
    # HubSpot takes https only.
    return url if url and url.startswith("https://") else ""
