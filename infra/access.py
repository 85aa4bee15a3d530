"""The permissions that functions are given: each line lists its actions and names its resource."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sqs as sqs

from infra.state import INDEX, State

Statement = iam.PolicyStatement
READ = ("dynamodb:GetItem", "dynamodb:Query")
WRITE = ("dynamodb:PutItem", "dynamodb:UpdateItem")
ERASE = ("dynamodb:DeleteItem",)


def allow(actions: Sequence[str], *resources: str, **conditions: Mapping[str, object]) -> iam.PolicyStatement:
    """A statement; `conditions` by operator, with `_` for the `:` of set operators."""
    return iam.PolicyStatement(
        actions=list(actions),
        resources=list(resources),
        conditions={operator.replace("_", ":"): test for operator, test in conditions.items()} or None,
    )


def table(target: dynamodb.Table, *actions: str, keys: Sequence[str] = ()) -> iam.PolicyStatement:
    """Item actions on a table; `keys` are the only partition keys allowed, with `*` at the end of a prefix."""
    if not keys:
        return allow(actions, target.table_arn)
    return allow(actions, target.table_arn, ForAllValues_StringLike={"dynamodb:LeadingKeys": list(keys)})


def index(target: dynamodb.Table) -> iam.PolicyStatement:
    """Queries on the table's one index."""
    return allow(["dynamodb:Query"], f"{target.table_arn}/index/{INDEX}")


def use_key(key: kms.IKey, service: str, *actions: str) -> iam.PolicyStatement:
    """The key, only through that service."""
    return allow(
        actions or ("kms:Decrypt",),
        key.key_arn,
        StringEquals={"kms:ViaService": f"{service}.{cdk.Aws.REGION}.{cdk.Aws.URL_SUFFIX}"},
    )


def use_tables(state: State) -> iam.PolicyStatement:
    """What any access to the encrypted tables needs: what DynamoDB's page on customer managed keys lists for callers."""
    actions = ("Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey", "ReEncryptFrom", "ReEncryptTo")
    return use_key(state.state_key, "dynamodb", *(f"kms:{action}" for action in actions))


def send(key: kms.IKey, *queues: sqs.IQueue) -> list[iam.PolicyStatement]:
    """Sending to encrypted queues."""
    return [
        allow(["sqs:SendMessage"], *(queue.queue_arn for queue in queues)),
        use_key(key, "sqs", "kms:Decrypt", "kms:GenerateDataKey"),
    ]


def consume(key: kms.IKey, queue: sqs.IQueue) -> list[iam.PolicyStatement]:
    """What an SQS event source needs."""
    actions = ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes", "ChangeMessageVisibility")
    return [
        allow([f"sqs:{action}" for action in actions], queue.queue_arn),
        use_key(key, "sqs", "kms:Decrypt"),
    ]


def blobs(state: State, *, write: Sequence[str] = (), read: Sequence[str] = ()) -> list[iam.PolicyStatement]:
    """Objects by prefix (`raw`, `large`); a reader may list the prefix, or a missing object would look forbidden."""
    statements = [use_key(state.delivery_key, "s3", "kms:Decrypt", "kms:GenerateDataKey")]
    if write:
        statements.append(allow(["s3:PutObject"], *_objects(state, write)))
    if read:
        statements.append(allow(["s3:GetObject"], *_objects(state, read)))
        # No condition on the prefix: reading an object that is gone carries none, and would look forbidden.
        statements.append(allow(["s3:ListBucket"], state.bucket.bucket_arn))
    return statements


def _objects(state: State, prefixes: Sequence[str]) -> list[str]:
    return [state.bucket.arn_for_objects(f"{prefix}/*") for prefix in prefixes]


def connection_secrets(stack_name: str, *actions: str) -> iam.PolicyStatement:
    """The secrets of connections, `<stack>/connections/<id>`; Secrets Manager adds six characters to the ARN."""
    arn = (
        f"arn:{cdk.Aws.PARTITION}:secretsmanager:{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}"
        f":secret:{stack_name}/connections/*"
    )
    return allow([f"secretsmanager:{action}" for action in actions or ("GetSecretValue",)], arn)


def hash_key(state: State) -> list[iam.PolicyStatement]:
    """The key that identifiers are hashed with."""
    return [_read_secret(state.hash_key), use_key(state.state_key, "secretsmanager", "kms:Decrypt")]


def _read_secret(secret: secretsmanager.ISecret) -> iam.PolicyStatement:
    return allow(["secretsmanager:GetSecretValue"], secret.secret_arn)


def publish(bus: events.IEventBus) -> iam.PolicyStatement:
    """Events onto the hub's bus."""
    return allow(["events:PutEvents"], bus.event_bus_arn)


def read_stream(state: State) -> list[iam.PolicyStatement]:
    """What a DynamoDB stream event source needs; Lambda's refusal of a role that lacks one names all four."""
    stream = state.table.table_stream_arn or ""
    actions = ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
    return [allow([f"dynamodb:{action}" for action in actions], stream), use_tables(state)]
