"""Shopify deliveries -> events, by topic; those we have no words for are set aside by it.

https://shopify.dev/docs/apps/build/webhooks/delivery-structure (read November 2026)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from connectors.shopify.news import News, read_news, record_id
from connectors.shopify.notices import REQUESTS, privacy_event, uninstalled_event
from connectors.shopify.orders import KINDS, order_event
from connectors.shopify.people import consent_events, customer_events, merged_events
from hub.delivery import Connection, Delivery
from hub.domain.events import Event, Mapped, Unmapped
from hub.mapping import EventMaker
from hub.parsing import dict_at, list_at, parse_json, text_at
from hub.rows import deleted_record, order_record, touched_record

Parts = Iterator[Event | Unmapped]
CUSTOMER = frozenset(f"customers/{action}" for action in ("create", "update", "delete", "enable", "disable"))
CONSENT = frozenset({"customers_marketing_consent/update", "customers_email_marketing_consent/update"})
# Events name objects as the GraphQL API does.
OBJECTS = {
    "Customer": ("contact", "customer"),
    "Order": ("order", "order"),
    "DraftOrder": ("draft_order", "draft_order"),
}
ACTIONS = frozenset({"create", "update", "delete"})
_GID = re.compile(r"gid://shopify/([A-Za-z]{1,60})/([0-9]{1,20})", re.ASCII)
_INDEX = re.compile(r"\[[^\]]*\]")
MAX_PATH = 200  # characters of one changed path


def map_delivery(delivery: Delivery, connection: Connection) -> Mapped:
    """The events of one delivery; Quarantine where nothing says its topic, or where it is of another shop."""
    news = read_news(EventMaker(delivery, connection), parse_json(delivery.body))
    parts = list(_parts(news))
    return Mapped(
        events=tuple(part for part in parts if isinstance(part, Event)),
        unmapped=tuple(part for part in parts if isinstance(part, Unmapped)),
    )


def _parts(news: News) -> Parts:
    if news.topic in REQUESTS:
        yield privacy_event(news)
    elif news.topic == "app/uninstalled":
        yield uninstalled_event(news)
    elif news.topic in CUSTOMER:
        yield from customer_events(news)
    elif news.topic == "customers/merge":
        yield from merged_events(news)
    elif news.topic in CONSENT:
        yield from consent_events(news)
    elif news.topic == "orders/edited":
        yield from _edited(news)
    elif news.topic.partition("/")[0] in KINDS:
        yield order_event(news)
    else:
        yield from _of_events(news)


def _edited(news: News) -> Parts:
    """orders/edited holds the edit alone: the order must be read, or its orders/updated awaited."""
    found = record_id(news.row, "order_edit", "order_id")
    if found is None:
        yield Unmapped(type=f"unreadable/{news.topic}")
        return
    yield touched_record(news.maker, news.change("order", found, "order"))


def _of_events(news: News) -> Parts:
    """Events (in preview) hold what the subscription's query asks for, so the record must be read."""
    origin, _, rest = news.topic.partition("/")
    named, _, action = rest.partition("/")
    if origin != "events" or named not in OBJECTS or action not in ACTIONS:
        yield Unmapped(type=news.topic)
        return
    paths = list(_paths(news.row))
    found = record_id(news.said.get("resource-id")) or _id_in(named, [*paths, *_variables(news.row)])
    if found is None:
        yield Unmapped(type=f"unreadable/{news.topic}")
        return
    change = news.change(*(OBJECTS[named][0], found, OBJECTS[named][1]))
    if change.change != "deleted":
        yield touched_record(news.maker, change, fields=[_INDEX.sub("", path)[:MAX_PATH] for path in paths])
    elif change.record.object == "contact":
        yield deleted_record(news.maker, change)
    else:
        yield order_record(news.maker, change, {"event": news.topic})


def _paths(row: Mapping[str, Any]) -> Iterator[str]:
    """The changed paths: one list until 2026-09-16, since then three by how they changed."""
    kinds = (dict_at(row, "fields_changed").get(kind) for kind in ("added", "updated", "removed"))
    lists = [list_at(row, "fields_changed"), *(one for one in kinds if isinstance(one, list))]
    yield from (path for paths in lists for path in paths if isinstance(path, str))


def _variables(row: Mapping[str, Any]) -> list[str]:
    found = dict_at(row, "query_variables")
    return [value for name in found if (value := text_at(found, name))]


def _id_in(named: str, texts: list[str]) -> str | None:
    found = (match for text in texts for match in _GID.finditer(text[:1_000]))
    return next((match[2] for match in found if match[1] == named), None)
