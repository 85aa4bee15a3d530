"""The outbound side: contacts, accounts and deals by Freshsales' API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.freshsales import listing, notes, writing
from connectors.freshsales.api import Api
from connectors.freshsales.describing import describe, owners
from connectors.freshsales.records import INCLUDED, KEYS, PATHS, Reader, gone
from connectors.freshsales.template import record_id
from hub.delivery import Connection
from hub.domain.commands import AddNote, CreateTask, LogCall, LogMessage
from hub.domain.events import instant
from hub.domain.sync import Change, Found, NativeField, NewRecord, Outcome, Owner, Slice
from hub.emails import email_identifier
from hub.errors import Reject
from hub.parsing import dict_at, list_at, text_at
from hub.phones import phone_identifier
from hub.ports import Clock, Http

ACTIVITIES = frozenset({"call", "message", "note", "task"})
READ = frozenset({"contact", "company", "deal"})
WRITTEN = frozenset({"contact", "company"})
NUMBERS = ("mobile_number", "work_number")


def build(connection: Connection, secrets: Mapping[str, Any], http: Http, clock: Clock) -> FreshsalesClient:
    """The client of a connection; Reject where its API key or its bundle alias is missing."""
    asked = connection.settings.get("log")
    logs = ACTIVITIES if asked is None else ACTIVITIES & {str(one) for one in asked}
    return FreshsalesClient(connection, Api.of(connection, secrets, http), clock, frozenset(logs))


@dataclass(slots=True)
class FreshsalesClient:
    """Implements `hub.domain.sync.SyncClient`; users are asked for once."""

    connection: Connection
    api: Api
    clock: Clock
    logs: frozenset[str] = ACTIVITIES
    reads: frozenset[str] = READ
    writes: frozenset[str] = WRITTEN
    lists: frozenset[str] = READ
    _users: list[tuple[Owner, ...]] = field(default_factory=list)

    def read(self, kind: str, ids: Sequence[str]) -> list[Found]:
        """See SyncClient. One request each: there is no reading of several."""
        _must_be(kind, READ, "read")
        return [self._read(kind, found) for found in dict.fromkeys(ids)]

    def _read(self, kind: str, found: str) -> Found:
        answer = self.api.find(f"/{PATHS[kind]}/{found}", include=INCLUDED[kind])
        shown = self._reader.found(kind, dict_at(answer, KEYS[kind]), answer) if answer else None
        return shown or gone(kind, found)

    def write(self, kind: str, changes: Sequence[Change]) -> list[Outcome]:
        """See SyncClient."""
        _must_be(kind, WRITTEN, "written")
        return [writing.write(self.api, self._reader, kind, change) for change in changes]

    def create(self, kind: str, record: NewRecord) -> Outcome:
        """See SyncClient. Class A: an upsert by external id, of an account by its name."""
        _must_be(kind, WRITTEN, "created")
        return writing.create(self.api, self._reader, kind, record)

    def find(self, kind: str, *, phone: str | None = None, email: str | None = None) -> list[str]:
        """See SyncClient; accounts are not looked up."""
        if kind != "contact":
            return []
        asked = [("email", email)] if email else []
        asked += [(name, phone) for name in NUMBERS if phone]
        found = (str(row["id"]) for name, value in asked for row in self._looked_up(name, str(value), phone, email))
        return list(dict.fromkeys(found))

    def _looked_up(self, name: str, value: str, phone: str | None, email: str | None) -> Iterator[dict[str, Any]]:
        answer = self.api.get("/lookup", q=value, f=name, entities="contact")
        for row in list_at(answer, "contacts", "contacts"):
            if record_id(row) and (self._has_phone(row, phone) if name in NUMBERS else _has_email(row, email)):
                yield row

    def _has_phone(self, row: Mapping[str, Any], phone: str | None) -> bool:
        numbers = (phone_identifier(text_at(dict(row), name), self.connection.default_region) for name in NUMBERS)
        return any(one and one.value == phone for one in numbers)

    def log_call(self, command: LogCall) -> str:
        """See SyncClient. Class B: as a note."""
        return notes.put_note(self.api, command.contact_id, command.reference, notes.call_text(command))

    def log_message(self, command: LogMessage) -> str:
        """See SyncClient. Class B: as a note."""
        return notes.put_note(self.api, command.contact_id, command.reference, notes.message_text(command))

    def add_note(self, command: AddNote) -> str:
        """See SyncClient. Class B: the contact's notes are looked through for our mark."""
        return notes.put_note(self.api, command.contact_id, command.reference, notes.note_text(command))

    def create_task(self, command: CreateTask) -> str:
        """See SyncClient. Class B: the tasks are looked through for our mark."""
        return notes.put_task(self.api, command, self._owners, instant(round(self.clock.now() * 1000)))

    def move_log(self, what: str, native_id: str, old_contact: str, new_contact: str) -> None:
        """See SyncClient."""
        _must_be(what, ACTIVITIES, "moved")
        if old_contact != new_contact:
            notes.move(self.api, what, native_id, new_contact)

    def take_log(self, what: str, native_id: str) -> None:
        """See SyncClient."""
        _must_be(what, ACTIVITIES, "taken back")
        self.api.remove(f"/{'tasks' if what == 'task' else 'notes'}/{native_id}")

    def page(self, kind: str, since: str | None, cursor: str | None) -> Slice:
        """See SyncClient."""
        _must_be(kind, READ, "listed")
        return listing.page(self.api, self._reader, kind, since, cursor)

    def owners(self) -> list[Owner]:
        """See SyncClient."""
        return list(self._owners)

    def describe(self, kind: str) -> list[NativeField]:
        """See SyncClient."""
        _must_be(kind, READ, "described")
        return describe(self.api, kind)

    def plan_set_up(self) -> list[str]:
        """Nothing is created: contacts have an external id, accounts are found by name."""
        return []

    def set_up(self) -> None:
        """Nothing is to be prepared."""

    @property
    def _owners(self) -> tuple[Owner, ...]:
        if not self._users:
            self._users.append(owners(self.api))
        return self._users[0]

    @property
    def _reader(self) -> Reader:
        return Reader(self.connection, self._owners)


def _has_email(row: Mapping[str, Any], email: str | None) -> bool:
    held = [text_at(dict(row), "email"), *(text_at(one, "value") for one in list_at(dict(row), "emails"))]
    wanted = email_identifier(email)
    return wanted is not None and wanted in [email_identifier(one) for one in held]


def _must_be(kind: str, known: frozenset[str], done: str) -> None:
    if kind not in known:
        raise Reject(f"Freshsales' {kind[:40]} records are not {done}")
