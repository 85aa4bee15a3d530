"""History of the story's CRMs, through their own clients: all of it comes in, and then nothing differs."""

from __future__ import annotations

import pytest

from hub.job_worker import start
from hub.jobs import Job, JobStore
from hub.reconciling import States
from tests.harness import story
from tests.harness.accounts import moment, story_world
from tests.harness.world import World

PEOPLE = 230
pytestmark = pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")


def finished(world: World, job: Job) -> Job:
    start(world.plain_hub, job)
    world.run()
    found = JobStore(world.store).get(job.id)
    assert found
    assert (found.status, found.reason) == ("done", "")
    return found


@pytest.mark.parametrize("platform", ["hubspot", "salesforce"])
def test_what_a_crm_holds_comes_in_and_then_nothing_differs(platform: str) -> None:
    world, accounts = story_world()
    for number in range(PEOPLE):
        phone, name = f"+8190{number:08}", f"Person {number}"
        if platform == "hubspot":
            typed = {"phone": phone, "lastname": name, "jobtitle": "Buyer"}
            accounts.hubspot.records.create("contacts", typed, source="CRM_UI", at=moment(0))
        else:
            accounts.salesforce.rows.insert("Contact", {"LastName": name, "Phone": phone, "Title": "Buyer"})
    connection = {"hubspot": story.HUBSPOT, "salesforce": story.SALESFORCE}[platform]
    imported = finished(world, Job("i" * 26, "import", connection, platform, by="someone"))
    assert imported.read["contact"] == PEOPLE + 1
    assert imported.counts["new"] == imported.counts["read"]
    again = finished(world, Job("j" * 26, "import", connection, platform, by="someone"))
    assert again.counts == {"read": imported.counts["read"], "same": imported.counts["read"]}
    compared = finished(
        world, Job("c" * 26, "reconcile", connection, platform, by="someone", options={"complete": True})
    )
    assert compared.counts == {"compared": imported.counts["read"]}
    assert States(world.store).get(connection).drift["differing"] == 0
    assert world.dead() == {}
    assert world.raised == []
