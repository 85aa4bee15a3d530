"""One delivery of Gupshup's to events: one thing that happened (v2), or Meta's envelope (v3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from connectors.gupshup.news import read_account, read_consent, read_template
from connectors.gupshup.talk import read_message, read_status
from hub.delivery import Connection, Delivery
from hub.domain.events import Mapped, Unmapped
from hub.errors import Quarantine
from hub.mapping import EventMaker
from hub.parsing import id_at, int_at, parse_json, text_at
from hub.whatsapp.envelope import map_document
from hub.whatsapp.owned import owns
from hub.whatsapp.parts import Part, collect, guarded
from hub.whatsapp.reading import MS_FROM, Json, word

# Gupshup's `type` (v2) -> its reader; whatever else comes is kept under its name.
READERS: Mapping[str, Callable[[EventMaker, Json], Part]] = {
    "message": read_message,
    "message-event": read_status,
    "user-event": read_consent,
    "template-event": read_template,
    "account-event": read_account,
    "onboarding-event": read_account,
}


def map_delivery(delivery: Delivery, connection: Connection) -> Mapped:
    """The events of a delivery; raises Quarantine where it is none of Gupshup's or is about another app."""
    body = parse_json(delivery.body)
    if not isinstance(body, dict):
        raise Quarantine("not a Gupshup delivery")
    _refuse_foreign(body, connection)
    if "entry" in body or "object" in body:
        return map_document(in_seconds(body), delivery, connection)
    return collect([_part(EventMaker(delivery, connection), body)])


def _part(maker: EventMaker, body: Json) -> Part:
    kind = text_at(body, "type")
    if kind is None:
        raise Quarantine("not a Gupshup delivery")
    reader = READERS.get(kind)
    if reader is None:
        return Unmapped(type=word(kind), native=body)
    return guarded(f"{kind}/unreadable", body, partial(reader, maker))


def in_seconds(value: Any, *, in_statuses: bool = False) -> Any:
    """Meta's payload with the milliseconds of `enqueued` as seconds (Gupshup's page on v3 events, read 2026-11-22)."""
    if isinstance(value, list):
        return [in_seconds(one, in_statuses=in_statuses) for one in value]
    if not isinstance(value, dict):
        return value
    plain = {key: in_seconds(one, in_statuses=key == "statuses") for key, one in value.items()}
    at = int_at(plain, "timestamp") if in_statuses else None
    return plain if at is None or at < MS_FROM else {**plain, "timestamp": at // 1000}


def _refuse_foreign(body: Json, connection: Connection) -> None:
    """v2 names the app, v3 gives its id."""
    named = (("app_names", "app"), ("app_ids", "appId"), ("app_ids", "gs_app_id"))
    if not all(owns(connection, setting, found) for setting, key in named if (found := id_at(body, key))):
        raise Quarantine("an app of another account")
