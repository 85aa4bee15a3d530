"""One suite for the adapters in memory and on AWS: what a handler may rely on holds on both."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from hub.aws import S3Blobs, SdkService
from hub.aws_services import EventBus, SecretsManagerSecrets, SqsQueue
from hub.aws_store import DynamoStore
from hub.errors import Conflict, Reject
from hub.memory import FakeClock, MemoryBlobs, MemoryBus, MemoryQueue, MemorySecrets, MemoryStore
from hub.ports import Blobs, Bus, Item, Queue, Secrets, Store
from tests.contracts import dynamodb_limits

REGION = "eu-west-1"
BOTH = ("memory", "aws")

Clients = Callable[[str], Any]


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clients]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with ExitStack() as stack:
        stack.enter_context(mock_aws())
        session = boto3.Session(region_name=REGION)
        yield lambda service: session.client(service)  # type: ignore[call-overload]


@pytest.fixture(params=BOTH)
def store(request: pytest.FixtureRequest) -> Store:
    return MemoryStore() if request.param == "memory" else dynamo_store(request.getfixturevalue("clients"))


def dynamo_store(clients: Clients) -> DynamoStore:
    """A table as the stack makes it, behind the service's real limits."""
    client = clients("dynamodb")
    names = ("pk", "sk", "ipk", "isk")
    client.create_table(
        TableName="state",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        KeySchema=_schema("pk", "sk"),
        GlobalSecondaryIndexes=[
            {"IndexName": "index", "KeySchema": _schema("ipk", "isk"), "Projection": {"ProjectionType": "ALL"}}
        ],
    )
    dynamodb_limits.enforce(client)
    return DynamoStore(SdkService("dynamodb", lambda _: client), "state")


def _schema(partition: str, sort: str) -> list[dict[str, str]]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]


def fill(store: Store, pk: str, *sort_keys: str) -> None:
    for number, sk in enumerate(sort_keys):
        store.put(Item(pk, sk, {"number": number}, index=("shelf", f"{99 - number}")))


def keys(items: tuple[Item, ...]) -> list[str]:
    return [item.sk for item in items]


def test_an_item_that_was_never_written_is_none(store: Store) -> None:
    assert store.get("P#1", "NODE") is None


def test_an_item_comes_back_as_written_with_its_version_raised(store: Store) -> None:
    body = {"name": "佐藤 花子", "n": [1, None, True, {"deep": "\u0000 😀"}], "empty": ""}
    written = Item("P#1", "NODE", body, index=("shelf", "2026"), expires_at=1_800_000_000)
    store.put(written)
    assert store.get("P#1", "NODE") == replace(written, version=1)


def test_a_lone_surrogate_is_kept(store: Store) -> None:
    store.put(Item("P#1", "NODE", {"text": "a\ud800b", "\udfff": "佐藤"}))
    assert store.get("P#1", "NODE") == Item("P#1", "NODE", {"text": "a\ud800b", "\udfff": "佐藤"}, 1)


def test_no_number_that_is_none_is_kept(store: Store) -> None:
    for number in (float("nan"), float("inf")):
        with pytest.raises(ValueError, match="JSON compliant"):
            store.put(Item("P#1", "NODE", {"number": number}))


def test_a_new_item_conflicts_with_one_that_is_there(store: Store) -> None:
    store.put(Item("P#1", "NODE", {"a": 1}))
    with pytest.raises(Conflict):
        store.put(Item("P#1", "NODE", {"a": 2}))
    assert store.get("P#1", "NODE") == Item("P#1", "NODE", {"a": 1}, 1)


def test_of_two_writers_at_the_same_version_one_conflicts(store: Store) -> None:
    store.put(Item("P#1", "NODE", {"a": 1}))
    store.put(Item("P#1", "NODE", {"a": 2}, version=1))
    with pytest.raises(Conflict):
        store.put(Item("P#1", "NODE", {"a": 3}, version=1))
    assert store.get("P#1", "NODE") == Item("P#1", "NODE", {"a": 2}, 2)


def test_a_version_without_an_item_conflicts(store: Store) -> None:
    with pytest.raises(Conflict):
        store.put(Item("P#1", "NODE", {}, version=3))
    assert store.get("P#1", "NODE") is None


def test_put_all_writes_all(store: Store) -> None:
    store.put(Item("P#1", "A", {"n": 1}))
    store.put_all([Item("P#1", "A", {"n": 2}, version=1), Item("P#2", "B", {"n": 3})])
    assert store.get("P#1", "A") == Item("P#1", "A", {"n": 2}, 2)
    assert store.get("P#2", "B") == Item("P#2", "B", {"n": 3}, 1)


@pytest.mark.parametrize("order", [1, -1])
def test_put_all_writes_nothing_where_one_item_is_not_at_its_version(store: Store, order: int) -> None:
    store.put(Item("P#1", "A", {"n": 1}))
    items = [Item("P#1", "A", {"n": 2}), Item("P#2", "B", {"n": 3})]
    with pytest.raises(Conflict):
        store.put_all(items[::order])
    assert store.get("P#1", "A") == Item("P#1", "A", {"n": 1}, 1)
    assert store.get("P#2", "B") is None


def test_put_all_of_one_item_is_conditional_too(store: Store) -> None:
    store.put_all([Item("P#1", "A", {"n": 1})])
    with pytest.raises(Conflict):
        store.put_all([Item("P#1", "A", {"n": 2})])


def test_put_all_of_nothing_does_nothing(store: Store) -> None:
    store.put_all([])


def test_put_all_takes_25_items_and_no_more(store: Store) -> None:
    store.put_all([Item("P#1", f"{number:02}") for number in range(25)])
    assert len(store.query("P#1").items) == 25
    with pytest.raises(Reject):
        store.put_all([Item("P#2", f"{number:02}") for number in range(26)])


def test_put_all_refuses_one_item_twice(store: Store) -> None:
    with pytest.raises(Reject):
        store.put_all([Item("P#1", "A", {"n": 1}), Item("P#1", "A", {"n": 2})])
    assert store.get("P#1", "A") is None


@pytest.mark.parametrize(("pk", "sk"), [("", "A"), ("P#1", "")])
def test_an_empty_key_is_refused(store: Store, pk: str, sk: str) -> None:
    with pytest.raises(Reject):
        store.put(Item(pk, sk))


def test_an_item_over_400_kb_is_refused(store: Store) -> None:
    with pytest.raises(Reject):
        store.put(Item("P#1", "A", {"text": "x" * 410_000}))
    assert store.get("P#1", "A") is None


def test_a_query_gives_one_partition_in_the_order_of_sort_keys(store: Store) -> None:
    fill(store, "P#1", "b", "a#2", "a#1", "a#10")
    fill(store, "P#2", "a#3")
    assert keys(store.query("P#1").items) == ["a#1", "a#10", "a#2", "b"]
    assert keys(store.query("P#1", newest_first=True).items) == ["b", "a#2", "a#10", "a#1"]


def test_a_query_gives_only_sort_keys_with_the_prefix(store: Store) -> None:
    fill(store, "P#1", "a#1", "a", "ab", "b#1")
    assert keys(store.query("P#1", prefix="a#").items) == ["a#1"]
    assert keys(store.query("P#1", prefix="a").items) == ["a", "a#1", "ab"]


def test_a_query_of_nothing_is_an_empty_page(store: Store) -> None:
    page = store.query("P#1", prefix="x")
    assert (page.items, page.next_key) == ((), None)


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5])
def test_pages_of_a_query_are_the_whole_without_gap_or_repetition(store: Store, limit: int, newest_first: bool) -> None:
    fill(store, "P#1", "a#1", "a#2", "a#3", "a#4", "b")
    pages: list[list[str]] = []
    start: str | None = None
    while True:
        page = store.query("P#1", prefix="a#", limit=limit, start=start, newest_first=newest_first)
        pages.append(keys(page.items))
        start = page.next_key
        if start is None:
            break
    expected = ["a#1", "a#2", "a#3", "a#4"]
    assert [key for page in pages for key in page] == (expected[::-1] if newest_first else expected)
    assert len(pages) == -(-4 // limit), "a last page is never empty"


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_pages_of_the_index_are_the_whole_in_the_order_of_their_places(
    store: Store, limit: int, newest_first: bool
) -> None:
    fill(store, "P#1", "c", "a", "b")  # placed so that the order of the index is b, a, c
    store.put(Item("P#1", "elsewhere", index=("other shelf", "50")))
    store.put(Item("P#1", "nowhere"))
    found: list[str] = []
    start: str | None = None
    while True:
        page = store.query_index("shelf", limit=limit, start=start, newest_first=newest_first)
        found += keys(page.items)
        start = page.next_key
        if start is None:
            break
    assert found == (["c", "a", "b"] if newest_first else ["b", "a", "c"])


def test_items_with_the_same_place_in_the_index_are_all_found(store: Store) -> None:
    for number in range(5):
        store.put(Item(f"P#{number}", "N", index=("shelf", "same")))
    found: set[str] = set()
    start: str | None = None
    for _ in range(5):
        page = store.query_index("shelf", limit=1, start=start)
        found |= {item.pk for item in page.items}
        start = page.next_key
    assert (found, start) == ({f"P#{number}" for number in range(5)}, None)


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_pages_of_the_index_within_bounds_are_what_lies_from_one_to_the_other(
    store: Store, limit: int, newest_first: bool
) -> None:
    for place in ("1", "2", "2#a", "2#b", "3", "3#", "4"):
        store.put(Item(f"P#{place}", "N", index=("shelf", place)))
    store.put(Item("P#other", "N", index=("other shelf", "2#a")))
    found: list[list[str]] = []
    start: str | None = None
    while True:
        page = store.query_index("shelf", limit=limit, start=start, newest_first=newest_first, between=("2", "3"))
        found.append([item.index[1] for item in page.items if item.index])
        start = page.next_key
        if start is None:
            break
    expected = ["2", "2#a", "2#b", "3"]
    assert [place for page in found for place in page] == (expected[::-1] if newest_first else expected)
    assert len(found) == -(-4 // limit), "a last page is never empty"


@pytest.mark.parametrize(
    ("between", "found"),
    [
        (("2", "2"), ["2"]),
        (("1~", "2~"), ["2"]),
        (("3", "9"), []),
        (("0", "1"), []),
        (("3", "1"), []),  # DynamoDB itself refuses bounds in this order
    ],
)
def test_bounds_may_be_places_that_nothing_has(store: Store, between: tuple[str, str], found: list[str]) -> None:
    for place in ("1#", "2"):
        store.put(Item(f"P#{place}", "N", index=("shelf", place)))
    page = store.query_index("shelf", between=between)
    assert ([item.index[1] for item in page.items if item.index], page.next_key) == (found, None)


def test_items_with_the_place_of_a_bound_are_all_within(store: Store) -> None:
    for number in range(3):
        store.put(Item(f"P#{number}", "N", index=("shelf", "same")))
    first = store.query_index("shelf", limit=2, between=("same", "same"))
    second = store.query_index("shelf", limit=2, start=first.next_key, between=("same", "same"))
    assert {item.pk for item in (*first.items, *second.items)} == {"P#0", "P#1", "P#2"}
    assert second.next_key is None


def test_an_item_moves_in_the_index_and_leaves_it(store: Store) -> None:
    store.put(Item("P#1", "A", index=("open", "1")))
    store.put(Item("P#1", "A", version=1, index=("closed", "1")))
    assert (len(store.query_index("open").items), len(store.query_index("closed").items)) == (0, 1)
    store.put(Item("P#1", "A", version=2))
    assert store.query_index("closed").items == ()


def test_the_index_gives_whole_items(store: Store) -> None:
    item = Item("P#1", "A", {"a": {"b": "c"}}, index=("open", "1"), expires_at=9)
    store.put(item)
    assert store.query_index("open").items == (replace(item, version=1),)


def test_a_deleted_item_is_gone_everywhere_and_can_be_written_anew(store: Store) -> None:
    store.put(Item("P#1", "A", {"n": 1}, index=("open", "1")))
    store.delete("P#1", "A")
    store.delete("P#1", "A")
    assert store.get("P#1", "A") is None
    assert (store.query("P#1").items, store.query_index("open").items) == ((), ())
    store.put(Item("P#1", "A", {"n": 2}))
    assert store.get("P#1", "A") == Item("P#1", "A", {"n": 2}, 1)


def test_a_counter_adds_up_and_keeps_the_last_values(store: Store) -> None:
    store.count("REFUSED", "a", 1, {"reason": "stale"}, expires_at=100)
    store.count("REFUSED", "a", 4, {"reason": "malformed"}, expires_at=200)
    found = store.get("REFUSED", "a")
    assert found is not None
    assert (found.body, found.expires_at) == ({"reason": "malformed", "n": 5}, 200)
    assert store.query("REFUSED").items == (found,)


def test_a_counter_keeps_nothing_of_the_values_before_the_last(store: Store) -> None:
    store.count("REFUSED", "a", 1, {"reason": "stale", "platform": "hubspot"})
    store.count("REFUSED", "a", 1, {"reason": "malformed"})
    found = store.get("REFUSED", "a")
    assert found is not None
    assert found.body == {"reason": "malformed", "n": 2}


def test_a_counter_keeps_its_end_where_none_is_given(store: Store) -> None:
    store.count("REFUSED", "a", 1, {}, expires_at=100)
    store.count("REFUSED", "a", 1, {})
    assert store.get("REFUSED", "a") == Item("REFUSED", "a", {"n": 2}, 2, expires_at=100)


def test_a_counter_can_be_written_over_by_who_has_read_it(store: Store) -> None:
    store.count("T", "a", 2, {})
    found = store.get("T", "a")
    assert found is not None
    store.put(replace(found, body={"n": 10}))
    store.count("T", "b", 1, {})
    with pytest.raises(Conflict):
        store.put(replace(found, body={"n": 11}))
    after = store.get("T", "a")
    assert after is not None
    assert after.body["n"] == 10


# The other ports.


@pytest.fixture(params=BOTH)
def blobs(request: pytest.FixtureRequest) -> Blobs:
    if request.param == "memory":
        return MemoryBlobs()
    client = request.getfixturevalue("clients")("s3")
    client.create_bucket(Bucket="raw", CreateBucketConfiguration={"LocationConstraint": REGION})
    return S3Blobs(SdkService("s3", lambda _: client), "raw")


def test_a_blob_comes_back_as_stored_and_is_replaced(blobs: Blobs) -> None:
    blobs.put("raw/2026/11/22/a.jsonl", b"\x00\xff one")
    blobs.put("raw/2026/11/22/a.jsonl", b"\x00\xff two")
    assert blobs.get("raw/2026/11/22/a.jsonl") == b"\x00\xff two"
    assert blobs.get("raw/2026/11/22/b.jsonl") is None


@pytest.fixture(params=BOTH)
def secrets(request: pytest.FixtureRequest) -> Secrets:
    if request.param == "memory":
        return MemorySecrets(hash_key=b"the hash key")
    client = request.getfixturevalue("clients")("secretsmanager")
    client.create_secret(Name="renkei/hash-key", SecretString="the hash key")
    call = SdkService("secretsmanager", lambda _: client)
    return SecretsManagerSecrets(call, FakeClock(), prefix="renkei/connections/", hash_key_secret="renkei/hash-key")


def test_secrets_are_none_before_they_are_written_and_replaced_after(secrets: Secrets) -> None:
    assert secrets.read("a" * 26) == {}
    secrets.write("a" * 26, {"signing": [{"id": "1", "value": "old", "not_after": None}], "token": "t"})
    secrets.write("a" * 26, {"signing": [{"id": "2", "value": "new", "not_after": None}]})
    assert secrets.read("a" * 26) == {"signing": [{"id": "2", "value": "new", "not_after": None}]}
    assert secrets.read("b" * 26) == {}


def test_the_hash_key_is_the_deployments(secrets: Secrets) -> None:
    assert secrets.hash_key() == secrets.hash_key() == b"the hash key"


@pytest.fixture(params=BOTH)
def queue(request: pytest.FixtureRequest) -> tuple[Queue, Callable[[], list[tuple[str, str]]]]:
    """The port and what is in `inbound-crm`: bodies with reasons."""
    if request.param == "memory":
        memory = MemoryQueue()
        return memory, lambda: [(one.body, one.reason) for one in memory.messages.get("inbound-crm", [])]
    client = request.getfixturevalue("clients")("sqs")
    url = client.create_queue(QueueName="renkei-inbound-crm")["QueueUrl"]

    def received() -> list[tuple[str, str]]:
        answer = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
        return [
            (one["Body"], one.get("MessageAttributes", {}).get("reason", {}).get("StringValue", ""))
            for one in answer.get("Messages", [])
        ]

    return SqsQueue(SdkService("sqs", lambda _: client), url.removesuffix("inbound-crm")), received


def test_a_message_arrives_with_its_reason(queue: tuple[Queue, Callable[[], list[tuple[str, str]]]]) -> None:
    port, received = queue
    port.send("inbound-crm", "plain")
    port.send("inbound-crm", "dead", reason="not a delivery")
    assert sorted(received()) == [("dead", "not a delivery"), ("plain", "")]


@pytest.fixture(params=BOTH)
def received(request: pytest.FixtureRequest) -> tuple[Queue, Callable[[], dict[str, str]]]:
    """The port and receiving from `sync-crm`: bodies by receipt of what is not hidden, which hides it."""
    if request.param == "memory":
        memory = MemoryQueue()
        return memory, lambda: memory.receive("sync-crm")
    client = request.getfixturevalue("clients")("sqs")
    url = client.create_queue(QueueName="renkei-sync-crm")["QueueUrl"]

    def receive() -> dict[str, str]:
        answer = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        return {one["ReceiptHandle"]: one["Body"] for one in answer.get("Messages", [])}

    return SqsQueue(SdkService("sqs", lambda _: client), url.removesuffix("sync-crm")), receive


def test_a_message_is_hidden_for_as_long_as_it_is_postponed(
    received: tuple[Queue, Callable[[], dict[str, str]]],
) -> None:
    port, receive = received
    port.send("sync-crm", "again at once")
    port.send("sync-crm", "later")
    receipts = {body: receipt for receipt, body in receive().items()}
    assert receive() == {}
    port.postpone("sync-crm", receipts["again at once"], 0)
    port.postpone("sync-crm", receipts["later"], 0.2)  # whole seconds, rounded up: never sooner than asked
    assert list(receive().values()) == ["again at once"]


@pytest.mark.parametrize(("seconds", "again"), [(10.0**9, []), (-1, ["x"])])
def test_a_message_can_be_postponed_by_any_time_and_is_by_what_can_be(
    received: tuple[Queue, Callable[[], dict[str, str]]], seconds: float, again: list[str]
) -> None:
    port, receive = received
    port.send("sync-crm", "x")
    (receipt,) = receive()
    port.postpone("sync-crm", receipt, seconds)
    assert list(receive().values()) == again


@pytest.mark.parametrize("receipt", ["", "no receipt"])
def test_a_receipt_that_is_none_is_refused(received: tuple[Queue, Callable[[], dict[str, str]]], receipt: str) -> None:
    with pytest.raises(Reject):
        received[0].postpone("sync-crm", receipt, 10)


@pytest.fixture(params=BOTH)
def bus(request: pytest.FixtureRequest) -> tuple[Bus, Callable[[], list[dict[str, Any]]]]:
    """The port and what reached a rule that takes everything."""
    if request.param == "memory":
        memory = MemoryBus()
        return memory, lambda: memory.events
    clients = request.getfixturevalue("clients")
    events, sqs = clients("events"), clients("sqs")
    url = sqs.create_queue(QueueName="all")["QueueUrl"]
    events.create_event_bus(Name="renkei")
    events.put_rule(Name="all", EventBusName="renkei", EventPattern='{"source": [{"prefix": "renkei."}]}')
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_targets(Rule="all", EventBusName="renkei", Targets=[{"Id": "all", "Arn": arn}])

    def arrived() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            found += [json.loads(message["Body"])["detail"] for message in messages]
        return found

    return EventBus(SdkService("events", lambda _: events), "renkei"), arrived


def test_events_arrive_whole_however_many(bus: tuple[Bus, Callable[[], list[dict[str, Any]]]]) -> None:
    port, arrived = bus
    sent = [
        {"id": str(number), "type": "call.ended", "platform": "twilio", "data": {"名": "佐藤", "n": number}}
        for number in range(23)
    ]
    assert port.publish(sent) == []
    assert sorted(arrived(), key=lambda event: int(event["id"])) == sent


def test_publishing_nothing_is_no_failure(bus: tuple[Bus, Callable[[], list[dict[str, Any]]]]) -> None:
    assert bus[0].publish([]) == []
