"""Genesys Cloud's deliveries to events, by the topic of the EventBridge envelope."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.genesys_cloud.conversations import STEPS
from connectors.genesys_cloud.people import map_presence, map_routing, map_transcription
from connectors.genesys_cloud.reading import Detail, detail_of, word
from hub.delivery import Connection, Delivery
from hub.domain.events import Event, Mapped, Unmapped
from hub.errors import Quarantine
from hub.mapping import EventMaker
from hub.parsing import at, dict_at, parse_json, text_at

CALLS, PARTS = "detail.events.conversation", "conversations"
OTHERS: Mapping[tuple[str, str], Callable[[Detail], list[Event]]] = {
    (PARTS, "transcription"): map_transcription,
    ("users", "presence"): map_presence,
    ("users", "routingStatus"): map_routing,
}


def map_delivery(delivery: Delivery, connection: Connection) -> Mapped:
    """Events and unmapped parts of one envelope; Quarantine for what is none, or is another organization's."""
    envelope = parse_json(delivery.body)
    if not isinstance(envelope, dict) or not text_at(envelope, "detail-type"):
        raise Quarantine("not an EventBridge envelope")
    _refuse_foreign(text_at(envelope, "source"), connection)
    detail = detail_of(envelope, EventMaker(delivery, connection))
    if detail is None:
        return Mapped(unmapped=(Unmapped(type=word(envelope["detail-type"]), native=dict_at(envelope, "detail")),))
    found = _mapper(detail)
    if isinstance(found, str):
        return Mapped(unmapped=(Unmapped(type=found, native=_native(detail)),))
    events = tuple(found(detail))
    return Mapped(events=events, ignored=0 if events else 1)


def _mapper(detail: Detail) -> Callable[[Detail], list[Event]] | str:
    """What maps the event, else the name under which it is kept: other media are no calls."""
    topic, media = detail.topic, text_at(detail.body, "mediaType")
    named = f"{topic.family}/{word(topic.name)}"
    if topic.family in (CALLS, PARTS) and detail.conversation is None:
        raise Quarantine("an event without a conversation")
    if topic.family != CALLS:
        return OTHERS.get((topic.family, topic.name), named)
    if media not in (None, "VOICE"):
        return f"{word(media)}/{word(topic.name)}"
    return STEPS.get(topic.name, named)


def _native(detail: Detail) -> Any:
    """The body without the participant's attributes, which are the company's own and may hold anything."""
    return {name: value for name, value in detail.body.items() if "ttributes" not in name}


def _refuse_foreign(source: str | None, connection: Connection) -> None:
    """The source names the organization: aws.partner/genesys.com/cloud/<organization>/<suffix>."""
    organization, expected = at((source or "").split("/"), 3), connection.settings.get("organization_id")
    if organization and expected and str(organization).lower() != str(expected).lower():
        raise Quarantine("of another organization")
