"""Phones and e-mails as identifiers: the same for two systems, or none."""

from __future__ import annotations

import random

import pytest

from hub.emails import email_identifier
from hub.phones import E164, phone_from_digits, phone_identifier

HANAKO = "+819012345678"


def phone(raw: str | None, region: str | None = None) -> str | None:
    found = phone_identifier(raw, region)
    return found.value if found else None


def email(raw: str | None) -> str | None:
    found = email_identifier(raw)
    return found.value if found else None


@pytest.mark.parametrize(
    "raw",
    [
        "090-1234-5678",
        "09012345678",
        "090 1234 5678",
        "(090)1234-5678",
        "090.1234.5678",
        "０９０－１２３４－５６７８",
        "090ー1234ー5678",
        "090‐1234–5678",
        "090\u30001234\u00a05678",
        " 090-1234-5678 ",
        "\u200b090-1234-5678\u2060",
        "\u202a090-1234-5678\u202c",
        "+81 90 1234 5678",
        "＋81-90-1234-5678",
        "+81 (0)90 1234 5678",
        "+8109012345678",
        "010 81 90 1234 5678",
        "tel:+81-90-1234-5678",
        "TEL:090-1234-5678",
        "whatsapp:+819012345678",
    ],
)
def test_a_number_as_people_type_it_in_japan_is_its_e164_form(raw: str) -> None:
    assert phone(raw, "JP") == HANAKO


@pytest.mark.parametrize(
    ("raw", "region", "expected"),
    [
        ("(202) 555-0101", "US", "+12025550101"),
        ("020 7946 0018", "GB", "+442079460018"),
        ("+44 (0)20 7946 0018", None, "+442079460018"),
        ("0120-123-456", "JP", "+81120123456"),
        ("+12025550101", "JP", "+12025550101"),
        ("06 698 12345", "IT", "+390669812345"),
        ("202-555-0101", "us", None),
        ("090-1234-5678", None, None),
        ("090-1234-5678", "XX", None),
        ("090-1234-5678", "", None),
    ],
)
def test_the_region_completes_a_national_number_only(raw: str, region: str | None, expected: str | None) -> None:
    assert phone(raw, region) == expected


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "",
        " ",
        "+",
        "anonymous",
        "Anonymous",
        "Restricted",
        "Unavailable",
        "unknown",
        "client:agent_7",
        "sip:+819012345678@pbx.example",
        "sip:1001@pbx.example",
        "+819012345678@pbx.example",
        "whatsapp:US.13490000000000000001",
        "tel:+81-90-1234-5678;ext=3",
        "03-1234-5678 ext 12",
        "03-1234-5678 x12",
        "03-1234-5678 内線12",
        "03-1234-5678#12",
        "03-1234-5678,,12",
        "1001",
        "110",
        "5550101",
        "+819",
        "+0123456789",
        "1" * 40,
        "+" + "1" * 40,
        "9" * 5000,
        "+819012345678\n",
        "\n+819012345678",
        "+8190123\n45678",
        "+819012345678\r\nX: y",
        "+81901234\t5678",
        "+819012345678\x00",
        "+81901234567８٩",
        "+٨١٩٠١٢٣٤٥٦٧٨",
        "+८१९०१२३४५६७८",
        "+8190123456O8",
        "+81901234567l",
        "++819012345678",
        "+81+9012345678",
        "090-1234-5678/03-1234-5678",
        "<script>090-1234-5678",
        "1-800-FLOWERS",
        "\ud800",
    ],
)
def test_what_is_no_number_to_compare_is_none(raw: str | None) -> None:
    assert phone(raw, "JP") is None
    assert phone(raw, "US") is None


def test_digits_without_a_plus_are_international() -> None:
    found = phone_from_digits("819012345678")
    assert found is not None
    assert found.value == HANAKO


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "",
        "0819012345678",
        "+819012345678",
        "81 9012345678",
        "８19012345678",
        "819012345678\n",
        "US.123",
        "1" * 16,
        "123456",
    ],
)
def test_other_texts_are_no_international_digits(raw: str | None) -> None:
    assert phone_from_digits(raw) is None


@pytest.mark.parametrize(
    ("sent", "dialled"),
    [
        ("5215512345678", "+52 55 1234 5678"),
        ("5215512345678", "+52 1 55 1234 5678"),
        ("553187654321", "+55 31 98765-4321"),
        ("5531987654321", "+55 31 8765-4321"),
    ],
)
def test_an_id_from_before_a_new_numbering_plan_is_the_number_of_today(sent: str, dialled: str) -> None:
    found = phone_from_digits(sent)
    assert found is not None
    assert found.value == phone(dialled)


def test_a_brazilian_landline_keeps_its_eight_digits() -> None:
    assert phone("+55 31 3765-4321") == "+553137654321"


def test_any_text_gives_a_well_formed_number_or_none() -> None:
    rng = random.Random(5)
    alphabet = "+0123456789 -().\u30fc\uff0d\u200b\n\t;x٣８９Oー"
    found = 0
    for _ in range(4000):
        raw = "".join(rng.choices(alphabet, weights=[3] + [4] * 10 + [1] * (len(alphabet) - 11), k=rng.randint(0, 18)))
        value = phone(raw, rng.choice(["JP", "US", None]))
        found += value is not None
        assert value is None or E164.match(value)
        assert value is None or phone(value) == value
    assert found > 50


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("hanako@example.jp", "hanako@example.jp"),
        (" Hanako.Sato@Example.JP ", "hanako.sato@example.jp"),
        ("hanako+shop@example.jp", "hanako+shop@example.jp"),
        ("josé@exämple.es", "josé@exämple.es"),
        ("o'neil@example.co.uk", "o'neil@example.co.uk"),
    ],
)
def test_an_address_is_compared_in_lower_case(raw: str, expected: str) -> None:
    assert email(raw) == expected


@pytest.mark.parametrize(
    "raw",
    [
        *(None, "", "x", "@example.jp", "a@", "a@b", "a@b..jp", "a@.jp", "a@b.jp.", "a b@c.jp", "a@@b.jp", "a@b.jp\n"),
        *("a@b.jp\r\nBcc: x@y.jp", "<a@b.jp>", "a@b.jp,c@d.jp", "a@b.jp c@d.jp", "mailto:a@b.jp", "a\x00@b.jp"),
        *("a\u200b@b.jp", "\u202ea@b.jp", "ａ@b.jp", "ﬁ@b.jp", "a@b．jp", "x" * 65 + "@b.jp", "a@" + "b" * 300 + ".jp"),
        "\ud800@b.jp",
    ],
)
def test_what_is_no_address_or_only_looks_like_one_is_none(raw: str | None) -> None:
    assert email(raw) is None


def test_a_look_alike_letter_is_another_address() -> None:
    assert email("аdmin@example.jp") != email("admin@example.jp")
