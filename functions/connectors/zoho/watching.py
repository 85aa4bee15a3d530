"""The channel by which Zoho announces changes: asked for and made to last on by every set-up, a week at most.

https://www.zoho.com/crm/developer/docs/api/v8/notifications/enable.html (read November 2026)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from connectors.zoho.api import Api
from hub.delivery import Connection
from hub.errors import Reject
from hub.parsing import at, list_at, text_at

MODULES = ("Contacts", "Leads", "Accounts", "Deals", "Cases", "Calls", "Tasks", "Events", "Notes")
LASTS_S = 7 * 24 * 3600 - 300  # a week at most, whatever clocks differ
LONGEST_TOKEN = 50


@dataclass(frozen=True, slots=True)
class Channel:
    """What the connection wants to be announced, and where; `token` is its signing secret."""

    id: str
    url: str
    token: str

    @classmethod
    def of(cls, connection: Connection, secrets: Mapping[str, Any]) -> Channel | None:
        """The channel where the setting `watch` asks for one; Reject where something for it is missing."""
        if connection.settings.get("watch") is not True:
            return None
        ids, base = connection.settings.get("channel_ids"), str(connection.settings.get("public_url") or "")
        first = str(ids[0] if isinstance(ids, list) and ids else ids or "")
        token = _token(secrets)
        if not (first.isdigit() and base.startswith("https://") and token):
            raise Reject("`watch` needs the settings channel_ids and public_url, and a signing secret of 50 characters")
        return cls(first, f"{base.rstrip('/')}/webhooks/crm/{connection.id}", token)

    def said(self) -> str:
        """What setting it up means, in a sentence."""
        return f"Have changes of {', '.join(MODULES)} announced to the connection's webhook URL for a week."

    def watch(self, api: Api, now: float) -> None:
        """Asks for the announcements, or for a week more of them."""
        wanted = {
            "channel_id": self.id,
            "events": [f"{module}.all" for module in MODULES],
            "notify_url": self.url,
            "token": self.token,
            "return_affected_field_values": True,
            "notify_on_related_action": False,
            "channel_expiry": datetime.fromtimestamp(now + LASTS_S, UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00"),
        }
        answers = list_at(api.post("/actions/watch", {"watch": [wanted]}), "watch")
        if not answers or at(answers, 0, "code") != "SUCCESS":
            raise Reject("Zoho did not take the channel: is its id used by another one?")


def _token(secrets: Mapping[str, Any]) -> str:
    """The newest of the signing secrets that have no end yet, if Zoho takes it."""
    lasting = [one for one in list_at(dict(secrets), "signing") if at(one, "not_after") is None]
    token = text_at(lasting[-1], "value") if lasting else None
    return token if token and len(token) <= LONGEST_TOKEN else ""
