"""Commands -> HubSpot. Our reference is a unique property (`renkei_id`), so every write may be repeated (class A)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.hubspot.activities import call_properties, message_properties
from connectors.hubspot.api import Api
from connectors.hubspot.contacts import FIELDS, OTHER_EMAILS, gone, read_contact
from hub.delivery import Connection
from hub.domain.commands import LogCall, LogMessage, UpsertContact
from hub.domain.events import RecordChangedData
from hub.domain.sync import Found, NewRecord, Outcome
from hub.errors import Reject
from hub.parsing import list_at, text_at
from hub.ports import Clock, Http

ID_PROPERTY = "renkei_id"
# 100 records are allowed; with histories of every field a quarter of that stays well under 1 MB.
MOST_READ = 25
# Each kind of record with a property that every account has: ours goes into the same group.
NEIGHBOURS = {"contacts": "email", "calls": "hs_timestamp", "communications": "hs_timestamp"}
DEFAULT_GROUP = "contactinformation"
ACTIVITIES = frozenset({"call", "message"})


def build(connection: Connection, secrets: Mapping[str, Any], http: Http, _clock: Clock) -> HubSpotClient:
    """The client of a connection; Reject where its access token is missing."""
    logs = connection.settings.get("log")
    wanted = ACTIVITIES if logs is None else ACTIVITIES & {str(one) for one in logs}
    return HubSpotClient(connection, Api.of(connection, secrets, http), frozenset(wanted))


@dataclass(slots=True)
class HubSpotClient:
    """Implements `hub.domain.sync.SyncClient`."""

    connection: Connection
    api: Api
    logs: frozenset[str] = ACTIVITIES
    reads: frozenset[str] = field(default=frozenset({"contact"}))
    writes: frozenset[str] = field(default=frozenset())
    lists: frozenset[str] = field(default=frozenset())

    def read(self, kind: str, ids: Sequence[str]) -> list[Found]:
        """See SyncClient."""
        if kind not in self.reads:
            raise Reject(f"HubSpot's {kind} records are not read")
        return [*self.read_contacts(ids)]

    def create(self, kind: str, record: NewRecord) -> Outcome:
        """See SyncClient. Class A: an upsert by our unique property."""
        if kind != "contact":
            raise Reject(f"HubSpot's {kind} records are not written")
        given = {name: value for name, value in record.fields.items() if value is not None}
        made = self.api.upsert("contacts", ID_PROPERTY, record.reference, FIELDS.theirs(given))
        return Outcome(state="written", id=made)

    def read_contacts(self, ids: Sequence[str]) -> list[RecordChangedData]:
        """Every id asked for, as it is now or as deleted; a merged one also brings the record it went into."""
        unique = list(dict.fromkeys(ids))
        chunks = (unique[start : start + MOST_READ] for start in range(0, len(unique), MOST_READ))
        return [found for chunk in chunks for found in self._read(chunk)]

    def _read(self, ids: Sequence[str]) -> Iterator[RecordChangedData]:
        answer = self.api.read("contacts", ids, [*FIELDS.properties, OTHER_EMAILS], FIELDS.properties)
        found = [one for shown in list_at(answer, "results") if (one := read_contact(shown, self.connection))]
        yield from found
        yield from (gone(missing) for missing in ids if missing not in {one.record.id for one in found})

    def upsert_contact(self, command: UpsertContact) -> str:
        """See CrmClient. Class A."""
        return self.api.upsert("contacts", ID_PROPERTY, command.reference, FIELDS.theirs(command.fields))

    def log_call(self, command: LogCall) -> str:
        """See CrmClient. Class A: the upsert and the association may each be repeated."""
        return self._log("calls", command.reference, command.contact_id, call_properties(command))

    def log_message(self, command: LogMessage) -> str:
        """See CrmClient. Class A."""
        return self._log("communications", command.reference, command.contact_id, message_properties(command))

    def _log(self, kind: str, reference: str, contact_id: str, properties: Mapping[str, str]) -> str:
        activity = self.api.upsert(kind, ID_PROPERTY, reference, properties)
        self.api.associate(kind, activity, "contacts", contact_id)
        return activity

    def set_up(self) -> None:
        """Creates the unique property on contacts, calls and communications; Reject where one is there but not unique."""
        for kind, neighbour in NEIGHBOURS.items():
            existing = self.api.property(kind, ID_PROPERTY)
            if not existing:
                group = text_at(self.api.property(kind, neighbour), "groupName") or DEFAULT_GROUP
                self.api.create_property(kind, _definition(group))
            elif existing.get("hasUniqueValue") is not True:
                raise Reject(f"the property {ID_PROPERTY} of {kind} is not unique: delete it and set up again")


def _definition(group: str) -> dict[str, Any]:
    return {
        "name": ID_PROPERTY,
        "label": "renkei id",
        "description": "Written by renkei, so that nothing is logged twice. Do not change.",
        "groupName": group,
        "type": "string",
        "fieldType": "text",
        "hasUniqueValue": True,
        "formField": False,
    }
