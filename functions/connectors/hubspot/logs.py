"""Calls, messages, notes and tasks on a contact: upserts by our unique property, so each may be repeated (class A)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.hubspot.activities import call_properties, message_properties, note_properties, task_properties
from connectors.hubspot.api import Api
from connectors.hubspot.reading import Reader
from connectors.hubspot.writing import ID_PROPERTY
from hub.domain.commands import AddNote, CreateTask, LogCall, LogMessage
from hub.domain.events import instant
from hub.errors import Reject
from hub.parsing import at, text_at
from hub.ports import Clock

# What is logged -> HubSpot's object.
LOGS = {"call": "calls", "message": "communications", "note": "notes", "task": "tasks"}
DUE = "hs_timestamp"


@dataclass(frozen=True, slots=True)
class Logger:
    """Writes one account's activities."""

    api: Api
    reader: Reader
    clock: Clock

    def log_call(self, command: LogCall) -> str:
        """The call's id."""
        return self._log("calls", command.reference, command.contact_id, call_properties(command))

    def log_message(self, command: LogMessage) -> str:
        """The communication's id."""
        return self._log("communications", command.reference, command.contact_id, message_properties(command))

    def add_note(self, command: AddNote) -> str:
        """The note's id."""
        return self._log("notes", command.reference, command.contact_id, note_properties(command))

    def create_task(self, command: CreateTask) -> str:
        """The task's id; an owner whom HubSpot does not know is left out."""
        owners = self.reader.owners() if command.owner else []
        wanted = (command.owner or "").casefold()
        owner = next((one.id for one in owners if (one.email or "").casefold() == wanted), "")
        properties = task_properties(command, owner, command.due_at or self._due(command.reference))
        return self._log("tasks", command.reference, command.contact_id, properties)

    def move(self, what: str, native_id: str, old_contact: str, new_contact: str) -> None:
        """First onto the new contact, then off the old one: it is never on nobody's."""
        self.api.associate(_object(what), native_id, "contacts", new_contact)
        if old_contact != new_contact:
            self.api.part(_object(what), native_id, "contacts", old_contact)

    def take(self, what: str, native_id: str) -> None:
        """Deletes the activity."""
        self.api.delete(_object(what), native_id)

    def _due(self, reference: str) -> str:
        """HubSpot wants a time for every task: of one without, the moment at which it was first written."""
        rows = self.api.read("tasks", [reference], (DUE,), (), by=ID_PROPERTY)
        return text_at(at(rows, 0, "properties"), DUE) or instant(round(self.clock.now() * 1000))

    def _log(self, kind: str, reference: str, contact_id: str, properties: Mapping[str, str]) -> str:
        activity = self.api.upsert(kind, ID_PROPERTY, reference, properties)
        self.api.associate(kind, activity, "contacts", contact_id)
        return activity


def _object(what: str) -> str:
    if what not in LOGS:
        raise Reject("HubSpot has no such activity")
    return LOGS[what]
