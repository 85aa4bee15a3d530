"""Fuzzing for the soak: 100,000 deliveries put together from parts of the examples, over every connector's folder.

Beside it the differential tests against the vendors' own verifiers are run again, and their disagreements counted.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from hub.connector import names
from tests.contracts.evidence import evidence_of
from tests.contracts.fuzzing import Quarry, map_and_write, run

MUTANTS = 100_000
LIMIT_S = 900
ROUND = 250  # Hypothesis slows down over longer ones, and between them the time is looked at
ORACLES = sorted(map(str, Path("tests/unit").glob("test_signatures*.py")))
PROPERTY = "disagreements"


@dataclass(slots=True)
class Fuzzed:
    """What came of it: how many mutants per connector, and what they raised, by seed."""

    mutants: Counter[str] = field(default_factory=Counter)
    unhandled: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def every_connector() -> dict[str, Quarry]:
    """What there is to make mutants of, for every connector found in the folder."""
    return {name: Quarry(evidence_of(name)) for name in names()}


def fuzz(
    quarries: Mapping[str, Quarry], number: int, mutants: int, limit_s: float, progress: Callable[[int, int], None]
) -> Fuzzed:
    """Fuzzes each with an equal share of `mutants`, for `limit_s` at most; seeds begin at `number`."""
    found, deadline = Fuzzed(), time.monotonic() + limit_s
    found.missing = [name for name, quarry in quarries.items() if not quarry.examples]
    for turn, (name, count) in enumerate(_rounds([one for one in quarries if one not in found.missing], mutants)):
        if time.monotonic() > deadline:
            break
        run(quarries[name], _attempt(found, name, quarries[name], number + turn), count, number + turn)
        progress(found.mutants.total(), mutants)
    return found


def _rounds(fuzzed: list[str], mutants: int) -> Iterator[tuple[str, int]]:
    """Whose turn it is and for how many: in turns, so that a run that is cut short leaves nobody out."""
    left = {name: len(range(place, mutants, len(fuzzed))) for place, name in enumerate(fuzzed)}
    while any(left.values()):
        for name in fuzzed:
            count = min(ROUND, left[name])
            left[name] -= count
            if count:
                yield name, count


def _attempt(found: Fuzzed, name: str, quarry: Quarry, number: int) -> Callable[[Any, int, int, Any], None]:
    def attempt(example: Any, chance: int, changes: int, value: Any) -> None:
        body = quarry.mutant(example, chance, changes, value)
        found.mutants[name] += 1
        try:
            map_and_write(quarry.evidence, example, body)
        except Exception as error:  # any of them is what we look for
            what = f"{type(error).__name__}: {error}".splitlines()[0][:150]
            found.unhandled.append(f"{name}, seed {number}, {example.name}: {what}; the body: {body[:200]!r}")

    return attempt


def disagreements() -> int:
    """How often a vendor's verifier and ours differ without a documented reason; RuntimeError where nobody counted."""
    with tempfile.TemporaryDirectory() as work:
        report = Path(work, "report.xml")
        command = ["-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", *ORACLES]
        done = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False)
        if not report.exists():
            raise RuntimeError(f"the differential tests did not run:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        counted = _counted(ElementTree.parse(report))
    if done.returncode and not sum(counted):
        raise RuntimeError(f"the differential tests failed:\n{done.stdout[-2000:]}")
    if not counted:
        raise RuntimeError("no differential test counted its disagreements")
    return sum(counted)


def _counted(report: Any) -> list[int]:
    return [int(one.get("value")) for one in report.iter("property") if one.get("name") == PROPERTY]
