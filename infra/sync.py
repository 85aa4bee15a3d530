"""Stage 3: the functions that keep customers and timelines, log in the CRMs, find likenesses, announce what changed."""

from __future__ import annotations

import json

import aws_cdk as cdk
import jsii
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from hub.domain.routing import RULES
from infra import access, alarms
from infra.function import Function, House, consume, consumer_may
from infra.keys import OWN_KEYS, SHARED_KEYS
from infra.queues import Queue, dead_letters
from infra.rules import Bus
from infra.state import State


class Sync(Construct):
    """`sync_customers`, `sync_crm` and `match_customers` behind their queues, `publish_changes` behind the stream."""

    def __init__(self, scope: Construct, construct_id: str, house: House, state: State, bus: Bus) -> None:
        super().__init__(scope, construct_id)
        self.customers = self._consumer("sync_customers", house, state, bus, _customers_may(state))
        self.crm = self._consumer("sync_crm", house, state, bus, _crm_may(house, state, bus))
        alarms.told(self, "sync_crm")
        self.matches = self._consumer("match_customers", house, state, bus, _match_may(state))
        self._announce(house, state, bus)

    def _consumer(
        self,
        name: str,
        house: House,
        state: State,
        bus: Bus,
        may: list[access.Statement],
    ) -> Queue:
        queue = Queue(
            self,
            name.replace("_", "-"),
            stack_name=house.parameters.stack,
            key=state.delivery_key,
            timeout_s=house.timeout_s(name),
        )
        bus.to_queue(name, [_match(text) for text in RULES[name.replace("_", "-")]], queue.queue)
        own = consumer_may(state.delivery_key, queue.queue, queue.dead)
        consume(Function(self, name, house, may=[*own, *may]), queue.queue)
        return queue

    def _announce(self, house: House, state: State, bus: Bus) -> None:
        dead = dead_letters(self, "Dead", name=f"{house.parameters.stack}-publish-changes-dead", key=state.delivery_key)
        may = [*access.read_stream(state), *access.send(state.delivery_key, dead), access.publish(bus.bus)]
        publisher = Function(self, "publish_changes", house, may=may)
        lambda_.EventSourceMapping(
            publisher,
            "Source",
            target=publisher.function,
            event_source_arn=state.table.table_stream_arn,
            starting_position=lambda_.StartingPosition.TRIM_HORIZON,
            batch_size=100,
            # Until the age is reached: what is given up here is announced by nobody else.
            retry_attempts=10_000,
            bisect_batch_on_error=True,
            max_record_age=cdk.Duration.hours(12),
            report_batch_item_failures=True,
            on_failure=_Dead(dead.queue_arn),
            filters=[{"pattern": json.dumps(WRITTEN)}],
        )
        alarms.stream(publisher, publisher.function)


@jsii.implements(lambda_.IEventSourceDlq)
class _Dead:
    """Where batches go that were given up; CDK's own class would also grant wildcard key actions."""

    def __init__(self, arn: str) -> None:
        self.arn = arn

    def bind(self, _target: lambda_.IEventSourceMapping, _handler: lambda_.IFunction) -> lambda_.DlqDestinationConfig:
        return lambda_.DlqDestinationConfig(destination=self.arn)


# Items that expire are no news: what TTL removes must never look like a deletion by somebody.
WRITTEN = {"eventName": ["INSERT", "MODIFY"]}


def _match(text: str) -> object:
    return events.Match.prefix(text) if text.endswith(".") else text


def _state(state: State) -> list[access.Statement]:
    return [
        access.table(state.table, *access.READ, *access.WRITE, *access.ERASE),
        access.index(state.table),
        access.use_tables(state),
        *access.hash_key(state),
    ]


def _customers_may(state: State) -> list[access.Statement]:
    return [*_state(state), access.table(state.connections, "dynamodb:GetItem")]


def _match_may(state: State) -> list[access.Statement]:
    """It reads customers and writes only what it makes itself: the names' index, suggestions and conflicts."""
    return [
        access.table(state.table, *access.READ),
        access.table(state.table, *access.WRITE, *access.ERASE, keys=OWN_KEYS["match_customers"]),
        access.use_tables(state),
        *access.hash_key(state),
    ]


def _crm_may(house: House, state: State, bus: Bus) -> list[access.Statement]:
    return [
        *_state(state),
        access.table(state.connections, *access.READ),
        access.table(state.connections, *access.WRITE, keys=SHARED_KEYS),
        access.index(state.connections),
        access.connection_secrets(house.parameters.stack, "GetSecretValue", "PutSecretValue"),
        access.publish(bus.bus),
    ]
