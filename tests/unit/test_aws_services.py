"""The AWS adapters against what the services answer: conditions, cancelled transactions, refused entries, old secrets."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ParamValidationError, ReadTimeoutError

from hub.aws import SdkService, build, build_edge
from hub.aws_errors import Refused
from hub.aws_services import EventBus, SecretsManagerSecrets, SqsQueue
from hub.aws_store import DynamoStore, attributes_of, item_of
from hub.errors import Conflict, Reject, Retry
from hub.memory import FakeClock
from hub.ports import Item
from hub.settings import Credentials, Settings

PERSONAL = "+81 90 0000 0000"


class Calls:
    """An AWS service that answers in turn; an exception is raised."""

    def __init__(self, *answers: Any) -> None:
        self.made: list[tuple[str, Mapping[str, Any]]] = []
        self._answers = list(answers)

    def __call__(self, operation: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        self.made.append((operation, parameters))
        answer = self._answers.pop(0) if self._answers else {}
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, Mapping) else {}


# DynamoDB.

TWO = [Item("P#1", "A"), Item("P#2", "B")]


def cancelled(*reasons: str) -> Refused:
    return Refused("dynamodb.TransactWriteItems", "TransactionCanceledException", reasons)


@pytest.mark.parametrize(
    ("reasons", "expected"),
    [
        (("ConditionalCheckFailed", "None"), Conflict),
        (("None", "ConditionalCheckFailed"), Conflict),
        (("ConditionalCheckFailed", "TransactionConflict"), Conflict),
        (("TransactionConflict", "None"), Retry),
        (("ThrottlingError", "None"), Retry),
        (("ProvisionedThroughputExceeded", "None"), Retry),
        (("ValidationError", "None"), Refused),
        (("ItemCollectionSizeLimitExceeded", "ConditionalCheckFailed"), Refused),
    ],
)
def test_a_cancelled_transaction_is_told_by_its_items(reasons: tuple[str, ...], expected: type[Exception]) -> None:
    with pytest.raises(expected) as raised:
        DynamoStore(Calls(cancelled(*reasons)), "t").put_all(TWO)
    assert type(raised.value) is expected


def test_a_refusal_that_is_no_condition_is_no_conflict() -> None:
    for code in ("ValidationException", "AccessDeniedException"):
        with pytest.raises(Refused):
            DynamoStore(Calls(Refused("dynamodb.PutItem", code)), "t").put(TWO[0])


def test_one_item_is_written_without_the_price_of_a_transaction() -> None:
    calls = Calls()
    DynamoStore(calls, "t").put_all(TWO[:1])
    assert [operation for operation, _ in calls.made] == ["PutItem"]


def test_reads_by_key_are_consistent() -> None:
    calls = Calls({}, {"Items": []})
    store = DynamoStore(calls, "t")
    store.get("P#1", "A")
    store.query("P#1")
    assert [parameters["ConsistentRead"] for _, parameters in calls.made] == [True, True]


def test_a_page_cut_by_size_goes_on_where_it_was_cut() -> None:
    found = [attributes_of(Item("P#1", sk)) for sk in ("a", "b")]
    calls = Calls({"Items": found, "LastEvaluatedKey": {"pk": {"S": "P#1"}, "sk": {"S": "b"}}})
    assert DynamoStore(calls, "t").query("P#1", limit=100).next_key == "b"


@pytest.mark.parametrize("start", ["{", "x", ""])
def test_a_place_in_the_index_that_was_never_given_is_refused(start: str) -> None:
    with pytest.raises(Reject):
        DynamoStore(Calls(), "t").query_index("shelf", start=start)


def test_the_image_of_a_stream_is_an_item() -> None:
    item = Item("P#1", "A", {"a": [1, "二"]}, 3, ("shelf", "1"), 5)
    image = attributes_of(item)
    assert (image["version"], image["expires"]) == ({"N": "4"}, {"N": "5"})
    assert item_of(image) == Item("P#1", "A", {"a": [1, "二"]}, 4, ("shelf", "1"), 5)


# EventBridge.


def event(**more: Any) -> dict[str, Any]:
    return {"id": "1", "type": "call.ended", "platform": "twilio", "data": {}, **more}


def test_entries_that_were_not_accepted_are_named_across_requests() -> None:
    first = {"FailedEntryCount": 1, "Entries": [{"EventId": "x"}] * 9 + [{"ErrorCode": "ThrottlingException"}]}
    second = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure"}, {"EventId": "y"}]}
    assert EventBus(Calls(first, second), "bus").publish([event()] * 12) == [9, 10]


def test_an_event_that_can_never_be_carried_is_named_and_the_others_go() -> None:
    calls = Calls({"Entries": [{"EventId": "x"}] * 2})
    odd = [event(data={"n": 2**63}), event(data={"n": float("nan")}), event(data=json.loads("[" * 70 + "]" * 70))]
    assert EventBus(calls, "bus").publish([event(), *odd, event(id="2")]) == [1, 2, 3]
    (_, parameters) = calls.made[0]
    assert len(parameters["Entries"]) == 2


def test_an_entry_says_where_it_comes_from_and_what_it_is() -> None:
    calls = Calls({"Entries": [{}]})
    EventBus(calls, "bus").publish([event(data={"text": "佐藤 \ud800"})])
    (entry,) = calls.made[0][1]["Entries"]
    detail = entry.pop("Detail")
    assert entry == {"EventBusName": "bus", "Source": "renkei.twilio", "DetailType": "call.ended"}
    assert json.loads(detail) == event(data={"text": "佐藤 \ud800"})
    detail.encode()


# SQS.


def test_a_reason_is_an_attribute_that_sqs_takes() -> None:
    calls = Calls()
    SqsQueue(calls, "https://sqs.example/1/renkei-").send("sync-crm-dead", "body", reason="torn\x00\n" + "x" * 500)
    sent = calls.made[0][1]
    assert sent["QueueUrl"] == "https://sqs.example/1/renkei-sync-crm-dead"
    assert sent["MessageAttributes"]["reason"]["StringValue"] == "torn??" + "x" * 250


# Secrets Manager.

NEW = {"SecretString": '{"signing": [{"id": "2", "value": "new", "not_after": null}]}'}
OLD = {"SecretString": '{"signing": [{"id": "1", "value": "old", "not_after": null}]}'}


def secrets(
    *answers: Any, clock: FakeClock | None = None, jitter: Callable[[], float] = lambda: 0.0
) -> tuple[SecretsManagerSecrets, Calls]:
    calls = Calls(*answers)
    port = SecretsManagerSecrets(calls, clock or FakeClock(), prefix="p/", hash_key_secret="h", jitter=jitter)
    return port, calls


def value(read: Mapping[str, Any]) -> str:
    return str(read["signing"][0]["value"])


def test_secrets_are_read_once_in_five_minutes() -> None:
    clock = FakeClock()
    port, calls = secrets(OLD, NEW, clock=clock)
    clock_steps = (0, 299, 1)
    seen = []
    for step in clock_steps:
        clock.sleep(step)
        seen.append(value(port.read("a")))
    assert seen == ["old", "old", "new"]
    assert calls.made[0] == ("GetSecretValue", {"SecretId": "p/a"})


def test_containers_do_not_all_read_at_the_same_moment() -> None:
    clock = FakeClock()
    port, _ = secrets(OLD, NEW, clock=clock, jitter=lambda: 1.0)
    port.read("a")
    clock.sleep(240)
    assert value(port.read("a")) == "new"


@pytest.mark.parametrize("error", [Retry("throttled"), Refused("s.Get", "DecryptionFailure")])
def test_while_they_cannot_be_read_the_old_ones_serve_for_15_minutes(error: Exception) -> None:
    clock = FakeClock()
    port, _ = secrets(OLD, error, error, clock=clock)
    port.read("a")
    clock.sleep(899)
    assert value(port.read("a")) == "old"
    clock.sleep(1)
    with pytest.raises(type(error)):
        port.read("a")


@pytest.mark.parametrize(
    "answer",
    [
        Refused("s.Get", "ResourceNotFoundException"),
        Refused("s.Get", "InvalidRequestException"),
        {"SecretString": "not json"},
        {"SecretString": '["a list"]'},
    ],
    ids=["absent", "being deleted", "spoilt", "a list"],
)
def test_what_is_no_secret_is_none_and_asked_for_again_soon(answer: Any) -> None:
    clock = FakeClock()
    port, _ = secrets(answer, NEW, clock=clock)
    assert port.read("a") == {}
    clock.sleep(5)
    assert value(port.read("a")) == "new"


def test_a_secret_that_was_deleted_is_not_served_any_longer() -> None:
    clock = FakeClock()
    port, _ = secrets(OLD, Refused("s.Get", "ResourceNotFoundException"), clock=clock)
    port.read("a")
    clock.sleep(300)
    assert port.read("a") == {}


def test_the_hash_key_is_read_once_and_an_error_is_not_a_key() -> None:
    port, calls = secrets(Retry("throttled"), {"SecretString": "key"})
    with pytest.raises(Retry):
        port.hash_key()
    assert (port.hash_key(), port.hash_key()) == (b"key", b"key")
    assert len(calls.made) == 2


# The SDK.


class Client:
    """A boto3 client of which every operation raises."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def put_item(self, **_: Any) -> None:
        raise self._error


def client_error(code: str, status: int = 400) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": PERSONAL}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "PutItem")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (client_error("ThrottlingException"), Retry),
        (client_error("ProvisionedThroughputExceededException"), Retry),
        (client_error("TransactionConflictException"), Retry),
        (client_error("InternalServerError", 500), Retry),
        (client_error("AccessDeniedException"), Refused),
        (client_error("ValidationException"), Refused),
        (EndpointConnectionError(endpoint_url=PERSONAL), Retry),
        (ReadTimeoutError(endpoint_url=PERSONAL), Retry),
        (ParamValidationError(report=PERSONAL), Reject),
    ],
    ids=str,
)
def test_the_sdks_errors_are_told_without_what_was_sent(error: Exception, expected: type[Exception]) -> None:
    with pytest.raises(expected) as raised:
        SdkService("dynamodb", lambda _: Client(error))("PutItem", {})
    assert type(raised.value) is expected
    assert PERSONAL not in str(raised.value)
    assert raised.value.__cause__ is None


def test_a_client_is_made_when_it_is_first_needed_and_once() -> None:
    made: list[str] = []

    class Working:
        def put_item(self, **_: Any) -> dict[str, Any]:
            return {}

    def make(name: str) -> Working:
        made.append(name)
        return Working()

    service = SdkService("dynamodb", make)
    assert made == []
    service("PutItem", {})
    service("PutItem", {})
    assert made == ["dynamodb"]


# The adapters put together.


def test_the_outbound_client_comes_with_the_first_request_and_keeps_its_allow_list() -> None:
    hub = build_edge(Settings(region="eu-west-1"), Credentials("a", "b"))
    with pytest.raises(Reject):
        hub.http.request("GET", "https://collector.example.org/", hosts=("api.example.com",))


def test_queues_are_found_by_the_stacks_name() -> None:
    sent: list[str] = []

    class Sqs:
        def send_message(self, **parameters: Any) -> dict[str, Any]:
            sent.append(parameters["QueueUrl"])
            return {}

    settings = Settings(stack="north", queue_prefix="https://sqs.eu-west-1.amazonaws.com/123456789012/")
    build(settings, lambda _: Sqs()).queue.send("sync-crm-dead", "body")
    assert sent == ["https://sqs.eu-west-1.amazonaws.com/123456789012/north-sync-crm-dead"]


def test_no_client_is_made_before_it_is_needed() -> None:
    made: list[str] = []
    build(Settings(), made.append)
    assert made == []
