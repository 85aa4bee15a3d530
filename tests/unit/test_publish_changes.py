"""What the table's stream says becomes events: no more, no less, and the same ones when a batch is repeated."""

from __future__ import annotations

import json
from typing import Any

from hub.domain.events import Event
from hub.memory import MemoryBus, memory_hub
from publish_changes.handler import handler

ENTRY = {
    "kind": "call",
    "connection": "c1",
    "platform": "twilio",
    "persona": "p1",
    "facts": {"e": {"data": {"text": "private"}}},
}


def record(number: int, pk: str, sk: str, body: dict[str, Any], version: int = 1) -> dict[str, Any]:
    image = {"pk": {"S": pk}, "sk": {"S": sk}, "version": {"N": str(version)}, "body": {"S": json.dumps(body)}}
    return {
        "dynamodb": {"SequenceNumber": str(number), "NewImage": image, "ApproximateCreationDateTime": 1_790_000_000.5}
    }


def test_a_written_entry_and_new_evidence_are_announced_as_valid_events_without_their_content() -> None:
    hub = memory_hub()
    stream = [record(1, "E#e1", "ENTRY", ENTRY), record(2, "P#aa", "EDGE#bb", {}), record(3, "P#bb", "EDGE#aa", {})]
    assert handler({"Records": stream}, None, hub) == {"batchItemFailures": []}
    published = [Event.model_validate(one) for one in hub.bus.events]  # type: ignore[attr-defined]
    assert [(one.type, one.data) for one in published] == [
        ("timeline.changed", {"entry": "e1", "persona": "p1", "kind": "call"}),
        ("customer.linked", {"persona": "aa"}),
    ]
    assert all(one.body() for one in published)
    assert "private" not in json.dumps(hub.bus.events)  # type: ignore[attr-defined]


def test_a_repeated_batch_announces_the_same_events_and_a_new_version_another() -> None:
    hub = memory_hub()
    for version in (1, 1, 2):
        handler({"Records": [record(1, "E#e1", "ENTRY", ENTRY, version)]}, None, hub)
    ids = [one["id"] for one in hub.bus.events]  # type: ignore[attr-defined]
    assert ids[0] == ids[1] != ids[2]


def test_removals_and_bookkeeping_are_no_news() -> None:
    hub = memory_hub()
    removed = {"dynamodb": {"SequenceNumber": "1", "Keys": {}, "OldImage": {}}}
    kept = [record(2, "P#aa", "NODE", {}), record(3, "E#e1", "LOG#c1", {}), record(4, "P#aa", "PENDING#c#e", {})]
    handler({"Records": [removed, *kept]}, None, hub)
    assert hub.bus.events == []  # type: ignore[attr-defined]


def test_the_first_event_that_the_bus_refuses_is_where_the_stream_goes_on() -> None:
    hub = memory_hub(bus=MemoryBus(refuses=lambda event: event["subject"] == "E#e12"))
    stream = [record(number, f"E#e{number}", "ENTRY", ENTRY) for number in range(1, 25)]
    assert handler({"Records": stream}, None, hub) == {"batchItemFailures": [{"itemIdentifier": "12"}]}
    subjects = [one["subject"] for one in hub.bus.events]  # type: ignore[attr-defined]
    assert subjects == [f"E#e{number}" for number in range(1, 21) if number != 12]


def contact(number: int, version: int, target: str = "contact", at: str = "") -> dict[str, Any]:
    body = {"object": target, "life": {"field": {"value": "alive", "at": at}}}
    return record(number, f"P#p{number}", f"REC#c1#{target}", body, version)


def test_a_contact_is_announced_when_it_is_new_or_restored_because_its_evidence_may_have_been_written_before() -> None:
    hub = memory_hub()
    stream = [contact(1, 1), contact(2, 2), contact(3, 3, at="2026-01-01T00:00:00.000Z"), contact(4, 1, "profile")]
    handler({"Records": stream}, None, hub)
    published = [(one["type"], one["data"]) for one in hub.bus.events]  # type: ignore[attr-defined]
    assert published == [("customer.linked", {"persona": "p1"}), ("customer.linked", {"persona": "p3"})]


def test_a_decision_is_announced_once_and_again_with_each_further_one_and_so_is_a_mark() -> None:
    hub = memory_hub()
    stream = [record(1, "P#aa", "PAIR#bb", {}), record(2, "P#bb", "PAIR#aa", {}), record(3, "P#aa", "PAIR#bb", {}, 2)]
    handler({"Records": [*stream, record(4, "P#cc", "MARK", {})]}, None, hub)
    published = [(one["type"], one["data"]["persona"]) for one in hub.bus.events]  # type: ignore[attr-defined]
    assert published == [("customer.linked", "aa"), ("customer.linked", "aa"), ("customer.linked", "cc")]
    assert len({one["id"] for one in hub.bus.events}) == 3  # type: ignore[attr-defined]


def named(number: int, target: str, version: int, *fields: str) -> dict[str, Any]:
    body = {
        "object": target,
        "life": {"field": {"value": "alive", "at": ""}},
        "fields": {name: {"field": {"value": "secret", "at": "2026-05-01T00:00:00.000Z"}} for name in fields},
    }
    return record(number, f"P#p{number}", f"REC#c1#{target}", body, version)


def test_a_record_that_names_a_person_is_announced_and_one_that_names_none_or_a_company_is_not() -> None:
    hub = memory_hub()
    stream = [
        named(1, "profile", 1, "name"),
        named(2, "contact", 2, "last_name", "phone"),
        named(3, "contact", 2, "phone"),
        named(4, "company", 1, "name"),
        record(5, "H#p5", "REC#c1#contact", {"object": "contact", "fields": {"name": "x"}}, 2),
    ]
    handler({"Records": stream}, None, hub)
    published = [(one["type"], one["data"]) for one in hub.bus.events]  # type: ignore[attr-defined]
    assert [one for one in published if one[0] != "customer.changed"] == [
        ("customer.named", {"persona": "p1"}),
        ("customer.named", {"persona": "p2"}),
    ]
    assert "secret" not in json.dumps(hub.bus.events)  # type: ignore[attr-defined]


def test_a_record_announces_what_somebody_said_anew_and_not_what_we_wrote_there_or_its_echo() -> None:
    name = said("Kita", "2026-05-01T00:00:00.000Z")
    before: dict[str, Any] = {"object": "company", "deleted": False, "fields": {"name": name}}
    at = "2026-05-02T00:00:00.000Z"
    reserved = {"wrote": {at: {"value": "Minami", "of": at, "from": {}}}}
    ours = {**before, "fields": {"name": name | reserved}}
    echo = said("Minami", at)["seen"] | name["seen"]
    echoed = {**before, "fields": {"name": {"seen": echo, **reserved}}}
    changed = {**before, "fields": {"name": said("Minami", at)}}
    hub = memory_hub()
    pairs = [(before, ours), (ours, echoed), (before, changed), (echoed, {**echoed, "deleted": True})]
    handler({"Records": [after(number, old, new) for number, (old, new) in enumerate(pairs)]}, None, hub)
    published = [(one["type"], one["subject"]) for one in hub.bus.events]  # type: ignore[attr-defined]
    assert published == [("customer.changed", "P#p2"), ("customer.changed", "P#p3")]


def said(value: str, at: str) -> dict[str, Any]:
    return {"field": {"value": value, "at": at}, "seen": {f"{at}|f": value}}


def after(number: int, old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    shown = record(number, f"P#p{number}", "REC#c1#company", new, 3)
    shown["dynamodb"]["OldImage"] = record(number, f"P#p{number}", "REC#c1#company", old, 2)["dynamodb"]["NewImage"]
    return shown
