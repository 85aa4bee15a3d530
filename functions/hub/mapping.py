"""What every connector's `webhook.py` uses to build events: one maker per delivery."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from hub.delivery import Connection, Delivery
from hub.domain.events import Event, Model, event_id


@dataclass(frozen=True)
class EventMaker:
    """Builds the events of one delivery so that the same delivery gives the same events."""

    delivery: Delivery
    connection: Connection

    @cached_property
    def delivery_id(self) -> str:
        """The delivery's id, computed once for all of its events."""
        return self.delivery.id

    def event(self, event_type: str, data: Model, *, subject: str, time: str | None, key: tuple[object, ...]) -> Event:
        """`time` None means that the platform gave none; `key` is the platform's own identity of what happened."""
        return Event(
            id=event_id(self.connection.id, event_type, *key),
            type=event_type,
            source=f"/connections/{self.connection.id}",
            subject=subject,
            time=time or self.delivery.received_at,
            timequality="platform" if time else "received",
            connection=self.connection.id,
            platform=self.connection.platform,
            delivery=self.delivery_id,
            received=self.delivery.received_at,
            raw=self.delivery.raw_ref,
            data=_plain(data),
        )


def _plain(data: Model) -> dict[str, Any]:
    """The data without floats, which no table takes: money and coordinates travel as the text of the number."""
    return {key: _exact(value) for key, value in data.model_dump(mode="json", exclude_defaults=True).items()}


def _exact(value: Any) -> Any:
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, dict):
        return {key: _exact(item) for key, item in value.items()}
    return [_exact(item) for item in value] if isinstance(value, list) else value
