"""The mapping stage: events for what is understood, a record for what is not, and nothing lost in between."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from hub.batch import PATIENCE_S
from hub.delivery import Connection, Delivery
from hub.domain.events import Event
from hub.errors import Reject, Retry
from hub.map import NO_CONNECTION
from hub.memory import (
    MemoryBlobs,
    MemoryBus,
    MemoryConnections,
    MemoryQueue,
    MemoryStore,
    MemoryTelemetry,
    memory_hub,
)
from hub.wiring import Hub
from map_crm.handler import handler as map_crm
from map_telephony.handler import handler as map_telephony
from map_whatsapp.handler import handler as map_whatsapp
from tests.unit.example_connector import ID, example

__all__ = ["example"]

SOURCE = "aws.partner/example.com/1/2"
AT = "2026-11-22T19:00:00.123Z"


class World:
    """A hub with one connection, and its parts by their own types."""

    def __init__(self, connection: Connection, bus: MemoryBus | None = None, store: MemoryStore | None = None) -> None:
        self.bus, self.store = bus or MemoryBus(), store or MemoryStore()
        self.blobs, self.queue, self.telemetry = MemoryBlobs(), MemoryQueue(), MemoryTelemetry()
        self.connections = MemoryConnections([connection])
        self.hub: Hub = memory_hub(
            bus=self.bus,
            store=self.store,
            blobs=self.blobs,
            queue=self.queue,
            telemetry=self.telemetry,
            connections=self.connections,
        )

    def map(self, *bodies: str) -> list[str]:
        """The ids of the records (m0, m1, …) that come again."""
        records = [{"messageId": f"m{number}", "body": body} for number, body in enumerate(bodies)]
        answer = map_telephony({"Records": records}, None, self.hub)
        return [one["itemIdentifier"] for one in answer["batchItemFailures"]]

    def calls(self) -> list[str]:
        """The calls of which an event was published."""
        return [event["data"]["call_id"] for event in self.bus.events]

    def aside(self, shelf: str) -> list[Mapping[str, Any]]:
        """Bodies of what was set aside, oldest first."""
        items = self.store.query_index(f"ASIDE#{shelf}", newest_first=False).items
        return [item.body for item in items]

    def counts(self) -> dict[str, int]:
        """Unmapped parts by type."""
        return {item.body["type"]: item.body["n"] for item in self.store.query("ASIDE#counts").items}


@pytest.fixture
def world(example: Connection) -> World:
    return World(example)


def delivery(**says: Any) -> Delivery:
    """One whose body says what is to become of it; see example_connector.map_delivery."""
    return Delivery(ID, "example", "telephony", AT, json.dumps(says).encode())


def call(call_id: str, **more: Any) -> Delivery:
    return delivery(calls=[{"id": call_id, **more}])


def message(one: Delivery, **more: Any) -> str:
    return json.dumps({**one.to_message(), **more})


def raw_of(world: World, pointer: str) -> Delivery:
    """The stored delivery that a pointer leads to."""
    key, _, line = pointer.rpartition("#")
    return Delivery.from_message(json.loads(world.blobs.stored[key].splitlines()[int(line)]))


def test_each_delivery_becomes_its_events(world: World) -> None:
    assert world.map(message(call("A")), message(delivery(calls=[{"id": "B"}, {"id": "C"}]))) == []
    assert world.calls() == ["A", "B", "C"]
    assert all(Event.model_validate(event).body() for event in world.bus.events)
    assert world.telemetry.counters == {"map.events": 3}
    assert world.telemetry.lines == [{"function": "map_telephony", "records": 2}]


def test_the_deliveries_of_a_batch_are_kept_in_one_blob_and_each_event_points_to_its_own(world: World) -> None:
    sent = [call("A"), call("B")]
    world.map(*(message(one) for one in sent))
    (key,) = world.blobs.stored
    assert key.startswith("raw/2026/11/22/")
    assert key.endswith(".jsonl")
    assert [raw_of(world, event["raw"]) for event in world.bus.events] == sent
    assert len({event["raw"] for event in world.bus.events}) == 2


def test_the_same_batch_again_is_the_same_in_every_byte(example: Connection) -> None:
    worlds = [World(example), World(example)]
    for world in worlds:
        world.map(message(call("A")), message(delivery(unmapped=["fax"])), message(delivery(refuse="torn")))
    assert worlds[0].bus.events == worlds[1].bus.events
    assert worlds[0].blobs.stored == worlds[1].blobs.stored
    assert worlds[0].store.everything() == worlds[1].store.everything()


def test_a_large_body_is_fetched_and_kept_whole(world: World) -> None:
    one = call("A", agent="x" * 1000)
    pointer = {key: value for key, value in one.to_message().items() if key != "body"} | {"blob": "large/a/b"}
    assert world.map(json.dumps(pointer)) == ["m0"], "not there yet: comes again"
    world.blobs.put("large/a/b", one.body)
    assert world.map(json.dumps(pointer)) == []
    assert raw_of(world, world.bus.events[0]["raw"]) == one


@pytest.mark.parametrize(
    "body", ["", "{", "5", "null", "[]", '"x"', "{}", '{"renkei": 1}', '{"source": 1, "detail-type": "x", "time": "t"}']
)
def test_what_is_no_delivery_is_a_dead_letter(world: World, body: str) -> None:
    assert world.map(message(call("A")), body) == []
    assert [one.reason for one in world.queue.messages["inbound-telephony-dead"]] == ["not a delivery"]
    assert world.calls() == ["A"]


@pytest.mark.parametrize(
    ("says", "reason"),
    [({"refuse": "the text is torn"}, "the text is torn"), ({"break": 1}, "mapping failed: RuntimeError")],
)
def test_what_cannot_be_read_is_set_aside_once_and_blocks_nobody(
    world: World, says: dict[str, Any], reason: str
) -> None:
    bad = delivery(**says)
    for _ in range(2):
        assert world.map(message(call("A")), message(bad), message(call("B"))) == []
    assert world.calls() == ["A", "B"] * 2
    (body,) = world.aside("quarantine")
    assert (
        body.items()
        >= {
            "status": "open",
            "connection": ID,
            "platform": "example",
            "kind": "telephony",
            "reason": reason,
            "received_at": AT,
        }.items()
    )
    assert raw_of(world, str(body["raw"])) == bad
    assert world.store.get(f"ASIDE#{bad.id}", "quarantine") is not None
    assert "+81" not in str(world.store.everything()) + str(world.telemetry.dimensions)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"null", b"5", b"[" * 100_000, b'{"calls": [{}]}'])
def test_no_body_makes_a_record_come_again(world: World, body: bytes) -> None:
    assert world.map(message(replace(delivery(), body=body)), message(call("A"))) == []
    assert len(world.aside("quarantine")) == 1
    assert world.calls() == ["A"]


def test_unmapped_parts_are_kept_and_counted_exactly_however_often_they_come(world: World) -> None:
    for _ in range(3):
        assert world.map(message(delivery(unmapped=["fax", "pager", "fax"])), message(delivery(unmapped=["fax"]))) == []
    assert sorted(str(body["type"]) for body in world.aside("unmapped")) == ["fax", "fax", "fax", "pager"]
    assert world.counts() == {"fax": 3, "pager": 1}
    assert all(body["status"] == "open" and body["raw"] for body in world.aside("unmapped"))


def test_a_count_is_exact_when_others_count_at_the_same_time(example: Connection) -> None:
    class Crowded(MemoryStore):
        """Before each of the first transactions somebody else counts the same type."""

        others = 3

        def put_all(self, items: Sequence[Any]) -> None:
            if self.others:
                self.others -= 1
                counter = self.get("ASIDE#counts", f"{ID}#fax")
                body = {"n": (counter.body["n"] if counter else 0) + 1, "connection": ID, "type": "fax"}
                super().put_all([replace(items[1], body=body, version=counter.version if counter else 0)])
            super().put_all(items)

    world = World(example, store=Crowded())
    assert world.map(message(delivery(unmapped=["fax"]))) == []
    assert world.counts() == {"fax": 4}


def test_a_part_without_words_does_not_keep_the_others_from_the_bus(world: World) -> None:
    assert world.map(message(delivery(calls=[{"id": "A"}], unmapped=["fax"]))) == []
    assert world.calls() == ["A"]


def test_an_unmapped_type_of_any_length_and_alphabet_is_kept(world: World) -> None:
    assert world.map(message(delivery(unmapped=["é\ud800" + "x" * 5000]))) == []
    (body,) = world.aside("unmapped")
    assert str(body["type"]).startswith("\\xe9\\ud800xxx")
    assert len(str(body["type"])) == 200


def test_a_delivery_of_a_connection_that_is_gone_is_set_aside(world: World) -> None:
    world.connections.stored.clear()
    assert world.map(message(call("A"))) == []
    assert [body["reason"] for body in world.aside("quarantine")] == ["the connection no longer exists"]


def test_a_disabled_connections_accepted_deliveries_are_mapped(example: Connection) -> None:
    world = World(replace(example, status="disabled"))
    assert world.map(message(call("A"))) == []
    assert world.calls() == ["A"]


# The bus.


def test_a_record_of_which_one_event_was_not_accepted_comes_again_and_no_other(example: Connection) -> None:
    bus = MemoryBus(refuses=lambda event: event["data"]["call_id"] == "B")
    world = World(example, bus)
    two = delivery(calls=[{"id": "B"}, {"id": "C"}])
    assert world.map(message(call("A")), message(two), message(call("D"))) == ["m1"]
    assert world.calls() == ["A", "C", "D"]
    assert world.telemetry.counters["map.events"] == 3


def test_what_was_not_accepted_is_offered_once_more(example: Connection) -> None:
    class Hesitant(MemoryBus):
        """Refuses the first of each first offer."""

        offered = 0

        def publish(self, events: Sequence[Mapping[str, Any]]) -> list[int]:
            self.offered += 1
            if self.offered == 1:
                super().publish(events[1:])
                return [0]
            return super().publish(events)

    world = World(example, Hesitant())
    assert world.map(message(call("A")), message(call("B"))) == []
    assert world.calls() == ["B", "A"]


@pytest.mark.parametrize("error", [Retry("throttled"), Reject("denied")])
def test_a_bus_that_fails_makes_every_record_with_events_come_again(example: Connection, error: Exception) -> None:
    class Down(MemoryBus):
        def publish(self, events: Sequence[Mapping[str, Any]]) -> list[int]:
            raise error

    world = World(example, Down())
    bodies = [message(one) for one in (call("A"), delivery(refuse="torn"), delivery(unmapped=["fax"]), call("B"))]
    assert world.map(*bodies) == ["m0", "m3"]
    assert len(world.aside("quarantine")) == len(world.aside("unmapped")) == 1


def test_requests_to_the_bus_hold_at_most_ten_events_and_900_kb(example: Connection) -> None:
    sizes: list[tuple[int, int]] = []

    class Scales(MemoryBus):
        def publish(self, events: Sequence[Mapping[str, Any]]) -> list[int]:
            sizes.append((len(events), sum(len(json.dumps(event)) for event in events)))
            return super().publish(events)

    world = World(example, Scales())
    small = [{"id": f"s{number}"} for number in range(23)]
    large = [{"id": f"l{number}", "agent": "x" * 190_000} for number in range(7)]
    assert world.map(message(delivery(calls=small)), message(delivery(calls=large))) == []
    assert len(world.calls()) == 30
    assert max(size for _, size in sizes) < 1_000_000
    assert [count for count, _ in sizes] == [10, 10, 7, 3]


def test_an_event_over_200_kb_goes_without_the_platforms_own_object(world: World) -> None:
    assert world.map(message(call("A", native={"transcript": "x" * 250_000, "more": 1}))) == []
    (event,) = world.bus.events
    assert event["data"]["native"] == {"native_dropped": True}
    assert raw_of(world, event["raw"]).body.count(b"x") == 250_000
    assert Event.model_validate(event).body()


def test_an_event_of_200_kb_is_whole(world: World) -> None:
    world.map(message(call("A", native={"transcript": "x" * 190_000})))
    assert len(world.bus.events[0]["data"]["native"]["transcript"]) == 190_000


@pytest.mark.parametrize(
    "more",
    [
        {"agent": "x" * 250_000},
        {"native": {"n": 2**63}},
        {"native": {"n": -(2**63) - 1}},
        {"native": json.loads('{"a":' * 70 + "1" + "}" * 70)},
    ],
    ids=["too large", "over int64", "under int64", "too deep"],
)
def test_an_event_that_the_bus_would_refuse_is_set_aside_and_blocks_nobody(world: World, more: dict[str, Any]) -> None:
    assert world.map(message(call("A", **more)), message(call("B"))) == []
    assert world.calls() == ["B"]
    assert len(world.aside("quarantine")) == 1


# Faults of our own side.


class Broken:
    """Every call fails with Retry."""

    def __getattr__(self, _name: str) -> Any:
        def fail(*_: object, **__: object) -> None:
            raise Retry("throttled")

        return fail


def test_without_the_raw_copy_nothing_goes_on(world: World) -> None:
    world.hub = replace(world.hub, blobs=Broken())
    assert world.map(message(call("A")), message(delivery(refuse="torn"))) == ["m0", "m1"]
    assert world.bus.events == []
    assert world.store.everything() == []


def test_without_the_raw_copy_for_days_a_delivery_is_a_dead_letter_and_not_mapped(world: World) -> None:
    world.hub = replace(world.hub, blobs=Broken())
    sent = {"SentTimestamp": str(int((world.hub.clock.now() - PATIENCE_S - 1) * 1000))}
    record = {"messageId": "m0", "body": message(call("A")), "attributes": sent}
    assert map_telephony({"Records": [record]}, None, world.hub) == {"batchItemFailures": []}
    assert len(world.queue.messages["inbound-telephony-dead"]) == 1
    assert world.bus.events == []


def test_what_cannot_be_set_aside_comes_again_and_the_others_go_on(world: World) -> None:
    world.hub = replace(world.hub, store=Broken())
    bodies = [message(one) for one in (delivery(refuse="torn"), call("A"), delivery(unmapped=["fax"]))]
    assert world.map(*bodies) == ["m0", "m2"]
    assert world.calls() == ["A"]


def test_records_for_which_there_is_no_time_come_again(world: World) -> None:
    class Late:
        def get_remaining_time_in_millis(self) -> int:
            return 100

    records = [{"messageId": "m0", "body": message(call("A"))}]
    answer = map_telephony({"Records": records}, Late(), world.hub)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m0"}]}
    assert world.bus.events == []


# Mapping again.


def test_a_delivery_that_is_mapped_again_is_not_stored_again(world: World) -> None:
    world.map(message(call("A")))
    pointer, stored = world.bus.events[0]["raw"], dict(world.blobs.stored)
    assert world.map(message(call("A"), raw_ref=pointer)) == []
    assert world.bus.events[0] == world.bus.events[1]
    assert world.blobs.stored == stored


def test_only_the_fresh_deliveries_of_a_batch_are_stored(world: World) -> None:
    assert world.map(message(call("A"), raw_ref="raw/x.jsonl#3"), message(call("B"))) == []
    (text,) = world.blobs.stored.values()
    assert len(text.splitlines()) == 1
    assert world.bus.events[0]["raw"] == "raw/x.jsonl#3"
    assert raw_of(world, world.bus.events[1]["raw"]) == call("B")


def test_a_delivery_that_is_mapped_again_in_vain_is_open_again(world: World) -> None:
    bad = delivery(refuse="torn")
    world.map(message(bad))
    item = world.store.get(f"ASIDE#{bad.id}", "quarantine")
    assert item is not None
    world.store.put(replace(item, body={**item.body, "status": "mapped_again"}))
    assert world.map(message(bad, raw_ref=item.body["raw"])) == []
    (body,) = world.aside("quarantine")
    assert body == item.body


# Events that a partner's bus puts on the queue.


def envelope(**says: Any) -> str:
    """As EventBridge delivers it; the connector reads the whole envelope."""
    return json.dumps(
        {"version": "0", "id": "1", "source": SOURCE, "detail-type": "Call", "time": "2026-11-22T19:00:00Z", **says}
    )


def test_an_event_bus_envelope_is_a_delivery_of_the_sources_connection(example: Connection) -> None:
    world = World(replace(example, settings={"event_source": SOURCE}))
    text = envelope(calls=[{"id": "A"}])
    assert world.map(text) == []
    (event,) = world.bus.events
    kept = raw_of(world, event["raw"])
    assert (event["connection"], kept.body, kept.received_at) == (ID, text.encode(), "2026-11-22T19:00:00.000Z")


def test_an_envelope_of_an_unknown_source_is_set_aside_until_the_source_is_known(world: World) -> None:
    text = envelope(calls=[{"id": "A"}])
    assert world.map(text) == []
    (body,) = world.aside("quarantine")
    assert (body["reason"], body["connection"]) == (NO_CONNECTION, "unknown")
    world.connections.stored[ID] = replace(world.connections.stored[ID], settings={"event_source": SOURCE})
    kept = raw_of(world, str(body["raw"]))
    assert world.map(message(kept, raw_ref=body["raw"])) == []
    assert [event["raw"] for event in world.bus.events] == [body["raw"]]


def test_each_function_maps_its_own_queue(world: World) -> None:
    for kind, function in (("crm", map_crm), ("whatsapp", map_whatsapp), ("telephony", map_telephony)):
        function({"Records": [{"messageId": "m0", "body": "?"}]}, None, world.hub)
        assert world.telemetry.lines[-1] == {"function": f"map_{kind}", "records": 1}
        assert len(world.queue.messages[f"inbound-{kind}-dead"]) == 1


def test_equal_bodies_under_different_topics_are_two_deliveries_and_a_copy_is_none() -> None:
    headers = {"x-shopify-topic": "customers/create"}
    first = Delivery("c" * 26, "shopify", "crm", "2026-11-20T10:00:00.000Z", b"{}", headers=headers)
    again = replace(first, received_at="2026-11-20T10:05:00.000Z")
    other = replace(first, headers={"x-shopify-topic": "customers/update"})
    assert first.id == again.id != other.id
