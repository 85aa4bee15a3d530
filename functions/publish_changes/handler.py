"""Turns the state table's stream into events, so that state and announcement cannot disagree."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from hub.domain.customers import CONTACT_OBJECTS
from hub.domain.name_tables import NAME_FIELDS, NO_PEOPLE
from hub.domain.told import told
from hub.wiring import Hub, aws_hub

CHUNK = 10

Image = Mapping[str, Any]
Body = Mapping[str, Any]


def handler(event: Mapping[str, Any], _context: object, hub: Hub | None = None) -> dict[str, Any]:
    """Publishes what each record of a DynamoDB stream batch announces; names the first one that was not accepted."""
    hub = hub or aws_hub()
    announced = [(record, envelope) for record in event["Records"] for envelope in announce(record, hub.clock.now())]
    failed = _publish(hub, announced)
    hub.telemetry.count("changes.published", len(announced) - len(failed))
    hub.telemetry.flush("publish_changes")
    return {"batchItemFailures": [{"itemIdentifier": one["dynamodb"]["SequenceNumber"]} for one in failed[:1]]}


def _publish(hub: Hub, announced: list[tuple[Mapping[str, Any], dict[str, Any]]]) -> list[Mapping[str, Any]]:
    """The stream records whose events were not accepted, in stream order; the stream repeats from the first."""
    for start in range(0, len(announced), CHUNK):
        chunk = announced[start : start + CHUNK]
        refused = hub.bus.publish([envelope for _, envelope in chunk])
        if refused:
            return [chunk[index][0] for index in sorted(refused)]
    return []


def announce(record: Mapping[str, Any], now: float) -> Iterable[dict[str, Any]]:
    """The events of one stream record: entries written, evidence, decisions, contacts and names; `now` in Unix seconds."""
    image = record["dynamodb"].get("NewImage")
    if image is None:  # removed, by expiry or by us: never news of the customer
        return
    pk, sk = image["pk"]["S"], image["sk"]["S"]
    time = _instant(float(record["dynamodb"].get("ApproximateCreationDateTime", now)))
    if sk == "ENTRY":
        body = json.loads(image["body"]["S"])
        yield _envelope(
            "timeline.changed",
            image,
            time,
            body["connection"],
            body["platform"],
            {"entry": pk.removeprefix("E#"), "persona": body["persona"], "kind": body["kind"]},
        )
    elif pk.startswith("P#"):
        persona = pk.removeprefix("P#")
        for news, more in _news(persona, sk, image, record["dynamodb"].get("OldImage")):
            yield _envelope(news, image, time, "renkei", "renkei", {"persona": persona, **more})


def _news(persona: str, sk: str, image: Image, old: Image | None) -> Iterator[tuple[str, dict[str, Any]]]:
    """What a persona's item announces: whom it hangs together with, what it is called, what is said of it."""
    kind, _, other = sk.partition("#")
    if kind == "REC":
        yield from _of_record(_body(image), _body(old) if old else {}, image["version"]["N"])
    elif kind in ("PIN", "CHOICE"):
        yield "customer.changed", {}
    elif kind == "MARK":
        yield "customer.linked", {"decided": True}
    elif kind in ("EDGE", "PAIR") and persona < other:  # each is stored twice
        yield "customer.linked", ({} if kind == "EDGE" else {"decided": True, "other": other})


def _of_record(record: Body, before: Body, version: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """What waits for a contact can go on when the contact comes, for it may be written after its evidence."""
    if _comes_or_goes(record, version):
        yield "customer.linked", {}
        return
    if _names_a_person(record):
        yield "customer.named", {}
    if _said(record) != _said(before):
        yield "customer.changed", {}


def _said(record: Body) -> list[Any]:
    """What somebody said last of each field. What we wrote, and its echo, are no news."""
    said = [(field, told(registers).claim) for field, registers in sorted(record.get("fields", {}).items())]
    return [record.get("deleted", False), [one for one in said if one[1] is not None]]


def _body(image: Image) -> Body:
    body: Body = json.loads(image["body"]["S"])
    return body


def _comes_or_goes(record: Body, version: str) -> bool:
    """Whether a contact is new, or was once deleted or restored."""
    return record["object"] in CONTACT_OBJECTS and (version == "1" or record["life"]["field"]["at"] != "")


def _names_a_person(record: Body) -> bool:
    return record["object"] not in NO_PEOPLE and any(name in record.get("fields", {}) for name in NAME_FIELDS)


def _envelope(
    event_type: str, image: Mapping[str, Any], time: str, connection: str, platform: str, data: dict[str, Any]
) -> dict[str, Any]:
    """The id depends on the item and its version, so a stream batch that is repeated announces the same events."""
    pk, sk, version = image["pk"]["S"], image["sk"]["S"], image["version"]["N"]
    identity = hashlib.sha256(f"{event_type}\n{pk}\n{sk}\n{version}".encode()).hexdigest()[:32]
    return {
        "specversion": "1.0",
        "id": identity,
        "type": event_type,
        "source": "/state",
        "subject": pk,
        "time": time,
        "datacontenttype": "application/json",
        "connection": connection,
        "platform": platform,
        "delivery": "",
        "received": time,
        "data": data,
    }


def _instant(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
