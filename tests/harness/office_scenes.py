"""Scenes in the office, each with one thing that two-way writing must get right; what is wrong comes out as sentences."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from hub.decisions import Decision
from hub.domain.criteria import Policy
from hub.field_overrides import with_lines
from hub.field_policies import choose
from hub.job_worker import start
from hub.jobs import Job
from hub.sync_state import SyncState
from infra.local.standins.misbehaving import Values
from tests.harness.faults import CRASH_AFTER, Injector
from tests.harness.faults import Call as FaultyCall
from tests.harness.office import IDS
from tests.harness.office_stage import NAMES, Mistake, Stage

OTHER_PHONE = "+81312349999"
Scene = Callable[[Mistake], Stage]


def an_edit(mistake: Mistake) -> Stage:
    """It is written once to each other CRM, and never again."""
    scene = Stage(mistake)
    scene.edit("salesforce", title="Head", phone=OTHER_PHONE)
    scene.office.repeat_all()
    scene.rest()
    scene.agree("title", "Head", "hubspot", "salesforce")
    scene.agree("phone", OTHER_PHONE, *NAMES)
    counts = {name: len(scene.written(name, "phone")) for name in NAMES}
    scene.expect("writings of a phone", counts, {"hubspot": 1, "salesforce": 0, "pipedrive": 1})
    return scene


def an_echo_and_a_later_edit(mistake: Mistake) -> Stage:
    """Who types while we write elsewhere what was typed before is the last, whenever that is heard of."""
    return _overtaken(Stage(mistake))


def a_death_and_a_later_edit(mistake: Mistake) -> Stage:
    """The same where the worker dies when the platform has taken our writing, and nobody has noted that it did."""
    living = [True]

    def choose_fault(call: FaultyCall) -> str | None:
        dies = call.operation.endswith("/contacts/batch/update") and living and living.pop()
        return CRASH_AFTER if dies else None

    return _overtaken(Stage(mistake, injector=Injector(choose_fault)))


def _overtaken(scene: Stage) -> Stage:
    scene.types("salesforce", title="Head")
    first = scene.held_back("salesforce")
    scene.office.wait(0.5)
    scene.office["salesforce"].edit(scene.ids["salesforce"], title="Director")
    second = scene.held_back("salesforce")
    scene.office.wait()
    for crm, hook in first:
        scene.office._deliver(crm, hook)
    scene.office.world.work()
    scene.announce(scene.held_back("hubspot"))
    scene.announce(second)
    scene.rest()
    scene.agree("title", "Director", "hubspot", "salesforce")
    return scene


def the_same_value_again(mistake: Mistake) -> Stage:
    """Who types what we had written there before, and what was overwritten since, is heard."""
    scene = Stage(mistake)
    scene.edit("salesforce", title="Head")
    scene.edit("salesforce", title="Director")
    scene.edit("hubspot", title="Head")
    scene.agree("title", "Head", "hubspot", "salesforce")
    return scene


def an_echo_that_never_comes(mistake: Mistake) -> Stage:
    """What was read back after writing is known to be held, though nobody announces it: it is not written again."""
    scene = Stage(mistake)
    scene.types("salesforce", phone=OTHER_PHONE)
    scene.announce(scene.held_back("salesforce"))
    for name in NAMES:
        scene.held_back(name)
    scene.office.wait(700)
    scene.types("salesforce", title="Head")
    scene.announce(scene.held_back("salesforce"))
    scene.agree("phone", OTHER_PHONE, *NAMES)
    scene.expect("phones written", scene.written("hubspot", "phone"), [OTHER_PHONE])
    return scene


def an_older_edit_heard_late(mistake: Mistake) -> Stage:
    """Who said so last decides, not who was heard last."""
    scene = Stage(mistake)
    scene.types("salesforce", title="Head")
    older = scene.held_back("salesforce")
    scene.edit("hubspot", title="Director")
    scene.announce(older)
    scene.rest()
    scene.agree("title", "Director", "hubspot", "salesforce")
    return scene


def an_owner_of_a_field(mistake: Mistake) -> Stage:
    """Where Salesforce owns the title, whatever is typed elsewhere is put right."""
    scene = Stage(mistake)
    _owned_by_salesforce(scene)
    scene.edit("hubspot", title="Robot")
    scene.agree("title", "Buyer", "hubspot", "salesforce")
    return scene


def _owned_by_salesforce(scene: Stage) -> None:
    policy = Policy("owner", ("salesforce", "hubspot"))
    choose(
        scene.office.world.plain_hub.connection_items, "title", policy, Decision("d1", "someone", scene.now, "theirs")
    )
    scene.office.wait(61)


def a_value_that_is_refused(mistake: Mistake) -> Stage:
    """It is told, and not sent again until it changes."""
    scene = Stage(mistake)
    scene.edit("hubspot", title="x" * 300)
    scene.edit("hubspot", mobile="+819012345678")
    scene.agree("mobile", "+819012345678", "salesforce")
    scene.expect("titles sent", len(scene.written("salesforce", "title")), 1)
    scene.expect("doubts", scene.doubts(), {"title": "refused"})
    scene.edit("hubspot", title="Head")
    scene.agree("title", "Head", "hubspot", "salesforce")
    scene.expect("doubts", scene.doubts(), {})
    return scene


def a_word_without_counterpart(mistake: Mistake) -> Stage:
    """A value that Salesforce's list has no word for is held and told."""
    scene = Stage(mistake)
    line = {"theirs": "Title", "codec": "picklist", "words": {"Buyer": "Buyer", "Head": "Head"}}
    own = with_lines(scene.office["salesforce"].connection, "Contact", 1, {"title": line})
    scene.office.switch("salesforce", **own.settings)
    scene.edit("hubspot", title="Pilot")
    scene.expect("doubts", scene.doubts(), {"title": "held"})
    scene.expect("titles sent", scene.written("salesforce", "title"), [])
    scene.edit("hubspot", title="Head")
    scene.agree("title", "Head", "hubspot", "salesforce")
    return scene


def a_storm(mistake: Mistake) -> Stage:
    """HubSpot's automation always changes back what Salesforce owns: HubSpot is paused, the others go on; then resumed."""

    def stubborn(_kind: str, _id: str, values: Values) -> Values:
        return {"jobtitle": "Robot"} if values.get("jobtitle") not in (None, "Robot") else {}

    scene = Stage(mistake)
    _owned_by_salesforce(scene)
    automations = scene.office["hubspot"].standin.misbehaviour.automations
    automations.append(stubborn)
    scene.edit("salesforce", title="Head")
    scene.expect("paused", scene.paused(), ["hubspot"])
    scene.expect("titles written are few", len(scene.written("hubspot", "title")) <= 6, True)
    scene.edit("salesforce", phone=OTHER_PHONE)
    scene.agree("phone", OTHER_PHONE, "salesforce", "pipedrive")
    automations.clear()
    _resumed(scene)
    scene.agree("title", "Head", "hubspot", "salesforce")
    scene.agree("phone", OTHER_PHONE, *NAMES)
    scene.expect("paused", scene.paused(), [])
    return scene


def _resumed(scene: Stage) -> None:
    scene.office.wait(700)
    SyncState(scene.office.world.plain_hub.store).resume(IDS["hubspot"], scene.now)
    scene.office.world.sweep()
    scene.rest()


def a_deleted_record(mistake: Mistake) -> Stage:
    """Nothing is written to a record that is gone, and nothing is deleted elsewhere."""
    scene = Stage(mistake)
    scene.office["hubspot"].standin.remove("contacts", scene.ids["hubspot"])
    scene.rest()
    scene.edit("salesforce", title="Head", phone=OTHER_PHONE)
    scene.expect("sent to HubSpot", scene.written("hubspot", "title") + scene.written("hubspot", "phone"), [])
    scene.agree("phone", OTHER_PHONE, "salesforce", "pipedrive")
    return scene


def an_import(mistake: Mistake) -> Stage:
    """What is known from an import only is told to nobody, until somebody says it."""
    scene = Stage(mistake, title=None)
    scene.types("hubspot", title="Old title")
    scene.held_back("hubspot")
    scene.office.wait(60)
    start(scene.office.world.plain_hub, Job("i" * 26, "import", IDS["hubspot"], "hubspot", by="someone"))
    scene.rest()
    scene.expect("written", scene.office.writes, [])
    customer = scene.office.customer("hubspot", scene.ids["hubspot"])
    known = customer.fields.get("title", {}).get("value") if customer else None
    scene.expect("title in the hub", known, "Old title")
    scene.edit("hubspot", title="New title")
    scene.agree("title", "New title", "hubspot", "salesforce")
    return scene


def a_conflict_from_before(mistake: Mistake) -> Stage:
    """What was different before anybody knew that two records are one person's waits for a person."""
    scene = Stage(mistake)
    office = scene.office
    one = office["hubspot"].enter(last_name="Ono", email="ono@example.com", title="Buyer")
    scene.rest()
    office.wait(600)
    other = office["salesforce"].enter(last_name="Ono", title="Head buyer")
    scene.rest()
    office.wait(600)
    office["salesforce"].edit(other, email="ono@example.com")
    scene.rest()
    titles = office["hubspot"].held(one, "title"), office["salesforce"].held(other, "title")
    scene.expect("titles", titles, ("Buyer", "Head buyer"))
    return scene


def an_activity_announced_twice(mistake: Mistake) -> Stage:
    """A note that a person writes is sent once to each CRM, however often it is announced."""
    scene = Stage(mistake)
    office = scene.office
    customer = office.customer("hubspot", scene.ids["hubspot"])
    assert customer
    path = f"/v1/customers/{customer.id}/notes"
    office.world.people.ask("POST", path, {"text": "Calls back on Monday."})
    scene.rest()
    told = [one for one in office.world.bus.events if one["type"] == "timeline.changed"]
    before = {name: len(office.requests(name, method="POST")) for name in NAMES}
    for one in told:
        office.world.enqueue("sync-crm", json.dumps(one))
    scene.rest()
    after = {name: len(office.requests(name, method="POST")) for name in NAMES}
    scene.expect("announced", bool(told), True)
    scene.expect("requests", after, before)
    return scene


_SCENES = (
    an_edit,
    an_echo_and_a_later_edit,
    a_death_and_a_later_edit,
    the_same_value_again,
    an_echo_that_never_comes,
    an_older_edit_heard_late,
    an_owner_of_a_field,
    a_value_that_is_refused,
    a_word_without_counterpart,
    a_storm,
    a_deleted_record,
    an_import,
    a_conflict_from_before,
    an_activity_announced_twice,
)
SCENES: Mapping[str, Scene] = {one.__name__.replace("_", " "): one for one in _SCENES}
