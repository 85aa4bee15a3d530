"""Outbound messages (SOAP, from a flow or a workflow rule) -> events: rows of selected fields, without what changed.

https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_om_outboundmessaging.htm (read November 2026)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connectors.salesforce.ids import canonical, same_organization
from connectors.salesforce.records import FIELDS, PEOPLE, claims, identifiers, map_of, record_ref
from hub.domain.events import Event, RecordChangedData, Unmapped, instant
from hub.errors import Quarantine
from hub.mapping import EventMaker
from hub.parsing import parse_xml

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MOST_NOTIFICATIONS = 100
TRUTHS = ("HasOptedOutOfEmail",)
_OUTBOUND = "{http://soap.sforce.com/2005/09/outbound}"
_ENVELOPE = "{http://schemas.xmlsoap.org/soap/envelope/}"
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_WORD = re.compile(r"\w{1,60}", re.ASCII)


def map_outbound(maker: EventMaker) -> list[Event | Unmapped]:
    """One event per notification; Quarantine where it is no outbound message or another organization's."""
    root = parse_xml(maker.delivery.body)
    message = root.find(f"{_ENVELOPE}Body/{_OUTBOUND}notifications")
    if root.tag != f"{_ENVELOPE}Envelope" or message is None:
        raise Quarantine("not an outbound message")
    expected = maker.connection.settings.get("organization_id")
    if expected and not same_organization(message.findtext(f"{_OUTBOUND}OrganizationId"), expected):
        raise Quarantine("the message is from another organization")
    notifications = message.findall(f"{_OUTBOUND}Notification")
    if len(notifications) > MOST_NOTIFICATIONS:
        raise Quarantine(f"more than {MOST_NOTIFICATIONS} notifications in one message")
    return [_part(maker, notification) for notification in notifications]


def _part(maker: EventMaker, notification: Element) -> Event | Unmapped:
    row = notification.find(f"{_OUTBOUND}sObject")
    if row is None:
        return Unmapped(type="outbound/unreadable")
    entity = row.get(_TYPE, "").rpartition(":")[2]
    fields = {child.tag.rpartition("}")[2]: child.text for child in row}
    record_id, key = canonical(fields.get("Id")), notification.findtext(f"{_OUTBOUND}Id")
    if entity not in FIELDS or record_id is None or not key:
        named = entity if _WORD.fullmatch(entity) else "unknown"
        return Unmapped(type=f"outbound/{named if entity not in FIELDS else 'unreadable'}", native=fields)
    return _event(maker, entity, record_id, key, fields)


def _event(maker: EventMaker, entity: str, record_id: str, key: str, row: Mapping[str, str | None]) -> Event:
    deleted = row.get("IsDeleted") == "true"
    record, time = record_ref(entity, record_id), _time(row, "SystemModstamp") or _time(row, "LastModifiedDate")
    # By the docs an absent element is null; but the message names only selected fields, so absent stays unknown.
    fields = {} if deleted else map_of(entity, maker.connection).ours({**row, **_truths(row)})
    data = RecordChangedData(
        record=record,
        change="deleted" if deleted else "changed",
        claims=claims(fields, time or maker.delivery.received_at, "row"),
        identifiers=identifiers(record, fields, maker.connection),
        created_at=_time(row, "CreatedDate"),
        actor=f"user:{row['LastModifiedById']}" if row.get("LastModifiedById") else None,
    )
    topic = "contact" if entity in PEOPLE else "company"
    event_type = f"{topic}.{'deleted' if deleted else 'changed'}"
    return maker.event(event_type, data, subject=f"{record.object}:{record_id}", time=time, key=("outbound", key))


def _truths(row: Mapping[str, str | None]) -> dict[str, bool]:
    """The row's fields that are true or false, which a message writes as words."""
    return {name: row[name] == "true" for name in TRUTHS if row.get(name) in ("true", "false")}


def _time(row: Mapping[str, str | None], name: str) -> str | None:
    """The time of that element in our form, or None where it is absent or none."""
    try:
        read = datetime.fromisoformat((row.get(name) or "").strip())
        return instant(round(read.replace(tzinfo=read.tzinfo or UTC).timestamp() * 1000))
    except (ValueError, OverflowError):
        return None
