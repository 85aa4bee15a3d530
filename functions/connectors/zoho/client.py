"""The outbound side of Zoho CRM. Our reference is a unique field, so all but notes may be repeated (class A)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.zoho import finding, listing, logs, metadata, writing
from connectors.zoho.api import Api, Refusal, only
from connectors.zoho.records import reference_field
from connectors.zoho.watching import Channel
from hub.codecs_words import owners_by_id
from hub.delivery import Connection
from hub.domain.commands import AddNote, CreateTask, LogCall, LogMessage
from hub.domain.sync import Change, Found, NativeField, NewRecord, Outcome, Owner, Slice
from hub.errors import Reject
from hub.ports import Clock, Http

KINDS = frozenset({"contact", "lead", "company", "deal", "ticket"})
WRITTEN = frozenset({"contact", "lead", "company"})
ACTIVITIES = frozenset({"call", "message", "note", "task"})


def build(connection: Connection, secrets: Mapping[str, Any], http: Http, clock: Clock) -> ZohoClient:
    """The client of a connection; Reject where its data centre is none, or a channel lacks what it needs."""
    logged = connection.settings.get("log")
    wanted = ACTIVITIES if logged is None else ACTIVITIES & {str(one) for one in logged}
    channel = Channel.of(connection, secrets)
    return ZohoClient(connection, Api.of(connection, secrets, http), clock, channel, wanted)


@dataclass(slots=True)
class ZohoClient:
    """Implements `hub.domain.sync.SyncClient`."""

    connection: Connection
    api: Api
    clock: Clock
    channel: Channel | None = None
    logs: frozenset[str] = ACTIVITIES
    reads: frozenset[str] = KINDS
    writes: frozenset[str] = WRITTEN
    lists: frozenset[str] = KINDS
    _owners: list[Owner] | None = None

    def read(self, kind: str, ids: Sequence[str]) -> list[Found]:
        """See SyncClient."""
        _known(kind, self.reads)
        return listing.read(self.api, kind, ids, self.connection)

    def write(self, kind: str, changes: Sequence[Change]) -> list[Outcome]:
        """See SyncClient: 100 records a request."""
        _known(kind, self.writes)
        return writing.write(self.api, kind, changes, self.connection, self._emails)

    def create(self, kind: str, record: NewRecord) -> Outcome:
        """See SyncClient. Class A: an upsert on our unique field."""
        _known(kind, self.writes)
        return writing.create(self.api, kind, record, self._field, self.connection, self._emails)

    def find(self, kind: str, *, phone: str | None = None, email: str | None = None) -> list[str]:
        """See SyncClient; accounts have no e-mail address."""
        _known(kind, self.reads)
        mail = email if kind in ("contact", "lead") else None
        return finding.records(self.api, kind, self.connection, phone, mail) if kind in WRITTEN else []

    def log_call(self, command: LogCall) -> str:
        """See SyncClient. Class A."""
        return finding.log_unique(self.api, "Calls", logs.call_row(command, self._field), self._triggers)

    def log_message(self, command: LogMessage) -> str:
        """See SyncClient. Class B: a note has no field for our reference, the contact's notes are searched for it."""
        return finding.log_note(self.api, command.reference, command.contact_id, logs.message_note(command))

    def add_note(self, command: AddNote) -> str:
        """See SyncClient. Class B."""
        return finding.log_note(self.api, command.reference, command.contact_id, logs.plain_note(command))

    def create_task(self, command: CreateTask) -> str:
        """See SyncClient. Class A."""
        owners = self._emails() if command.owner else {}
        return finding.log_unique(self.api, "Tasks", logs.task_row(command, self._field, owners), self._triggers)

    def move_log(self, what: str, native_id: str, old_contact: str, new_contact: str) -> None:  # noqa: ARG002
        """See SyncClient; whose it was before makes no difference here."""
        note = {"Parent_Id": {"module": {"api_name": "Contacts"}, "id": new_contact}}
        row = note if logs.PLACES[what] == "Notes" else {"Who_Id": {"id": new_contact}}
        result = only(self.api.write("PUT", _log_path(what, native_id), {"data": [row]}))
        if result.code != "SUCCESS":
            raise Refusal(202, result.code, result.name)

    def take_log(self, what: str, native_id: str) -> None:
        """See SyncClient."""
        self.api.remove(_log_path(what, native_id))

    def page(self, kind: str, since: str | None, cursor: str | None) -> Slice:
        """See SyncClient."""
        _known(kind, self.lists)
        return listing.page(self.api, kind, since, cursor, self.connection)

    def owners(self) -> list[Owner]:
        """See SyncClient; asked for once per client."""
        if self._owners is None:
            self._owners = metadata.users(self.api)
        return self._owners

    def describe(self, kind: str) -> list[NativeField]:
        """See SyncClient."""
        _known(kind, self.reads)
        return metadata.fields(self.api, kind)

    def plan_set_up(self) -> list[str]:
        """See SyncClient."""
        made = [f"Create the unique text field {self._field} in {module}." for module in self._missing()]
        return [*made, self.channel.said()] if self.channel else made

    def set_up(self) -> None:
        """See SyncClient; with the setting `watch` the channel lasts a week from now on."""
        for module in self._missing():
            metadata.create_field(self.api, module, self._field)
        if self.channel:
            self.channel.watch(self.api, self.clock.now())

    def _missing(self) -> list[str]:
        return metadata.missing(self.api, self.connection)

    @property
    def _field(self) -> str:
        return reference_field(self.connection)

    @property
    def _triggers(self) -> dict[str, list[str]]:
        return writing.triggers(self.connection)

    def _emails(self) -> dict[str, str]:
        return owners_by_id(self.owners())


def _known(kind: str, kinds: frozenset[str]) -> None:
    if kind not in kinds:
        raise Reject(f"Zoho's {kind} records are none that this can be done with")


def _log_path(what: str, native_id: str) -> str:
    return f"/{logs.PLACES[what]}/{int(native_id)}"
