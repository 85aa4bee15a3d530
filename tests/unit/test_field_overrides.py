"""A connection's own lines over its connector's map: merged, checked against metadata, kept by version."""

from __future__ import annotations

from typing import Any

import pytest

from hub.codecs import CODECS
from hub.connections import connection_of, item_of
from hub.decisions import Decision
from hub.delivery import Connection
from hub.domain.sync import NativeField
from hub.errors import Conflict
from hub.field_checks import FITTING, OUR_FIELDS, wrong_lines
from hub.field_overrides import SETTING, effective, in_force, maps_of, merged, with_lines
from hub.field_rules import BrokenMap
from hub.field_versions import MapVersions
from hub.fields import FieldMap, map_of
from hub.memory import MemoryStore
from hub.ports import Item

LINES: dict[str, Any] = {"first_name": "First", "phone": {"theirs": "Phone", "codec": "phone"}, "title": "Title"}
BASE = map_of("Person", {"object": "contact", "fields": LINES}, "shop/fields.toml")
OWN: dict[str, Any] = {"x_size": "Size__c", "phone": {"theirs": "Home", "codec": "phone"}, "title": None}
SHOP = Connection("s" * 26, "shop", settings={"sync": "both"})
DECISION = Decision("d1", "someone", "2026-11-23T03:00:00.000Z", "because")
FIELDS = (
    NativeField(name="First"),
    NativeField(name="Phone", type="phone"),
    NativeField(name="Size__c", type="picklist", custom=True, options=(("s", "Small"), ("true", "Big"))),
    NativeField(name="Total", type="number", writable=False),
    NativeField(name="Seen", type="datetime"),
    NativeField(name="Odd", type="geolocation"),
)


def test_own_lines_are_added_replace_and_drop_those_of_the_connector() -> None:
    made = merged(BASE, OWN)
    assert made.to_theirs == {"first_name": "First", "x_size": "Size__c", "phone": "Home"}
    assert made.theirs({"x_size": "s", "phone": "1", "title": "gone"}) == {"Size__c": "s", "Home": "1"}


def test_a_line_of_ones_own_takes_its_field_over_from_one_of_the_connectors() -> None:
    assert merged(BASE, {"x_nickname": "First"}).to_theirs == {
        "phone": "Phone",
        "title": "Title",
        "x_nickname": "First",
    }
    reads = merged(BASE, {"x_nickname": {"theirs": "First", "direction": "in"}})
    assert reads.ours({"First": "Ama"}) == {"first_name": "Ama", "x_nickname": "Ama"}


def test_a_connection_without_own_lines_has_the_connectors_map_itself() -> None:
    assert effective(SHOP, BASE) is BASE
    assert in_force(SHOP, "Person") is None


def test_own_lines_are_in_force_with_the_connection_that_carries_them_and_compiled_once() -> None:
    carrying = with_lines(SHOP, "Person", 3, OWN)
    assert in_force(carrying, "Person") == (3, OWN)
    made = effective(carrying, BASE)
    assert made.to_theirs == merged(BASE, OWN).to_theirs
    assert effective(carrying, BASE) is made
    assert effective(with_lines(SHOP, "Person", 4, {"title": None}), BASE).to_theirs == {
        "first_name": "First",
        "phone": "Phone",
    }
    assert maps_of(carrying, {"Person": BASE})["Person"].to_theirs == made.to_theirs
    assert with_lines(carrying, "Person", 0, None) == SHOP


def test_lines_that_no_longer_fit_the_connector_leave_its_map_alone() -> None:
    stale = with_lines(SHOP, "Person", 1, {"x_size": {"theirs": "Size__c", "codec": "telepathy"}})
    assert effective(stale, BASE) is BASE
    with pytest.raises(BrokenMap, match="Person: x_size has an unknown codec"):
        merged(BASE, {"x_size": {"theirs": "Size__c", "codec": "telepathy"}})


def wrong(ours: str, line: Any, base: FieldMap = BASE) -> str | None:
    found = wrong_lines(base, {ours: line}, FIELDS)
    assert {name for name, _why in found} <= {ours}
    return found[0][1] if found else None


@pytest.mark.parametrize(
    ("ours", "line"),
    [
        ("x_size", {"theirs": "Size__c", "codec": "picklist", "words": {"small": "s", "big": True}}),
        ("x_size", "Size__c"),
        ("x_total", {"theirs": "Total", "codec": "decimal", "direction": "in"}),
        ("x_total", {"theirs": "Total", "direction": "in"}),
        ("x_seen", {"theirs": "Seen", "codec": "instant"}),
        ("x_odd", {"theirs": "Odd", "codec": "decimal"}),
        ("x_part", {"theirs": "Seen.day", "codec": "date"}),
        ("language", {"theirs": "Odd"}),
        ("title", None),
        ("title", "Title"),
    ],
)
def test_a_line_that_the_platform_can_hold_is_accepted(ours: str, line: Any) -> None:
    assert wrong(ours, line) is None


@pytest.mark.parametrize(
    ("ours", "line", "sentence"),
    [
        ("x_size", "Nowhere", "The platform has no such field."),
        ("x_price", {"theirs": "Odd", "codec": "money", "currency": "Nowhere"}, "The platform has no such field."),
        ("x_total", {"theirs": "Total", "codec": "decimal"}, 'The platform lets nobody write this field: say direction = "in".'),
        ("x_seen", {"theirs": "Seen", "codec": "date"}, "The field is of type datetime, which goes with instant, instant_ms, instant_s."),
        ("x_size", {"theirs": "Size__c", "codec": "picklist", "words": {"small": "S", "big": "true"}}, "The platform's list lacks what stands for small."),
        ("size", "Size__c", "This is none of our fields: a field of your own is called x_, then a name."),
        ("x_", "Size__c", "This is none of our fields: a field of your own is called x_, then a name."),
        ("language", None, "The connector has no such line to drop."),
        ("x_size", {"theirs": "Size__c", "codec": "telepathy"}, "The line has an unknown codec; there are text, name"),
        ("x_size", {"theirs": "Size__c", "direction": "up"}, "The line has a `direction` that cannot be used"),
        ("X Size", "Size__c", "The line is no name of ours"),
        ("x_first", "First", "first_name is written to the same field: drop that line (null), or name another field."),
    ],
)  # fmt: skip
def test_a_line_that_the_platform_cannot_hold_is_refused_in_a_sentence(ours: str, line: Any, sentence: str) -> None:
    found = wrong(ours, line)
    assert found is not None
    assert found.startswith(sentence) and found.endswith(".")


def test_a_field_taken_over_from_the_connector_must_be_dropped_there() -> None:
    assert wrong_lines(BASE, {"x_first": "First", "first_name": None}, FIELDS) == []
    assert wrong_lines(BASE, {"x_one": "Size__c", "x_two": "Size__c"}, FIELDS)[0][0] == "x_two"


def test_there_is_a_bound_on_lines() -> None:
    assert wrong_lines(BASE, {f"x_{n}": "Odd" for n in range(201)}, FIELDS) == [
        ("fields", "There are more than 200 lines.")
    ]


def test_what_fits_a_type_are_codecs_that_there_are() -> None:
    assert set[str]().union(*FITTING.values()) == CODECS.keys()
    assert OUR_FIELDS["contact"] >= {"name", "email", "phone", "company_ref", "consent_sms", "tags", "owner"}


def stored() -> tuple[MemoryStore, MapVersions]:
    table = MemoryStore()
    table.put(item_of(SHOP))
    return table, MapVersions(table)


def now(table: MemoryStore) -> Connection:
    item = table.get(f"CONN#{SHOP.id}", "CONN")
    assert item
    return connection_of(item)


def test_versions_are_numbered_kept_and_put_in_force_one_after_the_other() -> None:
    table, versions = stored()
    first, second = (versions.save(SHOP.id, "Person", lines, DECISION) for lines in (OWN, {"title": None}))
    assert (first.number, second.number) == (1, 2)
    assert now(table) == SHOP
    assert versions.activate(SHOP.id, "Person", 2, DECISION) == now(table)
    assert in_force(now(table), "Person") == (2, {"title": None})
    versions.activate(SHOP.id, "Person", 1, DECISION)
    assert in_force(now(table), "Person") == (1, OWN)
    versions.activate(SHOP.id, "Person", 0, DECISION)
    assert now(table) == SHOP
    assert [(one.number, len(one.activated)) for one in versions.versions(SHOP.id, "Person")] == [(2, 1), (1, 1)]
    assert versions.get(SHOP.id, "Person", 1) == versions.versions(SHOP.id, "Person")[1]
    assert now(table).settings.get(SETTING) is None


def test_versions_of_one_object_are_none_of_another_whose_name_begins_so() -> None:
    _table, versions = stored()
    versions.save(SHOP.id, "Person", OWN, DECISION)
    versions.save(SHOP.id, "Person_detail", OWN, DECISION)
    assert [one.native for one in versions.versions(SHOP.id, "Person")] == ["Person"]
    assert versions.save(SHOP.id, "Person", OWN, DECISION).number == 2


def test_what_there_is_not_cannot_be_put_in_force() -> None:
    _table, versions = stored()
    with pytest.raises(LookupError):
        versions.activate(SHOP.id, "Person", 1, DECISION)
    with pytest.raises(LookupError):
        versions.activate("n" * 26, "Person", 0, DECISION)


class Contended(MemoryStore):
    """A table in which somebody else always changes the connection first."""

    def put_all(self, items: Any) -> None:
        if any(item.sk == "CONN" and item.version for item in items):
            raise Conflict("changed meanwhile")
        super().put_all(items)


def test_putting_in_force_gives_up_where_others_are_always_first() -> None:
    table = Contended()
    table.put(item_of(SHOP))
    versions = MapVersions(table)
    versions.save(SHOP.id, "Person", OWN, DECISION)
    with pytest.raises(Conflict):
        versions.activate(SHOP.id, "Person", 1, DECISION)
    assert connection_of(table.get(f"CONN#{SHOP.id}", "CONN") or Item("", "")) == SHOP
