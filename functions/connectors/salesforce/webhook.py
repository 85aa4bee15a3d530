"""Salesforce deliveries -> events: change events and platform events from EventBridge, outbound messages over HTTP."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors.salesforce import business
from connectors.salesforce.changes import map_change, read_change
from connectors.salesforce.ids import canonical, same_organization
from connectors.salesforce.outbound import map_outbound
from connectors.salesforce.records import FIELDS
from hub.delivery import Connection, Delivery
from hub.domain.events import Event, Mapped, Unmapped
from hub.errors import Quarantine
from hub.mapping import EventMaker
from hub.parsing import BOM, parse_json

_WORD = re.compile(r"[\w .-]{1,80}", re.ASCII)


def map_delivery(delivery: Delivery, connection: Connection) -> Mapped:
    """The events of one delivery, told apart by its shape; Quarantine where it has none that is documented."""
    maker = EventMaker(delivery, connection)
    parts = map_outbound(maker) if delivery.body.removeprefix(BOM).lstrip()[:1] == b"<" else _map_json(maker)
    return Mapped(
        events=tuple(part for part in parts if isinstance(part, Event)),
        unmapped=tuple(part for part in parts if isinstance(part, Unmapped)),
        ignored=0 if parts else 1,
    )


def _map_json(maker: EventMaker) -> list[Event | Unmapped]:
    envelope = parse_json(maker.delivery.body)
    if not isinstance(envelope, dict):
        raise Quarantine("not a JSON object")
    _refuse_foreign(envelope, maker.connection)
    payload, named = _payload(envelope), _detail_type(envelope)
    if "ChangeEventHeader" not in payload:
        return [_platform_event(named, payload)]
    change = read_change(payload, payload["ChangeEventHeader"])
    if change.entity in business.OBJECTS:
        return map_change(maker, change, business.events)
    if change.entity not in FIELDS:
        return [Unmapped(type=named or f"{change.entity}ChangeEvent"[:80], native=payload)]
    return map_change(maker, change)


def _platform_event(named: str | None, payload: Mapping[str, Any]) -> Unmapped:
    if named is None:
        raise Quarantine("neither a change event nor an EventBridge envelope")
    return Unmapped(type=named, native=payload)


def _payload(envelope: Mapping[str, Any]) -> Mapping[str, Any]:
    """The event itself: Event Relay puts it in detail.payload, AppFlow in detail, the streaming API in payload."""
    detail = envelope.get("detail", envelope)
    payload = detail.get("payload", detail) if isinstance(detail, dict) else None
    if not isinstance(payload, dict):
        raise Quarantine("the event has no payload")
    return payload


def _detail_type(envelope: Mapping[str, Any]) -> str | None:
    named = envelope.get("detail-type")
    if named is None:
        return None
    return named if isinstance(named, str) and _WORD.fullmatch(named) else "unknown"


def _refuse_foreign(envelope: Mapping[str, Any], connection: Connection) -> None:
    """An event bus source names the organization: aws.partner/salesforce.com/<organization>/<channel>."""
    parts = str(envelope.get("source", "")).split("/")
    organization = canonical(parts[2]) if len(parts) > 2 else None
    expected = connection.settings.get("organization_id")
    if organization and expected and not same_organization(organization, expected):
        raise Quarantine("the event is from another organization")
