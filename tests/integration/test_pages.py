"""A long history costs whoever reads it no more than a short one."""

from __future__ import annotations

import json

from tests.benchmarks import pages


def test_a_page_of_a_long_timeline_takes_as_many_requests_as_one_of_a_short_one() -> None:
    assert pages.page_requests(5_000) == pages.page_requests(60) == 4


def test_the_benchmarks_page_is_what_a_bare_query_finds() -> None:
    store, customer_id = pages.customer_with(60)
    answer = pages.asking(pages.Table(store), customer_id)()
    found = pages.bare(pages.Table(store), customer_id)()
    assert [one["id"] for one in json.loads(answer["body"])["entries"]] == [
        item["pk"].removeprefix("E#") for item in found
    ]
