"""The declared map: what it refuses, and what it reads."""

from __future__ import annotations

from typing import Any

import pytest

from hub.declared import complaints, read_value
from hub.declared_map import compiled

GOOD = {"event": "contact.changed", "record": {"id": "data.id"}, "time": "at"}


def value(declared: Any, document: Any) -> str | None:
    wrong, complain = complaints()
    found = read_value(declared, "here", complain).text(document)
    assert not wrong
    return found


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("a.b", "1"),
        ("a.l.1", "two"),
        ("dotted.name", "whole"),
        (["a", "x.y"], "deep"),
        ({"const": 7}, "7"),
        ({"path": "a.b", "words": {"1": "one"}}, "one"),
        ("a.l.9", None),
        ("a", None),
        ("a.b.c", None),
    ],
)
def test_a_value_is_read_from_its_place(declared: Any, expected: str | None) -> None:
    document = {"a": {"b": 1, "l": ["one", "two"], "x.y": "deep"}, "dotted.name": "whole", "dotted": {"name": "parted"}}
    assert value(declared, document) == expected


@pytest.mark.parametrize(
    ("rule", "place"),
    [
        ("x", "map[0]"),
        ({**GOOD, "event": "contact.born"}, "map[0].event"),
        ({**GOOD, "record": {}}, "map[0].record.id"),
        ({**GOOD, "fields": {"e_mail": "x"}}, "map[0].fields.e_mail"),
        ({**GOOD, "fields": {"email": {"eval": "x"}}}, "map[0].fields.email"),
        ({**GOOD, "fields": {"email": "a..b"}}, "map[0].fields.email"),
        ({**GOOD, "fields": {"change": {"const": "born"}}}, "map[0].fields.change"),
        ({**GOOD, "fields": {"change": {"path": "x", "words": {"a": "born"}}}}, "map[0].fields.change"),
        ({**GOOD, "when": {"path": "type", "matches": ".*"}}, "map[0].when.matches"),
        ({**GOOD, "when": [{"path": "a"}, {"equals": "b"}]}, "map[0].when[1]"),
        ({**GOOD, "record": {"id": "x", "object": {"const": "deal"}}}, "map[0].record.object"),
        ({key: GOOD[key] for key in ("event", "record")}, "map[0].time"),
        ({"event": "form.submitted"}, "map[0].fields.form_id"),
        ({**GOOD, "python": "1"}, "map[0].python"),
    ],
)
def test_a_mistake_is_named_with_its_place(rule: Any, place: str) -> None:
    _, wrong = compiled([rule])
    assert place in [one.partition(": ")[0] for one in wrong]


def test_a_right_map_has_no_complaints() -> None:
    rules, wrong = compiled([GOOD])
    assert (len(rules), wrong) == (1, [])


@pytest.mark.parametrize("declared", [None, {}, [], "x", [GOOD] * 101])
def test_what_is_no_list_of_rules_is_refused(declared: Any) -> None:
    assert compiled(declared)[1][0].startswith("map: ")
