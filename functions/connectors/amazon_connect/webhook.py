"""Amazon Connect's deliveries to events: told apart by their shape, whichever way they came."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.amazon_connect.agents import map_agent_event
from connectors.amazon_connect.contacts import map_contact_event
from connectors.amazon_connect.flows import map_flow_call
from connectors.amazon_connect.lens import map_analysis, map_rule, map_segments
from connectors.amazon_connect.reading import word
from connectors.amazon_connect.records import map_record
from hub.delivery import Connection, Delivery
from hub.domain.events import Mapped, Unmapped
from hub.errors import Quarantine
from hub.mapping import EventMaker
from hub.parsing import dict_at, parse_json, text_at

Mapper = Callable[[Mapping[str, Any], EventMaker], Mapped]


def map_delivery(delivery: Delivery, connection: Connection) -> Mapped:
    """Events and unmapped parts of one delivery; Quarantine for what no document describes, or another instance's."""
    value = parse_json(delivery.body)
    if not isinstance(value, dict):
        raise Quarantine("not a JSON object")
    maker = EventMaker(delivery, connection)
    if "detail-type" in value:
        return _from_event_bus(value, maker)
    for needed, mapper in SHAPES:
        if all(name in value for name in needed):
            return mapper(value, maker)
    raise Quarantine("no record of Amazon Connect")


def _from_event_bus(envelope: Mapping[str, Any], maker: EventMaker) -> Mapped:
    named = text_at(envelope, "detail-type")
    if named == "Amazon Connect Contact Event":
        return map_contact_event(envelope, maker)
    if named and named.startswith("Contact Lens ") and named.endswith(" Rules Matched"):
        return map_rule(envelope, maker)
    return Mapped(unmapped=(Unmapped(type=word(named), native=dict_at(envelope, "detail")),))


# By the names that each kind of record always has; the first row that fits counts.
SHAPES: tuple[tuple[tuple[str, ...], Mapper], ...] = (
    (("Name", "Details"), map_flow_call),
    (("AgentARN", "EventType"), map_agent_event),
    (("ContactId", "EventType"), map_segments),
    (("Transcript", "Participants"), map_analysis),
    (("ContactId", "InitiationMethod"), map_record),
    (("ContactId", "LastUpdateTimestamp"), map_record),
)
