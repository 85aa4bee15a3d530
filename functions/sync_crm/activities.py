"""Timeline entries -> calls and messages logged on the CRM, once per entry and connection.

| item | pk | sk | body |
|---|---|---|---|
| log | `E#<entry>` | `LOG#<connection>` | digest of what was sent, native_id, contact_id |
| waiting | `W#<persona>` | `<connection>#<entry>` | at; expires after 90 days |

No wake-up is lost: an entry without a contact is marked as waiting *before* the customer is read once more, and new
evidence (`customer.linked`) looks for such marks after it was written; one of the two sees the other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial

from hub.delivery import Connection
from hub.directory import MOST_HOLDERS, Directory
from hub.domain.commands import LogCall, LogMessage
from hub.domain.customers import CONTACT_OBJECTS
from hub.domain.sync import SyncClient
from hub.errors import Conflict, Retry
from hub.folding import fold
from hub.ports import Item
from hub.timeline_store import Entry, TimelineStore
from hub.wiring import Hub
from sync_crm.clients import Clients
from sync_crm.turns import Turns
from sync_crm.wording import command_for

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
        if entry is None or entry.persona is None or entry.kind not in ("call", "message"):
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

    def _waiting(self, persona: str) -> Iterator[Item]:
        """A contact that was deleted may leave one behind for those who only shared its number."""
        here = self._directory.customer(persona)
        others = here.candidates[:MOST_HOLDERS] if here else ()
        found = [here, *(self._directory.customer(one) for one in others)]
        personas = {one.id for customer in found if customer for one in customer.personas}
        for one in sorted(personas):
            start: str | None = None
            while True:
                page = self._hub.store.query(f"W#{one}", start=start)
                yield from page.items
                start = page.next_key
                if start is None:
                    break

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
            native_id = self._send_once(client, command, log)
            met = not self._remember(log, {"digest": digest, "native_id": native_id, "contact_id": contact_id})
        raise Retry("the entry changed faster than it could be logged")

    def _send_once(self, client: SyncClient, command: LogCall | LogMessage, log: Item) -> str:
        """Sends; where the outcome is unknown, what is remembered is no longer trusted, so that the next try sends."""
        try:
            return client.log_call(command) if isinstance(command, LogCall) else client.log_message(command)
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


def _mark_item(entry: Entry, connection: Connection) -> Item:
    return Item(f"W#{entry.persona}", f"{connection.id}#{entry.id}", {"at": entry.at})
