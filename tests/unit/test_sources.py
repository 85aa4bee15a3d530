"""What reaches the inbound queue without a webhook: events of a bus and records of a stream."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from hub.connections import event_sources
from hub.delivery import Connection, Delivery
from hub.domain.events import unix_ms
from hub.map import NO_CONNECTION
from hub.memory import MemoryBlobs, MemoryBus, MemoryConnections, MemoryQueue, MemoryStore, memory_hub
from map_telephony.handler import handler
from tests.unit.example_connector import ID, example

__all__ = ["example"]

STREAM = "arn:aws:kinesis:eu-west-2:111122223333:stream/records"
INSTANCE = "arn:aws:connect:eu-west-2:111122223333:instance/1"
AT = "2026-11-22T19:00:00.123Z"


class World:
    """A hub with one connection that is fed by these sources."""

    def __init__(self, connection: Connection, *sources: str) -> None:
        self.bus, self.blobs, self.queue, self.store = MemoryBus(), MemoryBlobs(), MemoryQueue(), MemoryStore()
        self.connections = MemoryConnections([replace(connection, settings={"event_source": list(sources)})])
        self.hub = memory_hub(
            bus=self.bus, blobs=self.blobs, queue=self.queue, store=self.store, connections=self.connections
        )

    def map(self, *bodies: str) -> list[str]:
        """The calls of which an event was published so far."""
        records = [{"messageId": f"m{number}", "body": body} for number, body in enumerate(bodies)]
        assert handler({"Records": records}, None, self.hub) == {"batchItemFailures": []}
        return [event["data"]["call_id"] for event in self.bus.events]

    def kept(self) -> list[dict[str, Any]]:
        """The raw deliveries, as they are stored."""
        return [json.loads(line) for blob in self.blobs.stored.values() for line in blob.splitlines()]

    def aside(self) -> list[Mapping[str, Any]]:
        """What was quarantined."""
        return [item.body for item in self.store.query_index("ASIDE#quarantine").items]


def record(call: str, **more: Any) -> dict[str, Any]:
    """As EventBridge Pipes puts a Kinesis record on a queue."""
    data = json.dumps({"calls": [{"id": call}]}).encode()
    return {
        "kinesisSchemaVersion": "1.0",
        "partitionKey": "p",
        "sequenceNumber": "49590338271490256608559692538361571095921575989136588898",
        "data": base64.b64encode(data).decode(),
        "approximateArrivalTimestamp": unix_ms(AT) / 1000,
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": "shardId-000000000006:49590338271490256608559692538361571095921575989136588898",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": "arn:aws:iam::111122223333:role/example",
        "awsRegion": "eu-west-2",
        "eventSourceARN": STREAM,
        **more,
    }


def nested(one: dict[str, Any]) -> dict[str, Any]:
    """The same as Lambda's event source mapping writes it."""
    inside = ("kinesisSchemaVersion", "partitionKey", "sequenceNumber", "data", "approximateArrivalTimestamp")
    outside = {name: value for name, value in one.items() if name not in inside}
    return {**outside, "kinesis": {name: one[name] for name in inside}}


def event(call: str, source: str, resources: Any = ()) -> str:
    return json.dumps(
        {"source": source, "detail-type": "Call", "time": AT, "resources": resources, "calls": [{"id": call}]}
    )


@pytest.mark.parametrize("shape", [dict, nested])
def test_a_streams_record_is_a_delivery_of_the_connection_that_names_the_stream(
    example: Connection, shape: Any
) -> None:
    world = World(example, "aws.connect", STREAM)
    assert world.map(json.dumps(shape(record("A")))) == ["A"]
    [kept] = world.kept()
    assert (kept["connection"], kept["received_at"]) == (ID, AT)
    assert base64.b64decode(kept["body"]) == b'{"calls": [{"id": "A"}]}'
    assert world.bus.events[0]["raw"] == next(iter(world.blobs.stored)) + "#0"


def test_a_record_that_the_stream_repeats_gives_the_same_events(example: Connection) -> None:
    world = World(example, STREAM)
    world.map(json.dumps(record("A")))
    world.map(json.dumps(record("A", sequenceNumber="4", approximateArrivalTimestamp=unix_ms(AT) / 1000 + 60)))
    assert len({event["id"] for event in world.bus.events}) == 1


def test_a_record_of_an_unknown_stream_is_set_aside_until_a_connection_names_it(example: Connection) -> None:
    world = World(example)
    assert world.map(json.dumps(record("A"))) == []
    [body] = world.aside()
    assert (body["reason"], body["connection"]) == (NO_CONNECTION, "unknown")
    world.connections.stored[ID] = replace(example, settings={"event_source": STREAM})
    [kept] = world.kept()
    assert world.map(json.dumps({**kept, "raw_ref": body["raw"]})) == ["A"]
    assert world.bus.events[0]["raw"] == body["raw"]
    assert Delivery.from_message(kept).headers == {"event-source": STREAM}


@pytest.mark.parametrize(
    "wrong",
    [{"data": "no base64!"}, {"data": None}, {"approximateArrivalTimestamp": "soon"}, {"eventSourceARN": ["x"]}],
)
def test_a_record_that_is_none_is_a_dead_letter_and_spares_its_neighbours(
    example: Connection, wrong: dict[str, Any]
) -> None:
    world = World(example, STREAM)
    assert world.map(json.dumps(record("A", **wrong)), json.dumps(record("B"))) == ["B"]
    assert len(world.queue.messages.get("inbound-telephony-dead", ())) + len(world.aside()) == 1


def test_a_services_event_belongs_to_the_connection_of_its_source_else_of_its_resource(example: Connection) -> None:
    assert World(example, "aws.connect").map(event("A", "aws.connect", [INSTANCE])) == ["A"]
    assert World(example, INSTANCE).map(event("A", "aws.connect", [INSTANCE, f"{INSTANCE}/contact/9"])) == ["A"]
    other = World(example, f"{INSTANCE}2")
    assert other.map(event("A", "aws.connect", [INSTANCE])) == []
    assert [body["reason"] for body in other.aside()] == [NO_CONNECTION]


@pytest.mark.parametrize("resources", [None, [], [7, None], ["a", "b", "c", INSTANCE]])
def test_odd_resources_do_no_harm(example: Connection, resources: Any) -> None:
    world = World(example, INSTANCE)
    assert world.map(event("A", "aws.connect", resources)) == []
    assert len(world.aside()) == 1


@pytest.mark.parametrize(
    ("given", "sources"),
    [(None, ()), ("", ()), ("one", ("one",)), (["one", "two", "one", ""], ("one", "two"))],
)
def test_a_connection_may_be_fed_by_several_sources(given: Any, sources: tuple[str, ...]) -> None:
    assert event_sources(Connection(ID, "example", settings={"event_source": given})) == sources
