"""The state table on moto, behind the service's limits, emptied at a price that a property can pay."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from moto import mock_aws

from hub.aws import SdkService
from hub.aws_store import DynamoStore, item_of
from hub.ports import Item
from tests.contracts import dynamodb_limits

REGION = "eu-west-1"
TABLE = "state"


class ScannedStore(DynamoStore):
    """The Store on DynamoDB, with a way to see all of it."""

    def __init__(self, client: Any) -> None:
        super().__init__(SdkService("dynamodb", lambda _: client), TABLE)
        self._client = client

    def scan(self) -> list[Item]:
        """Every item, in key order."""
        pages = self._client.get_paginator("scan").paginate(TableName=TABLE)
        found = [item_of(one) for page in pages for one in page["Items"]]
        return sorted(found, key=lambda one: (one.pk, one.sk))


class Tables:
    """Gives empty tables one after the other."""

    def __init__(self, client: Any) -> None:
        self._client = client
        dynamodb_limits.enforce(client)

    def fresh(self) -> ScannedStore:
        """An empty table; what the last one held is gone."""
        if TABLE in self._client.list_tables()["TableNames"]:
            self._client.delete_table(TableName=TABLE)
        self._client.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "ipk", "isk")],
            KeySchema=_keys("pk", "sk"),
            GlobalSecondaryIndexes=[
                {"IndexName": "index", "KeySchema": _keys("ipk", "isk"), "Projection": {"ProjectionType": "ALL"}}
            ],
        )
        return ScannedStore(self._client)


@contextmanager
def tables() -> Iterator[Tables]:
    """Tables in memory behind the AWS SDK; no credential is read."""
    with mock_aws():
        session = boto3.Session(region_name=REGION, aws_access_key_id="testing", aws_secret_access_key="testing")
        yield Tables(session.client("dynamodb"))


def _keys(partition: str, sort: str) -> list[Any]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]
