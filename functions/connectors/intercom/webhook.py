"""Intercom notifications -> events: the topic's first word says what the item is; the item is always whole.

https://developers.intercom.com/docs/references/2.16/webhooks/webhook-models (read November 2026)
"""

from __future__ import annotations

from collections.abc import Iterator

from connectors.intercom.notification import Notification, read_notification
from connectors.intercom.people import company_events, contact_events
from connectors.intercom.talks import talk_events
from hub.delivery import Connection, Delivery
from hub.domain.events import Event, Mapped, Unmapped
from hub.mapping import EventMaker
from hub.parsing import parse_json


def map_delivery(delivery: Delivery, connection: Connection) -> Mapped:
    """The events of one notification; Quarantine where the body is none or another workspace's. A ping says nothing."""
    news = read_notification(EventMaker(delivery, connection), parse_json(delivery.body))
    if news.topic == "ping":
        return Mapped(ignored=1)
    parts = list(_parts(news))
    return Mapped(
        events=tuple(part for part in parts if isinstance(part, Event)),
        unmapped=tuple(part for part in parts if isinstance(part, Unmapped)),
    )


def _parts(news: Notification) -> Iterator[Event | Unmapped]:
    if news.area in ("conversation", "conversation_part", "ticket"):
        yield from talk_events(news)
    elif news.area in ("contact", "user", "visitor"):
        yield from contact_events(news)
    elif news.area == "company":
        yield from company_events(news)
    else:
        yield Unmapped(type=news.topic)
