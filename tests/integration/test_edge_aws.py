"""The edge and the mapping stage on AWS's interfaces: thin client, SDK, and a server that speaks for the services."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.request import Request as Post
from urllib.request import urlopen

import boto3
import pytest
from moto.server import ThreadedMotoServer

from hub import connector as registry
from hub.aws import build, build_edge
from hub.connections import item_of
from hub.delivery import Connection, Request
from hub.domain.events import Event
from hub.ingest import LARGE, receive
from hub.map import map_batch
from hub.settings import Credentials, Settings
from hub.wiring import Hub

REGION = "eu-west-1"
ID = "w" * 26
SECRET = "an app secret of our own"
WHATSAPP = Connection(ID, "whatsapp_cloud", settings={"phone_number_id": "106540352242922"})
CREDENTIALS = Credentials("123456789012", "testing", "token")
QUEUES = ("inbound-whatsapp", "inbound-whatsapp-dead")


@dataclass
class Account:
    """An AWS account with what the stack makes, and the hubs of its functions."""

    settings: Settings

    def client(self, service: str) -> Any:
        return boto3.client(  # type: ignore[call-overload]
            service,
            region_name=REGION,
            endpoint_url=self.settings.endpoint_url,
            aws_access_key_id=CREDENTIALS.access_key,
            aws_secret_access_key=CREDENTIALS.secret_key,
        )

    def edge(self) -> Hub:
        return build_edge(self.settings, CREDENTIALS)

    def consumer(self) -> Hub:
        return build(self.settings, self.client)

    def records(self, queue: str) -> list[dict[str, Any]]:
        """Everything in a queue, as Lambda hands it over."""
        url = f"{self.settings.queue_prefix}{self.settings.stack}-{queue}"
        answer = self.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
        return [
            {"messageId": one["MessageId"], "body": one["Body"], "attributes": one.get("MessageAttributes", {})}
            for one in answer.get("Messages", [])
        ]

    def published(self) -> list[dict[str, Any]]:
        """Events that reached a rule which takes everything."""
        return [json.loads(record["body"]) for record in self.records("all")]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    yield f"http://{host}:{port}"
    moto.stop()


@pytest.fixture
def account(server: str) -> Iterator[Account]:
    settings = Settings(
        state_table="state",
        connections_table="connections",
        bucket="renkei-raw",
        bus="renkei",
        queue_prefix=f"{server}/{CREDENTIALS.access_key}/",
        public_url="https://hooks.renkei.test",
        hash_key_secret="renkei/hash-key",
        endpoint_url=server,
        region=REGION,
    )
    account = Account(settings)
    create(account)
    yield account
    urlopen(Post(f"{server}/moto-api/reset", method="POST"), timeout=5).close()


def create(account: Account) -> None:
    dynamodb, sqs, events = account.client("dynamodb"), account.client("sqs"), account.client("events")
    for table in ("state", "connections"):
        dynamodb.create_table(
            TableName=table,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "ipk", "isk")],
            KeySchema=schema("pk", "sk"),
            GlobalSecondaryIndexes=[
                {"IndexName": "index", "KeySchema": schema("ipk", "isk"), "Projection": {"ProjectionType": "ALL"}}
            ],
        )
    location = {"LocationConstraint": REGION}
    account.client("s3").create_bucket(Bucket="renkei-raw", CreateBucketConfiguration=location)
    for queue in (*QUEUES, "all"):
        sqs.create_queue(QueueName=f"renkei-{queue}")
    events.create_event_bus(Name="renkei")
    events.put_rule(Name="all", EventBusName="renkei", EventPattern='{"source": [{"prefix": "renkei."}]}')
    arn = f"arn:aws:sqs:{REGION}:{CREDENTIALS.access_key}:renkei-all"
    events.put_targets(Rule="all", EventBusName="renkei", Targets=[{"Id": "all", "Arn": arn}])
    hub = account.consumer()
    hub.connection_items.put(item_of(WHATSAPP))
    signing = [{"id": "1", "value": SECRET, "not_after": None}]
    hub.secrets.write(ID, {"signing": signing, "verify_token": "letmein"})


def schema(partition: str, sort: str) -> list[dict[str, str]]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]


def text_message(message_id: str, text: str = "こんにちは") -> dict[str, Any]:
    """A text message from a reserved number, as the Cloud API sends it."""
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550100100", "phone_number_id": "106540352242922"},
        "contacts": [{"profile": {"name": "テスト"}, "wa_id": "15550100123"}],
        "messages": [
            {
                "from": "15550100123",
                "id": message_id,
                "timestamp": "1790000000",
                "type": "text",
                "text": {"body": text},
            }
        ],
    }
    return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [_change(value)]}]}


def _change(value: Mapping[str, Any]) -> dict[str, Any]:
    return {"field": "messages", "value": value}


def webhook(content: Mapping[str, Any] | bytes, *, secret: str = SECRET, connection: str = ID) -> dict[str, Any]:
    """The gateway's event of a delivery, signed as Meta signs."""
    body = content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode()
    path = f"/webhooks/whatsapp/{connection}"
    request = Request("POST", f"https://hooks.renkei.test{path}", {}, body)
    return {
        "rawPath": path,
        "rawQueryString": "",
        "headers": dict(registry.load("whatsapp_cloud").sign(request, secret.encode(), 0.0)),
        "requestContext": {"stage": "$default", "http": {"method": "POST", "sourceIp": "192.0.2.7"}},
        "body": body.decode(),
        "isBase64Encoded": False,
    }


def test_a_delivery_goes_from_the_gateway_to_the_bus(account: Account) -> None:
    edge = account.edge()
    assert receive(webhook(text_message("wamid.A")), "whatsapp", edge)["statusCode"] == 200
    assert receive(webhook(text_message("wamid.B")), "whatsapp", edge)["statusCode"] == 200
    hub = account.consumer()
    answer = map_batch({"Records": account.records("inbound-whatsapp")}, "whatsapp", hub)
    assert answer == {"batchItemFailures": []}
    published = account.published()
    events = [Event.model_validate(one["detail"]) for one in published]
    assert sorted(event.data["message_id"] for event in events) == ["wamid.A", "wamid.B"]
    assert {(one["source"], one["detail-type"]) for one in published} == {("renkei.whatsapp_cloud", "message.received")}
    key, _, line = events[0].raw.rpartition("#")
    kept = hub.blobs.get(key)
    assert kept is not None
    assert json.loads(kept.splitlines()[int(line)])["connection"] == ID


def test_a_large_delivery_goes_through_the_bucket(account: Account) -> None:
    large = text_message("wamid.A", "x" * LARGE)
    assert receive(webhook(large), "whatsapp", account.edge())["statusCode"] == 200
    (record,) = account.records("inbound-whatsapp")
    message = json.loads(record["body"])
    assert account.consumer().blobs.get(message["blob"]) == json.dumps(large, ensure_ascii=False).encode()
    assert map_batch({"Records": [record]}, "whatsapp", account.consumer()) == {"batchItemFailures": []}
    (event,) = account.published()
    assert len(event["detail"]["data"]["text"]) == LARGE


def test_a_forged_delivery_is_counted_and_nothing_else(account: Account) -> None:
    edge = account.edge()
    for _ in range(3):
        assert receive(webhook(text_message("wamid.A"), secret="another"), "whatsapp", edge)["statusCode"] == 401
    assert receive(webhook(text_message("wamid.A"), connection="x" * 26), "whatsapp", edge)["statusCode"] == 401
    items = account.consumer().connection_items.query("REFUSED").items
    assert {item.sk.partition("#")[2]: item.body["n"] for item in items} == {
        f"{ID}#wrong_signature": 3,
        "unknown#unknown_connection": 1,
    }
    assert account.records("inbound-whatsapp") == []


def test_the_handshake_knows_the_verify_token_from_secrets_manager(account: Account) -> None:
    event = webhook(b"")
    event["requestContext"]["http"]["method"] = "GET"
    for token, status in (("letmein", 200), ("other", 403)):
        event["rawQueryString"] = f"hub.mode=subscribe&hub.verify_token={token}&hub.challenge=31415"
        answer = receive(event, "whatsapp", account.edge())
        assert (answer["statusCode"], answer["body"]) == (status, "31415" if status == 200 else "no")


@pytest.mark.parametrize("missing", ["queue_prefix", "connections_table", "secret_prefix"])
def test_what_the_edge_cannot_reach_decides_its_answer(account: Account, missing: str) -> None:
    gone = replace(account.settings, **{missing: "nowhere-"})
    answer = receive(webhook(text_message("wamid.A")), "whatsapp", build_edge(gone, CREDENTIALS))
    absent_secret = missing == "secret_prefix"  # is no failure: a connection without a secret accepts nothing
    assert answer["statusCode"] == (401 if absent_secret else 503)


def test_nobody_at_the_endpoint_is_503(account: Account) -> None:
    gone = replace(account.settings, endpoint_url="http://127.0.0.1:9")
    answer = receive(webhook(text_message("wamid.A")), "whatsapp", build_edge(gone, CREDENTIALS))
    assert (answer["statusCode"], answer["body"]) == (503, "no")


def test_what_cannot_be_read_is_set_aside_with_a_pointer_to_it(account: Account) -> None:
    assert receive(webhook(b'{"object": "whatsapp_busi'), "whatsapp", account.edge())["statusCode"] == 200
    hub = account.consumer()
    records = account.records("inbound-whatsapp")
    for _ in range(2):
        assert map_batch({"Records": records}, "whatsapp", hub) == {"batchItemFailures": []}
    (item,) = hub.store.query_index("ASIDE#quarantine").items
    assert item.body["connection"] == ID
    assert hub.blobs.get(str(item.body["raw"]).rpartition("#")[0]) is not None


def test_a_type_without_words_is_counted_once_however_often_it_is_mapped(account: Account) -> None:
    unknown = text_message("wamid.A")
    unknown["entry"][0]["changes"][0]["field"] = "a_field_of_next_year"
    receive(webhook(unknown), "whatsapp", account.edge())
    hub = account.consumer()
    records = account.records("inbound-whatsapp")
    for _ in range(3):
        assert map_batch({"Records": records}, "whatsapp", hub) == {"batchItemFailures": []}
    assert len(hub.store.query_index("ASIDE#unmapped").items) == 1
    assert [item.body["n"] for item in hub.store.query("ASIDE#counts").items] == [1]


def test_a_message_that_is_no_delivery_is_a_dead_letter_with_its_reason(account: Account) -> None:
    record = {"messageId": "m0", "body": "not a delivery"}
    assert map_batch({"Records": [record]}, "whatsapp", account.consumer()) == {"batchItemFailures": []}
    (dead,) = account.records("inbound-whatsapp-dead")
    assert (dead["body"], dead["attributes"]["reason"]["StringValue"]) == ("not a delivery", "not a delivery")


def test_a_bus_that_is_gone_makes_the_record_come_again(account: Account) -> None:
    receive(webhook(text_message("wamid.A")), "whatsapp", account.edge())
    hub = build(replace(account.settings, bus="nowhere"), account.client)
    records = account.records("inbound-whatsapp")
    answer = map_batch({"Records": records}, "whatsapp", hub)
    assert answer == {"batchItemFailures": [{"itemIdentifier": records[0]["messageId"]}]}


def test_thin_client_and_sdk_read_what_the_other_wrote(account: Account) -> None:
    edge, hub = account.edge(), account.consumer()
    edge.connection_items.count("REFUSED", "a", 2, {"reason": "名"}, expires_at=5)
    hub.connection_items.count("REFUSED", "a", 3, {"reason": "stale"})
    assert edge.connection_items.get("REFUSED", "a") == hub.connection_items.get("REFUSED", "a")
    edge.blobs.put("large/a", b"\x00\xff")
    assert hub.blobs.get("large/a") == edge.blobs.get("large/a") == b"\x00\xff"
    assert edge.blobs.get("large/b") is None
    assert edge.connections.all() == hub.connections.all() == [WHATSAPP]


HEAVY = ("boto3", "botocore", "pydantic", "httpx", "phonenumbers", "aws_lambda_powertools", "defusedxml", "urllib3")


@pytest.mark.parametrize("kind", ["crm", "whatsapp", "telephony"])
def test_ingest_imports_nothing_heavy_even_when_it_verifies(kind: str) -> None:
    program = f"""
import json, sys
from ingest_{kind}.handler import handler
from hub import connector
from hub.wiring import edge_hub
edge_hub()
for name in connector.names():
    one = connector.load(name)
event = {{"rawPath": "/webhooks/{kind}/" + "a" * 26, "requestContext": {{"http": {{"method": "PUT"}}}}}}
assert handler(event, None)["statusCode"] == 405
print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))
"""
    environment = {"PYTHONPATH": "functions", "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_REGION": REGION}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == []
