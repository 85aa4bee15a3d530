"""A Lambda function with the house defaults: its own role, its own log, its own alarms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra import access, alarms
from infra.bundling import Bundle, code
from infra.local_gaps import concurrency_of, timeout_s
from infra.parameters import Parameters

CRM = frozenset({"crm"})
EVERY_KIND = frozenset({"crm", "whatsapp", "telephony"})
NO_KIND: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Size:
    """Memory, the longest a call may take, and what is shipped: a dependency group and the connectors of `kinds`.

    `continues`: it sends messages to its own queue, so that a long job goes on after its time is over. Lambda would
    take that for an endless loop and stop it after some 16 rounds; of a job each round writes down how far it came.
    The others need no leave: what `sync_crm` tells comes back to it over the bus and the table's stream, neither of which
    Lambda follows (detection of recursive loops, read 2026-11). Loops of that kind are stopped by its own breaker.
    """

    memory_mb: int
    timeout_s: int
    group: str
    kinds: frozenset[str]
    continues: bool = False


# Every function of the hub: its folder under functions/, its size, what it ships. Ingest answers within the
# strictest platform's patience; memory buys CPU, which shortens a cold start.
FUNCTIONS: Mapping[str, Size] = {
    **{f"ingest_{kind}": Size(512, 5, "ingest", frozenset({kind})) for kind in sorted(EVERY_KIND)},
    **{f"map_{kind}": Size(512, 20, "map", frozenset({kind})) for kind in sorted(EVERY_KIND)},
    "sync_customers": Size(512, 20, "customers", NO_KIND),
    "sync_crm": Size(512, 60, "sync", CRM),
    "match_customers": Size(512, 30, "match", NO_KIND),
    "import_records": Size(1024, 100, "sync", CRM, continues=True),
    "reconcile_records": Size(512, 100, "sync", CRM, continues=True),
    "publish_changes": Size(256, 20, "publish", NO_KIND),
    "api": Size(1024, 15, "api", EVERY_KIND),
}


@dataclass(frozen=True, slots=True)
class House:
    """What every function of the stack is given."""

    parameters: Parameters
    environment: Mapping[str, str]

    def timeout_s(self, name: str) -> int:
        """The function's timeout in this deployment."""
        return timeout_s(FUNCTIONS[name].timeout_s, local=self.parameters.local)


class Function(Construct):
    """The function in `functions/<name>`, allowed what `may` lists and nothing else."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        house: House,
        *,
        may: Sequence[iam.PolicyStatement],
        reserved_concurrency: int = 0,
    ) -> None:
        super().__init__(scope, name)
        self.name = name
        self.local = house.parameters.local
        size, stack = FUNCTIONS[name], house.parameters.stack
        log = logs.LogGroup(
            self,
            "Log",
            log_group_name=f"/{stack}/{name}",
            retention=retention(house.parameters.log_days),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=f"{stack}-{name.replace('_', '-')}",
            description=f"renkei: {name.replace('_', ' ')}",
            code=code(Bundle(name, size.group, size.kinds, house.parameters.local)),
            handler=f"{name}.handler.handler",
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            memory_size=size.memory_mb,
            timeout=cdk.Duration.seconds(house.timeout_s(name)),
            environment=dict(house.environment),
            role=_role(self, log, may),
            log_group=log,
            logging_format=lambda_.LoggingFormat.JSON,
            system_log_level_v2=lambda_.SystemLogLevel.WARN,  # no START, END, REPORT lines: they cost more than ours
            recursive_loop=_LOOPS[size.continues],
            reserved_concurrent_executions=reserved_concurrency or None,
        )
        alarms.function(self, self.function)


_LOOPS = {True: lambda_.RecursiveLoop.ALLOW, False: lambda_.RecursiveLoop.TERMINATE}


def retention(days: int) -> logs.RetentionDays:
    """CloudWatch's word for the days; ValueError for a number that it does not know."""
    found = next((value for value in logs.RetentionDays if _DAYS.get(value.name) == days), None)
    if found is None:
        raise ValueError(f"log_days must be one of {', '.join(map(str, _DAYS.values()))}, not {days}")
    return found


_DAYS = {
    "ONE_DAY": 1,
    "THREE_DAYS": 3,
    "FIVE_DAYS": 5,
    "ONE_WEEK": 7,
    "TWO_WEEKS": 14,
    "ONE_MONTH": 30,
    "TWO_MONTHS": 60,
    "THREE_MONTHS": 90,
    "SIX_MONTHS": 180,
    "ONE_YEAR": 365,
}


def _role(scope: Construct, log: logs.LogGroup, may: Sequence[iam.PolicyStatement]) -> iam.Role:
    writes_its_log = access.allow(["logs:CreateLogStream", "logs:PutLogEvents"], log.log_group_arn)
    return iam.Role(
        scope,
        "Role",
        assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
        inline_policies={"may": iam.PolicyDocument(statements=[writes_its_log, *may])},
    )


def consume(
    consumer: Function, queue: sqs.IQueue, *, batch: int = 10, window_s: int = 0, concurrency: int = 10
) -> None:
    """Feeds a queue to the function; failed messages alone come back."""
    lambda_.EventSourceMapping(
        consumer,
        "Source",
        target=consumer.function,
        event_source_arn=queue.queue_arn,
        batch_size=batch,
        max_batching_window=cdk.Duration.seconds(window_s),
        max_concurrency=concurrency_of(concurrency, local=consumer.local),
        report_batch_item_failures=True,
    )
    alarms.put_off(consumer, consumer.name)


def consumer_may(key: kms.IKey, queue: sqs.IQueue, dead: sqs.IQueue) -> list[iam.PolicyStatement]:
    """What every queue consumer needs: its queue, and its dead-letter queue for what can never work."""
    return [*access.consume(key, queue), *access.send(key, dead)]
