"""A tenth of the conversations of `make soak`, in bursts that mix up their order, and that each seeded bug is noticed."""

from __future__ import annotations

import pytest

from tests.harness.mutants_identity import ORDER_MUTANTS
from tests.harness.talks import BURST, LENGTH, compare


def test_conversations_in_any_order_with_copies_are_equal_to_the_sorted_ones() -> None:
    order = compare(seed=1, conversations=50)
    assert order.wrong == []
    assert order.equal == 50
    assert order.events == 50 * LENGTH
    assert order.inversions > 500  # as many for each as the 5,000 of 500


def test_the_mixing_stays_within_bursts() -> None:
    """The harness itself: a burst of ten cannot have more than nine late ones."""
    assert compare(seed=2, conversations=1).inversions <= LENGTH // BURST * (BURST - 1)


@pytest.mark.parametrize("bug", ORDER_MUTANTS)
def test_the_comparison_notices(bug: str) -> None:
    order = compare(seed=1, conversations=10, files=ORDER_MUTANTS[bug])
    assert order.equal < 10
    assert order.wrong
