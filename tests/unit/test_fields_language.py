"""The language of fields.toml: what a line can say, how it is compiled, and which lines are refused with what sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hub.codecs_words import owners_by_id
from hub.domain.sync import Owner
from hub.field_rules import rule_of
from hub.fields import BrokenMap, FieldMap, load, map_of
from hub.fields_compile import literal

OWNERS = {"7": "ama@example.com", "8": "yuki@example.com"}


def made(fields: dict[str, Any], **said: Any) -> FieldMap:
    return map_of("Thing", {"object": "contact", "fields": fields, **said}, "shop/fields.toml")


LINES = {
    "first_name": "First",
    "last_name": {"theirs": "Last", "codec": "name", "required": True},
    "phone": {"theirs": "Phone", "codec": "phone"},
    "lifecycle": {"theirs": "Stage", "codec": "picklist", "words": {"lead": ["L", "S"], "customer": 2}},
    "owner": {"theirs": "OwnerId", "codec": "owner", "number": True},
    "company_ref": {"theirs": "AccountId", "codec": "reference", "direction": "out"},
    "value": {"theirs": "Amount", "codec": "money", "currency": "Currency"},
    "seen_at": {"theirs": "Seen", "codec": "instant_ms", "direction": "in"},
    "tags": {"theirs": "Tags", "codec": "list"},
}
THING = made(LINES, placeholder="(none)")


def test_a_row_in_our_words() -> None:
    row = {"First": " Ama ", "Last": "Berg", "Stage": "S", "OwnerId": 7, "Amount": 5, "Currency": "eur", "Seen": 0.5}
    assert THING.ours(row, owners=OWNERS) == {
        "first_name": "Ama",
        "last_name": "Berg",
        "name": "Ama Berg",
        "lifecycle": "lead",
        "owner": "ama@example.com",
        "value": "5 EUR",
    }
    assert [held.field for held in THING.held_back(row, owners=OWNERS)] == ["seen_at"]


def test_our_fields_in_the_platforms_words() -> None:
    ours = {"lifecycle": "lead", "owner": "yuki@example.com", "company_ref": "company:9", "value": "5.5 JPY"}
    assert THING.theirs(
        {**ours, "seen_at": "2026-11-23T03:00:00.000Z", "tags": "a; b", "hobby": "go"}, owners=OWNERS
    ) == {
        "Stage": "L",
        "OwnerId": 8,
        "AccountId": "9",
        "Amount": 5.5,
        "Currency": "JPY",
        "Tags": ["a", "b"],
    }


def test_what_is_read_and_what_is_written() -> None:
    assert THING.readable == {*LINES, "name"} - {"company_ref"}
    assert THING.writable == LINES.keys() - {"seen_at"}
    assert "AccountId" not in THING.properties
    assert {"Amount", "Currency"} <= set(THING.properties)


def test_money_whose_currency_was_not_given_is_held() -> None:
    assert THING.ours({"Amount": 5}) == {}
    assert [held.why for held in THING.held_back({"Amount": 5})] == [
        "The platform's value is left out: its currency was not given with it."
    ]


def test_a_word_without_a_counterpart_is_held_both_ways_and_never_repeated() -> None:
    read, written = THING.held_back({"Stage": "vip"}), THING.held_back({"lifecycle": "vip"}, writing=True)
    assert THING.ours({"Stage": "vip"}) == {} == THING.theirs({"lifecycle": "vip"})
    assert [one.field for one in (*read, *written)] == ["lifecycle", "lifecycle"]
    assert not any("vip" in one.why for one in (*read, *written))


def test_emptying_is_null_or_the_maps_own_way_and_a_real_list_is_emptied_as_one() -> None:
    emptied = {"first_name": None, "phone": None, "tags": None, "lifecycle": None}
    assert THING.theirs(emptied) == {"First": None, "Phone": None, "Tags": [], "Stage": None}
    assert made(LINES, clear="").theirs(emptied) == {"First": "", "Phone": "", "Tags": [], "Stage": ""}


def test_a_field_the_platform_insists_on_gets_the_placeholder_or_is_held() -> None:
    assert THING.theirs({"last_name": None}) == {"Last": "(none)"}
    assert THING.ours({"Last": "(none)"}) == {"last_name": None}
    strict = made({"last_name": {"theirs": "Last", "required": True}})
    assert strict.theirs({"last_name": None}) == {}
    assert [one.why for one in strict.held_back({"last_name": None}, writing=True)] == [
        "It is not written: the platform insists on a value."
    ]


def test_a_platform_of_texts_gets_numbers_and_truths_as_texts() -> None:
    lines = {
        "employees": {"theirs": "n", "codec": "integer"},
        "known": {"theirs": "k", "codec": "boolean"},
        "value": {"theirs": "a", "codec": "money", "currency": "c"},
    }
    texts = made(lines, values="text")
    assert texts.theirs({"employees": "5", "known": "true", "value": "5.50 EUR"}) == {
        "n": "5",
        "k": "true",
        "a": "5.5",
        "c": "EUR",
    }


def test_owners_are_known_by_id_or_as_the_platforms_users() -> None:
    users = [Owner(id="7", email="Ama@Example.com"), Owner(id="9", name="Nobody")]
    assert THING.ours({"OwnerId": "7"}, owners=users) == {"owner": "ama@example.com"}
    assert THING.theirs({"owner": "AMA@example.com"}, owners=owners_by_id(users)) == {"OwnerId": 7}
    assert THING.ours({"OwnerId": "7"}) == {}
    assert THING.ours({"OwnerId": ""}) == {"owner": None}


def test_values_are_the_same_by_their_codec_and_nothing_is_as_nothing() -> None:
    assert THING.same("phone", "+81 50-3123-4567", "+815031234567")
    assert THING.same("phone", "050-3123-4567", "+815031234567", region="JP")
    assert not THING.same("phone", "050-3123-4567", "+815031234567")
    assert THING.same("phone", None, "") and not THING.same("phone", None, "1")
    assert THING.same("hobby", "go", "go") and not THING.same("hobby", "go", "Go")


def test_a_map_can_be_given_more_lines_and_others() -> None:
    more = THING.with_rules({"x_size": rule_of("x_size", "Size__c"), "first_name": rule_of("first_name", "Given")})
    assert more.theirs({"x_size": "L", "first_name": "Ama", "phone": "1"}) == {
        "Size__c": "L",
        "Given": "Ama",
        "Phone": "1",
    }
    assert THING.theirs({"x_size": "L"}) == {}


@pytest.mark.parametrize("name", ["a'b", 'a"b', "a\\", "{x}", "'''", "'); import os #"])
def test_a_name_is_only_ever_a_name(name: str) -> None:
    field_map = made({"title": name})
    assert field_map.theirs({"title": "x"}) == {name: "x"}
    assert field_map.ours({name: "x"}) == {"title": "x"}


def test_only_a_text_is_put_into_source() -> None:
    class Sly(str):
        __slots__ = ()

        def __repr__(self) -> str:
            return "__import__('os')"

    with pytest.raises(TypeError):
        literal(Sly("title"))


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (3, "title is neither the name of their field nor a table."),
        ("", "title has a `theirs` that cannot be used"),
        (" Name", "title has a `theirs` that cannot be used"),
        ("a\nb", "title has a `theirs` that cannot be used"),
        ({"codec": "text"}, "title has a `theirs` that cannot be used"),
        ({"theirs": "T", "codek": "text"}, "title has `codek`, which no line has; there are theirs, codec"),
        ({"theirs": "T", "codec": "telepathy"}, "title has an unknown codec; there are text, name"),
        ({"theirs": "T", "codec": "picklist"}, 'title has `words` where the codec is not "picklist", or lacks them'),
        ({"theirs": "T", "words": {"a": "b"}}, 'title has `words` where the codec is not "picklist"'),
        ({"theirs": "T", "codec": "picklist", "words": {}}, "title has a `words` that cannot be used"),
        ({"theirs": "T", "codec": "picklist", "words": {"a": ""}}, "title has a `words` that cannot be used"),
        (
            {"theirs": "T", "codec": "picklist", "words": {"a": "x", "b": ["y", "x"]}},
            "title has one of their words twice",
        ),
        ({"theirs": "T", "codec": "money"}, 'title has `currency` where the codec is not "money", or lacks it'),
        (
            {"theirs": "T", "direction": "up"},
            "title has a `direction` that cannot be used: it must be in, out or both.",
        ),
        ({"theirs": "T", "policy": "loudest"}, "title has a `policy` that cannot be used: it must be one of owner"),
        ({"theirs": "T", "required": "yes"}, "title has a `required` that cannot be used: it must be true or false."),
        ({"theirs": "T", "codec": "reference", "kind": "a:b"}, "title has a `kind` that cannot be used"),
        ({"theirs": "T", "codec": "list", "separator": ""}, "title has a `separator` that cannot be used"),
    ],
)
def test_a_line_that_cannot_be_used_is_refused_in_a_sentence(line: Any, sentence: str) -> None:
    with pytest.raises(BrokenMap) as broken:
        made({"title": line})
    assert str(broken.value).startswith("shop/fields.toml, Thing: ")
    assert sentence in str(broken.value)
    assert str(broken.value).endswith(".")


@pytest.mark.parametrize("ours", ["Title", "1st", "a-b", "", "a b", "x" * 129])
def test_a_field_of_ours_with_no_usable_name_is_refused(ours: str) -> None:
    with pytest.raises(BrokenMap, match="is no name of ours"):
        made({ours: "T"})


def test_two_of_ours_may_be_read_from_one_of_theirs_but_not_written_to_it() -> None:
    both = {
        "company": {"theirs": "Account", "direction": "in"},
        "company_ref": {"theirs": "Account", "codec": "reference"},
    }
    assert made(both).ours({"Account": "9"}) == {"company": "9", "company_ref": "company:9"}
    with pytest.raises(BrokenMap, match="Thing: phone is written to the same field as mobile"):
        made({"mobile": "Phone", "phone": "Phone"})


@pytest.mark.parametrize(
    ("section", "sentence"),
    [
        ("object = 'contact'", "there is no table of fields"),
        ("object = 'contact'\nfields = 3", "there is no table of fields"),
        ("[contacts.fields]\ntitle = 'T'", "`object` must say what it is in our words"),
        ("object = 'contact'\ncolour = 'red'\n[contacts.fields]\ntitle = 'T'", "`colour` is nothing that a map says"),
        ("object = 'contact'\nclear = 0\n[contacts.fields]\ntitle = 'T'", "`clear` must be a text"),
        ("object = 'contact'\nvalues = 'bytes'\n[contacts.fields]\ntitle = 'T'", '`values` can only be "text"'),
    ],
)
def test_a_section_that_cannot_be_used_is_refused(tmp_path: Path, section: str, sentence: str) -> None:
    path = tmp_path / "fields.toml"
    path.write_text(f"[contacts]\n{section}")
    with pytest.raises(BrokenMap) as broken:
        load(path)
    assert "fields.toml, contacts: " in str(broken.value) and sentence in str(broken.value)


def test_a_map_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "fields.toml"
    path.write_text("[contacts\n")
    with pytest.raises(BrokenMap, match="is no TOML"):
        load(path)
