"""A CRM's own automation rewrites what we write: heard once, settled; one that never ends pauses that CRM and says why."""

from __future__ import annotations

import pytest

from hub.sync_state import SyncState
from infra.local.standins.misbehaving import Values
from tests.harness.office import IDS, Office

pytestmark = pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
EMAIL = "mio@example.com"
NAMES = ("hubspot", "salesforce", "pipedrive")
OLD, NEW = "+81312340000", "+81312349999"


class Case:
    """One person in three CRMs, with HubSpot's automation."""

    def __init__(self) -> None:
        self.office = Office(NAMES)
        self.ids = {one: self.office[one].enter(last_name="Kato", email=EMAIL, phone=OLD) for one in NAMES}
        self.office.settle()
        self.office.wait(600)
        self.office.writes.clear()

    def automate(self, automation: object, most: int = 1) -> None:
        misbehaviour = self.office["hubspot"].standin.misbehaviour
        misbehaviour.automations.append(automation)  # type: ignore[arg-type]
        misbehaviour.most_automated = most

    def edit(self, phone: str) -> None:
        self.office["salesforce"].edit(self.ids["salesforce"], phone=phone)
        self.office.settle()

    def phones(self) -> set[str | None]:
        return {self.office[name].held(self.ids[name], "phone") for name in NAMES}

    def written(self) -> int:
        return sum(1 for one in self.office.writes if one.field == "phone" and one.changed)

    def paused(self, name: str) -> str | None:
        found = SyncState(self.office.world.plain_hub.store).paused(IDS[name])
        return found.why if found else None


@pytest.fixture
def case() -> Case:
    return Case()


def test_an_automation_that_changes_it_back_is_somebodys_word_and_all_agree(case: Case) -> None:
    case.automate(lambda _kind, _id, values: {"phone": OLD} if values.get("phone") == NEW else {})
    case.edit(NEW)
    assert case.phones() == {OLD}
    assert case.written() <= 4
    assert case.paused("hubspot") is None


def test_an_automation_that_writes_it_its_own_way_changes_nothing_elsewhere(case: Case) -> None:
    def spaced(_kind: str, _id: str, values: Values) -> Values:
        return {"phone": "+81 3 1234 9999"} if values.get("phone") == NEW else {}

    case.automate(spaced)
    case.edit(NEW)
    assert case.office["salesforce"].held(case.ids["salesforce"], "phone") == NEW
    assert case.office["pipedrive"].held(case.ids["pipedrive"], "phone") == NEW
    assert case.written() <= 3


def test_two_automations_that_never_agree_end_in_a_pause_that_names_the_field(case: Case) -> None:
    case.automate(
        lambda _kind, _id, values: {"jobtitle": "Robot"} if values.get("jobtitle") not in (None, "Robot") else {}
    )

    def human(_kind: str, _id: str, values: Values) -> Values:
        return {"Title": "Human"} if values.get("Title") not in (None, "Human") else {}

    case.office["salesforce"].standin.misbehaviour.automations.append(human)
    case.office["salesforce"].edit(case.ids["salesforce"], title="Buyer")
    case.office.settle()
    whys = [why for name in ("hubspot", "salesforce") if (why := case.paused(name))]
    assert len(whys) == 1 and "the field title" in whys[0]
    assert sum(1 for one in case.office.writes if one.field == "title" and one.changed) <= 12
    assert case.paused("pipedrive") is None


def test_while_one_is_paused_the_others_go_on_and_nothing_is_dropped(case: Case) -> None:
    state = SyncState(case.office.world.plain_hub.store)
    state.pause(IDS["hubspot"], "an automation never ends", "2026-11-22T00:00:00.000Z")
    case.edit(NEW)
    assert case.office["pipedrive"].held(case.ids["pipedrive"], "phone") == NEW
    assert case.office["hubspot"].held(case.ids["hubspot"], "phone") == OLD
    state.resume(IDS["hubspot"], "2026-11-22T01:00:00.000Z")
    case.office.world.sweep()
    case.office.settle()
    assert case.phones() == {NEW}
