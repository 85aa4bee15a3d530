"""What people decided and took back, anywhere in a stream, in any nesting, leaves nothing behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.decisions import Decision, Decisions
from hub.directory import Directory
from hub.domain.events import instant
from hub.linked import Verdict
from hub.wiring import Hub
from tests.harness import story
from tests.harness.drawing import LAST, acts, in_order, patient
from tests.harness.dynamo import Tables, tables
from tests.harness.filing import directory, everything, file, filing_hub
from tests.harness.lives import STEP_S, Act
from tests.harness.seen import people
from tests.harness.snapshot import differences
from tests.harness.telling import tell

pytestmark = pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")


@dataclass(frozen=True)
class Deed:
    """Somebody decides about two identifiers and takes it back; each number is a share of what there is, from 0 to 99."""

    verdict: Verdict
    begun: int
    ended: int
    one: int
    other: int


deeds = st.lists(
    st.builds(
        Deed,
        verdict=st.sampled_from(["same", "same", "same", "apart"]),
        begun=st.integers(0, 99),
        ended=st.integers(0, 99),
        one=st.integers(0, 99),
        other=st.integers(0, 99),
    ),
    min_size=1,
    max_size=5,
)


@dataclass
class Stream:
    """Events and decisions in a row; `decided` counts those that were made."""

    hub: Hub
    decided: int = 0

    @property
    def who(self) -> Directory:
        return directory(self.hub.store)

    def play(self, bodies: list[str], some: list[Deed]) -> None:
        """Files the events; every deed begins at its place, and ends at another later one."""
        open_ones: dict[Deed, tuple[str, str]] = {}
        for place in range(len(bodies) + 1):
            for deed in some:
                first, last = sorted((deed.begun, deed.ended))
                if place == first * len(bodies) // 99 and (pair := self._chosen(deed)):
                    open_ones[deed] = pair
                    self._decide(pair, deed.verdict)
                if place == last * len(bodies) // 99 and deed in open_ones:
                    self._decide(open_ones.pop(deed), "none")
            file(self.hub, bodies[place : place + 1])

    def _chosen(self, deed: Deed) -> tuple[str, str] | None:
        known = [item.pk.removeprefix("P#") for item in everything(self.hub.store) if item.sk == "NODE"]
        if not known:
            return None
        one, other = (known[share * len(known) // 100] for share in (deed.one, deed.other))
        return (one, other) if one != other else None

    def _decide(self, pair: tuple[str, str], verdict: Verdict) -> None:
        self.decided += 1
        at = instant(story.at_ms(LAST * STEP_S + self.decided))
        Decisions(self.who).decide(*pair, verdict, Decision(f"d{self.decided}", "ann", at, "they said so"))


def difference(bodies: list[str], some: list[Deed], store: Any = None) -> list[str]:
    """What people see differently because of decisions that were all taken back.

    Compared is what is so now: entries that record a decision, decisions without force, and what was known at a time
    in between are the memory of it, which stays.
    """
    with_them, never = Stream(filing_hub(store)), Stream(filing_hub())
    with_them.play(bodies, some)
    never.play(bodies, [])
    before, after = (people(one.who, everything(one.hub.store)) for one in (never, with_them))
    return list(differences(before, after))


@patient(80)
@given(acts(24), deeds)
def test_decisions_taken_back_anywhere_in_a_stream_are_as_if_they_had_never_been(
    some: list[Act], decided: list[Deed]
) -> None:
    assert difference(in_order(tell(some)), decided) == []


@pytest.fixture(scope="module")
def dynamo() -> Iterator[Tables]:
    with tables() as found:
        yield found


@patient(3)
@given(some=acts(8), decided=deeds)
def test_the_same_on_dynamodb(dynamo: Tables, some: list[Act], decided: list[Deed]) -> None:
    assert difference(in_order(tell(some)), decided, dynamo.fresh()) == []


def test_decisions_do_make_a_difference_while_they_are_in_force() -> None:
    """The harness itself: were nothing ever joined, the property above would prove nothing."""
    joined = 0
    for seed in range(30):
        random = Random(seed)
        told = tell([Act("HubSpot saved", at, at % 4, random.randrange(4), random.randrange(3)) for at in range(6)])
        hub = filing_hub()
        stream = Stream(hub)
        stream.play(in_order(told), [])
        before = len(people(stream.who, everything(hub.store)))
        pair = stream._chosen(Deed("same", 0, 0, random.randrange(100), random.randrange(100)))
        if pair:
            stream._decide(pair, "same")
            joined += before - len(people(stream.who, everything(hub.store)))
    assert joined > 10
