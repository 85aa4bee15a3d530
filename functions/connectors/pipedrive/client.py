"""The outbound side of Pipedrive. It has no unique fields: what carries our reference is searched before it is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.pipedrive import finding, listing, logs, metadata, writing
from connectors.pipedrive.api import Api
from connectors.pipedrive.records import NATIVE, field_map
from hub.delivery import Connection
from hub.domain.commands import AddNote, CreateTask, LogCall, LogMessage
from hub.domain.sync import Change, Found, NativeField, NewRecord, Outcome, Owner, Slice
from hub.errors import Reject
from hub.ports import Clock, Http

KINDS = frozenset({"contact", "company", "deal"})
WRITTEN = frozenset({"contact", "company"})
ACTIVITIES = frozenset({"call", "message", "note", "task"})
USUAL = frozenset({"call", "message"})


def build(connection: Connection, secrets: Mapping[str, Any], http: Http, _clock: Clock) -> PipedriveClient:
    """The client of a connection; Reject where its company_domain is no name of a host."""
    logged = connection.settings.get("log")
    wanted = ACTIVITIES if logged is None else ACTIVITIES & {str(one) for one in logged}
    return PipedriveClient(connection, Api.of(connection, secrets, http), wanted)


@dataclass(slots=True)
class PipedriveClient:
    """Implements `hub.domain.sync.SyncClient`."""

    connection: Connection
    api: Api
    logs: frozenset[str] = ACTIVITIES
    reads: frozenset[str] = KINDS
    writes: frozenset[str] = WRITTEN
    lists: frozenset[str] = KINDS
    _owners: list[Owner] | None = None
    _codes: dict[str, str] = field(default_factory=dict)

    def read(self, kind: str, ids: Sequence[str]) -> list[Found]:
        """See SyncClient."""
        _known(kind, self.reads)
        if not ids:
            return []
        return listing.read(self.api, kind, ids, self.connection, self._owners_of(kind))

    def write(self, kind: str, changes: Sequence[Change]) -> list[Outcome]:
        """See SyncClient: one request each, after the record was read to see whether it is still the one meant."""
        _known(kind, self.writes)
        known = field_map(self.connection, kind)
        return [writing.write(self.api, kind, known, change, self.owners) for change in changes]

    def create(self, kind: str, record: NewRecord) -> Outcome:
        """See SyncClient. Class B: the newest records and the index are searched for the reference first."""
        _known(kind, self.writes)
        code, known = self._code(kind), field_map(self.connection, kind)
        carriers = finding.carriers(self.api, kind, code, record.reference)
        if len(carriers) > 1:
            return Outcome(state="several", reason="several records carry our reference: delete all but one")
        if carriers:
            return writing.write(self.api, kind, known, Change(id=carriers[0], fields=record.fields), self.owners)
        return writing.create(self.api, kind, known, record, code, self.owners)

    def find(self, kind: str, *, phone: str | None = None, email: str | None = None) -> list[str]:
        """See SyncClient; organizations have neither phone nor e-mail, so none is ever found."""
        _known(kind, self.reads)
        return finding.people(self.api, self.connection, phone, email) if kind == "contact" else []

    def log_call(self, command: LogCall) -> str:
        """See SyncClient. Class B."""
        return finding.log(self.api, "call", command.reference, command.contact_id, logs.call_activity(command))

    def log_message(self, command: LogMessage) -> str:
        """See SyncClient. Class B."""
        return finding.log(self.api, "message", command.reference, command.contact_id, logs.message_note(command))

    def add_note(self, command: AddNote) -> str:
        """See SyncClient. Class B."""
        return finding.log(self.api, "note", command.reference, command.contact_id, logs.plain_note(command))

    def create_task(self, command: CreateTask) -> str:
        """See SyncClient. Class B; an owner who is no user of Pipedrive is left out."""
        owners = self.owners() if command.owner else []
        return finding.log(self.api, "task", command.reference, command.contact_id, logs.task_activity(command, owners))

    def move_log(self, what: str, native_id: str, old_contact: str, new_contact: str) -> None:  # noqa: ARG002
        """See SyncClient; whose it was before makes no difference here."""
        move: Mapping[str, Callable[[], object]] = {
            "/api/v2/activities": lambda: self.api.change(_log_path(what, native_id), logs.participant(new_contact)),
            "/v1/notes": lambda: self.api.change(_log_path(what, native_id), {"person_id": int(new_contact)}, "PUT"),
        }
        move[logs.PLACES[what]]()

    def take_log(self, what: str, native_id: str) -> None:
        """See SyncClient."""
        self.api.remove(_log_path(what, native_id))

    def page(self, kind: str, since: str | None, cursor: str | None) -> Slice:
        """See SyncClient; what is deleted is not listed by Pipedrive, webhooks and reading by id tell it."""
        _known(kind, self.lists)
        return listing.page(self.api, kind, since, cursor, self.connection, self._owners_of(kind))

    def owners(self) -> list[Owner]:
        """See SyncClient; asked for once per client, for it costs 20 tokens."""
        if self._owners is None:
            self._owners = metadata.users(self.api)
        return self._owners

    def describe(self, kind: str) -> list[NativeField]:
        """See SyncClient."""
        _known(kind, self.reads)
        return metadata.fields(self.api, kind)

    def plan_set_up(self) -> list[str]:
        """See SyncClient."""
        missing = [kind for kind in sorted(self.writes) if metadata.reference_field(self.api, kind) is None]
        return [f"Create the text field {metadata.REFERENCE} for {NATIVE[kind]} records." for kind in missing]

    def set_up(self) -> None:
        """See SyncClient. Class B: a field that is there is left as it is."""
        for kind in sorted(self.writes):
            if metadata.reference_field(self.api, kind) is None:
                metadata.create_reference_field(self.api, kind)

    def _owners_of(self, kind: str) -> list[Owner]:
        """The owners that a kind's map needs; a deal keeps the id."""
        return self.owners() if kind in WRITTEN else []

    def _code(self, kind: str) -> str:
        if kind not in self._codes:
            code = metadata.reference_field(self.api, kind)
            if code is None:
                raise Reject(
                    f"there is no field {metadata.REFERENCE} for {NATIVE[kind]} records: set the connection up"
                )
            self._codes[kind] = code
        return self._codes[kind]


def _known(kind: str, kinds: frozenset[str]) -> None:
    if kind not in kinds:
        raise Reject(f"Pipedrive's {kind} records are none that this can be done with")


def _log_path(what: str, native_id: str) -> str:
    return f"{logs.PLACES[what]}/{int(native_id)}"
