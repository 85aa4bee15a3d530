"""Twenty workers at once on one customer, with conflicts at any write: nothing is lost, and the end is that of one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.memory import MemoryStore
from hub.ports import Item
from tests.harness.drawing import differ, filed, in_order, patient
from tests.harness.dynamo import Tables, tables
from tests.harness.filing import directory, everything, filing_hub
from tests.harness.interleave import Crowd, file_at_once
from tests.harness.lives import Act
from tests.harness.seen import customers
from tests.harness.telling import tell

pytestmark = pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
WORKERS = 20
CONFLICTS = 0.1
# One person, whom every platform knows by the same number.
ACTS = (
    *(Act("wrote", at, n=n) for at, n in ((1, 6), (2, 12), (3, 4), (12, 7), (13, 9), (14, 0))),
    *(Act("HubSpot saved", at, n=n) for at, n in ((4, 0), (15, 3))),
    *(Act("Salesforce saved", at, n=n) for at, n in ((5, 0), (16, 6))),
    *(Act("shop saved", at, n=n) for at, n in ((6, 0), (17, 3))),
    *(Act("called", at, n=n) for at, n in ((7, 14), (18, 14))),
    *(Act("was written to", 8, n=n) for n in (2, 3)),
    *(Act("status came", at, other=at % 4, n=2) for at in (8, 9, 10)),
    *(Act("changed a message", at, other=at % 4) for at in (19, 20, 21)),
    *(Act("texted", at) for at in (22, 23, 25, 26, 27, 28, 29, 30)),
    Act("ordered", 24),
)


@cache
def events() -> list[str]:
    return in_order(tell(ACTS))


@cache
def alone() -> Any:
    return filed(events())


def crowded(seed: int, store: Any = None) -> tuple[Crowd, Any]:
    """How twenty workers fared, and the store after them."""
    random, hub = Random(seed), filing_hub(store)
    bodies = list(events())
    random.shuffle(bodies)
    return file_at_once(hub, bodies, WORKERS, random, CONFLICTS), hub.store


def test_it_is_one_customer_whom_they_all_meet() -> None:
    found = customers(directory(alone()), everything(alone()))
    (most,) = (one for one in found.values() if len(one.personas) > 3)
    assert {one.identifier.kind for one in most.personas} >= {"phone", "email", "record", "whatsapp_user_id"}
    assert {one["platform"] for one in most.records} >= {"hubspot", "salesforce", "shopify"}
    assert len(events()) == 2 * WORKERS


@patient(25)
@given(st.integers(0, 2**32))
def test_twenty_workers_at_once_come_to_the_end_of_one(seed: int) -> None:
    crowd, store = crowded(seed)
    assert differ(alone(), store) == []
    assert crowd.conflicts > 0
    assert crowd.switches > 10 * WORKERS  # they really took turns


@pytest.fixture(scope="module")
def dynamo() -> Iterator[Tables]:
    with tables() as found:
        yield found


def test_the_same_on_dynamodb(dynamo: Tables) -> None:
    _, store = crowded(1, dynamo.fresh())
    assert differ(alone(), store) == []


class Careless(MemoryStore):
    """The last writer wins."""

    def put_all(self, items: Any) -> None:
        known = [self.get(item.pk, item.sk) or Item(item.pk, item.sk) for item in items]
        super().put_all([replace(item, version=one.version) for item, one in zip(items, known, strict=True)])


def test_a_store_that_ignores_versions_is_noticed() -> None:
    """The harness itself: without a real race the tests above would prove nothing."""
    assert all(differ(alone(), crowded(seed, Careless())[1]) for seed in range(3))
