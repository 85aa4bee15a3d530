"""A thin client for AWS's JSON services and S3: signed requests over one kept connection each, no SDK.

It exists for cold starts, a seventh of the SDK's, and for the API's pages, for which the SDK would do three times the
work. Credentials come from the environment, as Lambda sets them; container credentials (SnapStart) are not fetched.
Signatures are checked against botocore's in the tests.
"""

from __future__ import annotations

import http.client
import json
import random
import re
from collections.abc import Callable, Mapping
from typing import Any

from hub.aws_errors import failure, reasons_of
from hub.aws_sign import Signer
from hub.aws_wire import Answer, Wire
from hub.errors import HubError, Retry
from hub.ports import Clock
from hub.settings import Credentials

ATTEMPTS = 3
BUDGET_S = 2.5  # no further attempt after this: the platform waits, and so does the function's timeout
BACKOFF_S = 0.05
# service -> prefix of its operations' names on the wire, version of the JSON protocol
SERVICES: Mapping[str, tuple[str, str]] = {
    "sqs": ("AmazonSQS", "1.0"),
    "dynamodb": ("DynamoDB_20120810", "1.0"),
    "secretsmanager": ("secretsmanager", "1.1"),
    "events": ("AWSEvents", "1.1"),
}
_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
_S3_CODE = re.compile(rb"<Code>(\w{1,80})</Code>")


class Sender:
    """Sends one signed request until it is answered, refused, or out of time; full jitter between attempts."""

    def __init__(self, signer: Signer, wire: Wire, clock: Clock, jitter: Callable[[], float] = random.random) -> None:
        self._signer = signer
        self._wire = wire
        self._clock = clock
        self._jitter = jitter

    def send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        understand: Callable[[Answer], HubError | None],
    ) -> Answer:
        """The answer in which `understand` saw no failure; raises what it saw, Retry where nothing came."""
        began = self._clock.now()
        for attempt in range(ATTEMPTS):
            if attempt:
                self._clock.sleep(self._jitter() * BACKOFF_S * 2**attempt)
            answer, error = self._attempt(method, path, headers, body, understand)
            if error is None and answer is not None:
                return answer
            if not isinstance(error, Retry) or self._clock.now() - began > BUDGET_S:
                break
        raise error or Retry("no answer")

    def _attempt(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        understand: Callable[[Answer], HubError | None],
    ) -> tuple[Answer | None, HubError | None]:
        signed = self._signer.sign(method, self._wire.host, path, headers, body, self._clock.now())
        try:
            answer = self._wire.exchange(method, path, signed, body)
        except (OSError, http.client.HTTPException) as error:
            return None, Retry(f"{self._signer.service}: {type(error).__name__}")
        return answer, understand(answer)


class JsonService:
    """One of SERVICES: called with an operation's name and parameters, as the SDK's low-level client would be."""

    def __init__(self, service: str, sender: Sender) -> None:
        self._service = service
        self._prefix, self._version = SERVICES[service]
        self._sender = sender

    def __call__(self, operation: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        """The operation's answer; raises Retry or Refused."""
        headers = {
            "content-type": f"application/x-amz-json-{self._version}",
            "x-amz-target": f"{self._prefix}.{operation}",
        }
        name = f"{self._service}.{operation}"
        body = _encode(parameters).encode()
        answer = self._sender.send("POST", "/", headers, body, lambda answer: _failure(name, answer))
        return _json(answer.body)


class RestBlobs:
    """The Blobs port on S3's REST interface."""

    def __init__(self, bucket: str, sender: Sender) -> None:
        self._bucket = bucket
        self._sender = sender

    def put(self, key: str, body: bytes) -> None:
        """Stores, replacing."""
        self._sender.send("PUT", f"/{self._bucket}/{key}", {}, body, _s3_failure)

    def get(self, key: str) -> bytes | None:
        """The bytes, or None."""
        answer = self._sender.send("GET", f"/{self._bucket}/{key}", {}, b"", _s3_failure_unless_absent)
        return None if answer.status == 404 else answer.body


def sender(
    service: str, region: str, credentials: Credentials, clock: Clock, *, endpoint_url: str = "", read_s: float = 1.0
) -> Sender:
    """A Sender to a service's own endpoint, or to `endpoint_url` (the emulator)."""
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    endpoint = endpoint_url or f"https://{service}.{region}.{suffix}"
    return Sender(Signer(service, region, credentials), Wire(endpoint, read_s=read_s), clock)


def _failure(name: str, answer: Answer) -> HubError | None:
    if answer.status == 200:
        return None
    content = _json(answer.body) if answer.status < 500 else {}
    code = str(content.get("__type") or answer.error_type)
    return failure(name, answer.status, code, reasons_of(content))


def _s3_failure(answer: Answer) -> HubError | None:
    if answer.status == 200:
        return None
    code = _S3_CODE.search(answer.body)
    return failure("s3", answer.status, code[1].decode() if code else "")


def _s3_failure_unless_absent(answer: Answer) -> HubError | None:
    return None if answer.status == 404 and b"NoSuchBucket" not in answer.body else _s3_failure(answer)


def _json(body: bytes) -> Mapping[str, Any]:
    try:
        content = json.loads(body.decode()) if body else {}
    except ValueError as error:
        raise Retry("the answer was not JSON") from error
    return content if isinstance(content, dict) else {}
