"""Every field of Meta's that is no conversation: one table says who reads its items, or the whole of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from hub.whatsapp import account, templates
from hub.whatsapp.account import read_account, read_error
from hub.whatsapp.calls import read_call, read_call_status
from hub.whatsapp.coexistence import read_automatic, read_state
from hub.whatsapp.context import Context
from hub.whatsapp.groups import read_group
from hub.whatsapp.parts import Part, guarded
from hub.whatsapp.reading import Json, objects, without, word
from hub.whatsapp.templates import read_template

Read = Callable[[Context, Json], Part]
_FRAME = ("messaging_product", "metadata", "contacts")
_GROUPS: Mapping[str, Read] = {"groups": read_group}

# field -> its lists, each with who reads an item
LISTS: Mapping[str, Mapping[str, Read]] = {
    "automatic_events": {"automatic_events": read_automatic},
    "calls": {"calls": read_call, "statuses": read_call_status},
    **dict.fromkeys(
        (
            *("group_lifecycle_update", "group_participants_update", "group_participant_update"),
            *("group_settings_update", "group_status_update"),
        ),
        _GROUPS,
    ),
    "smb_app_state_sync": {"state_sync": read_state},
}
# field -> who reads the whole value
WHOLE: Mapping[str, Read] = {
    **dict.fromkeys(account.FIELDS, read_account),
    **dict.fromkeys(templates.FIELDS, read_template),
}


def read_field(context: Context, value: Json) -> Iterator[Part]:
    """The parts of one change; a field that nobody reads is one part, whole."""
    if context.field in LISTS:
        yield from _listed(context, value)
    elif reader := WHOLE.get(context.field):
        yield guarded(f"{context.field}/unreadable", value, partial(reader, context))
    else:
        yield context.unmapped("", value)


def _listed(context: Context, value: Json) -> Iterator[Part]:
    """The items of each list, then errors that no item took, then whatever Meta adds next."""
    readers = LISTS[context.field]
    given = _with_errors(context, value)
    parts = [
        part
        for name, content in without(given, *_FRAME).items()
        for part in _items(context, name, content, readers.get(name, read_error if name == "errors" else None))
    ]
    yield from parts or [context.unmapped("", value)]


def _items(context: Context, name: str, content: object, reader: Read | None) -> Iterator[Part]:
    if reader is None or not isinstance(content, list):
        yield context.unmapped(word(name) if reader is None else "unreadable", content)
        return
    for item in content:
        yield guarded(f"{context.field}/unreadable", item, partial(reader, context))


def _with_errors(context: Context, value: Json) -> Json:
    """Meta puts the errors of a call that failed beside it: they belong to the one call that is over."""
    calls, errors = value.get("calls"), objects(value, "errors")
    if context.field != "calls" or not isinstance(calls, list) or not errors or len(errors) < len(value["errors"]):
        return value
    over = [item for item in calls if isinstance(item, dict) and item.get("event") == "terminate"]
    if len(over) != 1:
        return value
    return {
        **without(value, "errors"),
        "calls": [{**item, "errors": errors} if item is over[0] else item for item in calls],
    }
