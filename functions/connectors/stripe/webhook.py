"""Stripe events -> events: the object inside says what it is about; a thin event names a record that must be read.

https://docs.stripe.com/api/events/types (read November 2026)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from connectors.stripe.news import News, read_news, record_id
from connectors.stripe.sales import KINDS, sale_data, subscription_of
from hub.delivery import Connection, Delivery
from hub.domain.events import AccountNoticeData, Event, Mapped, Unmapped
from hub.fields import FieldMap, load
from hub.mapping import EventMaker
from hub.parsing import parse_json, text_at
from hub.rows import Changed, changed_record, deleted_record, order_record, plain_fields, touched_record

FIELDS: Mapping[str, FieldMap] = load(Path(__file__).with_name("fields.toml"))
Parts = Iterator[Event | Unmapped]
# What a customer has: the customer must be read to learn what it means.
OF_A_CUSTOMER = ("customer.source.", "customer.card.", "customer.bank_account.", "customer.discount.", "customer.tax_id.",
                 "customer.cash_balance", "customer_cash_balance_transaction.", "payment_method.", "cash_balance.")  # fmt: skip
SALES = ("invoice.", "customer.subscription.", "payment_intent.", "charge.", "refund.", "checkout.session.")
CREATED = frozenset({"created"})


def map_delivery(delivery: Delivery, connection: Connection) -> Mapped:
    """The events of one event of Stripe; Quarantine where the body is none, or of another account."""
    news = read_news(EventMaker(delivery, connection), parse_json(delivery.body))
    parts = list(_parts(news))
    return Mapped(
        events=tuple(part for part in parts if isinstance(part, Event)),
        unmapped=tuple(part for part in parts if isinstance(part, Unmapped)),
    )


def _parts(news: News) -> Parts:
    if not news.row:
        yield _thin(news)
    elif news.word.startswith(SALES):
        yield _sale(news)
    elif news.word.startswith(OF_A_CUSTOMER):
        yield _of_a_customer(news)
    elif news.word in ("customer.created", "customer.updated", "customer.deleted"):
        yield _customer(news)
    elif news.word == "account.application.deauthorized":
        yield _deauthorized(news)
    else:
        yield Unmapped(type=news.word)


def _customer(news: News) -> Event | Unmapped:
    found = record_id(news.row, "id")
    if found is None:
        return Unmapped(type=f"unreadable/{news.word}")
    if news.word == "customer.deleted":
        return deleted_record(news.maker, news.change("contact", found, "customer", "deleted"))
    fields = FIELDS["customer"].ours(plain_fields(news.row))
    if news.word == "customer.created":
        fields = {name: value for name, value in fields.items() if value is not None}
        return changed_record(
            news.maker, news.change("contact", found, "customer", "created"), fields, frozenset(fields)
        )
    changed = FIELDS["customer"].ours(dict.fromkeys(news.before)).keys() & fields.keys()
    return changed_record(news.maker, news.change("contact", found, "customer", "changed"), fields, frozenset(changed))


def _of_a_customer(news: News) -> Event | Unmapped:
    found = record_id(news.row, "customer") or record_id(news.before.get("customer"))
    if found is None:
        return Unmapped(type=news.word)
    return touched_record(news.maker, news.change("contact", found, "customer", "changed"))


def _sale(news: News) -> Event | Unmapped:
    native, found = text_at(news.row, "object") or "", record_id(news.row, "id")
    if native not in KINDS:
        return Unmapped(type=news.word)
    if found is None:
        return _upcoming(news)
    what: Changed = "created" if news.word.rpartition(".")[2] in CREATED else "changed"
    if news.word == "invoice.deleted":  # a draft; a subscription that is "deleted" has ended, and stays
        return order_record(news.maker, news.change("invoice", found, native, "deleted"), {"event": news.word})
    change = news.change(KINDS[native].object, found, native, what)
    return order_record(news.maker, change, sale_data(news, native))


def _upcoming(news: News) -> Event | Unmapped:
    """invoice.upcoming is of an invoice that does not exist yet: its subscription is what it is about."""
    found = subscription_of(news.row)
    if news.word != "invoice.upcoming" or found is None:
        return Unmapped(type=f"unreadable/{news.word}")
    return touched_record(news.maker, news.change("subscription", found, "subscription", "changed"))


def _thin(news: News) -> Event | Unmapped:
    """A thin event, of version 2 or of version 1 in that form."""
    native, found = text_at(news.related, "type") or "", record_id(news.related, "id")
    our_object = "contact" if native == "customer" else KINDS[native].object if native in KINDS else None
    if our_object is None or found is None:
        return Unmapped(type=news.word)
    last = news.word.rpartition(".")[2]
    what: Changed = "created" if last in CREATED else "deleted" if last == "deleted" else "changed"
    if our_object == "subscription" and what == "deleted":
        what = "changed"
    return touched_record(news.maker, news.change(our_object, found, native, what))


def _deauthorized(news: News) -> Event:
    """The account took away the app's permission: nothing comes from it any more."""
    data = AccountNoticeData(topic=news.word, severity="critical", status="deauthorized", native=dict(news.native))
    return news.maker.event("account.notice", data, subject="account", time=news.at, key=news.key)
