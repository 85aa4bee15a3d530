"""Stage 2: the functions that turn deliveries into events."""

from __future__ import annotations

from constructs import Construct

from infra import access
from infra.function import Function, House, consume, consumer_may
from infra.keys import OWN_KEYS
from infra.queues import Queue
from infra.rules import Bus
from infra.state import State


class Mapping(Construct):
    """`map_<kind>` behind its queue."""

    def __init__(
        self, scope: Construct, construct_id: str, house: House, state: State, bus: Bus, inbound: dict[str, Queue]
    ) -> None:
        super().__init__(scope, construct_id)
        for kind, queue in inbound.items():
            mapper = Function(self, f"map_{kind}", house, may=_may(state, bus, queue))
            consume(mapper, queue.queue)


def _may(state: State, bus: Bus, queue: Queue) -> list[access.Statement]:
    return [
        *consumer_may(state.delivery_key, queue.queue, queue.dead),
        access.table(state.table, *access.READ, *access.WRITE, keys=OWN_KEYS["map"]),
        access.table(state.connections, "dynamodb:GetItem"),
        access.use_tables(state),
        *access.blobs(state, write=["raw"], read=["large"]),
        access.publish(bus.bus),
    ]
