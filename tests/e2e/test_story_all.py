"""The long story of issue 3 on the deployed stack: a delivery of every platform, seen through the API."""

from __future__ import annotations

import pytest

from hub.connector import names
from infra.local.story.stage import Stage
from infra.local.story_all import Row, tell_all

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def rows(stage: Stage) -> dict[str, Row]:
    """What became of each platform, told once."""
    return {row.name: row for row in tell_all(stage)}


@pytest.mark.parametrize("name", names())
def test_a_delivery_of_the_platform_is_on_a_timeline_or_a_notice(rows: dict[str, Row], name: str) -> None:
    row = rows[name]
    assert row.problems == []
    assert row.entries + row.notices > 0
