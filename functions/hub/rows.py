"""What a CRM says of one record -> our events: shared by connectors whose deliveries carry the fields themselves."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from hub.delivery import Connection
from hub.domain.events import (
    ActivityData,
    Claim,
    DealData,
    Event,
    Identifier,
    OrderData,
    Party,
    RecordChangedData,
    RecordRef,
    RecordTouchedData,
    TicketData,
)
from hub.emails import email_identifier
from hub.mapping import EventMaker
from hub.phones import phone_identifier

# What the record stands for decides the event; these two stand for a person.
TOPICS = {"contact": "contact", "lead": "contact", "company": "company", "deal": "deal", "ticket": "ticket"}
PEOPLE = frozenset({"contact", "lead"})
MAX_VALUE = 2_000  # characters of one field; the raw delivery holds all of it
MAX_NAMES = 200  # names of changed fields

Changed = Literal["created", "changed", "deleted", "restored"]
_Model = type[RecordChangedData] | type[DealData] | type[TicketData]


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one record: `at` is the platform's time of it, `key` its own identity of what happened.

    `created_at`, `actor`, `native` and `ours` as in RecordChangedData.
    """

    record: RecordRef
    change: Changed
    at: str | None
    key: tuple[object, ...]
    created_at: str | None = None
    actor: str | None = None
    native: Mapping[str, Any] = field(default_factory=dict)
    ours: bool | None = None

    @property
    def subject(self) -> str:
        """`<object>:<id>`."""
        return f"{self.record.object}:{self.record.id}"


def plain_fields(row: Mapping[str, Any]) -> dict[str, str | int | float | None]:
    """The row's fields that are one text, number or null, texts cut to 2,000 characters; lists and objects left out."""
    return {
        name: value[:MAX_VALUE] if isinstance(value, str) else value
        for name, value in row.items()
        if value is None or (isinstance(value, (str, int, float)) and not isinstance(value, bool))
    }


def changed_record(
    maker: EventMaker,
    change: Change,
    fields: Mapping[str, str | None],
    changed: Collection[str] = (),
    *,
    phones: Iterable[str | None] = (),
    emails: Iterable[str | None] = (),
) -> Event:
    """`contact.changed` or `company.changed`: one claim per field of ours.

    Those in `changed` are of the time of the change; the others are of the whole row, and claim nothing where they are
    empty. `phones` and `emails` are further ones of the same person.
    """
    data = RecordChangedData(
        record=change.record,
        change=change.change,
        claims=_claims(fields, changed, change.at or maker.delivery.received_at),
        identifiers=identifiers(
            change.record,
            maker.connection,
            phones=(fields.get("phone"), fields.get("mobile"), *phones),
            emails=(fields.get("email"), *emails),
        ),
        changed=tuple(name for name in fields if name in changed),
        created_at=change.created_at,
        actor=change.actor,
        native=dict(change.native),
        ours=change.ours,
    )
    return _event(maker, change, f"{TOPICS[change.record.object]}.changed", data)


def _claims(fields: Mapping[str, str | None], changed: Collection[str], at: str) -> tuple[Claim, ...]:
    return tuple(
        Claim(field=name, value=value, at=at, precision="field" if name in changed else "row")
        for name, value in fields.items()
        if name in changed or value is not None
    )


def identifiers(
    record: RecordRef, connection: Connection, *, phones: Iterable[str | None], emails: Iterable[str | None]
) -> tuple[Identifier, ...]:
    """The record itself and, where it stands for a person, the phones and e-mails that can be compared."""
    found = [record.identifier(connection.id)]
    if record.object in PEOPLE:
        found += _comparable(connection, phones, emails)
    return tuple(dict.fromkeys(found))


def person(
    connection: Connection,
    record: RecordRef | None,
    *,
    phones: Iterable[str | None] = (),
    emails: Iterable[str | None] = (),
    name: str | None = None,
) -> Party:
    """The one person whom a deal, ticket or order names: their record where there is one, phones and e-mails."""
    found = [record.identifier(connection.id)] if record else []
    return Party(identifiers=tuple(dict.fromkeys(found + _comparable(connection, phones, emails))), name=name)


def _comparable(connection: Connection, phones: Iterable[str | None], emails: Iterable[str | None]) -> list[Identifier]:
    found = [one for phone in phones if phone and (one := phone_identifier(phone, connection.default_region))]
    return found + [one for mail in emails if mail and (one := email_identifier(mail))]


def deleted_record(maker: EventMaker, change: Change) -> Event:
    """`<topic>.deleted`: nothing is said of the record but that it is gone."""
    topic = TOPICS[change.record.object]
    models: Mapping[str, _Model] = {"deal": DealData, "ticket": TicketData}
    common = {"record": change.record, "change": "deleted", "actor": change.actor, "native": dict(change.native)}
    return _event(maker, change, f"{topic}.deleted", models.get(topic, RecordChangedData).model_validate(common))


def touched_record(
    maker: EventMaker,
    change: Change,
    *,
    what: str = "",
    fields: Iterable[str] = (),
    merged_ids: Iterable[str] = (),
    carried: bool = False,
) -> Event:
    """`record.touched`: it must be read. `what` where that is none of the four changes (merged, associated, gap)."""
    data = RecordTouchedData.model_validate(
        {
            "record": change.record,
            "change": what or change.change,
            "fields": tuple(fields)[:MAX_NAMES],
            "merged_ids": tuple(merged_ids),
            "carried": carried,
            "native": dict(change.native),
        }
    )
    return _event(maker, change, "record.touched", data)


def business_record(maker: EventMaker, change: Change, data: Mapping[str, Any]) -> Event:
    """`deal.changed` or `ticket.changed` with `data` beside what the change itself says."""
    model: _Model = DealData if change.record.object == "deal" else TicketData
    common = {
        "record": change.record,
        "change": change.change,
        "created_at": change.created_at,
        "actor": change.actor,
        "native": dict(change.native),
    }
    return _event(maker, change, f"{change.record.object}.changed", model.model_validate(common | dict(data)))


def order_record(maker: EventMaker, change: Change, data: Mapping[str, Any]) -> Event:
    """`order.changed`, or `order.deleted` where the change says so; the record may be an invoice, a payment … too."""
    common = {
        "record": change.record,
        "change": change.change,
        "created_at": change.created_at,
        "actor": change.actor,
        "native": dict(change.native),
    }
    event_type = "order.deleted" if change.change == "deleted" else "order.changed"
    return _event(maker, change, event_type, OrderData.model_validate(common | dict(data)))


def activity(maker: EventMaker, change: Change, data: Mapping[str, Any]) -> Event:
    """`activity.logged`: the record is the activity, its id the activity's."""
    common = {
        "activity_id": change.record.id,
        "change": "changed" if change.change == "restored" else change.change,
        "native_type": change.record.native_object,
        "native": dict(change.native),
    }
    return _event(maker, change, "activity.logged", ActivityData.model_validate(common | dict(data)))


def _event(
    maker: EventMaker,
    change: Change,
    event_type: str,
    data: RecordChangedData | RecordTouchedData | DealData | TicketData | OrderData | ActivityData,
) -> Event:
    return maker.event(event_type, data, subject=change.subject, time=change.at, key=change.key)
