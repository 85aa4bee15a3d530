"""Commands as the ticket that stands for each."""

from __future__ import annotations

from connectors.zendesk.filing import Entry
from hub.domain.commands import AddNote, LogCall, LogMessage

CHANNELS = {"whatsapp": "WhatsApp", "sms": "Text message"}
FROM = {"inbound": "from the customer", "outbound": "to the customer"}


def call_entry(command: LogCall, tags: tuple[str, ...]) -> Entry:
    """A call: its facts line by line, then what is said of it."""
    facts = {
        "Direction": command.direction,
        "Outcome": command.outcome,
        "Duration": None if command.duration_s is None else f"{command.duration_s} s",
        "Customer": command.customer_number,
        "Business": command.business_number,
        "Recording": command.recording_url,
    }
    lines = [f"{name}: {value}" for name, value in facts.items() if value]
    text = "\n".join([command.title, *lines, *([command.body] if command.body else [])])
    return Entry(command.reference, command.contact_id, command.started_at, command.title, text, tags)


def message_entry(command: LogMessage, tags: tuple[str, ...]) -> Entry:
    """A message: the channel and who wrote as subject."""
    subject = f"{CHANNELS[command.channel]} {FROM[command.direction]}"
    return Entry(command.reference, command.contact_id, command.sent_at, subject, f"{subject}:\n{command.body}", tags)


def note_entry(command: AddNote, tags: tuple[str, ...]) -> Entry:
    """A note: its first line as subject."""
    first = command.text.strip().partition("\n")[0] or "Note"
    text = f"{command.text}\n({command.author})" if command.author else command.text
    return Entry(command.reference, command.contact_id, command.written_at, f"Note: {first}", text, tags)
