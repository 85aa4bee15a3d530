"""The third chapter on the deployed stack: HubSpot and Salesforce are kept in agreement, both ways."""

from __future__ import annotations

import pytest

from infra.local.story.outcome import waiting
from infra.local.story.stage import Stage
from infra.local.story.syncing import WHY, Syncing, new_syncing
from infra.local.story.telling import new_telling

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
PROMISES = [
    "a number changed in Salesforce is in HubSpot and on the customer",
    "a number that a workflow puts back is everybody's",
    "titles that differed before anybody knew wait for a person",
    "and neither is written over",
    "what a person chooses is in both",
    "and the matter is settled",
    "HubSpot, Salesforce and the customer still agree",
    "each number was written once, the one put back in Salesforce alone",
    "the title was written once on each side",
    "no writing was paused for a loop",
]


@pytest.fixture(scope="module")
def synced(stage: Stage) -> Syncing:
    """The chapter, told once to its end."""
    syncing = new_syncing(stage, 3, new_telling(stage, 3).person.began_at_ms)
    for _title, lines in syncing.steps():
        list(lines)
    return syncing


@pytest.mark.parametrize("promise", PROMISES)
def test_what_was_promised_of_two_way_writing_is_kept(synced: Syncing, promise: str) -> None:
    assert synced.kept[promise], synced.writes


def test_every_promise_of_two_way_writing_is_looked_at(synced: Syncing) -> None:
    assert set(synced.kept) == set(PROMISES)


def test_what_was_written_is_on_her_timeline(stage: Stage, synced: Syncing) -> None:
    path = f"/v1/customers/{synced.customer()}/timeline"
    entries = stage.operator.get(path, order="oldest", limit="100")["entries"]
    told = [one["shown"] for one in entries if one["kind"] == "sync"]
    written = [each["field"] for shown in told for each in shown["written"]]
    assert (written.count("phone"), written.count("title")) == (4, 2)


def test_who_chose_the_title_and_why_is_kept(stage: Stage, synced: Syncing) -> None:
    (choice,) = stage.operator.get(f"/v1/customers/{synced.customer()}/fields/title")["choices"]
    assert (choice["value"], choice["why"], choice["withdrawn"]) == (synced.person.new_title, WHY, False)


def test_two_way_writing_is_off_again(stage: Stage, synced: Syncing) -> None:
    assert synced.kept
    modes = [stage.operator.get(f"/v1/connections/{stage.connections[one]}/sync")["mode"] for one in synced.pair.ids]
    assert modes == ["in", "in"]


def test_no_message_was_given_up(stage: Stage, synced: Syncing) -> None:
    assert synced.kept
    assert waiting(stage.place, dead=True) == 0
