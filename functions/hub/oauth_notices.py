"""What people are told of a connection's tokens: a counter, and a notice on the timeline of the deployment."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from hub.delivery import Connection
from hub.errors import HubError
from hub.ports import Bus, Clock, Telemetry


@dataclass(frozen=True, slots=True)
class Announcer:
    """Tells of one connection; telling never fails the work that noticed."""

    connection: Connection
    bus: Bus
    clock: Clock
    telemetry: Telemetry

    def count(self, name: str) -> None:
        """One counter, by platform."""
        self.telemetry.count(name, platform=self.connection.platform)

    def dead(self, reason: str) -> None:
        """The connection does nothing more until a person acts."""
        self.count("oauth.needs_reauth")
        self._publish("token_dead", "critical", reason, int(self.clock.now()), None)

    def ending(self, ends_at: int) -> None:
        """The refresh token ends at that time (Unix seconds)."""
        self.count("oauth.ending")
        self._publish(
            "token_ending", "warning", "the connection has to be authorized again before then", ends_at, ends_at
        )

    def _publish(self, topic: str, severity: str, text: str, key: int, due_at: int | None) -> None:
        try:
            refused = self.bus.publish([self._event(topic, severity, text, key, due_at)])
        except HubError:
            refused = [0]
        if refused:
            self.count("oauth.not_announced")

    def _event(self, topic: str, severity: str, text: str, key: int, due_at: int | None) -> dict[str, object]:
        from hub.domain.events import AccountNoticeData, Event, event_id, instant

        now, here = instant(int(self.clock.now() * 1000)), self.connection
        data = AccountNoticeData.model_validate(
            {
                "topic": topic,
                "severity": severity,
                "subject": here.id,
                "title": "The access token of a connection",
                "text": text,
                "due_at": instant(due_at * 1000) if due_at else None,
            }
        )
        own = hashlib.sha256(f"{here.id}\n{topic}\n{key}".encode()).hexdigest()[:32]
        event = Event(
            id=event_id(here.id, "account.notice", topic, key),
            type="account.notice",
            source=f"/connections/{here.id}",
            subject=f"connection:{here.id}",
            time=now,
            connection=here.id,
            platform=here.platform,
            delivery=own,
            received=now,
            data=data.model_dump(mode="json", exclude_defaults=True),
        )
        return event.model_dump(mode="json")
