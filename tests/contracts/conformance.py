"""The conformance suite: what every connector promises, as checks that take its evidence and raise AssertionError.

`CHECKS` is the list; tests/contracts/test_connectors.py runs it on every folder under functions/connectors, and
tests/contracts/test_conformance.py runs it on connectors that break one promise each.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from hub.domain.events import EVENT_TYPES, Event, Mapped, unix_ms
from hub.errors import Quarantine
from tests.contracts.evidence import CONNECTION_ID, RECEIVED_AT, Evidence, Example
from tests.contracts.manifests import MANIFEST
from tests.contracts.mutations import BAD_BODIES, at, codec_of, mutants, paths, replaced
from tests.contracts.proofs import PROOFS

MAX_JSON_NUMBER = 2**53


def outcome(evidence: Evidence, example: Example, body: bytes | None = None, **more: str) -> Mapped | Quarantine:
    """What mapping makes of the example (or of another body in its place); any other exception passes through."""
    delivery = evidence.delivery(example, body, **more)
    try:
        return evidence.connector.map_delivery(delivery, evidence.connection(example))
    except Quarantine as quarantine:
        return quarantine


def becomes_what_it_declares(evidence: Evidence) -> None:
    """Each example becomes exactly the events, unmapped parts and quarantine that stand beside it."""
    for example in evidence.deliveries:
        found = outcome(evidence, example)
        if isinstance(found, Quarantine):
            assert example.quarantine is not None, f"{example.name}: quarantined: {found.reason}"
            assert example.quarantine in found.reason, f"{example.name}: {found.reason!r}"
            continue
        assert example.quarantine is None, f"{example.name}: should be quarantined"
        types = [event.type for event in found.events]
        assert types == [event["type"] for event in example.events], f"{example.name}: events {types}"
        unmapped = [part.type for part in found.unmapped]
        assert unmapped == list(example.unmapped), f"{example.name}: unmapped {unmapped}"
        for number, (event, declared) in enumerate(zip(found.events, example.events, strict=True)):
            _compare(event, declared, f"{example.name}, event {number}")


def _compare(event: Event, declared: Mapping[str, Any], where: str) -> None:
    for name in ("subject", "time", "timequality"):
        if name in declared:
            assert getattr(event, name) == declared[name], f"{where}: {name} is {getattr(event, name)!r}"
    if "time" in declared:
        assert event.timequality == "platform", f"{where}: the time is not the platform's"
    body = event.body().model_dump(mode="json")
    for name, value in declared.get("data_includes", {}).items():
        assert includes(body.get(name), value), f"{where}: {name} is {body.get(name)!r}, not {value!r}"


def includes(found: Any, declared: Any) -> bool:
    """Whether `found` holds all of `declared`: objects may hold more, lists may not."""
    if isinstance(declared, dict) and isinstance(found, dict):
        return all(includes(found.get(key), value) for key, value in declared.items())
    if isinstance(declared, list) and isinstance(found, list):
        return len(found) == len(declared) and all(map(includes, found, declared))
    return type(found) is type(declared) and bool(found == declared)


def maps_without_clock_or_chance(evidence: Evidence) -> None:
    """The same delivery gives the same events, whenever it arrives; ids never repeat inside one delivery."""
    for example in evidence.deliveries:
        first, second = outcome(evidence, example), outcome(evidence, example)
        if isinstance(first, Quarantine):
            assert isinstance(second, Quarantine), f"{example.name}: quarantined only once"
            continue
        assert first == second, f"{example.name}: two runs differ"
        later = outcome(evidence, example, received_at="2026-11-29T08:30:00.500Z")
        assert isinstance(later, Mapped), f"{example.name}: quarantined when it arrives later"
        ids = [event.id for event in first.events]
        assert len(set(ids)) == len(ids), f"{example.name}: two events with one id"
        assert [event.id for event in later.events] == ids, f"{example.name}: ids depend on the time of arrival"
        assert _data(later) == _data(first), f"{example.name}: data depend on the time of arrival"


def _data(mapped: Mapped) -> list[dict[str, Any]]:
    return [event.data for event in mapped.events]


def events_are_valid(evidence: Evidence) -> None:
    """Each event is of its type, survives JSON, and names its source, its delivery and the platform's time."""
    for example in evidence.deliveries:
        found = outcome(evidence, example)
        for event in found.events if isinstance(found, Mapped) else ():
            _check_event(evidence, example, event)


def _check_event(evidence: Evidence, example: Example, event: Event) -> None:
    where = f"{example.name}: {event.type}"
    assert event.type in EVENT_TYPES, where
    event.body()
    assert Event.model_validate_json(event.model_dump_json()) == event, f"{where} does not survive JSON"
    plain = event.model_dump(mode="json")
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain, f"{where} does not survive JSON"
    assert event.subject, f"{where}: no subject"
    assert (event.connection, event.source) == (CONNECTION_ID, f"/connections/{CONNECTION_ID}"), where
    assert event.platform == evidence.connector.name, where
    assert event.delivery == evidence.delivery(example).id, f"{where}: foreign delivery"
    assert (event.raw, event.received) == (evidence.delivery(example).raw_ref, RECEIVED_AT), where
    assert 946_684_800_000 <= unix_ms(event.time) < 4_102_444_800_000 and event.time.endswith("Z"), where
    assert event.timequality == "platform" or event.time == RECEIVED_AT, f"{where}: a time from nowhere"
    assert not _inexact(plain), f"{where}: numbers that must travel as text: {_inexact(plain)}"


def _inexact(value: Any) -> list[int | float]:
    """Floats, which no table takes, and integers that JavaScript would round."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [number for one in value for number in _inexact(one)]
    return [value] if isinstance(value, float) or (isinstance(value, int) and abs(value) > MAX_JSON_NUMBER) else []


def unknown_types_are_unmapped(evidence: Evidence) -> None:
    """Some example holds a type that we have no words for, and no name of an unmapped part holds a value."""
    kept = [part for example in evidence.deliveries for part in example.unmapped]
    assert kept, "no example of a type that we have no words for"
    for example in evidence.deliveries:
        found = outcome(evidence, example)
        for part in found.unmapped if isinstance(found, Mapped) else ():
            assert 0 < len(part.type) <= 200 and part.type.isprintable(), f"{example.name}: {part.type!r}"
            assert not any(word.isdigit() and len(word) > 6 for word in part.type.replace("/", " ").split()), part.type


def survives_mutations(evidence: Evidence) -> None:
    """With any part gone or replaced by junk, a delivery still becomes something: never an exception, never nothing."""
    for example in evidence.deliveries:
        was_empty = _weight(outcome(evidence, example)) == 0
        for change, body in mutants(example.body):
            found = _survive(evidence, example, body, f"{example.name} with {change}")
            assert _weight(found) or was_empty, f"{example.name} with {change}: nothing at all came of it"


def _survive(evidence: Evidence, example: Example, body: bytes, what: str) -> Mapped | Quarantine:
    try:
        found = outcome(evidence, example, body)
        if isinstance(found, Mapped):
            for event in found.events:
                event.model_dump_json()
        return found
    except Exception as error:
        raise AssertionError(f"{what}: {type(error).__name__}: {error}") from error


def _weight(found: Mapped | Quarantine) -> int:
    """How many things came of a delivery; a quarantine is one."""
    return len(found.events) + len(found.unmapped) + found.ignored if isinstance(found, Mapped) else 1


def survives_bad_bodies(evidence: Evidence) -> None:
    """Bodies of every wrong kind are quarantined or set aside, and say nothing that they held."""
    for example in evidence.deliveries[:1]:
        for name, body in BAD_BODIES.items():
            found = _survive(evidence, example, body, name)
            events = found.events if isinstance(found, Mapped) else ()
            assert not events, f"{name}: became {[event.type for event in events]}"


def survives_odd_requests(evidence: Evidence) -> None:
    """Mapping needs no header and no query to survive: what the platform forgot is missing, not fatal."""
    for example in evidence.deliveries:
        connection, delivery = evidence.connection(example), evidence.delivery(example)
        for query in ("", "%ff&&=&a", delivery.query):
            try:
                evidence.connector.map_delivery(replace(delivery, headers={}, query=query), connection)
            except Quarantine:
                continue
            except Exception as error:
                raise AssertionError(f"{example.name} with query {query!r}: {type(error).__name__}") from error


def junk_spares_its_neighbours(evidence: Evidence) -> None:
    """A null at the end of any list of a JSON body takes no event of its neighbours along."""
    for example in evidence.deliveries:
        whole = _ids(outcome(evidence, example))
        codec = codec_of(example.body)
        if codec is None or not codec.is_json:
            continue
        for path in paths(codec.tree) if whole else ():
            if isinstance(listed := at(codec.tree, path), list):
                body = codec.write(replaced(codec.tree, path, [*listed, None]))
                lost = set(whole) - set(_ids(_survive(evidence, example, body, example.name)))
                assert not lost, f"{example.name}: a null at the end of {path} took {len(lost)} events along"


def _ids(mapped: Mapped | Quarantine) -> list[str]:
    return [event.id for event in mapped.events] if isinstance(mapped, Mapped) else []


CHECKS: dict[str, Callable[[Evidence], None]] = {
    check.__name__: check
    for check in (
        *MANIFEST,
        *PROOFS,
        becomes_what_it_declares,
        maps_without_clock_or_chance,
        events_are_valid,
        unknown_types_are_unmapped,
        survives_mutations,
        survives_bad_bodies,
        survives_odd_requests,
        junk_spares_its_neighbours,
    )
}
