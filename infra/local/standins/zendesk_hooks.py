"""The webhooks that Zendesk's event subscriptions would send, in the documented envelope, unsigned.

https://developer.zendesk.com/api-reference/webhooks/event-types/webhook-event-types/ (read November 2026)
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from infra.local.standins.misbehaving import Hook
from infra.local.standins.zendesk_rows import Row

PLAIN = {
    "user": ("name", "details", "notes"),
    "organization": ("name",),
    "ticket": ("subject", "status", "priority", "type"),
}
IDENTITIES = {"email": "email", "phone": "phone_number"}
MOVED = {"requester_id": "requester_changed", "assignee_id": "agent_assignment_changed"}


@dataclass(slots=True)
class Hooks:
    """Writes the hooks of one account to `sent`."""

    account_id: int
    now: Callable[[], float]
    sent: list[Hook]
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def created(self, kind: str, row: Row, actor: int) -> None:
        """`<kind>.created`."""
        self._send(kind, row, "created", {}, actor)

    def deleted(self, kind: str, row: Row, actor: int) -> None:
        """What a deletion is called for each kind."""
        if kind == "user":
            self._send(kind, row, "active_changed", {"current": False, "previous": True}, actor)
        else:
            self._send(kind, row, "soft_deleted" if kind == "ticket" else "deleted", {}, actor)

    def changed(self, kind: str, before: Mapping[str, Any], row: Row, actor: int) -> None:
        """One event for each thing that differs."""
        for name in PLAIN[kind]:
            if before.get(name) != row.get(name):
                said = {"current": row.get(name), "previous": before.get(name)}
                self._send(kind, row, f"{name}_changed", said, actor)
        if before.get("tags") != row.get("tags"):
            self._send(
                kind, row, "tags_changed", {"tags_added": row["tags"], "tags_removed": before.get("tags")}, actor
            )
        if before.get(f"{kind}_fields") != row.get(f"{kind}_fields"):
            self._send(kind, row, "custom_field_changed", {}, actor)
        if kind == "user":
            self._people(before, row, actor)
        for name, word in MOVED.items():
            if before.get(name) != row.get(name):
                self._send(kind, row, word, {"current": str(row.get(name)), "previous": str(before.get(name))}, actor)

    def commented(self, row: Row, comment: Row, actor: int) -> None:
        """`ticket.comment_added`."""
        author = {"id": str(comment["author_id"]), "is_staff": True, "name": "Agent"}
        said = {"id": str(comment["id"]), "body": comment["body"], "is_public": comment["public"], "author": author}
        self._send("ticket", row, "comment_added", {"comment": said}, actor)

    def _people(self, before: Mapping[str, Any], row: Row, actor: int) -> None:
        for name, identity in IDENTITIES.items():
            old, new = before.get(name), row.get(name)
            if old != new:
                action = "identity_deleted" if not new else "identity_changed" if old else "identity_created"
                said = {"type": identity, "value": new or old, "primary": True}
                self._send("user", row, action, said, actor)
        if before.get("organization_id") != row.get("organization_id"):
            action = (
                "organization_membership_created" if row.get("organization_id") else "organization_membership_deleted"
            )
            self._send("user", row, action, {"organization": {"id": str(row.get("organization_id"))}}, actor)

    def _send(self, kind: str, row: Row, action: str, event: Mapping[str, Any], actor: int) -> None:
        number = next(self.numbers)
        body = {
            "type": f"zen:event-type:{kind}.{action}",
            "account_id": self.account_id,
            "id": f"01K{number:023d}",
            "time": datetime.fromtimestamp(self.now(), UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "zendesk_event_version": "2022-11-06",
            "subject": f"zen:{kind}:{row['id']}",
            "detail": _detail(kind, row, actor),
            "event": event,
        }
        text = json.dumps(body, ensure_ascii=False).encode()
        self.sent.append(Hook(text, {"content-type": "application/json"}))


def _detail(kind: str, row: Row, actor: int) -> dict[str, Any]:
    """The record as events hold it: ids as texts, of a user neither name nor phone, only of a ticket who did it."""
    names = {
        "user": ("created_at", "email", "external_id", "id", "organization_id", "role", "updated_at"),
        "organization": ("created_at", "external_id", "id", "name", "updated_at"),
        "ticket": tuple(name for name in row if name not in ("url", "due_at")),
    }
    shown = {name: str(row[name]) if name.endswith("id") and row.get(name) else row.get(name) for name in names[kind]}
    if kind == "ticket":
        upper = {name: str(row[name]).upper() for name in ("status", "priority", "type") if row.get(name)}
        return {**shown, **upper, "actor_id": str(actor), "is_public": False}
    return shown
