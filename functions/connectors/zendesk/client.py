"""The outbound side: users, organizations and tickets by Zendesk's Support API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.zendesk import describing, filing, identities, listing, writing
from connectors.zendesk.api import Api
from connectors.zendesk.people import map_of
from connectors.zendesk.records import LISTS, NATIVE, found_record, gone
from connectors.zendesk.wording import call_entry, message_entry, note_entry
from hub.delivery import Connection
from hub.domain.commands import AddNote, CreateTask, LogCall, LogMessage
from hub.domain.sync import Change, Found, NativeField, NewRecord, Outcome, Owner, Slice
from hub.errors import Reject
from hub.ports import Clock, Http

ACTIVITIES = frozenset({"call", "message", "note", "task"})
# In a help desk every call and message as a ticket would be a surprise: only where the setting asks for it.
UNASKED = frozenset({"note", "task"})
KINDS = frozenset({"contact", "company", "ticket"})
TAG = "renkei"


def build(connection: Connection, secrets: Mapping[str, Any], http: Http, clock: Clock) -> ZendeskClient:
    """The client of a connection; Reject where its subdomain is missing."""
    asked = connection.settings.get("log")
    logs = UNASKED if asked is None else ACTIVITIES & {str(one) for one in asked}
    return ZendeskClient(connection, Api.of(connection, secrets, http), clock, frozenset(logs))


@dataclass(slots=True)
class ZendeskClient:
    """Implements `hub.domain.sync.SyncClient`."""

    connection: Connection
    api: Api
    clock: Clock
    logs: frozenset[str] = UNASKED
    reads: frozenset[str] = KINDS
    writes: frozenset[str] = frozenset({"contact", "company"})
    lists: frozenset[str] = KINDS

    def read(self, kind: str, ids: Sequence[str]) -> list[Found]:
        """See SyncClient. A merged user is gone; Zendesk does not say into whom."""
        _must_be(kind, self.reads, "read")
        rows = self.api.shown(LISTS[kind], ids)
        found = {one.record.id: one for row in rows if (one := found_record(kind, row, self.connection))}
        return [found.get(one) or gone(kind, one) for one in dict.fromkeys(ids)]

    def write(self, kind: str, changes: Sequence[Change]) -> list[Outcome]:
        """See SyncClient."""
        _must_be(kind, KINDS, "written")
        return writing.write(self.api, map_of(NATIVE[kind], self.connection), kind, changes)

    def create(self, kind: str, record: NewRecord) -> Outcome:
        """See SyncClient. Class A: create_or_update by external id."""
        _must_be(kind, self.writes, "created")
        return writing.create(self.api, map_of(NATIVE[kind], self.connection), kind, record)

    def find(self, kind: str, *, phone: str | None = None, email: str | None = None) -> list[str]:
        """See SyncClient; organizations have neither."""
        if kind != "contact":
            return []
        found = identities.find(self.api, phone, email, self.connection.default_region)
        return list(dict.fromkeys(found))

    def log_call(self, command: LogCall) -> str:
        """See SyncClient. Class B: looked for by external id."""
        return filing.file(self.api, call_entry(command, self._tags), self._agent)

    def log_message(self, command: LogMessage) -> str:
        """See SyncClient. Class B."""
        return filing.file(self.api, message_entry(command, self._tags), self._agent)

    def add_note(self, command: AddNote) -> str:
        """See SyncClient. Class B."""
        return filing.file(self.api, note_entry(command, self._tags), self._agent)

    def create_task(self, command: CreateTask) -> str:
        """See SyncClient. Class B, and for two hours A: by idempotency key."""
        return filing.task(self.api, command, self._tags)

    def move_log(self, what: str, native_id: str, old_contact: str, new_contact: str) -> None:
        """See SyncClient."""
        _must_be(what, ACTIVITIES, "moved")
        filing.move(self.api, native_id, old_contact, new_contact)

    def take_log(self, what: str, native_id: str) -> None:
        """See SyncClient."""
        _must_be(what, ACTIVITIES, "taken back")
        filing.take(self.api, native_id)

    def page(self, kind: str, since: str | None, cursor: str | None) -> Slice:
        """See SyncClient. What changed in the last minute comes with the next listing: let it overlap."""
        _must_be(kind, self.lists, "listed")
        return listing.page(self.api, self.connection, kind, since, cursor, self.clock.now())

    def owners(self) -> list[Owner]:
        """See SyncClient."""
        return describing.owners(self.api)

    def describe(self, kind: str) -> list[NativeField]:
        """See SyncClient."""
        _must_be(kind, KINDS, "described")
        return describing.describe(self.api, kind)

    def plan_set_up(self) -> list[str]:
        """Nothing is missing in any account: users, organizations and tickets have an external id."""
        return []

    def set_up(self) -> None:
        """Nothing is to be prepared."""

    @property
    def _tags(self) -> tuple[str, ...]:
        tag = str(self.connection.settings.get("tag", TAG)).strip()
        return (tag,) if tag else ()

    @property
    def _agent(self) -> str:
        return str(self.connection.settings.get("agent_id") or "")


def _must_be(kind: str, known: frozenset[str], done: str) -> None:
    if kind not in known:
        raise Reject(f"Zendesk's {kind[:40]} records are not {done}")
