"""What two-way writing must get right, a scene each; and that every mistake seeded in the engine's lines is noticed."""

from __future__ import annotations

import pytest

from tests.harness.miswritten import Slip
from tests.harness.mutants_engine import ENGINE_MUTANTS, as_it_is, played, with_slip
from tests.harness.mutants_sync import NOTES_TOO_OLD
from tests.harness.office_scenes import SCENES, an_echo_and_a_later_edit, an_edit

pytestmark = pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")


@pytest.mark.parametrize("name", SCENES)
def test_it_goes_as_it_should(name: str) -> None:
    stage = SCENES[name](as_it_is)
    assert stage.wrong == []
    assert stage.broken() == []


@pytest.mark.parametrize("name", ENGINE_MUTANTS)
def test_a_mistake_in_the_engine_is_noticed(name: str) -> None:
    stage = played(name)
    assert stage.wrong != []
    assert stage.broken() == [], "it fell over, which would prove nothing"


def test_notes_that_are_too_old_to_know_an_echo_by_are_noticed() -> None:
    stage = an_echo_and_a_later_edit(NOTES_TOO_OLD)
    assert stage.wrong != []
    assert stage.broken() == []


def test_loaded_once_more_without_a_mistake_the_engine_does_what_it_does() -> None:
    same = Slip("hub.domain.told", "MOST_SEEN = 12", "MOST_SEEN = 12 ")
    stage = an_edit(with_slip(same))
    assert (stage.wrong, stage.broken()) == ([], [])
