"""The soak at a tenth of its size, and that it notices every seeded bug (`make soak` is the whole)."""

from __future__ import annotations

import pytest

from tests.benchmarks.soak import vacuous
from tests.harness.mutants import MUTANTS
from tests.harness.soaking import findings, soak

SEED = 7


def test_nothing_is_lost_or_doubled_and_all_poison_is_set_aside_while_calls_fail_and_platforms_are_busy() -> None:
    result = soak(SEED, 1000)
    assert result.verdict.lost == []
    assert result.verdict.duplicated == []
    assert result.verdict.wrong == []
    assert result.verdict.poison_not_set_aside == []
    assert vacuous(result) == []
    assert result.faulted.total() / result.calls == pytest.approx(0.05, abs=0.01)
    assert result.redriven < result.deliveries * 0.1


def test_the_same_seed_gives_the_same_run() -> None:
    first, second = soak(3, 100), soak(3, 100)
    assert first.calls == second.calls
    assert first.faulted == second.faulted


@pytest.mark.parametrize("bug", MUTANTS)
def test_the_soak_notices(bug: str) -> None:
    assert findings(MUTANTS[bug], SEED, 500) > 0
