"""What hypothesis draws for properties over whole streams, and how two ends are compared."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.harness.filing import directory, everything, file, filing_hub
from tests.harness.lives import LAST, PHONES, Act, moment
from tests.harness.seen import people, people_as_of
from tests.harness.snapshot import differences
from tests.harness.telling import TELLERS, Told

WHAT = [*TELLERS]  # "nothing" is the first, towards which hypothesis shrinks
# Contacts are saved often: sharing, succession and deletion all begin with it.
OFTEN = ["HubSpot saved", "HubSpot saved", "Salesforce saved", "shop saved", "wrote", "wrote", "called"]
TIMES = [moment(Act("", step)) for step in (5, 30, 90)]


def patient(examples: int) -> settings:
    """That many examples, however long each takes; a failing one is printed with what makes it again."""
    return settings(max_examples=examples, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])


def acts(most: int) -> st.SearchStrategy[list[Act]]:
    """Half as many acts at least; hypothesis alone would draw a handful."""
    one = st.builds(
        Act,
        what=st.sampled_from([*WHAT, *OFTEN]),
        at=st.integers(0, LAST),
        who=st.integers(0, 3),
        other=st.integers(0, len(PHONES) - 1),
        n=st.integers(0, 15),
    )
    many = st.lists(one, min_size=most // 2, max_size=most)
    return many.map(lambda some: [one for one in some if one.what != "nothing"])


def in_order(told: Sequence[Told]) -> list[str]:
    """Every event once, as it happened."""
    return [body for one in told for body in one.events]


def in_any_order(told: Sequence[Told], random: Random) -> list[str]:
    """Every event at least once, some deliveries a second time, in any order."""
    again = random.sample(told, len(told) // 3)
    bodies = in_order(told) + [body for one in again for body in one.copy]
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


def differ(expected: Any, actual: Any) -> list[str]:
    """What people see differently; nothing where the stored state is the same anyway."""
    if everything(expected) == everything(actual):
        return []
    return list(differences(seen(expected), seen(actual)))
