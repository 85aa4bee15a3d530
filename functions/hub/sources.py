"""Deliveries that no webhook brought: events of a partner's bus or of an AWS service, records of a Kinesis stream.

Both reach the inbound queue as they are (`infra.sources`). An event is a delivery whose body is the whole envelope; it
belongs to the connection that names its `source`, else one of its `resources` (an AWS service has one source for all
accounts' resources). A stream's record is a delivery whose body is the record's data; it belongs to the connection that
names the stream's ARN.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from hub.delivery import Connection, Delivery
from hub.domain.events import instant, unix_ms
from hub.ports import Connections

UNKNOWN = "unknown"
ORIGIN = "event-source"  # the header that keeps a record's stream, which its data does not name
MAX_RESOURCES = 3
Found = tuple[Delivery, Connection | None]


def read(connections: Connections, kind: str, text: str) -> Found:
    """The delivery in a queue's message and the connection it belongs to, if any; ValueError or KeyError for neither."""
    message = json.loads(text)
    if message.get("eventSource") == "aws:kinesis":
        return _from_stream(connections, kind, message)
    return _from_bus(connections, kind, text.encode())


def again(connections: Connections, delivery: Delivery) -> Found:
    """A delivery that had no connection: by now one may name its source."""
    if ORIGIN in delivery.headers:
        return _given(delivery, connections.by_event_source(delivery.headers[ORIGIN]))
    found, connection = _from_bus(connections, delivery.kind, delivery.body)
    return replace(found, raw_ref=delivery.raw_ref), connection


def _from_bus(connections: Connections, kind: str, body: bytes) -> Found:
    envelope = json.loads(body)
    connection = _owner(connections, envelope) if envelope["detail-type"] else None
    delivery = Delivery(UNKNOWN, UNKNOWN, kind, received_at=instant(unix_ms(envelope["time"])), body=body)
    return _given(delivery, connection)


def _owner(connections: Connections, envelope: Mapping[str, Any]) -> Connection | None:
    resources = (one for one in envelope.get("resources") or () if isinstance(one, str))
    names = (envelope["source"], *islice(resources, MAX_RESOURCES))
    return next((found for name in names if (found := connections.by_event_source(name))), None)


def _from_stream(connections: Connections, kind: str, message: Mapping[str, Any]) -> Found:
    """EventBridge Pipes flattens the record; Lambda puts the same names one level deeper."""
    record = message.get("kinesis", message)
    stream = str(message["eventSourceARN"])
    delivery = Delivery(
        UNKNOWN,
        UNKNOWN,
        kind,
        received_at=instant(round(float(record["approximateArrivalTimestamp"]) * 1000)),
        body=base64.b64decode(record["data"], validate=True),
        headers={ORIGIN: stream},
    )
    return _given(delivery, connections.by_event_source(stream))


def _given(delivery: Delivery, connection: Connection | None) -> Found:
    if connection is None:
        return delivery, None
    return replace(delivery, connection_id=connection.id, platform=connection.platform), connection
