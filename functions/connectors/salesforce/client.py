"""The outbound side of Salesforce. Our reference is an external id field, so every write may be repeated (class A)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.salesforce.api import Api
from connectors.salesforce.describing import Describing
from connectors.salesforce.finding import Finding
from connectors.salesforce.listing import Listing
from connectors.salesforce.logs import LOGGED, Logs
from connectors.salesforce.reading import Reading
from connectors.salesforce.session import Session
from connectors.salesforce.users import Users
from connectors.salesforce.writing import Writing
from hub.delivery import Connection
from hub.domain.commands import AddNote, CreateTask, LogCall, LogMessage
from hub.domain.sync import Change, Found, NativeField, NewRecord, Outcome, Owner, Slice
from hub.errors import Reject
from hub.ports import Clock, Http

EXTERNAL_ID = "Renkei_Id__c"
FIELDS_OF = frozenset({"contact", "lead", "company"})
READS = FIELDS_OF | {"deal", "ticket"}


def build(connection: Connection, secrets: Mapping[str, Any], http: Http, clock: Clock) -> SalesforceClient:
    """The client of a connection; Reject where its key or a setting is missing."""
    return SalesforceClient(connection, Api(Session.of(connection, secrets, http, clock)))


def logged(settings: Mapping[str, Any]) -> frozenset[str]:
    """What is logged here, unless the settings say otherwise: no messages, each of which would be a task."""
    usual = LOGGED if settings.get("log_messages") is True else LOGGED - {"message"}
    wanted = usual if settings.get("log") is None else frozenset(str(one) for one in settings["log"])
    return LOGGED & wanted


@dataclass(slots=True)
class SalesforceClient:
    """Implements `hub.domain.sync.SyncClient`."""

    connection: Connection
    api: Api
    reads: frozenset[str] = READS
    writes: frozenset[str] = FIELDS_OF
    lists: frozenset[str] = READS
    logs: frozenset[str] = field(init=False)
    external_id: str = field(init=False)
    users: Users = field(init=False)

    def __post_init__(self) -> None:
        self.logs = logged(self.connection.settings)
        self.external_id = str(self.connection.settings.get("external_id_field") or EXTERNAL_ID)
        self.users = Users(self.api)

    def read(self, kind: str, ids: Sequence[str]) -> list[Found]:
        """See SyncClient."""
        _asked(kind, self.reads, "read")
        return Reading(self.api, self.connection, self.users).read(kind, ids)

    def write(self, kind: str, changes: Sequence[Change]) -> list[Outcome]:
        """See SyncClient."""
        _asked(kind, self.writes, "written")
        return Writing(self.api, self.connection, self.external_id).write(kind, changes)

    def create(self, kind: str, record: NewRecord) -> Outcome:
        """See SyncClient. Class A."""
        _asked(kind, self.writes, "created")
        return Writing(self.api, self.connection, self.external_id).create(kind, record)

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
        self._logs.move(what, native_id, old_contact, new_contact)

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
        """See SyncClient. Reject says what an administrator must create."""
        self._describing.set_up()

    @property
    def _describing(self) -> Describing:
        settings = self.connection.settings
        written = ["Task"] * bool(self.logs) + ["Contact"] * (settings.get("create_contacts") is True)
        written += ["Account"] * (settings.get("create_companies") is True)
        creates = settings.get("create_fields") is True
        return Describing(
            self.api,
            self.connection,
            self.external_id,
            tuple(written),
            creates,
            str(settings.get("permission_set") or ""),
        )

    @property
    def _logs(self) -> Logs:
        return Logs(self.api, self.users, self.external_id)


def _asked(kind: str, kinds: frozenset[str], what: str) -> None:
    if kind not in kinds:
        raise Reject(f"Salesforce's {kind} records cannot be {what}: {', '.join(sorted(kinds))} can")
