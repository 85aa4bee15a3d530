"""Users and organizations in our words: end users are contacts, agents and admins are our own side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from connectors.zendesk.news import News, record_id
from hub.delivery import Connection
from hub.domain.events import AccountNoticeData, Event, RecordRef, Unmapped
from hub.field_overrides import effective
from hub.fields import FieldMap, load
from hub.parsing import at, bool_at, dict_at, text_at
from hub.rows import Change, Changed, changed_record, deleted_record, plain_fields, touched_record
from hub.times import from_iso

FIELDS: Mapping[str, FieldMap] = load(Path(__file__).with_name("fields.toml"))
OBJECTS = {"user": "contact", "organization": "company"}
OUR_SIDE = frozenset({"agent", "admin"})
ACTIONS = {
    "user": frozenset(
        [
            "created",
            "deleted",
            "merged",
            "active_changed",
            "alias_changed",
            "custom_field_changed",
            "custom_role_changed",
            "default_group_changed",
            "details_changed",
            "external_id_changed",
            "group_membership_created",
            "group_membership_deleted",
            "identity_changed",
            "identity_created",
            "identity_deleted",
            "last_login_changed",
            "name_changed",
            "notes_changed",
            "only_private_comments_changed",
            "organization_membership_created",
            "organization_membership_deleted",
            "password_changed",
            "photo_changed",
            "role_changed",
            "suspended_changed",
            "tags_changed",
            "time_zone_changed",
        ]
    ),
    "organization": frozenset(
        ["created", "deleted", "custom_field_changed", "external_id_changed", "name_changed", "tags_changed"]
    ),
}
# Where the event itself holds too little: the record must be read.
TO_READ = frozenset(
    [
        "created",
        "custom_field_changed",
        "identity_changed",
        "identity_created",
        "identity_deleted",
        "organization_membership_created",
        "organization_membership_deleted",
        "tags_changed",
    ]
)
# Of these the event holds all that counts of a record that is known already.
CARRIED = frozenset({"created", "identity_created"})
IDENTITIES = {"email": "email", "phone_number": "phone", "phone": "phone"}


def map_of(native: str, connection: Connection) -> FieldMap:
    """The field map of user, organization or ticket, with the connection's own lines."""
    return effective(connection, FIELDS[native])


def person_events(news: News) -> Iterator[Event | Unmapped]:
    """The events of a user or an organization."""
    found = record_id(news.row, "id")
    if news.action not in ACTIONS[news.area]:
        yield Unmapped(type=news.word)
    elif found is None:
        yield Unmapped(type=f"unreadable/{news.word}")
    elif (text_at(news.row, "role") or "").lower() in OUR_SIDE:
        yield _our_side(news, found)
    else:
        yield from _changed(news, _change(news, found))


def _changed(news: News, change: Change) -> Iterator[Event]:
    if news.action == "merged":
        other = record_id(news.event, "user", "id") or record_id(news.event, "merged_user_id")
        yield touched_record(news.maker, change, what="merged", merged_ids=[other] if other else [])
        return
    if change.change == "deleted":
        yield deleted_record(news.maker, change)
        return
    field_map = map_of(news.area, news.maker.connection)
    news_of = _said(news)
    fields = field_map.ours(plain_fields({**news.row, **_organization(news), **news_of}))
    changed = field_map.ours(plain_fields(news_of)) if change.change != "created" else fields
    fields = {name: value for name, value in fields.items() if value is not None or name in news_of}
    yield changed_record(news.maker, change, fields, frozenset(changed) & frozenset(fields))
    if news.action in TO_READ and (news.area == "user" or news.action != "created"):
        yield touched_record(news.maker, change, carried=news.action in CARRIED or bool(news_of))


def _organization(news: News) -> dict[str, Any]:
    """The user's organization where one is named; none is written as "0" in an event."""
    return {"organization_id": record_id(news.row, "organization_id")} if "organization_id" in news.row else {}


def _said(news: News) -> dict[str, Any]:
    """The field that the event is about, with its value now, under the API's name."""
    if news.action == "name_changed":
        return {"name": news.event.get("current")}
    identity = dict_at(news.event, "identity") or news.event
    named = IDENTITIES.get(text_at(identity, "type") or "")
    value = text_at(identity, "value") or text_at(news.event, "current", "value")
    primary = bool_at(identity, "primary")
    if named and value and primary is not False and news.action in ("identity_created", "identity_changed"):
        return {named: value}
    return {}


def _change(news: News, found: str) -> Change:
    return Change(
        record=RecordRef(object=OBJECTS[news.area], id=found, native_object=news.area),
        change=_kind(news),
        at=news.at,
        key=news.key,
        created_at=from_iso(news.row.get("created_at")),
        actor=news.actor,
        native={"event": news.word, **news.native},
        ours=_by_us(news),
    )


def _by_us(news: News) -> bool | None:
    agent = news.maker.connection.settings.get("agent_id")
    return news.actor == f"user:{agent}" if agent and news.actor else None


def _kind(news: News) -> Changed:
    if news.action == "active_changed":  # a user who is no longer active was deleted, and can come back
        return "restored" if at(news.event, "current") is True else "deleted"
    changes: Mapping[str, Changed] = {"created": "created", "deleted": "deleted"}
    return changes.get(news.action, "changed")


def _our_side(news: News, found: str) -> Event:
    """News about an agent or admin: nobody's contact."""
    data = AccountNoticeData(
        topic=news.word, subject=f"user:{found}", status=(text_at(news.row, "role") or "")[:40], native=news.native
    )
    return news.maker.event("account.notice", data, subject=f"user:{found}", time=news.at, key=news.key)
