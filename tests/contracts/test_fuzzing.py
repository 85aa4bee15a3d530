"""The fuzzing of the soak: it finds what a connector does not survive, says with which seed, and keeps to its time."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

from tests.benchmarks.fuzz import Fuzzed, fuzz
from tests.contracts.faked import Defect, write
from tests.contracts.fuzzing import Quarry

_numbers = count()
# Survives every single change of an example, and falls over two at once.
TWO_AT_ONCE = Defect(
    "webhook.py",
    'number, at = text_at(item, "id"), int_at(item, "at")',
    'number, at = text_at(item, "id"), int_at(item, "at")\n    1 / (at is not None or text_at(item, "text") is not None)',
)


def fuzzed(folder: Path, *defects: Defect, mutants: int = 1200, seed: int = 5, limit_s: float = 60) -> Fuzzed:
    name = f"fuzzed_{next(_numbers)}"
    quarry = Quarry(write(folder / name, defects))
    return fuzz({"faked": quarry}, seed, mutants, limit_s, lambda _done, _of: None)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_a_connector_that_survives_everything_has_nothing_unhandled(folder: Path) -> None:
    found = fuzzed(folder)
    assert (found.mutants["faked"], found.unhandled, found.missing) == (1200, [], [])


def test_what_only_two_changes_at_once_bring_down_is_found_and_its_seed_named(folder: Path) -> None:
    found = fuzzed(folder, TWO_AT_ONCE)
    assert found.unhandled
    assert all(one.startswith("faked, seed ") and "ZeroDivisionError" in one for one in found.unhandled)


def test_the_same_seed_finds_the_same(folder: Path) -> None:
    first, second = fuzzed(folder, TWO_AT_ONCE), fuzzed(folder, TWO_AT_ONCE)
    assert first.unhandled == second.unhandled


def test_when_the_time_is_over_it_stops_and_the_count_says_so(folder: Path) -> None:
    assert fuzzed(folder, limit_s=-1).mutants.total() == 0


def test_a_connector_without_an_example_to_change_is_named(folder: Path) -> None:
    evidence = write(folder / "fuzzed_bare")
    quarry = Quarry(type(evidence)(evidence.connector, evidence.folder, evidence.module, ()))
    assert fuzz({"bare": quarry}, 1, 10, 5, lambda _done, _of: None).missing == ["bare"]
