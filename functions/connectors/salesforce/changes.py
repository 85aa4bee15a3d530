"""Change Data Capture events -> ours, in each envelope they come in.

https://developer.salesforce.com/docs/atlas.en-us.change_data_capture.meta/change_data_capture/ (read November 2026)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.salesforce.ids import canonical
from connectors.salesforce.records import PEOPLE, claims, identifiers, map_of, record_ref
from hub.delivery import Connection
from hub.domain.events import AccountNoticeData, Event, RecordChangedData, RecordTouchedData, Unmapped, instant
from hub.errors import Quarantine
from hub.mapping import EventMaker
from hub.parsing import int_at, list_at, text_at, texts

CHANGES = {"CREATE": "created", "UPDATE": "changed", "UNDELETE": "restored", "DELETE": "deleted"}
MOST_RECORDS = 1000
# Compound fields, with what the API puts before the name of a part: MailingAddress.City is MailingCity.
COMPOUNDS = {"Name": "", "MailingAddress": "Mailing", "BillingAddress": "Billing", "Address": ""}
# What our requests say in Sforce-Call-Options: a hint, for the organization's automations run under it too.
OURS = "client:renkei"
NATIVE = ("changeType", "changeOrigin", "commitUser", "commitNumber", "transactionKey", "sequenceNumber")


@dataclass(frozen=True, slots=True)
class Change:
    """One change event: the header, the fields beside it, and the time of the commit."""

    header: Mapping[str, Any]
    body: Mapping[str, Any]
    entity: str
    kind: str
    at: str

    @property
    def native(self) -> dict[str, Any]:
        """The header's facts."""
        return {name: self.header[name] for name in NATIVE if name in self.header}

    @property
    def actor(self) -> str | None:
        """The API client that made the change, else the user."""
        _, found, client = (text_at(self.header, "changeOrigin") or "").partition("client=")
        user = text_at(self.header, "commitUser")
        return f"client:{client.strip('/')}" if found else f"user:{user}" if user else None

    def key(self, record_id: str) -> tuple[object, ...]:
        """What makes this change of this record the same one when it comes again."""
        return (self.header.get("transactionKey"), self.header.get("sequenceNumber"), record_id)


Each = Callable[[EventMaker, Change, str], Iterator[Event | Unmapped]]


def read_change(body: Mapping[str, Any], header: object) -> Change:
    """The change of a payload; Quarantine where the header is not as documented."""
    entity, kind, committed = (
        text_at(header, "entityName"),
        text_at(header, "changeType"),
        int_at(header, "commitTimestamp"),
    )
    if not isinstance(header, dict) or entity is None or kind is None or committed is None:
        raise Quarantine("ChangeEventHeader lacks entityName, changeType or commitTimestamp")
    if text_at(header, "transactionKey") is None:
        raise Quarantine("ChangeEventHeader lacks transactionKey")
    try:
        return Change(header, body, entity, kind, instant(committed))
    except ValueError as error:
        raise Quarantine("commitTimestamp is not in milliseconds") from error


def map_change(maker: EventMaker, change: Change, each: Each | None = None) -> list[Event | Unmapped]:
    """The events of each record that the change names; `each` makes those of one record."""
    if change.kind == "GAP_OVERFLOW":
        return _missing(maker, change)
    ids = _record_ids(change.header)
    known = list(dict.fromkeys(record_id for one in ids if (record_id := canonical(one))))
    parts: list[Event | Unmapped] = [
        event for record_id in known for event in (each or _events)(maker, change, record_id)
    ]
    # A field type conversion names every record of the object with a wildcard (`001*`).
    return [*parts, *([] if all(map(canonical, ids)) else _missing(maker, change))]


def _missing(maker: EventMaker, change: Change) -> list[Event | Unmapped]:
    """That changes come without ids: the notice starts a comparison of what changed."""
    notice = AccountNoticeData(topic="gap_overflow", severity="warning", subject=change.entity, native=change.native)
    key = (*change.key(""), change.entity)
    event = maker.event("account.notice", notice, subject=f"object:{change.entity}", time=change.at, key=key)
    return [event, Unmapped(type=f"gap_overflow/{change.entity}", native=change.native)]


def _record_ids(header: Mapping[str, Any]) -> list[str]:
    ids = texts([*list_at(header, "recordIds"), header.get("recordId")])
    if not ids or len(ids) > MOST_RECORDS:
        raise Quarantine("recordIds is no list of record ids")
    return list(dict.fromkeys(ids))


def _events(maker: EventMaker, change: Change, record_id: str) -> Iterator[Event | Unmapped]:
    if change.kind.startswith("GAP_"):
        yield _touched(maker, change, record_id, "gap")
    elif change.kind not in CHANGES:
        yield Unmapped(type=f"{change.entity}/{change.kind}"[:80], native=change.native)
    else:
        yield _changed(maker, change, record_id)
        if change.kind == "UPDATE" and change.entity in PEOPLE:
            # An update holds only what changed: who the person is must be read where the record is new to us.
            yield _touched(maker, change, record_id, "changed")


def _touched(maker: EventMaker, change: Change, record_id: str, what: str) -> Event:
    record = record_ref(change.entity, record_id)
    data = RecordTouchedData.model_validate(
        {
            "record": record,
            "change": what,
            "fields": tuple(_flat_names(change)),
            "carried": what == "changed",
            "native": change.native,
        }
    )
    return _event(maker, change, "record.touched", data, record_id)


def _changed(maker: EventMaker, change: Change, record_id: str) -> Event:
    record = record_ref(change.entity, record_id)
    fields = {} if change.kind == "DELETE" else _fields(change, maker.connection)
    data = RecordChangedData.model_validate(
        {
            "record": record,
            "change": CHANGES[change.kind],
            "claims": claims(fields, change.at, "field"),
            "identifiers": identifiers(record, fields, maker.connection),
            "changed": tuple(fields),
            "created_at": change.at if change.kind == "CREATE" else None,
            "actor": change.actor,
            "ours": change.actor == OURS if change.actor else None,
            "native": change.native,
        }
    )
    topic = "contact" if change.entity in PEOPLE else "company"
    return _event(maker, change, f"{topic}.{'deleted' if change.kind == 'DELETE' else 'changed'}", data, record_id)


def _event(
    maker: EventMaker, change: Change, event_type: str, data: RecordChangedData | RecordTouchedData, record_id: str
) -> Event:
    subject = f"{data.record.object}:{record_id}"
    return maker.event(event_type, data, subject=subject, time=change.at, key=change.key(record_id))


def _fields(change: Change, connection: Connection) -> dict[str, str | None]:
    """Our fields that this change is about; on an update a changed field without a value was set to null."""
    flat, field_map = flatten(change.body), map_of(change.entity, connection)
    if change.kind == "UPDATE":
        return field_map.ours({name: flat.get(name) for name in _flat_names(change)})
    present = field_map.ours({name: flat.get(name) for name in field_map.properties})
    return {name: value for name, value in present.items() if value is not None}


def _flat_names(change: Change) -> Iterator[str]:
    """changedFields with `Name.FirstName` as `FirstName`, and a compound that is named whole as its parts."""
    for name in changed_fields(change.header):
        compound, _, part = name.partition(".")
        whole = change.body.get(name)
        if part and compound in COMPOUNDS:
            yield COMPOUNDS[compound] + part
        elif isinstance(whole, dict) and name in COMPOUNDS:
            yield from (COMPOUNDS[name] + each for each in whole)
        else:
            yield name


def changed_fields(header: Mapping[str, Any]) -> list[str]:
    """changedFields and nulledFields, compound parts dotted, without what every change touches."""
    names = texts([*list_at(header, "changedFields"), *list_at(header, "nulledFields")])
    return list(dict.fromkeys(name for name in names if name not in ("LastModifiedDate", "LastModifiedById")))


def flatten(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body with the parts of compound fields beside the others, named as the API names them."""
    flat = dict(body)
    for compound, prefix in COMPOUNDS.items():
        parts = body.get(compound)
        if isinstance(parts, dict):
            flat |= {prefix + name: value for name, value in parts.items()}
    return flat
