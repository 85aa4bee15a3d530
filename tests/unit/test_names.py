"""Names fold to one text however they are typed, sound alike however they are romanised, and are read where known."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hub.domain.blocks import blocks, email_blocks, lengths, phone_blocks, queries, search_keys
from hub.domain.name_tables import VARIANTS
from hub.domain.names import MAX_NAME, Name, fold, name_of, orders, parts_of
from hub.domain.romaji import romanised, sound
from hub.readings import read

KANA = st.text(
    st.sampled_from(
        "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわんがぎぐげござじずぜぞだでどばびぶべぼぱぴぷぺぽ"
    ),
    min_size=1,
    max_size=8,
)
LATIN = st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyz"), min_size=1, max_size=10)
_HALF = [*map(chr, range(0xFF66, 0xFF9E))]
# Every katakana with the half-width letters that are it, voiced ones with their mark.
HALF_WIDTH = {
    full: half
    for half in (one + mark for mark in ("ﾟ", "ﾞ", "") for one in _HALF)
    if len(full := unicodedata.normalize("NFKC", half)) == 1
}


def katakana(hiragana: str) -> str:
    return "".join(chr(ord(one) + 0x60) for one in hiragana)


def half_width(hiragana: str) -> str:
    return "".join(HALF_WIDTH[one] for one in katakana(hiragana))


def full_width(latin: str) -> str:
    return "".join(chr(ord(one) + 0xFEE0) for one in latin)


@settings(max_examples=500)
@given(st.text(max_size=60))
@example("Á̈̈" * 10)
@example("゛か゛")
@example("ﷺ")
@example("々々々")
@example("mr mr san san様様さん")
@example("((a)")
@example("－san－san")
def test_folding_again_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(KANA, KANA)
def test_width_and_kind_of_kana_do_not_count(family: str, given_name: str) -> None:
    plain = fold(f"{family} {given_name}")
    for written in (katakana, half_width):
        assert fold(f"{written(family)}　{written(given_name)}") == plain
        assert fold(f"{written(family)}・{written(given_name)}") == plain


@given(LATIN, LATIN)
def test_width_case_and_spaces_do_not_count(family: str, given_name: str) -> None:
    plain = fold(f"{family} {given_name}")
    assert fold(f"  {family.upper()}　{given_name.capitalize()} ") == plain
    assert fold(f"{full_width(family)}, {full_width(given_name).upper()}") == plain


@given(KANA)
def test_kana_and_the_letters_that_it_is_typed_with_sound_alike(text: str) -> None:
    assert sound(text) == sound(romanised(text)) == sound(sound(text))


@given(st.text(max_size=3 * MAX_NAME))
def test_no_text_is_too_odd_to_be_filed_and_asked_for(text: str) -> None:
    name = name_of(text, read)
    assert (name is None) == (parts_of(text) == ())
    if name:
        keys = search_keys(name)
        assert any(key in keys for key, _ in queries(text)) or name.written != fold(text)
        assert blocks(name)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("髙橋　美咲様", "高橋 美咲"),
        ("﨑山・齋藤", "崎山 斎藤"),
        ("渡邉／渡邊", "渡辺 渡辺"),
        ("佐々木さん", "佐佐木"),
        ("𠮷田 德郞", "吉田 徳郎"),
        ("ﾀｶﾊｼ ﾐｻｷ", "たかはし みさき"),
        ("Ｔａｒｏ　ＹＡＭＡＤＡ", "taro yamada"),
        ("Mr. Tarō Ōno", "taro ono"),
        ("Dr. med. José Müller", "med jose muller"),
        ("Tanaka-san", "tanaka"),
        ("Jackie Chan", "jackie chan"),
        ("Shin'ichi O’Hara", "shinichi ohara"),
        ("🌸みさき🌸", "みさき"),
        ("山田太郎（自宅）", "山田太郎"),
        ("（山田）", "山田"),
        ("山田 太郎 先生", "山田 太郎"),
        ("がぎぐ", "がぎぐ"),
        ("Søren Łukasz Straße", "soren lukasz strasse"),
        ("様", "様"),
        ("🌸", ""),
        ("", ""),
        ("นางสาว", "นางสาว"),
        ("Дарья Ёлкина", "дарья ёлкина"),
    ],
)
def test_folds(written: str, folded: str) -> None:
    assert fold(written) == folded


@pytest.mark.parametrize(
    "spellings",
    [
        ["いとう", "イトー", "Itō", "Itoh", "Itou", "Ito"],
        ["おおの", "オオノ", "Ohno", "Ōno", "Oono", "Ono"],
        ["しょうへい", "Shohei", "Syouhei", "Shouhei", "Shōhei"],
        ["じゅんいち", "Junichi", "Jun'ichi", "Zyuniti", "Jyunichi"],
        ["ちづる", "Chizuru", "Chiduru", "Tizuru"],
        ["えっちゅう", "Etchu", "Ecchuu", "Ettyu"],
        ["なんば", "Namba", "Nanba"],
        ["ふじた", "Fujita", "Hujita", "Huzita"],
        ["つつみ", "Tsutsumi", "Tutumi"],
        ["ゆうこ", "ゆーこ", "Yūko", "Yuko", "Yuuko"],
        ["シェリル", "しぇりる", "Sheriru"],
        ["ティナ", "Tina"],
        ["ファン", "Fan"],
        ["ヴィヴィアン", "Vivian"],
        ["いのうえ", "Inoue"],
    ],
)
def test_every_spelling_of_a_name_sounds_the_same(spellings: list[str]) -> None:
    assert len({sound(fold(one)) for one in spellings}) == 1
    assert sound(fold(spellings[0]))


def test_names_that_differ_sound_different() -> None:
    names = [
        "佐藤",
        "ito",
        "sato",
        "hattori",
        "hatori",
        "haruka",
        "haruna",
        "yuki",
        "yuka",
        "kato",
        "kanto",
        "ohara",
        "hara",
    ]
    assert len({sound(one) for one in names}) == len(names)


@pytest.mark.parametrize(
    ("written", "reading"),
    [
        ("高橋美咲", "takahasi misaki"),
        ("髙橋 美咲", "takahasi misaki"),
        ("東海林太郎", "syozi taro"),
        ("五十嵐 凛", "igarasi rin"),
        ("渡邉翔", "watanabe syo"),
        ("中田 裕子", "nakada hiroko"),
        ("菰迫 優斗", "komosako yuto"),
        ("たかはしみさき", "takahasi misaki"),
        ("佐藤", "sato"),
        ("蓮", "ren"),
        ("山田 タロウ", "yamada taro"),
        ("大翔", "hiroto"),
    ],
)
def test_names_are_read_among_other_ways_as_people_read_them(written: str, reading: str) -> None:
    name = name_of(written, read)
    assert name is not None
    assert tuple(reading.split()) in name.sounds


def test_names_in_the_wrong_order_are_read_all_the_same() -> None:
    name = name_of("美咲 高橋", read)
    assert name is not None
    assert {frozenset(one) for one in name.sounds} & {frozenset({"takahasi", "misaki"})}


@pytest.mark.parametrize("written", ["龘龘龘龘", "Zhang 伟", "นางสาว", "〇〇〇"])
def test_what_nobody_knows_how_to_read_is_still_a_name(written: str) -> None:
    name = name_of(written, read)
    assert name is not None
    assert name.sounds == ()


def test_variants_lead_to_one_kanji_and_not_on_to_another() -> None:
    assert not [variant for variant, plain in VARIANTS.items() if ord(plain) in VARIANTS]


@given(KANA, KANA)
def test_both_orders_of_a_name_are_one_and_share_every_key_for_likeness(family: str, given_name: str) -> None:
    one, other = Name((family, given_name)), Name((given_name, family))
    assert one.same_as(other)
    assert set(orders(one.parts)) == set(orders(other.parts))
    assert blocks(one) == blocks(other)


@given(st.text(st.sampled_from("0123456789"), min_size=8, max_size=8), st.integers(0, 7), st.sampled_from("0123456789"))
def test_a_number_with_one_wrong_digit_shares_a_key(digits: str, at: int, wrong: str) -> None:
    right = f"+8190{digits}"
    typed = f"+8190{digits[:at]}{wrong}{digits[at + 1 :]}"
    assert phone_blocks(right) & phone_blocks(typed)


def test_a_number_without_its_area_code_shares_a_key() -> None:
    assert phone_blocks("+81312345678") & phone_blocks("1234-5678")
    assert phone_blocks("12345") == frozenset()


def test_addresses_share_keys_where_one_letter_is_wrong_and_a_businesss_have_none() -> None:
    address = "hanako.sato@mail.example"
    for other in (
        "hanako.sato@mial.example",
        "hanako.sata@mail.example",
        "hamako.sato@mail.example",
        "hanakosato+x@p.example",
    ):
        assert email_blocks(address) & email_blocks(other)
    assert email_blocks("info@mail.example") == frozenset()


@pytest.mark.parametrize(
    "name", ["Silva José", "Silva José Maria", "たかはし みさき", "高橋 美咲", "Ono Ken", "von Bergen Anna Maria"]
)
def test_a_name_is_found_by_each_of_its_beginnings_from_any_part_on(name: str) -> None:
    found = name_of(name, read)
    assert found is not None
    keys, parts = search_keys(found), parts_of(name)
    for first in range(len(parts)):
        typed = " ".join(parts[first:] + parts[:first])
        for end in range(2, len(typed) + 1):
            asked = queries(typed[:end])
            assert any(key in keys and any(one.startswith(text) for one in found.texts) for key, text in asked)


@pytest.mark.parametrize(
    ("name", "most"),
    [("Silva José", 18), ("高橋 美咲", 24), ("中田 裕子", 36), ("Ken Mori", 10), ("von Bergen Anna Maria", 16)],
)
def test_a_name_is_filed_under_few_keys(name: str, most: int) -> None:
    found = name_of(name, read)
    assert found is not None
    assert len(search_keys(found) | blocks(found)) <= most


@pytest.mark.parametrize("text", ["高", "高橋", "ta", "takahas", "takahashi misaki"])
def test_a_query_asks_for_the_longest_beginning_that_is_filed(text: str) -> None:
    for key, beginning in queries(text):
        kind, _, prefix = key.partition("\n")
        assert beginning.startswith(prefix)
        assert kind == "name" or len(prefix) in lengths(beginning)
