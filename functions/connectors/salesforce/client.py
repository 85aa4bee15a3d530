"""Commands -> Salesforce. Our reference is an external id field, so every write may be repeated (class A)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from connectors.salesforce.activities import call_task, message_task
from connectors.salesforce.ids import canonical
from connectors.salesforce.records import FIELDS, claims, identifiers, record_ref
from connectors.salesforce.session import Refusal, Session
from hub.delivery import Connection
from hub.domain.commands import LogCall, LogMessage, UpsertContact
from hub.domain.events import RecordChangedData, instant, unix_ms
from hub.domain.sync import Found, NewRecord, Outcome
from hub.errors import Reject, Retry
from hub.parsing import id_at, list_at, text_at
from hub.ports import Clock, Http

EXTERNAL_ID = "Renkei_Id__c"
MOST_READ = 200
LEAD_PREFIX = "00Q"
PEOPLE: Mapping[str, str] = {"contact": "Contact", "lead": "Lead"}
ACTIVITIES = frozenset({"call", "message"})
_ADVICE = "an administrator must create it: type Text(64), External ID, Unique (case-sensitive)"


def build(connection: Connection, secrets: Mapping[str, Any], http: Http, clock: Clock) -> SalesforceClient:
    """The client of a connection; Reject where its key or a setting is missing."""
    settings = connection.settings
    usual = {"call", "message"} if settings.get("log_messages") is True else {"call"}
    wanted = usual if settings.get("log") is None else {str(one) for one in settings["log"]}
    field = str(settings.get("external_id_field") or EXTERNAL_ID)
    return SalesforceClient(connection, Session.of(connection, secrets, http, clock), ACTIVITIES & wanted, field)


@dataclass(slots=True)
class SalesforceClient:
    """Implements `hub.domain.commands.CrmClient`."""

    connection: Connection
    session: Session
    logs: frozenset[str]
    external_id: str = EXTERNAL_ID
    reads: frozenset[str] = frozenset(PEOPLE)
    writes: frozenset[str] = frozenset(PEOPLE)
    lists: frozenset[str] = frozenset()

    def read(self, kind: str, ids: Sequence[str]) -> list[Found]:
        """See SyncClient: contacts and leads, told apart by `kind`."""
        return list(self._read_all(_entity(kind), list(dict.fromkeys(ids))))

    def create(self, kind: str, record: NewRecord) -> Outcome:
        """See SyncClient. Class A. A new record without a last name gets a placeholder, which is never read back."""
        fields = {our: value for our, value in record.fields.items() if value is not None}
        return Outcome(state="written", id=self._upsert_person(_entity(kind), record.reference, fields))

    def read_contacts(self, ids: Sequence[str]) -> list[RecordChangedData]:
        """Every contact or lead asked for (told apart by their ids' prefix), as it is now or as deleted."""
        by_entity: dict[str, list[str]] = {}
        for one in dict.fromkeys(ids):
            by_entity.setdefault("Lead" if one.startswith(LEAD_PREFIX) else "Contact", []).append(one)
        return [found for entity, some in by_entity.items() for found in self._read_all(entity, some)]

    def _read_all(self, entity: str, ids: Sequence[str]) -> Iterator[RecordChangedData]:
        for start in range(0, len(ids), MOST_READ):
            chunk = ids[start : start + MOST_READ]
            fields = ["Id", *FIELDS[entity].properties, "CreatedDate", "LastModifiedDate"]
            answer = self.session.request("POST", f"/composite/sobjects/{entity}", {"ids": chunk, "fields": fields})
            rows = {row_id: row for row in list_at(answer.json()) if (row_id := canonical(text_at(row, "Id")))}
            yield from (self._shown(entity, one, rows.get(canonical(one) or "")) for one in chunk)

    def _shown(self, entity: str, record_id: str, row: Mapping[str, Any] | None) -> RecordChangedData:
        record = record_ref(entity, record_id)
        if row is None:
            return RecordChangedData(record=record, change="deleted")
        at = _time(row, "LastModifiedDate")
        # An empty field of a row says nothing about when, or whether, it was emptied: change events do.
        fields = {our: value for our, value in FIELDS[entity].ours(row).items() if value is not None}
        return RecordChangedData(
            record=record,
            claims=claims(fields, at, "row"),
            identifiers=identifiers(record, fields, self.connection),
            created_at=_time(row, "CreatedDate"),
        )

    def upsert_contact(self, command: UpsertContact) -> str:
        """See CrmClient. Class A. A new contact without a last name gets a placeholder, which is never read back."""
        return self._upsert_person("Contact", command.reference, command.fields)

    def _upsert_person(self, entity: str, reference: str, ours: Mapping[str, str]) -> str:
        field_map = FIELDS[entity]
        fields: dict[str, Any] = dict(field_map.theirs(ours))
        try:
            return self._upsert(entity, reference, fields)
        except Refusal as refusal:
            if refusal.code != "REQUIRED_FIELD_MISSING" or field_map.whole_name in fields:
                raise
            return self._upsert(entity, reference, {**fields, field_map.whole_name: field_map.placeholder})

    def log_call(self, command: LogCall) -> str:
        """See CrmClient. Class A."""
        return self._log(command.reference, call_task(command))

    def log_message(self, command: LogMessage) -> str:
        """See CrmClient. Class A."""
        return self._log(command.reference, message_task(command))

    def _log(self, reference: str, task: Mapping[str, Any]) -> str:
        try:
            return self._upsert("Task", reference, task)
        except Refusal as refusal:
            # A task's subtype is set when it is created and cannot be changed (object reference, Task).
            if refusal.code != "INVALID_FIELD_FOR_INSERT_UPDATE" or "TaskSubtype" not in task:
                raise
            return self._upsert("Task", reference, {name: task[name] for name in task if name != "TaskSubtype"})

    def _upsert(self, entity: str, reference: str, fields: Mapping[str, Any]) -> str:
        path = f"/sobjects/{entity}/{quote(self.external_id, '')}/{quote(reference, '')}"
        answer = self.session.request("PATCH", path, fields)
        if answer.status == 300:
            raise Reject(
                f"several records of {entity} have one {self.external_id}: make the field unique, remove copies"
            )
        record_id = id_at(answer.json(), "id")
        if record_id is None:
            raise Retry("Salesforce did not say which record it wrote")
        return record_id

    def set_up(self) -> None:
        """Checks the external id field of each object that we write; Reject says what an administrator must create."""
        written = ["Task"] * bool(self.logs) + ["Contact"] * (self.connection.settings.get("create_contacts") is True)
        for entity in written:
            described = self.session.request("GET", f"/sobjects/{entity}/describe").json()
            fields = {text_at(field, "name"): field for field in list_at(described, "fields")}
            label = "Activity" if entity == "Task" else entity
            if fields.get(self.external_id, {}).get("externalId") is not True:
                raise Reject(f"{label} has no external id field {self.external_id}: {_ADVICE}")


def _entity(kind: str) -> str:
    if kind not in PEOPLE:
        raise Reject(f"Salesforce's {kind} cannot be read or written yet")
    return PEOPLE[kind]


def _time(row: Mapping[str, Any], name: str) -> str:
    try:
        return instant(unix_ms(text_at(dict(row), name) or ""))
    except (ValueError, OverflowError) as error:
        raise Retry(f"Salesforce gave a row without {name}") from error
