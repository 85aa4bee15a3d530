"""Deliveries put together from parts of others: a connector's examples, changed in several places at once."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from hub.domain.events import Mapped
from tests.contracts.conformance import outcome
from tests.contracts.evidence import Evidence, Example
from tests.contracts.mutations import JUNK, Codec, Path, at, codec_of, paths, removed, replaced

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)
MAX_CHANGES = 4
Run = Callable[[Example, int, int, Any], None]


@dataclass(frozen=True)
class Quarry:
    """What a connector's examples are made of."""

    evidence: Evidence

    @cached_property
    def codecs(self) -> dict[str, Codec]:
        """The examples whose bodies have a structure, by name."""
        return {one.name: codec for one in self.evidence.deliveries if (codec := codec_of(one.body))}

    @cached_property
    def examples(self) -> list[Example]:
        """The same, as examples."""
        return [one for one in self.evidence.deliveries if one.name in self.codecs]

    @cached_property
    def parts(self) -> list[Any]:
        """Every part of every example, and every kind of junk."""
        trees = [codec.tree for codec in self.codecs.values()]
        return [at(tree, path) for tree in trees for path in self._places(tree)] + list(JUNK.values())

    def mutant(self, example: Example, number: int, changes: int, value: Any) -> bytes:
        """The example with `changes` places replaced by parts of others or by `value`, or gone; the same for a number."""
        chance, codec = random.Random(number), self.codecs[example.name]
        tree = codec.tree
        for _ in range(changes):
            place = chance.choice(self._places(tree))
            if place and chance.random() < 1 / 6:
                tree = removed(tree, place)
            else:
                tree = replaced(tree, place, chance.choice([value, chance.choice(self.parts)]))
        return codec.write(tree)

    def _places(self, tree: Any) -> list[Path]:
        return list(paths(tree))

    def drawn(self) -> tuple[SearchStrategy[Any], ...]:
        """The strategies of `mutant`'s arguments."""
        return st.sampled_from(self.examples), st.integers(0, 2**32), st.integers(1, MAX_CHANGES), VALUES


def map_and_write(evidence: Evidence, example: Example, body: bytes) -> None:
    """Maps the body in the example's place and writes what came of it as JSON; whatever it raises passes through."""
    found = outcome(evidence, example, body)
    for event in found.events if isinstance(found, Mapped) else ():
        event.body()
        event.model_dump_json()


def run(quarry: Quarry, attempt: Run, count: int, number: int | None = None) -> None:
    """Calls `attempt` with `count` drawn arguments; always the same where no seed is given, else those of the seed."""
    how = settings(
        max_examples=count,
        deadline=None,
        derandomize=number is None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    drawing = how(given(*quarry.drawn())(attempt))
    (drawing if number is None else seed(number)(drawing))()
