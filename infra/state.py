"""Everything that outlives a deployment: tables, raw deliveries, the hash key, and the two encryption keys."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.parameters import Parameters

INDEX = "index"
LARGE_DAYS = 15  # a body set aside at ingest must outlive the longest stay of its message (14 days, dead)
CSV_DAYS = 30  # a file that was imported, and the report of its rows


class State(Construct):
    """What the hub knows (`state_key`) and what the platforms sent (`delivery_key`), kept when the stack goes."""

    def __init__(self, scope: Construct, construct_id: str, parameters: Parameters) -> None:
        super().__init__(scope, construct_id)
        self.state_key = _key(self, "StateKey", f"{parameters.stack}: customers, timelines, connections")
        self.delivery_key = _key(self, "DeliveryKey", f"{parameters.stack}: deliveries and events on their way")
        _admit_event_bus(self.delivery_key)
        self.table = _table(self, "Table", self.state_key, stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES)
        self.connections = _table(self, "Connections", self.state_key)
        self.bucket = _bucket(self, self.delivery_key, parameters)
        self.hash_key = _hash_key(self, self.state_key)


def _key(scope: Construct, name: str, description: str) -> kms.Key:
    return kms.Key(
        scope,
        name,
        description=description,
        enable_key_rotation=True,
        pending_window=cdk.Duration.days(30),
        removal_policy=cdk.RemovalPolicy.RETAIN,
    )


def _admit_event_bus(key: kms.Key) -> None:
    """Rules write to encrypted queues; without this, events are lost without a word."""
    key.add_to_resource_policy(
        iam.PolicyStatement(
            actions=["kms:Decrypt", "kms:GenerateDataKey"],
            principals=[iam.ServicePrincipal("events.amazonaws.com")],
            resources=["*"],
            conditions={"StringEquals": {"aws:SourceAccount": cdk.Aws.ACCOUNT_ID}},
        )
    )


def _table(
    scope: Construct, name: str, key: kms.Key, *, stream: dynamodb.StreamViewType | None = None
) -> dynamodb.Table:
    table = dynamodb.Table(
        scope,
        name,
        partition_key=dynamodb.Attribute(name="pk", type=dynamodb.AttributeType.STRING),
        sort_key=dynamodb.Attribute(name="sk", type=dynamodb.AttributeType.STRING),
        billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
        encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED,
        encryption_key=key,
        point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
            point_in_time_recovery_enabled=True
        ),
        time_to_live_attribute="expires",
        stream=stream,
        deletion_protection=True,
        removal_policy=cdk.RemovalPolicy.RETAIN,
    )
    table.add_global_secondary_index(
        index_name=INDEX,
        partition_key=dynamodb.Attribute(name="ipk", type=dynamodb.AttributeType.STRING),
        sort_key=dynamodb.Attribute(name="isk", type=dynamodb.AttributeType.STRING),
        projection_type=dynamodb.ProjectionType.ALL,
    )
    return table


def _bucket(scope: Construct, key: kms.Key, parameters: Parameters) -> s3.Bucket:
    return s3.Bucket(
        scope,
        "Bucket",
        encryption=s3.BucketEncryption.KMS,
        encryption_key=key,
        bucket_key_enabled=True,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        enforce_ssl=True,
        lifecycle_rules=[
            s3.LifecycleRule(id="raw", prefix="raw/", expiration=cdk.Duration.days(parameters.raw_days)),
            s3.LifecycleRule(id="large", prefix="large/", expiration=cdk.Duration.days(LARGE_DAYS)),
            s3.LifecycleRule(id="csv", prefix="csv/", expiration=cdk.Duration.days(CSV_DAYS)),
            s3.LifecycleRule(id="parts", abort_incomplete_multipart_upload_after=cdk.Duration.days(1)),
        ],
        removal_policy=cdk.RemovalPolicy.RETAIN,
    )


def _hash_key(scope: Construct, key: kms.Key) -> secretsmanager.Secret:
    """Identifiers are keyed hashes under this secret: with another one, every customer would be a stranger."""
    return secretsmanager.Secret(
        scope,
        "HashKey",
        description="Hashes phone numbers and e-mail addresses in table keys; never change it.",
        encryption_key=key,
        generate_secret_string=secretsmanager.SecretStringGenerator(password_length=64, exclude_punctuation=True),
        removal_policy=cdk.RemovalPolicy.RETAIN,
    )
