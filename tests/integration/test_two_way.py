"""Edits on three CRMs in any order, with webhooks lost, doubled and mixed up, and workers dying: all agree, then rest."""

from __future__ import annotations

import pytest

from tests.harness.mutants_sync import MUTANTS, Caught, caught_by
from tests.harness.office_life import Life, Plan, live

pytestmark = pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
QUIET = Plan()
CRASHING = Plan(faulted=0.02)
DISGUISED = Plan(echo_as="user", faulted=0.01)
LOSSY = Plan(lost=0.3)
ALL_AT_ONCE = Plan(lost=0.3, faulted=0.02, people=2, edits=20)


def told(life: Life) -> str:
    """What is wrong, with the seed that shows it."""
    return f"seed {life.seed}: {life.wrong} late {life.late} echoes {life.echoes}"


@pytest.mark.parametrize("seed", range(5))
def test_an_edit_is_written_once_to_each_other_crm_and_then_nothing(seed: int) -> None:
    life = live(seed, QUIET)
    assert life.clean, told(life)


@pytest.mark.parametrize("seed", range(100, 106))
def test_the_same_while_calls_fail_and_workers_die(seed: int) -> None:
    life = live(seed, CRASHING)
    assert life.faults and life.clean, told(life)


@pytest.mark.parametrize("seed", range(200, 203))
def test_the_same_where_our_writes_are_announced_as_somebody_elses(seed: int) -> None:
    life = live(seed, DISGUISED)
    assert life.clean, told(life)


@pytest.mark.parametrize("seed", range(300, 306))
def test_where_webhooks_are_lost_a_comparison_brings_all_to_agree(seed: int) -> None:
    life = live(seed, LOSSY)
    assert life.dropped and not life.wrong and not life.late and life.drift == 0, told(life)


@pytest.mark.parametrize("seed", range(400, 403))
def test_all_of_it_at_once(seed: int) -> None:
    life = live(seed, ALL_AT_ONCE)
    assert life.dropped and life.faults and not life.wrong and not life.late and life.drift == 0, told(life)


@pytest.mark.parametrize("seed", range(600, 604))
def test_where_no_webhook_comes_at_all_comparisons_do(seed: int) -> None:
    life = live(seed, Plan(edits=3, lost=1.0))
    assert life.dropped and not life.wrong and not life.late and life.drift == 0, told(life)


@pytest.mark.parametrize("name", MUTANTS)
def test_a_seeded_mistake_is_noticed(name: str) -> None:
    caught = caught_by(name)
    assert isinstance(caught, Caught), f"{name} was not noticed"
