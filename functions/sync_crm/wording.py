"""What a CRM is told about a timeline entry; a pure function of the entry, so that two workers say the same."""

from __future__ import annotations

from hub.domain.commands import LogCall, LogMessage
from hub.timeline_store import Entry

PLACEHOLDERS = {
    "image": "[image]",
    "audio": "[audio]",
    "video": "[video]",
    "document": "[document]",
    "sticker": "[sticker]",
}


def command_for(entry: Entry, contact_id: str, logs: frozenset[str]) -> LogCall | LogMessage | None:
    """The command that logs the entry; None where there is nothing to log (yet), or the platform cannot log it."""
    if entry.kind not in logs:
        return None
    return _call(entry, contact_id) if entry.kind == "call" else _message(entry, contact_id)


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
