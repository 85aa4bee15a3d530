"""How alike two customers are, with reasons; a whole town at once finds the same as each pair alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.domain.addresses_alike import alike_emails, alike_phones
from hub.domain.likeness import THRESHOLD, Described, Likeness, likeness
from hub.domain.names import Name, name_of
from hub.matching import Census, company_of, suggest
from hub.readings import read

CONTACT = ("record", "hubspot1", "contact")


def named(text: str) -> Name:
    name = name_of(text, read)
    assert name is not None
    return name


def who(*names: str, **more: object) -> Described:
    return Described(names=tuple(map(named, names)), **more)  # type: ignore[arg-type]


def alike(one: Described, other: Described, bearers: int = 2) -> Likeness:
    return likeness(one, other, lambda _name: bearers)


def told(one: Described, other: Described, bearers: int = 2) -> list[str]:
    return [reason.why for reason in alike(one, other, bearers).reasons]


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ("髙橋 美咲", "高橋美咲様", "same name"),
        ("Misaki Takahashi", "TAKAHASHI Misaki", "same name"),
        ("高橋 美咲", "Misaki Takahashi", "same reading"),
        ("高橋美咲", "タカハシ　ミサキ", "same reading"),
        ("大野 裕子", "Hiroko Ohno", "same reading"),
        ("Takahashi Misaki", "Tkaahashi Misaki", "names with two letters swapped"),
        ("若田 淳", "ワカダ アツシ", "names that differ in a voiced sound"),
    ],
)
def test_a_rare_name_in_two_writings_is_worth_a_question(one: str, other: str, why: str) -> None:
    assert told(who(one), who(other)) == [why]
    assert alike(who(one), who(other)).score >= THRESHOLD


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("佐藤", "佐藤"),
        ("美咲", "ミサキ"),
        ("伊藤 裕子", "伊藤 優子"),
        ("Haruka Mori", "Haruna Mori"),
        ("T. Yamada", "Taro Yamada"),
        ("高橋 美咲", "高橋 健"),
        ("高橋 美咲", "鈴木 美咲"),
        ("Zhang 伟", "Zhang 雷"),
    ],
)
def test_what_several_people_may_be_called_is_not_enough(one: str, other: str) -> None:
    assert alike(who(one), who(other)).score < THRESHOLD


def test_the_more_bear_a_name_the_less_it_says_unless_a_company_agrees() -> None:
    colleague = who("佐藤 健", companies=frozenset({"桜堂"}))
    scores = [alike(who("佐藤 健"), who("佐藤 健"), bearers).score for bearers in (2, 3, 6, 30)]
    assert scores == sorted(scores, reverse=True)
    assert scores[1] >= THRESHOLD > scores[2]
    assert alike(colleague, colleague, 6).score >= THRESHOLD
    assert told(colleague, colleague) == ["same name", "same company"]


def test_a_company_or_a_shared_number_alone_says_nothing() -> None:
    one = Described(companies=frozenset({"桜堂"}), linked=frozenset({"p"}))
    assert alike(one, one).reasons == ()


def test_a_shared_number_speaks_for_the_same_name_and_not_for_a_family() -> None:
    shared = frozenset({"phone"})
    assert alike(who("佐藤 健", linked=shared), who("サトウ ケン", linked=shared), 8).score >= THRESHOLD
    assert alike(who("佐藤 健", linked=shared), who("佐藤 華", linked=shared)).score < THRESHOLD


def test_two_records_of_one_platform_are_two_people_more_often() -> None:
    slots = frozenset({CONTACT})
    assert (
        alike(who("Ann Abel", slots=slots), who("Ann Abel", slots=slots)).score
        < alike(who("Ann Abel"), who("Ann Abel")).score
    )


def test_different_names_take_from_what_addresses_say() -> None:
    one, other = ("+819000001234",), ("+819000001243",)
    strangers = alike(who("佐藤 健", phones=one), who("鈴木 華", phones=other))
    assert strangers.score < alike(Described(phones=one), Described(phones=other)).score


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ("h.sato@gmail.com", "hsato@gmail.com", "one mailbox, written in two ways"),
        ("hana.sato@mail.example", "hanasato+shop@mail.example", "one mailbox, written in two ways"),
        ("hana@gmail.com", "hana@gmial.com", "e-mail domains one letter apart"),
        ("hana.sato@mail.example", "hana.sato@post.test", "same e-mail name at two providers"),
        ("hana.sato@mail.example", "hana.stao@mail.example", "e-mail addresses one letter apart"),
        ("hana.sato1@mail.example", "hana.sato2@mail.example", None),
        ("hana.sato@mail.example", "hana.sato7@mail.example", None),
        ("info@mail.example", "info@mial.example", None),
        ("ann@mail.example", "ann@other.test", None),
        ("ann@mail.example", "ana@mail.example", None),
    ],
)
def test_addresses_alike(one: str, other: str, why: str | None) -> None:
    for found in (alike_emails(one, other), alike_emails(other, one)):
        assert (found and found[0]) == why


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ("+819000001234", "+819000001235", "phone numbers one digit apart"),
        ("+819000001234", "+819000001243", "phone numbers with two digits swapped"),
        ("+81312345678", "1234-5678", "same number without its area code"),
        ("+81312345678", "03-1234-5678", "same phone number"),
        ("+819000001234", "+819000005678", None),
        ("+819000001234", "+819000002235", None),
        ("12345", "12345", None),
        ("", "", None),
    ],
)
def test_phones_alike(one: str, other: str, why: str | None) -> None:
    for found in (alike_phones(one, other), alike_phones(other, one)):
        assert (found and found[0]) == why


@pytest.mark.parametrize("text", ["株式会社桜堂", "桜堂（株）", "㈱桜堂", "桜堂 Co., Ltd.", "桜堂"])
def test_a_company_is_the_same_whatever_its_legal_form(text: str) -> None:
    assert company_of(text) == "桜堂"


PEOPLE = st.builds(
    who,
    st.sampled_from(
        ["高橋 美咲", "タカハシ ミサキ", "佐藤 健", "Ken Sato", "Sato", "Ann Abel", "Haruka Mori", "Haruna Mori"]
    ),
    emails=st.sampled_from([(), ("hana@gmail.com",), ("hana@gmial.com",), ("info@a.example",)]),
    phones=st.sampled_from([(), ("+819000001234",), ("+819000001235",)]),
    companies=st.sampled_from([frozenset(), frozenset({"桜堂"})]),
    slots=st.sampled_from([frozenset(), frozenset({CONTACT})]),
)


@settings(max_examples=200, deadline=None)
@given(PEOPLE, PEOPLE, st.integers(1, 40))
def test_likeness_is_the_same_from_either_side_and_within_bounds(
    one: Described, other: Described, bearers: int
) -> None:
    there, back = alike(one, other, bearers), alike(other, one, bearers)
    assert (there.score, {reason.why for reason in there.reasons}) == (
        back.score,
        {reason.why for reason in back.reasons},
    )
    assert 0 <= there.score <= 1
    assert all(0 < reason.weight < 1 for reason in there.reasons)


@settings(max_examples=50, deadline=None)
@given(st.lists(PEOPLE, max_size=8))
def test_a_town_at_once_suggests_what_each_pair_alone_would(people: list[Described]) -> None:
    town = {f"c{number}": one for number, one in enumerate(people)}
    census = Census(people)
    pairs = {
        (a, b): score
        for a in town
        for b in town
        if a < b and (score := likeness(town[a], town[b], census).score) >= THRESHOLD
    }
    assert {(one.a, one.b): one.likeness.score for one in suggest(town)} == pairs
