"""What the phone app and Meta's advertising tell: contacts of the address book, clicks, leads and purchases seen."""

from __future__ import annotations

from collections.abc import Mapping

from hub.domain.events import ActivityData, Claim, RecordChangedData, RecordRef
from hub.parsing import dict_at, id_at, int_at, text_at
from hub.phones import phone_from_digits
from hub.whatsapp.context import Context
from hub.whatsapp.parts import Part
from hub.whatsapp.people import person
from hub.whatsapp.reading import Json, Unreadable, digest, instant_of, required, without, word

NAMES: Mapping[str, str] = {"name": "full_name", "first_name": "first_name"}
ACTIONS: Mapping[str, str] = {"add": "contact.changed", "edit": "contact.changed", "remove": "contact.deleted"}


def read_state(context: Context, item: Json) -> Part:
    """A contact of the phone app's address book, known by user id, else by number: what the business calls them."""
    kind, action = required(item, "type"), required(item, "action")
    if kind != "contact" or action not in ACTIONS:
        return context.unmapped(word(kind if kind != "contact" else action), item)
    body = dict_at(item, "contact")
    who = person(body, "user_id", ("parent_user_id",), "phone_number")
    if not (who.user_id or who.wa_id):
        raise Unreadable("phone_number")
    # The record's id travels further than a phone number should.
    record = RecordRef(
        object="contact", id=digest([context.scope, who.user_id or who.wa_id])[:32], native_object="contact"
    )
    at = instant_of(int_at(dict_at(item, "metadata"), "timestamp"))
    data = RecordChangedData(
        record=record,
        change="deleted" if action == "remove" else "changed",
        claims=_claims(body, who.wa_id, at or context.maker.delivery.received_at) if action != "remove" else (),
        identifiers=(record.identifier(context.maker.connection.id), *context.identifiers(who)),
        native={"action": action},
    )
    there = context.at_instant(at) if at else context
    key = (context.number, record.id, action, at or "", digest(body))
    return there.event(ACTIONS[action], data, item, subject=f"contact:{record.id}", key=key)


def _claims(body: Json, number: str | None, at: str) -> tuple[Claim, ...]:
    phone = phone_from_digits(number)
    said = {ours: text_at(body, theirs) for ours, theirs in NAMES.items()} | {"phone": phone.value if phone else None}
    return tuple(Claim(field=name, value=text, at=at, precision="row") for name, text in said.items() if text)


def read_automatic(context: Context, item: Json) -> Part:
    """A lead or a purchase that Meta saw in a conversation which an advertisement began."""
    message_id, name = required(item, "id"), required(item, "event_name")
    native = without(item, "event_name", "timestamp")
    return _seen(context, item, f"{message_id}:{name}", name, native)


def read_action(context: Context, item: Json) -> Part:
    """A click on a marketing message's link; Meta names the customer in `contacts` alone, if at all."""
    kind = required(item, "action_type")
    native = without(item, "action_type", "timestamp")
    clicked = dict_at(item, f"{kind}_data")
    native = without(native, f"{kind}_data") | {"click": without(clicked, "tracking_token")} if clicked else native
    return _seen(context, item, id_at(clicked, "click_id") or digest(item)[:32], kind, native)


def _seen(context: Context, item: Json, activity_id: str, action: str, native: Json) -> Part:
    named = person(item, "user_id", ("parent_user_id",), "wa_id") or person(item, "from_user_id", (), "from")
    data = ActivityData(
        activity_id=activity_id,
        kind="campaign",
        action=action,
        native_type=context.field,
        customer=context.party(named or context.only_contact),
        native=dict(native),
    )
    key = (context.number, activity_id, action)
    return context.event("activity.logged", data, item, subject=activity_id, key=key)
