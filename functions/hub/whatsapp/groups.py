"""Groups: made, joined, left, changed, suspended: news of the account, named after what happened.

https://developers.facebook.com/docs/whatsapp/cloud-api/groups/webhooks (read in mirrors, 2026-11)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from hub.domain.events import AccountNoticeData, Party
from hub.parsing import dict_at, id_at, text_at
from hub.whatsapp.context import Context
from hub.whatsapp.parts import Part
from hub.whatsapp.people import person
from hub.whatsapp.reading import Json, digest, objects, required, without, word

TYPES = frozenset(
    {
        *("group_create", "group_delete", "group_settings_update", "group_suspend", "group_suspend_cleared"),
        *("group_participants_add", "group_participants_remove"),
        *("group_add_participants", "group_remove_participants"),  # so spelled on one of Meta's pages
        *("group_join_request_created", "group_join_request_revoked"),
    }
)
SEVERITY: Mapping[str, Literal["warning", "critical"]] = {"group_suspend": "critical"}
_LISTS = ("added_participants", "removed_participants", "failed_participants")


def read_group(context: Context, item: Json) -> Part:
    """News of one group; a request that failed names no group and is about itself."""
    kind = required(item, "type")
    if kind not in TYPES:
        return context.unmapped(word(kind), item)
    failed = bool(objects(item, "errors") or objects(item, "failed_participants"))
    subject = id_at(item, "group_id") or required(item, "request_id")
    data = AccountNoticeData(
        topic=kind,
        subject=subject,
        status="failed" if failed else None,
        severity=SEVERITY.get(kind, "warning" if failed else "info"),
        business=context.number or context.display or None,
        title=text_at(item, "subject") or text_at(dict_at(item, "group_subject"), "text"),
        text=_reason(item),
        customer=_participant(context, item),
        native=without(item, "type", "timestamp", "invite_link"),  # whoever has the link can join
    )
    return context.event("account.notice", data, item, subject=subject, key=(context.number, kind, digest(item)))


def _participant(context: Context, item: Json) -> Party:
    """The one person that it is about; of several none is *the* customer."""
    people = [one for name in _LISTS for one in objects(item, name)] or [item]
    who = person(people[0], "user_id", ("parent_user_id",), "wa_id")
    return context.party(who) if len(people) == 1 and who else Party()


def _reason(item: Json) -> str | None:
    errors = [
        *objects(item, "errors"),
        *(error for one in objects(item, "failed_participants") for error in objects(one, "errors")),
    ]
    said = next((found for error in errors if (found := text_at(error, "message") or text_at(error, "title"))), None)
    return said or text_at(item, "reason")
