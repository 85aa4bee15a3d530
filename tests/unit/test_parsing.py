"""Parsing of what strangers send: strict, bounded, and never another exception than Quarantine."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from typing import Any

import pytest

from hub.errors import Quarantine
from hub.parsing import (
    at,
    bool_at,
    dict_at,
    id_at,
    int_at,
    list_at,
    parse_form,
    parse_json,
    parse_pairs,
    parse_xml,
    text_at,
    texts,
    whole,
)


def reason(parse: Callable[[bytes], Any], body: bytes) -> str:
    with pytest.raises(Quarantine) as refused:
        parse(body)
    return refused.value.reason


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


def test_json_is_read_as_python_data() -> None:
    body = '{"a":[1,-2,0.5,true,null,"é😀",""],"b":{}}'.encode()
    assert parse_json(body) == {"a": [1, -2, 0.5, True, None, "é😀", ""], "b": {}}


def test_one_byte_order_mark_is_stripped_and_a_second_is_not() -> None:
    assert parse_json(b"\xef\xbb\xbf{}") == {}
    assert reason(parse_json, b"\xef\xbb\xbf\xef\xbb\xbf{}") == "not JSON"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b'{"a":1',
        b'{"a":1}x',
        b"{}{}",
        b'{"a":1}\n{"a":2}',
        b"{'a':1}",
        b'{"a":1,}',
        b"[1 2]",
        b'"\x01"',
        *(b'"\\x41"', b"\\", b'"', b'"\\', b"]]]]", b"01", b"+1", b".5", b"True", b"\x0b{}", b"{}\x00"),
    ],
)
def test_a_body_that_is_no_json_document_is_quarantined(body: bytes) -> None:
    assert reason(parse_json, body) == "not JSON"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "latin-1", "shift-jis"])
def test_other_encodings_than_utf_8_are_quarantined(encoding: str) -> None:
    text = '{"a":"é"}' if encoding == "latin-1" else '{"a":"さ"}'
    assert reason(parse_json, text.encode(encoding)) in ("not UTF-8", "not JSON")


@pytest.mark.parametrize("body", [b"null", b"5", b'"x"', b"[]", b"true"])
def test_a_bare_value_is_json_too(body: bytes) -> None:
    assert parse_json(body) == json.loads(body)


def test_a_key_twice_is_quarantined_at_any_depth() -> None:
    assert reason(parse_json, b'{"a":1,"a":1}') == "a key appears twice"
    assert reason(parse_json, b'[{"x":{"b":1,"a":2,"b":3}}]') == "a key appears twice"
    assert reason(parse_json, b'{"\\u0061":1,"a":2}') == "a key appears twice"
    assert reason(parse_json, b'{"\\u0000":1,"\\ud800":2}') == "a key appears twice"


@pytest.mark.parametrize(
    "text", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1" * 101, "1" * 4300, "1" * 4301, "0." + "1" * 200]
)
def test_a_number_that_is_none_or_too_long_is_quarantined(text: str) -> None:
    assert reason(parse_json, f'{{"a":[{text}]}}'.encode()) == "a number is out of range"


def test_an_integer_that_a_double_cannot_hold_becomes_a_string() -> None:
    body = b"[9007199254740992,9007199254740993,-9007199254740993,12345678901234567890123]"
    assert parse_json(body) == [2**53, "9007199254740993", "-9007199254740993", "12345678901234567890123"]


def test_depth_ends_at_64() -> None:
    assert parse_json(nested(64)) is not None
    assert reason(parse_json, nested(65)) == "nested too deeply"
    assert reason(parse_json, b'{"a":' * 10_000 + b"1" + b"}" * 10_000) == "nested too deeply"


def test_brackets_in_strings_are_no_depth() -> None:
    text = '[{"' * 500 + "\\" + '"' * 3 + "]}" * 10
    assert parse_json(json.dumps([text, [text]]).encode()) == [text, [text]]


def test_a_string_cannot_hide_depth() -> None:
    assert reason(parse_json, b'["\\"",' + nested(100) + b"]") == "nested too deeply"
    assert reason(parse_json, b'["\\\\",' + nested(100) + b"]") == "nested too deeply"


def test_the_number_of_values_ends_at_100_000() -> None:
    assert len(parse_json(b"[" + b"1," * 99_998 + b"1]")) == 99_999
    assert reason(parse_json, b"[" + b"1," * 100_000 + b"1]") == "too many values"
    assert reason(parse_json, nested(60_000)[:60_000] * 2) == "too many values"
    assert parse_json(json.dumps("," * 200_000).encode()) == "," * 200_000


def test_a_string_ends_at_256_kb() -> None:
    assert parse_json(b'"' + b"x" * 262_144 + b'"') == "x" * 262_144
    assert reason(parse_json, b'"' + b"x" * 262_145 + b'"') == "a string is too long"
    assert reason(parse_json, ('{"a":[{"b":"' + "さ" * 87_382 + '"}]}').encode()) == "a string is too long"
    assert reason(parse_json, b'{"' + b"k" * 300_000 + b'":1}') == "a string is too long"


def test_nul_and_lone_surrogates_become_replacement_characters() -> None:
    body = b'{"a\\u0000":["x\\ud800y","\\udc00","\\u0000","\\ud83d\\ude00"]}'
    parsed = parse_json(body)
    assert parsed == {"a\ufffd": ["x\ufffdy", "\ufffd", "\ufffd", "😀"]}
    assert json.dumps(parsed, ensure_ascii=False).encode("utf-8")


def test_keys_with_a_meaning_elsewhere_are_only_data() -> None:
    body = b'{"__proto__":{"a":1},"constructor":1,"$where":"x","__class__":[]}'
    assert parse_json(body) == {"__proto__": {"a": 1}, "constructor": 1, "$where": "x", "__class__": []}


@pytest.mark.parametrize(
    "body",
    [
        b'"' + b'\\"' * 1_000_000 + b"\\",
        b'["' + b'\\"' * 1_000_000,
        b'{"a":' * 500_000,
        b'[["' * 300_000,
        b'["a",' * 300_000,
        b"[" * 3_000_000,
        b"[" * 65 + b'"' + b'\\"' * 200_000,
        b"[" * 65 + b'"' + b'\\"' * 200_000 + b"\\",
        b"1" * 3_000_000,
        b"9." + b"9" * 3_000_000,
    ],
    ids=range(10),
)
def test_hostile_bodies_are_refused_in_linear_time(body: bytes) -> None:
    started = time.process_time()
    assert reason(parse_json, body)
    assert time.process_time() - started < 1.5


def test_reasons_hold_no_value_of_the_body() -> None:
    secret = "canary-4711"
    for body in (f'{{"{secret}":1,"{secret}":2}}', f'{{"{secret}"', f"[{secret}]", f"{secret}"):
        assert secret not in reason(parse_json, body.encode())
    assert secret not in reason(parse_form, f"{secret}=1&{secret}=2".encode())
    assert secret not in reason(parse_xml, f"<{secret}>".encode())


# --- forms ------------------------------------------------------------------------------------------------------------


def test_blank_fields_are_kept_and_plus_is_a_space() -> None:
    assert parse_form(b"a=&b=x+y%2B&c&d=1;2=3") == {"a": "", "b": "x y+", "c": "", "d": "1;2=3"}
    assert parse_form("名=さくら".encode()) == {"名": "さくら"}
    assert parse_form(b"") == {}


def test_a_field_twice_is_one_where_it_says_the_same() -> None:
    assert parse_form(b"a=1&a=1") == {"a": "1"}
    assert reason(parse_form, b"a=1&a=2") == "a form field has two values"
    assert parse_pairs(b"a=1&a=2") == [("a", "1"), ("a", "2")]


@pytest.mark.parametrize("body", [b"a=%ff", b"%ff=1", b"a=\xff", b"a=%ed%a0%80"])
def test_a_form_that_is_not_utf_8_is_quarantined(body: bytes) -> None:
    assert reason(parse_form, body) == "not UTF-8"


def test_a_form_has_at_most_a_thousand_fields() -> None:
    assert len(parse_form(b"&".join(b"a%d=1" % n for n in range(1000)))) == 1000
    assert reason(parse_form, b"&".join(b"a%d=1" % n for n in range(1001))) == "more than 1000 form fields"
    started = time.process_time()
    assert reason(parse_form, b"a=1&" * 1_000_000)
    assert time.process_time() - started < 0.5


def test_nul_in_a_form_becomes_a_replacement_character() -> None:
    assert parse_form(b"a%00=x%00y") == {"a\ufffd": "x\ufffdy"}


def test_a_long_value_in_a_form_is_quarantined() -> None:
    assert reason(parse_form, b"a=" + b"x" * 300_000) == "a string is too long"


# --- XML --------------------------------------------------------------------------------------------------------------


def test_xml_is_read_as_elements() -> None:
    root = parse_xml('\ufeff<?xml version="1.0" encoding="utf-8"?><a x="1"><b>さ&amp;&#12373;</b></a>'.encode())
    assert (root.tag, root.attrib, root.findtext("b")) == ("a", {"x": "1"}, "さ&さ")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"x",
        b"<a>",
        b"<a/><b/>",
        b"<a/>x",
        b"<a>&x;</a>",
        b"<a>\x00</a>",
        b"<!DOCTYPE a><a/>",
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "http://169.254.169.254/">]><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
    ],
)
def test_what_is_no_xml_or_has_a_document_type_is_quarantined(body: bytes) -> None:
    assert reason(parse_xml, body) == "not XML"


def test_billion_laughs_are_refused_before_they_expand() -> None:
    entities = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))
    body = f'<!DOCTYPE a [<!ENTITY a0 "ha">{entities}]><a>&a9;</a>'.encode()
    started = time.process_time()
    assert reason(parse_xml, body) == "not XML"
    assert time.process_time() - started < 0.05


@pytest.mark.parametrize("name", ["UTF-7", "UTF-16", "ISO-8859-1", "nonsense"])
def test_another_declared_encoding_is_quarantined(name: str) -> None:
    assert reason(parse_xml, f'<?xml version="1.0" encoding="{name}"?><a/>'.encode()) == "not UTF-8"


def test_xml_depth_ends_at_50_without_recursion() -> None:
    assert parse_xml(b"<a>" * 50 + b"</a>" * 50).tag == "a"
    assert reason(parse_xml, b"<a>" * 51 + b"</a>" * 51) == "nested too deeply"
    assert reason(parse_xml, b"<a>" * 200_000) == "nested too deeply"


def test_xml_ends_at_one_megabyte_and_100_000_parts() -> None:
    assert reason(parse_xml, b"<a>" + b"x" * 1_048_576 + b"</a>") == "more than 1 MB of XML"
    assert reason(parse_xml, b"<a>" + b"<b/>" * 100_001 + b"</a>") == "too many values"
    attributes = " ".join(f'a{n}="1"' for n in range(100_001))
    assert reason(parse_xml, f"<a {attributes}/>".encode()) in ("too many values", "more than 1 MB of XML")


# --- getters ----------------------------------------------------------------------------------------------------------

VALUE = {"text": "x", "empty": "", "n": 7, "digits": "42", "yes": True, "list": [{"a": "b"}], "object": {"k": "v"}}


def test_getters_give_what_is_there() -> None:
    assert at(VALUE, "list", 0, "a") == "b"
    assert text_at(VALUE, "text") == "x"
    assert (id_at(VALUE, "text"), id_at(VALUE, "n")) == ("x", "7")
    assert (int_at(VALUE, "n"), int_at(VALUE, "digits")) == (7, 42)
    assert bool_at(VALUE, "yes") is True
    assert list_at(VALUE, "list") == [{"a": "b"}]
    assert dict_at(VALUE, "object") == {"k": "v"}


def test_getters_give_nothing_where_the_type_is_another() -> None:
    assert text_at(VALUE, "n") is None
    assert text_at(VALUE, "empty") is None
    assert (id_at(VALUE, "yes"), id_at(VALUE, "empty"), id_at(VALUE, "list")) == (None, None, None)
    assert (int_at(VALUE, "yes"), int_at(VALUE, "text"), int_at(VALUE, "list")) == (None, None, None)
    assert bool_at(VALUE, "n") is None
    assert (list_at(VALUE, "object"), dict_at(VALUE, "list")) == ([], {})


def test_getters_never_raise_on_any_value_and_any_path() -> None:
    rng = random.Random(3)
    values = [None, True, 1, 1.5, "x", [], [None], {}, {"a": None}, {"a": {"b": [1, {"c": "d"}]}}, VALUE]
    steps: list[str | int] = ["a", "b", "c", "list", 0, 1, -1, 99, -99]
    for getter in (at, text_at, id_at, int_at, bool_at, list_at, dict_at):
        for value in values:
            for _ in range(20):
                getter(value, *rng.choices(steps, k=rng.randint(0, 4)))


@pytest.mark.parametrize("text", [None, "", "-1", "+1", "1.0", "1e3", "１２", "٣", " 1", "1\n", "1" * 19, "0x1", "1_0"])
def test_only_ascii_digits_are_a_whole_number(text: str | None) -> None:
    assert whole(text) is None


def test_texts_are_the_non_empty_strings() -> None:
    assert texts(["a", "", None, 1, "b"]) == ("a", "b")


def test_mutated_json_is_parsed_or_quarantined_and_nothing_else() -> None:
    rng = random.Random(11)
    whole_body = json.dumps(VALUE | {"u": "\ud83d\ude00\u0000", "big": 2**60}).encode()
    parsed = 0
    for _ in range(3000):
        body = bytearray(whole_body)
        for _ in range(rng.randint(1, 3)):
            body[rng.randrange(len(body))] = rng.choice(b'{}[]",:\\u0e-.\x00\xff\xef ')
        try:
            parse_json(bytes(body))
            parsed += 1
        except Quarantine:
            continue
    assert 0 < parsed < 3000
