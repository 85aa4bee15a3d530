"""The laws of every field map there is: what is written is read back as it was, what is read writes nothing new."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import connectors
from hub.fields import FieldMap, full_name, load
from tests.harness.field_values import OURS, OWNERS, THEIRS

FOLDER = Path(next(iter(connectors.__path__)))
FEW = settings(max_examples=40)  # the codecs' own laws are tested apart
MAPS: dict[str, FieldMap] = {
    f"{path.parent.name} {native}": one
    for path in sorted(FOLDER.glob("*/fields.toml"))
    for native, one in load(path).items()
}


def our_fields(field_map: FieldMap) -> st.SearchStrategy[dict[str, Any]]:
    """Any of the fields that can be written, with values the platform can hold."""
    rules = [field_map.rules[name] for name in sorted(field_map.writable)]
    return st.fixed_dictionaries({}, optional={rule.ours: OURS[rule.codec](rule) for rule in rules})


def their_fields(field_map: FieldMap) -> st.SearchStrategy[dict[str, Any]]:
    """Any of the fields that are read, as the platform sends them; currencies always, for money needs them."""
    read = {rule.theirs: rule for rule in reversed([*field_map.rules.values()]) if rule.reads}
    currencies = {rule.currency: st.sampled_from(["EUR", "JPY"]) for rule in read.values() if rule.currency}
    optional = {their: st.none() | THEIRS[rule.codec](rule) for their, rule in read.items() if their not in currencies}
    return st.fixed_dictionaries(currencies, optional=optional)


def test_every_crm_connector_has_a_map_of_contacts() -> None:
    assert {"hubspot contacts", "salesforce Contact", "salesforce Lead"} <= MAPS.keys()


@pytest.mark.parametrize("name", MAPS)
def test_a_map_reads_and_writes_something(name: str) -> None:
    field_map = MAPS[name]
    assert len(field_map.properties) > 0
    assert field_map.readable | field_map.writable >= field_map.rules.keys()


@pytest.mark.parametrize("name", MAPS)
@FEW
@given(data=st.data())
def test_what_is_written_is_read_back_as_it_was(name: str, data: st.DataObject) -> None:
    field_map = MAPS[name]
    ours = data.draw(our_fields(field_map))
    assume(field_map.placeholder not in ours.values())
    read = field_map.ours(field_map.theirs(ours, owners=OWNERS), owners=OWNERS)
    for field in ours.keys() & field_map.readable:
        assert field_map.same(field, ours[field], read[field]), field
    assert not field_map.held_back(ours, writing=True, owners=OWNERS)


@pytest.mark.parametrize("name", MAPS)
@FEW
@given(data=st.data())
def test_what_is_read_and_written_back_unchanged_is_read_as_the_same(name: str, data: st.DataObject) -> None:
    field_map = MAPS[name]
    row = data.draw(their_fields(field_map))
    said = field_map.ours(row, owners=OWNERS)
    kept = {field: value for field, value in said.items() if field in field_map.writable}
    unwritable = {held.field for held in field_map.held_back(kept, writing=True, owners=OWNERS)}
    again = field_map.ours(field_map.theirs(kept, owners=OWNERS), owners=OWNERS)
    for field in kept.keys() & field_map.readable - unwritable:
        assert field_map.same(field, kept[field], again.get(field)), field


@pytest.mark.parametrize("name", MAPS)
@FEW
@given(data=st.data())
def test_a_field_that_is_given_is_read_or_held_with_a_reason(name: str, data: st.DataObject) -> None:
    field_map = MAPS[name]
    row = data.draw(their_fields(field_map))
    said = field_map.ours(row, owners=OWNERS)
    held = {one.field: one.why for one in field_map.held_back(row, owners=OWNERS)}
    given = {our for our, rule in field_map.rules.items() if rule.reads and rule.theirs in row}
    assert held.keys() | (said.keys() & given) == given
    assert not held.keys() & said.keys()
    assert all(why.endswith(".") for why in held.values())


@pytest.mark.parametrize("name", MAPS)
@FEW
@given(data=st.data())
def test_only_what_the_platform_takes_is_written(name: str, data: st.DataObject) -> None:
    field_map = MAPS[name]
    everything = {rule.ours: data.draw(OURS[rule.codec](rule)) for rule in field_map.rules.values()}
    allowed = {rule.theirs for rule in field_map.rules.values() if rule.writes}
    allowed |= {rule.currency for rule in field_map.rules.values() if rule.writes and rule.currency}
    assert field_map.theirs(everything, owners=OWNERS).keys() <= allowed


@pytest.mark.parametrize("name", MAPS)
def test_an_emptied_field_is_written_as_the_platform_empties_it_or_told(name: str) -> None:
    field_map = MAPS[name]
    emptied = dict.fromkeys(sorted(field_map.writable))
    written = field_map.theirs(emptied, owners=OWNERS)
    held = {one.field for one in field_map.held_back(emptied, writing=True, owners=OWNERS)}
    assert {field_map.rules[field].theirs for field in emptied.keys() - held} == written.keys()
    read = field_map.ours(written, owners=OWNERS)
    assert set(read.values()) <= {None}


@pytest.mark.parametrize("name", ["hubspot contacts", "salesforce Contact", "salesforce Lead"])
def test_a_name_that_nobody_has_split_is_written_whole_and_read_back_whole(name: str) -> None:
    field_map = MAPS[name]
    written = field_map.theirs({"name": "Ama van der Berg"})
    assert list(written.values()) == ["Ama van der Berg"]
    assert field_map.ours(dict.fromkeys(field_map.properties) | written)["name"] == "Ama van der Berg"


@pytest.mark.parametrize("name", ["hubspot contacts", "salesforce Contact"])
def test_a_whole_name_never_overwrites_its_parts(name: str) -> None:
    field_map = MAPS[name]
    parts = {"first_name": "Ama", "last_name": "Berg"}
    assert field_map.theirs({"name": "somebody else", **parts}) == field_map.theirs(parts)
    assert "name" not in field_map.writable
    assert "name" in field_map.readable


def test_one_part_alone_says_nothing_about_the_whole_name() -> None:
    assert "name" not in MAPS["salesforce Contact"].ours({"FirstName": "Ama"})


def test_the_placeholder_and_blanks_are_read_as_no_value() -> None:
    field_map = MAPS["salesforce Contact"]
    read = field_map.ours({"FirstName": " ", "LastName": field_map.placeholder, "Title": "", "Phone": None})
    assert read == {"first_name": None, "last_name": None, "title": None, "phone": None, "name": None}


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [
        ("花子", "山田", "山田花子"),
        ("はなこ", "やまだ", "やまだはなこ"),
        ("ハナコ", "ヤマダー", "ヤマダーハナコ"),
        ("秀樹", "佐々木", "佐々木秀樹"),
        ("민준", "김", "김민준"),
        ("Hanako", "Yamada", "Hanako Yamada"),
        ("花子", "Yamada", "花子 Yamada"),
        ("Mary Jane", "O'Neil", "Mary Jane O'Neil"),
        (None, "山田", "山田"),
        ("Hanako", None, "Hanako"),
        (None, None, None),
    ],
)
def test_a_name_is_written_as_its_owner_writes_it(first: str | None, last: str | None, name: str | None) -> None:
    assert full_name(first, last) == name
