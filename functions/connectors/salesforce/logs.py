"""Calls, messages, notes and tasks under our reference, as tasks: written, moved to another contact, taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from connectors.salesforce.activities import call_task, message_task, note_task, task
from connectors.salesforce.api import Api
from connectors.salesforce.session import Refusal
from connectors.salesforce.users import Users
from hub.domain.commands import AddNote, CreateTask, LogCall, LogMessage
from hub.errors import Reject, Retry
from hub.parsing import id_at

LOGGED = frozenset({"call", "message", "note", "task"})


@dataclass(frozen=True, slots=True)
class Logs:
    """The activities of one organization; every write may be repeated (class A)."""

    api: Api
    users: Users
    external_id: str

    def log(self, command: LogCall | LogMessage | AddNote | CreateTask) -> str:
        """The task's id."""
        return self._upsert(command.reference, self._fields(command))

    def _fields(self, command: LogCall | LogMessage | AddNote | CreateTask) -> dict[str, Any]:
        if isinstance(command, CreateTask):
            return task(command, self.users.by_email(command.owner) if command.owner else None)
        if isinstance(command, AddNote):
            return note_task(command)
        return call_task(command) if isinstance(command, LogCall) else message_task(command)

    def _upsert(self, reference: str, fields: Mapping[str, Any]) -> str:
        try:
            return self._once(reference, fields)
        except Refusal as refusal:
            # A task's subtype is set when it is created and cannot be changed (object reference, Task).
            if refusal.code != "INVALID_FIELD_FOR_INSERT_UPDATE" or "TaskSubtype" not in fields:
                raise
            return self._once(reference, {name: fields[name] for name in fields if name != "TaskSubtype"})

    def _once(self, reference: str, fields: Mapping[str, Any]) -> str:
        external = self.external_id
        path = f"/sobjects/Task/{quote(external, '')}/{quote(reference, '')}"
        answer = self.api.session.request("PATCH", path, fields)
        if answer.status == 300:
            raise Reject(f"several records of Task have one {external}: make the field unique, remove copies")
        record_id = id_at(answer.json(), "id")
        if record_id is None:
            raise Retry("Salesforce did not say which record it wrote")
        return record_id

    def move(self, what: str, native_id: str, old_contact: str, new_contact: str) -> None:
        """The task is the new contact's."""
        _known(what)
        if old_contact != new_contact:
            self.api.session.request("PATCH", f"/sobjects/Task/{quote(native_id, '')}", {"WhoId": new_contact})

    def take(self, what: str, native_id: str) -> None:
        """The task goes into the recycle bin."""
        _known(what)
        self.api.delete("Task", native_id)


def _known(what: str) -> None:
    if what not in LOGGED:
        raise Reject(f"Salesforce has no {what} that was logged")
