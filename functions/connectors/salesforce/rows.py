"""A row of the API -> what it says in our words, with one time for all of it.

`LastModifiedDate` is the time of what people and programs changed; `SystemModstamp`, which also moves with what the
system does, is the version. Both are whole seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from connectors.salesforce.business import NATIVE, READERS, present
from connectors.salesforce.records import FIELDS, claims, identifiers, map_of
from hub.delivery import Connection
from hub.domain.events import DealData, RecordChangedData, RecordRef, TicketData, instant, unix_ms
from hub.domain.sync import Found
from hub.errors import Retry
from hub.parsing import text_at

SYSTEM = ("Id", "CreatedDate", "LastModifiedDate", "SystemModstamp")
DEAL = ("Name", "AccountId", "ContactId", "StageName", "Amount", "CloseDate", "Probability", "IsClosed", "IsWon")
TICKET = ("ContactId", "AccountId", "Subject", "Status", "IsClosed", "Priority", "Origin")
SUPPLIED = ("SuppliedName", "SuppliedEmail", "SuppliedPhone")
BUSINESS: Mapping[str, tuple[str, ...]] = {"Opportunity": DEAL, "Case": (*TICKET, *SUPPLIED)}
MODELS: Mapping[str, type[DealData] | type[TicketData]] = {"Opportunity": DealData, "Case": TicketData}


def fields_read(entity: str, connection: Connection) -> tuple[str, ...]:
    """The fields asked for; amounts have a currency of their own only where the organization has several."""
    if entity in FIELDS:
        return tuple(dict.fromkeys((*SYSTEM, *map_of(entity, connection).properties)))
    several = connection.settings.get("multi_currency") is True and entity == "Opportunity"
    return (*SYSTEM, *BUSINESS[entity], "OwnerId", *(("CurrencyIsoCode",) if several else ()))


def ticks(entity: str, connection: Connection) -> frozenset[str]:
    """The fields of the object that are true or false, by the map and by what a deal or a ticket is asked for."""
    if entity not in FIELDS:
        return frozenset({"IsClosed", "IsWon"})
    rules = map_of(entity, connection).rules.values()
    return frozenset(rule.theirs for rule in rules if rule.codec == "boolean" or _is_tick(rule.words))


def _is_tick(words: Mapping[str, Any]) -> bool:
    return any(isinstance(one, bool) for several in words.values() for one in several)


def shown(
    kind: str, record_id: str, row: Mapping[str, Any], connection: Connection, owners: Mapping[str, str]
) -> Found:
    """The row of a record of that kind; `owners` are users' e-mail addresses by id. Retry where it has no times."""
    record = RecordRef(object=kind, id=record_id, native_object=NATIVE[kind])
    if NATIVE[kind] in FIELDS:
        return _fields(record, row, connection, owners)
    return _business(record, row, connection, owners)


def gone(kind: str, record_id: str, survivor: str | None, connection: Connection) -> Found:
    """A record that is not there any more; merged into `survivor`, it stands for the same person."""
    record = RecordRef(object=kind, id=record_id, native_object=NATIVE[kind])
    if record.native_object in BUSINESS:
        return MODELS[NATIVE[kind]](record=record, change="deleted")
    known = RecordRef(object=kind, id=survivor).identifier(connection.id) if survivor else None
    return RecordChangedData(record=record, change="deleted", identifiers=(known,) if known else ())


def _fields(
    record: RecordRef, row: Mapping[str, Any], connection: Connection, owners: Mapping[str, str]
) -> RecordChangedData:
    fields = map_of(NATIVE[record.object], connection).ours(row, owners=owners)
    return RecordChangedData(
        record=record,
        claims=claims(fields, time(row, "LastModifiedDate"), "row"),
        identifiers=identifiers(record, fields, connection),
        created_at=time(row, "CreatedDate"),
        version=version(row),
    )


def _business(
    record: RecordRef, row: Mapping[str, Any], connection: Connection, owners: Mapping[str, str]
) -> DealData | TicketData:
    said = {
        "currency": connection.settings.get("currency"),
        **present(READERS[NATIVE[record.object]](row, connection)),
        "owner": owners.get(text_at(dict(row), "OwnerId") or "") or text_at(dict(row), "OwnerId"),
        "record": record,
        "version": version(row),
        "created_at": time(row, "CreatedDate"),
        "updated_at": time(row, "LastModifiedDate"),
    }
    model = MODELS[NATIVE[record.object]]
    return model.model_validate(_known(said, model.model_fields))


def _known(said: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if name in set(names) and value is not None}


def version(row: Mapping[str, Any]) -> str:
    """The row's version: its SystemModstamp in our form."""
    return time(row, "SystemModstamp")


def time(row: Mapping[str, Any], name: str) -> str:
    """That time of the row as RFC 3339 UTC; Retry where it has none."""
    try:
        return instant(unix_ms(text_at(dict(row), name) or ""))
    except (ValueError, OverflowError) as error:
        raise Retry(f"Salesforce gave a row without {name}") from error
