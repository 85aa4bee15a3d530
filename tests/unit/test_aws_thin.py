"""The thin AWS client: botocore's signatures to the byte, a kept connection, retries within a budget."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest.mock import patch

import pytest
from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import given
from hypothesis import strategies as st

from hub.aws_errors import Refused, failure
from hub.aws_json import JsonService, RestBlobs, Sender, sender
from hub.aws_sign import Signer
from hub.aws_wire import Wire
from hub.errors import HubError, Retry
from hub.memory import FakeClock
from hub.settings import Credentials

NOW = 1_790_000_000.0
CREDENTIALS = Credentials("AKIAEXAMPLE", "the secret key", "the session token")

printable = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=40)
# botocore leaves these out of what it signs
headers = st.dictionaries(
    st.sampled_from(["content-type", "x-amz-target", "x-amz-meta-a", "x-amz-meta-b"]), printable, max_size=4
)


@given(
    service=st.sampled_from(["sqs", "dynamodb", "secretsmanager", "events", "s3"]),
    region=st.sampled_from(["us-east-1", "ap-northeast-1", "cn-north-1"]),
    method=st.sampled_from(["GET", "PUT", "POST"]),
    path=st.from_regex(r"/([a-z0-9]{1,10}/){0,4}[a-z0-9_.~-]{0,40}", fullmatch=True).filter(lambda p: "/." not in p),
    extra=headers,
    body=st.binary(max_size=200),
    keys=st.tuples(printable, printable, st.one_of(st.just(""), printable)),
    now=st.integers(946_684_800, 4_102_444_799),
)
def test_signatures_are_botocores(
    service: str,
    region: str,
    method: str,
    path: str,
    extra: dict[str, str],
    body: bytes,
    keys: tuple[str, str, str],
    now: int,
) -> None:
    host = f"{service}.{region}.amazonaws.com"
    ours = Signer(service, region, Credentials(*keys)).sign(method, host, path, extra, body, float(now))
    assert ours["authorization"] == botocores(service, region, method, f"https://{host}{path}", extra, body, keys, now)


def botocores(
    service: str,
    region: str,
    method: str,
    url: str,
    extra: Mapping[str, str],
    body: bytes,
    keys: tuple[str, str, str],
    now: int,
) -> str:
    """The Authorization header that botocore makes for the same request at the same time."""
    signer = auth.S3SigV4Auth if service == "s3" else auth.SigV4Auth
    request = AWSRequest(method=method, url=url, data=body, headers=dict(extra))
    request.context["payload_signing_enabled"] = True
    moment = datetime.fromtimestamp(now, UTC)
    with patch("botocore.auth.get_current_datetime", return_value=moment):
        signer(BotocoreCredentials(keys[0], keys[1], keys[2] or None), service, region).add_auth(request)
    return str(request.headers["Authorization"])


def test_the_key_of_the_day_changes_at_midnight() -> None:
    signer = Signer("sqs", "eu-west-1", CREDENTIALS)
    fresh = Signer("sqs", "eu-west-1", CREDENTIALS)
    signer.sign("POST", "h", "/", {}, b"", NOW)
    next_day = NOW + 86_400
    assert signer.sign("POST", "h", "/", {}, b"", next_day) == fresh.sign("POST", "h", "/", {}, b"", next_day)


def test_credentials_are_never_shown() -> None:
    assert "secret" not in repr(CREDENTIALS)
    assert "AKIA" not in repr(CREDENTIALS)


@dataclass
class Service:
    """A service on this machine: `answers` in turn (status, body, headers), the last one for ever; None hangs up."""

    answers: list[tuple[int, bytes, dict[str, str]] | None] = field(default_factory=lambda: [(200, b"{}", {})])
    requests: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    connections: int = 0
    url: str = ""
    held: threading.Event | None = None

    def next_answer(self) -> tuple[int, bytes, dict[str, str]] | None:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def service() -> Iterator[Service]:
    one = Service()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            one.connections += 1
            super().setup()

        def log_message(self, *_: object) -> None:
            """Silent."""

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            sent = {name.lower(): value for name, value in self.headers.items()}
            one.requests.append((self.command, self.path, sent, body))
            if one.held:
                one.held.wait(5)
            answer = one.next_answer()
            if answer is None:
                self.close_connection = True
                return
            self.send_response(answer[0])
            for name, value in answer[2].items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer[1])))
            self.end_headers()
            self.wfile.write(answer[1])

        do_GET = do_PUT = do_POST  # noqa: N815 - the base class's names

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """A client that no longer waits is no news."""

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    one.url = f"http://127.0.0.1:{server.server_port}"
    yield one
    server.shutdown()
    server.server_close()


def client(service: Service, clock: FakeClock | None = None, jitter: Callable[[], float] = lambda: 0.5) -> JsonService:
    signer, wire = Signer("sqs", "eu-west-1", CREDENTIALS), Wire(service.url)
    return JsonService("sqs", Sender(signer, wire, clock or FakeClock(NOW), jitter))


def test_an_operation_is_one_signed_request_in_the_services_protocol(service: Service) -> None:
    service.answers = [(200, b'{"MessageId": "1"}', {})]
    assert client(service)("SendMessage", {"QueueUrl": "u", "MessageBody": "佐藤"}) == {"MessageId": "1"}
    ((method, path, sent, body),) = service.requests
    assert (method, path, json.loads(body)) == ("POST", "/", {"QueueUrl": "u", "MessageBody": "佐藤"})
    assert sent["x-amz-target"] == "AmazonSQS.SendMessage"
    assert sent["content-type"] == "application/x-amz-json-1.0"
    assert sent["x-amz-security-token"] == "the session token"
    covered = {name: sent[name] for name in ("content-type", "x-amz-target")}
    again = Signer("sqs", "eu-west-1", CREDENTIALS).sign("POST", sent["host"], "/", covered, body, NOW)
    assert sent["authorization"] == again["authorization"]


def test_the_connection_is_kept(service: Service) -> None:
    call = client(service)
    for _ in range(5):
        call("SendMessage", {})
    assert (len(service.requests), service.connections) == (5, 1)


def test_a_kept_connection_that_died_meanwhile_is_replaced_at_once(service: Service) -> None:
    clock = FakeClock(NOW)
    call = client(service, clock)
    call("SendMessage", {})
    service.answers = [None, (200, b"{}", {})]
    call("SendMessage", {})
    assert service.connections == 2
    assert clock.now() == NOW


@pytest.mark.parametrize(
    "passing",
    [
        None,
        (500, b"", {}),
        (503, b"<html>", {}),
        (429, b"{}", {}),
        (400, b'{"__type": "com.amazon.coral.availability#ThrottlingException"}', {}),
        (400, b'{"__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"}', {}),
        (400, b"{}", {"x-amzn-errortype": "RequestThrottled:http://internal.amazon.com/"}),
    ],
    ids=["hung up", "500", "503", "429", "throttled", "over capacity", "in a header"],
)
def test_a_passing_fault_is_tried_again(service: Service, passing: tuple[int, bytes, dict[str, str]] | None) -> None:
    clock = FakeClock(NOW)
    service.answers = [passing, passing, (200, b'{"ok": 1}', {})]
    assert client(service, clock)("SendMessage", {}) == {"ok": 1}
    assert len(service.requests) == 3
    assert clock.now() == pytest.approx(NOW + 0.05 + 0.1)


def test_a_torn_answer_is_a_retry_for_the_caller(service: Service) -> None:
    service.answers = [(200, b"{", {})]
    with pytest.raises(Retry):
        client(service)("SendMessage", {})


def test_after_three_attempts_it_is_a_retry_for_the_caller(service: Service) -> None:
    service.answers = [(500, b"", {})]
    with pytest.raises(Retry):
        client(service)("SendMessage", {})
    assert len(service.requests) == 3


def test_no_attempt_is_begun_after_the_budget(service: Service) -> None:
    service.answers = [(500, b"", {})]
    with pytest.raises(Retry):
        client(service, jitter=lambda: 60.0)("SendMessage", {})
    assert len(service.requests) == 2


def test_a_lasting_fault_is_told_at_once_by_its_code_and_without_its_text(service: Service) -> None:
    told = {"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "no queue at +81 90"}
    service.answers = [(400, json.dumps(told).encode(), {})]
    with pytest.raises(Refused) as raised:
        client(service)("SendMessage", {})
    assert (raised.value.code, raised.value.reason) == ("QueueDoesNotExist", "sqs.SendMessage: QueueDoesNotExist")
    assert len(service.requests) == 1


def test_nobody_listening_is_a_retry() -> None:
    wire = Wire("http://127.0.0.1:9", connect_s=0.2)
    signer = Signer("sqs", "eu-west-1", CREDENTIALS)
    with pytest.raises(Retry):
        JsonService("sqs", Sender(signer, wire, FakeClock(NOW)))("SendMessage", {})


def test_a_service_that_does_not_answer_in_time_is_a_retry(service: Service) -> None:
    service.held = threading.Event()
    wire = Wire(service.url, read_s=0.1)
    with pytest.raises(Retry):
        JsonService("sqs", Sender(Signer("sqs", "eu-west-1", CREDENTIALS), wire, FakeClock(NOW)))("SendMessage", {})
    service.held.set()
    assert len(service.requests) == 3


def test_blobs_are_put_and_got_over_rest(service: Service) -> None:
    signer = Signer("s3", "eu-west-1", CREDENTIALS)
    blobs = RestBlobs("bucket", Sender(signer, Wire(service.url), FakeClock(NOW)))
    service.answers = [(200, b"", {}), (200, b"\x00 bytes", {})]
    blobs.put("large/a/b", b"\xff body")
    assert blobs.get("large/a/b") == b"\x00 bytes"
    assert [(method, path, body) for method, path, _, body in service.requests] == [
        ("PUT", "/bucket/large/a/b", b"\xff body"),
        ("GET", "/bucket/large/a/b", b""),
    ]
    service.answers = [(404, b"<Error><Code>NoSuchKey</Code></Error>", {})]
    assert blobs.get("large/a/c") is None


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [(404, "NoSuchBucket", Refused), (403, "AccessDenied", Refused), (503, "SlowDown", Retry), (400, "", Refused)],
)
def test_a_blob_that_cannot_be_put_is_an_error(
    service: Service, status: int, code: str, expected: type[HubError]
) -> None:
    signer = Signer("s3", "eu-west-1", CREDENTIALS)
    service.answers = [(status, f"<Error><Code>{code}</Code></Error>".encode(), {})]
    with pytest.raises(expected):
        RestBlobs("bucket", Sender(signer, Wire(service.url), FakeClock(NOW))).put("large/a/b", b"")


@pytest.mark.parametrize(
    ("region", "host"),
    [("eu-west-1", "sqs.eu-west-1.amazonaws.com"), ("cn-north-1", "sqs.cn-north-1.amazonaws.com.cn")],
)
def test_the_endpoint_is_the_services_own_in_the_region(region: str, host: str) -> None:
    one = sender("sqs", region, CREDENTIALS, FakeClock())
    assert one._wire.host == host


@pytest.mark.parametrize("code", ["", "+81 90 0000 0000", "a b", "x" * 500, "\n"])
def test_an_odd_error_code_is_not_repeated(code: str) -> None:
    assert failure("sqs.SendMessage", 400, code).reason == "sqs.SendMessage: status 400"
