"""What the long story sends follows from a connector's folder; a platform of which nothing would be seen has nothing."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

from infra.local.story.choosing import choose
from infra.local.story.sightings import of
from infra.local.story_all import Row
from tests.contracts.evidence import CONNECTION_ID, SECRET, named_secret
from tests.contracts.faked import Defect, write

_numbers = count()
PHONE = Defect(
    "webhook.py", "customer=Party()", 'customer=Party(identifiers=({"kind": "phone", "value": "+441134960000"},))'
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path / f"storied_{next(_numbers)}"


def test_a_platform_whose_examples_name_nobody_has_nothing_chosen_and_is_not_shown(folder: Path) -> None:
    platform = choose(write(folder))
    assert platform.chosen == ()
    assert not Row(platform).shown


def test_an_example_that_names_a_customer_is_chosen_once_for_its_way(folder: Path) -> None:
    [chosen] = choose(write(folder, (PHONE,))).chosen
    assert chosen.way == ("whatsapp", "webhook")
    assert {event.type for event in chosen.timely} == {"message.received"}


def test_the_draft_holds_every_secret_of_the_manifest_and_no_event_source(folder: Path) -> None:
    draft = choose(write(folder, (PHONE,))).draft({})
    assert draft["secrets"] == {"signing": SECRET.decode(), "token": named_secret("token")}
    assert "event_source" not in draft["settings"]


def test_the_events_are_those_of_the_platforms_own_connection(folder: Path) -> None:
    platform = choose(write(folder, (PHONE,)))
    [chosen] = platform.on("x" * 26).chosen
    assert {event.connection for event in chosen.events} == {"x" * 26} != {CONNECTION_ID}


def test_an_entry_is_the_deliverys_by_the_platforms_id_and_no_other_entry_is(folder: Path) -> None:
    [chosen] = choose(write(folder, (PHONE,))).chosen
    message = chosen.events[0].data["message_id"]
    own = {"id": "e1", "kind": "message", "at": "2026-01-01T00:00:00.000Z", "shown": {"message_id": message}}
    other = {**own, "id": "e2", "shown": {"message_id": "another"}}
    assert of(chosen, [own, other]) == {"e1"}
