"""Events take what platforms send: too long is cut, money is exact, what does not fit our words is refused."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from hub.domain.events import (
    ConsentData,
    FormData,
    NoticeData,
    OrderData,
    PrivacyData,
    RecordRef,
    RecordTouchedData,
    Segment,
    TicketData,
    TranscriptData,
    currency,
    money,
    money_from_minor,
)

ORDER = RecordRef(object="order", id="5")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("19.80", "19.80"),
        (" -5 ", "-5"),
        (1980, "1980"),
        (0.1, "0.1"),
        (1e22, "10000000000000000000000"),
        (10**23, "1" + "0" * 23),
        ("1,980", None),
        ("1e3", None),
        ("", None),
        ("９", None),
        ("9" * 25, None),
        (float("nan"), None),
        (float("inf"), None),
        (True, None),
        (None, None),
        ({}, None),
    ],
)
def test_an_amount_is_exact_text_or_nothing(value: Any, text: str | None) -> None:
    assert money(value) == text
    if text is not None:
        assert OrderData(record=ORDER, total=text).total == text


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (1980, "usd", "19.80"),
        ("5", "EUR", "0.05"),
        (-250, "GBP", "-2.50"),
        (1980, "JPY", "1980"),
        (1980, "KWD", "1.980"),
        (7, None, "0.07"),
        ("19.80", "USD", None),
        ("x", "USD", None),
    ],
)
def test_minor_units_become_the_amount_that_people_see(value: Any, code: str | None, text: str | None) -> None:
    assert money_from_minor(value, code) == text


def test_a_platforms_own_count_of_digits_goes_before_the_currencys() -> None:
    assert money_from_minor(1980, "ISK", digits=2) == "19.80"


@pytest.mark.parametrize(("value", "code"), [("jpy", "JPY"), (" EUR ", "EUR"), ("¥", None), ("EURO", None), (5, None)])
def test_a_currency_is_three_letters_or_nothing(value: Any, code: str | None) -> None:
    assert currency(value) == code


def test_an_amount_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValidationError):
        OrderData(record=ORDER, total="1,980")


def test_long_texts_and_lists_are_cut_not_refused() -> None:
    ticket = TicketData(record=ORDER, title="x" * 501, description="y" * 10_001, tags=("t",) * 101)
    assert (len(ticket.title or ""), len(ticket.description or ""), len(ticket.tags)) == (500, 10_000, 100)
    form = FormData(submission_id="S", form_id="F", answers=tuple({"name": str(n)} for n in range(150)))
    assert [one.name for one in form.answers] == [str(n) for n in range(100)]


def test_a_transcript_keeps_its_beginning_as_far_as_it_fits_in_bytes() -> None:
    def kept(text: str, count: int) -> int:
        found = TranscriptData(call_id="c", leg_id="c", transcript_id="T", segments=(Segment(text=text),) * count)
        return len(found.segments)

    assert kept("a", 1500) == 1000
    assert kept("あ" * 500, 50) == 40  # 1500 bytes each


def test_what_used_to_be_a_notice_or_a_touched_record_is_still_read() -> None:
    notice = NoticeData(subject="marketing_messages", status="stop").model_dump(mode="json", exclude_defaults=True)
    assert ConsentData.model_validate(notice).status == "stop"
    touched = RecordTouchedData(record=RecordRef(object="contact", id="1"), change="deleted", fields=("a",))
    read = PrivacyData.model_validate(touched.model_dump(mode="json", exclude_defaults=True))
    assert read.record == touched.record
