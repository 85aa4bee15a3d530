"""Any order and any copies of what five platforms tell come to the same customers, fields, timelines, conversations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from tests.harness.drawing import acts, differ, filed, in_any_order, in_order, patient, seen
from tests.harness.dynamo import Tables, tables
from tests.harness.filing import directory, everything
from tests.harness.lives import Act
from tests.harness.mutants_identity import SIGHT_MUTANTS, See, as_it_is
from tests.harness.seen import customers, timeline
from tests.harness.snapshot import differences
from tests.harness.telling import tell

pytestmark = pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")


@patient(120)
@given(acts(30), st.randoms(use_true_random=False))
def test_any_order_and_any_copies_of_what_five_platforms_tell_come_to_the_same_customers(
    some: list[Act], random: Random
) -> None:
    told = tell(some)
    note(f"{len(told)} deliveries")
    expected = filed(in_order(told))
    for _ in range(2):
        assert differ(expected, filed(in_any_order(told, random))) == []


@pytest.fixture(scope="module")
def dynamo() -> Iterator[Tables]:
    with tables() as found:
        yield found


@patient(8)
@given(some=acts(10), random=st.randoms(use_true_random=False))
def test_the_same_on_dynamodb_as_in_memory(dynamo: Tables, some: list[Act], random: Random) -> None:
    told = tell(some)
    assert differ(filed(in_order(told)), filed(in_any_order(told, random), dynamo.fresh())) == []


def test_people_see_the_same_through_either_adapter(dynamo: Tables) -> None:
    told = tell([Act("HubSpot saved", 0), Act("wrote", 3, n=4), Act("Salesforce saved", 9), Act("moved", 12, other=2)])
    memory, table = filed(in_order(told)), filed(in_order(told), dynamo.fresh())
    assert list(differences(seen(memory), seen(table))) == []


def misplaced(store: Any, see: See = as_it_is) -> list[str]:
    """What is on no timeline, or on two: that of whose the identifier was then, and is."""
    who, items = directory(store), everything(store)
    entries = [item for item in items if item.sk == "ENTRY" and item.body["persona"]]
    then = [who.customer(item.body["persona"], moment=item.body["at"]) for item in entries]
    found = [*customers(who, items).values(), *(one for one in then if one)]
    everybody = {tuple((each.id, each.periods) for each in one.personas): one for one in found}
    shown = Counter(item.pk for customer in everybody.values() for item in timeline(who, see(customer)))
    return [item.pk for item in entries if shown[item.pk] != 1]


@patient(60)
@given(acts(30))
def test_every_entry_is_on_one_timeline_and_every_identifier_finds_its_customer(some: list[Act]) -> None:
    """Nothing is lost between two holders, nothing is told to both."""
    store = filed(in_order(tell(some)))
    assert misplaced(store) == []
    who = directory(store)
    for customer in customers(who, everything(store)).values():
        for persona in customer.personas:
            if persona.current and not persona.passing:
                assert who.customer(persona.id) == customer


HANDED_ON = (
    *(Act("HubSpot saved", 0, who=0, other=1), Act("called", 3, other=1, n=14), Act("HubSpot saved", 6, other=2)),
    *(Act("HubSpot saved", 9, who=1, other=1), Act("called", 12, other=1, n=14)),
)


@pytest.mark.parametrize("bug", SIGHT_MUTANTS)
def test_the_property_notices(bug: str) -> None:
    store = filed(in_order(tell(HANDED_ON)))
    assert misplaced(store) == []
    assert misplaced(store, SIGHT_MUTANTS[bug]) != []


def test_two_numbers_announced_to_take_each_others_place_at_once_are_the_same_for_any_order() -> None:
    """Found by the property above: of two contradictory announcements of one second the later to arrive won."""
    told = tell([Act("moved", 0, who=3, other=2), Act("moved", 0, who=2, other=3)])
    one, two = in_order(told)
    ends = [filed(order) for order in ([one, two], [two, one], [one, two, one], [two, one, two])]
    assert [differ(ends[0], end) for end in ends[1:]] == [[], [], []]
