"""Zoho CRM's channels: who is told of changes, until when at most a week from now.

https://www.zoho.com/crm/developer/docs/api/v8/notifications/enable.html (read November 2026)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from infra.local.standins.server import Answer, Call
from infra.local.standins.zoho_schema import Row, wrong

LONGEST_S, USUAL_S = 7 * 24 * 3600, 3600
LONGEST_TOKEN = 50
KEYS = frozenset({"channel_id", "events", "notify_url", "token", "channel_expiry", "return_affected_field_values",
                  "notify_on_related_action", "notification_condition", "fields"})  # fmt: skip


@dataclass(slots=True)
class Channels:
    """The open channels by id."""

    now: Callable[[], float]
    by_id: dict[str, Row]

    def watch(self, call: Call) -> Answer:
        """Opens channels, or makes them last on."""
        results = [self._opened(one) for one in call.json().get("watch", [])]
        good = all(one["code"] == "SUCCESS" for one in results)
        return Answer(201 if good else 202, {"watch": results})

    def open(self, channel_id: str, token: str, modules: tuple[str, ...], url: str = "https://hub.example") -> None:
        """A channel that a person asked for, with the values of the fields that changed."""
        events = [f"{module}.all" for module in modules]
        wanted = {"channel_id": channel_id, "events": events, "notify_url": url, "token": token}
        self._opened(wanted | {"return_affected_field_values": True, "channel_expiry": self._after(LONGEST_S)})

    def _opened(self, wanted: Row) -> Row:
        missing = [name for name in ("channel_id", "events", "notify_url") if not wanted.get(name)]
        if missing or set(wanted) - KEYS:
            return wrong("MANDATORY_NOT_FOUND", "required field not found", api_name=(missing or ["watch"])[0])
        if not str(wanted["channel_id"]).isdigit() or len(wanted.get("token") or "") > LONGEST_TOKEN:
            return wrong("INVALID_DATA", "invalid data", api_name="channel_id")
        expiry = wanted.get("channel_expiry") or self._after(USUAL_S)
        if not self.now() < _unix(expiry) <= self.now() + LONGEST_S:
            return wrong("INVALID_DATA", "invalid data", api_name="channel_expiry")
        channel = {**wanted, "channel_id": str(wanted["channel_id"]), "channel_expiry": expiry}
        self.by_id[channel["channel_id"]] = channel
        details = {"events": [{"channel_id": channel["channel_id"], "channel_expiry": expiry}]}
        return {"code": "SUCCESS", "details": details, "message": "Successfully subscribed", "status": "success"}

    def _after(self, seconds: int) -> str:
        return datetime.fromtimestamp(int(self.now()) + seconds, UTC).isoformat()


def _unix(text: Any) -> float:
    try:
        return datetime.fromisoformat(text).timestamp()
    except (TypeError, ValueError):
        return 0.0
