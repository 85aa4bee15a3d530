"""A page of a timeline: through the API's handler, and by a bare boto3 query of the same 25 entries.

Both talk to DynamoDB as it answers on the wire; what it answers is made from a store in memory, and remembered, so
that a repetition costs nothing here.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from dataclasses import replace
from typing import Any

from hub.aws_json import JsonService, Sender
from hub.aws_sign import Signer
from hub.aws_store import INDEX, DynamoStore
from hub.aws_wire import Answer
from hub.memory import FakeClock, MemoryStore, memory_hub
from hub.ports import Item, Page
from hub.settings import Credentials, Settings
from hub.telemetry import EmfTelemetry
from hub.times import from_unix
from hub.wiring import Hub
from tests.benchmarks import work_events
from tests.harness import story
from tests.harness.accounts import accounts, secrets
from tests.harness.shapes import Context, image_of
from tests.harness.world import World

ENTRIES = 25
FEW, MANY = 100, 100_000
TABLE = "renkei-state"
TOKEN = {"claims": {"sub": "someone", "scope": "renkei/agent"}, "scopes": None}


class Table:
    """DynamoDB's answers to GetItem and Query over a store, as bytes; counts what it was asked."""

    def __init__(self, store: MemoryStore) -> None:
        self.requests = 0
        self._store = store
        self._known: dict[bytes, bytes] = {}

    def answer(self, operation: str, body: bytes) -> bytes:
        """The body of the answer."""
        self.requests += 1
        if body not in self._known:
            self._known[body] = json.dumps(_ANSWERS[operation](self._store, json.loads(body))).encode()
        return self._known[body]


def _get(store: MemoryStore, asked: Mapping[str, Any]) -> dict[str, Any]:
    item = store.get(asked["Key"]["pk"]["S"], asked["Key"]["sk"]["S"])
    return {"Item": image_of(item)} if item else {}


def _query(store: MemoryStore, asked: Mapping[str, Any]) -> dict[str, Any]:
    values = {name: value["S"] for name, value in asked["ExpressionAttributeValues"].items()}
    forward, limit = asked.get("ScanIndexForward", True), asked["Limit"]
    if "IndexName" in asked:
        between = (values[":low"], values[":high"]) if ":low" in values else None
        page = store.query_index(values[":pk"], limit=limit, newest_first=not forward, between=between)
    else:
        page = store.query(values[":pk"], prefix=values.get(":sk", ""), limit=limit, newest_first=not forward)
    return _items(page)


def _items(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = {
        "Items": [image_of(item) for item in page.items],
        "Count": len(page.items),
        "ScannedCount": len(page.items),
    }
    if page.next_key is None:
        return found
    last = found["Items"][-1]
    return found | {"LastEvaluatedKey": {name: last[name] for name in ("pk", "sk", "ipk", "isk") if name in last}}


_ANSWERS: Mapping[str, Callable[[MemoryStore, Mapping[str, Any]], dict[str, Any]]] = {"GetItem": _get, "Query": _query}


def customer_with(entries: int) -> tuple[MemoryStore, str]:
    """A store with one customer, who has written that many texts, and the customer's id."""
    clock = FakeClock(story.NOW)
    connections = [one for one in story.CONNECTIONS if one.id == story.WHATSAPP]
    with redirect_stdout(io.StringIO()):
        world = World(connections, secrets(), platforms=accounts(clock).platforms, clock=clock)
        world.paused = frozenset({"sync_crm"})
        world.deliver(work_events.text())
        world.run()
    [entry] = [item for item in world.store.everything() if item.sk == "ENTRY"]
    for number in range(1, entries):
        world.store.put(_another(entry, number))
    return world.store, entry.body["persona"]


def _another(entry: Item, number: int) -> Item:
    """The entry once more, so many minutes earlier, with ids of its own."""
    at = from_unix(int(story.NOW) - 60 * number)
    [(event, fact)] = entry.body["facts"].items()
    facts = {f"{event[:-6]}{number:06d}": {**fact, "at": at}}
    pk = f"{entry.pk[:-6]}{number:06d}"
    index = (f"T#{entry.body['persona']}", f"{at}#{pk.removeprefix('E#')}")
    return replace(entry, pk=pk, body={**entry.body, "at": at, "facts": facts}, version=0, index=index)


def request(customer_id: str) -> dict[str, Any]:
    """API Gateway's event of an agent who asks for the newest page."""
    path = f"/v1/customers/{customer_id}/timeline"
    return {
        "version": "2.0",
        "routeKey": "ANY /v1/{proxy+}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": "api.example", "accept": "application/json"},
        "requestContext": {
            "stage": "$default",
            "requestId": "r1",
            "http": {"method": "GET", "path": path, "sourceIp": "192.0.2.1", "protocol": "HTTP/1.1"},
            "authorizer": {"jwt": TOKEN},
        },
        "isBase64Encoded": False,
    }


class Wire:
    """The connection of the hub's own client, with the table at its other end."""

    host = "dynamodb.us-east-1.amazonaws.com"

    def __init__(self, table: Table) -> None:
        self._table = table

    def exchange(self, _method: str, _path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """The table's answer to a signed request."""
        if "authorization" not in headers:
            raise RuntimeError("the request is not signed")
        return Answer(200, self._table.answer(headers["x-amz-target"].rpartition(".")[2], body))


def api_hub(table: Table) -> Hub:
    """The hub of the API as in Lambda, but for the socket; what else it may read lies in memory."""
    clock = FakeClock(story.NOW)
    signer = Signer("dynamodb", "us-east-1", Credentials("AKIAEXAMPLE", "example", ""))
    service = JsonService("dynamodb", Sender(signer, Wire(table), clock))  # type: ignore[arg-type]
    settings = Settings(public_url="https://hooks.example.com", scope_prefix="renkei/")
    telemetry = EmfTelemetry(clock, io.StringIO().write)
    return memory_hub(settings=settings, store=DynamoStore(service, TABLE), clock=clock, telemetry=telemetry)


def asking(table: Table, customer_id: str) -> Callable[[], dict[str, Any]]:
    """Asks the API's handler for the newest page; RuntimeError where that is not 25 entries."""
    from api.handler import handler

    hub, event, context = api_hub(table), request(customer_id), Context()

    def ask() -> dict[str, Any]:
        return handler(event, context, hub)

    answer = ask()
    if answer["statusCode"] != 200 or len(json.loads(answer["body"])["entries"]) != ENTRIES:
        raise RuntimeError(f"the benchmark's own page was not answered: {answer['statusCode']}")
    return ask


def page_requests(entries: int) -> int:
    """AWS requests of one page of a customer with so many entries."""
    store, customer_id = customer_with(entries)
    table = Table(store)
    asking(table, customer_id)
    return table.requests


def bare(table: Table, customer_id: str) -> Callable[[], list[dict[str, Any]]]:
    """Reads the same 25 items by `boto3.client("dynamodb").query` and TypeDeserializer, and nothing more."""
    import boto3
    from boto3.dynamodb.types import TypeDeserializer

    keys = {"aws_access_key_id": "AKIAEXAMPLE", "aws_secret_access_key": "example"}
    client: Any = boto3.client("dynamodb", region_name="us-east-1", **keys)  # type: ignore[call-overload]
    client.meta.events.register("before-send.dynamodb.Query", _wired(table))
    deserialize = TypeDeserializer().deserialize
    query = {
        "TableName": TABLE,
        "IndexName": INDEX,
        "KeyConditionExpression": "ipk = :pk",
        "ExpressionAttributeValues": {":pk": {"S": f"T#{customer_id}"}},
        "ScanIndexForward": False,
        "Limit": ENTRIES,
    }

    def ask() -> list[dict[str, Any]]:
        found = client.query(**query)["Items"]
        return [{name: deserialize(value) for name, value in item.items()} for item in found]

    if len(ask()) != ENTRIES:
        raise RuntimeError("the bare query did not find the same entries")
    return ask


def _wired(table: Table) -> Callable[..., Any]:
    from botocore.awsrequest import AWSResponse

    def answer(request: Any, **_: Any) -> Any:
        body = table.answer("Query", request.body)
        return AWSResponse(request.url, 200, {"content-type": "application/x-amz-json-1.0"}, _Raw(body))  # type: ignore[arg-type]

    return answer


class _Raw:
    """A response's body as urllib3 hands it over."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: Any) -> Any:
        """The body in one piece."""
        yield self._body
