"""Every field of Meta's that is no conversation: kept and counted under its own name, item by item."""

from __future__ import annotations

from collections.abc import Mapping

from hub.whatsapp.context import Context
from hub.whatsapp.parts import Part
from hub.whatsapp.reading import Json, word

# field -> the key whose value says what kind of news it is
SUBTYPES: Mapping[str, str] = {
    "account_review_update": "decision",
    "account_settings_update": "type",
    "account_update": "event",
    "business_username_updates": "status",
    "flows": "event",
    "message_template_status_update": "event",
    "messaging_handovers": "type",
    "partner_solutions": "event",
    "phone_number_name_update": "decision",
    "phone_number_quality_update": "event",
    "security": "event",
}
# field -> its lists, each with the key that names an item's kind
LISTS: Mapping[str, Mapping[str, str]] = {
    "automatic_events": {"automatic_events": "event_name"},
    "calls": {"calls": "event", "statuses": "status"},
    "group_lifecycle_update": {"groups": "type"},
    "group_participants_update": {"groups": "type"},
    "group_settings_update": {"groups": "type"},
    "group_status_update": {"groups": "type"},
    "smb_app_state_sync": {"state_sync": "type"},
}


def read_field(context: Context, value: Json) -> list[Part]:
    """The unmapped parts of one change; a field without items is one part, whole."""
    listed = [
        context.unmapped(_kind(item, key), item)
        for name, key in LISTS.get(context.field, {}).items()
        for item in _items(value, name)
    ]
    errors = [context.unmapped("errors", error) for error in _items(value, "errors")] if listed else []
    return [*listed, *errors] or [context.unmapped(_kind(value, SUBTYPES.get(context.field, "")), value)]


def _items(value: Json, name: str) -> list[object]:
    found = value.get(name)
    return found if isinstance(found, list) else []


def _kind(item: object, key: str) -> str:
    if not isinstance(item, dict):
        return "unreadable"
    return word(item[key]) if key in item else ""
