"""The outbound side: contacts, companies, tickets and conversations by Intercom's REST API."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.intercom import describing, notes, writing
from connectors.intercom.api import Api, Refusal, rows
from connectors.intercom.listing import Lister
from connectors.intercom.notification import record_id
from connectors.intercom.people import map_of
from connectors.intercom.records import found_record, gone
from hub.delivery import Connection
from hub.domain.commands import AddNote, CreateTask, LogCall, LogMessage
from hub.domain.sync import Change, Found, NativeField, NewRecord, Outcome, Owner, Slice
from hub.emails import email_identifier
from hub.errors import Reject
from hub.parsing import text_at
from hub.phones import phone_identifier
from hub.ports import Clock, Http

ACTIVITIES = frozenset({"note", "task"})
READ = frozenset({"contact", "company", "ticket"})
WRITTEN = frozenset({"contact", "company"})
CALLS = "Intercom takes no calls over its API: they are read-only there"
MESSAGES = "Intercom takes no messages of other channels over its API"


def build(connection: Connection, secrets: Mapping[str, Any], http: Http, _clock: Clock) -> IntercomClient:
    """The client of a connection; tasks only where the setting `ticket_type_id` says what kind of ticket they are."""
    asked = connection.settings.get("log")
    logs = ACTIVITIES if asked is None else ACTIVITIES & {str(one) for one in asked}
    if not connection.settings.get("ticket_type_id"):
        logs -= {"task"}
    return IntercomClient(connection, Api.of(connection, secrets, http), frozenset(logs))


@dataclass(slots=True)
class IntercomClient:
    """Implements `hub.domain.sync.SyncClient`; admins are asked for once."""

    connection: Connection
    api: Api
    logs: frozenset[str] = ACTIVITIES
    reads: frozenset[str] = READ
    writes: frozenset[str] = WRITTEN
    lists: frozenset[str] = READ
    _admins: list[tuple[Owner, ...]] = field(default_factory=list)

    def read(self, kind: str, ids: Sequence[str]) -> list[Found]:
        """See SyncClient. One request each: a search would show them as they were minutes ago."""
        readers: Mapping[str, Callable[[str], Iterator[Found]]] = {
            "contact": self._contact,
            "company": lambda found: self._shown("company", found, "companies"),
            "ticket": lambda found: self._shown("ticket", found, "tickets", "conversations"),
        }
        _must_be(kind, READ, "read")
        return [one for found in dict.fromkeys(ids) for one in readers[kind](found)]

    def _contact(self, found: str) -> Iterator[Found]:
        """The contact; of one that was merged also the survivor."""
        try:
            yield from self._shown("contact", found, "contacts")
        except Refusal as error:
            yield gone("contact", found)
            if error.merged_into and error.merged_into != found:
                yield from self._shown("contact", error.merged_into, "contacts")

    def _shown(self, kind: str, found: str, *lists: str) -> Iterator[Found]:
        """What the first list holds under that id that holds anything."""
        held = next((row for name in lists if (row := self.api.find(name, found)) is not None), None)
        shown = found_record(kind, held, self.connection, self._owners) if held else None
        yield shown or gone(kind, found)

    def write(self, kind: str, changes: Sequence[Change]) -> list[Outcome]:
        """See SyncClient."""
        _must_be(kind, WRITTEN, "written")
        known = map_of(kind, self.connection)
        return [writing.write(self.api, known, kind, change, self._owners) for change in changes]

    def create(self, kind: str, record: NewRecord) -> Outcome:
        """See SyncClient. Class B: a contact is looked up by external id first; a company is upserted by company id."""
        _must_be(kind, WRITTEN, "created")
        return writing.create(self.api, map_of(kind, self.connection), kind, record, self._owners)

    def find(self, kind: str, *, phone: str | None = None, email: str | None = None) -> list[str]:
        """See SyncClient; companies have neither."""
        if kind != "contact":
            return []
        wanted = {"phone": [phone, phone.removeprefix("+")] if phone else [], "email": [email] if email else []}
        filters = [
            {"field": name, "operator": "=", "value": value} for name, values in wanted.items() for value in values
        ]
        found = rows(self.api.search("contacts", {"operator": "OR", "value": filters})) if filters else ()
        return [str(row["id"]) for row in found if record_id(row, "id") and self._has(row, phone, email)]

    def _has(self, row: Mapping[str, Any], phone: str | None, email: str | None) -> bool:
        mail = email_identifier(text_at(dict(row), "email"))
        number = phone_identifier(text_at(dict(row), "phone"), self.connection.default_region)
        return bool(mail and mail == email_identifier(email)) or bool(number and number.value == phone)

    def log_call(self, command: LogCall) -> str:  # noqa: ARG002
        """Reject: see `logs`."""
        raise Reject(CALLS)

    def log_message(self, command: LogMessage) -> str:  # noqa: ARG002
        """Reject: see `logs`."""
        raise Reject(MESSAGES)

    def add_note(self, command: AddNote) -> str:
        """See SyncClient. Class B: the contact's notes are looked through for our mark."""
        return notes.add_note(self.api, command, str(self.connection.settings.get("admin_id") or ""))

    def create_task(self, command: CreateTask) -> str:
        """See SyncClient. Class B: the contact's tickets are looked through for our mark."""
        ticket_type = self.connection.settings.get("ticket_type_id")
        if not ticket_type:
            raise Reject("the connection's setting ticket_type_id must say what kind of ticket a task is")
        return notes.create_task(self.api, command, str(ticket_type), self._owners)

    def move_log(self, what: str, native_id: str, old_contact: str, new_contact: str) -> None:
        """Reject unless nothing is to be moved: Intercom moves neither notes nor tickets."""
        if native_id and old_contact != new_contact:
            notes.refuse_moving(what)

    def take_log(self, what: str, native_id: str) -> None:
        """Deletes a task's ticket for good; Reject for a note, which Intercom deletes in the inbox only."""
        if what != "task":
            notes.refuse_moving(what)
        self.api.remove("tickets", native_id)

    def page(self, kind: str, since: str | None, cursor: str | None) -> Slice:
        """See SyncClient. A search lags by minutes: let listings overlap."""
        _must_be(kind, READ, "listed")
        return Lister(self.api, self.connection, self._owners).page(kind, since, cursor)

    def owners(self) -> list[Owner]:
        """See SyncClient."""
        return list(self._owners)

    def describe(self, kind: str) -> list[NativeField]:
        """See SyncClient."""
        _must_be(kind, WRITTEN, "described")
        return describing.describe(self.api, kind)

    def plan_set_up(self) -> list[str]:
        """Nothing is missing in any workspace: contacts have an external id, companies a company id."""
        return []

    def set_up(self) -> None:
        """Nothing is to be prepared."""

    @property
    def _owners(self) -> tuple[Owner, ...]:
        if not self._admins:
            self._admins.append(describing.owners(self.api))
        return self._admins[0]


def _must_be(kind: str, known: frozenset[str], done: str) -> None:
    if kind not in known:
        raise Reject(f"Intercom's {kind[:40]} records are not {done}")
