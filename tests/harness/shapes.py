"""The event dictionaries as AWS gives them to a handler (API Gateway HTTP API v2, SQS, DynamoDB stream)."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

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


def sqs_event(queue: str, messages: Sequence[tuple[str, str, int]]) -> dict[str, Any]:
    """A batch of (message id, body, receive count)."""
    return {"Records": [_sqs_record(queue, *message) for message in messages]}


def _sqs_record(queue: str, message_id: str, body: str, receives: int) -> dict[str, Any]:
    return {
        "messageId": message_id,
        "receiptHandle": f"receipt-{message_id}-{receives}",
        "body": body,
        "attributes": {"ApproximateReceiveCount": str(receives), "SentTimestamp": "1790000000000"},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn(queue),
        "awsRegion": REGION,
    }


def stream_event(changes: Sequence[tuple[str, Change]]) -> dict[str, Any]:
    """A batch of (sequence number, change) of the state table's stream, which shows new images only."""
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
            "Keys": marshal({"pk": change.pk, "sk": change.sk}),
            "SequenceNumber": number,
            "StreamViewType": "NEW_IMAGE",
            **({"NewImage": marshal(attributes(change.new))} if change.new else {}),
        },
        "eventSourceARN": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/renkei-state/stream/2026-01-01T00:00:00.000",
    }


def attributes(item: Item) -> dict[str, Any]:
    """The attributes that `hub.aws` writes for an item."""
    index = dict(zip(("ipk", "isk"), item.index, strict=True)) if item.index else {}
    expires = {} if item.expires_at is None else {"expires_at": item.expires_at}
    body = json.dumps(item.body, ensure_ascii=False)
    return {"pk": item.pk, "sk": item.sk, "version": item.version, "body": body, **index, **expires}


def marshal(values: Mapping[str, Any]) -> dict[str, Any]:
    """DynamoDB's typed form of a mapping."""
    return {name: _typed(value) for name, value in values.items()}


def _typed(value: Any) -> dict[str, Any]:
    if value is None:
        return {"NULL": True}
    for kind, convert in _TYPES.items():
        if isinstance(value, kind):
            typed: dict[str, Any] = convert(value)
            return typed
    raise TypeError(f"DynamoDB has no {type(value).__name__}")


# bool before int: in Python every bool is an int.
_TYPES: dict[Any, Any] = {
    bool: lambda value: {"BOOL": value},
    str: lambda value: {"S": value},
    int: lambda value: {"N": str(value)},
    Mapping: lambda value: {"M": marshal(value)},
    (list, tuple): lambda value: {"L": [_typed(one) for one in value]},
}
