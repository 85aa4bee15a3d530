"""Deliveries without a webhook: partners' event buses, Amazon Connect's events, Kinesis streams; each only where declared.

They reach the inbound queues as they are, and mapping reads them there (`hub.sources`): kept raw, retried and given up
like any other delivery. A pipe needs no function; of a batch it repeats only what the queue did not take.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_pipes as pipes
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra import access, alarms, local_gaps
from infra.parameters import Parameters
from infra.queues import Queue, dead_letters
from infra.rules import Bus, deliver
from infra.state import State

ANYTHING = events.EventPattern(source=events.Match.prefix(""))
# Not what CloudTrail tells about the same service, which is much and no call.
CONNECT = events.EventPattern(
    source=["aws.connect"],
    detail_type=events.Match.any_of("Amazon Connect Contact Event", events.Match.prefix("Contact Lens ")),
)
STREAM_ATTEMPTS = 185
STREAM_AGE = cdk.Duration.hours(6)  # a stream keeps its records for 24 hours, unless it was told otherwise
SEND_AT_ONCE = 10  # what SQS takes in one request
MAX_PIPE_NAME = 64
READ_STREAM = (
    "DescribeStream",
    "DescribeStreamSummary",
    "GetRecords",
    "GetShardIterator",
    "ListShards",
    "ListStreams",
    "SubscribeToShard",
)
OF_THIS_ACCOUNT = {"StringEquals": {"aws:SourceAccount": cdk.Aws.ACCOUNT_ID}}


class Sources(Construct):
    """What feeds the inbound queues beside `ingest_<kind>`; nothing where no parameter declares it."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        parameters: Parameters,
        state: State,
        bus: Bus,
        inbound: Mapping[str, Queue],
    ) -> None:
        super().__init__(scope, construct_id)
        message = local_gaps.partner_event() if parameters.local else None
        for kind, name, source in self._event_buses(parameters):
            deliver(self, f"From {name}", source, ANYTHING, inbound[kind].queue, bus.dead, message)
        if parameters.connect_contact_events:
            default = events.EventBus.from_event_bus_name(self, "DefaultBus", "default")
            deliver(self, "AmazonConnect", default, CONNECT, inbound["telephony"].queue, bus.dead)
        if parameters.kinesis_streams:
            Streams(self, "Streams", parameters, state, inbound["telephony"].queue)

    def _event_buses(self, parameters: Parameters) -> Iterator[tuple[str, str, events.IEventBus]]:
        """A partner's bus for each event source, with its kind and name; locally plain buses that the stand-in writes to."""
        for kind, name in parameters.event_sources():
            yield kind, name, events.EventBus(self, name, event_source_name=name)
        for name in parameters.local_event_buses:
            yield "crm", name, events.EventBus(self, name, event_bus_name=name)


class Streams(Construct):
    """A pipe from each Kinesis stream to the queue; where a record lies that could not be sent goes to `streams-dead`."""

    def __init__(
        self, scope: Construct, construct_id: str, parameters: Parameters, state: State, queue: sqs.Queue
    ) -> None:
        super().__init__(scope, construct_id)
        key = state.delivery_key
        self.dead = dead_letters(self, "Dead", name=f"{parameters.stack}-streams-dead", key=key)
        may = [*_read(parameters.kinesis_streams, parameters.kinesis_keys), *access.send(key, queue, self.dead)]
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("pipes.amazonaws.com", conditions=OF_THIS_ACCOUNT),
            inline_policies={"may": iam.PolicyDocument(statements=may)},
        )
        for arn in parameters.kinesis_streams:
            self._pipe(parameters.stack, arn, role, queue)

    def _pipe(self, stack_name: str, arn: str, role: iam.Role, queue: sqs.Queue) -> None:
        stream = arn.rpartition("/")[2]
        pipe_name = f"{stack_name}-{stream}"[:MAX_PIPE_NAME]
        reading = pipes.CfnPipe.PipeSourceKinesisStreamParametersProperty(
            starting_position="TRIM_HORIZON",
            batch_size=SEND_AT_ONCE,
            on_partial_batch_item_failure="AUTOMATIC_BISECT",
            maximum_retry_attempts=STREAM_ATTEMPTS,
            maximum_record_age_in_seconds=STREAM_AGE.to_seconds(),
            dead_letter_config=pipes.CfnPipe.DeadLetterConfigProperty(arn=self.dead.queue_arn),
        )
        pipes.CfnPipe(
            self,
            stream,
            name=pipe_name,
            description=f"renkei: records of {stream} to the inbound queue",
            role_arn=role.role_arn,
            source=arn,
            source_parameters=pipes.CfnPipe.PipeSourceParametersProperty(kinesis_stream_parameters=reading),
            target=queue.queue_arn,
        )
        alarms.pipe(self, stream, pipe_name)


def _read(streams: Sequence[str], keys: Sequence[str]) -> list[access.Statement]:
    """What a pipe needs to read the streams, and the keys of those that are encrypted with a key of one's own.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-permissions.html (read 2026-11)
    """
    through = {"kms:ViaService": f"kinesis.{cdk.Aws.REGION}.{cdk.Aws.URL_SUFFIX}"}
    own = [access.allow(["kms:Decrypt"], *keys, StringEquals=through)] if keys else []
    return [access.allow([f"kinesis:{action}" for action in READ_STREAM], *streams), *own]
