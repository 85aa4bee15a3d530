"""The API on AWS's interfaces: cursors, conditions and secrets as the services themselves have them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.request import Request as Post
from urllib.request import urlopen

import boto3
import pytest
from moto.server import ThreadedMotoServer

from hub import aside
from hub.aws import READ_S, build_edge
from hub.connections import signing_secrets
from hub.delivery import Delivery
from hub.directory import Directory
from hub.domain.events import Identifier
from hub.settings import Credentials, Settings
from hub.timeline_store import Filing, TimelineStore
from tests.unit.api_client import Client

REGION = "eu-west-1"
CREDENTIALS = Credentials("123456789012", "testing", "token")
DRAFT = {
    "platform": "hubspot",
    "name": "CRM",
    "settings": {"portal_id": "4242"},
    "secrets": {"signing": "a-signing-secret-0001", "access_token": "an-access-token-of-ours"},
}
PHONE = Identifier(kind="phone", value="+819012345678")
CHAT = Identifier(kind="whatsapp_user_id", scope="portfolio", value="JP.77")
DELIVERY = Delivery("w" * 26, "whatsapp_cloud", "whatsapp", "2026-05-04T09:30:00.000Z", b"{", raw_ref="raw/a.jsonl#0")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    yield f"http://{host}:{port}"
    moto.stop()


@pytest.fixture
def client(server: str) -> Iterator[Client]:
    """A caller of the API with the adapters that it has in Lambda, over a new account with what the stack makes."""
    yield Client(build_edge(_account(server), CREDENTIALS, read_s=READ_S))
    urlopen(Post(f"{server}/moto-api/reset", method="POST"), timeout=5).close()


def _sdk(server: str, service: str) -> Any:
    return boto3.client(  # type: ignore[call-overload]
        service,
        region_name=REGION,
        endpoint_url=server,
        aws_access_key_id=CREDENTIALS.access_key,
        aws_secret_access_key=CREDENTIALS.secret_key,
    )


def _account(server: str) -> Settings:
    for table in ("state", "connections"):
        _create_table(_sdk(server, "dynamodb"), table)
    _sdk(server, "s3").create_bucket(Bucket="raw", CreateBucketConfiguration={"LocationConstraint": REGION})
    _sdk(server, "sqs").create_queue(QueueName="renkei-inbound-whatsapp")
    _sdk(server, "secretsmanager").create_secret(Name="hash-key", SecretString="k" * 32)
    return Settings(
        state_table="state",
        connections_table="connections",
        bucket="raw",
        queue_prefix=f"{server}/{CREDENTIALS.access_key}/",
        public_url="https://hooks.renkei.test",
        hash_key_secret="hash-key",
        endpoint_url=server,
        region=REGION,
    )


def _create_table(dynamodb: Any, name: str) -> None:
    def keys(partition: str, sort: str) -> list[dict[str, str]]:
        return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]

    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": one, "AttributeType": "S"} for one in ("pk", "sk", "ipk", "isk")],
        KeySchema=keys("pk", "sk"),
        GlobalSecondaryIndexes=[
            {"IndexName": "index", "KeySchema": keys("ipk", "isk"), "Projection": {"ProjectionType": "ALL"}}
        ],
    )


def walk(client: Client, path: str, name: str, **query: str) -> list[dict[str, Any]]:
    """Everything in a list, page by page."""
    found: list[dict[str, Any]] = []
    while True:
        page = client.get(path, **query).json
        found += page[name]
        if page["next"] is None:
            return found
        query["cursor"] = page["next"]


def test_a_connection_is_created_changed_rotated_and_listed(client: Client) -> None:
    created = client.post("/v1/connections", DRAFT).json
    path = f"/v1/connections/{created['id']}"
    assert client.call("PATCH", path, {"name": "New", "version": 1}).json["version"] == 2
    assert client.call("PATCH", path, {"name": "Old", "version": 1}).status == 409
    rotated = client.post(f"{path}/secrets", {"signing": "a-signing-secret-0002"}).json
    assert [one["last_four"] for one in rotated["secrets"]["signing"]] == ["0002", "0001"]
    stored = client.hub.secrets.read(created["id"], fresh=True)
    assert signing_secrets(stored, client.hub.clock.now()) == [b"a-signing-secret-0002", b"a-signing-secret-0001"]
    client.post("/v1/connections", {**DRAFT, "name": "Other"})
    assert [one["name"] for one in walk(client, "/v1/connections", "connections", limit="1")] == ["New", "Other"]


def test_a_creation_is_repeated_by_its_idempotency_key(client: Client) -> None:
    ids = {client.post("/v1/connections", DRAFT, Idempotency_Key="click").json["id"] for _ in range(2)}
    assert len(ids) == 1
    assert len(walk(client, "/v1/connections", "connections")) == 1


def test_a_timeline_over_several_personas_is_paged_without_gap_or_repetition(client: Client) -> None:
    who = Directory(client.hub.store, client.hub.secrets.hash_key())
    who.attach([PHONE, CHAT], reason="message.received", event="e0")
    entries = []
    for number in range(7):
        entry = who.hashed(f"entry {number}")
        at = f"2026-05-04T09:{number:02d}:00.000Z"
        data = {"message_id": f"m{number}", "channel": "whatsapp", "direction": "inbound"}
        fact = {
            "type": "message.received",
            "at": at,
            "timequality": "platform",
            "data": data,
            "raw": "",
            "received": at,
        }
        event = {"id": f"e{number}", "connection": "w" * 26, "platform": "whatsapp_cloud"}
        filing = Filing(who.persona_id((PHONE, CHAT, PHONE)[number % 3]), 0)
        TimelineStore(client.hub.store).record(entry, "message", event, fact, filing)
        entries.append(entry)
    (customer,) = client.get("/v1/customers", phone="+81 90 1234 5678").json["customers"]
    path = f"/v1/customers/{customer['id']}/timeline"
    for limit in ("1", "2", "3", "100"):
        assert [one["id"] for one in walk(client, path, "entries", limit=limit, order="oldest")] == entries
        assert [one["id"] for one in walk(client, path, "entries", limit=limit)] == entries[::-1]


def test_a_quarantined_delivery_is_read_and_mapped_again(client: Client) -> None:
    client.hub.blobs.put("raw/a.jsonl", json.dumps(DELIVERY.to_message()).encode() + b"\n")
    aside.quarantine(client.hub.store, DELIVERY, "not JSON")
    (item,) = walk(client, "/v1/set-aside", "items", kind="quarantine")
    assert client.get(f"/v1/set-aside/{item['id']}").json["delivery"]["body_text"] == "{"
    assert client.post(f"/v1/set-aside/{item['id']}/map-again").json["status"] == "mapped_again"
    sqs = _sdk(client.hub.settings.endpoint_url, "sqs")
    url = f"{client.hub.settings.queue_prefix}renkei-inbound-whatsapp"
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert Delivery.from_message(json.loads(message["Body"])) == DELIVERY


def test_refusals_are_read_newest_first(client: Client) -> None:
    for minute in ("09:30", "09:31", "09:32"):
        client.hub.connection_items.count("REFUSED", f"2026-05-04T{minute}#unknown#stale", 2, {"reason": "stale"})
    refusals = walk(client, "/v1/refusals", "refusals", limit="2")
    assert [(one["at"][11:16], one["count"]) for one in refusals] == [("09:32", 2), ("09:31", 2), ("09:30", 2)]


def two_people(client: Client) -> tuple[str, str]:
    """Somebody with a phone, and a chat user who may be the same."""
    who = Directory(client.hub.store, client.hub.secrets.hash_key())
    who.attach([PHONE], reason="call.started", event="e1")
    who.attach([CHAT], reason="message.received", event="e2")
    return who.persona_id(PHONE), who.persona_id(CHAT)


def test_a_merge_is_previewed_done_once_and_taken_back(client: Client) -> None:
    one, other = two_people(client)
    path = f"/v1/customers/{one}"
    before = [client.get(f"/v1/customers/{each}").json for each in (one, other)]
    preview = client.get(f"{path}/merge/preview", **{"with": other})
    assert preview.json["personas"] == 2
    body = {"with": other, "why": "She said so."}
    headers = {"Idempotency-Key": "click", "If-Match": preview.headers["etag"]}
    first, second = (client.call("POST", f"{path}/merge", body, headers) for _ in range(2))
    assert (first.status, first.text) == (200, second.text)
    assert first.json["personas"] == sorted((one, other))
    assert client.get(f"/v1/customers/{other}").json == first.json
    assert client.call("POST", f"{path}/unmerge", {"from": other, "why": "w"}, {"If-Match": '"old"'}).status == 412
    assert client.post(f"{path}/unmerge", {"from": other, "why": "A sister."}).status == 200
    after = [client.get(f"/v1/customers/{each}").json for each in (one, other)]
    assert [{**each, "etag": None} for each in after] == [{**each, "etag": None} for each in before]
    decisions = client.get(f"{path}/decisions").json["decisions"]
    assert [(each["verdict"], each["in_force"]) for each in decisions] == [("none", True), ("same", False)]
    entries = walk(client, f"{path}/timeline", "entries")
    assert [each["shown"]["verdict"] for each in entries] == ["none", "same"]


def test_not_the_same_stands_and_is_forgotten(client: Client) -> None:
    one, other = two_people(client)
    assert client.post(f"/v1/customers/{one}/not-the-same", {"as": other, "why": "w"}).status == 200
    who = Directory(client.hub.store, client.hub.secrets.hash_key())
    who.attach([PHONE, CHAT], reason="message.received", event="e3")
    assert client.get(f"/v1/customers/{one}").json["personas"] == [one]
    assert client.post(f"/v1/customers/{one}/not-the-same/forget", {"as": other, "why": "w"}).status == 200
    assert client.get(f"/v1/customers/{one}").json["personas"] == sorted((one, other))


def test_an_identifier_is_marked_as_shared_and_who_has_it_already_is_not_sent_it_again(client: Client) -> None:
    who = Directory(client.hub.store, client.hub.secrets.hash_key())
    who.attach([PHONE, CHAT], reason="message.received", event="e1")
    phone = who.persona_id(PHONE)
    path = f"/v1/customers/{phone}"
    etag = client.get(path).headers["etag"]
    assert client.call("GET", path, None, {"If-None-Match": etag}).status == 304
    marked = client.post(f"/v1/identifiers/{phone}/shared", {"shared": True, "why": "The switchboard."})
    assert (marked.status, marked.json["personas"]) == (200, [phone])
    assert client.call("GET", path, None, {"If-None-Match": etag}).status == 200
