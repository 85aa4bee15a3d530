"""Calls, tasks, meetings and notes in our words: what the values present say, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from connectors.zoho.business import present
from connectors.zoho.notification import OBJECTS, lookup_id, lookup_name
from hub.domain.events import RecordRef
from hub.parsing import int_at, text_at
from hub.times import any_time

KINDS = {"Calls": "call", "Tasks": "task", "Events": "meeting", "Meetings": "meeting", "Notes": "note"}
DIRECTIONS = {"inbound": "inbound", "missed": "inbound", "outbound": "outbound"}
TASK_STATUSES = {"Completed": "done", "Not Started": "open", "In Progress": "open", "Deferred": "open"}
MOST_SECONDS = 366 * 24 * 3600
_CLOCK = re.compile(r"\A(?:([0-9]{1,3}):)?([0-9]{1,4}):([0-5][0-9])\Z", re.ASCII)


def call_data(values: Mapping[str, Any]) -> dict[str, Any]:
    """A call; whose number its numbers are is not documented, so none is taken for the customer's."""
    kind, status = text_at(values, "Call_Type"), text_at(values, "Call_Status")
    return present(
        {
            **_common(values, "Subject"),
            "kind": "call",
            "direction": DIRECTIONS.get(kind.lower(), "unknown") if kind else None,
            "action": text_at(values, "Call_Result") or kind,
            "native_status": status,
            "started_at": any_time(values.get("Call_Start_Time")),
            "duration_s": _duration_s(values),
        }
    )


def task_data(values: Mapping[str, Any]) -> dict[str, Any]:
    """A task; its due date has no time, so it is no moment."""
    status = text_at(values, "Status")
    return present(
        {
            **_common(values, "Subject"),
            "kind": "task",
            "status": TASK_STATUSES.get(status, "unknown") if status else None,
            "native_status": status,
            "due_at": any_time(values.get("Due_Date")),
            "ended_at": any_time(values.get("Closed_Time")),
        }
    )


def meeting_data(values: Mapping[str, Any]) -> dict[str, Any]:
    """A meeting."""
    times = {"started_at": "Start_DateTime", "ended_at": "End_DateTime"}
    found = {ours: any_time(values.get(theirs)) for ours, theirs in times.items()}
    return present({**_common(values, "Event_Title"), **found, "kind": "meeting"})


def note_data(values: Mapping[str, Any]) -> dict[str, Any]:
    """A note on a record."""
    about = _about(values, "Parent_Id", text_at(values, "Parent_Id", "module", "api_name"))
    text = text_at(values, "Note_Content")
    return present({**_common(values, "Note_Title"), **_concerned(values, about), "kind": "note", "text": text})


ACTIVITIES: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "call": call_data,
    "task": task_data,
    "meeting": meeting_data,
    "note": note_data,
}


def _common(values: Mapping[str, Any], title: str) -> dict[str, Any]:
    return {
        **_concerned(values, _about(values, "What_Id", None)),
        "title": text_at(values, title),
        "text": text_at(values, "Description"),
        "owner": lookup_name(values, "Owner"),
    }


def _concerned(values: Mapping[str, Any], about: RecordRef | None) -> dict[str, Any]:
    """Who_Id is a contact; the record it is about may be a person, a company or anything else."""
    who = lookup_id(values, "Who_Id")
    named = [RecordRef(object="contact", id=who, native_object="Contacts")] if who else []
    named += [about] if about and about.object in ("contact", "lead") else []
    return {
        "contacts": tuple(dict.fromkeys(named)),
        "company": about if about and about.object == "company" else None,
        "regarding": (about,) if about and about.object not in ("contact", "lead", "company") else (),
    }


def _about(values: Mapping[str, Any], name: str, module: str | None) -> RecordRef | None:
    """What a lookup names, where its module is said (`$se_module`); an id alone says nothing."""
    module = module or text_at(values, "$se_module") or text_at(values, "se_module")
    found = lookup_id(values, name)
    return RecordRef(object=OBJECTS[module], id=found, native_object=module) if found and module in OBJECTS else None


def _duration_s(values: Mapping[str, Any]) -> int | None:
    """Whole seconds, from the field that has them or from `mm:ss`."""
    seconds = int_at(values, "Call_Duration_in_seconds")
    if seconds is None:
        found = _CLOCK.match(text_at(values, "Call_Duration") or "")
        seconds = (int(found[1] or 0) * 60 + int(found[2])) * 60 + int(found[3]) if found else None
    return seconds if seconds is not None and 0 <= seconds <= MOST_SECONDS else None
