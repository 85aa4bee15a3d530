"""The bus's limits, found before it is asked: sizes, numbers, nesting."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import Quarantine
from hub.publishing import MAX_CHUNK, MAX_DEPTH, MAX_ENTRIES, check, chunks, encode, fit


@given(st.lists(st.integers(1, 1_200_000), max_size=60))
def test_chunks_hold_everything_once_in_order_and_stay_within_the_limits(sizes: list[int]) -> None:
    made = list(chunks(range(len(sizes)), sizes))
    assert [index for chunk in made for index in chunk] == list(range(len(sizes)))
    for chunk in made:
        assert 1 <= len(chunk) <= MAX_ENTRIES
        assert len(chunk) == 1 or sum(sizes[index] for index in chunk) <= MAX_CHUNK


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, float("nan"), float("inf"), float("-inf"), 10**400])
@pytest.mark.parametrize("wrap", [lambda v: v, lambda v: [v], lambda v: {"a": (1, {"b": v})}], ids=range(3))
def test_a_number_that_the_bus_cannot_carry_is_found_wherever_it_is(value: float, wrap: Any) -> None:
    with pytest.raises(Quarantine):
        check({"data": wrap(value)})


@pytest.mark.parametrize("value", [2**63 - 1, -(2**63), 0, 1.5, True, None, "9" * 400, 1e308])
def test_every_other_value_can_be_carried(value: object) -> None:
    check({"data": [value]})


def test_nesting_is_bounded_before_it_is_a_stack() -> None:
    deep: Any = 1
    for _ in range(MAX_DEPTH):
        deep = [deep]
    check(deep)
    with pytest.raises(Quarantine):
        check([deep])
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(Quarantine):
        check(deep)


@given(st.text(st.characters(), max_size=50))
def test_an_encoded_event_is_utf8_and_says_the_same(text: str) -> None:
    assert json.loads(encode({"a": text}).encode().decode()) == {"a": text}


def test_a_lone_surrogate_is_encoded_too() -> None:
    assert json.loads(encode({"a": "名 \ud800"}).encode()) == {"a": "名 \ud800"}


def test_only_what_is_too_large_loses_anything() -> None:
    small = {"id": "1", "data": {"text": "x", "native": {"a": "x" * 1000}}}
    assert fit(small) == small
    large = {"id": "1", "data": {"text": "x", "native": {"a": "x" * 300_000}}}
    assert fit(large) == {"id": "1", "data": {"text": "x", "native": {"native_dropped": True}}}
    with pytest.raises(Quarantine):
        fit({"id": "1", "data": {"text": "x" * 300_000}})
