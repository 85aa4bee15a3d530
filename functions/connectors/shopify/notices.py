"""The topics that every app must take (privacy), and the end of an installation."""

from __future__ import annotations

from typing import Any

from connectors.shopify.news import News, record_id
from connectors.shopify.people import customer_of
from hub.domain.events import AccountNoticeData, Event, PrivacyData, RecordRef
from hub.parsing import dict_at, list_at, text_at

MOST_ORDERS = 1_000
# topic -> what is asked for, and the field that lists the orders.
REQUESTS = {
    "customers/data_request": ("privacy.data_requested", "orders_requested"),
    "customers/redact": ("privacy.deletion_requested", "orders_to_redact"),
    "shop/redact": ("privacy.deletion_requested", ""),
}


def privacy_event(news: News) -> Event:
    """A request about one customer's data, or about all of the shop's; never set aside, whatever the body lacks."""
    event_type, listed = REQUESTS[news.topic]
    customer = dict_at(news.row, "customer")
    found = record_id(customer, "id")
    whole_shop = news.topic == "shop/redact"
    data = PrivacyData(
        customer=customer_of(news, customer),
        record=RecordRef(object="contact", id=found, native_object="customer") if found else None,
        change="deleted" if event_type == "privacy.deletion_requested" else "changed",
        scope="account" if whole_shop else "customer",
        request_id=record_id(news.row, "data_request", "id"),
        records=_orders(news, listed),
        native={"topic": news.topic},
    )
    subject = f"contact:{found}" if found else f"shop:{record_id(news.row, 'shop_id') or 'unknown'}"
    # Bodies have no time; the same request sent again has the same body.
    return news.maker.event(event_type, data, subject=subject, time=news.triggered_at, key=_key(news))


def _key(news: News) -> tuple[Any, ...]:
    ids = (record_id(news.row, "shop_id"), record_id(news.row, "customer", "id"))
    return (*news.key(""), *ids, record_id(news.row, "data_request", "id"))


def _orders(news: News, listed: str) -> tuple[RecordRef, ...]:
    rows = list_at(news.row, listed)[:MOST_ORDERS] if listed else []
    found = dict.fromkeys(one for row in rows if (one := record_id(row)))
    return tuple(RecordRef(object="order", id=one, native_object="order") for one in found)


def uninstalled_event(news: News) -> Event:
    """app/uninstalled: nothing comes from this shop any more."""
    shop = (news.said.get("shop-domain") or text_at(news.row, "myshopify_domain") or "unknown")[:200]
    data = AccountNoticeData(
        topic=news.topic, subject=shop, severity="critical", status="uninstalled", native={"topic": news.topic}
    )
    time = news.triggered_at or news.at
    return news.maker.event("account.notice", data, subject=f"shop:{shop}", time=time, key=news.key(shop))
