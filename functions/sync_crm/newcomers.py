"""A customer whom a CRM does not know: created there where the connection's settings ask for it."""

from __future__ import annotations

from hub.delivery import Connection
from hub.directory import Customer, Directory
from hub.domain.customers import CONTACT_OBJECTS
from hub.domain.events import Event
from hub.domain.sync import NewRecord, SyncClient
from hub.errors import Reject
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

        The platform is searched for the phone first. What was found or created is announced like any record, which
        links it and lets the waiting logs go on. Where several contacts could be meant nothing is created.
        """
        customer = self._directory.customer(entry.persona, moment=entry.at) if entry.persona else None
        if connection.settings.get("create_contacts") is not True or customer is None:
            return
        new = _new(customer)
        if new is None or customer.candidates or customer.records_on(connection.id, CONTACT_OBJECTS):
            return
        client = self._clients.of(connection)
        ids = client.find("contact", phone=new.fields["phone"]) or [_created(client, new)]
        for found in client.read("contact", ids):
            self._records.publish_read(cause, connection, found)


def _created(client: SyncClient, new: NewRecord) -> str:
    outcome = client.create("contact", new)
    if outcome.state != "written":
        raise Reject(f"the contact could not be created: {outcome.reason or outcome.state}")
    return outcome.id


def _new(customer: Customer) -> NewRecord | None:
    phones = sorted((one.id, one.identifier.value) for one in customer.personas if one.identifier.kind == "phone")
    if not phones:
        return None
    reference, phone = phones[0]
    name = customer.fields.get("name", {}).get("value")
    return NewRecord(reference=reference, fields={"phone": phone} | ({"name": name} if name else {}))
