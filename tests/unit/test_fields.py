"""The two-way field maps: what is written is read back as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import connectors
from hub.fields import BrokenMap, FieldMap, full_name, load

FOLDER = Path(next(iter(connectors.__path__)))
MAPS: dict[str, FieldMap] = {
    f"{path.parent.name} {native}": one
    for path in sorted(FOLDER.glob("*/fields.toml"))
    for native, one in load(path).items()
}
WORDS = st.text(st.characters(exclude_categories=("Z", "C")), min_size=1, max_size=12)


def test_every_crm_connector_has_a_map_of_contacts() -> None:
    assert {"hubspot contacts", "salesforce Contact", "salesforce Lead"} <= MAPS.keys()


@pytest.mark.parametrize("name", MAPS)
def test_no_two_of_our_fields_share_one_of_theirs(name: str) -> None:
    theirs = MAPS[name].properties
    assert len(set(theirs)) == len(theirs) > 0


@pytest.mark.parametrize("name", MAPS)
@given(data=st.data())
def test_what_is_written_is_read_back_as_it_was(name: str, data: st.DataObject) -> None:
    field_map = MAPS[name]
    words = WORDS.filter(lambda word: word != field_map.placeholder)
    ours = data.draw(st.dictionaries(st.sampled_from(sorted(field_map.to_theirs)), words))
    read = field_map.ours(field_map.theirs(ours))
    assert {our: read[our] for our in ours} == ours
    assert set(read) - set(ours) <= {"name"}


@pytest.mark.parametrize("name", MAPS)
@given(data=st.data())
def test_what_is_read_is_written_back_as_it_was(name: str, data: st.DataObject) -> None:
    field_map = MAPS[name]
    words = WORDS.filter(lambda word: word != field_map.placeholder)
    theirs = data.draw(st.dictionaries(st.sampled_from(sorted(field_map.properties)), words, min_size=1))
    ours = {our: value for our, value in field_map.ours(theirs).items() if value is not None}
    assert field_map.theirs(ours) == theirs


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


@pytest.mark.parametrize("text", ["[contacts]\nobject = 'contact'", "[contacts]\nfields = 3\nobject = 'contact'"])
def test_a_map_without_fields_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "fields.toml"
    path.write_text(text)
    with pytest.raises(BrokenMap, match="contacts: there is no table of fields"):
        load(path)


def test_a_map_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "fields.toml"
    path.write_text("[contacts\n")
    with pytest.raises(BrokenMap, match="is no TOML"):
        load(path)
