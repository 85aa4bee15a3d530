"""Activities and notes in our words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors.pipedrive.business import present, whom
from connectors.pipedrive.notification import record_id
from hub.domain.events import RecordRef
from hub.parsing import bool_at, list_at, text_at
from hub.times import any_time, day, from_iso

# Pipedrive's own types; a company may add others.
KINDS = {
    "call": "call",
    "meeting": "meeting",
    "lunch": "meeting",
    "task": "task",
    "deadline": "task",
    "email": "email",
}
MOST_PARTICIPANTS = 50
_CLOCK = re.compile(r"\A([0-9]{1,3}):([0-5][0-9])(?::([0-5][0-9]))?\Z", re.ASCII)


def activity_data(row: Mapping[str, Any]) -> dict[str, Any]:
    """What an activity's row says; its time is UTC, and a due date without one is no moment."""
    done = bool_at(row, "done")
    started = from_iso(f"{day(text_at(row, 'due_date'))} {text_at(row, 'due_time')}")
    kind = KINDS.get(text_at(row, "type") or "", "other")
    meeting = kind in ("meeting", "call")
    return present(
        {
            **whom(row, record_id(row, "org_id")),
            "contacts": _people(row),
            "kind": kind,
            "native_type": text_at(row, "type"),
            "regarding": _regarding(row),
            "title": text_at(row, "subject"),
            "text": text_at(row, "note") or text_at(row, "public_description"),
            "status": None if done is None else ("done" if done else "open"),
            "due_at": None if meeting else started,
            "started_at": started if meeting else None,
            "ended_at": any_time(row.get("marked_as_done_time")) if done else None,
            "duration_s": _seconds(text_at(row, "duration")) if done else None,
            "owner": text_at(row, "owner_name") or record_id(row, "owner_id") or record_id(row, "user_id"),
        }
    )


def note_data(row: Mapping[str, Any]) -> dict[str, Any]:
    """What a note's row says; its text is HTML."""
    return present(
        {
            **whom(row, record_id(row, "org_id")),
            "kind": "note",
            "regarding": _regarding(row),
            "text": text_at(row, "content"),
            "owner": record_id(row, "user_id"),
        }
    )


def _people(row: Mapping[str, Any]) -> tuple[RecordRef, ...]:
    """The activity's person first, then the others who take part."""
    named = [record_id(row, "person_id")]
    named += [record_id(one, "person_id") for one in list_at(row, "participants")[:MOST_PARTICIPANTS]]
    return tuple(RecordRef(object="contact", id=one, native_object="person") for one in dict.fromkeys(named) if one)


def _regarding(row: Mapping[str, Any]) -> tuple[RecordRef, ...]:
    named = ((name, record_id(row, f"{name}_id")) for name in ("deal", "lead"))
    return tuple(RecordRef(object="deal", id=found, native_object=name) for name, found in named if found)


def _seconds(clock: str | None) -> int | None:
    """`HH:MM` (or `HH:MM:SS`) as seconds."""
    found = _CLOCK.match(clock) if clock else None
    return (int(found[1]) * 60 + int(found[2])) * 60 + int(found[3] or 0) if found else None
