"""A delivery of either kind, read into one shape: what happened to which record.

Event webhooks say `type`, `detail` (the record) and `event` (what happened). EventBridge says the same with other names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.delivery import Connection
from hub.errors import Quarantine
from hub.mapping import EventMaker
from hub.parsing import at, dict_at, id_at, int_at, text_at
from hub.times import from_iso

PREFIX = "zen:event-type"
# EventBridge: the key in `detail`, the key of the record inside it, the area in the words of event webhooks.
AREAS = {
    "Support Ticket": ("ticket_event", "ticket", "ticket"),
    "Support User": ("user_event", "user", "user"),
    "Support Organization": ("organization_event", "organization", "organization"),
    "Chat": ("chat_event", "chat", "messaging_ticket"),
}
# EventBridge's words where they are not those of event webhooks.
ALIASES = {
    "ticket.comment_created": "ticket.comment_added",
    "user.active_status_changed": "user.active_changed",
    "user.group_added": "user.group_membership_created",
    "user.group_removed": "user.group_membership_deleted",
    "user.organization_added": "user.organization_membership_created",
    "user.organization_removed": "user.organization_membership_deleted",
    "user.identity_removed": "user.identity_deleted",
}
_ID = re.compile(r"\A[A-Za-z0-9:_-]{1,64}\Z", re.ASCII)
_WORD = re.compile(r"\A[a-z_]{1,40}\.[a-z_]{1,60}\Z", re.ASCII)
MAX_NATIVE = 200  # characters of a value of Zendesk's kept beside ours


def record_id(value: Any, *path: str | int) -> str | None:
    """An id there; None for what Zendesk writes in place of none ("", "0", 0)."""
    found = id_at(value, *path)
    return found if found and found != "0" and _ID.match(found) else None


@dataclass(frozen=True, slots=True)
class News:
    """What one event says: `word` is its type without the prefix, `row` the record, `event` what happened to it."""

    maker: EventMaker
    word: str
    row: Mapping[str, Any]
    event: Mapping[str, Any]
    at: str | None
    key: tuple[object, ...]
    actor: str | None

    @property
    def area(self) -> str:
        """ticket, messaging_ticket, user, organization …"""
        return self.word.partition(".")[0]

    @property
    def action(self) -> str:
        """created, status_changed …"""
        return self.word.partition(".")[2]

    @property
    def native(self) -> dict[str, Any]:
        """The sequence of events that one action set off, and the plain values before and after."""
        sequence = dict_at(self.event, "meta", "sequence")
        found = {
            "sequence_id": record_id(sequence, "id"),
            "sequence_position": int_at(sequence, "position"),
            "conversation_id": record_id(self.event, "conversation_id"),
            "previous": _plain(self.event.get("previous")),
            "current": _plain(self.event.get("current")),
        }
        return {name: value for name, value in found.items() if value is not None}


def read_news(maker: EventMaker, body: Mapping[str, Any]) -> News:
    """The event of a webhook or an EventBridge envelope; Quarantine where it is neither, or another account's."""
    if "detail-type" in body:
        return _from_bus(maker, body)
    kind = text_at(body, "type")
    if kind is None or not kind.startswith(PREFIX) or not isinstance(body.get("detail"), dict):
        raise Quarantine("not an event: no type of Zendesk's, or no detail")
    refuse_foreign(maker.connection, record_id(body, "account_id"))
    row = dict_at(body, "detail")
    return News(
        maker=maker,
        word=_word(kind[len(PREFIX) + 1 :]),  # two types are documented with / in place of :
        row=row,
        event=dict_at(body, "event"),
        at=from_iso(body.get("time")),
        key=(_word(kind[len(PREFIX) + 1 :]), record_id(body, "id") or maker.delivery_id),
        actor=_actor(row.get("actor_id")),
    )


def _from_bus(maker: EventMaker, body: Mapping[str, Any]) -> News:
    refuse_foreign(maker.connection, account_of(body))
    area, _, action = (text_at(body, "detail-type") or "").partition(": ")
    event_key, row_key, ours = AREAS.get(area, ("", "", "unknown"))
    event = dict_at(body, "detail", event_key)
    row = dict_at(event, row_key)
    if ours == "messaging_ticket":
        row = {"id": row.get("ticket_id")}
    word = _bus_word(ours, action)
    sequence = (record_id(event, "meta", "sequence", "id"), int_at(event, "meta", "sequence", "position"))
    identity = sequence if sequence[0] else (record_id(body, "id") or maker.delivery_id,)
    return News(
        maker=maker,
        word=word,
        row=row,
        event=event,
        at=from_iso(at(event, "meta", "occurred_at")) or from_iso(body.get("time")),
        key=(word, record_id(row, "id"), *identity),
        actor=_actor(at(event, "meta", "actor_id")),
    )


def _bus_word(area: str, action: str) -> str:
    """`Agent Assignment Changed` of `Support Ticket` as ticket.agent_assignment_changed."""
    named = re.sub(r"[^a-z]+", "_", action.lower()).strip("_").removeprefix(f"{area}_")
    word = _word(f"{area}.{named}")
    return ALIASES.get(word, word)


def account_of(envelope: Mapping[str, Any]) -> str | None:
    """The account in the source of an EventBridge envelope: aws.partner/zendesk.com/<account>/default."""
    parts = str(envelope.get("source", "")).split("/")
    return parts[2] if len(parts) > 2 else None


def refuse_foreign(connection: Connection, account: str | None) -> None:
    """Quarantine where an account is named that is not the connection's."""
    expected = connection.settings.get("account_id")
    if account and expected and account != str(expected):
        raise Quarantine("the event is from another account")


def _word(text: str) -> str:
    return text if _WORD.match(text) else "unknown"


def _actor(value: Any) -> str | None:
    found = record_id(value)
    return f"user:{found}" if found else None


def _plain(value: Any) -> str | int | None:
    if isinstance(value, str):
        return value[:MAX_NATIVE]
    return value if isinstance(value, int) else None
