"""What became of a message: delivery, seen and deletion reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from hub.domain.events import Event, MessageChangeData
from hub.mapping import EventMaker
from hub.parsing import dict_at, id_at, int_at, text_at
from hub.whatsapp.owned import owns
from hub.whatsapp.people import party, person, scope_of
from hub.whatsapp.reading import Json, instant_written, required, without

# Infobip's group of a status -> ours; others keep Infobip's word.
STATUSES: Mapping[str, str] = {
    "DELIVERED": "delivered",
    "UNDELIVERABLE": "failed",
    "EXPIRED": "failed",
    "REJECTED": "failed",
}
_OURS = ("messageId", "from", "to", "error", "callbackData", "integrationType", "channel")
Side = Literal["from", "to"]


def read_delivery(maker: EventMaker, item: Json) -> Event:
    """A delivery report: `to` is the customer."""
    group = required(dict_at(item, "status"), "groupName")
    status, error = STATUSES.get(group, group.lower()), dict_at(item, "error")
    errors = (dict(error),) if status == "failed" and int_at(error, "id") else ()
    at = instant_written(text_at(item, "doneAt")) or instant_written(text_at(item, "sentAt"))
    return _change(maker, "message.status_changed", item, "to", at, (status,), status=status, errors=errors)


def read_seen(maker: EventMaker, item: Json) -> Event:
    """A customer read a message: by Infobip's page `from` is who read it, in older reports `to`, alone."""
    at = instant_written(text_at(item, "seenAt"))
    return _change(maker, "message.status_changed", item, "from", at, ("read",), status="read")


def read_deleted(maker: EventMaker, item: Json) -> Event:
    """A customer deleted a message of theirs."""
    at = instant_written(text_at(item, "deletedAt"))
    return _change(maker, "message.revoked", item, "from", at, (), by="customer")


def _change(
    maker: EventMaker, event_type: str, item: Json, customer: Side, at: str | None, key: tuple[str, ...], **said: Any
) -> Event:
    message_id = required(item, "messageId")
    theirs = _theirs(maker, item, customer)
    data = MessageChangeData(
        message_id=message_id,
        channel="whatsapp",
        customer=party(person(item, "userId", ("parentUserId",), theirs), scope_of(maker.connection)),
        business=id_at(item, "to" if theirs == "from" else "from"),
        callback_data=id_at(item, "callbackData"),
        native=without(item, *_OURS),
        **said,
    )
    return maker.event(event_type, data, subject=message_id, time=at, key=(message_id, *key))


def _theirs(maker: EventMaker, item: Json, usual: Side) -> Side:
    """The key that holds the customer: `usual`, unless the connection's senders or a missing number say otherwise."""
    other: Side = "to" if usual == "from" else "from"
    here, there = id_at(item, usual), id_at(item, other)
    if here is None:
        return other
    if maker.connection.settings.get("senders") is None or there is None:
        return usual
    ours = owns(maker.connection, "senders", here) and not owns(maker.connection, "senders", there)
    return other if ours else usual
