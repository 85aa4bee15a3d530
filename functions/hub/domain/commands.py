"""Commands: what to do on a platform, imperative. Each carries the hub's own reference, which makes it repeatable."""

from __future__ import annotations

from typing import Literal

from hub.domain.events import Model


class LogCall(Model):
    """Log a finished call on a contact, or update the log that carries `reference`."""

    reference: str
    contact_id: str
    direction: Literal["inbound", "outbound", "internal", "unknown"]
    started_at: str  # RFC 3339 UTC
    outcome: str | None = None  # events.CallData.outcome
    duration_s: int | None = None
    customer_number: str | None = None
    business_number: str | None = None
    recording_url: str | None = None
    title: str
    body: str = ""


class LogMessage(Model):
    """Log a message on a contact, or update the log that carries `reference`; `body` is plain text."""

    reference: str
    contact_id: str
    channel: Literal["whatsapp", "sms"]
    direction: Literal["inbound", "outbound"]
    sent_at: str
    body: str


class AddNote(Model):
    """Write a note on a contact, or update the one that carries `reference`; `text` is plain."""

    reference: str
    contact_id: str
    written_at: str  # RFC 3339 UTC
    text: str
    author: str = ""


class CreateTask(Model):
    """Create a task about a contact, or update the one that carries `reference`; `owner` is an e-mail address."""

    reference: str
    contact_id: str
    subject: str
    text: str = ""
    due_at: str | None = None  # RFC 3339 UTC
    owner: str | None = None
    priority: Literal["low", "normal", "high"] = "normal"
    done: bool = False
