"""Timeline entries -> calls, messages, notes and tasks on the CRM, once per entry and connection.

| item | pk | sk | index | body |
|---|---|---|---|---|
| log | `E#<entry>` | `LOG#<connection>` | `L#<persona>`, `<connection>#<entry>` | digest of what was sent, native_id, contact_id |
| waiting | `W#<persona>` | `<connection>#<entry>` | | at; expires after 90 days |

Where a person decides that somebody is somebody else, what was logged is moved to the right contact, or taken back
where there is none now; then it waits like anything else.

No wake-up is lost: an entry without a contact is marked as waiting *before* the customer is read once more, and new
evidence (`customer.linked`) looks for such marks after it was written; one of the two sees the other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

from hub.delivery import Connection
from hub.directory import MOST_HOLDERS, Directory
from hub.domain.commands import AddNote, CreateTask, LogCall, LogMessage
from hub.domain.customers import CONTACT_OBJECTS
from hub.domain.sync import SyncClient
from hub.errors import Conflict, Retry
from hub.folding import fold
from hub.ports import Item, Page
from hub.timeline_store import Entry, TimelineStore
from hub.wiring import Hub
from sync_crm.clients import Clients
from sync_crm.turns import Turns
from sync_crm.wording import Command, command_for, what_of

ROUNDS = 5
WAITS_S = 90 * 86_400


class Activities:
    """Logs entries; safe to repeat at any point, because each write carries our reference (class A)."""

    def __init__(self, hub: Hub, clients: Clients, directory: Directory, timeline: TimelineStore) -> None:
        self._hub = hub
        self._clients = clients
        self._directory = directory
        self._timeline = timeline

    def log_everywhere(self, entry_id: str, otherwise: Callable[[Entry, Connection], None]) -> None:
        """Logs an entry on every CRM connection that can, each apart; `otherwise` is for one that has no contact."""
        entry = self._timeline.load(entry_id)
        if entry is None or entry.persona is None or what_of(entry) is None:
            return
        turns = Turns()
        for connection in self._clients.connections():
            turns.take(connection.id, partial(self._log_or, entry, connection, otherwise))
        turns.settle()

    def log_waiting(self, persona: str) -> None:
        """Logs what waited for a contact of this persona's customer, or of those with whom it shares an identifier."""
        turns = Turns()
        for mark in self._waiting(persona):
            connection_id, entry_id = mark.sk.split("#")
            turns.take(connection_id, partial(self._log_marked, mark, connection_id, entry_id))
        turns.settle()

    def log_anew(self, *personas: str) -> None:
        """Moves what is logged on another contact than the one it belongs to now, of these personas' customers."""
        found = [self._directory.customer(persona) for persona in personas]
        turns = Turns()
        for persona in sorted({one.id for customer in found if customer for one in customer.personas}):
            for log in pages(partial(self._hub.store.query_index, f"L#{persona}", newest_first=False)):
                connection_id = log.sk.removeprefix("LOG#")
                turns.take(connection_id, partial(self._log_elsewhere, log, connection_id))
        turns.settle()

    def _log_elsewhere(self, log: Item, connection_id: str) -> None:
        connection, entry = self._clients.connection(connection_id), self._timeline.load(log.pk.removeprefix("E#"))
        if connection is None or entry is None or not log.body.get("native_id"):
            return
        contact = self._contact(entry, connection)
        if contact is None:
            self._take(entry, connection, log)
        elif contact != log.body["contact_id"]:
            self._send(entry.id, connection, contact)

    def _take(self, entry: Entry, connection: Connection, log: Item) -> None:
        """Takes back what is logged on a contact that it does not belong to; it waits for one from now on."""
        self._mark(entry, connection)
        self._clients.of(connection).take_log(str(what_of(entry)), log.body["native_id"])
        known = self._hub.store.get(log.pk, log.sk)
        if known is not None and known.body == log.body:
            self._hub.store.put(replace(known, body={"digest": "", "native_id": "", "contact_id": ""}))

    def _waiting(self, persona: str) -> Iterator[Item]:
        """A contact that was deleted may leave one behind for those who only shared its number."""
        here = self._directory.customer(persona)
        others = here.candidates[:MOST_HOLDERS] if here else ()
        found = [here, *(self._directory.customer(one) for one in others)]
        personas = {one.id for customer in found if customer for one in customer.personas}
        for one in sorted(personas):
            yield from pages(partial(self._hub.store.query, f"W#{one}"))

    def _log_or(self, entry: Entry, connection: Connection, otherwise: Callable[[Entry, Connection], None]) -> None:
        if not self._log(entry, connection):
            otherwise(entry, connection)

    def _log_marked(self, mark: Item, connection_id: str, entry_id: str) -> None:
        """Logs and takes the mark away where it was found: by now the entry may be filed under another persona."""
        connection, entry = self._clients.connection(connection_id), self._timeline.load(entry_id)
        if connection is not None and entry is not None and self._log(entry, connection):
            self._hub.store.delete(mark.pk, mark.sk)

    def _log(self, entry: Entry, connection: Connection) -> bool:
        """False where the entry waits for a contact."""
        if command_for(entry, "", self._clients.of(connection).logs) is None:
            return True
        contact = self._contact(entry, connection)
        waited = contact is None
        if contact is None:
            self._mark(entry, connection)
            contact = self._contact(entry, connection)
        if contact is None:
            return False
        self._send(entry.id, connection, contact)
        if waited:
            self._unmark(entry, connection)
        return True

    def _send(self, entry_id: str, connection: Connection, contact_id: str) -> None:
        """Sends until what was sent last is what the entry says, so that of two workers the later entry stands."""
        client = self._clients.of(connection)
        met = False
        for _ in range(ROUNDS):
            entry = self._timeline.load(entry_id)
            command = command_for(entry, contact_id, client.logs) if entry else None
            if command is None:
                return
            log = self._log_item(entry_id, connection)
            digest = hashlib.sha256(command.model_dump_json().encode()).hexdigest()
            if log.body.get("digest") == digest and not met:
                return
            self._move(client, command, log)
            native_id = self._send_once(client, command, log)
            body = {"digest": digest, "native_id": native_id, "contact_id": contact_id}
            met = not self._remember(replace(log, index=_place(entry, connection)), body)
        raise Retry("the entry changed faster than it could be logged")

    def _move(self, client: SyncClient, command: Command, log: Item) -> None:
        """Takes the log away from the contact that it is on, where that is another one."""
        before, native_id = log.body.get("contact_id"), log.body.get("native_id")
        if native_id and before and before != command.contact_id:
            client.move_log(WHAT[type(command)], native_id, before, command.contact_id)

    def _send_once(self, client: SyncClient, command: Command, log: Item) -> str:
        """Sends; where the outcome is unknown, what is remembered is no longer trusted, so that the next try sends."""
        try:
            return SENDING[type(command)](client, command)
        except Retry:
            fold(self._hub.store, log.pk, log.sk, lambda item: replace(item, body={**item.body, "digest": ""}))
            raise

    def _remember(self, log: Item, body: dict[str, str]) -> bool:
        """False where another worker has sent meanwhile: whose request came last is unknown, so we send again."""
        try:
            self._hub.store.put(replace(log, body=body))
        except Conflict:
            return False
        return True

    def _log_item(self, entry_id: str, connection: Connection) -> Item:
        pk, sk = f"E#{entry_id}", f"LOG#{connection.id}"
        return self._hub.store.get(pk, sk) or Item(pk, sk)

    def _contact(self, entry: Entry, connection: Connection) -> str | None:
        """The one contact to log on; None where there is none, or several and a person must decide."""
        customer = self._directory.customer(entry.persona, moment=entry.at) if entry.persona else None
        found = customer.records_on(connection.id, CONTACT_OBJECTS) if customer else []
        return str(found[0]["id"]) if len(found) == 1 else None

    def _mark(self, entry: Entry, connection: Connection) -> None:
        until = int(self._hub.clock.now()) + WAITS_S
        with suppress(Conflict):  # it waits already
            self._hub.store.put(replace(_mark_item(entry, connection), expires_at=until))

    def _unmark(self, entry: Entry, connection: Connection) -> None:
        mark = _mark_item(entry, connection)
        self._hub.store.delete(mark.pk, mark.sk)


def _place(entry: Entry | None, connection: Connection) -> tuple[str, str] | None:
    return (f"L#{entry.persona}", f"{connection.id}#{entry.id}") if entry and entry.persona else None


WHAT: Mapping[type[Command], str] = {LogCall: "call", LogMessage: "message", AddNote: "note", CreateTask: "task"}
SENDING: Mapping[type[Command], Callable[[SyncClient, Any], str]] = {
    LogCall: lambda client, command: client.log_call(command),
    LogMessage: lambda client, command: client.log_message(command),
    AddNote: lambda client, command: client.add_note(command),
    CreateTask: lambda client, command: client.create_task(command),
}


def pages(query: Callable[..., Page]) -> Iterator[Item]:
    """All items of a query, page by page."""
    start: str | None = None
    while True:
        page = query(start=start)
        yield from page.items
        start = page.next_key
        if start is None:
            return


def _mark_item(entry: Entry, connection: Connection) -> Item:
    return Item(f"W#{entry.persona}", f"{connection.id}#{entry.id}", {"at": entry.at})
