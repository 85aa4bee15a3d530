"""What was put off while a connection was paused or out of order is taken up again: the customer is announced anew."""

from __future__ import annotations

from itertools import islice

from hub.delivery import Connection
from hub.domain.events import Event, event_id, instant
from hub.errors import Retry
from hub.sync_state import BOTH, SyncState
from hub.wiring import Hub

MOST_AT_ONCE = 500


def take_up(hub: Hub) -> int:
    """Announces customers whose differences wait, of every connection that is written to; how many those were.

    The mark goes after the announcement was accepted; who is put off again gets a new one.
    """
    state, n = SyncState(hub.store), 0
    for connection in hub.connections.all():
        if connection.status == "active" and connection.settings.get("sync") == BOTH:
            n += _of(hub, state, connection)
    return n


def _of(hub: Hub, state: SyncState, connection: Connection) -> int:
    if state.paused(connection.id) is not None:
        return 0
    personas = list(islice(state.due(connection.id), MOST_AT_ONCE))
    now = instant(round(hub.clock.now() * 1000))
    events = [_changed(persona, now).model_dump(mode="json") for persona in personas]
    for start in range(0, len(events), 10):
        if hub.bus.publish(events[start : start + 10]):
            raise Retry("the bus did not take an event")
    for persona in personas:
        state.done(connection.id, persona)
    return len(personas)


def _changed(persona: str, now: str) -> Event:
    return Event(
        id=event_id("renkei", "customer.changed", persona, now),
        type="customer.changed",
        source="/sync",
        subject=f"P#{persona}",
        time=now,
        connection="renkei",
        platform="renkei",
        delivery="",
        received=now,
        data={"persona": persona},
    )
