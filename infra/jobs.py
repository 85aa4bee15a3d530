"""Stage 4: the functions that work for longer than one invocation: history is imported, drift is found and mended."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from hub.domain.routing import ONLY, RULES
from infra import access, alarms
from infra.function import Function, House, consume, consumer_may
from infra.keys import OWN_KEYS, SHARED_KEYS
from infra.queues import Queue, admit_event_bus
from infra.rules import EVERY_ATTEMPT, Bus
from infra.state import State

SWEEP = cdk.Duration.minutes(5)
# Each job keeps one invocation busy; as many as this go on at the same time.
AT_ONCE = 5


class Jobs(Construct):
    """`import_records` and `reconcile_records`, each behind its queue, looked after every five minutes."""

    def __init__(self, scope: Construct, construct_id: str, house: House, state: State, bus: Bus) -> None:
        super().__init__(scope, construct_id)
        self.queues = [self._worker(name, house, state, bus) for name in ("import_records", "reconcile_records")]
        self._gaps(self.queues[1], bus)

    def _worker(self, name: str, house: House, state: State, bus: Bus) -> Queue:
        queue = Queue(
            self,
            name.replace("_", "-"),
            stack_name=house.parameters.stack,
            key=state.delivery_key,
            timeout_s=house.timeout_s(name),
        )
        own = consumer_may(state.delivery_key, queue.queue, queue.dead)
        may = [*own, *access.send(state.delivery_key, queue.queue), *_may(name, house, state, bus)]
        worker = Function(self, name, house, may=may)
        consume(worker, queue.queue, batch=1, concurrency=AT_ONCE)
        alarms.told(worker, name)
        self._sweep(name, queue, bus)
        return queue

    def _sweep(self, name: str, queue: Queue, bus: Bus) -> None:
        """A message every five minutes: what nobody works on is picked up, what is due is begun."""
        admit_event_bus(queue.queue)
        target = targets.SqsQueue(
            queue.queue,
            message=events.RuleTargetInput.from_object({"sweep": True}),
            dead_letter_queue=bus.dead,
            retry_attempts=EVERY_ATTEMPT,
            max_event_age=cdk.Duration.hours(24),
        )
        events.Rule(self, f"{name}_sweep", schedule=events.Schedule.rate(SWEEP), targets=[target])

    def _gaps(self, queue: Queue, bus: Bus) -> None:
        """Events that tell of deliveries which will not come; of some types only those whose data say so."""
        name = queue.name
        for number, event_type in enumerate(RULES[name]):
            bus.to_queue(f"{name}-{number}", [event_type], queue.queue, data=ONLY.get((name, event_type)))


def _may(name: str, house: House, state: State, bus: Bus) -> list[access.Statement]:
    """It reads what is held, and writes only what is its own: what it finds out is told on the bus."""
    files = access.blobs(state, write=["csv"], read=["csv"]) if name == "import_records" else []
    return [
        access.table(state.table, *access.READ),
        access.table(state.table, *access.WRITE, *access.ERASE, keys=OWN_KEYS[name]),
        access.index(state.table),
        access.table(state.connections, *access.READ),
        access.table(state.connections, *access.WRITE, keys=SHARED_KEYS),
        access.index(state.connections),
        access.use_tables(state),
        *access.hash_key(state),
        access.connection_secrets(house.parameters.stack, "GetSecretValue", "PutSecretValue"),
        access.publish(bus.bus),
        *files,
    ]
