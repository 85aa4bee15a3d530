"""What a write does in Intercom, whoever makes it: the row, the notification, the customer's automations.

https://developers.intercom.com/docs/references/2.16/webhooks/webhook-models (read November 2026)
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.local.standins.intercom_rows import Row, Rows
from infra.local.standins.misbehaving import Hook, Misbehaviour


@dataclass(slots=True)
class Changes:
    """Writes to the rows of one workspace; notifications name nobody as their author."""

    rows: Rows
    app_id: str
    hooks: list[Hook]
    misbehaviour: Misbehaviour

    def create(self, kind: str, values: Mapping[str, Any]) -> Row:
        """A new record."""
        row = self.rows.add(kind, values)
        self.tell(_topic(kind, row, "created"), row)
        self._ran(kind, row, values)
        return row

    def update(self, kind: str, row: Row, values: Mapping[str, Any]) -> None:
        """Changes a record; nothing is told where nothing differs."""
        if self.rows.change(row, values):
            self.tell(_topic(kind, row, "updated"), row)
            self._ran(kind, row, values)

    def delete(self, kind: str, record_id: str) -> None:
        """Deletes a record for good."""
        del self.rows.by_kind[kind][record_id]
        self.tell(f"{kind}.deleted", {"type": kind, "id": record_id})

    def merge(self, lost: str, kept: str) -> None:
        """One contact goes into another."""
        del self.rows.by_kind["contact"][lost]
        self.rows.merged[lost] = kept
        self.tell("contact.merged", self.rows.there("contact", kept))

    def tell(self, topic: str, item: Mapping[str, Any]) -> None:
        """The notification of a topic, unsigned."""
        now = int(self.rows.now())
        body = {
            "type": "notification_event",
            "app_id": self.app_id,
            "data": {"type": "notification_event_data", "item": item},
            "id": f"notif_0a1b2c3d-0000-4000-8000-{len(self.hooks) + 1:012d}",
            "topic": topic,
            "delivery_attempts": 1,
            "first_sent_at": now,
            "created_at": now,
        }
        text = json.dumps(body, ensure_ascii=False).encode()
        self.hooks.append(Hook(text, {"content-type": "application/json"}))

    def _ran(self, kind: str, row: Row, written: Mapping[str, Any]) -> None:
        """The customer's own automations, upon what somebody wrote; not upon what they write themselves."""
        for automation in self.misbehaviour.automations * self.misbehaviour.most_automated:
            if self.rows.change(row, automation(kind, row["id"], written)):
                self.tell(_topic(kind, row, "updated"), row)


def _topic(kind: str, row: Row, action: str) -> str:
    """Contacts' topics name the role; a ticket's or conversation's what happened to it."""
    if kind == "contact":
        return f"contact.{row['role']}.{action}"
    changed = {"ticket": "ticket.attribute.updated", "conversation": "conversation.user.replied"}
    return changed.get(kind, f"{kind}.{action}") if action == "updated" else f"{kind}.{action}"
