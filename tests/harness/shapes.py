"""The event dictionaries as AWS gives them to a handler (API Gateway HTTP API v2, SQS, DynamoDB stream)."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from hub.aws_store import attributes_of
from hub.memory import Change
from hub.ports import Item

REGION = "us-east-1"
ACCOUNT = "123456789012"


class Context:
    """What Lambda hands to a handler beside the event."""

    aws_request_id = "00000000-0000-4000-8000-000000000000"
    function_name = "renkei"
    function_version = "1"
    memory_limit_in_mb = 512
    invoked_function_arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:renkei"
    log_group_name = "/aws/lambda/renkei"
    log_stream_name = "stream"

    def get_remaining_time_in_millis(self) -> int:
        """Always enough."""
        return 30_000


def http_event(
    method: str, url: str, headers: Mapping[str, str], body: bytes, *, binary: bool = True
) -> dict[str, Any]:
    """A request as HTTP API payload 2.0 has it: names lower-case, the body in base64 where `binary`."""
    parts = urlsplit(url)
    text = base64.b64encode(body).decode() if binary else body.decode()
    return {
        "version": "2.0",
        "routeKey": f"{method} /webhooks/{{kind}}/{{connection_id}}",
        "rawPath": parts.path,
        "rawQueryString": parts.query,
        "headers": {"host": "internal.execute-api.example", **{name.lower(): value for name, value in headers.items()}},
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": "api",
            "domainName": "internal.execute-api.example",
            "stage": "$default",
            "requestId": "request-1",
            "http": {
                "method": method,
                "path": parts.path,
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.9",
                "userAgent": "harness",
            },
        },
        "pathParameters": _path_parameters(parts.path),
        "body": text,
        "isBase64Encoded": binary,
    }


def _path_parameters(path: str) -> dict[str, str]:
    names = ("", "webhooks", "kind", "connection_id", "token")
    return {name: part for name, part in zip(names, path.split("/"), strict=False) if name not in ("", "webhooks")}


def queue_arn(queue: str) -> str:
    """The ARN of a queue of the stack `renkei`."""
    return f"arn:aws:sqs:{REGION}:{ACCOUNT}:renkei-{queue}"


def receipt_of(message_id: str, receives: int) -> str:
    """The handle of one receipt of a message: no two are the same."""
    return f"receipt-{message_id}-{receives}"


def sqs_event(queue: str, messages: Sequence[tuple[str, str, int, float]]) -> dict[str, Any]:
    """A batch of (message id, body, receive count, Unix seconds of sending)."""
    return {"Records": [_sqs_record(queue, *message) for message in messages]}


def _sqs_record(queue: str, message_id: str, body: str, receives: int, sent_at: float) -> dict[str, Any]:
    return {
        "messageId": message_id,
        "receiptHandle": receipt_of(message_id, receives),
        "body": body,
        "attributes": {"ApproximateReceiveCount": str(receives), "SentTimestamp": str(int(sent_at * 1000))},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn(queue),
        "awsRegion": REGION,
    }


def stream_event(changes: Sequence[tuple[str, Change]]) -> dict[str, Any]:
    """A batch of (sequence number, change) of the state table's stream, which shows new and old images."""
    return {"Records": [_stream_record(number, change) for number, change in changes]}


def _stream_record(number: str, change: Change) -> dict[str, Any]:
    name = "REMOVE" if change.new is None else "INSERT" if change.old is None else "MODIFY"
    return {
        "eventID": f"event-{number}",
        "eventName": name,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": REGION,
        "dynamodb": {
            "Keys": {"pk": {"S": change.pk}, "sk": {"S": change.sk}},
            "SequenceNumber": number,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
            **({"NewImage": image_of(change.new)} if change.new else {}),
            **({"OldImage": image_of(change.old)} if change.old else {}),
        },
        "eventSourceARN": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/renkei-state/stream/2026-01-01T00:00:00.000",
    }


def image_of(item: Item) -> dict[str, Any]:
    """The item as the stream shows it: `hub.aws_store` gives what a write of it makes, so one version later."""
    return attributes_of(replace(item, version=item.version - 1))
