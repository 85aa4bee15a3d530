"""Any order and any copies of what five platforms tell come to the same customers, fields, timelines, conversations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from hub.directory import Customer
from tests.harness.filing import directory, everything, file, filing_hub
from tests.harness.lives import PHONES, Act, moment
from tests.harness.seen import customers, people, people_as_of, timeline
from tests.harness.snapshot import differences
from tests.harness.telling import TELLERS, Told, tell

pytestmark = pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")


def patient(examples: int) -> settings:
    """That many examples, however long each takes; a failing one is printed with what makes it again."""
    return settings(max_examples=examples, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])


WHAT = [*TELLERS]  # "nothing" is the first, towards which hypothesis shrinks
# Contacts are saved often: sharing, succession and deletion all begin with it.
OFTEN = ["HubSpot saved", "HubSpot saved", "Salesforce saved", "shop saved", "wrote", "wrote", "called"]


TIMES = [moment(Act("", step)) for step in (5, 30, 90)]


def acts(most: int) -> st.SearchStrategy[list[Act]]:
    one = st.builds(
        Act,
        what=st.sampled_from([*WHAT, *OFTEN]),
        at=st.integers(0, 119),
        who=st.integers(0, 3),
        other=st.integers(0, len(PHONES) - 1),
        n=st.integers(0, 15),
    )
    many = st.lists(one, min_size=most // 2, max_size=most)
    return many.map(lambda some: [one for one in some if one.what != "nothing"])


def in_any_order(told: Sequence[Told], random: Random) -> list[str]:
    """Every event at least once, some deliveries a second time, in any order."""
    again = random.sample(told, len(told) // 3)
    bodies = [body for one in told for body in one.events] + [body for one in again for body in one.copy]
    random.shuffle(bodies)
    return bodies


def filed(bodies: Sequence[str], store: Any = None) -> Any:
    """The store after these events."""
    hub = filing_hub(store)
    file(hub, bodies)
    return hub.store


def seen(store: Any) -> dict[str, Any]:
    """What people see now, and as of some times."""
    who, items = directory(store), everything(store)
    return {"now": people(who, items)} | {at: people_as_of(who, items, at) for at in TIMES}


def in_order(told: Sequence[Told]) -> list[str]:
    return [body for one in told for body in one.events]


def differ(expected: Any, actual: Any) -> list[str]:
    """What people see differently; nothing where the stored state is the same anyway."""
    if everything(expected) == everything(actual):
        return []
    return list(differences(seen(expected), seen(actual)))


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


def _stretches(customer: Customer) -> tuple[Any, ...]:
    return tuple((one.id, one.periods) for one in customer.personas)


@patient(60)
@given(acts(30))
def test_every_entry_is_on_one_timeline_and_every_identifier_finds_its_customer(some: list[Act]) -> None:
    """On that of whose the identifier was then: nothing is lost between two holders, nothing is told to both."""
    store = filed(in_order(tell(some)))
    who, items = directory(store), everything(store)
    entries = [item for item in items if item.sk == "ENTRY" and item.body["persona"]]
    found = customers(who, items)
    then = [who.customer(item.body["persona"], moment=item.body["at"]) for item in entries]
    everybody = {_stretches(one): one for one in [*found.values(), *then] if one}
    shown = Counter(item.pk for customer in everybody.values() for item in timeline(who, customer))
    assert shown == {item.pk: 1 for item in entries}
    for customer in found.values():
        for persona in customer.personas:
            if persona.current and not persona.passing:
                assert who.customer(persona.id) == customer


def test_two_numbers_announced_to_take_each_others_place_at_once_are_the_same_for_any_order() -> None:
    """Found by the property above: of two contradictory announcements of one second the later to arrive won."""
    told = tell([Act("moved", 0, who=3, other=2), Act("moved", 0, who=2, other=3)])
    one, two = in_order(told)
    ends = [filed(order) for order in ([one, two], [two, one], [one, two, one], [two, one, two])]
    assert [differ(ends[0], end) for end in ends[1:]] == [[], [], []]
