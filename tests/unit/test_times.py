"""The ways in which platforms write a time."""

from __future__ import annotations

from typing import Any

import pytest

from hub.times import any_time, day, from_iso, from_unix

MOMENT = "2026-11-22T11:46:41.000Z"


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-22T11:46:41Z",
        "2026-11-22T11:46:41.000Z",
        "2026-11-22 11:46:41",
        "2026-11-22 11:46:41 UTC",
        "2026-11-22T20:46:41+09:00",
        " 2026-11-22T11:46:41+00:00 ",
    ],
)
def test_a_written_moment_is_read_in_utc(written: str) -> None:
    assert from_iso(written) == any_time(written) == MOMENT


@pytest.mark.parametrize("number", [1_795_348_001, 1_795_348_001_000, "1795348001", "1795348001000"])
def test_unix_times_are_told_apart_by_their_size(number: Any) -> None:
    assert from_unix(number) == any_time(number) == MOMENT


@pytest.mark.parametrize(
    "junk",
    [None, "", "2026-11-22", "2026-13-40T00:00", "0001-01-01T00:00:00+23:59", 0, 7, True, 1.5, "9" * 400, [], {}],
)
def test_what_is_no_moment_is_none(junk: Any) -> None:
    assert any_time(junk) is None


@pytest.mark.parametrize(("written", "read"), [("2026-12-24", "2026-12-24"), ("2026-12-24T00:00:00Z", "2026-12-24")])
def test_a_day_is_the_date_as_written(written: str, read: str) -> None:
    assert day(written) == read


@pytest.mark.parametrize("junk", [None, "", "24/12/2026", "2026-13-01", 20261224])
def test_what_is_no_day_is_none(junk: Any) -> None:
    assert day(junk) is None
