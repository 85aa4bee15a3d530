"""A queue with the house defaults: encrypted, TLS only, a dead-letter queue, alarms on both."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra import alarms

RETENTION = cdk.Duration.days(4)
DEAD_RETENTION = cdk.Duration.days(14)
# `hub.batch` hides what may work later for up to 15 minutes, at random: 250 receives last for 30 h (never under 25) of
# an outage, and as long where a function dies of a message each time. SQS keeps the message for longer than that.
MAX_RECEIVES = 250
VISIBILITY_FACTOR = 6
KEY_REUSE = cdk.Duration.hours(1)  # a data key per queue and hour: KMS requests cost more than the messages do


def dead_letters(scope: Construct, construct_id: str, *, name: str, key: kms.IKey) -> sqs.Queue:
    """A queue for what failed: kept for 14 days, alarmed when anything is in it."""
    queue = sqs.Queue(
        scope,
        construct_id,
        queue_name=name,
        encryption=sqs.QueueEncryption.KMS,
        encryption_master_key=key,
        data_key_reuse=KEY_REUSE,
        enforce_ssl=True,
        retention_period=DEAD_RETENTION,
    )
    alarms.dead_letters(queue)
    return queue


class Queue(Construct):
    """`<stack>-<name>` with `<stack>-<name>-dead`; 250 receives, then dead; `hub.batch` sends there itself what can never work."""

    def __init__(self, scope: Construct, name: str, *, stack_name: str, key: kms.IKey, timeout_s: int) -> None:
        super().__init__(scope, name)
        self.name = name
        self.dead = dead_letters(self, "Dead", name=f"{stack_name}-{name}-dead", key=key)
        self.queue = sqs.Queue(
            self,
            "Queue",
            queue_name=f"{stack_name}-{name}",
            encryption=sqs.QueueEncryption.KMS,
            encryption_master_key=key,
            data_key_reuse=KEY_REUSE,
            enforce_ssl=True,
            retention_period=RETENTION,
            visibility_timeout=cdk.Duration.seconds(VISIBILITY_FACTOR * timeout_s),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead, max_receive_count=MAX_RECEIVES),
        )
        alarms.waiting(self.queue)


def admit_event_bus(queue: sqs.Queue) -> None:
    """Lets EventBridge rules of this account send to the queue."""
    queue.add_to_resource_policy(
        iam.PolicyStatement(
            actions=["sqs:SendMessage"],
            principals=[iam.ServicePrincipal("events.amazonaws.com")],
            resources=[queue.queue_arn],
            conditions={"StringEquals": {"aws:SourceAccount": cdk.Aws.ACCOUNT_ID}},
        )
    )
