"""The outbound side: members of one audience, their consent and notes on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.mailchimp import audience, listing, notes
from connectors.mailchimp.api import Api
from connectors.mailchimp.bodies import tag_of
from connectors.mailchimp.members import ADDRESS, GONE, gone, member_hash, parts, read_member, record
from connectors.mailchimp.writing import Writer
from hub.delivery import Connection
from hub.domain.commands import AddNote, CreateTask, LogCall, LogMessage
from hub.domain.events import RecordRef
from hub.domain.sync import Change, Found, NativeField, NewRecord, Outcome, Owner, Slice
from hub.errors import Reject
from hub.ports import Clock, Http

KINDS = frozenset({"contact"})
NOTES = frozenset({"note"})


def build(connection: Connection, secrets: Mapping[str, Any], http: Http, _clock: Clock) -> MailchimpClient:
    """The client of a connection; Reject where nothing says which server has the account."""
    asked = connection.settings.get("log")
    logs = NOTES if asked is None else NOTES & {str(one) for one in asked}
    return MailchimpClient(connection, Api.of(connection, secrets, http), secrets, logs)


@dataclass(slots=True)
class MailchimpClient:
    """Implements `hub.domain.sync.SyncClient`."""

    connection: Connection
    api: Api
    secrets: Mapping[str, Any]
    logs: frozenset[str] = NOTES
    reads: frozenset[str] = KINDS
    writes: frozenset[str] = KINDS
    lists: frozenset[str] = KINDS

    def read(self, kind: str, ids: Sequence[str]) -> list[Found]:
        """See SyncClient. Mailchimp gives members one by one."""
        _must_be(kind, KINDS, "read")
        return [self._read(one) for one in dict.fromkeys(ids)]

    def write(self, kind: str, changes: Sequence[Change]) -> list[Outcome]:
        """See SyncClient."""
        _must_be(kind, KINDS, "written")
        return Writer(self.connection, self.api).write(changes)

    def create(self, kind: str, record: NewRecord) -> Outcome:
        """See SyncClient. Class A: a member is known by the hash of their address."""
        _must_be(kind, KINDS, "created")
        return Writer(self.connection, self.api).create(self._audience, record)

    def find(self, kind: str, *, phone: str | None = None, email: str | None = None) -> list[str]:  # noqa: ARG002
        """See SyncClient. By address alone: Mailchimp finds no one by phone."""
        if kind not in KINDS or not email:
            return []
        shown = self.api.find(f"/lists/{self._audience}/members/{member_hash(email)}", {"fields": "status"})
        there = shown is not None and shown.get("status") != GONE
        return [record(self._audience, member_hash(email)).id] if there else []

    def log_call(self, command: LogCall) -> str:  # noqa: ARG002
        """See SyncClient. Mailchimp has no place for calls."""
        raise Reject(f"Mailchimp keeps no calls: {_NO_LOG}")

    def log_message(self, command: LogMessage) -> str:  # noqa: ARG002
        """See SyncClient. Mailchimp has no place for messages."""
        raise Reject(f"Mailchimp keeps no messages: {_NO_LOG}")

    def add_note(self, command: AddNote) -> str:
        """See SyncClient. Class B: looked for by the note's last line."""
        return notes.add(self.api, command)

    def create_task(self, command: CreateTask) -> str:  # noqa: ARG002
        """See SyncClient. Mailchimp has no tasks."""
        raise Reject(f"Mailchimp keeps no tasks: {_NO_LOG}")

    def move_log(self, what: str, native_id: str, old_contact: str, new_contact: str) -> None:  # noqa: ARG002
        """See SyncClient."""
        _must_be(what, NOTES, "moved")
        notes.move(self.api, native_id, new_contact)

    def take_log(self, what: str, native_id: str) -> None:
        """See SyncClient."""
        _must_be(what, NOTES, "taken back")
        notes.take(self.api, native_id)

    def page(self, kind: str, since: str | None, cursor: str | None) -> Slice:
        """See SyncClient."""
        _must_be(kind, KINDS, "listed")
        return listing.page(self.api, self.connection, self._audience, since, cursor)

    def owners(self) -> list[Owner]:
        """See SyncClient. Members have no owner."""
        return []

    def describe(self, kind: str) -> list[NativeField]:
        """See SyncClient."""
        _must_be(kind, KINDS, "described")
        return audience.describe(self.api, self._audience, tag_of(ADDRESS, self.connection))

    def plan_set_up(self) -> list[str]:
        """See SyncClient."""
        return audience.plan(self.api, self._audience, self.connection, self.secrets)

    def set_up(self) -> None:
        """See SyncClient."""
        audience.set_up(self.api, self._audience, self.connection, self.secrets)

    def _read(self, found: str) -> Found:
        where = parts(found)
        shown = self.api.find(f"/lists/{where[0]}/members/{where[1]}") if where else None
        member = read_member(shown, where[0], self.connection) if shown is not None and where else None
        return member or gone(RecordRef(object="contact", id=found, native_object="list_member"))

    @property
    def _audience(self) -> str:
        """The audience that new members come into and that is listed."""
        named, several = self.connection.settings.get("list_id"), self.connection.settings.get("list_ids")
        only = several[0] if isinstance(several, (list, tuple)) and len(several) == 1 else None
        found = str(named or only or "")
        if not found.isalnum():
            raise Reject("the connection has several audiences: set list_id to the one that members are kept in")
        return found


_NO_LOG = "take it out of the connection's setting log"


def _must_be(kind: str, known: frozenset[str], done: str) -> None:
    if kind not in known:
        raise Reject(f"Mailchimp's {kind[:40]} records are not {done}")
