"""Tickets and messaging in our words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.zendesk.news import News, record_id
from hub.domain.events import Event, RecordRef, Unmapped
from hub.parsing import at, bool_at, dict_at, id_at, list_at, text_at, texts
from hub.rows import Change, Changed, business_record, deleted_record
from hub.times import from_iso

STATUSES = {
    "new": "new",
    "open": "open",
    "pending": "pending",
    "hold": "on_hold",
    "solved": "solved",
    "closed": "closed",
}
CHANGES: Mapping[str, Changed] = {
    "created": "created",
    "soft_deleted": "deleted",
    "permanently_deleted": "deleted",
    "undeleted": "restored",
}
ACTIONS = frozenset(
    [
        "created",
        "soft_deleted",
        "permanently_deleted",
        "undeleted",
        "merged",
        "marked_as_spam",
        "csat_received",
        "csat_requested",
        "attachment_linked_to_comment",
        "attachment_redacted_from_comment",
        "comment_added",
        "comment_made_private",
        "comment_redacted",
        "agent_assignment_changed",
        "brand_changed",
        "custom_field_changed",
        "custom_status_changed",
        "description_changed",
        "email_ccs_changed",
        "external_id_changed",
        "followers_changed",
        "form_changed",
        "group_assignment_changed",
        "next_sla_breach_changed",
        "ola_policy_changed",
        "organization_changed",
        "priority_changed",
        "problem_link_changed",
        "requester_changed",
        "schedule_changed",
        "sla_policy_changed",
        "status_changed",
        "subject_changed",
        "submitter_changed",
        "tags_changed",
        "task_due_at_changed",
        "type_changed",
    ]
)
# How the external id of a ticket begins that stands for a note, call or message of ours: no request for help.
LOGGED = "renkei-log-"
WRITERS = {"end_user": "customer", "agent": "agent", "trigger": "system", "system": "system"}


def ticket_event(news: News) -> Event | Unmapped:
    """A ticket's event; the whole ticket comes along with each, but for its comments."""
    found = record_id(news.row, "id")
    if news.action not in ACTIONS:
        return Unmapped(type=news.word)
    if found is None:
        return Unmapped(type=f"unreadable/{news.word}")
    change = _change(news, found)
    if change.change == "deleted":
        return deleted_record(news.maker, change)
    return business_record(news.maker, change, present({**ticket_data(news.row), **_happened(news)}))


def message_event(news: News) -> Event | Unmapped:
    """A message of the web widget, the app or a social channel: what was written on its ticket."""
    found, message = record_id(news.row, "id"), dict_at(news.event, "message")
    if news.action != "message_added":
        return Unmapped(type=news.word)
    if found is None or not message:
        return Unmapped(type=f"unreadable/{news.word}")
    comment = {
        "id": record_id(message, "id"),
        "text": text_at(message, "body") or "",
        "author": text_at(news.event, "actor", "name"),
        "by": WRITERS.get(text_at(news.event, "actor", "type") or "", "unknown"),
        "public": True,
        "at": news.at,
    }
    data = {"event": news.word, "channel": "messaging", "comment": comment, "version": _version(comment)}
    return business_record(news.maker, _change(news, found), present(data))


def ticket_data(row: Mapping[str, Any]) -> dict[str, Any]:
    """What a ticket's row says; agents, groups and people are ids."""
    requester, organization = record_id(row, "requester_id"), record_id(row, "organization_id")
    status = (text_at(row, "status") or "").lower()
    return {
        "contacts": (RecordRef(object="contact", id=requester, native_object="user"),) if requester else (),
        "company": RecordRef(object="company", id=organization, native_object="organization") if organization else None,
        "title": text_at(row, "subject"),
        "description": text_at(row, "description"),
        "status": STATUSES.get(status),
        "native_status": status[:40] or None,
        "priority": (text_at(row, "priority") or "").lower()[:40] or None,
        "channel": (text_at(row, "via", "channel") or "")[:40] or None,
        "queue": record_id(row, "group_id"),
        "owner": record_id(row, "assignee_id"),
        "tags": texts(list_at(row, "tags")),
        "updated_at": from_iso(row.get("updated_at")),
    }


def _happened(news: News) -> dict[str, Any]:
    comment = _comment(news) if news.action == "comment_added" else None
    return {
        "event": news.word,
        "changed": (news.action.removesuffix("_changed"),) if news.action.endswith("_changed") else (),
        "comment": comment,
        "version": _version(comment) if comment else None,
        "rating": _rating(news) if news.action == "csat_received" else None,
    }


def _comment(news: News) -> dict[str, Any] | None:
    comment = dict_at(news.event, "comment")
    staff = bool_at(comment, "author", "is_staff")
    if not comment:
        return None
    return {
        "id": record_id(comment, "id"),
        "text": text_at(comment, "body") or "",
        "author": text_at(comment, "author", "name"),
        "by": "unknown" if staff is None else ("agent" if staff else "customer"),
        "public": bool_at(comment, "is_public"),
        "at": news.at,
    }


def _version(comment: Mapping[str, Any]) -> str | None:
    # What was written is an entry of its own, also where two are of the same moment.
    return f"comment:{comment['id']}" if comment["id"] else None


def _rating(news: News) -> str | None:
    found = (at(news.event, *path) for path in (("current",), ("current", "score"), ("score",), ("rating",)))
    return next((text[:100] for one in found if (text := id_at(one))), None)


def _change(news: News, found: str) -> Change:
    return Change(
        record=RecordRef(object="ticket", id=found, native_object="ticket"),
        change=CHANGES.get(news.action, "changed"),
        at=news.at,
        key=news.key,
        created_at=from_iso(news.row.get("created_at")),
        actor=news.actor,
        native=news.native,
    )


def present(data: Mapping[str, Any]) -> dict[str, Any]:
    """The data without what was not said."""
    return {name: value for name, value in data.items() if value is not None and value != ()}
