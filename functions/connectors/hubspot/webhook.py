"""HubSpot webhooks -> events; they name what was touched and at most one property, so the record is read afterwards.

https://developers.hubspot.com/docs/apps/developer-platform/add-features/configure-webhooks (read November 2026)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from hub.delivery import Connection, Delivery
from hub.domain.events import EVENT_TYPES, Event, Mapped, Model, RecordRef, RecordTouchedData, Unmapped, instant
from hub.errors import Quarantine
from hub.mapping import EventMaker
from hub.parsing import id_at, int_at, list_at, parse_json, text_at, texts

MOST_EVENTS = 100
OBJECTS = {
    "contact": "contacts",
    "company": "companies",
    "deal": "deals",
    "ticket": "tickets",
    "conversation": "conversations",
}
OBJECT_OF_TYPE_ID = {"0-1": "contact", "0-2": "company", "0-3": "deal", "0-5": "ticket"}
PRIVACY = {"contact.privacyDeletion": "contact", "conversation.privacyDeletion": "conversation"}
# Of these a deletion is all that there is to say; of a contact the hub says it itself, once it knows the record.
DELETED = {"deal": "deal.deleted", "ticket": "ticket.deleted"}
CHANGES = {
    "creation": "created",
    "propertyChange": "changed",
    "deletion": "deleted",
    "restore": "restored",
    "merge": "merged",
    "associationChange": "associated",
    "newMessage": "changed",  # of a conversation
}
# Kept with the event. Not attemptNumber (differs between copies), not propertyValue (may be cut off or redacted).
NATIVE = (
    "eventId",
    "subscriptionId",
    "appId",
    "changeSource",
    "sourceId",
    "changeFlag",
    "propertyName",
    "isSensitive",
    "associationType",
    "fromObjectId",
    "toObjectId",
    "associationRemoved",
    "isPrimaryAssociation",
    "numberOfPropertiesMoved",
    "messageId",
    "messageType",
)
FOREIGN, UNREADABLE = Unmapped(type="foreign_portal"), Unmapped(type="unreadable")
_WORD = re.compile(r"[A-Za-z_]{1,40}\.[A-Za-z_]{1,40}")


def map_delivery(delivery: Delivery, connection: Connection) -> Mapped:
    """One event per notification; Quarantine where the body is no batch or belongs to other portals only."""
    batch = _batch(delivery.body)
    maker = EventMaker(delivery, connection)
    parts = [_part(maker, item) for item in batch]
    if parts and all(part in (FOREIGN, UNREADABLE) for part in parts):
        raise Quarantine("no event of this portal in the batch")
    return Mapped(
        events=tuple(part for part in parts if isinstance(part, Event)),
        unmapped=tuple(part for part in parts if isinstance(part, Unmapped)),
        ignored=0 if batch else 1,
    )


def _batch(body: bytes) -> list[Any]:
    batch = parse_json(body)
    if not isinstance(batch, list) or not batch:
        raise Quarantine("not an array of events")
    if len(batch) > MOST_EVENTS:
        raise Quarantine(f"more than {MOST_EVENTS} events in one batch")
    return batch


def _part(maker: EventMaker, item: Any) -> Event | Unmapped:
    if not isinstance(item, dict):
        return UNREADABLE
    portal = maker.connection.settings.get("portal_id")
    foreign = bool(portal) and str(portal) != id_at(item, "portalId")  # one URL serves every account of an app
    return FOREIGN if foreign else _known(maker, item)


def _known(maker: EventMaker, item: Mapping[str, Any]) -> Event | Unmapped:
    word = _subscription_type(item)
    kind, _, what = word.partition(".")
    target = OBJECT_OF_TYPE_ID.get(str(item.get("objectTypeId"))) if kind == "object" else kind
    if word in PRIVACY:
        return _touched(maker, item, "privacy.deletion_requested", PRIVACY[word], "deleted")
    if target in DELETED and what == "deletion":
        return _touched(maker, item, DELETED[target], target, "deleted")
    if target in OBJECTS and what in CHANGES:
        return _touched(maker, item, "record.touched", target, CHANGES[what])
    return Unmapped(type=word, native=_without_value(item))


def _touched(maker: EventMaker, item: Mapping[str, Any], event_type: str, target: str, change: str) -> Event | Unmapped:
    record_id, time = _record_id(item, target), _time(item)
    if record_id is None or time is None:
        return Unmapped(type=f"unreadable/{_subscription_type(item)}", native=_without_value(item))
    record = RecordRef(object=target, id=record_id, native_object=OBJECTS[target])
    common = {"record": record, "change": change, "native": {name: item[name] for name in NATIVE if name in item}}
    if event_type in DELETED.values():
        data: Model = EVENT_TYPES[event_type].model_validate(common)
    else:
        named = {"fields": texts([item.get("propertyName")]), "merged_ids": _merged_ids(item, record_id)}
        data = RecordTouchedData.model_validate(common | named)
    return maker.event(event_type, data, subject=f"{target}:{record_id}", time=time, key=_key(item, record_id))


def _key(item: Mapping[str, Any], record_id: str) -> tuple[object, ...]:
    # eventId alone is not unique (docs); two events of one batch have been seen to share it.
    names = ("eventId", "occurredAt", "propertyName", "fromObjectId", "toObjectId", "associationType")
    message = [item["messageId"]] if "messageId" in item else []  # of a conversation
    return (item.get("portalId"), _subscription_type(item), record_id, *(item.get(name) for name in names), *message)


def _subscription_type(item: Mapping[str, Any]) -> str:
    # The docs' table says eventType, deliveries say subscriptionType.
    word = text_at(item, "subscriptionType") or text_at(item, "eventType") or ""
    return word if _WORD.fullmatch(word) else "unknown"


def _record_id(item: Mapping[str, Any], target: str) -> str | None:
    # A merge may give the survivor a third id; an association names two records, in either order.
    other_way = (text_at(item, "associationType") or "").upper().endswith(f"_TO_{target.upper()}")
    ends = ("toObjectId", "fromObjectId") if other_way else ("fromObjectId", "toObjectId")
    names = ("newObjectId", "primaryObjectId", "objectId", *ends)
    return next((number for name in names if (number := _number(item.get(name)))), None)


def _merged_ids(item: Mapping[str, Any], survivor: str) -> list[str]:
    merged = list_at(item, "mergedObjectIds")
    numbers = texts(_number(one) for one in ([*merged, item.get("primaryObjectId")] if merged else []))
    return [number for number in dict.fromkeys(numbers) if number != survivor]


def _number(value: object) -> str | None:
    number = id_at(value)
    return number if number and number.isascii() and number.isdigit() and len(number) <= 20 else None


def _time(item: Mapping[str, Any]) -> str | None:
    occurred = int_at(item, "occurredAt")
    try:
        return None if occurred is None else instant(occurred)
    except ValueError:
        return None


def _without_value(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name not in ("propertyValue", "attemptNumber")}
