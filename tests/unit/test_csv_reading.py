"""Whatever program wrote a file, its rows come out: encoding, separator and headers are told, not guessed blindly."""

from __future__ import annotations

import codecs

import pytest

from hub.csv_dates import DAY_FIRST, MONTH_FIRST, moment, order_of, zone_of
from hub.csv_headers import complaint, guess
from hub.csv_reading import Table, decoded, encoding_of, separator_of, table_of
from hub.csv_report import lines, safe
from hub.errors import Reject

JAPANESE = "氏名,メールアドレス,電話番号\r\n佐藤 花子,hanako@example.com,090-1234-5678\r\n髙橋,t@example.com,\r\n"
GERMAN = "Name;E-Mail;Telefon\r\nJürgen Müßig;juergen@example.com;030 123456\r\nÄnne Höß;a@example.com;\r\n"
KATAKANA = "ﾅﾏｴ,ﾃﾞﾝﾜ\r\nｻﾄｳ ﾊﾅｺ,0312345678\r\n"


@pytest.mark.parametrize(
    ("text", "written", "encoding"),
    [
        (JAPANESE, "utf-8", "utf-8"),
        (JAPANESE, "utf-8-sig", "utf-8"),
        (JAPANESE, "utf-16", "utf-16-le"),
        ("name,email\r\nAnn,a@example.com\r\n", "utf-16-le", "utf-16-le"),
        ("name,email\r\nAnn,a@example.com\r\n", "utf-16-be", "utf-16-be"),
        (JAPANESE, "cp932", "cp932"),
        (KATAKANA, "cp932", "cp932"),
        (GERMAN, "windows-1252", "windows-1252"),
        (GERMAN, "utf-8", "utf-8"),
        ("name,city\r\nZoë,Besançon\r\nRené,Orléans\r\n", "windows-1252", "windows-1252"),
        ("name\r\nAnn\r\n", "ascii", "utf-8"),
        ("", "utf-8", "utf-8"),
    ],
)
def test_the_encoding_is_found_out_and_the_text_is_the_same(text: str, written: str, encoding: str) -> None:
    body = text.encode(written)
    assert encoding_of(body) == encoding
    assert decoded(body, encoding) == text


def test_a_byte_order_mark_of_big_endian_text_counts() -> None:
    body = codecs.BOM_UTF16_BE + JAPANESE.encode("utf-16-be")
    assert table_of(body).text == JAPANESE


def test_an_encoding_that_does_not_fit_is_refused_with_the_line() -> None:
    with pytest.raises(Reject, match="line 2 holds bytes"):
        table_of("name\r\n佐藤\r\n".encode("cp932"), "utf-8")


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("a,b,c\n1,2,3\n", ","),
        ("a;b;c\n1,5;2;3\n", ";"),
        ("a\tb\n1,2\t3\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ('name,note\n"Ann; Bob","x; y; z"\n', ","),
        ("email\na@example.com\n", ","),
        ('name;address\n"Müller";"Hauptstr. 1, 10115 Berlin, DE"\n', ";"),
    ],
)
def test_the_separator_is_the_one_that_divides_all_lines_alike(text: str, separator: str) -> None:
    assert separator_of(text) == separator


def test_excels_own_word_about_the_separator_is_believed_and_no_row() -> None:
    table = table_of(b"sep=;\r\na,b;c\r\n1,2;3\r\n")
    assert list(table.rows()) == [["a,b", "c"], ["1,2", "3"]]


def test_cells_may_hold_line_breaks_and_quotes() -> None:
    rows = list(Table('a,b\r\n"x\ny","say ""hi"""\r\n', "utf-8", ",").rows())
    assert rows[1] == ["x\ny", 'say "hi"']


def test_a_quotation_mark_that_is_never_closed_is_refused() -> None:
    with pytest.raises(Reject, match="cannot be read on from line"):
        list(Table('a,b\n"x' + "y" * 30_000, "utf-8", ",").rows())


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        (["First Name", "Last Name", "Email", "Phone Number"], ["first_name", "last_name", "email", "phone"]),
        (
            ["Record ID", "Job Title", "Lifecycle Stage", "Last Modified Date", "Associated Company"],
            ["id", "title", "lifecycle", "updated_at", "company"],
        ),
        (
            ["Contact ID", "Account Name", "MobilePhone", "MailingPostalCode", "SystemModstamp"],
            ["id", "company", "mobile", "postal_code", "updated_at"],
        ),
        (
            ["顧客ID", "氏名", "メールアドレス", "携帯電話", "会社名", "役職", "郵便番号", "都道府県", "更新日時"],
            ["id", "name", "email", "mobile", "company", "title", "postal_code", "region", "updated_at"],
        ),
        (["ｅメール", "電話番号（代表）", "フリガナ"], ["email", None, None]),
        (["Email", "E-mail address"], ["email", None]),
        (["  PHONE_number ", "'Name'"], ["phone", "name"]),
    ],
)
def test_headers_are_mapped_as_far_as_they_are_known(headers: list[str], fields: list[str | None]) -> None:
    assert guess(headers) == fields


@pytest.mark.parametrize(
    ("mapping", "sentence"),
    [
        (["name", "email"], None),
        (["x_plan", "phone"], None),
        (["name", None], "No column tells people apart"),
        (["email", "email"], "mapped twice"),
        (["email", "shoe_size"], "There is no field shoe_size"),
        (["email"], "The file has 2 columns, and 1 are mapped."),
    ],
)
def test_a_mapping_that_cannot_be_used_says_why(mapping: list[str | None], sentence: str | None) -> None:
    found = complaint(["a", "b"], mapping)
    assert found is None if sentence is None else sentence in (found or "")


@pytest.mark.parametrize(
    ("cell", "order", "zone", "at"),
    [
        ("2026-05-04T09:30:00Z", None, "+09:00", "2026-05-04T09:30:00.000Z"),
        ("2026-05-04 09:30", None, "+09:00", "2026-05-04T00:30:00.000Z"),
        ("2026/5/4", None, "+00:00", "2026-05-04T00:00:00.000Z"),
        ("2026年5月4日 9時30分", None, "+09:00", "2026-05-04T00:30:00.000Z"),
        ("２０２６/０５/０４", None, "+00:00", "2026-05-04T00:00:00.000Z"),
        ("4.5.2026 9:30", DAY_FIRST, "+00:00", "2026-05-04T09:30:00.000Z"),
        ("5/4/2026 9:30 PM", MONTH_FIRST, "+00:00", "2026-05-04T21:30:00.000Z"),
        ("5/4/2026 12:05 AM", MONTH_FIRST, "+00:00", "2026-05-04T00:05:00.000Z"),
        ("25/4/2026", None, "+00:00", "2026-04-25T00:00:00.000Z"),
        ("46146.5", None, "+00:00", "2026-05-04T12:00:00.000Z"),
        ("1777886999000", None, "+00:00", "2026-05-04T09:29:59.000Z"),
        ("5/4/2026", None, "+00:00", None),
        ("30/30/2026", DAY_FIRST, "+00:00", None),
        ("2026-02-30", None, "+00:00", None),
        ("soon", None, "+00:00", None),
        ("", None, "+00:00", None),
    ],
)
def test_dates_are_read_as_spreadsheets_write_them_and_not_where_they_could_be_two(
    cell: str, order: str | None, zone: str, at: str | None
) -> None:
    assert moment(cell, order, zone) == at


def test_whether_days_or_months_come_first_is_told_by_the_file_unless_it_contradicts_itself() -> None:
    assert order_of(["3/4/2026", "25/4/2026"]) == DAY_FIRST
    assert order_of(["3/4/2026", "4/25/2026"]) == MONTH_FIRST
    assert order_of(["25/4/2026", "4/25/2026"]) is None
    assert order_of(["3/4/2026", "2026-01-01"]) is None


def test_an_offset_is_one_or_none() -> None:
    with pytest.raises(ValueError, match=r"\+09:00"):
        zone_of("Tokyo")


@pytest.mark.parametrize("cell", ["=1+1", "+81", "-1", "@SUM(A1)", "\tx", "\r=1", "＝1"])
def test_no_cell_of_a_report_is_a_formula(cell: str) -> None:
    assert safe(cell) == f"'{cell}"
    assert lines([(1, cell, "ok")]).startswith(("1,'", "1,\"'"))


def test_a_plain_cell_stays_as_it_is() -> None:
    assert lines([(2, "imported", "a, b")]) == '2,imported,"a, b"\r\n'
