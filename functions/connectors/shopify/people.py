"""Customers in our words, with their consent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from connectors.shopify.customers import consent_of, flat, map_of
from connectors.shopify.news import News, Told, record_id
from hub.domain.events import ConsentData, Event, Party, RecordRef, Unmapped
from hub.names_written import full_name
from hub.parsing import dict_at, text_at
from hub.rows import changed_record, deleted_record, person, touched_record
from hub.times import from_iso

CONSENTS = (("email", "email_marketing_consent"), ("sms", "sms_marketing_consent"))
STATES = {
    "subscribed": "granted",
    "not_subscribed": "denied",
    "unsubscribed": "denied",
    "redacted": "denied",
}


def customer_events(news: News) -> Iterator[Event | Unmapped]:
    """customers/create, update, enable, disable and delete; the row is whole but for a deletion."""
    found = record_id(news.row, "id")
    if found is None:
        yield Unmapped(type=f"unreadable/{news.topic}")
        return
    change = news.change("contact", found, "customer")
    if change.change == "deleted":
        yield deleted_record(news.maker, change)
        return
    ours = map_of(news.connection).ours(flat(news.row, news.connection))
    fields = {name: value for name, value in ours.items() if value is not None}
    yield changed_record(news.maker, change, fields, frozenset(fields) if change.change == "created" else ())
    yield from _consents(news, found, customer_of(news, news.row))


def merged_events(news: News) -> Iterator[Event | Unmapped]:
    """customers/merge: one customer is kept, the other one is gone."""
    kept = record_id(news.row, "admin_graphql_api_customer_kept_id")
    gone = record_id(news.row, "admin_graphql_api_customer_deleted_id")
    if kept is None:
        yield Unmapped(type=f"unreadable/{news.topic}")
        return
    change = news.change("contact", kept, "customer")
    yield touched_record(news.maker, change, what="merged", merged_ids=[gone] if gone else [])


def consent_events(news: News) -> Iterator[Event | Unmapped]:
    """customers_(email_)marketing_consent/update: what a customer now allows."""
    found = record_id(news.row, "customer_id") or record_id(news.row, "id")
    contact = RecordRef(object="contact", id=found, native_object="customer") if found else None
    emails, phones = [text_at(news.row, "email_address")], [text_at(news.row, "phone")]
    customer = person(news.maker.connection, contact, emails=emails, phones=phones)
    events: list[Event | Unmapped] = [*_consents(news, found, customer), *_claims(news, found)]
    yield from events or [Unmapped(type=f"unreadable/{news.topic}")]


def _consents(news: News, found: str | None, customer: Party) -> Iterator[Event]:
    """One event for each channel of which the row says since when; the same for every delivery that repeats it."""
    for channel, name in CONSENTS:
        consent = dict_at(news.row, name)
        state, since = text_at(consent, "state") or "", from_iso(consent.get("consent_updated_at"))
        if since and found:
            yield _consent(news, found, customer, channel, state[:40], since, consent)


def _claims(news: News, found: str | None) -> Iterator[Event]:
    """The same as fields of the customer's record."""
    for channel, name in CONSENTS:
        consent = dict_at(news.row, name)
        state, since = text_at(consent, "state"), from_iso(consent.get("consent_updated_at"))
        if found and state and since:
            change = replace(news.change("contact", found, "customer"), at=since)
            field = f"consent_{channel}"
            yield changed_record(news.maker, change, {field: consent_of(state, news.connection)}, {field})


def _consent(
    news: News, found: str, customer: Party, channel: str, state: str, since: str, consent: Mapping[str, Any]
) -> Event:
    data = ConsentData.model_validate(
        {
            "customer": customer,
            "contacts": (RecordRef(object="contact", id=found, native_object="customer"),),
            "channel": channel,
            "purpose": "marketing",
            "state": STATES.get(state, "unknown"),
            "status": state or None,
            "source": (text_at(consent, "consent_collected_from") or "")[:100] or None,
            "native": {"opt_in_level": (text_at(consent, "opt_in_level") or "")[:40]},
        }
    )
    key = ("consent", found, channel, since, state)
    return news.maker.event("consent.changed", data, subject=f"contact:{found}", time=since, key=key)


def customer_of(news: Told, row: Mapping[str, Any]) -> Party:
    """The customer with the phone and e-mail of their own record."""
    found = record_id(row, "id")
    contact = RecordRef(object="contact", id=found, native_object="customer") if found else None
    name = full_name(text_at(row, "first_name"), text_at(row, "last_name"))
    emails, phones = [text_at(row, "email")], [text_at(row, "phone")]
    return person(news.connection, contact, phones=phones, emails=emails, name=name)
