"""Zendesk deliveries -> events: event webhooks, EventBridge, and webhooks of triggers, told apart by their shape.

https://developer.zendesk.com/api-reference/webhooks/event-types/webhook-event-types/ (read November 2026)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.zendesk.news import News, read_news
from connectors.zendesk.people import person_events
from connectors.zendesk.tickets import LOGGED, message_event, ticket_event
from connectors.zendesk.triggers import trigger_event
from hub.delivery import Connection, Delivery
from hub.domain.events import Event, Mapped, Unmapped
from hub.errors import Quarantine
from hub.mapping import EventMaker
from hub.parsing import parse_form, parse_json, text_at

FORM = "application/x-www-form-urlencoded"


def map_delivery(delivery: Delivery, connection: Connection) -> Mapped:
    """The events of one delivery; Quarantine where it is of no known shape, or another account's."""
    maker = EventMaker(delivery, connection)
    body = _body(delivery)
    if "renkei" in body:
        return _mapped([trigger_event(maker, body)])
    news = read_news(maker, body)
    return Mapped(ignored=1) if _is_log(news) else _mapped(list(_parts(news)))


def _is_log(news: News) -> bool:
    """Whether it is about a ticket that only stands for a note, call or message which we filed there."""
    return news.area == "ticket" and (text_at(news.row, "external_id") or "").startswith(LOGGED)


def _mapped(parts: list[Event | Unmapped]) -> Mapped:
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
