"""WooCommerce deliveries -> events, by topic: the body is what the REST API shows, or the id of what was deleted.

https://woocommerce.github.io/woocommerce-rest-api-docs/#webhooks (read November 2026)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.woocommerce.orders import order_data
from connectors.woocommerce.records import flat, map_of, record_id
from hub.delivery import Connection, Delivery
from hub.domain.events import Event, Mapped, RecordRef, Unmapped
from hub.errors import Quarantine
from hub.mapping import EventMaker
from hub.parsing import parse_json, text_at
from hub.rows import Change, Changed, changed_record, deleted_record, order_record, touched_record
from hub.times import from_iso

OBJECTS = {"customer": "contact", "order": "order", "product": "product"}
CHANGES: Mapping[str, Changed] = {
    "created": "created",
    "updated": "changed",
    "deleted": "deleted",
    "restored": "restored",
}
_TOPIC = re.compile(r"\A[a-z_]{1,40}\.[A-Za-z0-9_]{1,80}\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class News:
    """What one delivery says: the row of the `resource`, or its id alone."""

    maker: EventMaker
    topic: str
    row: Mapping[str, Any]

    @property
    def resource(self) -> str:
        """customer, order, product …"""
        return self.topic.partition(".")[0]

    @property
    def what(self) -> Changed | None:
        """The topic's last word in our words."""
        return CHANGES.get(self.topic.partition(".")[2])


def map_delivery(delivery: Delivery, connection: Connection) -> Mapped:
    """The events of one delivery; Quarantine where no header says the topic, or where it is of another shop."""
    maker = EventMaker(delivery, connection)
    _refuse_foreign(delivery, connection)
    body, topic = parse_json(delivery.body), delivery.headers.get("x-wc-webhook-topic")
    if not isinstance(body, dict):
        raise Quarantine("not a JSON object")
    if not topic:
        raise Quarantine("no header says the topic")
    parts = list(_parts(News(maker, topic if _TOPIC.match(topic) else "unknown", body)))
    return Mapped(
        events=tuple(part for part in parts if isinstance(part, Event)),
        unmapped=tuple(part for part in parts if isinstance(part, Unmapped)),
    )


def _refuse_foreign(delivery: Delivery, connection: Connection) -> None:
    source, expected = delivery.headers.get("x-wc-webhook-source"), connection.settings.get("site_url")
    if source and expected and _site(source) != _site(str(expected)):
        raise Quarantine("the delivery is from another shop")


def _site(url: str) -> str:
    return url.lower().rstrip("/")


def _parts(news: News) -> Iterator[Event | Unmapped]:
    found, what = record_id(news.row, "id"), news.what
    if news.resource not in OBJECTS or what is None:
        yield Unmapped(type=news.topic)
    elif found is None:
        yield Unmapped(type=f"unreadable/{news.topic}")
    else:
        yield _event(news, _change(news, found, what))


def _change(news: News, found: str, what: Changed) -> Change:
    # The delivery's id is a hash of webhook and second; what happens twice in one second differs in its status.
    second = news.maker.delivery.headers.get("x-wc-webhook-delivery-id") or text_at(news.row, "date_modified_gmt")
    return Change(
        record=RecordRef(object=OBJECTS[news.resource], id=found, native_object=news.resource),
        change=what,
        at=from_iso(news.row.get("date_modified_gmt")) or from_iso(news.row.get("date_created_gmt")),
        key=(news.topic, found, second, text_at(news.row, "status")),
        created_at=from_iso(news.row.get("date_created_gmt")),
        native={"topic": news.topic},
    )


def _event(news: News, change: Change) -> Event:
    if news.resource == "product":  # we have no event for goods
        return touched_record(news.maker, change)
    if news.resource == "customer":
        return _customer(news, change)
    if change.change == "deleted":
        return order_record(news.maker, change, {"event": news.topic})
    data = order_data(news.row, record_id(news.row, "customer_id"), news.maker.connection)
    return order_record(news.maker, change, {**data, "event": news.topic})


def _customer(news: News, change: Change) -> Event:
    """An account; its phone is that of its own billing address, the only one that it has."""
    if change.change == "deleted":
        return deleted_record(news.maker, change)
    ours = map_of(news.maker.connection).ours(flat(news.row))
    fields = {name: value for name, value in ours.items() if value is not None}
    return changed_record(news.maker, change, fields, frozenset(fields) if change.change == "created" else ())
