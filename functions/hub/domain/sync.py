"""What is asked of a CRM beside single commands: reading, writing differences, listing what changed.

Fields are ours and their values text or None (see `hub.domain.events.Claim`); `hub.fields` says how a platform writes
them. `kind` is the record's object in our words: contact, lead, company, deal, ticket, order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

from hub.domain.commands import AddNote, CreateTask, LogCall, LogMessage
from hub.domain.events import DealData, Model, OrderData, RecordChangedData, TicketData

Found = RecordChangedData | DealData | TicketData | OrderData


class Change(Model):
    """Fields to be changed on one record, None to clear; `version` is what the platform gave when it was last read."""

    id: str
    fields: Mapping[str, str | None]
    version: str | None = None


class NewRecord(Model):
    """A record to be created under our reference; the one that carries it already is changed instead."""

    reference: str
    fields: Mapping[str, str | None]


class Outcome(Model):
    """What became of one Change or NewRecord.

    `written`: done, under `id`. `stale`: the record has changed since `version`, read it again. `gone`: there is no such
    record. `refused`: the platform will never take these `fields` (all where it named none), `reason` says why in a
    sentence without a value. `several`: more than one record could be meant.
    """

    state: Literal["written", "stale", "gone", "refused", "several"]
    id: str = ""
    version: str | None = None
    reason: str = ""
    fields: tuple[str, ...] = ()


class Slice(Model):
    """A page of records in the order in which they can be resumed; `next` is where to go on, None at the end.

    `deleted` are ids that the platform says are gone. `total` is how many records the platform says there are in all.
    """

    found: tuple[Found, ...] = ()
    deleted: tuple[str, ...] = ()
    next: str | None = None
    total: int | None = None


class Owner(Model):
    """A user of the platform who can own records."""

    id: str
    email: str | None = None
    name: str | None = None


class NativeField(Model):
    """A field as the platform describes it; `options` are (value, label) of a picklist."""

    name: str
    label: str = ""
    type: str = "text"
    writable: bool = True
    required: bool = False
    unique: bool = False
    custom: bool = False
    options: tuple[tuple[str, str], ...] = ()


class SyncClient(Protocol):
    """The outbound side of a CRM-like connector, built by `<connector>.client.build(connection, secrets, http, clock)`.

    Methods raise Retry (nothing is known to have been done, or repeating is safe) or Reject (hub.errors) for the whole;
    what concerns one record of several is its Outcome. `http` is within the platform's limits and carries the access
    token where the connection has one by OAuth (hub.limits, hub.oauth).
    """

    logs: frozenset[str]  # call, message, note, task: what can be logged
    reads: frozenset[str]  # kinds
    writes: frozenset[str]  # kinds
    lists: frozenset[str]  # kinds whose history can be listed

    def read(self, kind: str, ids: Sequence[str]) -> list[Found]:
        """Each record as it is now, one that is gone with `change` "deleted"; a merged one also brings its survivor."""
        ...

    def write(self, kind: str, changes: Sequence[Change]) -> list[Outcome]:
        """Writes the differences in the platform's batch form; one outcome per change, in order."""
        ...

    def create(self, kind: str, record: NewRecord) -> Outcome:
        """Creates, or changes the record that carries the reference. Class A, or B by searching first."""
        ...

    def find(self, kind: str, *, phone: str | None = None, email: str | None = None) -> list[str]:
        """Ids of records with exactly that phone (E.164) or e-mail, as far as the platform can tell; candidates only."""
        ...

    def log_call(self, command: LogCall) -> str:
        """The platform's id of the activity. Class A or B."""
        ...

    def log_message(self, command: LogMessage) -> str:
        """The platform's id of the activity. Class A or B."""
        ...

    def add_note(self, command: AddNote) -> str:
        """The platform's id of the note. Class A or B."""
        ...

    def create_task(self, command: CreateTask) -> str:
        """The platform's id of the task. Class A or B."""
        ...

    def move_log(self, what: str, native_id: str, old_contact: str, new_contact: str) -> None:
        """Moves a logged call, message, note or task (`what`) to another contact; safe to repeat."""
        ...

    def take_log(self, what: str, native_id: str) -> None:
        """Takes back what was logged, for it belongs to nobody that is known; gone already is as good."""
        ...

    def page(self, kind: str, since: str | None, cursor: str | None) -> Slice:
        """All records, or those changed at or after `since` (RFC 3339 UTC); `cursor` is a Slice's `next`.

        By the platform's own best way around its caps. Calling again with the same cursor is safe. Every record that
        exists throughout is given at least once; one that changes meanwhile may be given again.
        """
        ...

    def owners(self) -> list[Owner]:
        """The users who can own records."""
        ...

    def describe(self, kind: str) -> list[NativeField]:
        """The fields of a kind, custom ones too, from the platform's metadata."""
        ...

    def plan_set_up(self) -> list[str]:
        """What `set_up` would create on the platform, a sentence each; [] where nothing is missing."""
        ...

    def set_up(self) -> None:
        """Prepares the account once (a unique field for our reference); safe to repeat."""
        ...
