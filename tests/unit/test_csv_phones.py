"""Phone numbers that a spreadsheet has taken for numbers: repaired where that is certain, else refused."""

from __future__ import annotations

import pytest

from hub.csv_phones import AMBIGUOUS, LOST, NO_NUMBER, NO_REGION, ROUNDED, UNQUOTED, repaired


@pytest.mark.parametrize(
    ("cell", "region", "value", "note"),
    [
        ("090-1234-5678", "JP", "+819012345678", ""),
        ("+81 90 1234 5678", None, "+819012345678", ""),
        ("０９０－１２３４－５６７８", "JP", "+819012345678", ""),
        ("9012345678", "JP", "+819012345678", LOST),
        ("312345678", "JP", "+81312345678", LOST),
        ("819012345678", "JP", "+819012345678", LOST),
        ("819012345678", "US", "+819012345678", LOST),
        ("819012345678.0", "JP", "+819012345678", LOST),
        ("8.19012345678E+11", "JP", "+819012345678", LOST),
        ("8,19012345678E+11", "JP", "+819012345678", LOST),
        ("'+819012345678", None, "+819012345678", UNQUOTED),
        ("='+819012345678", None, "+819012345678", UNQUOTED),
        ('="09012345678"', "JP", "+819012345678", UNQUOTED),
        ("4155552671", "US", "+14155552671", ""),
        ("612345678", "ES", "+34612345678", ""),
        ("8.19012E+11", "JP", None, ROUNDED),
        ("8.19012E+11", None, None, ROUNDED),
        ("819012345678", None, None, NO_REGION),
        ("090-1234-5678", None, None, NO_REGION),
        ("12345", "JP", None, NO_NUMBER),
        ("ask reception", "JP", None, NO_NUMBER),
        ("090-1234-5678 / 03-1234-5678", "JP", None, NO_NUMBER),
    ],
)
def test_a_number_is_what_it_certainly_was(cell: str, region: str | None, value: str | None, note: str) -> None:
    assert (repaired(cell, region).value, repaired(cell, region).note) == (value, note)


@pytest.mark.parametrize(("cell", "region"), [("486455579", "JP"), ("221937768101", "DE"), ("431824472", "FR")])
def test_a_number_that_could_be_of_two_countries_is_refused(cell: str, region: str) -> None:
    assert (repaired(cell, region).value, repaired(cell, region).note) == (None, AMBIGUOUS)
