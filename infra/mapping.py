"""Stage 2: the functions that turn deliveries into events, and the bus that the events go to."""

from __future__ import annotations

from aws_cdk import aws_events as events
from constructs import Construct

from infra import access, local_gaps
from infra.function import Function, House, consume, consumer_may
from infra.queues import Queue
from infra.rules import Bus, deliver
from infra.state import State

ANYTHING = events.EventPattern(source=events.Match.prefix(""))


class Mapping(Construct):
    """`map_<kind>` behind its queue; Salesforce's own event buses feed the CRM queue directly."""

    def __init__(
        self, scope: Construct, construct_id: str, house: House, state: State, bus: Bus, inbound: dict[str, Queue]
    ) -> None:
        super().__init__(scope, construct_id)
        for kind, queue in inbound.items():
            mapper = Function(self, f"map_{kind}", house, may=_may(state, bus, queue))
            consume(mapper, queue.queue)
        for number, source in enumerate(self._event_buses(house)):
            message = local_gaps.partner_event() if house.parameters.local else None
            deliver(self, f"EventSource{number}", source, ANYTHING, inbound["crm"].queue, bus.dead, message)

    def _event_buses(self, house: House) -> list[events.IEventBus]:
        """A partner's bus for each event source; locally plain buses that the stand-in writes to."""
        parameters = house.parameters
        partners = [
            events.EventBus(self, f"Partner{number}", event_source_name=name)
            for number, name in enumerate(parameters.salesforce_event_sources)
        ]
        plain = [
            events.EventBus(self, f"Local{number}", event_bus_name=name)
            for number, name in enumerate(parameters.local_event_buses)
        ]
        return [*partners, *plain]


def _may(state: State, bus: Bus, queue: Queue) -> list[access.Statement]:
    return [
        *consumer_may(state.delivery_key, queue.queue, queue.dead),
        access.table(state.table, *access.READ, *access.WRITE, keys=["ASIDE#*"]),
        access.table(state.connections, "dynamodb:GetItem"),
        access.use_tables(state),
        *access.blobs(state, write=["raw"], read=["large"]),
        access.publish(bus.bus),
    ]
