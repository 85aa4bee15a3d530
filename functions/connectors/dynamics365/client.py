"""The outbound side of Dynamics 365: the Web API of one environment, as its application user."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.dynamics365.api import Api
from connectors.dynamics365.describing import Describing
from connectors.dynamics365.finding import Finding
from connectors.dynamics365.listing import Listing
from connectors.dynamics365.logs import REGARDING, TABLES, Logs
from connectors.dynamics365.reading import Reading
from connectors.dynamics365.users import Users
from connectors.dynamics365.writing import Writing
from hub.delivery import Connection
from hub.domain.commands import AddNote, CreateTask, LogCall, LogMessage
from hub.domain.sync import Change, Found, NativeField, NewRecord, Outcome, Owner, Slice
from hub.errors import Reject
from hub.ports import Clock, Http

KEY = "renkei_id"
USUAL = ("call", "note", "task")
FIELDS_OF = frozenset({"contact", "lead", "company"})
READS = FIELDS_OF | {"deal", "ticket"}
_NAME = re.compile(r"[a-z][a-z0-9_]{1,99}")
_LOOKUP = re.compile(r"[A-Za-z0-9_]{1,60}\{\}[A-Za-z0-9_]{0,60}")


def build(connection: Connection, secrets: Mapping[str, Any], http: Http, _clock: Clock) -> DynamicsClient:
    """The client of a connection; Reject where the environment's address is missing or a setting cannot be used."""
    return DynamicsClient(connection, Api.of(connection, secrets, http))


@dataclass(slots=True)
class DynamicsClient:
    """Implements `hub.domain.sync.SyncClient`."""

    connection: Connection
    api: Api
    reads: frozenset[str] = READS
    writes: frozenset[str] = FIELDS_OF
    lists: frozenset[str] = READS
    logs: frozenset[str] = field(init=False)
    users: Users = field(init=False)
    key: str = field(init=False)

    def __post_init__(self) -> None:
        settings = self.connection.settings
        self.logs = frozenset(TABLES) & {
            str(one) for one in settings.get("log") or (USUAL if "log" not in settings else [])
        }
        self.users = Users(self.api)
        self.key = _named("key_column", str(settings.get("key_column") or KEY), _NAME)

    def read(self, kind: str, ids: Sequence[str]) -> list[Found]:
        """See SyncClient."""
        _asked(kind, self.reads, "read")
        return Reading(self.api, self.connection, self.users).read(kind, ids)

    def write(self, kind: str, changes: Sequence[Change]) -> list[Outcome]:
        """See SyncClient."""
        _asked(kind, self.writes, "written")
        return Writing(self.api, self.connection, self.key).write(kind, changes)

    def create(self, kind: str, record: NewRecord) -> Outcome:
        """See SyncClient. Class A."""
        _asked(kind, self.writes, "created")
        return Writing(self.api, self.connection, self.key).create(kind, record)

    def find(self, kind: str, *, phone: str | None = None, email: str | None = None) -> list[str]:
        """See SyncClient."""
        return Finding(self.api, self.connection).find(kind, phone, email)

    def log_call(self, command: LogCall) -> str:
        """See SyncClient. Class A."""
        return self._logs.log(command)

    def log_message(self, command: LogMessage) -> str:
        """See SyncClient. Class A."""
        return self._logs.log(command)

    def add_note(self, command: AddNote) -> str:
        """See SyncClient. Class A."""
        return self._logs.log(command)

    def create_task(self, command: CreateTask) -> str:
        """See SyncClient. Class A."""
        return self._logs.log(command)

    def move_log(self, what: str, native_id: str, old_contact: str, new_contact: str) -> None:
        """See SyncClient."""
        if old_contact != new_contact:
            self._logs.move(what, native_id, new_contact)

    def take_log(self, what: str, native_id: str) -> None:
        """See SyncClient."""
        self._logs.take(what, native_id)

    def page(self, kind: str, since: str | None, cursor: str | None) -> Slice:
        """See SyncClient."""
        _asked(kind, self.lists, "listed")
        return Listing(self.api, self.connection, self.users).page(kind, since, cursor)

    def owners(self) -> list[Owner]:
        """See SyncClient."""
        return self.users.everyone()

    def describe(self, kind: str) -> list[NativeField]:
        """See SyncClient."""
        _asked(kind, self.reads, "described")
        return self._describing.describe(kind)

    def plan_set_up(self) -> list[str]:
        """See SyncClient."""
        return self._describing.plan_set_up()

    def set_up(self) -> None:
        """See SyncClient."""
        self._describing.set_up()

    @property
    def _describing(self) -> Describing:
        settings = self.connection.settings
        tables = {"create_contacts": "contact", "create_companies": "account"}
        written = tuple(table for name, table in tables.items() if settings.get(name) is True)
        return Describing(self.api, self.key, written, settings.get("create_columns") is True)

    @property
    def _logs(self) -> Logs:
        settings = self.connection.settings
        said = {table: str(settings.get(f"regarding_{table}") or usual) for table, usual in REGARDING.items()}
        regarding = {table: _named(f"regarding_{table}", one, _LOOKUP) for table, one in said.items()}
        return Logs(self.api, self.users, self.connection.id, regarding)


def _asked(kind: str, kinds: frozenset[str], what: str) -> None:
    if kind not in kinds:
        raise Reject(f"Dynamics' {kind} records cannot be {what}: {', '.join(sorted(kinds))} can")


def _named(setting: str, value: str, form: re.Pattern[str]) -> str:
    """The value where it can be part of an address."""
    if not form.fullmatch(value):
        raise Reject(f"the connection's setting {setting} is no name of Dataverse")
    return value
