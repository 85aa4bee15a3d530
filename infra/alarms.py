"""Every alarm of the stack; each says in one sentence what to look at."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as gateway
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from hub.telemetry import NAMESPACE

HALF_AN_HOUR = cdk.Duration.minutes(30)
FIVE_MINUTES = cdk.Duration.minutes(5)
WAITING_MAX_S = 300
STREAM_AGE_MAX_MS = 300_000


def alarm(
    scope: Construct, name: str, metric: cloudwatch.IMetric, says: str, *, above: float = 0, periods: int = 1
) -> None:
    """Alarms when the metric is above the threshold for that many periods; no data is no alarm."""
    cloudwatch.Alarm(
        scope,
        name,
        metric=metric,
        threshold=above,
        evaluation_periods=periods,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        alarm_description=says,
    )


def function(scope: Construct, target: lambda_.Function) -> None:
    """Errors and throttles of a function."""
    alarm(
        scope,
        "Errors",
        target.metric_errors(period=FIVE_MINUTES, statistic="Sum"),
        "The function failed outside its own error handling: read its log.",
    )
    alarm(
        scope,
        "Throttles",
        target.metric_throttles(period=FIVE_MINUTES, statistic="Sum"),
        "Lambda refused invocations: raise the account's concurrency or ingest_concurrency.",
    )


def dead_letters(queue: sqs.Queue) -> None:
    """Anything in a dead-letter queue."""
    alarm(
        queue,
        "NotEmpty",
        queue.metric_approximate_number_of_messages_visible(period=FIVE_MINUTES, statistic="Maximum"),
        "Messages were given up: read their reason, mend the cause, then redrive the queue.",
    )


def waiting(queue: sqs.Queue) -> None:
    """Work that waits too long."""
    alarm(
        queue,
        "Waiting",
        queue.metric_approximate_age_of_oldest_message(period=FIVE_MINUTES, statistic="Maximum"),
        f"The oldest message waits for more than {WAITING_MAX_S} s: the consumer is slow, failing or throttled.",
        above=WAITING_MAX_S,
    )


def put_off(scope: Construct, function_name: str) -> None:
    """Work that fails and is put off for an hour on end; SQS leaves it out of the age of the oldest message.

    Amazon SQS, CloudWatch metrics (read 2026-11): a message received three times no longer counts as the oldest.
    """
    alarm(
        scope,
        "PutOff",
        cloudwatch.Metric(
            namespace=NAMESPACE,
            metric_name="records.retried",
            dimensions_map={"function": function_name},
            period=HALF_AN_HOUR,
            statistic="Sum",
        ),
        "Work has been put off for an hour: a platform or its credentials fail; the function's log says why.",
        periods=2,
    )


def told(scope: Construct, function_name: str) -> None:
    """What a function that asks platforms tells of connections and jobs which need a person; nothing else fails then."""
    for metric_name, says in _TOLD[function_name].items():
        alarm(
            scope,
            "".join(word.title() for word in metric_name.replace("_", ".").split(".")),
            cloudwatch.Metric(
                namespace=NAMESPACE,
                metric_name=metric_name,
                dimensions_map={"function": function_name},
                period=HALF_AN_HOUR,
                statistic="Sum",
            ),
            says,
            periods=2 if metric_name == LEFT else 1,
        )


LEFT = "jobs.left"
_TOKENS = {
    "oauth.needs_reauth": "A platform takes a connection's token no more: authorize the connection again.",
    "oauth.ending": "A connection's refresh token ends soon: authorize the connection again before it does.",
}
_JOBS = {LEFT: "For an hour a job is picked up and left again: the function's log says what it dies of."}
_TOLD = {
    "sync_crm": {
        **_TOKENS,
        "sync.paused": "Writing to a connection was paused, as two systems overwrite each other: its sync says which field.",
    },
    "import_records": {**_TOKENS, **_JOBS},
    "reconcile_records": {
        **_TOKENS,
        **_JOBS,
        "reconcile.over": "A comparison stopped, as more differs than is mended without asking: look, then approve its job.",
    },
}


def stream(scope: Construct, target: lambda_.Function) -> None:
    """A table's stream that falls behind; its records are gone after 24 hours."""
    alarm(
        scope,
        "StreamAge",
        target.metric("IteratorAge", period=FIVE_MINUTES, statistic="Maximum"),
        "Changes wait for more than 5 minutes to be announced; after 24 hours they are lost to the stream.",
        above=STREAM_AGE_MAX_MS,
    )


def pipe(scope: Construct, name: str, pipe_name: str) -> None:
    """A pipe that cannot bring a stream's records to the queue."""
    alarm(
        scope,
        f"{name}Failed",
        cloudwatch.Metric(
            namespace="AWS/EventBridge/Pipes",
            metric_name="ExecutionFailed",
            dimensions_map={"PipeName": pipe_name},
            period=FIVE_MINUTES,
            statistic="Sum",
        ),
        "Records of a stream do not reach the queue: its key, its name or the queue; the stream forgets after a day.",
    )


def bus(scope: Construct, bus_name: str) -> None:
    """Events that a rule could not deliver, and those that not even its dead-letter queue took."""
    for metric, says in _BUS_ALARMS.items():
        alarm(
            scope,
            metric,
            cloudwatch.Metric(
                namespace="AWS/Events",
                metric_name=metric,
                dimensions_map={"EventBusName": bus_name},
                period=FIVE_MINUTES,
                statistic="Sum",
            ),
            says,
        )


_BUS_ALARMS = {
    "InvocationsSentToDlq": "EventBridge could not deliver to a queue: see the bus's dead-letter queue.",
    "InvocationsFailedToBeSentToDlq": "EventBridge lost events: the dead-letter queue's policy or key refuses it.",
}


def api(scope: Construct, stage: gateway.HttpStage) -> None:
    """Failures that callers see."""
    alarm(
        scope,
        "ServerErrors",
        stage.metric_server_error(period=FIVE_MINUTES, statistic="Sum"),
        "Callers were answered 5xx; platforms repeat their deliveries, but look at the ingest functions now.",
    )
    alarm(
        scope,
        "Refused",
        stage.metric_client_error(period=FIVE_MINUTES, statistic="Sum"),
        "More than 100 requests were refused in 5 minutes: a wrong secret, a wrong URL, or somebody is probing.",
        above=100,
    )


def notify(stack: cdk.Stack, topic_arn: str) -> None:
    """Sends every alarm of the stack to the topic."""
    action = actions.SnsAction(sns.Topic.from_topic_arn(stack, "AlarmTopic", topic_arn))
    for node in stack.node.find_all():
        if isinstance(node, cloudwatch.Alarm):
            node.add_alarm_action(action)
