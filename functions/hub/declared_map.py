"""A declared map, as it stands in a connection's settings: rules from a sender's JSON to our events, compiled once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from hub.declared import Complain, Value, complaints, known_keys, read_value
from hub.declared_events import MAX_ID, TARGETS, Facts, choices
from hub.domain.events import RecordRef
from hub.times import any_time

MAX_RULES, MAX_CONDITIONS, MAX_WORDS = 100, 10, 100
PARTS = ("when", "event", "record", "fields", "time")


@dataclass(frozen=True, slots=True)
class Condition:
    """The path's text is one of the words, or there at all where there are none."""

    path: Value
    words: frozenset[str]

    def holds(self, document: Any) -> bool:
        """Whether the document fits."""
        text = self.path.text(document)
        return text in self.words if self.words else text is not None


@dataclass(frozen=True, slots=True)
class Rule:
    """Where every condition holds, the event is made of what the values find."""

    when: tuple[Condition, ...]
    event: str
    record: Mapping[str, Value]
    fields: Mapping[str, Value]
    time: Value | None

    def holds(self, document: Any) -> bool:
        """Whether the rule speaks of the document."""
        return all(condition.holds(document) for condition in self.when)

    def facts(self, document: Any, message_id: str) -> Facts | None:
        """What it says there; None where the record that it must name is missing."""
        target, said = TARGETS[self.event], {name: value.text(document) for name, value in self.record.items()}
        record_id = said.get("id")
        if (record_id is None and target.needs_id) or len(record_id or "") > MAX_ID:
            return None
        record = None
        if record_id and target.objects:
            kind = said.get("object") if said.get("object") in target.objects else target.objects[0]
            record = RecordRef(object=str(kind), id=record_id, native_object=said.get("object"), url=said.get("url"))
        fields = {name: value.text(document) for name, value in self.fields.items() if name != "answers"}
        found = self.fields["answers"].found(document) if "answers" in self.fields else None
        at = any_time(self.time.found(document)) if self.time else None
        return Facts(self.event, record, (message_id, record_id or ""), at, fields, found)


def compiled(declared: Any) -> tuple[tuple[Rule, ...], list[str]]:
    """The rules in their order, and everything that is wrong with them as `place: sentence`; compiled once per map."""
    try:
        return _compiled(json.dumps(declared, sort_keys=True))
    except (TypeError, ValueError):
        return (), ["map: It must be a list of rules in JSON."]


@lru_cache(maxsize=64)
def _compiled(written: str) -> tuple[tuple[Rule, ...], list[str]]:
    declared = json.loads(written)
    wrong, complain = complaints()
    if not isinstance(declared, list) or not 0 < len(declared) <= MAX_RULES:
        return (), [f"map: It must be a list of 1 to {MAX_RULES} rules."]
    rules = [_rule(one, f"map[{number}]", complain) for number, one in enumerate(declared)]
    return tuple(rule for rule in rules if rule), wrong


def _rule(declared: Any, place: str, complain: Complain) -> Rule | None:
    parts = known_keys(declared, PARTS, place, complain)
    event = parts.get("event")
    if not isinstance(event, str) or event not in TARGETS:
        complain(f"{place}.event", f"It must be one of {', '.join(TARGETS)}.")
        return None
    if "time" not in parts and TARGETS[event].needs_time:
        complain(f"{place}.time", f"{event} needs it: of two values the later one counts.")
    return Rule(
        when=_conditions(parts.get("when", []), f"{place}.when", complain),
        event=event,
        record=_record(event, parts.get("record", {}), f"{place}.record", complain),
        fields=_fields(event, parts.get("fields", {}), f"{place}.fields", complain),
        time=read_value(parts["time"], f"{place}.time", complain) if "time" in parts else None,
    )


def _conditions(declared: Any, place: str, complain: Complain) -> tuple[Condition, ...]:
    listed = declared if isinstance(declared, list) else [declared]
    if len(listed) > MAX_CONDITIONS:
        complain(place, f"It must be at most {MAX_CONDITIONS} conditions.")
        return ()
    places = [f"{place}[{number}]" if isinstance(declared, list) else place for number in range(len(listed))]
    return tuple(_condition(one, where, complain) for one, where in zip(listed, places, strict=True))


def _condition(declared: Any, place: str, complain: Complain) -> Condition:
    parts = known_keys(declared, ("path", "equals", "in"), place, complain)
    if "path" not in parts or isinstance(parts.get("path"), dict) or ("equals" in parts and "in" in parts):
        complain(place, "It must have a path, and equals or in, or neither where the value must only be there.")
        return Condition(Value(), frozenset())
    words = parts.get("in", [parts["equals"]] if "equals" in parts else [])
    if (
        not isinstance(words, list)
        or not all(isinstance(word, str) and word for word in words)
        or len(words) > MAX_WORDS
    ):
        complain(place, f"equals must be a text, in a list of at most {MAX_WORDS} texts.")
        words = []
    return Condition(read_value(parts["path"], f"{place}.path", complain), frozenset(words))


def _record(event: str, declared: Any, place: str, complain: Complain) -> Mapping[str, Value]:
    parts, target = known_keys(declared, ("id", "object", "url"), place, complain), TARGETS[event]
    if target.needs_id and "id" not in parts:
        complain(f"{place}.id", f"{event} needs it: the path of the record's id.")
    values = {name: read_value(value, f"{place}.{name}", complain) for name, value in parts.items()}
    kind = values.get("object", Value()).const
    if kind is not None and kind not in target.objects:
        complain(f"{place}.object", f"It must be one of {', '.join(target.objects) or 'nothing here'}.")
    return values


def _fields(event: str, declared: Any, place: str, complain: Complain) -> Mapping[str, Value]:
    target = TARGETS[event]
    parts = known_keys(declared, target.fields, place, complain) if target.fields or declared else {}
    for name in target.needs:
        if name not in parts:
            complain(f"{place}.{name}", f"{event} needs it.")
    values = {name: read_value(value, f"{place}.{name}", complain) for name, value in parts.items()}
    for name, value in values.items():
        _check_words(event, name, value, f"{place}.{name}", complain)
    return values


def _check_words(event: str, name: str, value: Value, place: str, complain: Complain) -> None:
    """Constants and words are ours: where a field knows only some words, they must be among them."""
    allowed = choices("contact.changed" if name == "change" else event, name)
    given = {*value.words.values(), *([value.const] if value.const is not None else [])}
    if allowed and not given <= set(allowed):
        complain(place, f"It must be one of {', '.join(allowed)}.")
