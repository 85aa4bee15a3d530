"""Names never join; but where they are plainly two people's, a number or mailbox that both have joins neither."""

from __future__ import annotations

from typing import Any

import pytest

from hub.directory import Directory
from hub.domain.events import Identifier
from hub.domain.names import name_of
from hub.domain.namesakes import Called, two_people
from hub.memory_store import MemoryStore
from hub.namesakes import differ
from hub.readings import Readings, read
from hub.records import RecordStore


def whole(text: str, *, family_first: bool = False) -> Called:
    name = name_of(text, read)
    assert name is not None
    return Called(name, family_first)


def two(one: str, other: str, **known: bool) -> bool:
    a, b = whole(one, **known), whole(other, **known)
    found = two_people(a, b, Readings())
    assert two_people(b, a, Readings()) == found
    return found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("高橋 美咲", "高橋 健太"),
        ("高橋 美咲", "Takahashi Kenta"),
        ("タカハシ ミサキ", "Kenta Takahashi"),
        ("佐藤 恵子", "鈴木 一郎"),
        ("高橋美咲", "高橋健太"),
        ("John Smith", "Mary Smith"),
        ("Anna Weber", "Peter Maier"),
        ("はたにまさる", "Hatani Aya"),
        ("斎藤 翔", "斎藤 翔太"),
        ("吉田 京子", "Yoshida Yoko"),
        ("片守 保行", "片守 祐子"),
        ("白枝 悦子", "颯太 白枝"),
    ],
)
def test_another_given_name_is_another_person(one: str, other: str) -> None:
    assert two(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("高橋 美咲", "髙橋　美咲"),
        ("高橋 美咲", "Misaki Takahashi"),
        ("高橋 美咲", "美咲 高橋"),
        ("高橋 美咲", "たかはし みさき 様"),
        ("佐藤 裕子", "サトウ ヒロコ"),
        ("Bob Miller", "Robert Miller"),
        ("Thomas Miller", "Tom Miller"),
        ("T. Miller", "Thomas Miller"),
        ("Mary Smith", "Mary Jones"),
        ("高橋 美咲", "鈴木 美咲"),
        ("高橋美咲", "TakahashiMisaki"),
    ],
)
def test_one_person_may_write_a_name_in_two_ways_or_marry(one: str, other: str) -> None:
    assert not two(one, other)


@pytest.mark.parametrize("other", ["美咲", "高橋", "Misa", "みさきち☆", "Maria del Carmen Lopez", "Acme"])
def test_a_part_of_a_name_a_nickname_or_more_than_two_parts_say_nothing(other: str) -> None:
    assert not two("高橋 健太", other)


def test_names_in_fields_tell_their_order() -> None:
    assert two("Smith John", "Smith Mary", family_first=True)
    assert not two("Smith Mary", "Jones Mary", family_first=True)


def test_who_is_called_nothing_differs_from_nobody() -> None:
    assert not differ([], [whole("高橋 美咲")])
    assert differ([whole("高橋 健太")], [whole("高橋 美咲")])
    assert not differ([whole("高橋 健太"), whole("高橋 美咲")], [whole("高橋 美咲")])


PHONE = Identifier(kind="phone", value="+815012340001")
INFO = Identifier(kind="email", value="info@company.example")
HUBSPOT = Identifier(kind="record", scope="hs", value="contact:1")
SALESFORCE = Identifier(kind="record", scope="sf", value="contact:2")


def people(identifier: Identifier, *names: str, shared: Identifier = PHONE, change: str = "changed") -> set[str]:
    """Who is with that identifier, where both records hold the shared one and are called so."""
    who = Directory(MemoryStore(), b"k" * 32)
    for record, name in zip((HUBSPOT, SALESFORCE), names, strict=True):
        who.attach([record, shared], reason="contact.changed", event="e", at="2026-01", connection=record.scope)
        claim = {"field": "name", "value": name, "at": "2026-01", "precision": "field"}
        data: dict[str, Any] = {"object": "contact", "id": record.value[-1], "at": "2026-01", "claims": [claim]}
        data["change"] = change if record is SALESFORCE else "changed"
        RecordStore(who.store, who.hashed).fold(record, record.scope, record.scope, data)
    found = who.customer(who.persona_id(identifier))
    assert found is not None
    return {persona.identifier.value for persona in found.personas}


def test_a_family_phone_in_two_crms_joins_nobody() -> None:
    assert people(PHONE, "高橋 美咲", "高橋 健太") == {PHONE.value}
    assert people(HUBSPOT, "高橋 美咲", "Misaki Takahashi") == {PHONE.value, "contact:1", "contact:2"}


def test_a_deleted_record_of_another_name_leaves_the_number_to_the_living() -> None:
    assert people(PHONE, "高橋 美咲", "高橋 健太", change="deleted") == {PHONE.value, "contact:1"}
    assert people(SALESFORCE, "高橋 美咲", "高橋 健太", change="deleted") == {"contact:2"}


def test_a_mailbox_of_a_role_joins_nobody_whatever_the_names() -> None:
    assert people(INFO, "高橋 美咲", "高橋 美咲", shared=INFO) == {INFO.value}
