"""The mapping stage: deliveries become events on the bus; what cannot be read is kept, counted and shown.

For a batch the raw deliveries are stored together and the events published together; each delivery succeeds or fails
alone. Everything can be repeated from the start: ids do not depend on when or how often a delivery is mapped.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from hub import aside, sources
from hub import connector as registry
from hub.batch import Batch, Record, place_of
from hub.delivery import Connection, Delivery
from hub.domain.events import Mapped
from hub.errors import HubError, Quarantine, Reject, Retry
from hub.publishing import fit, publish_all
from hub.wiring import Hub

NO_CONNECTION = "no connection for this event source"


@dataclass(slots=True)
class Job:
    """One record of the batch on its way; `connection` is None where the delivery belongs to nobody known."""

    record: Record
    delivery: Delivery
    connection: Connection | None
    events: list[dict[str, Any]] = field(default_factory=list)


def map_batch(event: Mapping[str, Any], kind: str, hub: Hub, context: object = None) -> dict[str, Any]:
    """Maps one SQS batch of `inbound-<kind>`; returns the partial batch response."""
    batch = Batch(hub, f"inbound-{kind}", context)
    records: Sequence[Record] = event["Records"]
    jobs = [job for record in records if (job := batch.attempt(record, partial(_read, hub, kind, record)))]
    _keep_raw(hub, batch, jobs)
    mapped = [job for job in jobs if _mapped(hub, batch, job)]
    _publish(hub, batch, mapped)
    hub.telemetry.note(records=len(records))
    return batch.finish(f"map_{kind}")


def _read(hub: Hub, kind: str, record: Record) -> Job:
    """The delivery in a record; Reject where it is none, for then nobody could show it either."""
    try:
        message = json.loads(record["body"])
        if "renkei" not in message:
            return Job(record, *sources.read(hub.connections, kind, record["body"]))
        delivery = Delivery.from_message(message, _body(hub, message))
        if delivery.connection_id == sources.UNKNOWN:  # mapped again: by now the source may belong to a connection
            return Job(record, *sources.again(hub.connections, delivery))
        return Job(record, delivery, hub.connections.get(delivery.connection_id))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Reject("not a delivery") from error


def _body(hub: Hub, message: Mapping[str, Any]) -> bytes | None:
    """The large body that the message points to; None where the message holds it."""
    if "blob" not in message:
        return None
    body = hub.blobs.get(message["blob"])
    if body is None:
        raise Retry("the body is not in the bucket")
    return body


def _keep_raw(hub: Hub, batch: Batch, jobs: Sequence[Job]) -> None:
    """Stores the deliveries not yet stored as one blob of JSON lines; without it none of them goes on."""
    fresh = [job for job in jobs if not job.delivery.raw_ref]
    if not fresh:
        return
    key = _raw_key([job.delivery for job in fresh])
    lines = [json.dumps(job.delivery.to_message(), separators=(",", ":")) for job in fresh]
    try:
        hub.blobs.put(key, ("\n".join(lines) + "\n").encode())
    except HubError as error:
        for job in fresh:
            batch.put_off(job.record, error)
    for number, job in enumerate(fresh):
        job.delivery = replace(job.delivery, raw_ref=f"{key}#{number}")


def _raw_key(deliveries: Sequence[Delivery]) -> str:
    digest = hashlib.sha256("\n".join(delivery.id for delivery in deliveries).encode()).hexdigest()
    year, month, day = deliveries[0].received_at[:10].split("-")
    return f"raw/{year}/{month}/{day}/{digest}.jsonl"


def _mapped(hub: Hub, batch: Batch, job: Job) -> bool:
    """Whether the job's events can be published."""
    if batch.settled(job.record):
        return False
    if not batch.has_time():
        batch.leave(job.record)
        return False
    return batch.attempt(job.record, partial(_map_or_quarantine, hub, job)) is True


def _map_or_quarantine(hub: Hub, job: Job) -> bool:
    try:
        mapped = _map(hub, job)
        job.events = [fit(event.model_dump(mode="json")) for event in mapped.events]
    except Quarantine as error:
        aside.quarantine(hub.store, job.delivery, error.reason)
        hub.telemetry.count("map.quarantined", platform=job.delivery.platform)
        return True
    aside.unmapped(hub.store, job.delivery, mapped.unmapped)
    if mapped.unmapped:
        hub.telemetry.count("map.unmapped", len(mapped.unmapped), platform=job.delivery.platform)
    return True


def _map(hub: Hub, job: Job) -> Mapped:
    """What the connector says; whatever it raises sets the delivery aside, so that none is lost and none loops."""
    if job.connection is None:
        gone = "the connection no longer exists"
        raise Quarantine(NO_CONNECTION if job.delivery.connection_id == sources.UNKNOWN else gone)
    try:
        return registry.load(job.connection.platform).map_delivery(job.delivery, job.connection)
    except HubError:
        raise
    except Exception as error:
        name = type(error).__name__
        hub.telemetry.count("map.broken", error=name, at=place_of(error))
        raise Quarantine(f"mapping failed: {name}") from error


def _publish(hub: Hub, batch: Batch, jobs: Sequence[Job]) -> None:
    """Publishes all events; a record of which one was not accepted comes again as a whole."""
    owners = [job for job in jobs for _ in job.events]
    failed = publish_all(hub.bus, [event for job in jobs for event in job.events])
    for index in sorted(failed):
        batch.put_off(owners[index].record, Retry("the bus did not accept an event"))
    hub.telemetry.count("map.events", len(owners) - len(failed))
    if failed:
        hub.telemetry.count("map.unpublished", len(failed))
