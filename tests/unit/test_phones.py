"""Phones and e-mails as identifiers: the same for two systems, or none."""

from __future__ import annotations

import random
import re

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
        "0\u034f90\u2063-1234\ufe0f-5678",
        "0\ufe0f\u20e390-1234-5678",
        "٠٩٠-١٢٣٤-٥٦٧٨",
        "۰۹۰ ۱۲۳۴ ۵۶۷۸",
        "०९०-१२३४-५६७८",
        "+๘๑ ๙๐ ๑๒๓๔ ๕๖๗๘",
        "𝟎𝟗𝟎-𝟏𝟐𝟑𝟒-𝟓𝟔𝟕𝟖",
        "+٨١ 90 ۱۲۳۴ ５６７８",
        "﹢81（90）1234．5678",
        "090・1234・5678",
        "090ｰ1234ｰ5678",
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
        ("030/1234567", "DE", "+49301234567"),
        ("+49 (0)30/123 45 67", None, "+49301234567"),
        ("98765 43210", "IN", "+919876543210"),
        ("8 (912) 345-67-89", "RU", "+79123456789"),
        ("0800 123 4567", "BR", "+558001234567"),
        ("91234-5678", "BR", None),
        ("5512 3456", "MX", None),
        ("15 2345-6789", "AR", None),
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
        "+8190123456O8",
        "+81901234567l",
        "+8190123456О8",
        "+8I9012345678",
        "+81 90 1234 567²",
        "+81 90 1234 567⑧",
        "+81 90 1234 567Ⅷ",
        "+81 90 1234 五六七八",
        "+81 90 1234 56〇8",
        "1234-5678",
        "090-1234-5678～9",
        "03-1234-5678/9",
        "03/1234/5678",
        "tel:tel:+81-90-1234-5678",
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


SAME_PHONE = {
    "+525512345678": ["+52 55 1234 5678", "+52 1 55 1234 5678", "+52 044 55 1234 5678"],
    "+5531987654321": ["+55 31 98765-4321", "+55 31 8765-4321", "+55 (031) 8765-4321", "+55 0 21 31 98765-4321"],
    "+5491123456789": [
        *("+54 9 11 2345-6789", "+54 11 2345-6789", "+54 11 15 2345-6789", "+54 9 11 15 2345-6789"),
        "+54 (0)11 15-2345-6789",
    ],
    "+5493512345678": ["+54 9 351 234-5678", "+54 351 15 234-5678", "+54 351 234-5678", "+54 9 351 15 234-5678"],
    "+5492966123456": ["+54 9 2966 12-3456", "+54 2966 15 12-3456", "+54 2966 12-3456"],
}
AT_HOME = {
    "+525512345678": ("MX", ["55 1234 5678", "044 55 1234 5678", "045 55 1234 5678", "01 55 1234 5678"]),
    "+5531987654321": ("BR", ["(31) 98765-4321", "(31) 8765-4321", "031 8765-4321", "0 41 31 8765-4321"]),
    "+5491123456789": ("AR", ["011 15-2345-6789", "11 15 2345 6789", "11 2345-6789", "(011) 2345-6789"]),
    "+390669812345": ("IT", ["06 698 12345", "+39 06 698 12345", "+39 (0)6 698 12345"]),
}


@pytest.mark.parametrize(("e164", "written"), [(e164, one) for e164, forms in SAME_PHONE.items() for one in forms])
def test_the_forms_that_reach_the_same_phone_are_one_identifier(e164: str, written: str) -> None:
    assert phone(written) == e164
    digits = phone_from_digits(re.sub(r"\D", "", written))
    assert digits is None or digits.value == e164


@pytest.mark.parametrize(
    ("e164", "region", "written"), [(e164, region, one) for e164, (region, forms) in AT_HOME.items() for one in forms]
)
def test_so_are_the_forms_that_are_dialled_at_home(e164: str, region: str, written: str) -> None:
    assert phone(written, region) == e164


@pytest.mark.parametrize(
    ("written", "e164"),
    [
        ("+55 31 3765-4321", "+553137654321"),
        ("+55 31 7765-4321", "+553177654321"),
        ("+54 800 123 4567", "+548001234567"),
        ("+52 800 123 4567", "+528001234567"),
        ("+39 335 123 4567", "+393351234567"),
    ],
)
def test_what_never_had_another_form_keeps_its_own(written: str, e164: str) -> None:
    assert phone(written) == e164


def test_neighbours_of_a_family_are_other_phones() -> None:
    one, other = phone("+54 9 11 2345-6789"), phone("+54 9 341 234-5678")
    assert len({one, other, phone("+55 11 2345-6789"), phone("+55 31 8765-4322"), phone("+55 31 98765-4321")}) == 5


KINDS = [getattr(phonenumbers.PhoneNumberType, name) for name in ("FIXED_LINE", "MOBILE", "TOLL_FREE", "VOIP")]
VALID = [
    (region, number)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    for kind in KINDS
    if (number := phonenumbers.example_number_for_type(region, kind)) is not None
    and (number.national_number or 0) >= 1_000_000  # what islands dial is an extension everywhere else
]
FORMATS = [getattr(phonenumbers.PhoneNumberFormat, name) for name in ("E164", "INTERNATIONAL", "NATIONAL", "RFC3966")]
ZEROS = ["0", "０", "٠", "۰", "०", "๐", "𝟎"]  # the first digit of an alphabet; the other nine follow it
SEPARATORS = [" ", "-", ".", "\u00a0", "\u3000", "－", "‐", "–", "−", "ー", "・", "\u200b-", " - "]


@st.composite
def writings(draw: st.DrawFn) -> tuple[str, str, str]:
    """A valid number's E.164, its region, and one way in which people write it."""
    region, number = draw(st.sampled_from(VALID))
    text = phonenumbers.format_number(number, draw(st.sampled_from(FORMATS)))
    zero, separator = draw(st.sampled_from(ZEROS)), draw(st.sampled_from(SEPARATORS))
    text = re.sub(r"[ -]+", lambda _: separator, text)
    text = "".join(chr(ord(zero) + int(sign)) if sign.isascii() and sign.isdigit() else sign for sign in text)
    if draw(st.booleans()):
        text = text.translate({ord(sign): chr(ord(sign) + 0xFEE0) for sign in "+()"})
    pad = draw(st.sampled_from(["", " ", "\u3000", "\u200e"]))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), region, pad + text + pad


@settings(max_examples=600, deadline=None)
@given(writings())
def test_a_valid_number_is_one_identifier_however_it_is_written(writing: tuple[str, str, str]) -> None:
    e164, region, written = writing
    assert phone(written, region) == phone(e164)
    assert E164.match(phone(e164) or "")


def test_a_valid_number_is_its_e164_form_but_where_a_plan_has_two() -> None:
    formats = phonenumbers.PhoneNumberFormat
    found = {
        phonenumbers.format_number(number, formats.E164): phone(
            phonenumbers.format_number(number, formats.NATIONAL), region
        )
        for region, number in VALID
    }
    assert {e164: value for e164, value in found.items() if value != e164} == {"+541123456789": "+5491123456789"}


def test_any_text_gives_a_well_formed_number_or_none() -> None:
    rng = random.Random(5)
    alphabet = "+0123456789 -().\u30fc\uff0d\u200b\n\t;x٣８９Oー"
    found = 0
    for _ in range(6000):
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
        ("\u3000hanako@example.jp\u00a0", "hanako@example.jp"),
        ("hanako@example.jp.", "hanako@example.jp"),
        ("h.a.nako..@example.jp", "h.a.nako..@example.jp"),
        ("jose\u0301@exa\u0308mple.es", "josé@exämple.es"),
        ("JOSÉ@EXÄMPLE.ES", "josé@exämple.es"),
        ("josé@xn--exmple-cua.es", "josé@exämple.es"),
        ("hanako@XN--EXMPLE-CUA.es.", "hanako@exämple.es"),
        ("花子@xn--wgv71a119e.jp", "花子@日本語.jp"),
        ("h@xn--strae-oqa.de", "h@straße.de"),
        ("h@STRAẞE.de", "h@straße.de"),
        ("h@strasse.de", "h@strasse.de"),
        ("h@xn--!.jp", "h@xn--!.jp"),
        ("xn--exmple-cua@example.es", "xn--exmple-cua@example.es"),
    ],
)
def test_an_address_is_compared_in_lower_case(raw: str, expected: str) -> None:
    assert email(raw) == expected


@pytest.mark.parametrize(
    "raw",
    [
        *(None, "", "x", "@example.jp", "a@", "a@b", "a@b..jp", "a@.jp", "a@b.jp..", "a b@c.jp", "a@@b.jp", "a@b.jp\n"),
        *("a@b.jp\r\nBcc: x@y.jp", "<a@b.jp>", "a@b.jp,c@d.jp", "a@b.jp c@d.jp", "mailto:a@b.jp", "a\x00@b.jp"),
        *("a\u200b@b.jp", "\u202ea@b.jp", "ａ@b.jp", "ﬁ@b.jp", "a@b．jp", "x" * 65 + "@b.jp", "a@" + "b" * 300 + ".jp"),
        *("\ud800@b.jp", "miKe@b.jp".replace("K", "\u212a"), "a@\u212bb.jp", "a\u034f@b.jp", "a\ufe0f@b.jp", "a@b。jp"),
        *("a＠b.jp", "ſam@b.jp", "a@b.jp.\u200b", "a\u00ad@b.jp", "@", ".", "a@.", "a@xn--.", "a@" + "b." * 130 + "jp"),
    ],
)
def test_what_is_no_address_or_only_looks_like_one_is_none(raw: str | None) -> None:
    assert email(raw) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("admin@example.jp", "аdmin@example.jp"),
        ("admin@example.jp", "admın@example.jp"),
        ("admin@example.jp", "adm\u0131n@example.jp"),
        ("admin@example.jp", "ADM\u0130N@example.jp"),
        ("admin@example.jp", "admin@exаmple.jp"),
        ("admin@example.jp", "admin@xn--exmple-4nf.jp"),
        ("h@straße.de", "h@strasse.de"),
        ("hanako+shop@example.jp", "hanako@example.jp"),
        ("h.anako@example.jp", "hanako@example.jp"),
        ("hanako@example.com", "hanako@example.com.jp"),
    ],
)
def test_addresses_of_two_mailboxes_are_never_one(one: str, other: str) -> None:
    assert email(one) != email(other)
    assert email(other) is not None


LETTERS = st.characters(categories=["L", "M", "N", "Pd", "Zs", "Cf"])
MAILBOXES = st.text(LETTERS | st.sampled_from("aAkK.+-_Kéß\u0301İıſ"), min_size=1, max_size=12)
LABELS = st.lists(MAILBOXES | st.sampled_from(["xn--exmple-cua", "example", "jp"]), min_size=1, max_size=3)


@settings(max_examples=400, deadline=None)
@given(MAILBOXES, LABELS)
def test_an_address_compared_is_its_own_comparison_and_never_ascii_by_folding(mailbox: str, labels: list[str]) -> None:
    raw = f"{mailbox}@{'.'.join(labels)}.jp"
    value = email(raw)
    assert value is None or email(value) == value
    if value is not None and value.partition("@")[0].isascii():
        assert mailbox.strip(" \u00a0\u3000").isascii()


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from("äöüßéñ日本語абвガ"), min_size=1, max_size=10))
def test_a_domain_is_the_same_in_both_its_spellings(label: str) -> None:
    encoded = "xn--" + label.encode("punycode").decode()
    assert email(f"h@{encoded}.jp") == email(f"h@{label}.jp") == f"h@{label}.jp"
