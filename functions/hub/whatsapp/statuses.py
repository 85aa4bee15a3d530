"""What became of our messages, and what customers allow us to send."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from hub.domain.events import ConsentData, MessageChangeData, OrderData, RecordRef, currency, money_from_minor
from hub.parsing import dict_at, id_at, int_at, text_at
from hub.times import from_unix
from hub.whatsapp.context import Context
from hub.whatsapp.parts import Part
from hub.whatsapp.people import Person, person
from hub.whatsapp.reading import Json, digest, objects, required, without

# Meta's own pages spell the parent's and the participant's id in several ways (read 2026-11-21).
PARENTS = ("recipient_parent_user_id", "parent_recipient_user_id", "parent_user_id")
FREE_ENTRY_POINT = "referral_conversion"
PARTICIPANTS = (
    *("recipient_participant_user_id", "participant_recipient_user_id"),
    *("recipient_participant_id", "participant_recipient_id"),
)
_OURS = (
    *("id", "status", "timestamp", "recipient_id", "recipient_user_id", "biz_opaque_callback_data", "errors"),
    *PARENTS,
)


def read_status(context: Context, item: Json) -> Part:
    """One status of one message; of a group it names the participant, who says nothing about who the customer is."""
    if item.get("type") == "payment":
        return read_payment(context, item)
    message_id, status = required(item, "id"), required(item, "status")
    participant = next((found for key in PARTICIPANTS if (found := id_at(item, key))), "")
    in_group = bool(participant) or id_at(item, "recipient_type") == "group"
    data = MessageChangeData(
        message_id=message_id,
        channel="whatsapp",
        customer=context.party(Person() if in_group else person(item, "recipient_user_id", PARENTS, "recipient_id")),
        business=context.number or context.display or None,
        status=status,
        group_id=id_at(item, "recipient_id") if in_group else None,
        callback_data=id_at(item, "biz_opaque_callback_data"),
        window_until=_window_until(dict_at(item, "conversation")),
        errors=tuple(dict(error) for error in objects(item, "errors")),
        native=without(item, *_OURS),
    )
    return context.event(
        "message.status_changed", data, item, subject=message_id, key=(message_id, status, participant)
    )


def _window_until(conversation: Json) -> str | None:
    """The end of the 72 hours that begin with our answer to somebody who came by an advertisement."""
    began_by = id_at(conversation, "origin", "type")
    return from_unix(conversation.get("expiration_timestamp")) if began_by == FREE_ENTRY_POINT else None


CONSENTS: Mapping[str, Literal["granted", "denied"]] = {"stop": "denied", "resume": "granted", "signup": "granted"}
PERMISSIONS: Mapping[str, Literal["granted", "denied"]] = {"accept": "granted", "reject": "denied"}
PURPOSES: Mapping[str, str] = {"marketing_messages": "marketing"}
CALL_PERMISSION = "call_permission_reply"


def read_preference(context: Context, item: Json) -> Part:
    """A customer stopped, resumed or signed up for marketing; without an id of its own the item itself is the key."""
    category, value = id_at(item, "category") or "unknown", required(item, "value")
    data = ConsentData(
        subject=category,
        customer=context.party(person(item, "user_id", ("parent_user_id",), "wa_id")),
        status=value,
        channel="whatsapp",
        purpose=PURPOSES.get(category, category),
        state=CONSENTS.get(value, "unknown"),
        text=text_at(item, "detail"),
        native=without(item, "wa_id", "user_id", "parent_user_id"),
    )
    return context.event("consent.changed", data, item, subject=category, key=(context.number, digest(item)))


def is_permission(item: object) -> bool:
    """Whether a message is the answer to our question whether we may call."""
    return isinstance(item, dict) and dict_at(item, "interactive").get("type") == CALL_PERMISSION


def read_permission(context: Context, item: Json) -> Part:
    """A customer allows, or does not allow, to be called; `native` says until when."""
    body, message_id = dict_at(item, "interactive", CALL_PERMISSION), required(item, "id")
    answer = id_at(body, "response") or "unknown"
    data = ConsentData(
        subject=CALL_PERMISSION,
        customer=context.party(person(item, "from_user_id", ("from_parent_user_id",), "from")),
        status=answer,
        channel="call",
        purpose="call",
        state=PERMISSIONS.get(answer, "unknown"),
        source=id_at(body, "response_source"),
        native=dict(body),
    )
    key = (context.number, message_id, CALL_PERMISSION)
    return context.event("consent.changed", data, item, subject=CALL_PERMISSION, key=key)


PAYMENTS: Mapping[str, Literal["open", "paid", "failed"]] = {
    "pending": "open",
    "captured": "paid",
    "completed": "paid",
    "failed": "failed",
}


def read_payment(context: Context, item: Json) -> Part:
    """What became of a payment that we asked for in a message; `reference_id` is our own."""
    body, status = dict_at(item, "payment"), required(item, "status")
    amount, transaction = dict_at(body, "amount"), dict_at(body, "transaction")
    record = RecordRef(object="payment", id=required(body, "reference_id"), native_object="payment")
    data = OrderData(
        record=record,
        customer=context.party(person(item, "recipient_user_id", PARENTS, "recipient_id")),
        event=status,
        number=record.id,
        status=PAYMENTS.get(status, "unknown"),
        native_status=status,
        currency=currency(body.get("currency")),
        total=_amount(int_at(amount, "value"), int_at(amount, "offset")),
        native={"message_id": id_at(item, "id"), **body},
    )
    key = (record.id, status, id_at(transaction, "id") or "")
    return context.event("order.changed", data, item, subject=f"payment:{record.id}", key=key)


def _amount(value: int | None, offset: int | None) -> str | None:
    """A value of 21000 with the offset 100 is 210.00; offsets other than powers of ten are none."""
    places = {1: 0, 10: 1, 100: 2, 1000: 3}.get(offset or 0)
    return None if value is None or places is None else money_from_minor(value, None, places)
