"""Zendesk deliveries -> events: event webhooks, EventBridge, and webhooks of triggers, told apart by their shape.

https://developer.zendesk.com/api-reference/webhooks/event-types/webhook-event-types/ (read November 2026)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.zendesk.news import News, read_news
from connectors.zendesk.people import person_events
from connectors.zendesk.tickets import message_event, ticket_event
from connectors.zendesk.triggers import trigger_event
from hub.delivery import Connection, Delivery
from hub.domain.events import Event, Mapped, Unmapped
from hub.errors import Quarantine
from hub.mapping import EventMaker
from hub.parsing import parse_form, parse_json

FORM = "application/x-www-form-urlencoded"


def map_delivery(delivery: Delivery, connection: Connection) -> Mapped:
    """The events of one delivery; Quarantine where it is of no known shape, or another account's."""
    maker = EventMaker(delivery, connection)
    body = _body(delivery)
    parts = [trigger_event(maker, body)] if "renkei" in body else list(_parts(read_news(maker, body)))
    return Mapped(
        events=tuple(part for part in parts if isinstance(part, Event)),
        unmapped=tuple(part for part in parts if isinstance(part, Unmapped)),
    )


def _body(delivery: Delivery) -> Mapping[str, Any]:
    """A form where it says so (a trigger's, whose values Zendesk encodes), else JSON."""
    if delivery.headers.get("content-type", "").startswith(FORM):
        return parse_form(delivery.body)
    body = parse_json(delivery.body)
    if not isinstance(body, dict):
        raise Quarantine("not a JSON object")
    return body


def _parts(news: News) -> Iterator[Event | Unmapped]:
    if news.area == "ticket":
        yield ticket_event(news)
    elif news.area == "messaging_ticket":
        yield message_event(news)
    elif news.area in ("user", "organization"):
        yield from person_events(news)
    else:
        yield Unmapped(type=news.word)
