"""The WhatsApp text that the benchmarks send, and a hub with the adapters of AWS whose sockets go nowhere."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from hub import aws
from hub.aws_json import JsonService, Sender
from hub.aws_services import SqsQueue
from hub.aws_sign import Signer
from hub.aws_wire import Answer
from hub.delivery import Delivery, Request
from hub.memory import FakeClock, MemoryBlobs, MemoryConnections, MemorySecrets, MemoryStore
from hub.settings import Credentials, Settings
from hub.signatures import META
from hub.telemetry import EmfTelemetry
from hub.wiring import Hub
from tests.harness import story
from tests.harness.sending import PUBLIC_URL, Sending
from tests.harness.shapes import http_event

SECRET = b"meta-app-secret"
CONNECTION = next(one for one in story.CONNECTIONS if one.id == story.WHATSAPP)
SENT: list[bytes] = []


def text(number: int = 0) -> Sending:
    """A text of a customer: every number another message."""
    content = {"body": "Hello, could you move my appointment to Tuesday?"}
    who = {"from": story.PHONE[1:], "from_user_id": story.USER_ID}
    sent = story.message(f"wamid.HBgMODE5MDEyMzQ1Njc4FQIAEhgg{number:016d}", 60 + number, "text", content, **who)
    return story.whatsapp("text", contacts=story.PERSON, messages=[sent])


def body() -> bytes:
    """The raw body of one text."""
    return text().body


def delivery() -> Delivery:
    """The text as it reaches the mapping stage."""
    return Delivery(story.WHATSAPP, "whatsapp_cloud", "whatsapp", "2026-09-21T13:33:20.000Z", body())


def request() -> dict[str, Any]:
    """API Gateway's event of the text, signed; the body as text, as API Gateway hands over JSON."""
    sending = text()
    asked = Request("POST", sending.url(PUBLIC_URL), {}, sending.body)
    headers = {"content-type": "application/json", **META.sign(asked, SECRET, story.NOW)}
    return http_event("POST", sending.url(PUBLIC_URL), headers, sending.body, binary=False)


class NoWire:
    """A wire that answers at once."""

    host = "sqs.us-east-1.amazonaws.com"

    def exchange(self, _method: str, _path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """200 to a signed request."""
        if "authorization" not in {name.lower() for name in headers}:
            raise RuntimeError("the request is not signed")
        if not SENT:
            SENT.append(body)
        return Answer(200, b'{"MessageId":"m","MD5OfMessageBody":"d"}')


def edge_hub() -> Hub:
    """The Hub of ingest; connection and secret come from memory, as from the warm cache."""
    clock = FakeClock(story.NOW)
    signer = Signer("sqs", "us-east-1", Credentials("AKIAEXAMPLE", "example", ""))
    sqs = JsonService("sqs", Sender(signer, NoWire(), clock))  # type: ignore[arg-type]
    settings = Settings(public_url=PUBLIC_URL, queue_prefix="https://sqs.us-east-1.amazonaws.com/1/")
    hub = aws.build_edge(settings, Credentials("AKIAEXAMPLE", "example", ""), clock)
    return replace(
        hub,
        store=MemoryStore(),
        connection_items=MemoryStore(),
        connections=MemoryConnections([CONNECTION]),
        secrets=_Warm({story.WHATSAPP: story.SECRETS[story.WHATSAPP]}),
        blobs=MemoryBlobs(),
        queue=SqsQueue(sqs, "https://sqs.us-east-1.amazonaws.com/1/renkei-"),
        telemetry=EmfTelemetry(clock, _discarding()),
    )


class _Warm(MemorySecrets):
    """Secrets as the cache holds them: not copied for each reader."""

    def read(self, connection_id: str, *, fresh: bool = False) -> Mapping[str, Any]:
        return self.stored.get(connection_id, {})


def _discarding() -> Callable[[str], object]:
    sink = open(os.devnull, "w")  # noqa: PTH123, SIM115 - lives as long as the process, as standard output does
    return lambda line: print(line, file=sink)
