"""Bus events into customers and timelines."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from pydantic import ValidationError

from hub import batch
from hub.directory import Directory
from hub.domain.events import Event
from hub.errors import Reject
from hub.field_policies import field_policies
from hub.records import RecordStore
from hub.timeline_store import TimelineStore
from hub.wiring import Hub, aws_hub
from sync_customers.consume import Consumer


def handler(event: Mapping[str, Any], context: object, hub: Hub | None = None) -> dict[str, Any]:
    """Files a batch of events; each stands alone, the failed ones are named."""
    hub = hub or aws_hub()
    policies = partial(field_policies, hub.connection_items, hub.clock)
    directory = Directory(hub.store, hub.secrets.hash_key, policies=policies)
    records = RecordStore(hub.store, directory.hashed, policies)
    consumer = Consumer(directory, records, TimelineStore(hub.store), hub.connections, hub.telemetry)

    def file(body: str) -> None:
        try:
            consumer.consume(Event.model_validate_json(body))
        except ValidationError as error:
            raise Reject(f"the event is not valid: {error.error_count()} fields") from error

    return batch.run(event, file, hub, function="sync_customers", queue="sync-customers", context=context)
