"""Every connector keeps every promise; a folder without evidence fails."""

from __future__ import annotations

import random
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.connector import names
from hub.domain.events import Mapped
from tests.contracts.conformance import CHECKS, outcome
from tests.contracts.evidence import Evidence, evidence_of
from tests.contracts.mutations import at, codec_of, paths, replaced

the_evidence = cache(evidence_of)

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)


def test_there_are_connectors() -> None:
    assert names(), "no folder under functions/connectors"


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("name", names())
def test_every_connector_keeps_every_promise(name: str, check: str) -> None:
    CHECKS[check](the_evidence(name))


@pytest.mark.parametrize("name", names())
def test_deliveries_put_together_from_parts_of_others_never_raise(name: str) -> None:
    evidence = the_evidence(name)
    trees = {one.name: codec for one in evidence.deliveries if (codec := codec_of(one.body))}
    examples = [one for one in evidence.deliveries if one.name in trees]
    parts = [at(codec.tree, path) for codec in trees.values() for path in paths(codec.tree)]

    @settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(examples), st.integers(0, 2**32), st.integers(1, 4), VALUES)
    def run(example: Any, seed: int, changes: int, value: Any) -> None:
        chance = random.Random(seed)
        tree = trees[example.name].tree
        for _ in range(changes):
            place = chance.choice(list(paths(tree)))
            tree = replaced(tree, place, chance.choice([value, chance.choice(parts)]))
        _map(evidence, example, trees[example.name].write(tree))

    run()


def _map(evidence: Evidence, example: Any, body: bytes) -> None:
    found = outcome(evidence, example, body)
    for event in found.events if isinstance(found, Mapped) else ():
        event.body()
        event.model_dump_json()
