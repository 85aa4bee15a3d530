"""Every connector keeps every promise; a folder without evidence fails."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from hub.connector import names
from tests.contracts.conformance import CHECKS
from tests.contracts.evidence import evidence_of
from tests.contracts.fuzzing import Quarry, map_and_write, run

the_evidence = cache(evidence_of)


def test_there_are_connectors() -> None:
    assert names(), "no folder under functions/connectors"


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("name", names())
def test_every_connector_keeps_every_promise(name: str, check: str) -> None:
    CHECKS[check](the_evidence(name))


@pytest.mark.parametrize("name", names())
def test_deliveries_put_together_from_parts_of_others_never_raise(name: str) -> None:
    quarry = Quarry(the_evidence(name))

    def attempt(example: Any, number: int, changes: int, value: Any) -> None:
        map_and_write(quarry.evidence, example, quarry.mutant(example, number, changes, value))

    run(quarry, attempt, 300)
