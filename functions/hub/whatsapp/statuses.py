"""What became of our messages, and what customers allow us to send."""

from __future__ import annotations

import hashlib
import json

from hub.domain.events import MessageChangeData, NoticeData
from hub.parsing import id_at
from hub.whatsapp.context import Context
from hub.whatsapp.parts import Part
from hub.whatsapp.people import Person, person
from hub.whatsapp.reading import Json, objects, required, without

# Meta's own pages spell the parent's and the participant's id in several ways (read 2026-11-21).
PARENTS = ("recipient_parent_user_id", "parent_recipient_user_id", "parent_user_id")
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
        errors=tuple(dict(error) for error in objects(item, "errors")),
        native=without(item, *_OURS),
    )
    return context.event(
        "message.status_changed", data, item, subject=message_id, key=(message_id, status, participant)
    )


def read_preference(context: Context, item: Json) -> Part:
    """A customer stopped, resumed or signed up for marketing; without an id of its own the item itself is the key."""
    category, digest = id_at(item, "category") or "unknown", hashlib.sha256(_canonical(item)).hexdigest()
    data = NoticeData(
        subject=category,
        customer=context.party(person(item, "user_id", ("parent_user_id",), "wa_id")),
        status=required(item, "value"),
        native=without(item, "wa_id", "user_id", "parent_user_id"),
    )
    return context.event("consent.changed", data, item, subject=category, key=(context.number, digest))


def _canonical(item: Json) -> bytes:
    return json.dumps(item, sort_keys=True, separators=(",", ":")).encode("ascii")
