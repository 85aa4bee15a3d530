"""Which event is whose work."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from pydantic import ValidationError

from hub.directory import Directory
from hub.domain.events import CustomerChangedData, CustomerLinkedData, EntryChangedData, Event
from hub.errors import Reject
from hub.field_policies import field_policies
from hub.history import History
from hub.timeline_store import TimelineStore
from hub.wiring import Hub
from sync_crm.activities import Activities
from sync_crm.clients import Clients
from sync_crm.newcomers import Newcomers
from sync_crm.outcomes import Outcomes
from sync_crm.planning import Planner
from sync_crm.records import Records
from sync_crm.spreading import Spreader
from sync_crm.telling import Telling
from sync_crm.turns import Turns


class Desk:
    """The work of one batch: clients are built, and touched records read, once."""

    def __init__(self, hub: Hub, bodies: Iterable[str]) -> None:
        clients = Clients(hub)
        policies = partial(field_policies, hub.connection_items, hub.clock)
        directory = Directory(hub.store, hub.secrets.hash_key, policies=policies)
        self._hub = hub
        events = _readable(bodies)
        self._records = Records(hub, clients, directory, events)
        self._activities = Activities(hub, clients, directory, TimelineStore(hub.store))
        self._newcomers = Newcomers(clients, directory, self._records)
        self._spreader = _spreader(hub, clients, directory, self._records, _personas(events))

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
            self._linked(CustomerLinkedData.model_validate(event.data))
        elif event.type == "customer.changed":
            self._spreader.settle(CustomerChangedData.model_validate(event.data).persona)
        elif event.type == "privacy.deletion_requested":
            self._records.erased(event)
            self._hub.telemetry.count("privacy.deletion_requested", platform=event.platform)
        else:
            raise Reject("an event of a type that has no work here")

    def _linked(self, data: CustomerLinkedData) -> None:
        """What waited for a contact can be logged, and what its customer knows can be told to it."""
        turns = Turns()
        if data.decided:
            others = [data.other] if data.other else []
            turns.take("moves", partial(self._activities.log_anew, data.persona, *others))
        turns.take("logs", partial(self._activities.log_waiting, data.persona))
        turns.take("fields", partial(self._spreader.settle, data.persona))
        turns.settle()


def _spreader(hub: Hub, clients: Clients, directory: Directory, records: Records, personas: list[str]) -> Spreader:
    telling = Telling(directory, TimelineStore(hub.store))
    outcomes = Outcomes(hub, clients, History(hub.store, directory.hashed), records.publish_seen, telling.tell)
    return Spreader(clients, directory, Planner(hub, clients, directory, outcomes), outcomes, personas)


def _personas(events: Iterable[Event]) -> list[str]:
    """The customers of whom something new was said, to be settled together."""
    named = [str(one.data.get("persona")) for one in events if one.type in ("customer.changed", "customer.linked")]
    return list(dict.fromkeys(named))


def _readable(bodies: Iterable[str]) -> list[Event]:
    """The events of a batch that can be read; the others fail one by one when their turn comes."""
    events = []
    for body in bodies:
        try:
            events.append(Event.model_validate_json(body))
        except ValidationError:
            continue
    return events
