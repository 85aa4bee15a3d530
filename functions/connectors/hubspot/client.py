"""HubSpot as a `SyncClient`. Our reference is a unique property (`renkei_id`), so every write may be repeated (class A)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.hubspot.api import Api
from connectors.hubspot.describing import Describer
from connectors.hubspot.finding import Finder
from connectors.hubspot.listing import Lister
from connectors.hubspot.logs import LOGS, Logger
from connectors.hubspot.reading import READS, Reader
from connectors.hubspot.records import maps_of
from connectors.hubspot.writing import WRITES, Writer
from hub.delivery import Connection
from hub.domain.commands import AddNote, CreateTask, LogCall, LogMessage
from hub.domain.sync import Change, Found, NativeField, NewRecord, Outcome, Owner, Slice
from hub.errors import Reject
from hub.ports import Clock, Http

ACTIVITIES = frozenset(LOGS)


def build(connection: Connection, secrets: Mapping[str, Any], http: Http, clock: Clock) -> HubSpotClient:
    """The client of a connection."""
    logs = connection.settings.get("log")
    wanted = ACTIVITIES if logs is None else ACTIVITIES & {str(one) for one in logs}
    return HubSpotClient(connection, Api.of(connection, secrets, http), clock, frozenset(wanted))


@dataclass
class HubSpotClient:
    """Implements `hub.domain.sync.SyncClient`."""

    connection: Connection
    api: Api
    clock: Clock
    logs: frozenset[str] = ACTIVITIES
    reads: frozenset[str] = READS
    writes: frozenset[str] = WRITES
    lists: frozenset[str] = READS

    def __post_init__(self) -> None:
        """Puts the parts together."""
        self._reader = Reader(self.connection, self.api, maps_of(self.connection))
        self._writer = Writer(self.api, self._reader)
        self._lister = Lister(self.api, self._reader)
        self._logger = Logger(self.api, self._reader, self.clock)
        self._describer = Describer(self.api)

    def read(self, kind: str, ids: Sequence[str]) -> list[Found]:
        """See SyncClient."""
        return list(self._reader.read(_one_of(self.reads, kind, "read"), ids))

    def write(self, kind: str, changes: Sequence[Change]) -> list[Outcome]:
        """See SyncClient."""
        return self._writer.write(_one_of(self.writes, kind, "written"), changes)

    def create(self, kind: str, record: NewRecord) -> Outcome:
        """See SyncClient. Class A."""
        return self._writer.create(_one_of(self.writes, kind, "written"), record)

    def find(self, kind: str, *, phone: str | None = None, email: str | None = None) -> list[str]:
        """See SyncClient."""
        return Finder(self.connection, self.api).find(kind, phone, email)

    def log_call(self, command: LogCall) -> str:
        """See SyncClient. Class A: the upsert and the association may each be repeated."""
        return self._logger.log_call(command)

    def log_message(self, command: LogMessage) -> str:
        """See SyncClient. Class A."""
        return self._logger.log_message(command)

    def add_note(self, command: AddNote) -> str:
        """See SyncClient. Class A."""
        return self._logger.add_note(command)

    def create_task(self, command: CreateTask) -> str:
        """See SyncClient. Class A."""
        return self._logger.create_task(command)

    def move_log(self, what: str, native_id: str, old_contact: str, new_contact: str) -> None:
        """See SyncClient."""
        self._logger.move(what, native_id, old_contact, new_contact)

    def take_log(self, what: str, native_id: str) -> None:
        """See SyncClient."""
        self._logger.take(what, native_id)

    def page(self, kind: str, since: str | None, cursor: str | None) -> Slice:
        """See SyncClient."""
        return self._lister.page(_one_of(self.lists, kind, "listed"), since, cursor)

    def owners(self) -> list[Owner]:
        """See SyncClient."""
        return self._reader.owners()

    def describe(self, kind: str) -> list[NativeField]:
        """See SyncClient."""
        return self._describer.describe(kind)

    def plan_set_up(self) -> list[str]:
        """See SyncClient."""
        return self._describer.plan()

    def set_up(self) -> None:
        """See SyncClient."""
        self._describer.set_up()


def _one_of(kinds: frozenset[str], kind: str, done: str) -> str:
    if kind not in kinds:
        raise Reject(f"HubSpot's {kind} records are not {done}")
    return kind
