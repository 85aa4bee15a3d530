"""What a TaskRouter event says of its task and its worker: attributes are JSON in a text, names are the company's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from connectors.twilio.reading import Fields
from hub.delivery import Connection
from hub.errors import Quarantine
from hub.parsing import at, dict_at, id_at, parse_json, text_at

MAX_TAG = 100  # characters
# Activities have the company's own names; these are Twilio's defaults. `settings.activities` adds others.
ACTIVITIES: Mapping[str, str] = {
    "available": "available",
    "idle": "available",
    "busy": "busy",
    "reserved": "busy",
    "unavailable": "away",
    "break": "away",
    "offline": "offline",
    "wrapup": "wrap_up",
}
STATUSES = frozenset({"available", "busy", "on_call", "wrap_up", "away", "do_not_disturb", "offline"})


@dataclass(frozen=True, slots=True)
class Task:
    """A task that is a call."""

    call_sid: str
    direction: Literal["inbound", "outbound", "unknown"] = "unknown"
    caller: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)


def task_of(fields: Fields) -> Task | None:
    """The task, or None where its attributes name no call (chat, e-mail, or attributes that are no JSON)."""
    attributes = _json(fields.get("TaskAttributes"))
    call_sid = text_at(attributes, "call_sid") or text_at(attributes, "conference", "participants", "customer")
    if call_sid is None:
        return None
    said = (text_at(attributes, "direction") or "").lower()
    direction: Literal["inbound", "outbound", "unknown"] = (
        "inbound" if said == "inbound" else "outbound" if said.startswith("outbound") else "unknown"
    )
    caller = text_at(attributes, "from") or text_at(attributes, "caller")
    return Task(call_sid, direction, caller, attributes)


def agent_of(fields: Fields) -> dict[str, str | None]:
    """The worker as the agent: name, id, and the e-mail that Flex keeps in the worker's attributes."""
    attributes = _json(fields.get("WorkerAttributes"))
    return {
        "agent": fields.get("WorkerName") or fields.get("WorkerSid"),
        "agent_id": fields.get("WorkerSid"),
        "agent_email": text_at(attributes, "email"),
    }


def presence(activity: str | None, connection: Connection) -> str:
    """Our word for an activity, by the connection's own table first; "unknown" where neither knows it."""
    own = {name.lower(): status for name, status in dict_at(connection.settings, "activities").items()}
    name = (activity or "").lower()
    status = own.get(name, ACTIVITIES.get(name))
    return status if status in STATUSES else "unknown"


def disposition(fields: Fields, task: Task, connection: Connection) -> dict[str, Any]:
    """What the agent noted: no field of Twilio's own.

    By Flex's convention it is `conversations.outcome` in the task's attributes (`settings.disposition_attribute` names
    another place), else the reason given when the task was completed.
    """
    setting = connection.settings.get("disposition_attribute")
    path = (setting if isinstance(setting, str) and setting else "conversations.outcome").split(".")
    code = id_at(task.attributes, *path) or fields.get("TaskCompletedReason")
    notes = text_at(task.attributes, "conversations", "content") or text_at(task.attributes, "notes")
    tags = at(task.attributes, "tags")
    kept = [tag[:MAX_TAG] for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []
    return {"code": code, "label": code, "notes": notes, "tags": tuple(kept)}


def _json(text: str | None) -> dict[str, Any]:
    try:
        found = parse_json(text.encode("utf-8", "replace")) if text else {}
    except Quarantine:
        return {}
    return found if isinstance(found, dict) else {}
