"""What people decided and took back, anywhere in a stream, in any nesting, leaves nothing behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hub.decisions import Decision
from hub.directory import Directory
from hub.domain.events import instant
from hub.linked import Verdict
from hub.wiring import Hub
from tests.harness import story
from tests.harness.drawing import OFTEN, acts, filed, in_order, patient
from tests.harness.dynamo import Tables, tables
from tests.harness.filing import directory, everything, file, filing_hub
from tests.harness.lives import LAST, STEP_S, Act
from tests.harness.mutants_identity import MERGE_MUTANTS, Decide, honestly
from tests.harness.seen import people
from tests.harness.snapshot import differences
from tests.harness.telling import tell
from tests.unit.api_client import AGENT, Client

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
    decides: Decide = honestly
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
        self.decides(self.who, pair, verdict, Decision(f"d{self.decided}", "ann", at, "they said so"))


def difference(bodies: list[str], some: list[Deed], store: Any = None, decides: Decide = honestly) -> list[str]:
    """What people see differently because of decisions that were all taken back.

    Compared is what is so now: entries that record a decision, decisions without force, and what was known at a time
    in between are the memory of it, which stays.
    """
    with_them, never = Stream(filing_hub(store), decides), Stream(filing_hub())
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


@pytest.mark.parametrize("bug", MERGE_MUTANTS)
def test_the_property_notices(bug: str) -> None:
    found = 0
    for seed in range(12):
        random = Random(seed)
        some = [
            Act(random.choice(OFTEN), at * 3, at % 4, random.randrange(4), random.randrange(16)) for at in range(20)
        ]
        decided = [Deed("same", random.randrange(60), 99, *random.sample(range(100), 2)) for _ in range(4)]
        found += bool(difference(in_order(tell(some)), decided, decides=MERGE_MUTANTS[bug]))
    assert found > 0


class Asked:
    """The same through the API, by somebody who takes back whatever is in force."""

    def __init__(self) -> None:
        self.hub = filing_hub()
        self._client = Client(self.hub, [AGENT])

    def merge(self, one: int, other: int) -> None:
        """Merges two, by their shares of what there is; whom the API refuses to merge stay two."""
        known = self._known()
        if known:
            a, b = (known[share * len(known) // 100] for share in (one, other))
            self._post(f"/v1/customers/{a}/merge", {"with": b, "why": "they said so"})

    def take_back(self, random: Random) -> int:
        """Unmerges in any order; how many merges are still in force because the API does not take them back."""
        while True:
            left = sorted(self._in_force())
            random.shuffle(left)
            if not any(self._post(f"/v1/customers/{a}/unmerge", {"from": b, "why": "no"}) for a, b in left):
                return len(left)

    def _in_force(self) -> Iterator[tuple[str, str]]:
        for persona in self._known():
            answer = self._client.get(f"/v1/customers/{persona}/decisions")
            for one in answer.json["decisions"]:
                if one["in_force"] and one["verdict"] == "same":
                    yield one["persona"], one["other"]

    def _known(self) -> list[str]:
        return [item.pk.removeprefix("P#") for item in everything(self.hub.store) if item.sk == "NODE"]

    def _post(self, path: str, body: dict[str, str]) -> bool:
        self._client.clock.sleep(1)
        answer = self._client.call("POST", path, body)
        assert answer.status in (200, 409, 422), answer.text
        return answer.status == 200


@patient(25)
@given(acts(20), st.lists(st.tuples(*[st.integers(0, 99)] * 3), min_size=1, max_size=5), st.randoms())
def test_merges_of_merges_asked_of_the_api_and_taken_back_in_any_order_leave_nothing_behind(
    some: list[Act], merges: list[tuple[int, int, int]], random: Random
) -> None:
    bodies, asked = in_order(tell(some)), Asked()
    for place in range(len(bodies) + 1):
        for at, one, other in merges:
            if at * len(bodies) // 99 == place:
                asked.merge(one, other)
        file(asked.hub, bodies[place : place + 1])
    assume(asked.take_back(random) == 0)
    never = filed(bodies)
    before, after = (people(directory(store), everything(store)) for store in (never, asked.hub.store))
    assert list(differences(before, after)) == []
