"""The edge: what a stranger sends is refused without a trace of detail, what is proven is on the queue before the answer."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from hub.delivery import Connection, Delivery
from hub.edge import MAX_BODY, read
from hub.errors import Reject, Retry
from hub.ingest import LARGE, instant, receive
from hub.memory import (
    FakeClock,
    MemoryBlobs,
    MemoryConnections,
    MemoryQueue,
    MemorySecrets,
    MemoryStore,
    MemoryTelemetry,
    memory_hub,
)
from hub.refusals import MAX_PENDING
from hub.wiring import Hub
from ingest_crm.handler import handler as ingest_crm
from ingest_telephony.handler import handler as ingest_telephony
from ingest_whatsapp.handler import handler as ingest_whatsapp
from tests.unit.example_connector import ID, SECRET, example, signature

__all__ = ["example"]

BODY = b'{"calls": []}'


class World:
    """A hub with one connection, and its parts by their own types."""

    def __init__(self, connection: Connection, **settings: Any) -> None:
        self.queue, self.blobs, self.items = MemoryQueue(), MemoryBlobs(), MemoryStore()
        self.telemetry, self.clock = MemoryTelemetry(), FakeClock()
        self.secrets = MemorySecrets({ID: secrets_of(SECRET.decode(), verify_token="letmein")})
        self.hub = memory_hub(
            queue=self.queue,
            blobs=self.blobs,
            connection_items=self.items,
            telemetry=self.telemetry,
            clock=self.clock,
            connections=MemoryConnections([connection]),
            secrets=self.secrets,
            **settings,
        )

    def post(self, content: bytes = BODY, /, **changes: Any) -> dict[str, Any]:
        """The answer to a genuine delivery, but for `changes` of the event."""
        return receive({**event(content), **changes}, "telephony", self.hub)

    def sent(self) -> list[Delivery]:
        """The deliveries on the queue."""
        return [Delivery.from_message(json.loads(one)) for one in self.queue.bodies("inbound-telephony")]

    def refusals(self) -> dict[str, int]:
        """Counts by `<connection>#<reason>`."""
        items = self.items.query("REFUSED").items
        return {item.sk.partition("#")[2]: item.body["n"] for item in items}


@pytest.fixture
def world(example: Connection) -> World:
    return World(example)


def secrets_of(*values: str, **named: str) -> dict[str, Any]:
    signing = [{"id": str(number), "value": value, "not_after": None} for number, value in enumerate(values)]
    return {"signing": signing, **named}


def event(
    body: bytes = BODY,
    *,
    method: str = "POST",
    path: str = f"/webhooks/telephony/{ID}",
    headers: Mapping[str, str] | None = None,
    query: str = "",
    stage: str = "$default",
    encoded: bool = False,
) -> dict[str, Any]:
    """What API Gateway's HTTP API hands over (payload 2.0)."""
    given = {"X-Example-Signature": signature(body)} if headers is None else headers
    return {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": query,
        "headers": dict(given),
        "requestContext": {"stage": stage, "http": {"method": method, "path": path, "sourceIp": "192.0.2.7"}},
        "body": base64.b64encode(body).decode() if encoded else body.decode(),
        "isBase64Encoded": encoded,
    }


def refused(answer: Mapping[str, Any], status: int) -> bool:
    """Whether it is that status with the same two bytes as ever."""
    return (answer["statusCode"], answer["body"]) == (status, "no")


def test_a_genuine_delivery_is_queued_and_acknowledged(world: World) -> None:
    answer = world.post(headers={"X-EXAMPLE-Signature": signature(BODY), "X-Example-Id": "7", "Cookie": "c"})
    assert (answer["statusCode"], answer["body"]) == (202, "thanks")
    assert answer["headers"]["content-type"] == "application/x-thanks"
    received = instant(world.clock.now())
    assert world.sent() == [Delivery(ID, "example", "telephony", received, BODY, headers={"x-example-id": "7"})]
    assert world.telemetry.counters == {"ingest.accepted": 1}
    assert [line["function"] for line in world.telemetry.lines] == ["ingest_telephony"]


def test_the_time_of_receipt_has_milliseconds() -> None:
    assert instant(1_790_000_000.0459) == "2026-09-21T14:13:20.045Z"


@pytest.mark.parametrize("flag", [True, "true"])
def test_a_binary_body_is_verified_and_kept_as_bytes(world: World, flag: object) -> None:
    body = b"\xff\x00 not text"
    given = {**event(body, encoded=True), "isBase64Encoded": flag}
    assert receive(given, "telephony", world.hub)["statusCode"] == 202
    assert [delivery.body for delivery in world.sent()] == [body]


def test_a_body_over_128_kb_travels_as_a_pointer(world: World) -> None:
    body = b"x" * (LARGE + 1)
    assert world.post(body)["statusCode"] == 202
    message = json.loads(world.queue.bodies("inbound-telephony")[0])
    delivery = Delivery.from_message(message, body)
    assert message["blob"] == f"large/{ID}/{delivery.id}"
    assert "body" not in message
    assert world.blobs.stored == {message["blob"]: body}


def test_a_body_of_128_kb_travels_whole(world: World) -> None:
    assert world.post(b"x" * LARGE)["statusCode"] == 202
    assert world.blobs.stored == {}
    assert len(world.queue.bodies("inbound-telephony")[0]) < 1_048_576


def test_every_signing_secret_that_has_not_ended_is_accepted(world: World) -> None:
    ends = instant(world.clock.now() + 60)
    old = {"id": "old", "value": "old", "not_after": ends}
    world.secrets.write(ID, {"signing": [old, {"id": "new", "value": "new", "not_after": None}]})
    for value in (b"old", b"new"):
        assert world.post(headers={"x-example-signature": signature(BODY, value)})["statusCode"] == 202
    world.clock.sleep(60)
    assert refused(world.post(headers={"x-example-signature": signature(BODY, b"old")}), 401)


class Remembering(MemorySecrets):
    """Remembers the first answer until it is to be fresh; counts fresh reads."""

    fresh_reads = 0

    def read(self, connection_id: str, *, fresh: bool = False) -> Mapping[str, Any]:
        self.fresh_reads += fresh
        if fresh or connection_id not in self.remembered:
            self.remembered[connection_id] = super().read(connection_id)
        return self.remembered[connection_id]

    def __init__(self) -> None:
        super().__init__({ID: secrets_of("old")})
        self.remembered: dict[str, Mapping[str, Any]] = {}


def test_a_secret_that_was_just_added_is_accepted_at_once(world: World) -> None:
    secrets = Remembering()
    hub = replace(world.hub, secrets=secrets)
    old, new = (event(headers={"x-example-signature": signature(BODY, value)}) for value in (b"old", b"new"))
    assert receive(old, "telephony", hub)["statusCode"] == 202
    secrets.write(ID, secrets_of("new", "old"))
    assert [receive(one, "telephony", hub)["statusCode"] for one in (new, old, new)] == [202] * 3
    assert secrets.fresh_reads == 1


def test_a_stranger_cannot_have_the_secrets_read_more_than_twice_a_minute(world: World) -> None:
    secrets = Remembering()
    hub = replace(world.hub, secrets=secrets)
    for _ in range(60):
        assert refused(receive(event(headers={}), "telephony", hub), 401)
        world.clock.sleep(1)
    assert secrets.fresh_reads == 2


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-example-signature": ""},
        {"x-example-signature": signature(BODY, b"another secret")},
        {"x-example-signature": f"{signature(BODY)},{signature(BODY)}"},
        {"x-example-signature": signature(BODY), "X-Example-Signature": signature(BODY)},
        {"x-example-signature": signature(BODY)[:-1]},
        {"x-example-signature": "é" * 64},
        {"x-example-signature": "\ud800"},
        {"x-example-signature": "a" * 100_000},
    ],
    ids=range(9),
)
def test_an_unproven_delivery_is_401_and_leaves_a_count_only(world: World, headers: dict[str, str]) -> None:
    assert refused(world.post(headers=headers), 401)
    assert (world.queue.messages, world.blobs.stored) == ({}, {})
    assert sum(world.refusals().values()) == 1


def test_one_changed_byte_is_401(world: World) -> None:
    assert refused(world.post(body='{"calls": [] }'), 401)


def test_a_verifier_that_falls_is_401(world: World) -> None:
    assert refused(world.post(b"!"), 401)
    assert world.refusals() == {f"{ID}#malformed": 1}


@pytest.mark.parametrize("secrets", [{}, {"signing": []}, {"signing": [{"id": "1", "value": "", "not_after": None}]}])
def test_a_connection_without_a_secret_accepts_nothing(world: World, secrets: dict[str, Any]) -> None:
    world.secrets.write(ID, {**secrets, "verify_token": "t"})
    assert refused(world.post(headers={"x-example-signature": signature(BODY, b"")}), 401)
    assert world.refusals() == {f"{ID}#no_secret": 1}


def test_unknown_disabled_and_foreign_connections_are_the_same_401(example: Connection) -> None:
    answers = [
        World(replace(example, id="f" * 26)).post(),
        World(replace(example, status="disabled")).post(),
        World(replace(example, platform="no_such_platform")).post(),
        World(replace(example, platform="../example")).post(),
        receive(event(path=f"/webhooks/crm/{ID}"), "crm", World(example).hub),
        receive(event(path=f"/webhooks/telephony/{ID}"), "crm", World(example).hub),
        World(example).post(headers={}),
    ]
    assert all(refused(answer, 401) for answer in answers)
    assert all(answer == answers[0] for answer in answers)


def test_a_refusal_of_an_unknown_connection_is_counted_without_its_id(example: Connection) -> None:
    world = World(replace(example, id="f" * 26))
    world.post()
    assert world.refusals() == {"unknown#unknown_connection": 1}
    assert world.telemetry.dimensions == [
        ("ingest.refused", (("platform", "unknown"), ("reason", "unknown_connection")))
    ]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD", "OPTIONS", "TRACE", "PATCH", "post", ""])
def test_methods_that_no_platform_uses_are_405(world: World, method: str) -> None:
    assert refused(receive(event(method=method), "telephony", world.hub), 405)
    assert world.queue.messages == {}


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/webhooks",
        "/webhooks/telephony",
        f"/webhooks/telephony/{ID}/",
        f"/webhooks/telephony/{ID}/a/b",
        f"/webhooks/telephony/{ID}\n",
        f"/webhooks/telephony/{ID}%00",
        f"/webhooks/telephony/{ID.upper()}",
        f"/webhooks/telephony/{ID}x",
        f"/webhooks//telephony/{ID}",
        f"//webhooks/telephony/{ID}",
        f"/webhooks/telephony/..%2f{ID}",
        f"/webhooks/telephony/{'٣' * 26}",
        f"/Webhooks/telephony/{ID}",
        f"/webhooks/fax/{ID}",
        "/.env",
    ],
)
def test_paths_that_are_no_webhook_url_are_404(world: World, path: str) -> None:
    assert refused(receive(event(path=path), "telephony", world.hub), 404)


def test_a_token_in_the_path_of_a_platform_without_one_is_401(world: World) -> None:
    assert refused(receive(event(path=f"/webhooks/telephony/{ID}/token"), "telephony", world.hub), 401)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "identity, gzip", "GZIP"])
def test_a_compressed_body_is_415(world: World, encoding: str) -> None:
    headers = {"x-example-signature": signature(BODY), "Content-Encoding": encoding}
    assert refused(world.post(headers=headers), 415)


def test_an_identity_encoding_is_none(world: World) -> None:
    headers = {"x-example-signature": signature(BODY), "Content-Encoding": "Identity"}
    assert world.post(headers=headers)["statusCode"] == 202


@pytest.mark.parametrize("encoded", [False, True])
def test_a_body_over_6_mb_is_413(world: World, encoded: bool) -> None:
    assert refused(receive(event(b"x" * (MAX_BODY + 1), encoded=encoded), "telephony", world.hub), 413)
    assert receive(event(b"x" * MAX_BODY, encoded=encoded), "telephony", world.hub)["statusCode"] == 202


@pytest.mark.parametrize("text", ["not base64!", "YQ", "YQ==YQ==", "é", "\ud800"])
def test_a_body_that_is_not_the_base64_it_claims_to_be_is_401(world: World, text: str) -> None:
    assert refused(world.post(body=text, isBase64Encoded=True), 401)


@pytest.mark.parametrize("body", ["", None, "\ud800", "\x00\x01\ufffe", "null", "[" * 10_000])
def test_an_odd_body_without_a_proof_is_401(world: World, body: str | None) -> None:
    assert refused(world.post(body=body, headers={}), 401)


@pytest.mark.parametrize("body", [b"", b"{", b"null", b"\xff", b"[" * 10_000, b"\xef\xbb\xbf{}", b"\x00"])
def test_a_proven_delivery_is_never_refused_for_its_content(world: World, body: bytes) -> None:
    assert receive(event(body, encoded=True), "telephony", world.hub)["statusCode"] == 202
    assert [delivery.body for delivery in world.sent()] == [body]


@pytest.mark.parametrize("given", [{}, {"requestContext": None}, {"headers": None}, {"requestContext": {"http": {}}}])
def test_an_event_with_parts_missing_is_refused(world: World, given: dict[str, Any]) -> None:
    assert receive(given, "telephony", world.hub)["statusCode"] in (404, 405)


def test_a_handshake_is_answered_and_nothing_is_queued(world: World) -> None:
    given = event(b"", method="GET", query="token=letmein&31415", headers={})
    answer = receive(given, "telephony", world.hub)
    assert (answer["statusCode"], answer["body"]) == (200, "31415")
    assert answer["headers"]["content-type"].startswith("text/plain")
    assert world.queue.messages == {}


@pytest.mark.parametrize("secrets", [secrets_of(SECRET.decode(), verify_token="other"), secrets_of(SECRET.decode())])
def test_a_failed_handshake_is_403(world: World, secrets: dict[str, Any]) -> None:
    world.secrets.write(ID, secrets)
    given = event(b"", method="GET", query="token=letmein&31415", headers={})
    assert refused(receive(given, "telephony", world.hub), 403)
    assert world.refusals() == {f"{ID}#handshake": 1}


def test_an_acknowledgement_that_falls_is_a_plain_200_for_the_delivery_is_queued(world: World) -> None:
    answer = world.post(b"no thanks")
    assert (answer["statusCode"], answer["body"]) == (200, "")
    assert len(world.sent()) == 1


class Broken:
    """Every call fails with the given error."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, _name: str) -> Any:
        def fail(*_: object, **__: object) -> None:
            raise self._error

        return fail


@pytest.mark.parametrize("error", [Retry("throttled"), Reject("denied"), RuntimeError("+81 90 0000 0000")])
@pytest.mark.parametrize("port", ["queue", "connections", "secrets", "clock"])
def test_a_failure_on_our_side_is_503_and_says_nothing(world: World, port: str, error: Exception) -> None:
    broken: dict[str, Any] = {port: Broken(error)}
    hub: Hub = replace(world.hub, **broken)
    assert refused(receive(event(), "telephony", hub), 503)
    assert world.telemetry.counters == {"ingest.failed": 1}
    assert "+81" not in str(world.telemetry.dimensions)
    assert len(world.telemetry.lines) == 1


def test_a_large_body_that_cannot_be_stored_is_not_announced(world: World) -> None:
    hub = replace(world.hub, blobs=Broken(Retry("slow down")))
    assert refused(receive(event(b"x" * (LARGE + 1)), "telephony", hub), 503)
    assert world.queue.messages == {}


def test_a_tally_that_cannot_be_written_changes_no_answer(world: World) -> None:
    hub = replace(world.hub, connection_items=Broken(Retry("throttled")))
    assert refused(receive(event(headers={}), "telephony", hub), 401)


def test_the_tally_writes_five_at_once_then_one_a_second_and_loses_none(world: World) -> None:
    for _ in range(50):
        world.post(headers={})
    assert len(world.items.changes) == 5
    assert world.refusals() == {f"{ID}#wrong_signature": 5}
    world.clock.sleep(1)
    world.post(headers={})
    assert world.refusals() == {f"{ID}#wrong_signature": 51}
    assert len(world.items.changes) == 6


def test_a_refusal_says_which_connection_when_and_until_when(world: World) -> None:
    world.post(headers={})
    (item,) = world.items.query("REFUSED").items
    assert item.sk == f"2026-09-21T14:13#{ID}#wrong_signature"
    assert item.body["platform"] == "example"
    assert item.expires_at == int(world.clock.now()) + 30 * 86_400


def test_refusals_that_wait_are_bounded(world: World) -> None:
    hub = replace(world.hub, connection_items=Broken(Retry("throttled")))
    for _ in range(3 * MAX_PENDING):
        receive(event(headers={}), "telephony", hub)
        world.clock.sleep(60)
    waiting = hub.refusals.pending
    assert sum(waiting.values()) == 3 * MAX_PENDING
    assert len(waiting) == MAX_PENDING + 1


@pytest.mark.parametrize(
    ("public_url", "stage", "path", "expected"),
    [
        ("", "$default", f"/webhooks/telephony/{ID}", "https://hooks.renkei.test"),
        ("", "prod", f"/prod/webhooks/telephony/{ID}", "https://hooks.renkei.test"),
        ("https://calls.example.com/", "$default", f"/webhooks/telephony/{ID}", "https://calls.example.com"),
        (
            "http://localhost:4566/_aws/execute-api/a1/$default",
            "$default",
            f"/webhooks/telephony/{ID}",
            "http://localhost:4566/_aws/execute-api/a1/$default",
        ),
    ],
)
def test_the_url_is_the_configured_one_with_the_raw_query(
    example: Connection, public_url: str, stage: str, path: str, expected: str
) -> None:
    arrival = read(event(path=path, stage=stage, query="a=%2B1&b=x%20y", headers={"Host": "evil.example.org"}))
    request = arrival.request(public_url or "https://hooks.renkei.test")
    assert request.url == f"{expected}/webhooks/telephony/{ID}?a=%2B1&b=x%20y"
    assert request.query == "a=%2B1&b=x%20y"


def test_each_function_serves_its_own_kind(example: Connection) -> None:
    for kind, function in (("crm", ingest_crm), ("whatsapp", ingest_whatsapp), ("telephony", ingest_telephony)):
        world = World(example)
        answer = function(event(path=f"/webhooks/{kind}/{ID}"), None, world.hub)
        assert (answer["statusCode"] == 202) == (kind == "telephony")
        assert world.telemetry.lines == [{"function": f"ingest_{kind}"}]


@pytest.mark.parametrize("body", [b"", b"{}", b"\xff\xfe", b"null"])
def test_no_refusal_tells_more_than_another(world: World, body: bytes) -> None:
    answer = receive(event(body, headers={}, encoded=True), "telephony", world.hub)
    assert answer == world.post(headers={"x-example-signature": "0" * 64})
