"""A customer whom a CRM does not know: created there where the connection's settings ask for it."""

from __future__ import annotations

from hub.delivery import Connection
from hub.directory import Customer, Directory
from hub.domain.commands import UpsertContact
from hub.domain.customers import CONTACT_OBJECTS
from hub.domain.events import Event
from hub.timeline_store import Entry
from sync_crm.clients import Clients
from sync_crm.records import Records


class Newcomers:
    """Creates contacts under our reference (class A): the hash of the phone, so that repeating finds the same one."""

    def __init__(self, clients: Clients, directory: Directory, records: Records) -> None:
        self._clients = clients
        self._directory = directory
        self._records = records

    def welcome(self, cause: Event, entry: Entry, connection: Connection) -> None:
        """Creates the entry's customer on the connection if its setting `create_contacts` is on and the phone is known.

        What was created is announced like any record, which links it and lets the waiting logs go on. Where several
        contacts could be meant nothing is created.
        """
        customer = self._directory.customer(entry.persona, moment=entry.at) if entry.persona else None
        if connection.settings.get("create_contacts") is not True or customer is None:
            return
        command = _command(customer)
        if command is None or customer.candidates or customer.records_on(connection.id, CONTACT_OBJECTS):
            return
        client = self._clients.of(connection)
        for found in client.read_contacts([client.upsert_contact(command)]):
            self._records.publish_read(cause, connection, found)


def _command(customer: Customer) -> UpsertContact | None:
    phones = sorted((one.id, one.identifier.value) for one in customer.personas if one.identifier.kind == "phone")
    if not phones:
        return None
    reference, phone = phones[0]
    name = customer.fields.get("name", {}).get("value")
    return UpsertContact(reference=reference, fields={"phone": phone} | ({"name": name} if name else {}))
