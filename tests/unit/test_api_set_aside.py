"""What could not be mapped can be listed, read exactly as it came, and mapped again."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence

import pytest

from hub import aside
from hub.delivery import Connection, Delivery
from hub.domain.events import Unmapped
from hub.errors import Retry
from hub.map import map_batch
from hub.memory import MemoryBlobs, MemoryBus, MemoryConnections, MemoryQueue, memory_hub
from tests.unit.api_client import Client

CONNECTION = "w" * 26
SOURCE = "aws.partner/salesforce.com/00D000000000001AAA/channel"
TEXT = '{"text": "<script>alert(\'こんにちは\')</script>"}'


class Desk(Client):
    """An operator's calls, and the parts of the hub behind them."""

    @property
    def blobs(self) -> MemoryBlobs:
        assert isinstance(self.hub.blobs, MemoryBlobs)
        return self.hub.blobs

    @property
    def queue(self) -> MemoryQueue:
        assert isinstance(self.hub.queue, MemoryQueue)
        return self.hub.queue

    @property
    def bus(self) -> MemoryBus:
        assert isinstance(self.hub.bus, MemoryBus)
        return self.hub.bus

    def keep(self, bodies: Sequence[bytes]) -> list[Delivery]:
        """Stores raw deliveries as the mapping stage does."""
        deliveries = [
            Delivery(
                CONNECTION,
                "whatsapp_cloud",
                "whatsapp",
                f"2026-05-04T09:{number:02d}:00.000Z",
                body,
                headers={"content-type": "application/json"},
                raw_ref=f"raw/2026/05/04/abc.jsonl#{number}",
            )
            for number, body in enumerate(bodies)
        ]
        lines = "\n".join(json.dumps(one.to_message()) for one in deliveries) + "\n"
        self.blobs.put("raw/2026/05/04/abc.jsonl", lines.encode())
        return deliveries


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_quarantined_deliveries_are_listed_newest_first_with_their_reason(desk: Desk) -> None:
    deliveries = desk.keep([b"a", b"b", b"c"])
    for one in deliveries:
        aside.quarantine(desk.store, one, "not JSON")
    first = desk.get("/v1/set-aside", kind="quarantine", limit="2").json
    second = desk.get("/v1/set-aside", kind="quarantine", limit="2", cursor=first["next"]).json
    items = [*first["items"], *second["items"]]
    assert [item["id"] for item in items] == [one.id for one in reversed(deliveries)]
    assert (second["next"], first["counts"]) == (None, [])
    assert items[0] == {
        "id": deliveries[2].id,
        "kind": "quarantine",
        "status": "open",
        "connection": CONNECTION,
        "platform": "whatsapp_cloud",
        "inbound": "whatsapp",
        "received_at": "2026-05-04T09:02:00.000Z",
        "reason": "not JSON",
        "type": None,
        "mapped_again_at": None,
    }


def test_unmapped_parts_are_listed_with_exact_counts(desk: Desk) -> None:
    (delivery,) = desk.keep([b"{}"])
    aside.unmapped(desk.store, delivery, [Unmapped(type="a/new"), Unmapped(type="b/new"), Unmapped(type="a/new")])
    aside.unmapped(desk.store, delivery, [Unmapped(type="a/new"), Unmapped(type="b/new"), Unmapped(type="a/new")])
    listed = desk.get("/v1/set-aside", kind="unmapped").json
    assert sorted(item["id"] for item in listed["items"]) == [f"{delivery.id}-{number}" for number in range(3)]
    assert {item["type"] for item in listed["items"]} == {"a/new", "b/new"}
    assert listed["counts"] == [
        {"connection": CONNECTION, "type": "a/new", "count": 2},
        {"connection": CONNECTION, "type": "b/new", "count": 1},
    ]


def test_the_two_kinds_are_kept_apart(desk: Desk) -> None:
    (delivery,) = desk.keep([b"{}"])
    aside.unmapped(desk.store, delivery, [Unmapped(type="a/new")])
    assert desk.get("/v1/set-aside", kind="quarantine").json["items"] == []
    assert desk.get("/v1/set-aside", kind="other").status == 422
    assert desk.get("/v1/set-aside").status == 422
    cursor = desk.get("/v1/set-aside", kind="unmapped", limit="1").json["next"]
    assert cursor is None


def test_one_is_read_with_the_delivery_exactly_as_it_came(desk: Desk) -> None:
    deliveries = desk.keep([b"first", TEXT.encode(), b"last"])
    aside.unmapped(desk.store, deliveries[1], [Unmapped(type="a/new")])
    detail = desk.get(f"/v1/set-aside/{deliveries[1].id}-0").json
    assert detail["delivery"] == {
        "method": "POST",
        "query": "",
        "headers": {"content-type": "application/json"},
        "size_bytes": len(TEXT.encode()),
        "truncated": False,
        "body_text": TEXT,
        "body_base64": None,
    }


@pytest.mark.parametrize("body", [b"\xff\xfe\x00", b"a\x00b", "。".encode()[:2]])
def test_a_body_that_is_no_text_comes_in_base64(desk: Desk, body: bytes) -> None:
    (delivery,) = desk.keep([body])
    aside.quarantine(desk.store, delivery, "not UTF-8")
    shown = desk.get(f"/v1/set-aside/{delivery.id}").json["delivery"]
    assert (shown["body_text"], base64.b64decode(shown["body_base64"])) == (None, body)


def test_a_body_that_was_too_large_for_the_queue_is_read_from_its_own_blob(desk: Desk) -> None:
    (delivery,) = desk.keep([b"unused"])
    message = {**delivery.to_message(), "blob": "large/x"}
    del message["body"]
    desk.blobs.put("raw/2026/05/04/abc.jsonl", json.dumps(message).encode())
    desk.blobs.put("large/x", b"the large body")
    aside.quarantine(desk.store, delivery, "not JSON")
    assert desk.get(f"/v1/set-aside/{delivery.id}").json["delivery"]["body_text"] == "the large body"


def test_of_a_body_that_no_answer_could_hold_the_beginning_is_shown(desk: Desk) -> None:
    (delivery,) = desk.keep(["。".encode() * 1_000_000])
    aside.quarantine(desk.store, delivery, "not JSON")
    answer = desk.get(f"/v1/set-aside/{delivery.id}")
    shown = answer.json["delivery"]
    assert (shown["size_bytes"], shown["truncated"], shown["body_text"]) == (3_000_000, True, "。" * 300_000)
    assert len(answer.text) < 6_000_000


def test_once_the_delivery_is_no_longer_kept_the_record_says_so(desk: Desk) -> None:
    (delivery,) = desk.keep([b"x"])
    aside.quarantine(desk.store, delivery, "not JSON")
    desk.blobs.stored.clear()
    assert desk.get(f"/v1/set-aside/{delivery.id}").json["delivery"] is None
    answer = desk.post(f"/v1/set-aside/{delivery.id}/map-again")
    assert (answer.status, desk.queue.messages) == (409, {})
    assert desk.get(f"/v1/set-aside/{delivery.id}").json["status"] == "open"


@pytest.mark.parametrize("item_id", ["f" * 32, "f" * 32 + "-0", "x", "f" * 31, "F" * 32, "f" * 32 + "-"])
def test_an_unknown_record_is_404(desk: Desk, item_id: str) -> None:
    assert desk.get(f"/v1/set-aside/{item_id}").status == 404
    assert desk.post(f"/v1/set-aside/{item_id}/map-again").status == 404


def test_mapping_again_puts_the_delivery_back_on_its_queue_with_the_place_of_its_copy(desk: Desk) -> None:
    deliveries = desk.keep([b"first", b"second"])
    aside.quarantine(desk.store, deliveries[1], "not JSON")
    answer = desk.post(f"/v1/set-aside/{deliveries[1].id}/map-again")
    assert (answer.status, answer.json["status"]) == (202, "mapped_again")
    assert answer.json["mapped_again_at"] == "2026-09-21T14:13:20Z"
    (body,) = desk.queue.bodies("inbound-whatsapp")
    sent = Delivery.from_message(json.loads(body))
    assert sent == deliveries[1]
    assert desk.get("/v1/set-aside", kind="quarantine").json["items"][0]["status"] == "mapped_again"


def test_a_large_delivery_goes_back_as_a_pointer(desk: Desk) -> None:
    large = b"x" * 200_000
    (delivery,) = desk.keep([large])
    aside.quarantine(desk.store, delivery, "not JSON")
    desk.post(f"/v1/set-aside/{delivery.id}/map-again")
    message = json.loads(desk.queue.bodies("inbound-whatsapp")[0])
    assert "body" not in message
    assert desk.blobs.get(message["blob"]) == large


def run_queue(desk: Desk, kind: str) -> None:
    bodies = desk.queue.bodies(f"inbound-{kind}")
    desk.queue.messages.clear()
    records = [{"messageId": str(number), "body": body} for number, body in enumerate(bodies)]
    map_batch({"Records": records}, kind, desk.hub)


def test_an_event_whose_source_got_its_connection_later_is_mapped_again() -> None:
    envelope = {
        "version": "0",
        "id": "e1",
        "detail-type": "ContactChangeEvent",
        "source": SOURCE,
        "time": "2026-05-04T09:00:00Z",
        "detail": {},
    }
    connections = MemoryConnections()
    desk = Desk(memory_hub(connections=connections))
    desk.queue.send("inbound-crm", json.dumps(envelope))
    run_queue(desk, "crm")
    (item,) = desk.get("/v1/set-aside", kind="quarantine").json["items"]
    assert item["reason"] == "no connection for this event source"
    connections.stored[CONNECTION] = Connection(CONNECTION, "salesforce", settings={"event_source": SOURCE})
    desk.post(f"/v1/set-aside/{item['id']}/map-again")
    run_queue(desk, "crm")
    assert desk.get(f"/v1/set-aside/{item['id']}").json["status"] == "mapped_again"
    assert len(desk.blobs.stored) == 1


def test_a_delivery_that_still_cannot_be_read_is_open_again() -> None:
    connections = MemoryConnections([Connection(CONNECTION, "whatsapp_cloud")])
    desk = Desk(memory_hub(connections=connections))
    desk.queue.send("inbound-whatsapp", json.dumps(desk.keep([b"{ no json"])[0].to_message()))
    run_queue(desk, "whatsapp")
    (item,) = desk.get("/v1/set-aside", kind="quarantine").json["items"]
    desk.post(f"/v1/set-aside/{item['id']}/map-again")
    run_queue(desk, "whatsapp")
    (again,) = desk.get("/v1/set-aside", kind="quarantine").json["items"]
    assert (again["id"], again["status"]) == (item["id"], "open")


def test_a_delivery_that_failed_again_before_the_answer_is_open_and_not_shown_as_mapped_again() -> None:
    class Instant(MemoryQueue):
        """Its consumer is done, in vain, before the sender goes on."""

        def send(self, queue: str, body: str, *, reason: str = "") -> None:
            super().send(queue, body, reason=reason)
            aside.quarantine(desk.store, delivery, "still not JSON")

    desk = Desk(memory_hub(queue=Instant()))
    (delivery,) = desk.keep([b"x"])
    aside.quarantine(desk.store, delivery, "not JSON")
    answer = desk.post(f"/v1/set-aside/{delivery.id}/map-again")
    assert (answer.json["status"], answer.json["reason"]) == ("open", "still not JSON")
    (shown,) = desk.get("/v1/set-aside", kind="quarantine").json["items"]
    assert (shown["status"], shown["mapped_again_at"]) == ("open", "2026-09-21T14:13:20Z")


def test_a_queue_that_fails_leaves_a_problem_and_the_call_can_be_repeated() -> None:
    class Down(MemoryQueue):
        down = True

        def send(self, queue: str, body: str, *, reason: str = "") -> None:
            if self.down:
                raise Retry("throttled", 2)
            super().send(queue, body, reason=reason)

    queue = Down()
    desk = Desk(memory_hub(queue=queue))
    (delivery,) = desk.keep([b"x"])
    aside.quarantine(desk.store, delivery, "not JSON")
    assert desk.post(f"/v1/set-aside/{delivery.id}/map-again").status == 503
    queue.down = False
    assert desk.post(f"/v1/set-aside/{delivery.id}/map-again").status == 202
    assert len(queue.bodies("inbound-whatsapp")) == 1
