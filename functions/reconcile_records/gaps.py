"""When to compare: after what was said to be missing, and when it is time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from hub.directory import Directory
from hub.domain.events import AccountNoticeData, Event, RecordTouchedData
from hub.errors import Reject
from hub.job_clients import lists_records
from hub.reconciling import States, begin, complete_is_due, failed_after_gap, is_due
from hub.wiring import Hub

# Words of platforms that tell of deliveries which will not come, beside all that is critical.
WORDS = ("gap", "overflow", "subscription", "webhook", "resync", "disabled")


def note(hub: Hub, message: Mapping[str, Any]) -> None:
    """Notes that deliveries are missing where an event says so; the next sweep compares. Reject where it is none."""
    try:
        event = Event.model_validate(message)
        missing = _is_gap(event)
    except ValidationError as error:
        raise Reject(f"the event is not valid: {error.error_count()} fields") from error
    connection = hub.connections.get(event.connection) if missing else None
    if connection is not None and lists_records(connection):
        States(hub.store).missed(connection.id, event.received)


def _is_gap(event: Event) -> bool:
    data = event.body()
    if isinstance(data, RecordTouchedData):
        return data.change == "gap"
    if not isinstance(data, AccountNoticeData):
        return False
    return data.severity == "critical" or any(word in data.topic.lower() for word in WORDS)


def start_due(hub: Hub) -> int:
    """Starts a comparison of each connection for which it is time; returns how many."""
    now, states = hub.clock.now(), States(hub.store)
    known = states.all()
    hashed = Directory(hub.store, hub.secrets.hash_key).hashed
    started = 0
    for connection in hub.connections.all():
        state = known.get(connection.id) or states.get(connection.id)
        if connection.status != "active" or not lists_records(connection):
            continue
        if not is_due(connection, state, now) and not failed_after_gap(hub.store, state, now):
            continue
        job_id = hashed(f"reconcile\n{connection.id}\n{state.version}")
        whole = complete_is_due(connection, state, now)
        started += begin(hub, connection, state, id=job_id, by="schedule", complete=whole) is not None
    return started
