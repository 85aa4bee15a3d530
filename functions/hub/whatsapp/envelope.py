"""Meta's envelope to events: every entry and change of a delivery, each on its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hub.delivery import Connection, Delivery
from hub.domain.events import Mapped, Unmapped
from hub.errors import Quarantine
from hub.mapping import EventMaker
from hub.parsing import dict_at, id_at, int_at, parse_json
from hub.whatsapp.owned import owns
from hub.whatsapp.parts import Part, collect
from hub.whatsapp.reading import instant_of, objects
from hub.whatsapp.values import read_change


def map_delivery(delivery: Delivery, connection: Connection) -> Mapped:
    """The events of a delivery; raises Quarantine where it is none of Meta's or is about another account's number."""
    return map_document(parse_json(delivery.body), delivery, connection)


def map_document(document: Any, delivery: Delivery, connection: Connection) -> Mapped:
    """As `map_delivery`, of a body that was parsed before."""
    envelopes = document if isinstance(document, list) else [document]
    if not any(_is_envelope(one) for one in envelopes):
        raise Quarantine("not a WhatsApp Business Account delivery")
    _refuse_foreign(envelopes, connection)
    maker = EventMaker(delivery, connection)
    return collect(part for one in envelopes for part in _envelope(maker, one))


def _is_envelope(value: object) -> bool:
    return (
        isinstance(value, dict)
        and value.get("object") == "whatsapp_business_account"
        and isinstance(value.get("entry"), list)
    )


def _refuse_foreign(envelopes: list[Any], connection: Connection) -> None:
    """One app secret may serve several accounts: what is about a number of another one must not be filed here."""
    if not all(owns(connection, "phone_number_ids", number) for one in envelopes for number in _numbers(one)):
        raise Quarantine("a phone number of another account")


def _numbers(envelope: Any) -> Iterator[str]:
    """The ids of the business numbers that a delivery is about; three fields have a place of their own for it."""
    for entry in objects(envelope if isinstance(envelope, dict) else {}, "entry"):
        for change in objects(entry, "changes"):
            value = dict_at(change, "value")
            for place in ("metadata", "recipient", "phone_number_settings"):
                if number := id_at(dict_at(value, place), "phone_number_id"):
                    yield number


def _envelope(maker: EventMaker, envelope: Any) -> Iterator[Part]:
    if not _is_envelope(envelope):
        yield Unmapped(type="envelope/unreadable", native=envelope)
        return
    if not envelope["entry"]:
        yield None
    for entry in envelope["entry"]:
        yield from _entry(maker, entry)


def _entry(maker: EventMaker, entry: object) -> Iterator[Part]:
    changes = entry.get("changes") if isinstance(entry, dict) else None
    if not isinstance(changes, list):
        yield Unmapped(type="entry/unreadable", native=entry)
        return
    if not changes:
        yield None
    at = instant_of(int_at(entry, "time"))
    for change in changes:
        yield from read_change(maker, change, at)
