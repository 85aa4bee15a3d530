"""Whether a connection is in agreement: shown, paused with a reason, taken up again; and its account prepared by consent."""

from __future__ import annotations

from typing import Any

import pytest

from api import connection_store
from connectors.hubspot.writing import ID_PROPERTY
from hub.doubts import Doubt, Doubts
from hub.reconciling import Drift, States
from hub.sync_state import SyncState
from tests.harness.office import IDS, Office
from tests.unit.api_client import ADMIN, Client

EMAIL = "mio@example.com"
SYNC = f"/v1/connections/{IDS['hubspot']}/sync"
SET_UP = f"/v1/connections/{IDS['hubspot']}/set-up"


class Case:
    """One person in HubSpot and Salesforce."""

    def __init__(self, **settings: Any) -> None:
        self.office = Office(**settings)
        self.here = self.office["hubspot"].enter(last_name="Kato", email=EMAIL)
        self.there = self.office["salesforce"].enter(last_name="Kato", email=EMAIL)
        self.office.settle()
        self.office.wait(600)
        hub = self.office.world.plain_hub
        for crm in self.office.crms.values():
            place(hub, crm.connection)
        self.client = Client(hub, (ADMIN,))

    def say(self, title: str) -> None:
        self.office["salesforce"].edit(self.there, title=title)
        self.office.settle()

    def told(self) -> str | None:
        return self.office["hubspot"].held(self.here, "title")


def place(hub: Any, connection: Any) -> None:
    """Stores the connection as the API does."""
    connection_store.create(hub.connection_items, connection)


@pytest.fixture
def case() -> Case:
    return Case()


def test_a_connection_in_agreement_says_so(case: Case) -> None:
    case.say("Buyer")
    shown = case.client.get(SYNC).json
    assert (shown["mode"], shown["paused"], shown["waiting"], shown["calls"]) == ("both", None, 0, "open")
    assert case.told() == "Buyer"


def test_what_waits_for_a_person_the_token_and_the_last_comparison_are_shown(case: Case) -> None:
    hub = case.office.world.plain_hub
    found = case.office.customer("hubspot", case.here)
    assert found is not None
    source = {"platform": "hubspot", "object": "contact", "id": case.here, "connection": IDS["hubspot"]}
    claim = {"value": "Buyer", "at": "2026-01-01T00:00:00Z", "source": source}
    Doubts(hub.store).keep(found, [Doubt("title", "before_link", (claim,))], "2026-01-01T00:00:00Z")
    States(hub.store).measured(IDS["hubspot"], Drift(10, 2, 1, "2026-01-01T00:00:00Z", "a-job"))
    shown = case.client.get(SYNC).json
    assert (shown["conflicts"], shown["auth"]["state"]) == (1, "ok")
    assert {name: shown["drift"][name] for name in ("compared", "differing", "repaired")} == {
        "compared": 10,
        "differing": 2,
        "repaired": 1,
    }
    assert case.client.get(SYNC.replace(IDS["hubspot"], IDS["salesforce"])).json["conflicts"] == 0


def test_limits_are_shown_with_what_is_left(case: Case) -> None:
    limits = {one["name"]: one for one in case.client.get(SYNC).json["limits"]}
    assert limits.keys() == {"requests", "searches", "day"}
    assert all(0 <= one["left"] <= one["most"] for one in limits.values())


def test_while_paused_nothing_is_written_and_what_is_to_be_written_is_kept(case: Case) -> None:
    assert case.client.post(f"{SYNC}/pause", {"why": "We clean up there."}).status == 200
    case.say("Buyer")
    shown = case.client.get(SYNC).json
    assert shown["paused"] == "We clean up there (someone)."
    assert shown["waiting"] == 1
    assert case.told() is None


def test_what_waited_is_taken_up_when_writing_is_resumed(case: Case) -> None:
    case.client.post(f"{SYNC}/pause", {"why": "We clean up there."})
    case.say("Buyer")
    assert case.client.post(f"{SYNC}/resume").json["paused"] is None
    case.office.world.sweep()
    case.office.settle()
    assert case.told() == "Buyer"
    assert case.client.get(SYNC).json["waiting"] == 0


def test_the_first_reason_of_a_pause_stays(case: Case) -> None:
    SyncState(case.office.world.plain_hub.store).pause(
        IDS["hubspot"], "an automation never ends", "2026-01-01T00:00:00Z"
    )
    shown = case.client.post(f"{SYNC}/pause", {"why": "We clean up there."}).json
    assert shown["paused"] == "An automation never ends."


def test_a_plan_says_what_would_be_created_and_creates_nothing() -> None:
    office = Office()
    place(office.world.plain_hub, office["hubspot"].connection)
    standin = office.platforms.standins["api.hubapi.com"]
    standin.journal.calls.clear()
    assert Client(office.world.plain_hub, (ADMIN,)).get(SET_UP).json == {"plan": []}  # the office was prepared
    assert {one["method"] for one in standin.journal.calls} == {"GET"}


@pytest.mark.parametrize("body", [None, {}, {"agreed": False}, {"agreed": "yes"}])
def test_nothing_is_created_without_consent(case: Case, body: Any) -> None:
    standin = case.office.platforms.standins["api.hubapi.com"]
    standin.journal.calls.clear()
    assert case.client.post(SET_UP, body).status == 422
    assert standin.journal.calls == []


def test_what_was_planned_is_created_by_consent_and_kept_with_who_agreed() -> None:
    office = Office()
    place(office.world.plain_hub, office["hubspot"].connection)
    schema: Any = office["hubspot"].standin.schema  # type: ignore[attr-defined]
    schema.kinds["contacts"].pop(ID_PROPERTY)
    schema.custom.pop(("contacts", ID_PROPERTY))
    client = Client(office.world.plain_hub, (ADMIN,))
    planned = client.get(SET_UP).json["plan"]
    assert planned == [f"the unique property {ID_PROPERTY} on contacts"]
    assert ID_PROPERTY not in schema.kinds["contacts"]
    assert client.post(SET_UP, {"agreed": True}).json == {"done": planned}
    assert ID_PROPERTY in schema.kinds["contacts"]
    kept = office.world.plain_hub.store.get(f"SYNC#{IDS['hubspot']}", "SETUP")
    assert kept is not None
    assert [(one["by"], one["plan"]) for one in kept.body["agreed"]] == [("someone", planned)]
    assert client.get(SET_UP).json == {"plan": []}


def test_who_agreed_to_what_and_when_is_kept(case: Case) -> None:
    assert case.client.post(SET_UP, {"agreed": True}).json == {"done": []}
    kept = case.office.world.plain_hub.store.get(f"SYNC#{IDS['hubspot']}", "SETUP")
    assert kept is not None
    (agreed,) = kept.body["agreed"]
    assert (agreed["by"], agreed["plan"]) == ("someone", [])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sync", "out"),
        ("sync", True),
        ("on_delete", "cascade"),
        ("spread_imports", "yes"),
        ("create_contacts", 1),
        ("sync_owners", "True"),
        ("log", "call"),
        ("log", ["calls"]),
    ],
)
def test_a_setting_that_says_nothing_is_refused_with_a_sentence(case: Case, name: str, value: Any) -> None:
    path = f"/v1/connections/{IDS['hubspot']}"
    answer = case.client.call("PATCH", path, {"settings": {"base_url": None, name: value}})
    assert answer.status == 422
    (wrong,) = answer.json["errors"]
    assert wrong["field"] == f"settings.{name}" and wrong["message"].startswith("It must be ")
