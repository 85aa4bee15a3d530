"""The bus, and how its rules reach a queue: with a dead-letter queue, and for a day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra import alarms
from infra.queues import admit_event_bus, dead_letters

EVERY_ATTEMPT = 185  # with 24 hours: what EventBridge does at most
THE_EVENT_ITSELF = events.RuleTargetInput.from_event_path("$.detail")


class Bus(Construct):
    """The hub's event bus and the queue for events that no target took."""

    def __init__(self, scope: Construct, construct_id: str, *, name: str, key: kms.IKey) -> None:
        super().__init__(scope, construct_id)
        self.bus = events.EventBus(self, "Bus", event_bus_name=name)
        self.dead = dead_letters(self, "Dead", name=f"{name}-bus-dead", key=key)
        admit_event_bus(self.dead)
        alarms.bus(self, name)

    def to_queue(
        self, name: str, patterns: list[Any], queue: sqs.Queue, *, data: Mapping[str, str] | None = None
    ) -> None:
        """Sends the hub's events of these types (or prefixes) to the queue, as the event's own JSON.

        Only those whose data hold these values, where any are given.
        """
        held = {"data": {field: [value] for field, value in data.items()}} if data else None
        pattern = events.EventPattern(
            source=events.Match.prefix("renkei."), detail_type=events.Match.any_of(*patterns), detail=held
        )
        deliver(self, name, self.bus, pattern, queue, self.dead, THE_EVENT_ITSELF)


def deliver(
    scope: Construct,
    name: str,
    bus: events.IEventBus,
    pattern: events.EventPattern,
    queue: sqs.Queue,
    dead: sqs.Queue,
    message: events.RuleTargetInput | None = None,
) -> None:
    """A rule of the bus to the queue; what cannot be delivered within a day goes to `dead`."""
    admit_event_bus(queue)
    target = targets.SqsQueue(
        queue,
        message=message,
        dead_letter_queue=dead,
        retry_attempts=EVERY_ATTEMPT,
        max_event_age=cdk.Duration.hours(24),
    )
    events.Rule(scope, name, event_bus=bus, event_pattern=pattern, targets=[target])
