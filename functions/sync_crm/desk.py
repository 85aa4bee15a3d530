"""Which event is whose work."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from pydantic import ValidationError

from hub.directory import Directory
from hub.domain.events import CustomerLinkedData, EntryChangedData, Event
from hub.errors import Reject
from hub.timeline_store import TimelineStore
from hub.wiring import Hub
from sync_crm.activities import Activities
from sync_crm.clients import Clients
from sync_crm.newcomers import Newcomers
from sync_crm.records import Records


class Desk:
    """The work of one batch: clients are built, and touched records read, once."""

    def __init__(self, hub: Hub, bodies: Iterable[str]) -> None:
        clients = Clients(hub)
        directory = Directory(hub.store, hub.secrets.hash_key)
        self._hub = hub
        self._records = Records(hub, clients, directory, _readable(bodies))
        self._activities = Activities(hub, clients, directory, TimelineStore(hub.store))
        self._newcomers = Newcomers(clients, directory, self._records)

    def handle(self, body: str) -> None:
        """Does what one event asks for; raises Retry, or Reject where the event itself is broken."""
        try:
            event = Event.model_validate_json(body)
            self._handle(event)
        except ValidationError as error:
            raise Reject(f"the event is not valid: {error.error_count()} fields") from error

    def _handle(self, event: Event) -> None:
        if event.type == "record.touched":
            self._records.touched(event)
        elif event.type == "timeline.changed":
            welcome = partial(self._newcomers.welcome, event)
            self._activities.log_everywhere(EntryChangedData.model_validate(event.data).entry, welcome)
        elif event.type == "customer.linked":
            self._activities.log_waiting(CustomerLinkedData.model_validate(event.data).persona)
        elif event.type == "privacy.deletion_requested":
            # The platform also sends the deletion itself; erasing what we hold is a person's decision.
            self._hub.telemetry.count("privacy.deletion_requested", platform=event.platform)
        else:
            raise Reject("an event of a type that has no work here")


def _readable(bodies: Iterable[str]) -> list[Event]:
    """The events of a batch that can be read; the others fail one by one when their turn comes."""
    events = []
    for body in bodies:
        try:
            events.append(Event.model_validate_json(body))
        except ValidationError:
            continue
    return events
