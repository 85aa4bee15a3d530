"""What a CRM is told about a timeline entry; a pure function of the entry, so that two workers say the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hub.domain.commands import AddNote, CreateTask, LogCall, LogMessage
from hub.timeline_store import Entry

Command = LogCall | LogMessage | AddNote | CreateTask
OURS = "renkei"

PLACEHOLDERS = {
    "image": "[image]",
    "audio": "[audio]",
    "video": "[video]",
    "document": "[document]",
    "sticker": "[sticker]",
}


def what_of(entry: Entry) -> str | None:
    """What the entry is on a CRM: call, message, note or task; None for what comes from elsewhere."""
    if entry.kind in ("call", "message"):
        return entry.kind
    if entry.kind != "activity" or entry.connection != OURS:
        return None
    kind = str(entry.shown.get("kind"))
    return kind if kind in ("note", "task") else None


def command_for(entry: Entry, contact_id: str, logs: frozenset[str]) -> Command | None:
    """The command that logs the entry; None where there is nothing to log (yet), or the platform cannot log it."""
    what = what_of(entry)
    return _COMMANDS[what](entry, contact_id) if what in logs and what else None


def _call(entry: Entry, contact_id: str) -> LogCall | None:
    shown = entry.shown
    if shown["state"] != "ended":
        return None
    direction, outcome = shown["direction"], shown["outcome"]
    recording = next((one["url"] for one in shown["recordings"] if one.get("url")), None)
    return LogCall(
        reference=entry.id,
        contact_id=contact_id,
        direction=direction,
        started_at=shown["started_at"],
        outcome=outcome,
        duration_s=shown["duration_s"],
        customer_number=_customer_number(entry),
        business_number=shown["business"],
        recording_url=recording,
        title=f"{str(direction).capitalize()} call" if direction in ("inbound", "outbound") else "Call",
        body=f"Outcome: {str(outcome).replace('_', ' ')}" if outcome else "",
    )


def _message(entry: Entry, contact_id: str) -> LogMessage | None:
    shown = entry.shown
    if "direction" not in shown:  # only statuses so far: the message itself has not been seen
        return None
    return LogMessage(
        reference=entry.id,
        contact_id=contact_id,
        channel=shown["channel"],
        direction=shown["direction"],
        sent_at=entry.at,
        body=_text(shown),
    )


def _note(entry: Entry, contact_id: str) -> AddNote | None:
    shown = entry.shown
    if shown["deleted"] or not shown.get("text"):
        return None
    return AddNote(
        reference=entry.id,
        contact_id=contact_id,
        written_at=entry.at,
        text=str(shown["text"]),
        author=str(shown.get("owner") or ""),
    )


def _task(entry: Entry, contact_id: str) -> CreateTask | None:
    shown = entry.shown
    if shown["deleted"] or not shown.get("title"):
        return None
    return CreateTask(
        reference=entry.id,
        contact_id=contact_id,
        subject=str(shown["title"]),
        text=str(shown.get("text") or ""),
        due_at=shown.get("due_at"),
        owner=shown.get("owner"),
        done=shown.get("status") == "done",
    )


_COMMANDS: Mapping[str, Callable[[Entry, str], Command | None]] = {
    "call": _call,
    "message": _message,
    "note": _note,
    "task": _task,
}


def _text(shown: dict[str, object]) -> str:
    content = str(shown.get("content") or "text")
    media = shown.get("media")
    captions = [one.get("caption") for one in media if isinstance(one, dict)] if isinstance(media, list) else []
    words = [shown.get("text"), PLACEHOLDERS.get(content, None if content == "text" else f"[{content}]"), *captions]
    return "\n".join(str(word) for word in dict.fromkeys(words) if word)


def _customer_number(entry: Entry) -> str | None:
    named = [
        one["value"]
        for fact in sorted(entry.facts.values(), key=lambda fact: str(fact["at"]))
        for one in fact["data"].get("customer", {}).get("identifiers", [])
        if one["kind"] == "phone"
    ]
    return named[0] if named else None
