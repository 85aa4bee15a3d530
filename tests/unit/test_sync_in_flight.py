"""Two workers at one record: whoever comes second waits, and looks again soon."""

from __future__ import annotations

import pytest

from hub.domain.events import Event, instant
from hub.errors import Retry
from hub.ports import Item
from sync_crm import ledger
from sync_crm.desk import Desk
from sync_crm.differences import Difference
from tests.harness.office import IDS, Office

OLD, NEW = "+81312340000", "+81312349999"
SOON_S = 10


class Case:
    """One person in two CRMs, with another number in each, whose record in HubSpot another worker has begun to write."""

    def __init__(self) -> None:
        self.office = Office()
        self.office.switch("hubspot", sync="in")
        names = ("hubspot", "salesforce")
        self.ids = {one: self.office[one].enter(last_name="Kato", email="mio@example.com", phone=OLD) for one in names}
        self.office.settle()
        self.office.wait(600)
        self.office["salesforce"].edit(self.ids["salesforce"], phone=NEW)
        self.office.settle()
        self.office.switch("hubspot", sync="both")
        source = {"connection": IDS["salesforce"], "platform": "salesforce", "object": "contact", "id": "003"}
        wanted = Difference("phone", NEW, {"value": NEW, "at": self.now(), "source": source})
        ledger.reserve(self.office.world.plain_hub.store, self.record(), [wanted], self.now())

    def now(self) -> str:
        return instant(round(self.office.world.clock.time * 1000))

    def record(self) -> Item:
        found = self.office.customer("hubspot", self.ids["hubspot"])
        assert found is not None
        return next(one for one in found.items if one.sk.startswith(f"REC#{IDS['hubspot']}#"))

    def tell(self) -> None:
        """A second worker hears that the customer has changed."""
        event = Event(
            id="1",
            type="customer.changed",
            source="/renkei",
            subject="",
            time=self.now(),
            connection="",
            platform="renkei",
            delivery="",
            received=self.now(),
            data={"persona": self.record().pk.removeprefix("P#")},
        )
        body = event.model_dump_json()
        Desk(self.office.world.plain_hub, [body]).handle(body)

    def phone(self) -> str | None:
        return self.office["hubspot"].held(self.ids["hubspot"], "phone")


@pytest.fixture
def case() -> Case:
    return Case()


def test_the_second_worker_writes_nothing_and_looks_again_soon(case: Case) -> None:
    with pytest.raises(Retry, match="another worker") as raised:
        case.tell()
    assert case.phone() == OLD
    assert 0 < raised.value.after_s <= SOON_S


def test_a_worker_that_has_died_is_waited_for_no_longer_than_the_ledger_says(case: Case) -> None:
    case.office.wait(ledger.IN_FLIGHT_S + 1)
    case.tell()
    assert case.phone() == NEW
