"""A row of the Web API -> what it says in our words, with one time for all of it (`modifiedon`, whole seconds)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.dynamics365.business import deal_data, ticket_data
from connectors.dynamics365.context import Row, guid
from connectors.dynamics365.records import FIELDS, map_of, plain
from hub.delivery import Connection
from hub.domain.events import Claim, DealData, RecordChangedData, RecordRef, TicketData
from hub.domain.sync import Found
from hub.errors import Retry
from hub.parsing import text_at
from hub.rows import identifiers
from hub.times import from_iso

TABLES: Mapping[str, str] = {
    "contact": "contact",
    "lead": "lead",
    "company": "account",
    "deal": "opportunity",
    "ticket": "incident",
}
SETS: Mapping[str, str] = {
    "contact": "contacts",
    "lead": "leads",
    "account": "accounts",
    "opportunity": "opportunities",
    "incident": "incidents",
    "phonecall": "phonecalls",
    "task": "tasks",
    "annotation": "annotations",
    "systemuser": "systemusers",
}
LOOKUPS = frozenset(
    {"ownerid", "parentcustomerid", "customerid", "parentcontactid", "parentaccountid", "primarycontactid"}
)
CHOICES = frozenset({"statecode", "statuscode", "industrycode", "prioritycode", "caseorigincode", "salesstage"})
DEAL = (
    *("name", "estimatedvalue", "actualvalue", "stepname", "salesstage", "statecode", "statuscode", "closeprobability"),
    *("estimatedclosedate", "actualclosedate", "customerid", "parentcontactid", "parentaccountid"),
)
TICKET = ("title", "statecode", "statuscode", "prioritycode", "caseorigincode", "customerid", "primarycontactid")
BUSINESS: Mapping[str, tuple[str, ...]] = {"opportunity": DEAL, "incident": TICKET}
# Tables of which two rows can be merged: the loser stays, inactive, and names the survivor.
MERGED = frozenset({"contact", "account", "lead", "incident"})
_LABEL = "@OData.Community.Display.V1.FormattedValue"
_TABLE = "@Microsoft.Dynamics.CRM.lookuplogicalname"


def columns(table: str, connection: Connection) -> str:
    """What is asked for, as `$select` wants it."""
    told = map_of(table, connection).properties if table in FIELDS else BUSINESS[table]
    names = {*told, "createdon", "modifiedon", "ownerid", *(("merged", "masterid") if table in MERGED else ())}
    names -= {"parentcustomerid_account"}
    return ",".join(sorted(f"_{name}_value" if name in LOOKUPS or name == "masterid" else name for name in names))


def read_row(table: str, body: Mapping[str, Any]) -> Row:
    """The row with its lookups, choices and labels as an execution context has them."""
    values: dict[str, Any] = {}
    labels: dict[str, Any] = {}
    for name, value in body.items():
        if "@" in name:
            continue
        plain_name = name[1:-6] if name.startswith("_") and name.endswith("_value") else name
        label = text_at(dict(body), name + _LABEL)
        values[plain_name] = _wrapped(plain_name, name, value, label, body)
        labels |= {plain_name: label} if label else {}
    return Row(table, guid(body.get(f"{table}id")), values, labels)


def _wrapped(plain_name: str, name: str, value: Any, label: str | None, body: Mapping[str, Any]) -> Any:
    if value is None:
        return None
    if plain_name != name:
        return {"Id": value, "LogicalName": text_at(dict(body), name + _TABLE), "Name": label}
    return {"Value": value} if name in CHOICES else value


def survivor(row: Row) -> str | None:
    """The id of the row that this one was merged into, or None."""
    lookup = row.values.get("masterid")
    return guid(lookup.get("Id")) if row.values.get("merged") is True and isinstance(lookup, dict) else None


def gone(kind: str, record_id: str, left: str | None, connection: Connection) -> Found:
    """A record that is not there any more; merged into `left`, it stands for the same person."""
    record = RecordRef(object=kind, id=record_id, native_object=TABLES[kind])
    if kind == "deal":
        return DealData(record=record, change="deleted")
    if kind == "ticket":
        return TicketData(record=record, change="deleted")
    known = RecordRef(object=kind, id=left).identifier(connection.id) if left else None
    return RecordChangedData(record=record, change="deleted", identifiers=(known,) if known else ())


def shown(kind: str, body: Mapping[str, Any], connection: Connection, owners: Mapping[str, str]) -> Found:
    """The row of a record of that kind; `owners` are users' e-mail addresses by id. Retry where it has no id or time."""
    row = read_row(TABLES[kind], body)
    if row.id is None:
        raise Retry("Dynamics gave a row without its id")
    record = RecordRef(object=kind, id=row.id, native_object=row.table)
    if row.table in BUSINESS:
        return _business(record, row, body, connection, owners)
    fields, at = map_of(row.table, connection).ours(plain(row), owners=owners), time(body, "modifiedon")
    return RecordChangedData(
        record=record,
        claims=tuple(Claim(field=name, value=value, at=at, precision="row") for name, value in fields.items()),
        identifiers=identifiers(
            record, connection, phones=(fields.get("phone"), fields.get("mobile")), emails=(fields.get("email"),)
        ),
        created_at=time(body, "createdon"),
        version=text_at(dict(body), "@odata.etag"),
    )


def _business(
    record: RecordRef, row: Row, body: Mapping[str, Any], connection: Connection, owners: Mapping[str, str]
) -> DealData | TicketData:
    common = {
        "record": record,
        "version": text_at(dict(body), "@odata.etag"),
        "created_at": time(body, "createdon"),
        **({"owner": owner} if (owner := owners.get(text_at(dict(body), "_ownerid_value") or "")) else {}),
    }
    if record.object == "deal":
        return DealData.model_validate(deal_data(row, connection) | common)
    return TicketData.model_validate(ticket_data(row, connection) | common)


def time(body: Mapping[str, Any], name: str) -> str:
    """That time of the row as RFC 3339 UTC; Retry where it has none."""
    found = from_iso(body.get(name))
    if found is None:
        raise Retry(f"Dynamics gave a row without {name}")
    return found
