"""Activities and notes under ids that are made of our reference: written twice they are one (class A).

Dataverse lets the caller choose a new row's id. A row is created first (If-None-Match) and completed after that, because
a new activity is always open; where it is there already it is changed.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.dynamics365 import logged
from connectors.dynamics365.api import Api, Refusal
from connectors.dynamics365.context import guid
from connectors.dynamics365.logged import RECIPIENT, SENDER, Log
from connectors.dynamics365.rows import SETS
from connectors.dynamics365.users import Users
from hub.domain.commands import AddNote, CreateTask, LogCall, LogMessage
from hub.errors import Reject

TABLES: Mapping[str, str] = {"call": "phonecall", "message": "task", "note": "annotation", "task": "task"}
# The lookup's own property for each table that it can name; the settings of the same names replace them.
REGARDING: Mapping[str, str] = {
    "phonecall": "regardingobjectid_{}_phonecall",
    "task": "regardingobjectid_{}_task",
    "annotation": "objectid_{}",
}
PARTIES = "phonecall_activity_parties"
PEOPLE = ("contact", "lead")
Command = LogCall | LogMessage | AddNote | CreateTask


@dataclass(frozen=True, slots=True)
class Logs:
    """The activities of one connection's environment; `regarding` are the lookups' properties by table."""

    api: Api
    users: Users
    connection_id: str
    regarding: Mapping[str, str] = field(default_factory=lambda: dict(REGARDING))

    def log(self, command: Command) -> str:
        """The row's id."""
        row = _log(command)
        record_id = self.id_of(row.table, command.reference)
        columns = {**row.columns, **self._owner(command)}
        if not self._created(row, record_id, columns, command.contact_id):
            self._change(row.table, record_id, columns)
        if row.state is not None and row.state != logged.OPEN:
            self._change(row.table, record_id, {"statecode": row.state[0], "statuscode": row.state[1]})
        return record_id

    def id_of(self, table: str, reference: str) -> str:
        """The id of what carries that reference."""
        return str(uuid.uuid5(uuid.NAMESPACE_OID, f"renkei/{self.connection_id}/{table}/{reference}"))

    def move(self, what: str, native_id: str, new_contact: str) -> None:
        """The row is about the new contact; of a call also the party."""
        table = _table(what)
        outgoing = self._outgoing(native_id) if table == "phonecall" else None
        self._about(new_contact, lambda person: self._change(table, native_id, self._bound(table, person, outgoing)))

    def take(self, what: str, native_id: str) -> None:
        """Deletes the row; gone already is as good."""
        try:
            self.api.send("DELETE", _address(_table(what), native_id))
        except Refusal as refusal:
            if refusal.status != 404:
                raise

    def _created(self, row: Log, record_id: str, columns: Mapping[str, Any], contact_id: str) -> bool:
        """False where it is there already."""

        def create(person: str) -> None:
            body = {**columns, **self._bound(row.table, person, row.outgoing)}
            self.api.send("PATCH", _address(row.table, record_id), body, {"if-none-match": "*"})

        try:
            self._about(contact_id, create)
        except Refusal as refusal:
            if refusal.status != 412:
                raise
            return False
        return True

    def _change(self, table: str, record_id: str, body: Mapping[str, Any]) -> None:
        self.api.send("PATCH", _address(table, record_id), body, {"if-match": "*"})

    def _about(self, contact_id: str, write: Any) -> None:
        """Writes with the contact, else with the lead: a command does not say which of the two it is about."""
        if guid(contact_id) is None:
            raise Reject("the contact's id is none of Dynamics")
        try:
            write(f"contact/{contact_id}")
        except Refusal as refusal:
            if refusal.status not in (400, 404):
                raise
            write(f"lead/{contact_id}")

    def _bound(self, table: str, person: str, outgoing: bool | None) -> dict[str, Any]:
        kind, _, person_id = person.partition("/")
        address = f"/{SETS[kind]}({person_id})"
        about = {f"{self.regarding[table].format(kind)}@odata.bind": address}
        if outgoing is None:
            return about
        mask = RECIPIENT if outgoing else SENDER
        return {**about, PARTIES: [{f"partyid_{kind}@odata.bind": address, "participationtypemask": mask}]}

    def _outgoing(self, native_id: str) -> bool:
        body = self.api.get(_address("phonecall", native_id), {"$select": "directioncode"})
        return body.get("directioncode") is True

    def _owner(self, command: Command) -> dict[str, str]:
        owner = self.users.by_email(command.owner) if isinstance(command, CreateTask) and command.owner else None
        return {"ownerid@odata.bind": f"/systemusers({owner})"} if owner else {}


def _log(command: Command) -> Log:
    if isinstance(command, LogCall):
        return logged.call(command)
    if isinstance(command, LogMessage):
        return logged.message(command)
    return logged.note(command) if isinstance(command, AddNote) else logged.task(command)


def _table(what: str) -> str:
    if what not in TABLES:
        raise Reject(f"Dynamics has no {what} that was logged")
    return TABLES[what]


def _address(table: str, native_id: str) -> str:
    known = guid(native_id)
    if known is None:
        raise Reject("the id of what was logged is none of Dynamics")
    return f"{SETS[table]}({known})"
